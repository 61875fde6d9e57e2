// What a run has ordered, and what that comes to: for the summary beside its output.
import type { Amount, RunCost } from './output/summary';
import type { Progress } from './progress';
import type { Budget } from './task/budget';

/** The seconds that a run has spent on items. */
function amountOf(items: readonly number[], budget: Budget): Amount {
	const seconds = items.map((item) => budget.secondsOf(item));
	return { videos: items.length, seconds: seconds.reduce((sum, one) => sum + one, 0) };
}

/** The cost of a run. `dryRuns`: what its dry runs would have cost. */
export function costOf(
	{ takenOver, unsure: notKnown }: Progress,
	budget: Budget,
	dryRuns: Budget,
): RunCost {
	const unsure = notKnown.filter((item) => budget.secondsOf(item) > 0);
	const isUnsure = new Set(unsure);
	return {
		ordered: amountOf(
			budget.items.filter((item) => !isUnsure.has(item)),
			budget,
		),
		unsure: amountOf(unsure, budget),
		takenOver: takenOver.length,
		leftAlone: notKnown.length - unsure.length,
		dryRuns: amountOf(dryRuns.items, dryRuns),
		left: Math.min(budget.left, dryRuns.left),
	};
}
