// A clock that runs faster than the real one, for the node and for whoever shares it.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { clock } from '../../nodes/HappyHorse/clock';

/** Real ms that a request may always take: the network doesn't get any faster. */
const SHORTEST_REQUEST_MS = 1500;

/** The fast clock. */
export interface FastClock {
	/** Its time, in ms since 1970. */
	now(this: void): number;
	/** Gives the node back the clock it had before. */
	restore(this: void): void;
}

/** Makes the node's clock run `factor` times as fast as the real one, from now on. */
export function speedUp(factor: number): FastClock {
	const before = { ...clock };
	const started = { date: before.now(), mark: performance.now() };
	const now = () => Math.round(started.date + (performance.now() - started.mark) * factor);
	const fast: typeof clock = {
		now,
		async sleep(ms, signal) {
			const end = performance.now() + ms / factor;
			// Timers may fire a millisecond early, which is a lot on a fast clock
			for (let left = ms / factor; left > 0 && !signal.aborted; left = end - performance.now()) {
				await setTimeout(left, undefined, { signal }).catch(() => {});
			}
		},
		requestTimeout: (ms) => Math.max(ms / factor, SHORTEST_REQUEST_MS),
	};
	Object.assign(clock, fast);
	return { now, restore: () => void Object.assign(clock, before) };
}
