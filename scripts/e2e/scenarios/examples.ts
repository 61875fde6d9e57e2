// Each workflow in `examples` can be imported without a warning, and runs as it is.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match } from 'node:assert/strict';
import { join } from 'node:path';
import { z } from 'zod';
import { example, exampleNames, EXAMPLES } from '../../../tools/n8n/furnish';
import {
	baseNode,
	chain,
	itemsOf,
	type Workflow,
	type WorkflowNode,
} from '../../../tools/n8n/workflow';
import { checksOf, succeed, type Run } from '../runs';
import type { Scenario, World } from '../world';
import { SURVIVING } from './survives';
import { listed } from './workflows';

async function imports(world: World): Promise<void> {
	deepEqual([...Object.keys(RUNS), ...SURVIVING].sort(), exampleNames().sort());
	const none = { clientId: 'none', clientSecret: 'none' };
	await world.rest.createCredential('Google Sheets account', 'googleSheetsOAuth2Api', none);
	const editor = await world.openEditor();
	for (const name of exampleNames()) {
		const { nodes } = example(name);
		const notes = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
		match(String(notes[0]?.parameters.content), /Each item costs credits/, name);
		await editor.importWorkflow(join(EXAMPLES, `${name}.json`));
		await editor.node(nodes[0].name).waitFor();
		await editor.settle();
		deepEqual(await editor.issues(), [], `issues of nodes in ${name}`);
		deepEqual(await editor.notices(), [], `notices about ${name}`);
		await editor.picture(`example-${name}`);
	}
}

const quickStart = (name: string): Run => ({
	workflow: () => example(name),
	async check(execution, { rest }) {
		const [{ json, binary }] = itemsOf(execution, 'Generate a Video');
		equal(json.duration, 5);
		equal((await rest.file(binary.data)).subarray(4, 8).toString(), 'ftyp');
	},
});

/** What the agent says in the end. */
const chat = (name: string, says: RegExp): Run => ({
	workflow: () => ({
		...example(name),
		pinData: { Chat: [{ json: { chatInput: 'A horse on a beach', sessionId: name } }] },
	}),
	trigger: 'Chat',
	check: (execution) => match(String(itemsOf(execution, 'Agent')[0].json.output), says),
});

const RUNS: Record<string, Run> = {
	'quick-start': quickStart('quick-start'),
	'quick-start-model-studio': quickStart('quick-start-model-studio'),
	'batch-from-a-list': {
		workflow: () => example('batch-from-a-list'),
		check(execution) {
			const titles = (node: string) => itemsOf(execution, node).map(({ json }) => json.title);
			deepEqual(titles('Videos'), ['train', 'whale', 'tea']);
			deepEqual(titles('Failures'), ['too-long']);
			const [{ json }] = itemsOf(execution, 'Failures');
			match(String(json.what_happened), /Duration/);
			match(String(json.what_to_do), /Nothing was ordered/);
			equal(itemsOf(execution, 'Videos')[0].binary.data.fileName, 'train.mp4');
		},
	},
	'batch-model-studio': {
		workflow: () => example('batch-model-studio'),
		check(execution, { modelStudio }) {
			const [{ json }] = itemsOf(execution, 'What It Cost');
			deepEqual(json, { videos: 3, ordered_seconds: 12, billed_seconds: 12 });
			const seeds = [...modelStudio.tasks.values()].map(({ body }) => body.parameters?.seed);
			deepEqual(seeds, [42, 42, 42]);
		},
	},
	'image-to-video-to-edit': {
		workflow: () => example('image-to-video-to-edit'),
		check(execution) {
			const [{ json, binary }] = itemsOf(execution, 'Make It Snow');
			equal(json.operation, 'editVideo');
			equal(binary.data.fileName, 'snow.mp4');
			equal(binary.cover.mimeType, 'image/jpeg');
		},
	},
	'weekly-on-schedule': {
		workflow: () => example('weekly-on-schedule'),
		trigger: 'Every Monday at 9',
		check(execution) {
			const [{ binary }] = itemsOf(execution, 'Generate a Video');
			match(binary.data.fileName ?? '', /^week-\d{4}-\d\d\.mp4$/);
		},
	},
	'ai-agent': chat('ai-agent', /\.mp4/),
	'ai-agent-two-tools': chat('ai-agent-two-tools', /task_\d+/),
	'videos-from-a-sheet': sheet(),
};

export const examples: Scenario = {
	name: 'examples',
	needs: ['chromium'],
	checks: [imports, ...checksOf(RUNS)],
};

/** The rows are read from a data table, and written back to it. */
function sheet(): Run {
	let table = '';
	return {
		async workflow(world) {
			table = await filledTable(world);
			return onTable(example('videos-from-a-sheet'), table);
		},
		check: async (_, world) => await checkTable(world, table),
	};
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

/** Reads all rows of a data table. */
const READ = { operation: 'get', matchType: 'allConditions', filters: {}, returnAll: true };

/** The parameters of a node that writes to the sheet. */
const columnsShape = z.object({ columns: z.object({ value: z.record(z.string()) }) });

function tableNode(name: string, table: string, parameters: object): WorkflowNode {
	const dataTableId = { __rl: true, mode: 'id', value: table };
	return baseNode(name, 'dataTable', 1, { dataTableId, ...parameters });
}

/** A data table of n8n, which stands in for the sheet. Returns its id. */
async function filledTable(world: World): Promise<string> {
	const table = await world.rest.createTable(`sheet${Date.now()}`, SHEET);
	const columns = { mappingMode: 'autoMapInputData', value: null };
	const insert = tableNode('Insert', table, { operation: 'insert', columns });
	await succeed(world, chain('Fill the sheet', ...listed(ROWS), insert));
	return table;
}

/** The workflow with that table in place of the sheet. */
function onTable({ nodes, ...more }: Workflow, table: string): Workflow {
	const replaced = ({ id, name, position, type, parameters }: WorkflowNode) => {
		if (type !== 'n8n-nodes-base.googleSheets') return undefined;
		if (parameters.operation === undefined)
			return { ...tableNode(name, table, READ), id, position };
		const { row_number, ...value } = columnsShape.parse(parameters).columns.value;
		const update = {
			operation: 'update',
			filters: { conditions: [{ keyName: 'row_number', keyValue: row_number }] },
			columns: { mappingMode: 'defineBelow', value },
		};
		return { ...tableNode(name, table, update), id, position };
	};
	const [first, ...others] = nodes.map((node) => replaced(node) ?? node);
	return { ...more, nodes: [first, ...others] };
}

async function checkTable(world: World, table: string): Promise<void> {
	const look = tableNode('Look', table, READ);
	const seen = itemsOf(await succeed(world, chain('Look at the sheet', look)), 'Look');
	const rows = new Map(seen.map(({ json }) => [json.title, json]));
	deepEqual([...rows.keys()].sort(), ['fox', 'long', 'old', 'owl']);
	for (const animal of ['fox', 'owl']) {
		const { status, video_url, task_id } = rows.get(animal) ?? {};
		equal(status, 'done');
		match(String(video_url), /\.mp4$/);
		equal(world.simulator.tasks.get(String(task_id))?.body.prompt, `A paper ${animal}`);
	}
	equal(rows.get('old')?.video_url, '', 'what is done is left alone');
	match(String(rows.get('long')?.status), /Duration \(Seconds\) must be .* but is "900"/);
	equal(world.simulator.tasks.size, 2);
}
