// What steps 2 and 3 hand to step 4: a task and its files, what became of a run, and what that may have cost.
import type { Failure, Outcome, Result } from './failure';
import type { Job } from './order';
import type { Service } from './service/service';
import type { AcceptedTask, VideoTask } from './videoTask';

/** How the files of a task are fetched. */
export interface FileAccess {
	readonly service: Pick<Service, 'openFile'>;
	/** When all of them must be there, in ms since 1970. */
	readonly deadline: number;
	/** Ends it at once. */
	readonly signal: AbortSignal;
	/** The task with its newest links; undefined when the service does not tell any. */
	newest(): Promise<VideoTask | undefined>;
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/** A task as it was seen last. */
export interface SeenTask {
	readonly taskId: string;
	readonly task: VideoTask;
	/** Seconds of video that this run has ordered with it: 0 where an earlier try has. */
	readonly orderedSeconds: number;
}

/** Step 4: what becomes of a task. `T` is an item of the node's output. */
export interface Delivery<T> {
	/** An order that is not waited for. `orderedSeconds` as in {@link SeenTask}. */
	order(job: Job, task: AcceptedTask, orderedSeconds: number): T;
	/** A task, with its files where they are wanted. */
	task(job: Job, seen: SeenTask, access: FileAccess): Promise<Result<T>>;
}

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
export interface Bill {
	/** Tasks that are paid for, and the items they belong to. */
	readonly tasks: ReadonlyArray<{ readonly item: number; readonly taskId: string }>;
	/** Items that may have been ordered: no task id is known. */
	readonly unsure: readonly number[];
}
