// Polling a task: when it is asked about, what ends that, and that many tasks do not get in each other's way.
import type { QueryVerdict, Refusal, Service } from '../../nodes/HappyHorse/service/service';
import { getTask, GET_PATIENCE_MS, pollTask, queryAgain } from '../../nodes/HappyHorse/task/poll';
import { paceOf, RunPace } from '../../nodes/HappyHorse/task/pace';
import { clock } from '../../nodes/HappyHorse/util/clock';
import { useFakeClock } from '../../tools/fakeClock';
import { contextOf, done, gaveUp, going, gone, jobOf, ScriptedService } from './scriptedRun';

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
	/** How long ago this execution heard of the order. */
	ageMs?: number;
}

/** Polls with these answers, the last one for ever. `asked`: when each query was sent, in ms from the start. */
async function poll(
	answers: QueryVerdict[],
	{
		controller = new AbortController(),
		once,
		meanwhile,
		timeoutMs = TIMEOUT,
		agoMs = 0,
		ageMs,
	}: Polling = {},
) {
	const start = time.now();
	const asked: number[] = [];
	const service: Service = {
		...new ScriptedService(() => done),
		openFile: async () => await Promise.reject(new Error('Not here')),
		prepare: async () => ({ kind: 'unreadable' }),
		query: async (...args: unknown[]) => {
			expect(args[0]).toBe('task_1');
			asked.push(time.now() - start);
			meanwhile?.();
			return answers[Math.min(asked.length, answers.length) - 1];
		},
	};
	// With this phase, the first query is due after one interval
	const { signal } = controller;
	const context = contextOf(service, { phase: 0.75, random: () => 0.5, signal });
	const deadline = clock.monotonic() + timeoutMs - agoMs;
	const job = jobOf(0, { pollIntervalMs: INTERVAL, timeoutMs });
	const result = once
		? await getTask(context, job, 'task_1')
		: await pollTask(context, job, 'task_1', deadline, ageMs);
	return { result, asked, gaps: gapsOf(asked), tookMs: time.now() - start };
}

/** A failure that passes on what the service said. */
const ended = (kind: string, details: object) => ({
	failure: { kind, taskId: 'task_1', advice: { details } },
});

it.each([
	['succeeded', done, { ok: true, value: { status: 'succeeded' } }],
	['failed', gaveUp, ended('taskFailed', { code: 'X' })],
	['gone', gone, ended('gone', { httpStatus: 404 })],
	['denied', denied, ended('denied', { httpStatus: 401 })],
])('%s ends it at once', async (_name, verdict, expected) => {
	const { result, asked } = await poll([going, verdict]);
	expect(result).toMatchObject(expected);
	expect(asked).toHaveLength(2);
});

it.each<[Refusal | undefined, RegExp]>([
	['content', /Its content check refused the prompt or an image: change them/],
	['credits', /Add credits at https:\/\/account\.test\. A retry/],
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
	['429 and nothing told: 5 s, and up to half of that', [trouble(true)], [6250]],
	['429 as told, and up to a second', [trouble(true, 9000)], [9500]],
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
		[6250, 9375, INTERVAL, 6250],
	],
])('%s', async (_name, answers, expected) => {
	const { gaps } = await poll([...answers, done]);
	expect(gaps).toHaveLength(expected.length);
	expectAbout(gaps, expected);
});

it.each([
	['nothing new', [going], 'processing'],
	['no answer', [trouble()], 'no answer about it came'],
	['a 503 that asks for years', [trouble(false, Infinity)], 'no answer about it came'],
])('%s until the timeout: one last query at the deadline', async (_name, answers, text) => {
	const { result, asked } = await poll(answers);
	expect(result).toMatchObject({
		failure: { kind: 'timeout', taskId: 'task_1', message: expect.stringContaining(text) },
	});
	const last = asked.filter((at) => at >= TIMEOUT);
	expect(last).toHaveLength(1);
	expectAbout(last, [TIMEOUT]);
});

it.each([
	['a year', 1e12, '60 minutes'],
	['until the deadline', TIMEOUT, '1.01 minutes'],
])('a pause for %s fails at once, and says so', async (_long, pauseMs, words) => {
	const { result, asked, tookMs } = await poll([trouble(true, pauseMs)]);
	expect([asked, tookMs]).toEqual([[INTERVAL], INTERVAL]);
	expect(result).toMatchObject({
		failure: {
			kind: 'timeout',
			taskId: 'task_1',
			message: expect.stringMatching(
				/asks not to be asked for longer than the time of task task_1/,
			),
			description: expect.stringContaining(`It asks to be left alone for another ${words}.`),
			advice: { details: { httpStatus: 429 } },
		},
	});
});

it('an end that the last query brings counts', async () => {
	expect((await poll([trouble(false, 1e18), done])).result.ok).toBe(true);
});

/** What the service says of a task that it does not know: with 404, or in a status. */
const unknown: QueryVerdict[] = [gone, { kind: 'gone', details: {} }];

