// Each workflow in `examples` can be imported without a warning, and runs as it is.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual,equal,match } from 'node:assert/strict';
import { join } from 'node:path';
import { z } from 'zod';
import { example,exampleNames,EXAMPLES } from '../../../tools/n8n/furnish';
import { until,type Rest } from '../../../tools/n8n/rest';
import {
baseNode,
chain,
errorOf,
itemsOf,
type Execution,
type Workflow,
type WorkflowNode,
} from '../../../tools/n8n/workflow';
import type { Scenario,World } from '../world';

/** Ms within which n8n takes a waiting execution up again: the wait itself, and a look every minute. */
const WAITING_MS = 200_000;

export const examples: Scenario = { name: 'examples', needs: ['chromium'], run: runExamples };

async function runExamples(world: World): Promise<void> {
	// It waits for minutes: everything else is looked at meanwhile
	const collected = await orderNow(world);
	await imports(world);
	const runs = {
		'quick-start': quickStart,
		'quick-start-model-studio': quickStart,
		'batch-from-a-list': batch,
		'batch-model-studio': batchWithSeed,
		'ai-agent': agent,
	};
	const others = {
		'ai-agent-two-tools': twoTools,
		'image-to-video-to-edit': imageToEdit,
		'videos-from-a-sheet': sheet,
		'weekly-on-schedule': weekly,
	};
	const all = { ...runs, ...others };
	deepEqual(Object.keys({ ...all, 'order-now-collect-later': true }).sort(), exampleNames().sort());
	for (const [name, check] of Object.entries(all)) await check(world, name);
	await collected();
}

async function imports(world: World): Promise<void> {
	await world.rest.createCredential('Google Sheets account', 'googleSheetsOAuth2Api', {
		clientId: 'none',
		clientSecret: 'none',
	});
	const editor = await world.openEditor();
	for (const name of exampleNames()) {
		checkNote(name);
		await editor.importWorkflow(join(EXAMPLES, `${name}.json`));
		await editor.node(example(name).nodes[0].name).waitFor();
		await editor.settle();
		deepEqual(await editor.issues(), [], `issues of nodes in ${name}`);
		deepEqual(await editor.notices(), [], `notices about ${name}`);
		await editor.screenshot(join(world.output, `example-${name}.png`));
	}
}

/** Every note says that running costs money. */
function checkNote(name: string): void {
	const notes = example(name).nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
	match(String(notes[0]?.parameters.content), /Each item costs credits/, name);
}

/** Runs an example, which has to be good. Returns the execution. */
async function succeed({ rest }: World, name: string, trigger = 'Start'): Promise<Execution> {
	const execution = await rest.runToEnd(example(name), trigger);
	equal(execution.status, 'success', `${name}: ${JSON.stringify(errorOf(execution))}`);
	return execution;
}

async function quickStart(world: World, name: string): Promise<void> {
	const [{ json, binary }] = itemsOf(await succeed(world, name), 'Generate a Video');
	equal(json.duration, 5);
	const file = await world.rest.file(binary.data);
	equal(file.subarray(4, 8).toString(), 'ftyp');
}

async function batch(world: World, name: string): Promise<void> {
	const execution = await succeed(world, name);
	const titles = (node: string) => itemsOf(execution, node).map(({ json }) => json.title);
	deepEqual(titles('Videos'), ['train', 'whale', 'tea']);
	deepEqual(titles('Failures'), ['too-long']);
	const [{ json }] = itemsOf(execution, 'Failures');
	match(String(json.what_happened), /Duration/);
	match(String(json.what_to_do), /Nothing was ordered/);
	equal(itemsOf(execution, 'Videos')[0].binary.data.fileName, 'train.mp4');
}

