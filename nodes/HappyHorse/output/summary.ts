// What a run has cost, in one sentence: for n8n's log, and for the hint beside the output.
import type { PaidTasks } from '../domain/failure';
import type { DryRun, Job } from '../domain/order';
import type { RunSetup } from '../task/context';
import { rounded } from './item';

/** What was ordered, or would have been. */
type Spending = Pick<RunSetup['ledger']['budget'], 'items' | 'left' | 'secondsOf'>;

function videosOf(count: number): string {
	return count === 1 ? '1 video' : `${count} videos`;
}

/**
 * The sentence, without its full stop; undefined for a run that had nothing to do with orders. `resumed`: items whose task an
 * earlier try had paid for. `dryRuns`: what the dry runs of the run would have cost. `read`: what the items ask for.
 */
export function summary(
	{ budget, resumed }: { readonly budget: Spending; readonly resumed: ReadonlySet<number> },
	paid: Pick<PaidTasks, 'unsure'>,
	dryRuns: Spending,
	read: ReadonlyArray<Job | DryRun>,
): string | undefined {
	const prices = new Map(read.map(({ item, settings }) => [item, settings.pricePerSecond]));
	const amountOf = (items: readonly number[], spending: Spending): string => {
		let [seconds, cost] = [0, 0];
		for (const item of items) {
			seconds += spending.secondsOf(item);
			cost += spending.secondsOf(item) * (prices.get(item) ?? 0);
		}
		const price = cost > 0 ? ` (estimated cost: ${rounded(cost, 6)})` : '';
		return `${videosOf(items.length)}, ${seconds} seconds of video${price}`;
	};
	const unsure = new Set(paid.unsure);
	const ordered = budget.items.filter((item) => !unsure.has(item));
	const perhaps = budget.items.filter((item) => unsure.has(item));
	const skipped = unsure.size - perhaps.length;
	const parts = [
		ordered.length > 0 && `Ordered ${amountOf(ordered, budget)}`,
		perhaps.length > 0 && `${amountOf(perhaps, budget)}, may have been ordered`,
		resumed.size > 0 && `${videosOf(resumed.size)} taken over from an earlier try (0 seconds)`,
		skipped > 0 && `${videosOf(skipped)} skipped that may have been ordered before`,
		dryRuns.items.length > 0 && `Dry Run of ${amountOf(dryRuns.items, dryRuns)}: not ordered`,
	].filter((part) => part !== false);
	if (parts.length === 0) return undefined;
	const left = Math.min(budget.left, dryRuns.left);
	if (left !== Infinity) parts.push(`${left} seconds left of the Spending Limit`);
	return parts.join('; ');
}
