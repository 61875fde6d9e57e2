// The queue in which queries wait for their turn: who is next, and when. On a fake clock.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { getEventListeners } from 'node:events';
import type { Slot } from '../../nodes/HappyHorse/task/requestQueue';
import {
	firstPollMs,
	nextTurn,
	pollPauseMs,
	RequestQueue,
	SPACING_MS,
} from '../../nodes/HappyHorse/task/requestQueue';
import { useFakeClock } from '../../tools/fakeClock';

const YEARS = 1e12;

const time = useFakeClock();

const never = () => new AbortController().signal;

function gaps(times: readonly number[]): number[] {
	return times.slice(1).map((at, n) => at - times[n]);
}

describe('who is next', () => {
	const entries = (...slots: Array<[name: string, earliest: number, latest?: number]>) =>
		slots.map(([name, earliest, latest = YEARS]) => ({ name, earliest, latest }));

	const cases: Array<
		[
			string,
			Array<Slot & { name: string }>,
			{ freeFrom?: number; resumesAt?: number },
			[string, number] | undefined,
		]
	> = [
		['nobody', entries(), {}, undefined],
		['the only one, at its time', entries(['a', 50]), {}, ['a', 50]],
		['the earliest, whoever joined first', entries(['a', 70], ['b', 50]), {}, ['b', 50]],
		['of two with one time, who joined first', entries(['a', 50], ['b', 50]), {}, ['a', 50]],
		['not before the queue is free', entries(['a', 50]), { freeFrom: 120 }, ['a', 120]],
		[
			'of two that are due when it is, who joined first',
			entries(['a', 70], ['b', 50]),
			{ freeFrom: 120 },
			['a', 120],
		],
		[
			'who is due when it is, not who joined first',
			entries(['a', 130], ['b', 50]),
			{ freeFrom: 120 },
			['b', 120],
		],
		['not in a pause', entries(['a', 50]), { resumesAt: 900 }, ['a', 900]],
		[
			'after a pause, who joined first',
			entries(['a', 70], ['b', 50]),
			{ resumesAt: 900 },
			['a', 900],
		],
		['who is due after the pause, later', entries(['a', 950]), { resumesAt: 900 }, ['a', 950]],
		[
			'its last time, in a pause',
			entries(['a', 50], ['b', 60, 300]),
			{ resumesAt: 900 },
			['b', 300],
		],
		[
			'its last time, in an endless pause',
			entries(['a', 50, 300]),
			{ resumesAt: YEARS * 9 },
			['a', 300],
		],
		[
			'its last time, but in turn',
			entries(['a', 50, 300]),
			{ resumesAt: 900, freeFrom: 350 },
			['a', 350],
		],
		['its last time, when it wants a later one', entries(['a', 500, 300]), {}, ['a', 300]],
	];

	it.each(cases)('%s', (_what, slots, { freeFrom = 0, resumesAt = 0 }, expected) => {
		const next = nextTurn(slots, { freeFrom, resumesAt });
		expect(next && [next.one.name, next.at]).toEqual(expected);
	});
});

describe('the first query of a task', () => {
	it.each([0, 0.3, 0.999])(
		'is due a quarter to five quarters of an interval later (%d)',
		(phase) => {
			const pauses = Array.from({ length: 1000 }, (_, item) => firstPollMs(2000, item, phase));
			expect(Math.min(...pauses)).toBeGreaterThanOrEqual(500);
			expect(Math.max(...pauses)).toBeLessThan(2500);
		},
	);

	it.each([2, 5, 10, 20, 100])('lies evenly among those of %d items', (count) => {
		const pauses = Array.from({ length: count }, (_, item) => firstPollMs(2000, item, 0.7));
		const sorted = pauses.sort((a, b) => a - b);
		expect(Math.max(...gaps([...sorted, sorted[0] + 2000]))).toBeLessThan((2.7 * 2000) / count);
	});
});

it.each([
	[2000, 0, 2000],
	[2000, 1, 2040],
])('between two queries every %i ms, random %f: %i ms', (interval, random, ms) => {
	expect(pollPauseMs(interval, random)).toBe(ms);
});

