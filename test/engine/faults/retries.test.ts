// Every way in which n8n runs the node again: what was paid for is resumed, never bought twice.
import type { Execution, ItemSpec } from '../../../tools/engine/engine';
import { connect, itemsNode, NODE_TYPE, SUBJECT } from '../../../tools/engine/engine';
import { filmOf } from '../../../tools/simulator/media';
import type { Fault } from '../../../tools/simulator/simulator';
import {
	bill,
	credentialsFor,
	entriesOf,
	errorOf,
	failedItem,
	goingOn,
	here,
	logOf,
	order,
	scenes,
	taskIds,
	until,
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
			world.simulator.faults.push({ on: 'query', times: 2, fault: denied });
			const run = await world.engine.runNode({
				parameters: here({ prompt: `=${text}` }),
				...again,
			});
			expect({ status: run.status, tries: run.tries }).toEqual({ status: 'success', tries: 3 });
			expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
		},
	);

	it('and a retry by hand go on with the task of a video whose link is signed anew each time', async () => {
		const content = await filmOf(undefined);
		const file = { content, fileName: 'a.mp4', mimeType: 'video/mp4' };
		world.simulator.faults.push({ on: 'query', times: 2, fault: denied });
		const failed = await world.engine.runNode({
			parameters: here({ operation: 'editVideo', prompt: 'p', videoSource: 'binary' }),
			items: [{ json: {}, binary: { data: file } }],
			retryOnFail: true,
			maxTries: 2,
		});
		expect(failed.tries).toBe(2);
		const retried = await world.engine.retry(failed);
		expect(retried.items[0].json.task_id).toBe(taskIds(world)[0]);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});

	it('delivers again what is delivered, downloads it again, orders only what was refused', async () => {
		const isFirst = ({ prompt }: { prompt?: string }) => prompt === 'scene 0';
		const refused: Fault = { kind: 'status', status: 402 };
		world.simulator.faults.push({ on: 'submit', match: isFirst, times: 2, fault: refused });
		const run = await world.engine.runNode({
			parameters: order(),
			items: scenes(3),
			onError: 'continueRegularOutput',
			...again,
		});
		expect({ tries: run.tries, ...bill(world) }).toEqual({ tries: 3, submits: 5, tasks: 3 });
		expect(new Set(run.items.map(({ json }) => json.task_id))).toEqual(new Set(taskIds(world)));
		expect(world.simulator.ofKind('media')).toHaveLength(2 + 2 + 3);
		expect(entriesOf(world)).toEqual([]);
	});

	it('with On Error = continue never sends again what may have been ordered', async () => {
		const isFirst = ({ prompt }: { prompt?: string }) => prompt === 'scene 0';
		world.simulator.faults.push({ on: 'submit', match: isFirst, times: 9, fault: badGateway });
		const run = await world.engine.runNode({
			parameters: order(),
			items: scenes(2),
			onError: 'continueRegularOutput',
			...again,
		});
		expect({ tries: run.tries, ...bill(world) }).toEqual({ tries: 3, submits: 2, tasks: 1 });
		expect(failedItem(run, 0)).toMatchObject({ http_status: 502 });
		expect(run.items[1].json.task_id).toBe(taskIds(world)[0]);
	});

	it('does not mix items with equal requests', async () => {
		world.simulator.faults.push({ on: 'query', times: 2, fault: denied });
		const run = await world.engine.runNode({
			parameters: here({ prompt: 'the same' }),
			items: [1, 2, 3, 4].map(() => ({ json: {} })),
			...again,
		});
		expect(run.status).toBe('success');
		expect(bill(world)).toEqual({ submits: 4, tasks: 4 });
		expect(new Set(run.items.map(({ json }) => json.task_id)).size).toBe(4);
	});
});

