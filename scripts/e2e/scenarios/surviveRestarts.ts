// Survive Restarts: executions rest in n8n's database, n8n is killed, and the videos come all the same.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual,equal,match,ok } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../../../tools/engine/workflow';
import { until } from '../../../tools/n8n/rest';
import {
baseNode,
chain,
errorOf,
itemsOf,
type Execution,
type SavedWorkflow,
type Workflow,
type WorkflowNode,
} from '../../../tools/n8n/workflow';
import type { SimulatedTask } from '../../../tools/simulator/simulator';
import type { Scenario,World } from '../world';
import { atModelStudio } from './modelStudio';

/** Before n8n leaves waiting executions alone when it is killed. */
export const TOO_OLD = ['1.123.81', '2.8.4'];

/** Ms: n8n looks once a minute for executions that are to wake up; two looks, and the machine may be busy. */
export const WOKEN_MS = 200_000;

/** Seconds from order to video: n8n must not look in between by chance. */
const SLOW = { afterSeconds: 15 };

export const surviveRestarts: Scenario = {
	name: 'survive-restarts',
	async run(world) {
		if (TOO_OLD.includes(world.install.version)) return await refuses(world);
		await survivesKill(world);
		for (const check of [survivesKillInAVisit, stopsAtRest]) {
			world.simulator.reset();
			await check(world);
		}
	},
};

const items = () =>
	baseNode('Items', 'code', 2, {
		jsCode: "return ['1', '2', '3', '4'].map((n) => ({ json: { n } }))",
	});

/** Lets items 3 and 4 go on through its second output. */
const lastTwo = () =>
	baseNode('If', 'if', 2.2, {
		conditions: {
			options: { caseSensitive: true, leftValue: '', typeValidation: 'loose', version: 2 },
			conditions: [
				{
					id: 'only',
					leftValue: '={{ $json.n }}',
					rightValue: 2,
					operator: { type: 'number', operation: 'lte' },
				},
			],
			combinator: 'and',
		},
		options: {},
	});

function film(world: World, name: string, more: Partial<WorkflowNode> = {}): WorkflowNode {
	const options = { surviveRestarts: true };
	const prompt = "={{ $('Items').item.json.n }}";
	return world.horse(name, { prompt, resolution: '720P', duration: 3, options }, more);
}

/** What an expression behind the node makes of its items, and of those before it. */
const after = () =>
	baseNode('After', 'set', 3.4, {
		mode: 'raw',
		includeOtherFields: false,
		jsonOutput:
			"={{ { n: $('Items').item.json.n, video: $('Video').item.json.prompt, all: $('Video').all().length } }}",
		options: {},
	});

/** That of {@link split}. */
const AFTER = [
	{ n: '3', video: '3', all: 2 },
	{ n: '4', video: '4', all: 2 },
];

function split(world: World, name: string, more: Partial<WorkflowNode> = {}): Workflow {
	return {
		name,
		nodes: [
			baseNode('Start', 'manualTrigger', 1),
			items(),
			lastTwo(),
			film(world, 'Video', more),
			after(),
		],
		connections: connect(['Start', 'Items', 'If'], { from: 'If', to: 'Video', output: 1 }, [
			'Video',
			'After',
		]),
	};
}

/** Each item in a turn of its own. */
function loop(world: World): Workflow {
	const batches = baseNode('Batches', 'splitInBatches', 3, { options: {} });
	return {
		name: 'Loop',
		nodes: [
			baseNode('Start', 'manualTrigger', 1),
			items(),
			lastTwo(),
			batches,
			film(world, 'Video'),
		],
		connections: connect(
			['Start', 'Items', 'If'],
			{ from: 'If', to: 'Batches', output: 1 },
			{ from: 'Batches', to: 'Video', output: 1 },
			['Video', 'Batches'],
		),
	};
}

/** Orders, and waits for the videos with another node. */
function orderAndWait(world: World): Workflow {
	const prompt = "={{ $('Items').item.json.n }}";
	const order = { prompt, resolution: '720P', duration: 3, waitForCompletion: false };
	const task = { resource: 'task', operation: 'wait', taskId: '={{ $json.task_id }}' };
	return chain(
		'Task',
		items(),
		world.horse('Order', order),
		world.horse('Video', { ...task, options: { surviveRestarts: true } }),
	);
}

