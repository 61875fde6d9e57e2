// What became of a run, and what that may have cost.
import type { Failure, Outcome } from './failure';

/** The failed items that ended a run: one, or all that were known before anything was ordered. */
export type Failures = readonly [FailedItem, ...FailedItem[]];

/** An item without a video, and why. */
export interface FailedItem {
	readonly item: number;
	readonly failure: Failure;
}

/** What became of a run. `failed` and `stopped` end it without outcomes for every item. */
export type RunResult<T> =
	| { readonly kind: 'finished'; readonly outcomes: ReadonlyArray<Outcome<T>> }
	| { readonly kind: 'failed'; readonly failures: Failures }
	| { readonly kind: 'stopped' };

/** What a run may have cost. */
export interface PaidTasks {
	/** Tasks that are paid for, and the items they belong to. */
	readonly tasks: ReadonlyArray<{ readonly item: number; readonly taskId: string }>;
	/** Items that may have been ordered: no task id is known. */
	readonly unsure: readonly number[];
}
