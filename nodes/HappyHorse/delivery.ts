// What steps 2 and 3 hand to step 4: how a task becomes an item, and how its files are reached.
import type { Result } from './failure';
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

/** Step 4: what becomes of a task. `T` is an item of the node's output. */
export interface Delivery<T> {
	/** An order that is not waited for. */
	order(job: Job, task: AcceptedTask): T;
	/** A task, with its files where they are wanted. */
	task(job: Job, taskId: string, task: VideoTask, access: FileAccess): Promise<Result<T>>;
}
