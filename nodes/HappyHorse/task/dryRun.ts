// Dry runs on their way through step 2: what an order would cost is counted, and nothing is ordered.
import type { Outcome } from '../failure';
import { failed, succeeded } from '../failure';
import type { DryRun, Limits } from '../order';
import { reserve } from './admit';
import { Budget } from './budget';

/** Which dry runs the spending limit lets pass, and what they would cost. */
export interface AdmittedDryRuns {
	readonly admitted: ReadonlyArray<Outcome<DryRun>>;
	readonly budget: Budget;
}

/**
 * Holds dry runs against the spending limit as if they were ordered now. `ordered`: what this execution has ordered, which
 * stays as it is.
 */
export function admitDryRuns(
	dryRuns: readonly DryRun[],
	limits: Limits,
	{ orderedSeconds }: Pick<Budget, 'orderedSeconds'>,
): AdmittedDryRuns {
	const budget = new Budget({ orderedSeconds });
	const admitted = dryRuns.map((dryRun) => {
		const { item, order } = dryRun;
		const failure = reserve(budget, limits, dryRun, order);
		budget.commit(item);
		return { item, result: failure === undefined ? succeeded(dryRun) : failed<DryRun>(failure) };
	});
	return { admitted, budget };
}