describe('the queue', () => {
	/** When each of these comes to its turn, in ms from now. */
	async function turns(queue: RequestQueue, slots: Array<[earliest: number, latest: number]>) {
		const start = time.now();
		const all = slots.map(async ([earliest, latest]) => {
			await queue.turn({ earliest: start + earliest, latest: start + latest }, never());
			return time.now() - start;
		});
		return await time.until(Promise.all(all), 600_000);
	}

	/** Tasks that are polled for ever, each `everyMs` after its last turn; returns the times of their turns. */
	function pollForEver(count: number, everyMs: number): number[][] {
		const queue = new RequestQueue();
		return Array.from({ length: count }, () => {
			const times: number[] = [];
			const signal = never();
			const poll = async () => {
				for (;;) {
					await queue.turn({ earliest: time.now() + everyMs, latest: YEARS }, signal);
					times.push(time.now());
				}
			};
			void poll();
			return times;
		});
	}

	it.each([1, 5, 20, 21, 200])(
		'gives %d tasks at most 10 turns a second, one by one, and makes none wait for more than all the others',
		async (count) => {
			const all = pollForEver(count, 2000);
			await time.pass(120_000);
			const sorted = all.flat().sort((a, b) => a - b);
			expect(Math.min(Infinity, ...gaps(sorted))).toBeGreaterThanOrEqual(SPACING_MS);
			const inOneSecond = sorted.map((at, n) =>
				sorted.slice(n, n + 20).filter((other) => other < at + 1000),
			);
			expect(Math.max(...inOneSecond.map(({ length }) => length))).toBeLessThanOrEqual(10);
			// And no turn is lost: as many as the tasks want, or as there are
			const most = Math.min(count * 57, Math.floor(118_000 / SPACING_MS));
			expect(sorted.length).toBeGreaterThanOrEqual(most);
			for (const times of all) {
				const longest = Math.max(2000, count * SPACING_MS) + 2000;
				expect(Math.max(...gaps(times))).toBeLessThanOrEqual(longest);
			}
			const counts = all.map(({ length }) => length);
			expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
		},
	);

	it('gives many that are due at once a turn each, a spacing apart, from their time on', async () => {
		const at = await turns(
			new RequestQueue(),
			Array.from({ length: 30 }, () => [1000, 60_000]),
		);
		expect(at).toEqual(at.map((_, n) => 1000 + n * SPACING_MS));
	});

	it('keeps a pause for all, also one that begins meanwhile', async () => {
		const queue = new RequestQueue();
		const waiting = turns(queue, [
			[2000, 60_000],
			[3000, 60_000],
		]);
		queue.rateLimited(10_000, 0.5);
		expect(await waiting).toEqual([10_000, 10_000 + SPACING_MS]);
	});

	it.each([30_000, 1e18, Infinity])(
		'keeps a pause of %p ms no longer than until each one’s latest time, and spaces those, too',
		async (pause) => {
			const queue = new RequestQueue();
			queue.rateLimited(pause, 0.5);
			const last = Array.from({ length: 20 }, (): [number, number] => [0, 5000]);
			const at = await turns(queue, [...last, [8000, 9000]]);
			expect(at).toEqual([...last.map((_, n) => 5000 + n * SPACING_MS), 9000]);
		},
	);

	it('gives one that is long due its turn at once', async () => {
		expect(await turns(new RequestQueue(), [[-90_000, -60_000]])).toEqual([0]);
	});

	it('is not held up by one who wants a turn much later', async () => {
		const queue = new RequestQueue();
		void queue.turn({ earliest: time.now() + 600_000, latest: YEARS }, never());
		await time.pass(10);
		expect(await turns(queue, [[50, YEARS]])).toEqual([50]);
	});

	it('is not held up by one who has left it, and lets that one go at once', async () => {
		const queue = new RequestQueue();
		const leaving = new AbortController();
		const start = time.now();
		const left = [1000, 50_000].map(async (ms) => {
			await queue.turn({ earliest: start + ms, latest: YEARS }, leaving.signal);
			return time.now() - start;
		});
		const other = turns(queue, [[1000, 60_000]]);
		leaving.abort();
		expect(await Promise.all(left)).toEqual([0, 0]);
		expect(await other).toEqual([1000]);
	});

	it('lets everybody go at once when the run ends, and takes new ones after it', async () => {
		const ending = new AbortController();
		const queue = new RequestQueue();
		const all = [0, 1, 2].map(async (n) => {
			const slot = { earliest: time.now() + n * 1000, latest: YEARS };
			await queue.turn(slot, ending.signal);
		});
		await time.pass(1);
		const at = time.now();
		ending.abort();
		await time.until(Promise.all(all), 10);
		expect(time.now() - at).toBeLessThanOrEqual(10);
		await queue.turn({ earliest: at + 5000, latest: YEARS }, ending.signal);
		const [next] = await turns(queue, [[0, YEARS]]);
		expect(next).toBeLessThanOrEqual(SPACING_MS);
	});

	it('leaves nothing behind at the signal, however often a task has had its turn', async () => {
		const queue = new RequestQueue();
		const signal = never();
		for (let n = 0; n < 3; n += 1) {
			await time.until(queue.turn({ earliest: time.now(), latest: time.now() }, signal), 1000);
		}
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});
});