describe('a retry by hand', () => {
	/** A run that fails at its timeout; its tasks finish right after. */
	async function timedOut(items = scenes(2)): Promise<Execution> {
		world.simulator.outcomes.push({ times: Infinity, outcome: { result: 'never' } });
		const failed = await world.engine.runNode({ parameters: order({ timeout: 1 }), items });
		world.simulator.outcomes.length = 0;
		for (const task of world.simulator.tasks.values()) task.outcome = { afterSeconds: 0 };
		return failed;
	}

	it('goes on with the tasks, with the original and with a changed workflow', async () => {
		const failed = await timedOut();
		const ids = taskIds(world);
		expect((errorOf(failed)?.context.tasks as object[]).length).toBe(2);
		const parameters = { options: { timeout: 5, fileName: 'x.mp4' }, downloadVideo: false };
		for (const run of [
			await world.engine.retry(failed),
			await world.engine.retry(failed, { parameters }),
		]) {
			expect(run.items.map(({ json }) => json.task_id).sort()).toEqual([...ids].sort());
		}
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
	});

	it('orders anew when the request was changed, and says which task it leaves alone', async () => {
		const failed = await timedOut(scenes(1));
		const [old] = taskIds(world);
		const run = await world.engine.retry(failed, { parameters: { prompt: 'another' } });
		expect(run.items[0].json.task_id).toBe(taskIds(world)[1]);
		expect(logOf(run)).toContain(`so task ${old} of the retried execution is left alone`);
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
	});

	it('keeps the old task on record when the changed request is refused', async () => {
		const failed = await timedOut(scenes(1));
		world.simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 400 } });
		const refused = await world.engine.retry(failed, { parameters: { prompt: 'another' } });
		expect(refused.status).toBe('error');
		const back = { prompt: '={{ $json.prompt }}', options: {} };
		const run = await world.engine.retry(refused, { parameters: back });
		expect(run.items[0].json.task_id).toBe(taskIds(world)[0]);
		expect(bill(world)).toEqual({ submits: 2, tasks: 1 });
	});

	describe('that can not even begin', () => {
		const elsewhere = {
			...credentialsFor('nowhere', 'sk-1'),
		};
		const noAddress = 'The Base URL of the HappyHorse credential is not a valid URL';

		/** A run of two items that fails at the timeout of the first, before the second is ordered. */
		async function halfPaid(): Promise<Execution> {
			world.simulator.outcomes.push({ outcome: { result: 'never' } });
			const parameters = order({ timeout: 0.2, maxTasksInFlight: 1 });
			const failed = await world.engine.runNode({ parameters, items: scenes(2) });
			expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
			return failed;
		}

		it('tells which task is paid for, and does not say that nothing was ordered', async () => {
			const run = await world.engine.retry(await halfPaid(), { credentials: elsewhere });
			const [task_id] = taskIds(world);
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
			const [task_id] = taskIds(world);
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
			for (const task of world.simulator.tasks.values()) task.outcome = { afterSeconds: 0 };
			const { baseUrl } = world.simulator;
			const right = credentialsFor(baseUrl).happyHorse;
			const run = await world.engine.retry(stuck, {
				credentials: { happyHorse: right },
				parameters: order(),
			});
			expect(run.items.map(({ json }) => json.task_id)).toEqual(taskIds(world));
			expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
		});

		it('since an option is wrong by now tells which task is paid for', async () => {
			const failed = await timedOut(scenes(1));
			const run = await world.engine.retry(failed, { parameters: { options: { timeout: 0 } } });
			const [task_id] = taskIds(world);
			expect(errorOf(run)).toMatchObject({
				message: 'Timeout (Minutes) must be a number of minutes above 0, but is 0',
				description: expect.stringMatching(new RegExp(`is paid for.* Task ID: ${task_id}\\.`)),
				context: { task_id, tasks: [{ item: 0, task_id }] },
			});
			expect(errorOf(run)?.description).not.toContain('Nothing was ordered');
			expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
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
			expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
			// The version that can read it goes on with the task
			kept.happyHorse = happyHorse;
			for (const task of world.simulator.tasks.values()) task.outcome = { afterSeconds: 0 };
			const back = await world.engine.retry(stuck, { parameters: order() });
			expect(back.items.map(({ json }) => json.task_id)).toEqual(taskIds(world));
			expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
		});
	});

	it('lists all tasks, also those whose turn did not come', async () => {
		const failed = await timedOut(scenes(6));
		const before = errorOf(failed)?.context.tasks as object[];
		expect(before.length).toBeGreaterThan(2);
		world.simulator.faults.push({ on: 'query', times: 99, fault: { kind: 'status', status: 401 } });
		const run = await world.engine.retry(failed, {
			parameters: { options: { maxTasksInFlight: 1 } },
		});
		expect(errorOf(run)?.context.tasks).toEqual(before);
	});

	it('of a retry goes on as well', async () => {
		const failed = await timedOut(scenes(1));
		world.simulator.faults.push({ on: 'query', fault: denied });
		const second = await world.engine.retry(failed);
		expect(second.status).toBe('error');
		expect((await world.engine.retry(second)).items[0].json.task_id).toBe(taskIds(world)[0]);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});

	it('for the second time of the same execution: what the first has bought is delivered again, not bought again', async () => {
		world.simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 402 } });
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		world.simulator.faults.push({ on: 'query', fault: denied });
		const first = await world.engine.retry(failed);
		expect(first.status).toBe('error');
		for (const run of [
			await world.engine.retry(failed),
			await world.engine.retry(failed),
			await world.engine.retry(first),
		]) {
			expect(run.items.map(({ json }) => json.task_id)).toEqual(taskIds(world));
		}
		expect(bill(world)).toEqual({ submits: 2, tasks: 1 });
	});

	it('whose task has failed since: what another retry of it ordered in its place is not bought again', async () => {
		world.simulator.outcomes.push({ times: 2, outcome: { result: 'never' } });
		const failed = await world.engine.runNode({
			parameters: order({ timeout: 0.2 }),
			items: scenes(1),
			...again,
		});
		const [first] = [...world.simulator.tasks.values()];
		first.outcome = { result: 'failed', afterSeconds: 0 };
		// Finds that the task has failed, and orders another, which is not ready in time
		await world.engine.retry(failed);
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
		for (const task of world.simulator.tasks.values()) {
			if (task !== first) task.outcome = { afterSeconds: 0 };
		}
		const other = await world.engine.retry(failed);
		expect(other.items.map(({ json }) => json.task_id)).toEqual([taskIds(world)[1]]);
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
	});

	it('orders what the execution itself had not, whatever an equal one was stopped with', async () => {
		const workflowId = 'with an earlier twin';
		world.simulator.outcomes.push({ outcome: { result: 'never' } });
		const twin = world.engine.startNode({ parameters: order(), items: scenes(1), workflowId });
		await until(() => world.simulator.ofKind('query').length > 0);
		twin.cancel();
		await twin.result;
		world.simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 402 } });
		const failed = await world.engine.runNode({
			parameters: order(),
			items: scenes(1),
			workflowId,
		});
		const run = await world.engine.retry(failed);
		expect(run.items.map(({ json }) => json.task_id)).toEqual([taskIds(world)[1]]);
		expect(bill(world)).toEqual({ submits: 3, tasks: 2 });
	});

	it('meets intents that cannot be looked for: nothing is ordered', async () => {
		world.simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 402 } });
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		world.engine.deduplication.failWith = new Error('SQLITE_BUSY');
		const run = await world.engine.retry(failed);
		expect(run.status).toBe('error');
		expect(bill(world)).toEqual({ submits: 1, tasks: 0 });
	});
});

