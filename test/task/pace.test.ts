// The pace of an account: the rule by tables, and the turns that it gives on a fake clock. Crowds: crowd.test.ts.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { getEventListeners } from 'node:events';
import { clock } from '../../nodes/HappyHorse/util/clock';
import type { SavedPauses } from '../../nodes/HappyHorse/task/pace';
import { paceOf, RunPace } from '../../nodes/HappyHorse/task/pace';
import type { Answer, RequestKind } from '../../nodes/HappyHorse/service/service';
import type { PaceState } from '../../nodes/HappyHorse/task/paceRule';
import {
	beginning,
	nextAt,
	over,
	paused,
	pickNext,
	sent,
} from '../../nodes/HappyHorse/task/paceRule';
import { useFakeClock } from '../../tools/fakeClock';

const HOUR = 3_600_000;

/** 10 a second at first, 18 at most. */
const LIMITS = { first: 10, most: 18, least: 1, pauseMs: 1000, longestPauseMs: 8000 };

describe('the rule', () => {
	const begun = beginning(LIMITS, 0);
	const no = (
		now: number,
		{ sentAt = now, retryAfterMs = undefined as number | undefined, random = 0 } = {},
	) => ({
		from: (state: PaceState) =>
			over(state, LIMITS, now, { sentAt, random, reply: { retryAfterMs } }),
	});
	const ended = (reply: 'answered' | 'none') => (state: PaceState, sentAt: number) =>
		over(state, LIMITS, sentAt, { sentAt, random: 0, reply });
	const served = ended('answered');
	const unanswered = ended('none');

	it('spaces requests by the rate, and saves up nothing while idle', () => {
		expect(nextAt(sent(begun, 500))).toBe(600);
		expect(nextAt(sent(sent(begun, 500), 90_000))).toBe(90_100);
	});

	it('lets no more than a moment by which turns are late add up', () => {
		expect(nextAt(sent(sent(begun, 0), 120))).toBe(200);
		expect(nextAt(sent(sent(begun, 0), 121))).toBe(221);
	});

	it('grows by answers up to the most, and never above', () => {
		let state = begun;
		for (let n = 0; n < 2000; n += 1) {
			const { rate } = state;
			state = served(state, 0);
			expect(state.rate).toBeGreaterThanOrEqual(rate);
		}
		expect(state.rate).toBe(18);
	});

	it('slows down by a refusal, and stays a tenth below where it was refused', () => {
		const fast = { ...begun, rate: 18, ceiling: 18 };
		let state = no(1000).from(fast);
		expect(state).toMatchObject({ rate: 0.7 * 18, ceiling: 18, pausedUntil: 2000 });
		for (let n = 0; n < 300; n += 1) state = served(state, 1000);
		expect(state.rate).toBeGreaterThan(15);
		expect(state.rate).toBeLessThan(17);
	});

	it('takes the ceiling down where it is refused far below it', () => {
		expect(no(0).from({ ...begun, rate: 10, ceiling: 20 }).ceiling).toBeCloseTo(8.5);
	});

	it.each([
		['tells nothing', undefined, 0, 1000],
		['tells nothing, with jitter', undefined, 1, 1500],
		['tells how long', 30_000, 0, 30_000],
		['tells how long, spread over a second', 30_000, 1, 31_000],
		['tells nothing that is a number', NaN, 0, 1000],
		['tells for ever', Infinity, 0, 1000],
		['tells a day', 24 * HOUR, 0.5, HOUR],
		['tells the past', -5000, 0, 0],
	])('a service that %s', (_what, retryAfterMs, random, ms) => {
		expect(no(7000, { retryAfterMs, random }).from(begun).pausedUntil).toBe(7000 + ms);
	});

	it('pauses longer each time that a probe is refused, and slows down no further', () => {
		let state = no(0).from(begun);
		const { rate, ceiling } = state;
		const pauses = [1, 2, 3, 4, 5, 6, 7].map(() => {
			const now = nextAt(state);
			state = no(now).from(sent(state, now));
			return state.pausedUntil - now;
		});
		expect(pauses).toEqual([1500, 2250, 3375, 5062.5, 7593.75, 8000, 8000]);
		expect(state).toMatchObject({ rate, ceiling });
	});

	it('takes a burst of refusals for one, but keeps the longest pause that it tells', () => {
		const once = no(5000, { sentAt: 4900 }).from(begun);
		expect(no(5010, { sentAt: 4950 }).from(once)).toEqual(once);
		const told = no(5010, { sentAt: 4950, retryAfterMs: 20_000 }).from(once);
		expect(told).toEqual({ ...once, pausedUntil: 25_010 });
	});

	it('learns nothing from an answer to what was sent before a refusal', () => {
		const state = no(5000).from(begun);
		expect(served(state, 4900)).toBe(state);
	});

	it('sends one probe after a pause, and waits for its answer', () => {
		const probing = sent(no(0).from(begun), 1000);
		expect(nextAt(probing)).toBe(6000);
		expect(nextAt(served(probing, 1000))).toBe(probing.freeFrom);
		expect(served(probing, 1000).rounds).toBe(0);
	});

	it('frees the place of a probe that brings no answer: the next is the probe', () => {
		const free = unanswered(sent(no(0).from(begun), 1000), 1000);
		expect(nextAt(free)).toBe(free.freeFrom);
		expect(nextAt(sent(free, 2000))).toBe(7000);
		// The first is over: it does not free the second's
		expect(nextAt(unanswered(sent(free, 2000), 1000))).toBe(7000);
	});

	it('is never slower than the least', () => {
		let state = begun;
		for (let now = 0; now < 60; now += 1) state = { ...no(now).from(state), probe: 'none' };
		expect(state.rate).toBe(1);
	});

	it.each([
		[30_000, 31_000],
		[0, -Infinity],
		[-HOUR, -Infinity],
		[NaN, -Infinity],
		[Infinity, 1000 + HOUR],
		[30 * HOUR, 1000 + HOUR],
	])('of a pause from elsewhere, %p ms are left', (left, until) => {
		const state = paused(begun, 1000, left);
		expect(state.pausedUntil).toBe(until);
		expect(state.probe).toBe(until > 0 ? 'due' : 'none');
		const longest = { ...begun, pausedUntil: 1000 + HOUR };
		expect(paused(longest, 1000, left)).toBe(longest);
	});
});

