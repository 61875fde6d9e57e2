// What a run has cost, in one sentence: for n8n's log, and for the hint beside the output.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { PaidTasks, RunResult } from '../domain/failure';
import { tell } from '../n8n/tell';
import { failedItem, runError, stoppedError } from './errorItem';
import { roundedCost } from './item';

/** Videos, the seconds of all of them, and what they cost by the user's own price, if there is one. */
export interface Amount {
	readonly videos: number;
	readonly seconds: number;
	readonly cost?: number;
}

/** What a run has ordered, and what it has not had to. */
export interface RunCost {
	/** Videos that were ordered, and their seconds. */
	readonly ordered: Amount;
	/** Videos that may have been ordered by this run. */
	readonly unsure: Amount;
	/** Videos of tasks that an earlier try had paid for. */
	readonly resumed: number;
	/** Items that were not ordered, since an earlier try may have done so. */
	readonly skipped: number;
	/** Videos that were not ordered since Dry Run is on, and the seconds that they would have been. */
	readonly dryRuns: Amount;
	/** Seconds that the spending limit still allows, or would; Infinity without one. */
	readonly left: number;
}

/** What the cost is taken from: the seconds that a run has spent, by item. */
interface Spending {
	readonly items: readonly number[];
	/** Seconds that are left of the limit. */
	readonly left: number;
	secondsOf(item: number): number;
}

/** The price of a second, by item. */
type PriceOf = (item: number) => number;

function amountOf(items: readonly number[], spending: Spending, priceOf: PriceOf): Amount {
	const sum = (valueOf: (item: number) => number): number =>
		items.reduce((total, item) => total + valueOf(item), 0);
	const seconds = sum((item) => spending.secondsOf(item));
	const cost = roundedCost(sum((item) => spending.secondsOf(item) * priceOf(item)));
	return { videos: items.length, seconds, ...(cost > 0 ? { cost } : {}) };
}

/** The cost of a run. `dryRuns`: what its dry runs would have cost. */
export function costOf(
	{ budget, resumed }: { readonly budget: Spending; readonly resumed: ReadonlySet<number> },
	paid: PaidTasks,
	dryRuns: Spending,
	priceOf: PriceOf,
): RunCost {
	const unsure = paid.unsure.filter((item) => budget.secondsOf(item) > 0);
	const isUnsure = new Set(unsure);
	const ordered = budget.items.filter((item) => !isUnsure.has(item));
	return {
		ordered: amountOf(ordered, budget, priceOf),
		unsure: amountOf(unsure, budget, priceOf),
		resumed: resumed.size,
		skipped: paid.unsure.length - unsure.length,
		dryRuns: amountOf(dryRuns.items, dryRuns, priceOf),
		left: Math.min(budget.left, dryRuns.left),
	};
}

function videosOf(count: number): string {
	return count === 1 ? '1 video' : `${count} videos`;
}

/** Videos and seconds in words, and what they cost where that is known. */
function amountInWords({ videos, seconds, cost }: Amount): string {
	const price = cost === undefined ? '' : ` (estimated cost: ${cost})`;
	return `${videosOf(videos)}, ${seconds} seconds of video${price}`;
}

/** The sentence, without its full stop; undefined for a run that had nothing to do with orders. */
export function summary(cost: RunCost): string | undefined {
	const { ordered, unsure, resumed, skipped, dryRuns, left } = cost;
	const parts = [
		ordered.videos > 0 ? `Ordered ${amountInWords(ordered)}` : '',
		unsure.videos > 0 ? `${amountInWords(unsure)}, may have been ordered` : '',
		resumed > 0 ? `${videosOf(resumed)} taken over from an earlier try (0 seconds)` : '',
		skipped > 0 ? `${videosOf(skipped)} left alone that may have been ordered before` : '',
		dryRuns.videos > 0 ? `Dry Run of ${amountInWords(dryRuns)}: not ordered` : '',
	].filter((part) => part !== '');
	if (parts.length === 0) return undefined;
	if (left !== Infinity) parts.push(`${left} seconds left of the Spending Limit`);
	return parts.join('; ');
}

/** The node's output. @throws NodeOperationError, with the run's paid, where the run did not finish */
export function outputOf(
	context: IExecuteFunctions,
	run: RunResult<INodeExecutionData>,
	paid: PaidTasks,
): INodeExecutionData[] {
	const count = context.getInputData().length;
	if (run.kind === 'stopped') throw stoppedError(context.getNode(), paid);
	if (run.kind === 'failed') throw runError(context.getNode(), run.failures, count, paid);
	return run.outcomes.map(({ item, result }) =>
		result.ok ? result.value : failedItem({ item, failure: result.failure }, count),
	);
}

/** Tells what a run has cost: in n8n's log, and, where it succeeds, beside its output. */
export function tellCost(context: IExecuteFunctions, cost: RunCost): void {
	const message = summary(cost);
	if (message !== undefined) tell(context, 'info', message);
}