describe('an agent', () => {
	const parameters = here({ prompt: "={{ $fromAI('prompt', 'What to show') }}" });
	const calls = [{ args: { prompt: 'one' } }];

	it('goes on with the task when the engine tries again', async () => {
		world.simulator.faults.push({ on: 'query', fault: denied });
		const run = await world.engine.callTool({ agent: 'requesting', parameters, calls, ...again });
		expect(run.answers).toHaveLength(1);
		expect(JSON.parse(run.answers[0].text)[0]).toMatchObject({ task_id: taskIds(world)[0] });
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
		expect(world.simulator.ofKind('media')).toEqual([]);
	});

	it.each(['invoking', 'requesting'] as const)(
		'(%s) that asks again after a failure goes on with the task; after a success it gets a new one',
		async (agent) => {
			world.simulator.faults.push({ on: 'query', fault: denied });
			const run = await world.engine.callTool({
				agent,
				parameters,
				calls: [...calls, ...calls, ...calls],
			});
			const [first, second, third] = run.answers.map(({ text }) => JSON.parse(text)[0]);
			const [paid, another] = taskIds(world);
			expect(first).toMatchObject({ error: { task_id: paid } });
			expect(second).toMatchObject({ task_id: paid, status: 'succeeded' });
			expect(third).toMatchObject({ task_id: another, status: 'succeeded' });
			expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
		},
	);

	it('whose expressions mean something else each time never gets the video of an earlier call', async () => {
		world.simulator.faults.push({ on: 'query', fault: denied });
		const run = await world.engine.callTool({
			agent: 'invoking',
			parameters: here({ prompt: '={{ "turn " + $fromAI("turn", "", "string") }}' }),
			calls: [{ args: { turn: '0' } }, { args: { turn: '1' } }, { args: { turn: '0' } }],
		});
		const [, second, third] = run.answers.map(({ text }) => JSON.parse(text)[0]);
		const prompts = [second, third].map(
			({ task_id }) => world.simulator.tasks.get(task_id)?.prompt,
		);
		expect(prompts).toEqual(['turn 1', 'turn 0']);
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
	});

	it('that asks for the same twice at once gets two', async () => {
		const run = await world.engine.callTool({
			agent: 'invoking',
			parameters,
			calls: [...calls, ...calls],
			together: true,
		});
		expect(run.answers.every(({ failed }) => !failed)).toBe(true);
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
	});

	it('never sends again what may have been ordered', async () => {
		world.simulator.faults.push({ on: 'submit', times: 9, fault: badGateway });
		const run = await world.engine.callTool({
			agent: 'invoking',
			parameters,
			calls: [...calls, ...calls],
			...again,
		});
		for (const { text } of run.answers)
			expect(JSON.parse(text)[0].error.message).toContain('may have been ordered');
		expect(bill(world)).toEqual({ submits: 1, tasks: 0 });
	});
});

