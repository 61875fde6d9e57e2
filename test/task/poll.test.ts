// Polling a task: when it is asked about, what ends that, and that many tasks do not get in each other's way.
import type { QueryVerdict, Refusal, Service } from '../../nodes/HappyHorse/service/service';
import { getTask, GET_PATIENCE_MS, pollTask, queryAgain } from '../../nodes/HappyHorse/task/poll';
import { RequestQueue, SPACING_MS } from '../../nodes/HappyHorse/task/requestQueue';
import { useFakeClock } from '../../tools/fakeClock';
import { contextOf, done, gaveUp, going, gone, jobOf, PAGES, ScriptedService } from './scriptedRun';

const time = useFakeClock({ advances: true });

const denied: QueryVerdict = { kind: 'denied', reason: 'key', details: { httpStatus: 401 } };
const trouble = (busy = false, retryAfterMs?: number): QueryVerdict => ({
	kind: 'trouble',
	details: { httpStatus: busy ? 429 : 503 },
	retryAfterMs,
	busy,
});

const INTERVAL = 2000;
const TIMEOUT = 60_000;

function gapsOf(times: readonly number[]): number[] {
	return times.slice(1).map((at, n) => at - times[n]);
}

/** `times` are these, or up to 200 ms more. */
function expectAbout(times: readonly number[], expected: readonly number[]): void {
	for (const [n, ms] of expected.entries()) {
		expect(times[n]).toBeGreaterThanOrEqual(ms);
		expect(times[n]).toBeLessThan(ms + 200);
	}
}

interface Polling {
	controller?: AbortController;
	/** As Task Get does. */
	once?: boolean;
	/** Called while each query is under way. */
	meanwhile?: () => void;
	timeoutMs?: number;
	/** How long ago the timeout began. */
	agoMs?: number;
}

/**
 * Polls with these answers, the last one for ever. `asked`: when each query was sent, in ms from the start;
 * `pausedMs`: how long the whole run was told to pause, from the first query on.
 */
async function poll(
	answers: QueryVerdict[],
	{
		controller = new AbortController(),
		once,
		meanwhile,
		timeoutMs = TIMEOUT,
		agoMs = 0,
	}: Polling = {},
) {
	const start = time.now();
	const asked: number[] = [];
	const service = {
		pages: PAGES,
		query: async (...args: unknown[]) => {
			expect(args[0]).toBe('task_1');
			asked.push(time.now() - start);
			meanwhile?.();
			return answers[Math.min(asked.length, answers.length) - 1];
		},
	} as unknown as Service;
	const queue = new RequestQueue();
	// With this phase, the first query is due after one interval
	const context = contextOf(service, { queue, phase: 0.75, random: () => 0.5 });
	const job = jobOf(0, { pollIntervalMs: INTERVAL, timeoutMs });
	const result = once
		? await getTask(context, job, 'task_1', controller.signal)
		: await pollTask(context, job, 'task_1', start - agoMs, controller.signal);
	const pausedMs = Math.max(0, queue.resumesAt - start - asked[0]);
	return { result, asked, gaps: gapsOf(asked), pausedMs };
}

it.each([
	['succeeded', done, { ok: true, value: { status: 'succeeded' } }],
	['failed', gaveUp, { failure: { kind: 'taskFailed', taskId: 'task_1', code: 'X' } }],
	['gone', gone, { failure: { kind: 'gone', taskId: 'task_1', httpStatus: 404 } }],
	['denied', denied, { failure: { kind: 'denied', taskId: 'task_1', httpStatus: 401 } }],
])('%s ends it at once', async (_name, verdict, expected) => {
	const { result, asked } = await poll([going, verdict]);
	expect(result).toMatchObject(expected);
	expect(asked).toHaveLength(2);
});

it.each<[Refusal | undefined, RegExp]>([
	['content', /Its content check refused the prompt or an image: change them/],
	['credits', /Add credits at https:\/\/credits\.test, and retry/],
	['invalid', /Correct what it complains about/],
	['other', /charged\. A retry orders a new one\./],
	[undefined, /charged\. A retry orders a new one\./],
])(
	'a task that failed says what to do next, where its reason is known: %s',
	async (reason, next) => {
		const { result } = await poll([{ ...gaveUp, reason } as QueryVerdict]);
		expect(result).toMatchObject({ failure: { description: expect.stringMatching(next) } });
	},
);

