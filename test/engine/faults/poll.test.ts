// Faults while polling, one of each kind: what is polled again, what ends it, and what a retry resumes.
// service/verdict.test.ts has all answers, task/poll.test.ts and task/job.test.ts the rules.
import type { Fault, Outcome } from '../../../tools/simulator/simulator';
import { codeOf, perService } from '../service';
import { delivered, errorOf, order, requestsSentWithin, useFaultWorld } from './scene';

const world = useFaultWorld();

const forever: Outcome = { result: 'never' };

/** An answer about a task that has succeeded, and has no video yet. */
const NO_VIDEO = JSON.stringify(
	perService<object>({
		imini: { status: 'succeeded', videos: [] },
		modelStudio: { output: { task_status: 'SUCCEEDED', video_url: null } },
	}),
);

it.each<[name: string, fault: Fault]>([
	['429 with Retry-After', { kind: 'status', status: 429, headers: { 'retry-after': '7' } }],
	['503', { kind: 'status', status: 503, headers: { 'retry-after': '3' } }],
	['a reset halfway', { kind: 'reset', when: 'mid-body' }],
	['succeeded, but no video yet', { kind: 'body', text: NO_VIDEO }],
])('%s: keeps asking, orders nothing', async (_name, fault) => {
	world.fail('query', fault, 3);
	const run = await world.run();
	expect(run.tries).toBe(1);
	expect(run.items[0].json).toMatchObject({ task_id: world.taskIds()[0], status: 'succeeded' });
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	expect(await requestsSentWithin(10)).toEqual([]);
});

it('a key that is no longer accepted: fails at once with the task id; a retry asks about the same task', async () => {
	world.fail('query', 401);
	const failed = await world.run();
	const [task_id] = world.taskIds();
	const known = { http_status: 401, code: codeOf(401), tasks: [{ item: 0, task_id }] };
	expect(errorOf(failed)).toMatchObject({
		message: expect.stringMatching(/does not accept the API key(?: here)?, so task /),
		description: expect.stringMatching(/is paid for/),
		context: { task_id, ...known },
	});
	expect(world.simulator.ofKind('query')).toHaveLength(1);
	expect(delivered(await world.engine.retry(failed))).toEqual([task_id]);
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
});

it('a task that its service does not know yet is waited for, and with Order Again When Unsure, too', async () => {
	world.outcome({ unknownSeconds: 40, afterSeconds: 45 }, 2);
	for (const resubmitWhenUnsure of [false, true]) {
		const run = await world.run({ parameters: order({ resubmitWhenUnsure }) });
		expect(delivered(run)).toEqual([world.taskIds().at(-1)]);
	}
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

describe('a task that has failed', () => {
	const message = 'The job was canceled by the filter';
	const error = { code: 'CONTENT_REFUSED', message, request_id: 'r9' };
	// Model Studio has one for the answer, and none for the error in it
	const request_id = perService<unknown>({ imini: 'r9', modelStudio: expect.any(String) });

	it('is told with code and words, never as a stop of the execution, and a retry orders anew', async () => {
		world.outcome({ result: 'failed', error });
		const failed = await world.run();
		const [task_id] = world.taskIds();
		expect(failed.status).toBe('error');
		expect(errorOf(failed)).toMatchObject({
			message: `The HappyHorse service could not make the video (task ${task_id} failed)`,
			description: expect.stringMatching(/stays failed.*cancelled by the filter/),
			context: { task_id, code: 'CONTENT_REFUSED', request_id, tasks: [] },
		});
		expect(world.entries()).toEqual([]);
		expect(delivered(await world.engine.retry(failed))).toEqual([world.taskIds()[1]]);
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});

	it.each([undefined, 'continueRegularOutput'] as const)(
		'frees the item: Retry On Fail orders anew (On Error: %s)',
		async (onError) => {
			world.outcome({ result: 'failed', error });
			const run = await world.run({ retryOnFail: true, maxTries: 3, onError });
			expect({ status: run.status, tries: run.tries }).toEqual({ status: 'success', tries: 2 });
			expect(delivered(run)).toEqual([world.taskIds()[1]]);
			expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
		},
	);
});

describe('the timeout', () => {
	it('comes with one last query at the deadline, and tells the last status', async () => {
		world.outcome(forever);
		const began = world.clock.now();
		const failed = await world.run({ parameters: order({ timeout: 1, pollInterval: 25 }) });
		const [task_id] = world.taskIds();
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

	it('does not begin anew within an execution: the second try asks once', async () => {
		world.outcome(forever);
		const began = world.clock.now();
		const parameters = order({ timeout: 4, pollInterval: 300 });
		const failed = await world.run({ parameters, retryOnFail: true, maxTries: 2 });
		expect(failed.tries).toBe(2);
		const queries = world.simulator.ofKind('query').map(({ at }) => at - began);
		expect(queries.filter((ms) => ms >= 240_000).length).toBeGreaterThanOrEqual(2);
		// A second wait would end at 480 s
		expect(queries.at(-1)).toBeLessThan(470_000);
		expect(world.bill().submits).toBe(1);
	});

	it('begins anew with a retry by hand, which takes the task up', async () => {
		world.outcome({ afterSeconds: 50 });
		const failed = await world.run({ parameters: order({ timeout: 0.5 }) });
		expect(failed.status).toBe('error');
		expect(delivered(await world.engine.retry(failed))).toEqual(world.taskIds());
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});
});

it('a recorded task that can no longer be found fails with its id every time; it is ordered again only where that is wanted', async () => {
	world.outcome(forever);
	let last = await world.run({ parameters: order({ timeout: 0.2 }) });
	const [task_id] = world.taskIds();
	world.expireTasks();
	// Model Studio says so with HTTP 200
	const answer = perService<object>({ imini: { http_status: 404 }, modelStudio: {} });
	for (let tries = 0; tries < 2; tries += 1) {
		last = await world.engine.retry(last);
		expect(errorOf(last)).toMatchObject({
			message: expect.stringContaining(`Task ${task_id} was not found`),
			context: { task_id, ...answer, tasks: [{ item: 0, task_id }] },
		});
	}
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	const parameters = { options: { resubmitWhenUnsure: true } };
	world.fail('submit', 402);
	const refused = await world.engine.retry(last, { parameters });
	expect(errorOf(refused)?.context).toMatchObject({
		http_status: 402,
		tasks: [{ item: 0, task_id }],
	});
	const run = await world.engine.retry(refused, { parameters });
	expect(delivered(run)).toEqual([world.taskIds()[1]]);
	expect(world.bill()).toEqual({ submits: 3, tasks: 2 });
});
