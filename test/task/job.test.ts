// The life of one item: what an earlier try's task comes to, and what is told when nobody foresaw it. On a fake clock.
import type { Failure, Result, RunResult } from '../../nodes/HappyHorse/domain/failure';
import { failed, invalidInput, succeeded } from '../../nodes/HappyHorse/domain/failure';
import type { Action, Order } from '../../nodes/HappyHorse/domain/order';
import type { Delivery, FileAccess } from '../../nodes/HappyHorse/task/context';
import type { QueryVerdict } from '../../nodes/HappyHorse/service/service';
import type { Intents } from '../../nodes/HappyHorse/task/intents';
import { runItems } from '../../nodes/HappyHorse/task/run';
import { useFakeClock } from '../../tools/fakeClock';
import {
	deliver,
	done,
	gaveUp,
	going,
	gone,
	jobOf,
	noIntents,
	openLedger,
	orderOf,
	run,
	ScriptedService,
	setupOf,
} from './scriptedRun';

const time = useFakeClock();

const MINUTE = 60_000;

/** What became of each item: its value, or its failure. */
function outcomes(result: RunResult<string>): Array<string | Failure> {
	if (result.kind !== 'finished') throw new Error(`The run has ended: ${result.kind}`);
	return result.outcomes.map(({ result: one }) => (one.ok ? one.value : one.failure));
}

it.each<[kind: 'get' | 'wait', expected: object]>([
	['get', ['video 0']],
	['wait', [{ kind: 'taskFailed', taskId: 'task_x' }]],
])('a task that is only looked at (%s) leaves nothing on record', async (kind, expected) => {
	const setup = setupOf(new ScriptedService(() => gaveUp), { stopOnFailure: false });
	const running = run(setup, [jobOf(0, {}, { kind, taskId: 'task_x' })]);
	expect(outcomes(await time.until(running, MINUTE))).toMatchObject(expected);
	expect(setup.ledger.find(0)).toBeUndefined();
});

describe('something that nobody foresaw', () => {
	const goesWrong = (what: unknown) => async (item: number) => {
		if (item === 0) throw what;
		return await deliver(item);
	};

	it.each<[what: string, thrown: unknown]>([
		['an error', new Error('The disk is full')],
		['words', 'The disk is full'],
	])('is told with the task that is paid for, when a step throws %s', async (_what, thrown) => {
		const setup = setupOf(new ScriptedService(() => done), { stopOnFailure: false });
		const running = run(setup, [jobOf(0), jobOf(1)], goesWrong(thrown));
		const [failure, other] = outcomes(await time.until(running, MINUTE));
		expect(failure).toMatchObject({
			kind: 'unexpected',
			taskId: 'task_0',
			message: 'Something unforeseen went wrong: The disk is full',
			description: expect.stringContaining('Task task_0 is paid for'),
		});
		expect(other).toBe('video 1');
	});

	it('names no task where none is known, and leaves the item as perhaps ordered', async () => {
		const service = new ScriptedService(
			() => done,
			async () => {
				throw new Error('No memory');
			},
		);
		const setup = setupOf(service, { stopOnFailure: false });
		const first = await time.until(run(setup, [jobOf(0)]), MINUTE);
		expect(outcomes(first)).toMatchObject([
			{ kind: 'unexpected', taskId: undefined, description: expect.stringContaining('log of n8n') },
		]);
		const second = await time.until(run(setup, [jobOf(0)]), MINUTE);
		expect(outcomes(second)).toMatchObject([{ kind: 'unsure' }]);
		expect(service.submits).toHaveLength(1);
	});

	it('ends the run with On Error = stop', async () => {
		const service = new ScriptedService((taskId) => (taskId === 'task_0' ? done : going));
		const thrown = goesWrong(new Error('The disk is full'));
		const running = run(setupOf(service), [jobOf(0), jobOf(1)], thrown);
		expect(await time.until(running, MINUTE)).toMatchObject({
			kind: 'failed',
			failures: [{ item: 0, failure: { kind: 'unexpected', taskId: 'task_0' } }],
		});
	});
});

