// Survive Restarts: the execution rests while its videos are made, and what comes out is the same.
import type { IDataObject, INodeType } from 'n8n-workflow';
import { host } from '../../nodes/HappyHorse/rest/host';
import type { Execution, NodeRequest } from '../../tools/engine/engine';
import { connect, itemsNode, NODE_TYPE, SUBJECT } from '../../tools/engine/engine';
import { useWorld } from './world';

const world = useWorld();

const { keepsWaiting } = host;
beforeEach(() => {
	host.keepsWaiting = () => true;
});
afterEach(() => {
	host.keepsWaiting = keepsWaiting;
});

const TOPICS = [{ json: { topic: 'A' } }, { json: { topic: 'B' } }, { json: { topic: 'C' } }];

const PARAMETERS = { prompt: '={{ $json.topic }}', resolution: '720P', duration: 3 };

function request({ options, ...more }: NodeRequest & { options?: IDataObject } = {}): NodeRequest {
	return {
		items: TOPICS,
		...more,
		parameters: {
			...PARAMETERS,
			options: { surviveRestarts: true, ...options },
			...more.parameters,
		},
	};
}

/** Wakes an execution up again and again until it rests no more. */
async function untilOver(execution: Execution): Promise<Execution> {
	let last = execution;
	for (let wakes = 0; last.status === 'waiting' && wakes < 200; wakes += 1) {
		last = await world.engine.wake(last);
	}
	return last;
}

/** What does not differ from one order to the next. */
function essence({ items, errorItems }: Execution) {
	return [...items, ...errorItems].map(({ json, binary, pairedItem }) => ({
		keys: Object.keys(json),
		failed: json.error !== undefined && Object.keys(json.error as IDataObject),
		prompt: json.prompt,
		seconds: json.ordered_seconds,
		files: Object.entries(binary ?? {}).map(([field, { mimeType }]) => [field, mimeType]),
		pairedItem,
	}));
}

const submits = () => world.simulator.ofKind('submit').length;
const downloads = () => world.simulator.ofKind('media').length;
const entries = () => world.engine.deduplication.rows.flatMap(({ entries: all }) => all);
const prompts = ({ items }: Execution) => items.map(({ json }) => json.prompt);
const errorText = ({ error }: Execution) =>
	`${error?.message} ${(error as { description?: string } | undefined)?.description}`;

/** The tasks of these prompts fail. */
function fails(...failing: string[]): void {
	world.simulator.outcomes.push({
		times: Infinity,
		outcome: ({ prompt }) =>
			failing.includes(String(prompt)) ? { result: 'failed', afterSeconds: 1 } : undefined,
	});
}

/** A run that rests; everything is ready when it wakes up. */
async function rested(more?: Parameters<typeof request>[0]): Promise<Execution> {
	const resting = await world.engine.runNode(request(more));
	expect(resting.status).toBe('waiting');
	for (const task of world.simulator.tasks.values()) task.outcome.afterSeconds = 0;
	return resting;
}

const after = { name: 'After', type: 'n8n-nodes-base.noOp' };
const node = (name: string, more: object = {}) => ({
	name,
	type: NODE_TYPE,
	parameters: { ...PARAMETERS, options: { surviveRestarts: true } },
	...more,
});
const start = { name: 'Start', type: 'n8n-nodes-base.manualTrigger' };

