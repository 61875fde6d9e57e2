// How long to pause before the next attempt: pure functions of the attempts so far.

/** Growth of the pause with each failed attempt, its most, and its jitter: the platform's own client uses these. */
const GROWTH = 1.5;
const MOST_MS = 30_000;
const JITTER = 0.2;

/** Ms to wait after a 429 that does not say how long: the platform's reference asks for 5 s or more. */
export const BUSY_PAUSE_MS = 5000;

/** Ms before a submit that never got a connection is tried again. */
export const CONNECT_PAUSE_MS = 1000;

/** How often such a submit is tried in all. */
export const CONNECT_TRIES = 5;

/**
 * Ms to pause after `failures` failed attempts in a row (1, 2, …), beginning with `firstMs`, growing by half each time
 * up to 30 s (or `firstMs`, where that is more), give or take 20 %. `random`: from 0 to 1.
 */
export function backoffMs(failures: number, firstMs: number, random: number): number {
	const most = Math.max(MOST_MS, firstMs);
	const grown = Math.min(most, firstMs * GROWTH ** (failures - 1));
	return grown * (1 - JITTER + 2 * JITTER * random);
}

/**
 * Ms to pause after the service said that it is too busy, for the `times`-th time in a row: as it told, but 1 s at
 * least, or 5 s and growing where it told nothing.
 */
export function busyPauseMs(toldMs: number | undefined, times: number, random: number): number {
	if (toldMs !== undefined) return Math.max(1000, toldMs);
	return Math.max(BUSY_PAUSE_MS, backoffMs(times, BUSY_PAUSE_MS, random));
}

/**
 * Ms until the next query of a task that is still going: the poll interval and up to 2 % more, so that runs which
 * began together do not stay in step.
 */
export function pollPauseMs(intervalMs: number, random: number): number {
	return intervalMs * (1 + 0.02 * random);
}

/** Part of a poll interval that a new task is left alone at least. */
const FIRST_POLL_FROM = 0.25;

/** Steps of this part of an interval lie evenly in it, however many there are: the golden ratio's property. */
const EVEN_STEP = 0.618034;

/**
 * Ms from the order of an item to the first query of its task. Items that are ordered together get first queries spread
 * evenly over one whole poll interval, so that neither queries come in bursts nor all of them notice late what ends at
 * the same time. `phase`: from 0 to 1, shifts them all.
 */
export function firstPauseMs(intervalMs: number, item: number, phase: number): number {
	return intervalMs * (FIRST_POLL_FROM + ((phase + item * EVEN_STEP) % 1));
}