/** Starts a workflow and waits until it rests. Returns the id of the execution. */
async function rest({ rest: api }: World, saved: SavedWorkflow): Promise<string> {
	const id = await api.run(saved, 'Start');
	await until(async () => (await statusOf(api, id)) === 'waiting', `execution ${id} to rest`);
	return id;
}

async function statusOf(api: World['rest'], id: string): Promise<string | undefined> {
	return (await api.executions()).find((one) => one.id === id)?.status;
}

/**
 * An execution that has ended. n8n calls one crashed for a moment that it wakes up while it is starting again: it looks for
 * those that ran when it was killed, and does not know that this one runs since then.
 */
async function endOf(api: World['rest'], id: string, ms: number): Promise<Execution> {
	const hasEnded = async () => ['success', 'error'].includes((await statusOf(api, id)) ?? '');
	await until(hasEnded, `the end of execution ${id}`, ms);
	return await api.ended(id);
}

function promptsOf(tasks: Iterable<SimulatedTask>): string[] {
	return [...tasks].map(({ prompt }) => String(prompt)).sort();
}

/** `ordered`: those that the execution has ordered itself. */
function checkVideos(
	execution: Execution,
	prompts: readonly string[],
	ordered: readonly string[] = prompts,
): void {
	equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
	const videos = itemsOf(execution, 'Video');
	deepEqual(
		videos.map(({ json }) => json.prompt),
		prompts,
	);
	for (const { json, binary } of videos) {
		equal(json.ordered_seconds, ordered.includes(String(json.prompt)) ? 3 : 0);
		equal(binary.data.mimeType, 'video/mp4');
	}
}

/** All that can rest does; n8n is killed; every one of them ends as it would have without that. */
async function survivesKill(world: World): Promise<void> {
	const { n8n, rest: api, simulator } = world;
	for (const service of [simulator, world.modelStudio]) {
		service.outcomes.push({ times: Infinity, outcome: SLOW });
	}
	const good = await rest(world, await api.createWorkflow(split(world, 'Good')));
	const looped = await rest(world, await api.createWorkflow(loop(world)));
	const two = await rest(
		world,
		await api.createWorkflow(chain('Two', items(), film(world, 'First'), film(world, 'Video'))),
	);
	const parent = await rest(world, await parentOf(world));
	const task = await rest(world, await api.createWorkflow(orderAndWait(world)));
	const there = atModelStudio(world);
	const elsewhere = await rest(
		world,
		await api.createWorkflow(chain('Model Studio', items(), film(there, 'Video'))),
	);
	const failing = (name: string, onError?: string) =>
		chain(name, items(), film(world, 'Video', onError === undefined ? {} : { onError }));
	simulator.outcomes.unshift({ times: Infinity, outcome: failsTwo });
	const stopping = await rest(world, await api.createWorkflow(failing('Stop')));
	const going = await rest(
		world,
		await api.createWorkflow(failing('Continue', 'continueRegularOutput')),
	);
	const branching = await rest(
		world,
		await api.createWorkflow(failing('Branch', 'continueErrorOutput')),
	);
	simulator.outcomes.shift();
	const submits = simulator.ofKind('submit').length;
	equal(submits, 2 + 1 + 4 + 4 + 4 + 4 + 4 + 4);
	await n8n.kill();
	await n8n.start();

	const ended = async (id: string) => await endOf(api, id, WOKEN_MS);
	checkVideos(await ended(good), ['3', '4']);
	deepEqual(
		itemsOf(await ended(good), 'After').map(({ json }) => json),
		AFTER,
	);
	const stopped = await ended(stopping);
	equal(stopped.status, 'error');
	match(errorOf(stopped)?.message ?? '', /could not make the video/);
	for (const task of tasksOf(world, stopped))
		match(JSON.stringify(errorOf(stopped)), new RegExp(task));
	for (const id of [going, branching]) {
		const execution = await ended(id);
		equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
		const outcomes = itemsOf(execution, 'Video').map(({ json }) => json.prompt ?? 'failed');
		deepEqual(outcomes, id === going ? ['1', 'failed', '3', '4'] : ['1', '3', '4']);
	}
	checkVideos(await ended(parent), ['1', '2', '3', '4']);
	checkVideos(await ended(elsewhere), ['1', '2', '3', '4']);
	equal(there.simulator.ofKind('submit').length, 4);
	const files = itemsOf(await ended(task), 'Video').map(({ binary }) => binary.data.mimeType);
	deepEqual(
		files,
		Array.from({ length: 4 }, () => 'video/mp4'),
	);
	equal(simulator.ofKind('submit').length, submits + (await laterOrders(world, looped, two)));

	const before = simulator.ofKind('submit').length;
	const retried = await api.retry(stopping);
	checkVideos(await ended(retried), ['1', '2', '3', '4'], ['2']);
	equal(simulator.ofKind('submit').length, before + 1, 'only the failed one is ordered again');
}