describe('who is next', () => {
	const share = (waiting: number, lastTurn = 0) => ({ waiting, lastTurn });
	const big = share(100, 900);
	const small = share(1, 500);

	it.each<[string, RequestKind, Array<[string, typeof big, number]>, string | undefined]>([
		['nobody', 'orders', [], undefined],
		['nobody before their time', 'queries', [['a', big, 1001]], undefined],
		['of one run, who joined first', 'orders', [['a', big, 700], ['b', big, 500]], 'a'], // prettier-ignore
		['of two, whose run ordered longer ago', 'orders', [['a', big, 0], ['b', small, 900]], 'b'], // prettier-ignore
		['of two, whose run never ordered', 'orders', [['a', small, 0], ['b', share(1, -Infinity), 900]], 'b'], // prettier-ignore
		['of one run, the most overdue', 'queries', [['a', big, 700], ['b', big, 500]], 'b'], // prettier-ignore
		['the small run, before the big one', 'queries', [['a', big, -9000], ['b', small, 900]], 'b'], // prettier-ignore
		['the big run, when it is long overdue', 'queries', [['a', big, -19_000], ['b', small, 900]], 'a'], // prettier-ignore
	])('%s (%s)', (_what, kind, waiting, expected) => {
		const entries = waiting.map(([name, its, earliest]) => ({ name, share: its, earliest }));
		expect(pickNext(kind, entries, 1000)?.name).toBe(expected);
	});
});

