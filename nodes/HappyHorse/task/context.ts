// What the steps of a run share: given by who starts it, and made for it.
import type { Result } from '../domain/failure';
import type { Job } from '../domain/order';
import type { KnownTask, VideoTask } from '../domain/task';
import type { Service } from '../service/service';
import type { Intents } from './intents';
import type { Ledger } from './ledger';
import type { RunPace } from './pace';
import type { Watchlist } from './watchlist';

/** Runs pieces of work with a limit on how many are under way: p-limit's form. */
export type Pool = <T>(work: () => Promise<T>) => Promise<T>;

/** Where n8n's log goes. No line holds a key, a prompt, an image or the service's words. */
export interface Log {
	debug(line: string): void;
	info(line: string): void;
	warn(line: string): void;
}

/** What a run is given. */
export interface RunSetup {
	readonly service: Service;
	readonly ledger: Ledger;
	readonly intents: Intents;
	readonly log: Log;
	/** Shows a task id with the execution. */
	noteTask(taskId: string): void;
	/** The execution's own signal: the user, or n8n, stops it. */
	readonly cancel: AbortSignal;
	/** On Error = stop: the first failure ends the run. */
	readonly stopOnFailure: boolean;
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/** What all jobs of a run share. */
export interface RunContext extends RunSetup {
	/** Nothing more is begun: the run has given up, or the execution was stopped. Each item has one of its own. */
	readonly signal: AbortSignal;
	/** When its requests go out; shared by all runs of the account. */
	readonly pace: RunPace;
	/** What is waited for at the account. */
	readonly watchlist: Watchlist;
	/** From 0 to 1: runs that start together do not poll in step. */
	readonly phase: number;
	/** The tasks in flight. */
	readonly slots: Pool;
	/** Orders with the bytes of files: one at a time is uploaded, or built, and sent. */
	readonly heavySubmits: Pool;
	readonly lightSubmits: Pool;
	readonly downloads: Pool;
	/** Submits that are open: a run that gives up waits for them. */
	readonly openSubmits: Set<Promise<unknown>>;
}

/** How the files of a task are fetched, in the run's few downloads at once: none is held during a pause. */
export interface FileAccess extends Pick<RunContext, 'downloads' | 'signal' | 'random'> {
	readonly service: Pick<Service, 'openFile'>;
	/** The item's, by the monotonic clock; a video that is ready late gets a little more. */
	readonly deadline: number;
	/** The task with its newest links; undefined when the service does not tell any until `deadline`. */
	newest(deadline: number): Promise<VideoTask | undefined>;
}

/**
 * Step 4: what becomes of a task, with its files where they are wanted and can be fetched. `T` is an item of the node's
 * output. `orderedSeconds`: of video, by this run; 0 where an earlier try has ordered it.
 */
export type Delivery<T> = (
	job: Job,
	task: KnownTask,
	orderedSeconds: number,
	access?: FileAccess,
) => Promise<Result<T>>;