async function batchWithSeed(world: World, name: string): Promise<void> {
	const before = world.modelStudio.tasks.size;
	const [{ json }] = itemsOf(await succeed(world, name), 'What It Cost');
	deepEqual(json, { videos: 3, ordered_seconds: 12, billed_seconds: 12 });
	const seeds = [...world.modelStudio.tasks.values()]
		.slice(before)
		.map(({ body }) => body.parameters?.seed);
	deepEqual(seeds, [42, 42, 42]);
}

/** The columns of the sheet that the example reads, and n8n's own. */
const SHEET = ['row_number', 'title', 'prompt', 'seconds', 'status', 'video_url', 'task_id'];

/** The rows of the sheet: one is done already, one asks for too much. */
const ROWS = [
	{ title: 'fox', prompt: 'A paper fox', seconds: '3', status: '' },
	{ title: 'old', prompt: 'Not again', seconds: '3', status: 'done' },
	{ title: 'long', prompt: 'A whole film', seconds: '900', status: '' },
	{ title: 'owl', prompt: 'A paper owl', seconds: '4', status: '' },
].map((row, index) => ({ row_number: String(index + 2), video_url: '', task_id: '', ...row }));

/** A node of n8n's data table in the place of one that works on the sheet. */
function tableNode(
	node: WorkflowNode,
	table: string,
	parameters: Record<string, unknown>,
): WorkflowNode {
	const dataTableId = { __rl: true, mode: 'id', value: table };
	const { id, name, position } = node;
	const type = 'n8n-nodes-base.dataTable';
	return { id, name, position, type, typeVersion: 1, parameters: { dataTableId, ...parameters } };
}

/** Fills a data table, which stands in for the sheet; the rows are read from it and written back to it. */
async function sheet(world: World, name: string): Promise<void> {
	const { rest, simulator } = world;
	const table = await rest.createTable('sheet', SHEET);
	const columns = { mappingMode: 'autoMapInputData', value: null };
	const fill = chain(
		'Fill the sheet',
		baseNode('Rows', 'set', 3.4, { mode: 'raw', jsonOutput: JSON.stringify({ rows: ROWS }) }),
		baseNode('Split', 'splitOut', 1, { fieldToSplitOut: 'rows' }),
		tableNode(baseNode('Insert', 'dataTable', 1), table, { operation: 'insert', columns }),
	);
	const filled = await rest.runToEnd(fill);
	equal(filled.status, 'success', JSON.stringify(errorOf(filled)));
	// Another example's task is still waited for: the simulator is not reset
	const before = simulator.tasks.size;

	const workflow = example(name);
	const read = { operation: 'get', matchType: 'allConditions', filters: {}, returnAll: true };
	const inTable = (node: WorkflowNode): WorkflowNode => {
		if (node.type !== 'n8n-nodes-base.googleSheets') return node;
		if (node.parameters.operation === undefined) return tableNode(node, table, read);
		const { value } = columnsShape.parse(node.parameters).columns;
		const { row_number, ...values } = value;
		return tableNode(node, table, {
			operation: 'update',
			filters: { conditions: [{ keyName: 'row_number', keyValue: row_number }] },
			columns: { mappingMode: 'defineBelow', value: values },
		});
	};
	const [first, ...others] = workflow.nodes.map(inTable);
	const run = await rest.runToEnd({ ...workflow, nodes: [first, ...others] });
	equal(run.status, 'success', JSON.stringify(errorOf(run)));

	const look = tableNode(baseNode('Look', 'dataTable', 1), table, read);
	const seen = itemsOf(await rest.runToEnd(chain('Look at the sheet', look)), 'Look');
	const rows = seen
		.map(({ json }) => json)
		.sort((a, b) => Number(a.row_number) - Number(b.row_number));
	deepEqual(
		rows.map(({ title }) => title),
		['fox', 'old', 'long', 'owl'],
	);
	const [fox, old, long, owl] = rows;
	for (const [row, prompt] of [
		[fox, 'A paper fox'],
		[owl, 'A paper owl'],
	] as const) {
		equal(row.status, 'done');
		match(String(row.video_url), /\.mp4$/);
		equal(simulator.tasks.get(String(row.task_id))?.body.prompt, prompt);
	}
	equal(old.video_url, '', 'what is done is left alone');
	match(String(long.status), /Duration \(Seconds\) must be .* but is "900"/);
	equal(simulator.tasks.size - before, 2);
}

