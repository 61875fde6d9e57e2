// The two examples that survive a restart: n8n is killed at rest, in Get, and between order and wait. Nothing is ordered twice.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../../../tools/engine/workflow';
import { example } from '../../../tools/n8n/furnish';
import { until, type Rest } from '../../../tools/n8n/rest';
import { allItemsOf, baseNode, type Execution, type Workflow } from '../../../tools/n8n/workflow';
import { serve } from '../../../tools/simulator/http';
import type { Outcome, Simulator } from '../../../tools/simulator/simulator';
import { good } from '../runs';
import type { Scenario, World } from '../world';

const EACH = 'survives-a-restart';
const LIST = 'survives-a-restart-one-list';

/** The examples that are tried here. */
export const SURVIVING = [EACH, LIST];

/** Ms for two rounds: each waits 70 s, n8n may be starting, and the machine may be busy. */
export const ROUNDS_MS = 300_000;

/** Ms from the runs that n8n is killed in to those that are still at rest then. */
const LATER_MS = 25_000;

/** What becomes of each row, by its title. The last one takes a second round. */
const ROWS: Record<string, Outcome> = {
	lighthouse: { afterSeconds: 1 },
	train: { afterSeconds: 1 },
	whale: { afterSeconds: 1, result: 'failed' },
	tea: { afterSeconds: 100 },
};

export const survives: Scenario = { name: 'survives', checks: [survivesKill] };

/** Makes the simulator treat the orders of all runs as {@link ROWS} has it. */
export function setOutcomes({ outcomes }: Simulator): void {
	const outcome = ({ prompt = '' }) => ROWS[prompt.split(': ')[1]];
	outcomes.push({ times: Infinity, outcome });
}

/** An example whose prompts begin with the name of the run, which tells the simulator whose order it is. */
export function exampleFor(run: string, name = EACH, change?: (text: string) => string): Workflow {
	const videos = Object.keys(ROWS).map((title) => ({ title, prompt: `${run}: ${title}` }));
	const workflow = example(name, change);
	for (const { name, parameters } of workflow.nodes) {
		if (name === 'List of Videos') parameters.jsonOutput = JSON.stringify({ videos });
	}
	return { ...workflow, name: run };
}

/** The same with a node between order and wait, which asks for `url`. */
function held(run: string, url: string): Workflow {
	const { nodes, connections, ...more } = exampleFor(run);
	const hold = baseNode('Hold', 'httpRequest', 4.2, { url, options: {} });
	return {
		...more,
		nodes: [...nodes, hold],
		connections: { ...connections, ...connect(['Order', 'Hold', '70 Seconds']) },
	};
}

/** Starts a workflow, and waits until its execution has this status. Returns its id. */
async function start(rest: Rest, workflow: Workflow, status = 'waiting'): Promise<string> {
	const id = await rest.run(await rest.createWorkflow(workflow), 'Start');
	const isThere = async () => (await statusOf(rest, id)) === status;
	await until(isThere, `${workflow.name} to be ${status}`);
	return id;
}

async function statusOf(rest: Rest, id: string): Promise<string | undefined> {
	return (await rest.executions()).find((one) => one.id === id)?.status;
}

/**
 * The end of an execution that goes on by itself. n8n 2 calls one crashed for a moment that it wakes up while it is starting:
 * it looks for those that ran when it was killed, and does not know that this one runs since then.
 */
export async function endOf(rest: Rest, id: string): Promise<Execution> {
	const isOver = async () => ['success', 'error'].includes((await statusOf(rest, id)) ?? '');
	await until(isOver, `the end of execution ${id}`, ROUNDS_MS);
	return await rest.ended(id);
}

/** The tasks of a run. */
export function tasksOf({ tasks }: Simulator, run: string): string[] {
	const own = [...tasks.values()].filter(({ prompt }) => prompt?.startsWith(`${run}: `));
	return own.map(({ id }) => id);
}

