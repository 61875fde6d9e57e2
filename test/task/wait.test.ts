// Waiting for a task: when it is asked about, and what ends the wait.
import type { Service } from '../../nodes/HappyHorse/service/client';
import type { QueryVerdict } from '../../nodes/HappyHorse/service/verdict';
import { Timetable } from '../../nodes/HappyHorse/task/pace';
import { askForTask, GET_PATIENCE_MS, waitForTask } from '../../nodes/HappyHorse/task/wait';
import { useFakeClock } from '../../tools/fakeClock';

const time = useFakeClock({ advances: true });

const going: QueryVerdict = { kind: 'going', task: { status: 'processing' } as never };
const done: QueryVerdict = { kind: 'succeeded', task: { status: 'succeeded' } as never };
const failed: QueryVerdict = {
	kind: 'failed',
	task: { status: 'failed' } as never,
	says: { code: 'X' },
};
const gone: QueryVerdict = { kind: 'gone', says: { httpStatus: 404 } };
const denied: QueryVerdict = { kind: 'denied', says: { httpStatus: 401 } };
const trouble = (busy = false, retryAfterMs?: number): QueryVerdict => ({
	kind: 'trouble',
	says: { httpStatus: busy ? 429 : 503 },
	retryAfterMs,
	busy,
});

const INTERVAL = 2000;
const TIMEOUT = 60_000;

interface Wait {
	controller?: AbortController;
	/** As Task Get does. */
	once?: boolean;
	/** Called while each question is under way. */
	meanwhile?: () => void;
	timeoutMs?: number;
}

/**
 * Waits with these answers, the last one for ever. `asked`: when each question was asked, in ms from the start;
 * `pausedMs`: how long the whole run was told to pause, from the first question on.
 */
async function wait(
	answers: QueryVerdict[],
	{ controller = new AbortController(), once = false, meanwhile, timeoutMs = TIMEOUT }: Wait = {},
) {
	const start = time.now();
	const asked: number[] = [];
	const service = {
		query: async () => {
			asked.push(time.now() - start);
			meanwhile?.();
			return answers[Math.min(asked.length, answers.length) - 1];
		},
	} as unknown as Service;
	const timetable = new Timetable();
	const waiting = { service, timetable, signal: controller.signal, secrets: [], random: () => 0.5 };
	const patience = { firstAt: start + INTERVAL, deadline: start + timeoutMs, intervalMs: INTERVAL };
	const watched = once
		? await askForTask('task_1', waiting, INTERVAL)
		: await waitForTask('task_1', waiting, patience, timeoutMs);
	const gaps = asked.slice(1).map((at, n) => at - asked[n]);
	const pausedMs = Math.max(0, timetable.resumesAt - start - asked[0]);
	return { watched, asked, gaps, pausedMs };
}

it.each([
	['succeeded', done, { kind: 'seen' }],
	['failed', failed, { fault: { kind: 'taskFailed', taskId: 'task_1', code: 'X' } }],
	['gone', gone, { fault: { kind: 'gone', taskId: 'task_1', httpStatus: 404 } }],
	['denied', denied, { fault: { kind: 'denied', taskId: 'task_1', httpStatus: 401 } }],
])('%s ends it at once', async (_name, verdict, result) => {
	const { watched, asked } = await wait([going, verdict]);
	expect(watched).toMatchObject(result);
	expect(asked).toHaveLength(2);
});

it('pauses grow while there is trouble, up to half a minute, and one good answer resets them', async () => {
	const { gaps } = await wait([trouble(), trouble(), trouble(), trouble(), going, trouble(), done]);
	const near = [2000, 3000, 4500, 6750, 2000, 2000];
	for (const [n, ms] of near.entries()) {
		expect(gaps[n]).toBeGreaterThanOrEqual(ms);
		expect(gaps[n]).toBeLessThan(ms + 200);
	}
});

it.each([
	['429 and nothing told: 5 s', trouble(true), 5000],
	['429 as told', trouble(true, 9000), 9000],
	['429, told less than the poll interval', trouble(true, 0), INTERVAL],
	['503 as told', trouble(false, 9000), 9000],
	['503, told less than the poll interval', trouble(false, 0), INTERVAL],
])('%s', async (_name, verdict, least) => {
	const { gaps } = await wait([verdict, done]);
	expect(gaps[0]).toBeGreaterThanOrEqual(least);
	expect(gaps[0]).toBeLessThan(least + 200);
});