it.each<[what: string, verdict: QueryVerdict, ageMs: number | undefined, queries: number]>([
	['not found', unknown[0], 0, 3],
	['UNKNOWN', unknown[1], 0, 3],
	['not found half a minute after its order', unknown[0], 30_000, 3],
	['not found a minute after its order', unknown[0], 60_000, 1],
	['not found, and ordered by somebody else', unknown[0], undefined, 1],
	['not found since the clock was set back', unknown[0], -3_600_000, 3],
	['denied', denied, 0, 1],
])('a task that is %s: %#', async (_what, verdict, ageMs, queries) => {
	const { asked } = await poll([verdict, verdict, done], { ageMs });
	expect(asked).toHaveLength(queries);
});

it('a task that stays unknown is gone after a minute', async () => {
	const { result, asked } = await poll([gone], { ageMs: 0, timeoutMs: 10 * TIMEOUT });
	expect(result).toMatchObject({ failure: { kind: 'gone' } });
	expect(asked.at(-1)).toBeGreaterThanOrEqual(60_000);
	expect(asked.at(-1)).toBeLessThan(63_000);
});

it('whatever throws in a query is trouble, and ends nothing', async () => {
	const throws = () => {
		throw new Error('Maximum call stack size exceeded');
	};
	let thrown = 0;
	const meanwhile = () => (thrown++ < 3 ? throws() : undefined);
	const { result, gaps } = await poll([going, done], { meanwhile });
	expect(result.ok).toBe(true);
	expectAbout(gaps, [2000, 3000, 4500]);
});

it.each<[what: string, timeoutMs: number, latestMs: number]>([
	['at the deadline, where they began before', 20_000, 20_000],
	['soon after it, where the last one went out at it', 31_000, 33_000],
])('answers that drip end %s', async (_what, timeoutMs, latestMs) => {
	const start = time.now();
	const service = new ScriptedService(() => trouble());
	service.query = async (_taskId, { withinMs = Infinity } = {}) => {
		await clock.sleep(Math.min(30_000, withinMs), new AbortController().signal);
		return trouble();
	};
	const deadline = clock.monotonic() + timeoutMs;
	await pollTask(contextOf(service), jobOf(0), 'task_1', deadline);
	expect(time.now() - start).toBeLessThanOrEqual(latestMs);
});

it('a clock that is set back an hour holds up no query', async () => {
	const set = jest.spyOn(clock, 'now');
	const meanwhile = () => void set.mockReturnValue(time.now() - 3_600_000);
	const { result, gaps } = await poll([going, going, done], { meanwhile });
	expect(result.ok).toBe(true);
	expectAbout(gaps, [INTERVAL, INTERVAL]);
});

it('a deadline that is past already: one query, at once', async () => {
	const { result, asked } = await poll([going], { agoMs: TIMEOUT + 1 });
	expect(result).toMatchObject({ failure: { kind: 'timeout' } });
	expect(asked).toHaveLength(1);
	expectAbout(asked, [0]);
});

it.each([
	['before it is asked', 0],
	['while it waits for its turn', 0],
	['while a query is under way, whatever the answer', 1],
])('a stop ends it %s', async (when, queries) => {
	const controller = new AbortController();
	const stop = () => controller.abort();
	if (when.startsWith('before')) stop();
	const polling = poll([done], { controller, meanwhile: stop });
	if (when.endsWith('turn')) stop();
	const { result, asked } = await polling;
	expect(result).toMatchObject({ failure: { kind: 'stopped', taskId: 'task_1' } });
	expect(asked).toHaveLength(queries);
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
		expect(result).toMatchObject(ended('unreachable', { httpStatus: 503 }));
		expect(asked.at(-1)).toBeGreaterThanOrEqual(GET_PATIENCE_MS);
	});
});

describe('a further question about a finished task, for newer links', () => {
	/** Asks; the account was told to pause for `pausedMs`, and the deadline is after `left` ms. */
	async function ask(answer: QueryVerdict, { pausedMs = 0, left = TIMEOUT, stopped = false } = {}) {
		const start = time.now();
		const service = new ScriptedService(() => answer);
		const pauses = pausedMs > 0 ? { queries: clock.now() + pausedMs } : {};
		const signal = stopped ? AbortSignal.abort() : new AbortController().signal;
		const setup = contextOf(service, { random: () => 0.5, signal });
		const pace = new RunPace(paceOf(service.account, service.pace), { ...setup, pauses });
		const deadline = clock.monotonic() + left;
		const question = async () => await queryAgain({ ...setup, pace }, jobOf(0), 'task_1', deadline);
		return { question, pace, start, asked: () => service.times.map((at) => at - start) };
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

	it('that is turned away makes the whole account pause', async () => {
		const { question, pace } = await ask(trouble(true, 9000));
		await question();
		expect(pace.pausedMs('queries')).toBe(9500);
	});
});
