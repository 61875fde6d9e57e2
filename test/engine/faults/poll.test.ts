// Faults while polling: what is polled again, what ends it, and what a retry resumes.
import type { Fault, Outcome } from '../../../tools/simulator/simulator';
import { codeOf, perService } from '../service';
import { API_KEY } from '../world';
import {
	bill,
	errorOf,
	failedItem,
	here,
	logOf,
	order,
	requestsSentWithin,
	scenes,
	taskIds,
	until,
	useFaultWorld,
} from './scene';

const world = useFaultWorld();

/** An answer about a task, in the service's form. */
function aboutTask(status: string, videos?: [] | null): string {
	const video_url = videos === null ? null : undefined;
	return JSON.stringify(
		perService<object>({
			imini: { status, videos },
			modelStudio: { output: { task_status: status, video_url } },
		}),
	);
}

/** Answers that say nothing about the task, one of each kind. */
const TROUBLE: Array<[name: string, fault: Fault, times?: number]> = [
	['429 with Retry-After', { kind: 'status', status: 429, headers: { 'retry-after': '7' } }],
	['503', { kind: 'status', status: 503, headers: { 'retry-after': '3' } }],
	['a reset halfway', { kind: 'reset', when: 'mid-body' }],
	['no answer in time', { kind: 'hang' }, 1],
	['a page', { kind: 'body', text: '<p>Hello', contentType: 'text/html' }],
	['an unknown status', { kind: 'body', text: aboutTask('paused') }],
	['succeeded, but no video yet', { kind: 'body', text: aboutTask('succeeded', []) }],
	['succeeded, but the video is null', { kind: 'body', text: aboutTask('succeeded', null) }],
];

it.each(TROUBLE)('%s: keeps asking, orders nothing', async (_name, fault, times = 3) => {
	world.simulator.faults.push({ on: 'query', times, fault });
	const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	expect(run.status).toBe('success');
	expect(run.tries).toBe(1);
	expect(run.items[0].json).toMatchObject({ task_id: taskIds(world)[0], status: 'succeeded' });
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	expect(await requestsSentWithin(10)).toEqual([]);
});

it('no connection: keeps asking', async () => {
	const running = world.engine.startNode({ parameters: order(), items: scenes(1) });
	await world.simulator.waitFor((all) => all.some(({ kind }) => kind === 'query'));
	await world.simulator.goOffline();
	const began = world.clock.now();
	await until(() => world.clock.now() - began >= 10_000);
	await world.simulator.goOnline();
	expect((await running.result).status).toBe('success');
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});

/** Answers that end the polling. */
const ENDED: Array<[status: number, message: RegExp, description: RegExp]> = [
	[401, /does not accept the API key(?: here)?, so task /, /is paid for/],
	[403, /refused to answer about task /, /is paid for/],
];

describe.each(ENDED)('%i', (status, message, description) => {
	it('fails at once with the task id; a retry asks about the same task', async () => {
		world.simulator.faults.push({ on: 'query', fault: { kind: 'status', status } });
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		const [task_id] = taskIds(world);
		expect(errorOf(failed)).toMatchObject({
			message: expect.stringMatching(message),
			description: expect.stringMatching(description),
			context: {
				task_id,
				http_status: status,
				code: codeOf(status),
				tasks: [{ item: 0, task_id }],
			},
		});
		expect(world.simulator.ofKind('query')).toHaveLength(1);
		const retried = await world.engine.retry(failed);
		expect(retried.items[0].json.task_id).toBe(task_id);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});
});

it('a task that its service does not know yet is waited for, and with Order Again When Unsure, too', async () => {
	world.simulator.outcomes.push({ times: 2, outcome: { unknownSeconds: 40, afterSeconds: 45 } });
	for (const resubmitWhenUnsure of [false, true]) {
		const parameters = order({ resubmitWhenUnsure });
		const run = await world.engine.runNode({ parameters, items: scenes(1) });
		expect(run.items[0].json.task_id).toBe(taskIds(world).at(-1));
	}
	expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
});

it('an ID that somebody gives to Task is looked for once', async () => {
	const parameters = here({ resource: 'task', operation: 'wait', taskId: 'task_nobody_knows' });
	const run = await world.engine.runNode({ parameters, items: scenes(1) });
	expect(errorOf(run)?.message).toMatch(/was not found/);
	expect(world.simulator.ofKind('query')).toHaveLength(1);
});