describe('a loop', () => {
	const turns = (count: number, request: (n: number) => string) =>
		Array.from({ length: count }, (_, n) => ({ json: { prompt: request(n) } }));

	async function loop(items: ItemSpec[], parameters: object, batchSize = 1, more: object = {}) {
		return await world.engine.run(
			{
				nodes: [
					{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
					{ name: 'Many', type: 'test.many' },
					{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches', parameters: { batchSize } },
					{ name: SUBJECT, type: NODE_TYPE, parameters: here({ ...parameters }), ...more },
					{ name: 'Done', type: 'n8n-nodes-base.noOp' },
				],
				connections: connect(
					['Start', 'Many', 'Loop', 'Done'],
					{ from: 'Loop', output: 1, to: SUBJECT },
					[SUBJECT, 'Loop'],
				),
			},
			{ nodeTypes: { 'test.many': itemsNode(items) } },
		);
	}

	it('of 250 turns: the record stays small', async () => {
		const parameters = { ...order(), waitForCompletion: false };
		const run = await loop(
			turns(250, (n) => `scene ${n}`),
			parameters,
		);
		expect(run.output(0, 'Done')).toHaveLength(250);
		expect(bill(world)).toEqual({ submits: 250, tasks: 250 });
		expect(Object.keys(records(run))).toEqual(['249.0']);
	});

	it('with equal requests orders each, and a failed turn goes on with its own', async () => {
		world.simulator.faults.push({
			on: 'query',
			times: 2,
			match: () => world.simulator.tasks.size === 4,
			fault: denied,
		});
		const run = await loop(
			turns(6, () => 'the same'),
			order(),
			2,
			again,
		);
		expect(run.output(0, 'Done')).toHaveLength(6);
		expect(new Set(run.output(0, 'Done').map(({ json }) => json.task_id)).size).toBe(6);
		expect(bill(world)).toEqual({ submits: 6, tasks: 6 });
		const failing = {
			on: 'query',
			match: () => world.simulator.tasks.size === 8,
			fault: denied,
		} as const;
		world.simulator.faults.push(failing);
		const failed = await loop(
			turns(6, () => 'the same'),
			order(),
			2,
		);
		expect(failed.status).toBe('error');
		const retried = await world.engine.retry(failed);
		expect(retried.output(0, 'Done')).toHaveLength(6);
		expect(bill(world)).toEqual({ submits: 12, tasks: 12 });
	});
});

it('250 items: the record is small, and holds no prompt', async () => {
	const items = Array.from({ length: 250 }, (_, n) => ({
		json: { prompt: `a long story ${n} `.repeat(200) },
	}));
	const run = await world.engine.runNode({
		parameters: order({ maxTasksInFlight: 50 }, { waitForCompletion: false }),
		items,
	});
	expect(bill(world)).toEqual({ submits: 250, tasks: 250 });
	const saved = JSON.stringify(records(run));
	expect(saved.length).toBeLessThan(100_000);
	expect(saved).not.toContain('long story');
});