it.each<[what: string, answers: QueryVerdict[], gaps: number[]]>([
	['429 and nothing told: 5 s', [trouble(true)], [5000]],
	['429 as told', [trouble(true, 9000)], [9000]],
	['429, told less than the poll interval', [trouble(true, 0)], [INTERVAL]],
	['503 as told', [trouble(false, 9000)], [9000]],
	['503, told less than the poll interval', [trouble(false, 0)], [INTERVAL]],
	[
		'pauses grow while there is trouble, and one good answer resets them',
		[trouble(), trouble(), trouble(), trouble(), going, trouble()],
		[2000, 3000, 4500, 6750, 2000, 2000],
	],
	[
		'polled at every interval while 429 tells to wait a moment: only the whole account pauses longer',
		[trouble(true, 0), trouble(true, 0), trouble(true, 0)],
		[INTERVAL, INTERVAL, INTERVAL],
	],
	[
		'a 429 after a good answer is a first one again',
		[trouble(true), trouble(true), going, trouble(true)],
		[5000, 7500, INTERVAL, 5000],
	],
])('%s', async (_name, answers, expected) => {
	const { gaps } = await poll([...answers, done]);
	expect(gaps).toHaveLength(expected.length);
	expectAbout(gaps, expected);
});

it.each([
	['a 503', 0, trouble(false, 9000)],
	['a good answer', 0, going],
	['a 429', 9000, trouble(true, 9000)],
])('%s makes the other tasks of the run pause for %i ms', async (_what, ms, verdict) => {
	expect((await poll([verdict, done])).pausedMs).toBe(ms);
});

it.each([
	['nothing new', [going], 'processing'],
	['no answer', [trouble()], 'no answer about it came'],
	['a 503 that asks for years', [trouble(false, Infinity)], 'no answer about it came'],
	['a 429 that asks for years', [going, trouble(true, 1e18)], 'processing'],
	['a 429 that asks for ever', [trouble(true, Infinity)], 'no answer about it came'],
])('%s until the timeout: one last query at the deadline', async (_name, answers, text) => {
	const { result, asked } = await poll(answers);
	expect(result).toMatchObject({
		failure: { kind: 'timeout', taskId: 'task_1', message: expect.stringContaining(text) },
	});
	const last = asked.filter((at) => at >= TIMEOUT);
	expect(last).toHaveLength(1);
	expectAbout(last, [TIMEOUT]);
});

it('an end that the last query brings counts', async () => {
	expect((await poll([trouble(true, 1e18), done])).result.ok).toBe(true);
});

it('a deadline that is past already: one query, at once', async () => {
	const { result, asked } = await poll([going], { agoMs: TIMEOUT + 1 });
	expect(result).toMatchObject({ failure: { kind: 'timeout' } });
	expect(asked).toHaveLength(1);
	expectAbout(asked, [0]);
});

it('a stop ends it, before a query and while it waits for its turn', async () => {
	const before = new AbortController();
	before.abort();
	const { result, asked } = await poll([done], { controller: before });
	expect(result).toMatchObject({ failure: { kind: 'stopped', taskId: 'task_1' } });
	expect(asked).toEqual([]);
	const during = new AbortController();
	const polling = poll([done], { controller: during });
	during.abort();
	expect((await polling).result).toMatchObject({ failure: { kind: 'stopped' } });
});

it('a stop while a query is under way ends it too, whatever the answer', async () => {
	const stopping = new AbortController();
	const meanwhile = () => stopping.abort();
	const { result, asked } = await poll([done], { controller: stopping, meanwhile });
	expect(result).toMatchObject({ failure: { kind: 'stopped', taskId: 'task_1' } });
	expect(asked).toHaveLength(1);
});

it.each([
	[60_000, '1 minute'],
	[90_000, '1.5 minutes'],
	[100_000, '1.67 minutes'],
])('a timeout of %i ms is told as %s', async (timeoutMs, words) => {
	const { result } = await poll([going], { timeoutMs });
	const message = `The video was not ready within ${words} (task task_1: its last status was "processing")`;
	expect(result).toMatchObject({ failure: { kind: 'timeout', message } });
});

describe('Task Get', () => {
	it.each([going, done, gaveUp])('takes any answer, at once', async (verdict) => {
		const { result, asked } = await poll([verdict], { once: true });
		expect(result).toHaveProperty('value', 'task' in verdict && verdict.task);
		expect(asked).toEqual([0]);
	});

	it('asks again where there is none, for a minute', async () => {
		const found = await poll([trouble(), trouble(), going], { once: true });
		expect(found.result.ok).toBe(true);
		const { result, asked } = await poll([trouble()], { once: true });
		expect(result).toMatchObject({ failure: { kind: 'unreachable', httpStatus: 503 } });
		expect(asked.at(-1)).toBeGreaterThanOrEqual(GET_PATIENCE_MS);
	});
});

