// Work that has to be through by a certain time.
import { clock } from './clock';

/**
 * Runs `work` with a signal that aborts after `ms`, or when `signal` does; resolves to undefined then, whether or not the
 * work ends. Rejects as the work does. Begins nothing where there is no time.
 */
export async function inTime<T>(
	ms: number,
	signal: AbortSignal,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
	if (ms <= 0 || signal.aborted) return undefined;
	const over = new AbortController();
	const done = new AbortController();
	const watchdog = clock.sleep(ms, AbortSignal.any([signal, done.signal])).then(() => {
		over.abort();
		return undefined;
	});
	try {
		return await Promise.race([work(over.signal), watchdog]);
	} finally {
		done.abort();
	}
}

/** Resolves when `signal` aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) =>
		signal.addEventListener('abort', () => resolve(), { once: true }),
	);
}
