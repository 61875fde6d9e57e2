// Every way in which n8n runs the node again: what was paid for is resumed, never bought twice.
import type { Execution } from '../../../tools/engine/engine';
import { SUBJECT } from '../../../tools/engine/engine';
import type { ToolRequest } from '../../../tools/engine/subject';
import { filmOf } from '../../../tools/simulator/media';
import type { Fault } from '../../../tools/simulator/simulator';
import {
	credentialsFor,
	delivered,
	errorOf,
	failedItem,
	goingOn,
	here,
	logOf,
	order,
	scenes,
	useFaultWorld,
} from './scene';

const world = useFaultWorld();

/** Ends a wait, whose task goes on. */
const denied: Fault = { kind: 'status', status: 401 };
const badGateway: Fault = { kind: 'status', status: 502, body: 'html' };
const again = { retryOnFail: true, maxTries: 3 };

/** The records of the node under test, as saved with the execution. */
function records({ data }: Execution): Record<string, object> {
	const context = data.executionData?.contextData[`node:${SUBJECT}`];
	return (context?.happyHorse as { records: Record<string, object> } | undefined)?.records ?? {};
}

describe('Retry On Fail', () => {
	it.each(['{{ $now.toMillis() }}', '{{ Math.random() }}', '{{ $execution.id }} {{ $now }}'])(
		'goes on with the task when the prompt says %s',
		async (text) => {
			world.fail('query', denied, 2);
			const run = await world.run({
				parameters: here({ prompt: `=${text}` }),
				...again,
			});
			expect({ status: run.status, tries: run.tries }).toEqual({ status: 'success', tries: 3 });
			expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
		},
	);

	it('and a retry by hand go on with the task of a video whose link is signed anew each time', async () => {
		const data = { content: await filmOf(undefined), fileName: 'a.mp4', mimeType: 'video/mp4' };
		world.fail('query', denied, 2);
		const failed = await world.run({
			parameters: here({ operation: 'editVideo', prompt: 'p', videoSource: 'binary' }),
			items: [{ json: {}, binary: { data } }],
			retryOnFail: true,
			maxTries: 2,
		});
		expect(failed.tries).toBe(2);
		const retried = await world.engine.retry(failed);
		expect(delivered(retried)).toEqual(world.taskIds());
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});

	it('delivers again what is delivered, downloads it again, orders only what was refused', async () => {
		const isFirst = ({ prompt }: { prompt?: string }) => prompt === 'scene 0';
		const refused: Fault = { kind: 'status', status: 402 };
		world.simulator.faults.push({ on: 'submit', match: isFirst, times: 2, fault: refused });
		const run = await world.run({ items: scenes(3), onError: 'continueRegularOutput', ...again });
		expect({ tries: run.tries, ...world.bill() }).toEqual({ tries: 3, submits: 5, tasks: 3 });
		expect(new Set(delivered(run))).toEqual(new Set(world.taskIds()));
		expect(world.simulator.ofKind('media')).toHaveLength(2 + 2 + 3);
		expect(world.entries()).toEqual([]);
	});

	it('with On Error = continue never sends again what may have been ordered', async () => {
		const isFirst = ({ prompt }: { prompt?: string }) => prompt === 'scene 0';
		world.simulator.faults.push({ on: 'submit', match: isFirst, times: 9, fault: badGateway });
		const run = await world.run({ items: scenes(2), onError: 'continueRegularOutput', ...again });
		expect({ tries: run.tries, ...world.bill() }).toEqual({ tries: 3, submits: 2, tasks: 1 });
		expect(failedItem(run, 0)).toMatchObject({ http_status: 502 });
		expect(run.items[1].json.task_id).toBe(world.taskIds()[0]);
	});

	it('does not mix items with equal requests', async () => {
		world.fail('query', denied, 2);
		const run = await world.run({
			parameters: here({ prompt: 'the same' }),
			items: [1, 2, 3, 4].map(() => ({ json: {} })),
			...again,
		});
		expect(run.status).toBe('success');
		expect(world.bill()).toEqual({ submits: 4, tasks: 4 });
		expect(new Set(delivered(run)).size).toBe(4);
	});
});

