// Makes the node's clock run faster than the real one.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { clock } from '../../nodes/HappyHorse/clock';

/** Real ms that a request is given at least: the network does not get faster. */
const SHORTEST_REQUEST_MS = 1500;

/** The fast clock. */
export interface FastClock {
	/** Its time, in ms since 1970, for others who should live by the same clock. */
	now(this: void): number;
	/** Gives the node its old clock back. */
	restore(this: void): void;
}

/** From now on the node's time passes `factor` times as fast. */
export function speedUp(factor: number): FastClock {
	const before = { ...clock };
	const started = { date: before.now(), mark: performance.now() };
	const now = () => Math.round(started.date + (performance.now() - started.mark) * factor);
	const fast: typeof clock = {
		now,
		async sleep(ms, signal) {
			const end = performance.now() + ms / factor;
			// Timers may be a millisecond early, which is a lot on a fast clock
			for (let left = ms / factor; left > 0 && !signal.aborted; left = end - performance.now()) {
				await setTimeout(left, undefined, { signal }).catch(() => {});
			}
		},
		requestTimeout: (ms) => Math.max(ms / factor, SHORTEST_REQUEST_MS),
	};
	Object.assign(clock, fast);
	return { now, restore: () => void Object.assign(clock, before) };
}