describe('the files of a task', () => {
	/** Orders a video that is done after so many ms; `download` is what is done with its files. */
	async function downloading(
		doneAfterMs: number,
		timeoutMs: number,
		download: (access: FileAccess, service: ScriptedService) => Promise<void>,
		action?: Action,
	) {
		const service = new ScriptedService((_taskId, age) => (age >= doneAfterMs ? done : going));
		const job = jobOf(0, { timeoutMs }, action);
		const delivery: Delivery<string> = async (_job, { taskId }, _seconds, access) => {
			if (access) await download(access, service);
			return succeeded(taskId);
		};
		const running = runItems(setupOf(service), [job], [], delivery);
		return outcomes(await time.until(running, 60 * MINUTE));
	}

	it.each<[what: string, doneAfterMs: number, timeoutMs: number, leftMs: number]>([
		['what is left of its timeout', 5 * MINUTE, 30 * MINUTE, 25 * MINUTE],
		['what is left, if it was ready late', 9.5 * MINUTE, 10 * MINUTE, 0.5 * MINUTE],
	])('have %s', async (_what, doneAfterMs, timeoutMs, leftMs) => {
		const left: number[] = [];
		await downloading(doneAfterMs, timeoutMs, async ({ deadline }) => {
			left.push(deadline - time.now());
		});
		expect(left).toHaveLength(1);
		// Up to a poll interval passes until a video is noticed
		expect(left[0]).toBeGreaterThan(leftMs - 2100);
		expect(left[0]).toBeLessThanOrEqual(leftMs);
	});

	it('leave their task undelivered where they fail: equal calls and Retries go on with it', async () => {
		const setup = setupOf(new ScriptedService(() => done), { stopOnFailure: false });
		const fail = async () => failed<string>(invalidInput('No', 'No'));
		await time.until(run(setup, [jobOf(0)], fail), MINUTE);
		expect(setup.ledger.find(0)).toMatchObject({ state: 'accepted', task: { taskId: 'task_0' } });
	});

	it('of a task that is only looked at have the timeout from then on', async () => {
		const left: number[] = [];
		const note = async ({ deadline }: FileAccess) => void left.push(deadline - time.now());
		await downloading(0, 10 * MINUTE, note, { kind: 'get', taskId: 'task_x' });
		expect(left).toEqual([10 * MINUTE]);
	});

	it('are asked about anew', async () => {
		await downloading(0, 10 * MINUTE, async ({ newest, deadline }, service) => {
			const ask = async () => await newest(deadline);
			const before = service.times.length;
			const tasks = await Promise.all([ask(), ask(), ask()]);
			expect(tasks.every((task) => task?.videos.length === 1)).toBe(true);
			expect(service.times).toHaveLength(before + 3);
		});
	});
});