describe('a run that rests', () => {
	it('orders all first, and gives what the waiting node gives', async () => {
		const resting = await world.engine.runNode(request({ options: { maxTasksInFlight: 1 } }));
		expect(resting.status).toBe('waiting');
		expect(submits()).toBe(3);
		expect(world.simulator.ofKind('query')).toHaveLength(0);

		const woken = await untilOver(resting);
		const waited = await world.engine.runNode({ items: TOPICS, parameters: PARAMETERS });
		expect(woken.status).toBe('success');
		expect(submits()).toBe(6);
		expect(essence(woken)).toEqual(essence(waited));
		expect(woken.hints).toEqual(waited.hints);
		expect(woken.runs()).toHaveLength(1);
		expect(entries()).toEqual([]);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'with %s, a failed item comes out as it does of the waiting node',
		async (onError) => {
			fails('B');
			const woken = await untilOver(await world.engine.runNode(request({ onError })));
			const waited = await world.engine.runNode({ items: TOPICS, parameters: PARAMETERS, onError });
			expect(woken.status).toBe('success');
			expect(essence(woken)).toEqual(essence(waited));
			expect(submits()).toBe(6);
		},
	);

	it('with On Error = stop, fails with all task IDs, and a retry orders only what has failed', async () => {
		fails('B');
		const failed = await untilOver(await world.engine.runNode(request()));
		expect(failed.status).toBe('error');
		for (const id of world.simulator.tasks.keys()) expect(errorText(failed)).toContain(id);
		world.simulator.outcomes.length = 0;
		const retried = await untilOver(await world.engine.retry(failed));
		expect(prompts(retried)).toEqual(['A', 'B', 'C']);
		expect(submits()).toBe(4);
	});

	it('keeps what is through: each file is fetched once, and nothing is asked about it again', async () => {
		world.simulator.outcomes.push({
			times: Infinity,
			outcome: ({ prompt }) => (prompt === 'C' ? { result: 'never' } : { afterSeconds: 0 }),
		});
		let last = await world.engine.runNode(request());
		for (let wakes = 0; wakes < 3; wakes += 1) last = await world.engine.wake(last);
		expect(last.status).toBe('waiting');
		expect(downloads()).toBe(2);
		expect(world.simulator.ofKind('query')).toHaveLength(2 + 3);
		for (const task of world.simulator.tasks.values()) task.outcome = { afterSeconds: 0 };
		last = await world.engine.wake(last);
		expect(prompts(last)).toEqual(['A', 'B', 'C']);
		expect(last.items.map(({ json }) => json.ordered_seconds)).toEqual([3, 3, 3]);
		expect(downloads()).toBe(3);
		expect(submits()).toBe(3);
	});

	it('an item that could not be ordered comes out in its place', async () => {
		const parameters = { duration: "={{ $json.topic === 'A' ? 'five' : 3 }}" };
		const onError = 'continueRegularOutput';
		const woken = await untilOver(await world.engine.runNode(request({ parameters, onError })));
		expect(prompts(woken)).toEqual([undefined, 'B', 'C']);
		expect(JSON.stringify(woken.items[0].json.error)).toContain('Duration');
		expect(submits()).toBe(2);
	});

	it('gives a task up at its deadline, with its ID', async () => {
		world.simulator.outcomes.push({ times: Infinity, outcome: { result: 'never' } });
		const failed = await untilOver(
			await world.engine.runNode(request({ options: { timeout: 0.2 } })),
		);
		expect(errorText(failed)).toContain('The video was not ready within 0.2 minutes');
		for (const id of world.simulator.tasks.keys()) expect(errorText(failed)).toContain(id);
	});

	it('asks nothing within a pause that the service has asked for', async () => {
		const resting = await world.engine.runNode(request());
		world.simulator.faults.push({
			on: 'query',
			fault: { kind: 'status', status: 429, headers: { 'retry-after': '600' } },
		});
		const paused = await world.engine.wake(resting);
		// Others may have been on their way when the service asked for it
		const asked = world.simulator.ofKind('query').length;
		const woken = await world.engine.wake(paused);
		expect(woken.status).toBe('waiting');
		expect(world.simulator.ofKind('query')).toHaveLength(asked);
	});

	it('counts its orders once for the Spending Limit', async () => {
		const options = { maxTotalSeconds: 9 };
		const woken = await untilOver(await world.engine.runNode(request({ options })));
		expect(woken.status).toBe('success');
		expect(woken.hints[0].message).toBe(
			'Ordered 3 videos, 9 seconds of video; 0 seconds left of the Spending Limit',
		);
	});

	it('looks at one item, with Execute Once', async () => {
		const woken = await untilOver(await rested({ executeOnce: true }));
		expect(prompts(woken)).toEqual(['A']);
		expect(submits()).toBe(1);
	});

	it('does nothing more when it is stopped at rest or in a visit', async () => {
		const resting = await world.engine.runNode(request());
		world.simulator.faults.push({ on: 'query', times: Infinity, fault: { kind: 'hang' } });
		const visit = world.engine.startWake(resting);
		await world.simulator.waitFor((all) => all.some(({ kind }) => kind === 'query'), 5000);
		visit.cancel();
		expect((await visit.result).status).toBe('canceled');
		expect(submits()).toBe(3);
	});
});

describe('where it stands', () => {
	it('two in a row rest one after the other', async () => {
		const prompt = '={{ $json.prompt ?? "first" }}';
		const parameters = { ...PARAMETERS, prompt, options: { surviveRestarts: true } };
		const execution = await untilOver(
			await world.engine.run({
				nodes: [start, node('One', { parameters }), node(SUBJECT, { parameters })],
				connections: connect(['Start', 'One', SUBJECT]),
			}),
		);
		expect(execution.status).toBe('success');
		expect(execution.output(0, 'One')[0].json.task_id).not.toBe(execution.items[0].json.task_id);
		expect(submits()).toBe(2);
	});

	it('what comes after it runs once, also with Always Output Data', async () => {
		const execution = await untilOver(
			await world.engine.run({
				nodes: [
					start,
					node(SUBJECT, {
						alwaysOutputData: true,
						parameters: { prompt: 'A horse', options: { surviveRestarts: true } },
					}),
					after,
				],
				connections: connect(['Start', SUBJECT, 'After']),
			}),
		);
		expect(execution.runs()).toHaveLength(1);
		expect(execution.runs('After')).toHaveLength(1);
		expect(execution.output(0, 'After')).toHaveLength(1);
	});

	it('in a loop, each turn orders its own', async () => {
		const execution = await untilOver(
			await world.engine.run(
				{
					nodes: [
						start,
						{ name: 'Items', type: 'test.items' },
						{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches' },
						node(SUBJECT),
					],
					connections: connect(
						['Start', 'Items', 'Loop'],
						{ from: 'Loop', to: SUBJECT, output: 1 },
						[SUBJECT, 'Loop'],
					),
				},
				{ nodeTypes: { 'test.items': itemsNode(TOPICS) } },
			),
		);
		expect(execution.status).toBe('success');
		expect(execution.runs()).toHaveLength(3);
		expect(execution.output(0, 'Loop').map(({ json }) => json.prompt)).toEqual(['A', 'B', 'C']);
		expect(submits()).toBe(3);
	});

	it('expressions find the nodes before it, also by the second output of one', async () => {
		const fork: INodeType = {
			description: { ...itemsNode([]).description, outputs: ['main', 'main'] },
			async execute() {
				const items = this.getInputData().map((one, item) => ({ ...one, pairedItem: { item } }));
				return [items.slice(0, 1), items.slice(1)];
			},
		};
		// Read in each visit; read by another way than its own, it would be that of A
		const timeout = "={{ $('Fork').item.json.topic === 'A' ? 0 : $('Items').item.json.minutes }}";
		const topics = TOPICS.map(({ json }) => ({
			json: { ...json, minutes: json.topic === 'A' ? 0 : 30 },
		}));
		const parameters = { ...PARAMETERS, options: { surviveRestarts: true, timeout } };
		const execution = await untilOver(
			await world.engine.run(
				{
					nodes: [
						start,
						{ name: 'Items', type: 'test.items' },
						{ name: 'Fork', type: 'test.fork' },
						node(SUBJECT, { parameters }),
						after,
					],
					connections: connect(
						['Start', 'Items', 'Fork'],
						{ from: 'Fork', to: SUBJECT, output: 1 },
						[SUBJECT, 'After'],
					),
				},
				{ nodeTypes: { 'test.items': itemsNode(topics), 'test.fork': fork } },
			),
		);
		expect(execution.status).toBe('success');
		expect(prompts(execution)).toEqual(['B', 'C']);
		expect(execution.runs()[0].source).toEqual([
			expect.objectContaining({ previousNode: 'Fork', previousNodeOutput: 1 }),
		]);
	});
});

const RUN = ['Start', 'Items', SUBJECT];
const NOT_RUN = ['Other', 'Needs', SUBJECT];
it.each([
	['before', [NOT_RUN, RUN]],
	['after', [RUN, NOT_RUN]],
])(
	'goes on where a branch that has not run, and could not, is joined %s its own',
	async (_where, links) => {
		const needs = itemsNode([]);
		needs.description = {
			...needs.description,
			properties: [
				{ displayName: 'Must', name: 'must', type: 'string', default: '', required: true },
			],
		};
		const execution = await untilOver(
			await world.engine.run(
				{
					nodes: [
						start,
						{ name: 'Items', type: 'test.items' },
						node(SUBJECT),
						{ ...start, name: 'Other' },
						{ name: 'Needs', type: 'test.needs' },
					],
					connections: connect(...links),
				},
				{ nodeTypes: { 'test.items': itemsNode(TOPICS), 'test.needs': needs } },
			),
		);
		expect(execution.status).toBe('success');
		expect(prompts(execution)).toEqual(['A', 'B', 'C']);
	},
);

describe('Task → Wait', () => {
	const wait = (taskId: string, options: IDataObject = {}): NodeRequest => ({
		parameters: {
			resource: 'task',
			operation: 'wait',
			taskId,
			options: { surviveRestarts: true, ...options },
		},
	});

	const order = async () =>
		await world.engine.runNode(request({ parameters: { waitForCompletion: false } }));

	it('rests while a task is going, and gives what the waiting node gives', async () => {
		await order();
		const taskId = '={{ $json.taskId }}';
		const items = [...world.simulator.tasks.keys()].map((id) => ({ json: { taskId: id } }));
		const resting = await world.engine.runNode({ ...wait(taskId), items });
		expect(resting.status).toBe('waiting');
		const over = await untilOver(resting);
		const waited = await world.engine.runNode({
			...wait(taskId, { surviveRestarts: false }),
			items,
		});
		const tasks = ({ items: all }: Execution) => all.map(({ json }) => json.task_id);
		expect(tasks(over)).toEqual(tasks(waited));
		expect(essence(over)).toEqual(essence(waited));
	});

	it('gives a task up when the Timeout is over that began before its rests', async () => {
		world.simulator.outcomes.push({ times: Infinity, outcome: { result: 'never' } });
		await order();
		const [id] = world.simulator.tasks.keys();
		const over = await untilOver(await world.engine.runNode(wait(id, { timeout: 0.1 })));
		expect(over.status).toBe('error');
		expect(errorText(over)).toContain('was not ready within 0.1 minutes');
	});

	it('does not rest for a look at a task', async () => {
		host.keepsWaiting = () => false;
		await order();
		const [id] = world.simulator.tasks.keys();
		const { parameters } = wait(id);
		const got = await world.engine.runNode({ parameters: { ...parameters, operation: 'get' } });
		expect(got.status).toBe('success');
	});
});

describe('Retry On Fail', () => {
	it.each([
		['stopWorkflow', ['A']],
		['continueRegularOutput', ['A']],
		['continueRegularOutput', ['A', 'B', 'C']],
	] as const)(
		'with On Error = %s orders what fails (%j) as often as the waiting node',
		async (onError, failing) => {
			fails(...failing);
			const more = { retryOnFail: true, maxTries: 3, onError } as const;
			const ends = [];
			for (const surviveRestarts of [false, true]) {
				const before = submits();
				const first = await world.engine.runNode(
					request({ ...more, options: { surviveRestarts } }),
				);
				const over = await untilOver(first);
				ends.push({ orders: submits() - before, status: over.status, essence: essence(over) });
			}
			const [waited, rested] = ends;
			expect(waited.orders).toBe(3 + 2 * failing.length);
			expect(rested).toEqual(waited);
		},
	);

	it('counts a try that fails before the first rest', async () => {
		fails('A', 'B', 'C');
		world.simulator.faults.push({ on: 'submit', times: 3, fault: { kind: 'status', status: 401 } });
		const more = { retryOnFail: true, maxTries: 2 };
		const over = await untilOver(await world.engine.runNode(request(more)));
		expect(errorText(over)).toContain('could not make the video');
		expect(world.simulator.tasks.size).toBe(3);
	});
});

describe('n8n was killed', () => {
	it('before it had saved that the execution rests: a retry goes on with the orders', async () => {
		const lost = await rested();
		const retried = await untilOver(await world.engine.retryCrashed(lost));
		expect(retried.status).toBe('success');
		expect(prompts(retried)).toEqual(['A', 'B', 'C']);
		expect(submits()).toBe(3);
	});

	it.each(['original', 'currently saved'] as const)(
		'in a visit: a retry with the %s workflow goes on with the orders, also a second time',
		async (which) => {
			const resting = await rested();
			const workflow = which === 'original' ? undefined : resting.workflow;
			for (let tries = 0; tries < 2; tries += 1) {
				const retried = await untilOver(await world.engine.retry(resting, { workflow }));
				expect(retried.status).toBe('success');
				expect(prompts(retried)).toEqual(['A', 'B', 'C']);
				expect(retried.runs()).toHaveLength(1);
			}
			expect(submits()).toBe(3);
		},
	);

	it('in a visit: a retry orders what had failed at the service by then', async () => {
		const onError = 'continueRegularOutput';
		world.simulator.outcomes.push({
			times: Infinity,
			outcome: ({ prompt }) => ({
				result: prompt === 'B' ? 'failed' : 'never',
				afterSeconds: 0,
			}),
		});
		const resting = await world.engine.wake(await world.engine.runNode(request({ onError })));
		expect(resting.status).toBe('waiting');
		world.simulator.outcomes.length = 0;
		for (const task of world.simulator.tasks.values()) task.outcome = { afterSeconds: 0 };
		const retried = await untilOver(await world.engine.retry(resting));
		expect(prompts(retried)).toEqual(['A', 'B', 'C']);
		expect(submits()).toBe(4);
	});

	it.each([
		['stopWorkflow', []],
		['continueRegularOutput', ['A', 'B', 'C']],
	] as const)(
		'in a visit: what a trigger puts out once more in a retry orders nothing (%s)',
		async (onError, delivered) => {
			const resting = await rested({ onError });
			const [trigger, ...nodes] = resting.workflow.nodes;
			const workflow = {
				...resting.workflow,
				nodes: [{ ...trigger, alwaysOutputData: true }, ...nodes],
			};
			const retried = await world.engine.retry(resting, { workflow });
			const told = /started this node anew.*Always Output Data/.test(errorText(retried));
			expect(told).toBe(onError === 'stopWorkflow');
			expect(prompts(retried)).toEqual(delivered);
			expect(submits()).toBe(3);
			const again = await untilOver(await world.engine.retry(resting));
			expect(prompts(again)).toEqual(['A', 'B', 'C']);
			expect(submits()).toBe(3);
		},
	);
});

it('orders nothing more where another version of the node has written what was kept', async () => {
	fails('B');
	let last = await world.engine.wake(
		await world.engine.runNode(request({ onError: 'continueRegularOutput' })),
	);
	for (let wakes = 0; wakes < 100 && last.status === 'waiting'; wakes += 1) {
		const memory = last.data.executionData?.contextData[`node:${SUBJECT}`] as IDataObject;
		const kept = memory.happyHorseRest as IDataObject;
		if (Object.keys(kept.finished as IDataObject).length > 0) kept.version = 2;
		last = await world.engine.wake(last);
	}
	expect(JSON.stringify(last.items)).toContain("can't be read");
	expect(submits()).toBe(3);
});

describe('where it can not hold, nothing is ordered and the reason is told', () => {
	it('an n8n that loses executions at rest', async () => {
		host.keepsWaiting = () => false;
		const refused = await world.engine.runNode(request());
		expect(errorText(refused)).toContain('this n8n is too old for it');
		expect(submits()).toBe(0);
	});

	it('the tool of an agent', async () => {
		const { answers } = await world.engine.callTool({
			...request(),
			agent: 'requesting',
			calls: [{ args: {} }],
		});
		expect(JSON.stringify(answers)).toContain('an AI agent waits for the answer');
		expect(submits()).toBe(0);
	});

	it('a node that nothing leads to', async () => {
		const refused = await world.engine.run({ nodes: [node(SUBJECT)], connections: {} });
		expect(errorText(refused)).toContain('no trigger before this node has run');
		expect(submits()).toBe(0);
	});

	it('a workflow that was never saved', async () => {
		const refused = await world.engine.runNode(request({ workflowId: '__EMPTY__' }));
		expect(errorText(refused)).toContain('the workflow is not saved');
		expect(submits()).toBe(0);
	});

	it('the old order of execution', async () => {
		const refused = await world.engine.runNode(request({ settings: { executionOrder: 'v0' } }));
		expect(errorText(refused)).toContain('the Execution Order of this workflow is v0');
		expect(submits()).toBe(0);
	});

	it('a workflow that saves its progress', async () => {
		const settings = { saveExecutionProgress: true };
		const refused = await world.engine.runNode(request({ settings }));
		expect(errorText(refused)).toContain('this workflow saves its execution progress');
		expect(submits()).toBe(0);
	});

	it('a dry run says so as well', async () => {
		host.keepsWaiting = () => false;
		const refused = await world.engine.runNode(request({ options: { dryRun: true } }));
		expect(errorText(refused)).toContain('this n8n is too old for it');
	});
});

describe('where it means nothing, it changes nothing', () => {
	it.each([
		['off', { surviveRestarts: false }, {}],
		['without waiting', { surviveRestarts: true }, { waitForCompletion: false }],
		['by an expression', { surviveRestarts: true }, { waitForCompletion: '={{ false }}' }],
	])('%s', async (_what, options, parameters) => {
		host.keepsWaiting = () => false;
		const { status } = await world.engine.runNode(request({ options, parameters }));
		expect(status).toBe('success');
	});

	it('an item that has it off is waited for, and the others rest then', async () => {
		const options = { surviveRestarts: '={{ $json.topic !== "B" }}' };
		const resting = await world.engine.runNode(request({ options }));
		expect(resting.status).toBe('waiting');
		expect(downloads()).toBe(1);
		expect(prompts(await untilOver(resting))).toEqual(['A', 'B', 'C']);
	});
});