describe('a task that has failed', () => {
	// Model Studio has one for the answer, and none for the error in it
	const REQUEST = perService<unknown>({ imini: 'r9', modelStudio: expect.any(String) });
	const fails: Outcome = {
		result: 'failed',
		error: {
			code: 'CONTENT_REFUSED',
			message: 'The job was canceled by the filter',
			request_id: 'r9',
		},
	};

	it('is told with code and words, never as a stop of the execution', async () => {
		world.simulator.outcomes.push({ outcome: fails });
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		const [task_id] = taskIds(world);
		expect(failed.status).toBe('error');
		expect(errorOf(failed)).toMatchObject({
			message: `The HappyHorse service could not make the video (task ${task_id} failed)`,
			description: expect.stringMatching(/stays failed.*cancelled by the filter/),
			context: { task_id, code: 'CONTENT_REFUSED', request_id: REQUEST, tasks: [] },
		});
		expect(world.engine.deduplication.rows.flatMap(({ entries }) => entries)).toEqual([]);
	});

	it.each(['stop', 'continue'])('frees the item: Retry On Fail orders anew (%s)', async (on) => {
		world.simulator.outcomes.push({ outcome: fails });
		const run = await world.engine.runNode({
			parameters: order(),
			items: scenes(1),
			retryOnFail: true,
			maxTries: 3,
			...(on === 'continue' ? { onError: 'continueRegularOutput' as const } : {}),
		});
		expect(run.status).toBe('success');
		expect(run.tries).toBe(2);
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
		expect(run.items[0].json.task_id).toBe(taskIds(world)[1]);
	});

	it('frees the item: a retry by hand orders anew', async () => {
		world.simulator.outcomes.push({ outcome: fails });
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		expect((await world.engine.retry(failed)).items[0].json.task_id).toBe(taskIds(world)[1]);
		expect(bill(world).submits).toBe(2);
	});
});

describe('the timeout', () => {
	const forever: Outcome = { result: 'never' };

	it('comes with one last query at the deadline, and tells the last status', async () => {
		world.simulator.outcomes.push({ outcome: forever });
		const options = { timeout: 1, pollInterval: 25 };
		const began = world.clock.now();
		const failed = await world.engine.runNode({ parameters: order(options), items: scenes(1) });
		const [task_id] = taskIds(world);
		expect(errorOf(failed)).toMatchObject({
			message: `The video was not ready within 1 minute (task ${task_id}: its last status was "processing")`,
			description: expect.stringMatching(
				/^The video is paid for and still being made\. Press Retry .* delivers it and orders nothing\./,
			),
			context: { task_id, tasks: [{ item: 0, task_id }] },
		});
		const last = world.simulator.ofKind('query').at(-1);
		expect((last?.at ?? 0) - began).toBeGreaterThanOrEqual(60_000);
		expect(await requestsSentWithin(60)).toEqual([]);
	});

	it('is told even when no answer ever came', async () => {
		const fault: Fault = { kind: 'status', status: 503 };
		world.simulator.faults.push({ on: 'query', times: Infinity, fault });
		const failed = await world.engine.runNode({
			parameters: order({ timeout: 1 }),
			items: scenes(1),
		});
		expect(errorOf(failed)?.message).toMatch(/no answer about it came/);
		world.simulator.faults.length = 0;
		const retried = await world.engine.retry(failed);
		expect(retried.items[0].json.task_id).toBe(taskIds(world)[0]);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});

	it('is kept also when a 429 asks for a pause beyond it', async () => {
		const headers = { 'retry-after': '86400' };
		world.simulator.outcomes.push({ times: Infinity, outcome: forever });
		world.simulator.faults.push({ on: 'query', fault: { kind: 'status', status: 429, headers } });
		const failed = await world.engine.runNode({
			parameters: order({ timeout: 0.5 }),
			items: scenes(3),
			onError: 'continueRegularOutput',
		});
		for (const index of [0, 1, 2])
			expect(failedItem(failed, index).message).toMatch(/asks not to be asked for longer/);
		expect(bill(world)).toEqual({ submits: 3, tasks: 3 });
	});

	it('does not begin anew within an execution: the second try asks once', async () => {
		world.simulator.outcomes.push({ outcome: forever });
		const began = world.clock.now();
		const failed = await world.engine.runNode({
			parameters: order({ timeout: 4, pollInterval: 300 }),
			items: scenes(1),
			retryOnFail: true,
			maxTries: 2,
		});
		expect(failed.tries).toBe(2);
		const queries = world.simulator.ofKind('query').map(({ at }) => at - began);
		expect(queries.filter((ms) => ms >= 240_000).length).toBeGreaterThanOrEqual(2);
		// A second wait would end at 480 s
		expect(queries.at(-1)).toBeLessThan(470_000);
		expect(bill(world).submits).toBe(1);
	});

	it('begins anew with a retry by hand, which takes the task up', async () => {
		const timeout = 0.5;
		world.simulator.outcomes.push({ outcome: { afterSeconds: 50 } });
		const failed = await world.engine.runNode({ parameters: order({ timeout }), items: scenes(1) });
		expect(failed.status).toBe('error');
		const retried = await world.engine.retry(failed);
		expect(retried.status).toBe('success');
		expect(retried.items[0].json.task_id).toBe(taskIds(world)[0]);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});
});