describe('an item whose task an earlier try has paid for', () => {
	interface Paid {
		/** The intent that the earlier try has written. */
		intent?: string;
		/** Seconds of video that the execution may order. */
		limit?: number;
		/** What reading the order once more brings. */
		read?: Result<Order>;
		/** Order Again When Unsure. */
		again?: boolean;
		/** Whether the execution is a Retry. */
		isRetry?: boolean;
	}

	/** Goes on with a task; `answer` is what the service says to each query about it. */
	async function goOn(answer: QueryVerdict, paid: Paid = {}) {
		const { intent, limit = Infinity, again = true, isRetry = false } = paid;
		const task = { taskId: 'task_paid' };
		const ledger = openLedger({}, { isRetry });
		ledger.send(0, time.now(), intent);
		ledger.accept(0, task, 0);
		const removed: string[] = [];
		const service = new ScriptedService((taskId) => (taskId === 'task_paid' ? answer : done));
		const remove: Intents['remove'] = async (intents) => {
			removed.push(...intents.map(({ intent: one }) => one));
			return true;
		};
		const marked: string[] = [];
		const mark: Intents['mark'] = async (how, intents) => {
			marked.push(...intents.map((one) => `${one} is ${how}`));
		};
		const setup = setupOf(service, {
			ledger,
			stopOnFailure: false,
			intents: { ...noIntents, remove, mark },
		});
		const readOrder = async () => paid.read ?? succeeded(orderOf(5));
		const action: Action = { kind: 'resume', task, readOrder };
		const job = jobOf(0, { maxTotalSeconds: limit, resubmitWhenUnsure: again }, action);
		const [outcome] = outcomes(await time.until(run(setup, [job]), 31 * MINUTE));
		const { orderedSeconds } = ledger.budget;
		const taskId = ledger.find(0)?.task?.taskId;
		return { outcome, orderedSeconds, service, removed, marked, taskId };
	}

	it.each<[what: string, isRetry: boolean, marked: string[], removed: string[]]>([
		['its intent goes', false, [], ['intent 0']],
		['a Retry keeps it for another Retry', true, ['intent 0 is delivered'], []],
	])('gets its video, and orders nothing: %s', async (_what, isRetry, ...expected) => {
		const { outcome, service, taskId, marked, removed } = await goOn(done, {
			intent: 'intent 0',
			isRetry,
		});
		expect(outcome).toBe('video 0');
		expect(service.submits).toEqual([]);
		expect(taskId).toBe('task_paid');
		expect([marked, removed]).toEqual(expected);
	});

	describe('that is gone', () => {
		it.each<[what: string, answer: QueryVerdict, submits: number, again?: boolean]>([
			['not found', gone, 1],
			['not found, but only with it', gone, 0, false],
			['forbidden', { kind: 'denied', reason: 'notAllowed', details: { httpStatus: 403 } }, 1],
			['behind a firewall', { kind: 'trouble', details: { httpStatus: 403 } }, 0],
			['not for this key', { kind: 'denied', reason: 'key', details: { httpStatus: 401 } }, 0],
			['failed', gaveUp, 0],
		])('orders anew with Order Again When Unsure, if it is %s', async (...row) => {
			const [, answer, submits, again] = row;
			const { outcome, service, orderedSeconds, taskId } = await goOn(answer, { again });
			expect(service.submits).toHaveLength(submits);
			expect(orderedSeconds).toBe(5 * submits);
			if (submits === 0) expect(outcome).toMatchObject({ taskId: 'task_paid' });
			else expect([outcome, taskId]).toEqual(['video 0', 'task_0']);
		});

		it('fails for its order, when that is not right any more, and still knows its task', async () => {
			const failure = invalidInput('The prompt is empty', 'No');
			const { outcome, service, orderedSeconds, taskId } = await goOn(gone, {
				read: failed(failure),
			});
			expect(outcome).toBe(failure);
			expect(service.submits).toEqual([]);
			expect(taskId).toBe('task_paid');
			expect(orderedSeconds).toBe(0);
		});

		it.each([
			['keeps to the spending limit', 4, 0],
			['may reach the spending limit', 5, 1],
		])('%s', async (_what, limit, submits) => {
			const { outcome, service, orderedSeconds } = await goOn(gone, { limit });
			expect(service.submits).toHaveLength(submits);
			expect(orderedSeconds).toBe(5 * submits);
			if (submits === 1) expect(outcome).toBe('video 0');
			else
				expect(outcome).toMatchObject({
					message: expect.stringMatching(/^Spending Limit .* is 4/),
				});
		});
	});

	it.each<[what: string, intent: string | undefined, removed: string[]]>([
		['with its intent', 'intent 0', ['intent 0']],
		['also where n8n had no place for an intent', undefined, []],
	])('that has failed is free for a new order, %s', async (_what, intent, expected) => {
		const { outcome, service, taskId, removed } = await goOn(gaveUp, { intent });
		expect(outcome).toMatchObject({ kind: 'taskFailed', taskId: 'task_paid' });
		expect(service.submits).toEqual([]);
		expect(taskId).toBeUndefined();
		expect(removed).toStrictEqual(expected);
	});
});
