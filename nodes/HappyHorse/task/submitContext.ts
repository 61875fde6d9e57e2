// What ordering needs of a run.
import type { Service } from '../service/service';
import type { Intents } from './intents';
import type { Ledger } from './ledger';
import type { RequestQueue } from './requestQueue';

/** Runs pieces of work with a limit on how many are under way: p-limit's form. */
export type Pool = <T>(work: () => Promise<T>) => Promise<T>;

/** Where n8n's log goes. No line holds a key, a prompt or an image. */
export interface Log {
	info(line: string): void;
	warn(line: string): void;
}

/** What ordering needs of a run. */
export interface SubmitContext {
	readonly service: Service;
	readonly ledger: Ledger;
	readonly intents: Intents;
	readonly queue: RequestQueue;
	/** Requests that hold images: one at a time is built and sent. */
	readonly heavySubmits: Pool;
	readonly lightSubmits: Pool;
	/** Submits that are open: a run that gives up waits for them. */
	readonly openSubmits: Set<Promise<unknown>>;
	readonly log: Log;
	/** Shows a task id with the execution. */
	noteTask(taskId: string): void;
	/** The execution was stopped. */
	readonly cancel: AbortSignal;
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
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
	/** A manual "Retry" of an execution. */
	readonly isRetry: boolean;
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/** What all jobs of a run share. */
export interface RunContext extends RunSetup {
	/** The run has given up, or the execution was stopped. */
	readonly halt: AbortSignal;
	readonly queue: RequestQueue;
	/** From 0 to 1: runs that start together do not poll in step. */
	readonly phase: number;
	/** The tasks in flight. */
	readonly slots: Pool;
	readonly heavySubmits: Pool;
	readonly lightSubmits: Pool;
	readonly downloads: Pool;
	readonly openSubmits: Set<Promise<unknown>>;
}
