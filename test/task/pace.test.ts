// The line in which questions wait for their turn.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { getEventListeners } from 'node:events';
import { clock } from '../../nodes/HappyHorse/clock';
import { SPACING_MS, Timetable, turn } from '../../nodes/HappyHorse/task/pace';
import { useFakeClock } from '../../tools/fakeClock';

const time = useFakeClock({ advances: true });

const { signal: never } = new AbortController();

/** When each of these comes to its turn, in ms from now. */
async function turns(timetable: Timetable, wishes: Array<[earliest: number, latest: number]>) {
	const start = time.now();
	return await Promise.all(
		wishes.map(async ([earliest, latest]) => {
			await turn(timetable, start + earliest, start + latest, new AbortController().signal);
			return time.now() - start;
		}),
	);
}

it('turns are a spacing apart, and nobody is before their time', async () => {
	const at = await turns(
		new Timetable(),
		Array.from({ length: 30 }, () => [1000, 60_000]),
	);
	const sorted = [...at].sort((a, b) => a - b);
	expect(sorted[0]).toBeGreaterThanOrEqual(1000);
	for (let n = 1; n < sorted.length; n += 1)
		expect(sorted[n] - sorted[n - 1]).toBeGreaterThanOrEqual(SPACING_MS);
	expect(sorted[29]).toBeLessThan(1000 + 31 * SPACING_MS + SPACING_MS);
});

it('a pause holds for all, also one that begins meanwhile', async () => {
	const timetable = new Timetable();
	const waiting = turns(timetable, [
		[2000, 60_000],
		[3000, 60_000],
	]);
	timetable.turnedAway(10_000, 0.5);
	for (const at of await waiting) expect(at).toBeGreaterThanOrEqual(10_000);
});

it.each([30_000, 1e18, Infinity])(
	'a pause of %p ms is kept no longer than until each one’s latest time',
	async (pause) => {
		const timetable = new Timetable();
		timetable.turnedAway(pause, 0.5);
		const at = await turns(timetable, [
			[0, 5000],
			[0, 5000],
			[8000, 9000],
		]);
		expect(at[0]).toBeGreaterThanOrEqual(5000);
		expect(Math.max(at[0], at[1])).toBeLessThanOrEqual(5000 + 2 * SPACING_MS);
		expect(at[2]).toBeLessThanOrEqual(9000 + 2 * SPACING_MS);
	},
);

it('a wish that is long past has its turn at once', async () => {
	const [at] = await turns(new Timetable(), [[-90_000, -60_000]]);
	expect(at).toBeLessThanOrEqual(SPACING_MS);
});

it('an abort ends the wait, and the others move on', async () => {
	const timetable = new Timetable();
	const leaving = new AbortController();
	const start = time.now();
	const gone = turn(timetable, start + 50_000, start + 60_000, leaving.signal);
	const other = turn(timetable, start + 1000, start + 60_000, never);
	leaving.abort();
	await gone;
	expect(time.now()).toBe(start);
	await other;
	expect(time.now() - start).toBeLessThanOrEqual(1000 + SPACING_MS);
});

it('nobody waits for one who has left the line', async () => {
	const timetable = new Timetable();
	const leaving = new AbortController();
	const start = time.now();
	const gone = turn(timetable, start + 1000, start + 60_000, leaving.signal);
	const other = turn(timetable, start + 1000, start + 60_000, never);
	leaving.abort();
	await Promise.all([gone, other]);
	expect(time.now() - start).toBe(1000);
});

it('leaves nothing behind at the signal, however often a task has had its turn', async () => {
	const timetable = new Timetable();
	const { signal } = new AbortController();
	for (let n = 0; n < 3; n += 1) await turn(timetable, time.now(), time.now(), signal);
	expect(getEventListeners(signal, 'abort')).toEqual([]);
});

describe('an account that is turned away', () => {
	/** What happens to a line: answers as they come, and time that passes. Returns how long it is paused after each, in ms. */
	async function pauses(events: Array<'busy' | 'served' | { told: number } | { passes: number }>) {
		const timetable = new Timetable();
		const lengths: number[] = [];
		for (const event of events) {
			if (event === 'served') timetable.served();
			else if (event === 'busy') timetable.turnedAway(undefined, 0.5);
			else if ('told' in event) timetable.turnedAway(event.told, 0.5);
			else await clock.sleep(event.passes, never);
			lengths.push(Math.max(0, timetable.resumesAt - time.now()));
		}
		return lengths;
	}

	const wholePause = { passes: 60_000 };

	it.each([
		['once: 5 s', ['busy'], [5000]],
		['again after the pause: longer', ['busy', wholePause, 'busy'], [5000, 0, 7500]],
		[
			'again and again: up to half a minute',
			['busy', wholePause, 'busy', wholePause, 'busy', wholePause, 'busy', wholePause, 'busy'],
			[5000, 0, 7500, 0, 11_250, 0, 16_875, 0, 25_312.5],
		],
		[
			'by many answers at once: as by one',
			['busy', 'busy', 'busy', 'busy'],
			[5000, 5000, 5000, 5000],
		],
		[
			'by an answer that comes late: from then on, but not longer',
			['busy', { passes: 3000 }, 'busy', wholePause, 'busy'],
			[5000, 2000, 5000, 0, 7500],
		],
		[
			'and served after the pause: from the start',
			['busy', wholePause, 'served', 'busy'],
			[5000, 0, 0, 5000],
		],
		[
			'and served as soon as the pause is over: from the start',
			['busy', { passes: 5000 }, 'served', 'busy'],
			[5000, 0, 0, 5000],
		],
		[
			'and served by what was sent before: no shorter',
			['busy', 'served', wholePause, 'busy'],
			[5000, 5000, 0, 7500],
		],
		['and told how long: as told', ['busy', wholePause, { told: 3000 }], [5000, 0, 3000]],
		[
			'and told less than holds already: no shorter',
			[{ told: 9000 }, { told: 2000 }],
			[9000, 9000],
		],
	] as const)('%s', async (_what, events, expected) => {
		expect(await pauses([...events])).toEqual(expected);
	});
});
