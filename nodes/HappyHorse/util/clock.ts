// Time, the one place it comes from: tests replace these functions to make it run faster.
import { sleep } from 'n8n-workflow';

/**
 * Ms. n8n's `sleep` can't be ended early, so a long pause is made of short ones, and the timer that it leaves behind does not
 * keep a process that is to end.
 */
const SLICE_MS = 250;

/** Settles as `promise` does, or resolves to undefined once `signal` has aborted; leaves no listener behind. */
export async function unlessAborted<T>(
	promise: Promise<T>,
	signal: AbortSignal,
): Promise<T | undefined> {
	let stop = () => {};
	const stopped = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)));
	if (signal.aborted) stop();
	// Not with a signal of its own: that makes weak references, which hold n8n up when garbage is collected
	signal.addEventListener('abort', stop);
	try {
		return await Promise.race([stopped, promise]);
	} finally {
		signal.removeEventListener('abort', stop);
	}
}

/**
 * Resolves after `ms` of real time, or at once when `signal` aborts; never rejects. For what a network may take: it
 * gets no faster where a test replaces the {@link clock}.
 */
export async function sleepRealTime(ms: number, signal: AbortSignal): Promise<void> {
	const end = performance.now() + ms;
	for (let left = ms; left > 0 && !signal.aborted; left = end - performance.now())
		await unlessAborted(sleep(Math.min(left, SLICE_MS)), signal);
}

/** The clock of the whole node. */
export const clock = {
	/** The time, in ms since 1970: for what outlives this process. Somebody may set it. */
	now: (): number => Date.now(),

	/** Ms of a clock that nobody sets: for durations. Its numbers mean nothing in another process. */
	monotonic: (): number => performance.now(),

	/** Resolves after `ms`, or at once when `signal` aborts: look at the signal afterwards. Never rejects. */
	sleep: sleepRealTime,

	/** Ms by which stretches of work are measured. Tests may let it stand still, never run faster. */
	workTime: (): number => performance.now(),

	/** How long one HTTP request may take: `ms`, as n8n's request helper wants it. */
	requestTimeout: (ms: number): number => ms,
};

/** Ms of work after which others get their turn: half of what a user of the editor would notice, and more. */
const STRETCH_MS = 10;

/** When the event loop had its last turn that is known of: a stretch may be made of the work of many. */
let lastTurn = 0;

/** To be awaited between the pieces of long work: lets the event loop do other things once {@link STRETCH_MS} have passed. */
export async function yieldNow(): Promise<void> {
	if (clock.workTime() - lastTurn < STRETCH_MS) return;
	await sleep(0);
	lastTurn = clock.workTime();
}

/**
 * Runs `work` with a signal that aborts after `ms`, or when `signal` does; resolves to undefined then, whether or not the
 * work ends. Rejects as the work does. Begins nothing where there is no time. `pause`: how the time is taken.
 */
export async function inTime<T>(
	ms: number,
	signal: AbortSignal,
	work: (signal: AbortSignal) => Promise<T>,
	pause = clock.sleep,
): Promise<T | undefined> {
	if (ms <= 0 || signal.aborted) return undefined;
	const over = new AbortController();
	void pause(ms, AbortSignal.any([signal, over.signal])).then(() => over.abort());
	try {
		return await unlessAborted(work(over.signal), over.signal);
	} finally {
		over.abort();
	}
}