describe('a recorded task that can no longer be found', () => {
	const gone: Outcome = { result: 'expired' };
	// Model Studio says so with HTTP 200
	const NOT_FOUND = perService<object>({ imini: { http_status: 404 }, modelStudio: {} });

	async function timedOut() {
		world.simulator.outcomes.push({ outcome: { result: 'never' } });
		const failed = await world.engine.runNode({
			parameters: order({ timeout: 0.2 }),
			items: scenes(1),
		});
		const [id] = taskIds(world);
		return { failed, id };
	}

	function expire() {
		for (const task of world.simulator.tasks.values()) task.outcome = { ...gone, afterSeconds: 0 };
	}

	it('fails with its id every time, and orders nothing', async () => {
		const { failed, id } = await timedOut();
		expire();
		let last = failed;
		for (let tries = 0; tries < 2; tries += 1) {
			last = await world.engine.retry(last);
			expect(errorOf(last)).toMatchObject({
				message: expect.stringContaining(`Task ${id} was not found`),
				context: { task_id: id, ...NOT_FOUND, tasks: [{ item: 0, task_id: id }] },
			});
		}
		expect(bill(world).submits).toBe(1);
	});

	it('is ordered again with Order Again When Unsure', async () => {
		const { failed } = await timedOut();
		expire();
		const parameters = { options: { resubmitWhenUnsure: true } };
		const run = await world.engine.retry(failed, { parameters });
		expect(run.items[0].json.task_id).toBe(taskIds(world)[1]);
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
	});

	it('stays on record when the new order is refused', async () => {
		const { failed, id } = await timedOut();
		expire();
		world.simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 402 } });
		const parameters = { options: { resubmitWhenUnsure: true } };
		const refused = await world.engine.retry(failed, { parameters });
		expect(errorOf(refused)).toMatchObject({
			context: { http_status: 402, tasks: [{ item: 0, task_id: id }] },
		});
	});

	it.each([401, 403])(
		'of another key (%i): only 403 is free to be ordered again',
		async (status) => {
			const { failed, id } = await timedOut();
			const fault: Fault = { kind: 'status', status };
			world.simulator.faults.push({ on: 'query', times: 2, fault });
			const plain = await world.engine.retry(failed);
			expect(errorOf(plain)?.context).toMatchObject({ task_id: id, http_status: status });
			expect(bill(world).submits).toBe(1);
			const parameters = { options: { resubmitWhenUnsure: true } };
			const run = await world.engine.retry(failed, { parameters });
			expect(bill(world).submits).toBe(status === 403 ? 2 : 1);
			expect(run.status).toBe(status === 403 ? 'success' : 'error');
		},
	);
});

it('the task id is in the log at once, with item and request id, and without prompt or key', async () => {
	world.simulator.outcomes.push({ outcome: { result: 'never' } });
	const running = world.engine.startNode({ parameters: order(), items: scenes(1) });
	await world.simulator.waitFor((all) => all.some(({ kind }) => kind === 'query'));
	const [task] = [...world.simulator.tasks.values()];
	expect(logOf(running)).toBe(
		`info: HappyHorse: item 0 is being ordered\ninfo: HappyHorse: item 0 is task ${task.id} (request ID ${task.requestId})`,
	);
	expect(logOf(running)).not.toContain(API_KEY);
	running.cancel();
	await running.result;
});