describe('many tasks', () => {
	async function pollMany(service: Service, count: number, timeoutMs: number) {
		const context = contextOf(service, { random: () => 0 });
		const startedAt = time.now();
		const jobs = Array.from({ length: count }, (_, n) => jobOf(n, { timeoutMs }));
		return await Promise.all(
			jobs.map(async (job) => {
				const { signal } = new AbortController();
				return await pollTask(context, job, `task_${job.item}`, startedAt, signal);
			}),
		);
	}

	it.each<[string, number | undefined, number]>([
		['as long as the service told', 7000, 7000],
		['5 s where it told nothing', undefined, 5000],
		['at least 1 s', 10, 1000],
	])('are not asked about after a 429: %s', async (_what, told, pauseMs) => {
		const start = time.now();
		let refused = 0;
		const service = new ScriptedService(() => {
			if (time.now() < start + 4000) return going;
			refused += 1;
			return refused === 1 ? trouble(true, told) : done;
		});
		await pollMany(service, 30, TIMEOUT);
		const index = service.times.findIndex((at) => at >= start + 4000);
		const [pause, ...others] = gapsOf(service.times.slice(index));
		expect(pause).toBeGreaterThanOrEqual(pauseMs);
		expect(Math.min(...others)).toBeGreaterThanOrEqual(SPACING_MS);
		expect(new Set(service.queries.slice(index + 1).map(({ taskId }) => taskId)).size).toBe(30);
	});

	it('pause longer and longer while the account stays too busy, however many they are', async () => {
		const start = time.now();
		const service = new ScriptedService(() => (time.now() < start + 60_000 ? trouble(true) : done));
		await pollMany(service, 50, 600_000);
		const rounds = gapsOf(service.times).filter((gap) => gap > 1000);
		expect(rounds.slice(0, 4)).toEqual([5000, 6000, 9000, 13_500]);
		expect(service.times.filter((at) => at < start + 60_000).length).toBeLessThan(8);
	});

	it.each([1, 10])('are asked about a last time at the deadline (%d)', async (count) => {
		const start = time.now();
		const service = new ScriptedService(() => going);
		const all = await pollMany(service, count, 31_000);
		for (const [n, result] of all.entries()) {
			expect(result).toMatchObject({ failure: { kind: 'timeout' } });
			const asked = service.queries.filter(({ taskId }) => taskId === `task_${n}`);
			const last = (asked.at(-1)?.at ?? 0) - start;
			expect(last).toBeGreaterThanOrEqual(31_000);
			expect(last).toBeLessThanOrEqual(31_000 + count * SPACING_MS);
		}
	});

	it('are asked about a last time in spite of a pause of years, and a video that is there is taken', async () => {
		const start = time.now();
		const service = new ScriptedService(() =>
			time.now() < start + 30_000 ? trouble(true, 1e12) : done,
		);
		const [result] = await pollMany(service, 1, 30_000);
		expect(result.ok).toBe(true);
		expect(service.times.map((at) => at - start)).toEqual([500, 30_000]);
	});
});

describe('a further question about a finished task, for newer links', () => {
	/** Asks; the account was told to pause for `pausedMs`, and the deadline is after `left` ms. */
	async function ask(answer: QueryVerdict, { pausedMs = 0, left = TIMEOUT, stopped = false } = {}) {
		const start = time.now();
		const service = new ScriptedService(() => answer);
		const queue = new RequestQueue();
		if (pausedMs > 0) queue.rateLimited(pausedMs, 0.5);
		const context = contextOf(service, { queue, random: () => 0.5 });
		const signal = stopped ? AbortSignal.abort() : new AbortController().signal;
		const question = async () => await queryAgain(context, 'task_1', start + left, signal);
		return { question, queue, start, asked: () => service.times.map((at) => at - start) };
	}

	it.each<[what: string, answer: QueryVerdict, isTold: boolean]>([
		['has them', done, true],
		['says that the task goes on', going, false],
		['says that the task is gone', gone, false],
		['says nothing', trouble(), false],
	])('brings what the answer has: it %s', async (_what, answer, isTold) => {
		const { question, asked } = await ask(answer);
		expect((await question()) !== undefined).toBe(isTold);
		expect(asked()).toEqual([0]);
	});

	it('goes through the queue: several are spaced', async () => {
		const { question, asked } = await ask(done);
		await Promise.all([question(), question(), question()]);
		expect(asked()).toEqual([0, SPACING_MS, 2 * SPACING_MS]);
	});

	it('keeps to a pause that the service asked for', async () => {
		const { question, asked } = await ask(done, { pausedMs: 7000 });
		expect(await question()).toBeDefined();
		expect(asked()).toEqual([7000]);
	});

	it.each([
		['a pause lasts until the deadline', { pausedMs: TIMEOUT }],
		['the deadline is over', { left: 0 }],
		['the run is stopped', { stopped: true }],
	])('is not asked where %s, and that takes no time', async (_when, how) => {
		const { question, asked, start } = await ask(done, how);
		expect(await question()).toBeUndefined();
		expect(asked()).toEqual([]);
		expect(time.now()).toBe(start);
	});

	it('is not asked at the deadline either when the pause begins while it waits', async () => {
		const { question, queue, asked } = await ask(done, { pausedMs: 5000 });
		const asking = question();
		queue.rateLimited(10 * TIMEOUT, 0.5);
		expect(await asking).toBeUndefined();
		expect(asked()).toEqual([]);
	});

	it('that is turned away makes the whole account pause', async () => {
		const { question, queue, start } = await ask(trouble(true, 9000));
		await question();
		expect(queue.resumesAt).toBe(start + 9000);
	});
});
