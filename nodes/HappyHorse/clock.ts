// Time, the one place it comes from: tests replace these functions to make it run faster.
import { sleep } from 'n8n-workflow';

/** Ms. n8n's `sleep` can't be ended early, so a long pause is made of short ones and leaves no long timer behind. */
const SLICE_MS = 1000;

/** Resolves when `signal` aborts, or when `promise` settles; never rejects, and leaves no listener behind. */
async function settledOrAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
	await new Promise<void>((resolve) => {
		const done = () => {
			signal.removeEventListener('abort', done);
			resolve();
		};
		signal.addEventListener('abort', done);
		void promise.then(done, done);
	});
}

/** The clock of the whole node. */
export const clock = {
	/** The time, in ms since 1970. */
	now(): number {
		return Date.now();
	},

	/** Resolves after `ms`, or at once when `signal` aborts: look at the signal afterwards. Never rejects. */
	async sleep(ms: number, signal: AbortSignal): Promise<void> {
		const end = Date.now() + ms;
		for (let left = ms; left > 0 && !signal.aborted; left = end - Date.now()) {
			await settledOrAborted(sleep(Math.min(left, SLICE_MS)), signal);
		}
	},

	/** How long one HTTP request may take: `ms`, as n8n's request helper wants it. */
	requestTimeout(ms: number): number {
		return ms;
	},
};

/** Ms for which work may hold the event loop before it lets others run. */
const HOLD_MS = 15;

/** When the event loop was last given to others by {@link giveWay}, in ms since 1970. */
let gaveWayAt = 0;

/**
 * Lets timers, requests and other executions have their turn, if this node has worked for long enough since they last
 * had it. For loops that wait for nothing but each other: awaiting what is there already does not let others run.
 */
export async function giveWay(): Promise<void> {
	if (Math.abs(Date.now() - gaveWayAt) < HOLD_MS) return;
	await sleep(0);
	gaveWayAt = Date.now();
}