describe('the turns', () => {
	const time = useFakeClock();
	const never = () => new AbortController().signal;
	const answered: Answer = { kind: 'answered' };
	const busy: Answer = { kind: 'busy', details: {}, retryAfterMs: 10_000 };
	const limits = { orders: LIMITS, queries: LIMITS };
	let accounts = 0;
	let account = '';
	beforeEach(() => (account = `account ${++accounts}`));

	function join(pauses: SavedPauses = {}): RunPace {
		const log = { debug() {} };
		return new RunPace(paceOf(account, limits), { pauses, log, random: () => 0 });
	}

	interface Ask {
		kind?: RequestKind;
		afterMs?: number;
		withinMs?: number;
		takesMs?: number;
		reply?: Answer;
		signal?: AbortSignal;
	}

	/** When the request was sent, in ms from now; undefined when it was given up. */
	async function ask(pace: RunPace, options: Ask = {}): Promise<number | undefined> {
		const { kind = 'queries', afterMs = 0, withinMs = HOUR, takesMs = 0 } = options;
		const { reply = answered, signal = never() } = options;
		const start = time.now();
		const send = async () => {
			const at = time.now() - start;
			await clock.sleep(takesMs, signal);
			return { ...reply, at };
		};
		return (await pace.send(kind, { afterMs, withinMs, signal }, send))?.at;
	}

	const all = async (asked: Array<Promise<number | undefined>>) =>
		await time.until(Promise.all(asked), HOUR);

	it('are spaced, for all runs of an account together', async () => {
		const [a, b] = [join(), join()];
		const at = await all([ask(a), ask(a), ask(b), ask(b)]);
		// Each answer makes it a little faster
		expect(at).toEqual([0, 100, expect.closeTo(198.4, 1), expect.closeTo(295.4, 1)]);
	});

	it('of two accounts, and of two kinds, are apart', async () => {
		const a = join();
		account += ' of another key';
		expect(await all([ask(a), ask(join()), ask(a, { kind: 'orders' })])).toEqual([0, 0, 0]);
	});

	it('of one kind pause when it is refused; the other goes on, and other runs know', async () => {
		const [a, b] = [join(), join()];
		await ask(a, { reply: busy });
		expect([b.pausedMs('queries'), b.pausedMs('orders')]).toEqual([10_000, 0]);
		expect(await all([ask(b), ask(b, { kind: 'orders' })])).toEqual([10_000, 0]);
	});

	it('after a pause: one, and the others when it is answered', async () => {
		const pace = join();
		await ask(pace, { reply: busy });
		const at = await all([ask(pace, { takesMs: 3000 }), ask(pace), ask(pace)]);
		expect(at.slice(0, 2)).toEqual([10_000, 13_000]);
	});

	it.each<[string, Ask, number]>([
		['takes too long', { takesMs: 60_000 }, 15_000],
		['never connects', { takesMs: 700, reply: { kind: 'notSent', details: {} } }, 10_700],
	])('are not held up by a probe that %s', async (_what, probe, next) => {
		const pace = join();
		await ask(pace, { reply: busy });
		const [, second] = await all([ask(pace, probe), ask(pace)]);
		expect(second).toBe(next);
	});

	it('are not held up by a probe that rejects', async () => {
		const pace = join();
		await ask(pace, { reply: busy });
		const send = async () => await Promise.reject(new Error('broken'));
		const broken = pace.send('queries', { withinMs: HOUR, signal: never() }, send);
		const next = ask(pace);
		await expect(time.until(broken, HOUR)).rejects.toThrow('broken');
		expect((await all([next]))[0]).toBeLessThan(10_200);
	});

	it('are left at once by a run that stops, and go to the others', async () => {
		const [a, b] = [join(), join()];
		await ask(a, { reply: busy });
		const stop = new AbortController();
		const { signal } = stop;
		const stopped = [ask(a, { signal }), ask(a, { signal })];
		const other = ask(b);
		stop.abort();
		expect(await Promise.all(stopped)).toEqual([undefined, undefined]);
		expect(time.now()).toBeLessThan(1_000_100);
		expect(await all([other])).toEqual([10_000]);
		expect(await ask(a, { signal })).toBeUndefined();
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});

	it('are given to who comes later and wants it sooner', async () => {
		const pace = join();
		const later = ask(pace, { afterMs: 60_000 });
		await time.pass(10);
		expect(await all([ask(pace, { afterMs: 50 }), later])).toEqual([50, 60_000]);
	});

	it('are not harder to get for a run that had many before', async () => {
		const [a, b] = [join(), join()];
		await all(Array.from({ length: 30 }, async () => await ask(a)));
		const [first, second] = await all([ask(a, { afterMs: 500 }), ask(b, { afterMs: 500 })]);
		expect([first, second]).toEqual([500, expect.closeTo(500 + 1000 / 13.6, -1)]);
	});

	it.each<RequestKind>(['orders', 'queries'])(
		'are given up at once where a pause lasts until the time of %s is over',
		async (kind) => {
			const pace = join();
			const soon = ask(pace, { kind, afterMs: 500, withinMs: 9000 });
			const later = ask(pace, { kind, afterMs: 500, withinMs: 11_000 });
			const start = time.now();
			await ask(pace, { kind, reply: busy });
			expect(await all([soon])).toEqual([undefined]);
			expect(time.now() - start).toBeLessThan(100);
			expect(await all([later])).toEqual([10_000]);
		},
	);

	it('at the end of its time: an order is not sent, a query is, one last time', async () => {
		const pace = join();
		for (let n = 0; n < 10; n += 1) void ask(pace, { kind: 'orders' });
		expect(await all([ask(pace, { kind: 'orders', withinMs: 300 })])).toEqual([undefined]);
		expect(await all([ask(pace, { afterMs: 60_000, withinMs: 300 })])).toEqual([300]);
	});

	it('to get ready for are given on where what gets ready hangs', async () => {
		const [pace, start] = [join(), time.now()];
		const places = [1, 2, 3, 4, 5].map(async () => {
			await pace.getReady({ withinMs: HOUR, signal: never() });
			return time.now() - start;
		});
		expect(await all(places)).toEqual([0, 100, 200, 10_000, 10_100]);
	});

	it('keep a pause as wall time, for a retry elsewhere', async () => {
		const pauses: SavedPauses = {};
		await ask(join(pauses), { kind: 'orders', reply: busy });
		expect(pauses).toEqual({ orders: clock.now() + 10_000 });
		account += ' in another process';
		await time.pass(4000);
		const next = join(pauses);
		expect([next.pausedMs('orders'), next.pausedMs('queries')]).toEqual([6000, 0]);
		expect(await all([ask(next, { kind: 'orders' })])).toEqual([6000]);
	});

	it.each([
		['kept for ten minutes', 599_000, 10_000, true],
		['forgotten after ten minutes', 601_000, 10_000, false],
		['kept as long as a pause runs', 1_000_000, HOUR, true],
	])('what is known of an idle account is %s', async (_what, idleMs, retryAfterMs, isKept) => {
		const pace = paceOf(account, limits);
		await ask(join(), { reply: { kind: 'busy', details: {}, retryAfterMs } });
		await time.pass(idleMs);
		paceOf('any other', limits);
		expect(paceOf(account, limits) === pace).toBe(isKept);
	});

	it('of an account that is waited for are never forgotten', async () => {
		const pace = paceOf(account, limits);
		const waiting = ask(join(), { afterMs: 2_000_000 });
		await time.pass(1_900_000);
		expect(paceOf(account, limits)).toBe(pace);
		await all([waiting]);
	});
});