describe('an account that is rate limited', () => {
	type Event = 'busy' | 'served' | { told: number } | { passes: number };

	const whole = { passes: 60_000 };

	it.each<[what: string, events: Event[], pauses: number[]]>([
		['once: 5 s', ['busy'], [5000]],
		['again after the pause: longer', ['busy', whole, 'busy'], [5000, 0, 7500]],
		[
			'again and again: up to half a minute',
			['busy', whole, 'busy', whole, 'busy', whole, 'busy', whole, 'busy'],
			[5000, 0, 7500, 0, 11_250, 0, 16_875, 0, 25_312.5],
		],
		[
			'by many answers at once: as by one',
			['busy', 'busy', 'busy', 'busy'],
			[5000, 5000, 5000, 5000],
		],
		[
			'by an answer that comes late: from then on, but not longer',
			['busy', { passes: 3000 }, 'busy', whole, 'busy'],
			[5000, 2000, 5000, 0, 7500],
		],
		[
			'and served after the pause: from the start',
			['busy', whole, 'served', 'busy'],
			[5000, 0, 0, 5000],
		],
		[
			'and served as soon as the pause is over: from the start',
			['busy', { passes: 5000 }, 'served', 'busy'],
			[5000, 0, 0, 5000],
		],
		[
			'and served by what was sent before: no shorter',
			['busy', 'served', whole, 'busy'],
			[5000, 5000, 0, 7500],
		],
		['and told how long: as told', ['busy', whole, { told: 3000 }], [5000, 0, 3000]],
		[
			'and told less than holds already: no shorter',
			[{ told: 9000 }, { told: 2000 }],
			[9000, 9000],
		],
	])('%s', async (_what, events, expected) => {
		const queue = new RequestQueue();
		const pauses: number[] = [];
		for (const event of events) {
			if (event === 'served') queue.served();
			else if (event === 'busy') queue.rateLimited(undefined, 0.5);
			else if ('told' in event) queue.rateLimited(event.told, 0.5);
			else await time.pass(event.passes);
			pauses.push(Math.max(0, queue.resumesAt - time.now()));
		}
		expect(pauses).toEqual(expected);
	});
});

it('a pause is kept where others find it: in another queue of the same account', async () => {
	const account = {};
	const start = time.now();
	new RequestQueue(account).rateLimited(6000, 0.5);
	const next = new RequestQueue(account);
	expect(next.resumesAt).toBe(start + 6000);
	const turn = next.turn({ earliest: start, latest: Infinity }, new AbortController().signal);
	await time.until(turn, 10_000);
	expect(time.now()).toBeGreaterThanOrEqual(start + 6000);
});