describe('a retry by hand', () => {
	/** A run that fails at its timeout; its tasks finish right after. */
	async function timedOut(items = scenes(2)): Promise<Execution> {
		world.outcome({ result: 'never' }, Infinity);
		const failed = await world.run({ parameters: order({ timeout: 1 }), items });
		world.simulator.outcomes.length = 0;
		world.finishTasks();
		return failed;
	}

	it('goes on with the tasks, with the original and with a changed workflow', async () => {
		const failed = await timedOut();
		const ids = world.taskIds();
		expect((errorOf(failed)?.context.tasks as object[]).length).toBe(2);
		const parameters = { options: { timeout: 5, fileName: 'x.mp4' }, downloadVideo: false };
		for (const run of [
			await world.engine.retry(failed),
			await world.engine.retry(failed, { parameters }),
		]) {
			expect(delivered(run).sort()).toEqual([...ids].sort());
		}
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});

	it('orders anew when the request was changed, and says which task it leaves alone', async () => {
		const failed = await timedOut(scenes(1));
		const [old] = world.taskIds();
		const run = await world.engine.retry(failed, { parameters: { prompt: 'another' } });
		expect(run.items[0].json.task_id).toBe(world.taskIds()[1]);
		expect(logOf(run)).toContain(`so task ${old} of the retried execution is left alone`);
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});

	it('keeps the old task on record when the changed request is refused', async () => {
		const failed = await timedOut(scenes(1));
		world.fail('submit', 400);
		const refused = await world.engine.retry(failed, { parameters: { prompt: 'another' } });
		expect(refused.status).toBe('error');
		const back = { prompt: '={{ $json.prompt }}', options: {} };
		const run = await world.engine.retry(refused, { parameters: back });
		expect(run.items[0].json.task_id).toBe(world.taskIds()[0]);
		expect(world.bill()).toEqual({ submits: 2, tasks: 1 });
	});

	describe('that can not even begin', () => {
		const elsewhere = credentialsFor('nowhere', 'sk-1');
		const noAddress = 'The Base URL of the HappyHorse credential is not a valid URL';

		/** A run of two items that fails at the timeout of the first, before the second is ordered. */
		async function halfPaid(): Promise<Execution> {
			world.outcome({ result: 'never' });
			const parameters = order({ timeout: 0.2, maxTasksInFlight: 1 });
			const failed = await world.run({ parameters, items: scenes(2) });
			expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
			return failed;
		}

		it('tells which task is paid for, and does not say that nothing was ordered', async () => {
			const run = await world.engine.retry(await halfPaid(), { credentials: elsewhere });
			const [task_id] = world.taskIds();
			expect(errorOf(run)).toMatchObject({
				message: `Item 0 (the 1st): ${noAddress}`,
				description: expect.stringMatching(new RegExp(`is paid for.* Task ID: ${task_id}\\.`)),
				context: { task_id, tasks: [{ item: 0, task_id }] },
			});
			expect(errorOf(run)?.description).not.toContain('Nothing was ordered');
		});

		it('tells it in the item with On Error = continue, and of no other item', async () => {
			const failed = await halfPaid();
			const workflow = goingOn(failed);
			const run = await world.engine.retry(failed, { credentials: elsewhere, workflow });
			const [task_id] = world.taskIds();
			expect(run.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
			expect(failedItem(run, 0)).toMatchObject({
				message: `Item 0 (the 1st): ${noAddress}`,
				description: expect.stringContaining(`Task ${task_id} is paid for`),
				task_id,
			});
			expect(failedItem(run, 1)).toStrictEqual({
				message: `Item 1 (the 2nd): ${noAddress}`,
				description: expect.stringMatching(/^Nothing was ordered for this item\. ./),
			});
		});

		it('goes on with the task once the credential is put right', async () => {
			const stuck = await world.engine.retry(await halfPaid(), { credentials: elsewhere });
			world.finishTasks();
			const credentials = credentialsFor(world.simulator.baseUrl);
			const run = await world.engine.retry(stuck, { credentials, parameters: order() });
			expect(delivered(run)).toEqual(world.taskIds());
			expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
		});

		it('since an option is wrong by now tells which task is paid for', async () => {
			const failed = await timedOut(scenes(1));
			const run = await world.engine.retry(failed, { parameters: { options: { timeout: 0 } } });
			const [task_id] = world.taskIds();
			expect(errorOf(run)).toMatchObject({
				message: 'Timeout (Minutes) must be a number of minutes above 0, but is 0',
				description: expect.stringMatching(new RegExp(`is paid for.* Task ID: ${task_id}\\.`)),
				context: { task_id, tasks: [{ item: 0, task_id }] },
			});
			expect(errorOf(run)?.description).not.toContain('Nothing was ordered');
			expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
		});

		it('since another version of the node has kept its record orders nothing, and changes nothing', async () => {
			const failed = await halfPaid();
			const context = failed.data.executionData?.contextData[`node:${SUBJECT}`] ?? {};
			const { happyHorse } = context;
			const strange = { version: 99, tasks: ['task_1'] };
			context.happyHorse = strange;
			const message = "The record of what this execution has ordered before can't be read";
			const stuck = await world.engine.retry(failed);
			expect(errorOf(stuck)).toMatchObject({
				message: `Item 0 (the 1st): ${message}`,
				description: expect.stringMatching(/^None of the 2 items was ordered\. ./),
			});
			const kept = stuck.data.executionData?.contextData[`node:${SUBJECT}`] ?? {};
			expect(kept).toEqual({ happyHorse: strange });
			const run = await world.engine.retry(stuck, { workflow: goingOn(stuck) });
			expect(failedItem(run, 0).message).toBe(`Item 0 (the 1st): ${message}`);
			expect(run.items).toHaveLength(2);
			expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
			// The version that can read it goes on with the task
			kept.happyHorse = happyHorse;
			world.finishTasks();
			const back = await world.engine.retry(stuck, { parameters: order() });
			expect(delivered(back)).toEqual(world.taskIds());
			expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
		});
	});

	it('lists all tasks, also those whose turn did not come', async () => {
		const failed = await timedOut(scenes(6));
		const before = errorOf(failed)?.context.tasks as object[];
		expect(before.length).toBeGreaterThan(2);
		world.fail('query', 401, 99);
		const run = await world.engine.retry(failed, {
			parameters: { options: { maxTasksInFlight: 1 } },
		});
		expect(errorOf(run)?.context.tasks).toEqual(before);
	});

	it('of a retry goes on as well', async () => {
		const failed = await timedOut(scenes(1));
		world.fail('query', denied);
		const second = await world.engine.retry(failed);
		expect(second.status).toBe('error');
		expect((await world.engine.retry(second)).items[0].json.task_id).toBe(world.taskIds()[0]);
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});

	it('for the second time of the same execution: what the first has bought is delivered again, not bought again', async () => {
		world.fail('submit', 402);
		const failed = await world.run();
		world.fail('query', denied);
		const first = await world.engine.retry(failed);
		expect(first.status).toBe('error');
		for (const run of [
			await world.engine.retry(failed),
			await world.engine.retry(failed),
			await world.engine.retry(first),
		]) {
			expect(delivered(run)).toEqual(world.taskIds());
		}
		expect(world.bill()).toEqual({ submits: 2, tasks: 1 });
	});

	it('whose task has failed since: what another retry of it ordered in its place is not bought again', async () => {
		world.outcome({ result: 'never' }, 2);
		const failed = await world.run({ parameters: order({ timeout: 0.2 }), ...again });
		const [first] = [...world.simulator.tasks.values()];
		first.outcome = { result: 'failed', afterSeconds: 0 };
		// Finds that the task has failed, and orders another, which is not ready in time
		await world.engine.retry(failed);
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
		world.finishTasks();
		const other = await world.engine.retry(failed);
		expect(delivered(other)).toEqual([world.taskIds()[1]]);
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});

	it('orders what the execution itself had not, whatever an equal one was stopped with', async () => {
		const workflowId = 'with an earlier twin';
		await world.runUntil(() => world.simulator.ofKind('query').length > 0, { workflowId });
		world.fail('submit', 402);
		const failed = await world.run({ workflowId });
		const run = await world.engine.retry(failed);
		expect(delivered(run)).toEqual([world.taskIds()[1]]);
		expect(world.bill()).toEqual({ submits: 3, tasks: 2 });
	});

	it('meets intents that cannot be looked for: nothing is ordered', async () => {
		world.fail('submit', 402);
		const failed = await world.run();
		world.engine.deduplication.failWith = new Error('SQLITE_BUSY');
		const run = await world.engine.retry(failed);
		expect(run.status).toBe('error');
		expect(world.bill()).toEqual({ submits: 1, tasks: 0 });
	});
});

describe('an agent', () => {
	const parameters = here({ prompt: "={{ $fromAI('prompt', 'What to show') }}" });

	type Request = Partial<ToolRequest>;

	/** What the agent reads of its calls. */
	async function ask(agent: ToolRequest['agent'], times: number, more: Request = {}) {
		const calls = Array.from({ length: times }, () => ({ args: { prompt: 'one' } }));
		const run = await world.engine.callTool({ agent, parameters, calls, ...more });
		return run.answers.map(({ text }) => JSON.parse(text)[0]);
	}

	it('goes on with the task when the engine tries again', async () => {
		world.fail('query', denied);
		const answers = await ask('requesting', 1, again);
		expect(answers).toMatchObject([{ task_id: world.taskIds()[0] }]);
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
		expect(world.simulator.ofKind('media')).toEqual([]);
	});

	it.each(['invoking', 'requesting'] as const)(
		'(%s) that asks again after a failure goes on with the task; after a success it gets a new one',
		async (agent) => {
			world.fail('query', denied);
			const answers = await ask(agent, 3);
			const [paid, another] = world.taskIds();
			expect(answers).toMatchObject([
				{ error: { task_id: paid } },
				{ task_id: paid, status: 'succeeded' },
				{ task_id: another, status: 'succeeded' },
			]);
			expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
		},
	);

	it('whose expressions mean something else each time never gets the video of an earlier call', async () => {
		world.fail('query', denied);
		const [, ...later] = await ask('invoking', 0, {
			parameters: here({ prompt: '={{ "turn " + $fromAI("turn", "", "string") }}' }),
			calls: ['0', '1', '0'].map((turn) => ({ args: { turn } })),
		});
		const prompts = later.map(({ task_id }) => world.simulator.tasks.get(task_id)?.prompt);
		expect(prompts).toEqual(['turn 1', 'turn 0']);
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});

	it('that asks for the same twice at once gets two', async () => {
		const answers = await ask('invoking', 2, { together: true });
		expect(answers).toMatchObject(Array(2).fill({ status: 'succeeded' }));
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});

	it('never sends again what may have been ordered', async () => {
		world.fail('submit', badGateway, 9);
		for (const { error } of await ask('invoking', 2, again))
			expect(error.message).toContain('may have been ordered');
		expect(world.bill()).toEqual({ submits: 1, tasks: 0 });
	});
});

describe('a loop', () => {
	it('of 100 turns: the record stays small', async () => {
		const parameters = order({}, { waitForCompletion: false });
		const run = await world.loop(scenes(100), { parameters });
		expect(run.output(0, 'Done')).toHaveLength(100);
		expect(world.bill()).toEqual({ submits: 100, tasks: 100 });
		expect(Object.keys(records(run))).toEqual(['99.0']);
	});

	it('with equal requests orders each, and a failed turn goes on with its own', async () => {
		const equal = Array.from({ length: 6 }, () => ({ json: { prompt: 'the same' } }));
		const failAt = (tasks: number, times: number) => {
			const match = () => world.simulator.tasks.size === tasks;
			world.simulator.faults.push({ on: 'query', times, match, fault: denied });
		};
		failAt(4, 2);
		const run = await world.loop(equal, again, 2);
		const done = run.output(0, 'Done').map(({ json }) => json.task_id);
		expect([done.length, new Set(done).size]).toEqual([6, 6]);
		expect(world.bill()).toEqual({ submits: 6, tasks: 6 });
		failAt(8, 1);
		const failed = await world.loop(equal, {}, 2);
		expect(failed.status).toBe('error');
		const retried = await world.engine.retry(failed);
		expect(retried.output(0, 'Done')).toHaveLength(6);
		expect(world.bill()).toEqual({ submits: 12, tasks: 12 });
	});
});

it('100 items: the record is small, and holds no prompt', async () => {
	const items = Array.from({ length: 100 }, (_, n) => ({
		json: { prompt: `a long story ${n} `.repeat(200) },
	}));
	const parameters = order({ maxTasksInFlight: 50 }, { waitForCompletion: false });
	const run = await world.run({ parameters, items });
	expect(world.bill()).toEqual({ submits: 100, tasks: 100 });
	const saved = JSON.stringify(records(run));
	expect(saved.length).toBeLessThan(40_000);
	expect(saved).not.toContain('long story');
});