/** Checks that each row of a run has come to its end, and that each was ordered once. */
export function checkRows(simulator: Simulator, run: string, execution: Execution): void {
	good(execution, run);
	equal(tasksOf(simulator, run).length, 4, `${run}: nothing is ordered twice`);
	const list = allItemsOf(execution, 'One List');
	const isGood = ({ json }: (typeof list)[number]) => json.status === 'succeeded';
	const videos = [...allItemsOf(execution, 'Videos'), ...list.filter(isGood)];
	const failures = [...allItemsOf(execution, 'Failures'), ...list.filter((item) => !isGood(item))];
	const titles = (items: typeof list) => items.map(({ json }) => String(json.title)).sort();
	deepEqual(titles(videos), ['lighthouse', 'tea', 'train'], run);
	deepEqual(titles(failures), ['whale'], run);
	for (const { json, binary } of videos) equal(binary.data.fileName, `${json.title}.mp4`, run);
}

/** n8n is killed once, while each run is somewhere else. */
async function survivesKill(world: World): Promise<void> {
	/** Who asks waits until the gate is open. */
	const gate = { asked: 0, isOpen: false };
	const { url, stop } = await serve((_request, response) => {
		gate.asked += 1;
		if (gate.isOpen) response.end('{}');
	});
	const { n8n, rest, simulator } = world;
	setOutcomes(simulator);
	simulator.outcomes.unshift({
		match: ({ prompt }) => prompt === 'giving up: tea',
		outcome: { result: 'never' },
	});
	simulator.faults.push({
		on: 'query',
		times: Infinity,
		match: ({ taskId = '' }) => /^looking/.test(simulator.tasks.get(taskId)?.prompt ?? ''),
		fault: { kind: 'hang' },
	});
	const crashing = {
		'looking for each': await start(rest, exampleFor('looking for each')),
		'looking for all': await start(rest, exampleFor('looking for all', LIST)),
		held: await start(rest, held('held', url), 'running'),
	};
	await until(() => gate.asked > 0, 'the node between order and wait');
	await pause(LATER_MS);
	const resting = {
		'each at rest': await start(rest, exampleFor('each at rest')),
		'all at rest': await start(rest, exampleFor('all at rest', LIST)),
	};
	const twoRounds = (text: string) => text.replace('>= 40', '>= 2');
	const givingUp = await start(rest, exampleFor('giving up', EACH, twoRounds));
	await simulator.waitFor(() => simulator.ofKind('query').length >= 8, ROUNDS_MS);
	await n8n.kill();
	simulator.faults.length = 0;
	gate.isOpen = true;
	const { size } = simulator.tasks;
	await n8n.start();

	const goesOn = async (run: string, id: string) =>
		checkRows(simulator, run, await endOf(rest, id));
	/** `first`: the kind of Retry to begin with. */
	const isRetried = async (run: string, id: string, first: boolean) => {
		// n8n 1 takes one that it has killed for one that wakes up, and disables the node that is next: of the original
		// workflow for one round, of the one that is saved now for all
		const isNew = run === 'held' || !world.install.version.startsWith('1.');
		for (const loadWorkflow of isNew ? [first, !first] : [false, false]) {
			await goesOn(run, await rest.retry(id, { loadWorkflow }));
		}
	};
	await Promise.all([
		...Object.entries(resting).map(async ([run, id]) => await goesOn(run, id)),
		...Object.entries(crashing).map(async ([run, id], nth) => {
			equal((await rest.ended(id)).status, 'crashed', run);
			await isRetried(run, id, nth === 0);
		}),
	]);
	const failures = allItemsOf(await endOf(rest, givingUp), 'Failures');
	const tea = failures.find(({ json }) => json.title === 'tea');
	equal(tea?.json.what_happened, 'No video after all rounds: processing');
	ok(simulator.tasks.has(String(tea?.json.task_id)));
	equal(simulator.tasks.size, size, 'nothing is ordered after the kill');
	await stop();
}