it('is asked about at every poll interval while 429 tells to wait a moment: only the whole account pauses longer', async () => {
	const { gaps } = await wait([trouble(true, 0), trouble(true, 0), trouble(true, 0), done]);
	for (const gap of gaps) {
		expect(gap).toBeGreaterThanOrEqual(INTERVAL);
		expect(gap).toBeLessThan(INTERVAL + 200);
	}
});

it('a 429 after a good answer is a first one again', async () => {
	const { gaps } = await wait([trouble(true), trouble(true), going, trouble(true), done]);
	for (const [n, ms] of [5000, 7500, INTERVAL, 5000].entries()) {
		expect(gaps[n]).toBeGreaterThanOrEqual(ms);
		expect(gaps[n]).toBeLessThan(ms + 200);
	}
});

it.each([
	['a 503', 0, trouble(false, 9000)],
	['a good answer', 0, going],
	['a 429', 9000, trouble(true, 9000)],
])('%s makes the other tasks of the run pause for %i ms', async (_what, ms, verdict) => {
	expect((await wait([verdict, done])).pausedMs).toBe(ms);
});

it.each([
	['nothing new', [going], 'processing'],
	['no answer', [trouble()], 'no answer about it came'],
	['a 503 that asks for years', [trouble(false, Infinity)], 'no answer about it came'],
	['a 429 that asks for years', [going, trouble(true, 1e18)], 'processing'],
	['a 429 that asks for ever', [trouble(true, Infinity)], 'no answer about it came'],
])('%s until the timeout: one last question at the deadline', async (_name, answers, text) => {
	const { watched, asked } = await wait(answers);
	expect(watched).toMatchObject({
		fault: { kind: 'timeout', taskId: 'task_1', message: expect.stringContaining(text) },
	});
	const last = asked.filter((at) => at >= TIMEOUT);
	expect(last).toHaveLength(1);
	expect(last[0]).toBeLessThan(TIMEOUT + 200);
});

it('an end that the last question brings counts', async () => {
	const answers: QueryVerdict[] = [trouble(true, 1e18), done];
	expect((await wait(answers)).watched).toMatchObject({ kind: 'seen' });
});

it('a deadline that is past already: one question', async () => {
	const start = time.now();
	const service = { query: async () => going } as unknown as Service;
	const waiting = {
		service,
		timetable: new Timetable(),
		signal: new AbortController().signal,
		secrets: [],
		random: () => 0,
	};
	const patience = { firstAt: start + INTERVAL, deadline: start - 1, intervalMs: INTERVAL };
	const watched = await waitForTask('task_1', waiting, patience, TIMEOUT);
	expect(watched).toMatchObject({ fault: { kind: 'timeout' } });
	expect(time.now() - start).toBeLessThanOrEqual(200);
});

it('a stop ends it, before a question and while it waits for its turn', async () => {
	const before = new AbortController();
	before.abort();
	const { watched, asked } = await wait([done], { controller: before });
	expect(watched).toMatchObject({ fault: { kind: 'stopped', taskId: 'task_1' } });
	expect(asked).toEqual([]);
	const during = new AbortController();
	const asking = wait([done], { controller: during });
	during.abort();
	expect((await asking).watched).toMatchObject({ fault: { kind: 'stopped' } });
});

it('a stop while a question is under way ends it too, whatever the answer', async () => {
	const stopping = new AbortController();
	const meanwhile = () => stopping.abort();
	const { watched, asked } = await wait([done], { controller: stopping, meanwhile });
	expect(watched).toMatchObject({ fault: { kind: 'stopped', taskId: 'task_1' } });
	expect(asked).toHaveLength(1);
});

it.each([
	[60_000, '1 minute'],
	[90_000, '1.5 minutes'],
	[100_000, '1.67 minutes'],
])('a timeout of %i ms is told as %s', async (timeoutMs, words) => {
	const { watched } = await wait([going], { timeoutMs });
	const message = `The video was not ready within ${words} (task task_1: its last status was "processing")`;
	expect(watched).toMatchObject({ fault: { kind: 'timeout', message } });
});

describe('Task Get', () => {
	it.each([going, done, failed])('takes any answer', async (verdict) => {
		const { watched, asked } = await wait([verdict], { once: true });
		expect(watched).toMatchObject({ kind: 'seen' });
		expect(asked).toHaveLength(1);
	});

	it('asks again where there is none, for a minute', async () => {
		expect((await wait([trouble(), trouble(), going], { once: true })).watched.kind).toBe('seen');
		const { watched, asked } = await wait([trouble()], { once: true });
		expect(watched).toMatchObject({ fault: { kind: 'unreachable', httpStatus: 503 } });
		expect(asked.at(-1)).toBeGreaterThanOrEqual(GET_PATIENCE_MS);
	});
});
