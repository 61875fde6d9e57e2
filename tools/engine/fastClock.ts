// A clock that runs faster than the real one, for the node and for whoever shares it. It stands still while the machine
// keeps this process waiting: what a busy machine takes from a test is no time that has passed.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { clock } from '../../nodes/HappyHorse/util/clock';

/** Real ms that a request may always take: the network doesn't get any faster. */
const SHORTEST_REQUEST_MS = 4000;

/** Real ms between two ticks, on a machine that is not busy. */
const TICK_MS = 2;

/** Real ms that count from one tick to the next, at most. */
const LONGEST_TICK_MS = 10;

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
	let last = { time: before.now(), mark: performance.now() };
	const look = () => {
		const mark = performance.now();
		return { time: last.time + Math.min(mark - last.mark, LONGEST_TICK_MS) * factor, mark };
	};
	const ticks = setInterval(() => (last = look()), TICK_MS).unref();
	const now = () => Math.round(look().time);
	const fast: typeof clock = {
		now,
		monotonic: () => look().time,
		async sleep(ms, signal) {
			const end = now() + ms;
			for (let left = ms; left > 0 && !signal.aborted; left = end - now()) {
				await setTimeout(left / factor, undefined, { signal }).catch(() => {});
			}
		},
		workTime: before.workTime,
		requestTimeout: (ms) => Math.max(ms / factor, SHORTEST_REQUEST_MS),
	};
	Object.assign(clock, fast);
	return {
		now,
		restore() {
			clearInterval(ticks);
			Object.assign(clock, before);
		},
	};
}