async function imageToEdit(world: World, name: string): Promise<void> {
	const [{ json, binary }] = itemsOf(await succeed(world, name), 'Make It Snow');
	equal(json.operation, 'editVideo');
	equal(binary.data.fileName, 'snow.mp4');
	equal(binary.cover.mimeType, 'image/jpeg');
}

async function weekly(world: World, name: string): Promise<void> {
	const execution = await succeed(world, name, 'Every Monday at 9');
	match(
		itemsOf(execution, 'Generate a Video')[0].binary.data.fileName ?? '',
		/^week-\d{4}-\d\d\.mp4$/,
	);
}

async function agent(world: World, name: string): Promise<void> {
	const workflow = example(name);
	workflow.pinData = { Chat: [{ json: { chatInput: 'A horse on a beach', sessionId: name } }] };
	const execution = await world.rest.runToEnd(workflow, 'Chat');
	equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
	match(String(itemsOf(execution, 'Agent')[0].json.output), /\.mp4/);
}

async function twoTools(world: World, name: string): Promise<void> {
	const workflow = example(name);
	workflow.pinData = { Chat: [{ json: { chatInput: 'A horse on a beach', sessionId: name } }] };
	const execution = await world.rest.runToEnd(workflow, 'Chat');
	equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
	match(String(itemsOf(execution, 'Agent')[0].json.output), /task_\d+/);
}

/** The parameters of a node that writes to the sheet. */
const columnsShape = z.object({ columns: z.object({ value: z.record(z.string()) }) });

/** The parameters of a node that makes a data table. */
const tableShape = z.object({
	tableName: z.string(),
	columns: z.object({ column: z.array(z.object({ name: z.string() })) }),
});

/** n8n 1.x can neither make a table in a workflow nor find one by name: its user does both by hand. */
async function useOwnTable(rest: Rest, workflow: Workflow): Promise<void> {
	const tables = workflow.nodes.filter(({ type }) => type === 'n8n-nodes-base.dataTable');
	const [make, ...others] = tables;
	const { tableName, columns } = tableShape.parse(make.parameters);
	const names = columns.column.map(({ name }) => name);
	const value = await rest.createTable(tableName, names);
	for (const node of others) node.parameters.dataTableId = { __rl: true, mode: 'id', value };
	make.disabled = true;
}

/** Orders, restarts n8n in the middle of the wait, and returns a function that waits for the end. */
async function orderNow(world: World): Promise<() => Promise<void>> {
	const { install, n8n, rest, simulator } = world;
	const workflow = example('order-now-collect-later');
	const [wait] = workflow.nodes.filter(({ name }) => name === 'Two Minutes');
	// A little more than a minute is the least for which n8n puts an execution into its database
	wait.parameters = { amount: 70, unit: 'seconds' };
	if (install.version.startsWith('1.')) await useOwnTable(rest, workflow);
	const saved = await rest.createWorkflow(workflow);
	const executionId = await rest.run(saved, 'Start');
	await until(async () => (await rest.execution(executionId)).status === 'waiting', 'the wait');
	equal(simulator.tasks.size, 1);
	const [task] = simulator.tasks.values();
	await n8n.stop();
	await n8n.start();
	return async () => {
		const execution = await rest.ended(executionId, WAITING_MS);
		equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
		const [{ binary }] = itemsOf(execution, 'Look at the Task');
		equal(binary.data.mimeType, 'video/mp4');
		const [{ json }] = itemsOf(execution, 'Note the Result');
		equal(json.task_id, task.id);
		equal(json.status, 'succeeded');
		match(String(json.video_url), /\.mp4$/);
	};
}
