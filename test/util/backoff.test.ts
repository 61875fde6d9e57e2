// How long to pause: tables.
import { backoffMs } from '../../nodes/HappyHorse/util/backoff';

it.each([
	[1, 2000, 0.5, 2000],
	[2, 2000, 0.5, 3000],
	[3, 2000, 0.5, 4500],
	[1, 2000, 0, 1600],
	[1, 2000, 1, 2400],
	[20, 2000, 0.5, 30_000],
	[500, 1, 1, 36_000],
	[5000, 2000, 0.5, 30_000],
	// A poll interval beyond half a minute is never shortened
	[1, 120_000, 0.5, 120_000],
	[9, 120_000, 0.5, 120_000],
])('after %i failures from %i ms, random %f: %i ms', (failures, first, random, ms) => {
	expect(backoffMs(failures, first, random)).toBeCloseTo(ms);
});
