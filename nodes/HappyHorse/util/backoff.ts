// How long to pause before the next attempt: pure functions of the attempts so far.

/** Growth of the pause with each failed attempt, its most, and its jitter: the platform's own client uses these. */
const GROWTH = 1.5;
const MOST_MS = 30_000;
const JITTER = 0.2;

/**
 * Ms to pause after `failures` failed attempts in a row (1, 2, …), beginning with `firstMs`, growing by half each time
 * up to 30 s (or `firstMs`, where that is more), give or take 20 %. `random`: from 0 to 1.
 */
export function backoffMs(failures: number, firstMs: number, random: number): number {
	const most = Math.max(MOST_MS, firstMs);
	const grown = Math.min(most, firstMs * GROWTH ** (failures - 1));
	return grown * (1 - JITTER + 2 * JITTER * random);
}