function failsTwo({ prompt }: SimulatedTask) {
	return { ...SLOW, result: prompt === '2' ? ('failed' as const) : ('succeeded' as const) };
}

/** The turns of a loop, and a second node, order when those before them are through. Returns how many orders that were. */
async function laterOrders({ rest: api }: World, looped: string, two: string): Promise<number> {
	const turns = await endOf(api, looped, 2 * WOKEN_MS);
	equal(turns.status, 'success', JSON.stringify(errorOf(turns)));
	deepEqual(
		itemsOf(turns, 'Batches').map(({ json }) => json.prompt),
		['3', '4'],
	);
	checkVideos(await endOf(api, two, 2 * WOKEN_MS), ['1', '2', '3', '4']);
	return 1 + 4;
}

/** Ids of the tasks that an error names for error workflows. */
function tasksOf({ simulator }: World, execution: Execution): string[] {
	const named = JSON.stringify(errorOf(execution));
	const ids = [...simulator.tasks.keys()].filter((id) => named.includes(id));
	equal(ids.length, 4);
	return ids;
}

/** A workflow whose sub-workflow rests. */
async function parentOf(world: World): Promise<SavedWorkflow> {
	const trigger = baseNode('When', 'executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' });
	const nodes = [trigger, items(), film(world, 'Film')] as const;
	const child = await world.rest.createWorkflow({
		name: 'Child',
		nodes: [...nodes],
		connections: connect(['When', 'Items', 'Film']),
	});
	await world.rest.activate(child);
	const workflowId = { __rl: true, mode: 'id', value: child.id };
	const call = baseNode('Video', 'executeWorkflow', 1.2, {
		workflowId,
		options: { waitForSubWorkflow: true },
	});
	return await world.rest.createWorkflow(chain('Parent', call));
}

/** n8n dies while it looks: the execution has crashed, and "Retry" brings the videos. */
async function survivesKillInAVisit(world: World): Promise<void> {
	const { n8n, rest: api, simulator } = world;
	simulator.outcomes.push({ times: Infinity, outcome: { afterSeconds: 0 } });
	const id = await rest(world, await api.createWorkflow(split(world, 'Visit')));
	simulator.faults.push({ on: 'query', times: Infinity, fault: { kind: 'hang' } });
	await simulator.waitFor((requests) => requests.some(({ kind }) => kind === 'query'), WOKEN_MS);
	await n8n.kill();
	simulator.faults.length = 0;
	await n8n.start();
	const crashed = await api.ended(id, WOKEN_MS);
	equal(crashed.status, 'crashed');

	for (const loadWorkflow of [true, false]) {
		const retried = await api.ended(await api.retry(id, { loadWorkflow }), WOKEN_MS);
		checkVideos(retried, ['3', '4'], []);
		deepEqual(
			itemsOf(retried, 'After').map(({ json }) => json),
			AFTER,
		);
	}
	deepEqual(promptsOf(simulator.tasks.values()), ['3', '4'], 'a retry orders nothing');
}

async function stopsAtRest(world: World): Promise<void> {
	const { rest: api, simulator } = world;
	simulator.outcomes.push({ times: Infinity, outcome: { result: 'never' } });
	const id = await rest(world, await api.createWorkflow(split(world, 'Stopped')));
	await api.stop(id);
	equal((await api.ended(id)).status, 'canceled');
	const named = Object.values(await api.customData(id)).join();
	for (const task of simulator.tasks.keys()) ok(named.includes(task), 'named with the execution');
	const { length } = simulator.requests;
	// Longer than n8n takes to look for executions that are to wake up
	await pause(75_000);
	equal(simulator.requests.length, length, 'nothing is asked after the stop');
}

async function refuses(world: World): Promise<void> {
	const { rest: api, simulator } = world;
	const refused = await api.runToEnd(split(world, 'Refused'));
	equal(refused.status, 'error');
	match(errorOf(refused)?.message ?? '', /Survive Restarts is on, but this n8n is too old for it/);
	equal(simulator.ofKind('submit').length, 0);
}
