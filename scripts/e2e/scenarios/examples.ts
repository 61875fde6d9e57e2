// Each workflow in `examples` can be imported without a warning, and runs as it is, among stand-ins for what it talks to.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { imageFile } from '../../../tools/images';
import { example, exampleNames, EXAMPLES } from '../../../tools/n8n/furnish';
import { attachmentOf, openMailbox } from '../../../tools/n8n/mailbox';
import { until } from '../../../tools/n8n/rest';
import {
	allItemsOf,
	baseNode,
	chain,
	itemsOf,
	type Workflow,
	type WorkflowNode,
} from '../../../tools/n8n/workflow';
import type { Editor } from '../editor';
import { CHAT, checksOf, fillIn, good, publish, serving, succeed, type Run } from '../runs';
import type { Scenario, World } from '../world';
import { SURVIVING } from './survives';
import { listed } from './workflows';

/** n8n 1 has no node that makes a data table. */
const isRunnable = ({ install }: World, name: string) =>
	!(install.version.startsWith('1.') && name === 'what-it-cost');

async function imports(world: World): Promise<void> {
	const tried = [...Object.keys(RUNS), ...Object.keys(CHECKS), ...SURVIVING];
	deepEqual(tried.sort(), exampleNames().sort());
	const folder = join(world.output, 'canvas');
	mkdirSync(folder, { recursive: true });
	const editor = await world.openEditor();
	for (const name of exampleNames().filter((one) => isRunnable(world, one))) {
		const { nodes } = example(name);
		const notes = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
		match(String(notes[0]?.parameters.content), /Each item costs credits/, name);
		await editor.importWorkflow(join(EXAMPLES, `${name}.json`));
		await editor.node(nodes[0].name).waitFor();
		await editor.settle();
		deepEqual(await editor.complaints(), [], name);
		await canvasPicture(editor, join(folder, `${name}.png`));
	}
}

/** Pixels around what is in the picture of a canvas: the name of a node stands below it. */
const MARGIN = 56;

/** Takes the picture of all nodes and notes of a workflow that `examples/README.md` shows. */
async function canvasPicture({ page }: Editor, path: string): Promise<void> {
	// What was just imported is selected
	await page.locator('.vue-flow__pane').click({ position: { x: 4, y: 4 } });
	const edges = await page.locator('.vue-flow__node').evaluateAll((nodes) =>
		nodes.map((node) => {
			const { left, top, right, bottom } = node.getBoundingClientRect();
			return { left, top, right, bottom };
		}),
	);
	const x = Math.min(...edges.map(({ left }) => left)) - MARGIN;
	const y = Math.min(...edges.map(({ top }) => top)) - MARGIN;
	const width = Math.max(...edges.map(({ right }) => right)) + MARGIN - x;
	const height = Math.max(...edges.map(({ bottom }) => bottom)) + MARGIN - y;
	const picture = await page.screenshot({ clip: { x, y, width, height }, animations: 'disabled' });
	await sharp(picture).png({ palette: true }).toFile(path);
}

/** What the agent says in the end. */
const chat = (name: string, says: RegExp): Run => ({
	workflow: () => ({ ...example(name), pinData: CHAT }),
	trigger: 'Chat',
	check: (execution) => match(String(itemsOf(execution, 'Agent')[0].json.output), says),
});

/** Those that are run by hand, as they are. */
const RUNS: Record<string, Run> = {
	'quick-start': {
		workflow: () => example('quick-start'),
		async check(execution, { rest }) {
			const [{ json, binary }] = itemsOf(execution, 'Generate a Video');
			equal(json.duration, 5);
			equal((await rest.file(binary.data)).subarray(4, 8).toString(), 'ftyp');
		},
	},
	'ai-agent': chat('ai-agent', /\.mp4/),
	'ai-agent-two-tools': chat('ai-agent-two-tools', /task_\d+/),
};

/** Those that wait for somebody, or write somewhere. */
const CHECKS: Record<string, (world: World) => Promise<void>> = {
	'film-from-one-idea': filmsFromOneIdea,
	'approve-then-film': approvals,
	'photo-form-to-mail': photosByMail,
	'product-photos-to-clips': productPhotos,
	'what-it-cost': costs,
};

export const examples: Scenario = {
	name: 'examples',
	needs: ['chromium'],
	checks: [
		imports,
		...checksOf(RUNS),
		...Object.entries(CHECKS).map(([name, check]) => async (world: World) => {
			if (isRunnable(world, name)) await check(world);
		}),
	],
};

/** The example with Dry Run on, and without a credential, which a newcomer does not have; or with Dry Run off. */
function rehearsed(name: string, dryRun: boolean): Workflow {
	const workflow = example(name);
	for (const node of workflow.nodes) {
		if (!node.type.endsWith('.happyHorse') || node.parameters.resource === 'film') continue;
		node.parameters.options = { ...Object(node.parameters.options), dryRun };
		if (dryRun) node.credentials = {};
	}
	return workflow;
}

/** The service fails to make a video whose prompt has these words. */
function fail({ simulator }: World, words: string): void {
	const match = ({ prompt = '' }) => prompt.includes(words);
	simulator.outcomes.push({ match, outcome: { result: 'failed' } });
}

/** Starts a workflow that begins with a form. Returns the form's address. */
async function openForm({ n8n, rest }: World, workflow: Workflow, byHand: boolean) {
	const [trigger] = workflow.nodes;
	const path = `form-${Date.now()}`;
	trigger.webhookId = path;
	if (byHand) await rest.listen(await rest.createWorkflow(workflow), trigger.name);
	else await publish(rest, workflow);
	return `${n8n.base}/${byHand ? 'form-test' : 'form'}/${path}`;
}

/** Rehearsed by hand; published, where the service fails to make the third scene; and with a model that writes no scenes. */
const FILMS = [
	{ dryRun: true, orders: 0, seconds: 15, says: /is ready[^]*film \(15 seconds\)/ },
	{
		dryRun: false,
		orders: 3,
		seconds: 10,
		says: /film \(10 seconds\)[^]*Not in[^]*scene 3: .*fail/,
	},
	{ dryRun: true, orders: 0, says: /There is no film this time/, model: () => 'No, I won’t' },
];

/** The form is filled in, in a browser, and the page that it leads to waits for the film. */
async function filmsFromOneIdea(world: World): Promise<void> {
	const { install, rest, simulator, model } = world;
	const { page } = await world.openEditor();
	for (const { dryRun, orders, seconds, says, model: refusal } of FILMS) {
		simulator.reset();
		fail(world, 'sees the sea');
		model.script.length = 0;
		// It is asked several times
		if (refusal) model.script.push(...Array<typeof refusal>(10).fill(refusal));
		const url = await openForm(world, rehearsed('film-from-one-idea', dryRun), dryRun);
		await until(async () => (await page.goto(url))?.ok(), `the form ${url}`);
		await page.locator('textarea').fill('A paper fox wants to see the sea');
		await page.locator('input[type=file]').setInputFiles({
			name: 'fox.png',
			mimeType: 'image/png',
			buffer: await imageFile('png', 640, 480),
		});
		await page.locator('select').first().selectOption('3');
		await page.locator('select').last().selectOption('9:16');
		await page.locator('#submit-btn').click();
		await page.getByText(/Your film is ready|There is no film/).waitFor({ timeout: 60_000 });
		match(await page.locator('body').innerText(), says);
		equal(simulator.tasks.size, orders);
		for (const { body } of simulator.tasks.values()) {
			deepEqual([body.reference_images?.length, body.aspect_ratio], [1, '9:16']);
		}
		if (seconds === undefined) continue;
		const link = await page.getByText('Download the film').getAttribute('href');
		// The page tells n8n that it was shown; from then on, the link is there
		const resting = await until(async () => {
			const [{ id }] = await rest.executions();
			const execution = await rest.execution(id);
			return itemsOf(execution, 'Until the Link Is Opened').length > 0 && execution;
		}, 'the link of the film');
		const [{ json, binary }] = itemsOf(resting, 'Join the Scenes');
		equal(json.duration, seconds);
		// n8n 1 keeps files in memory unless told otherwise, and answers with a list of bytes then
		const times = install.version.startsWith('1.') ? 0 : 2;
		for (let time = 0; time < times; time++) {
			const film = await until(async () => {
				const response = await fetch(String(link));
				return response.ok && (await response.arrayBuffer());
			}, 'the film behind the link');
			deepEqual(Buffer.from(film), await rest.file(binary.film));
		}
		await rest.stop(resting.id);
	}
	model.script.length = 0;
}

/** Runs something beside a mailbox. `open`: makes a workflow's mail nodes send to it. */
async function withMailbox(
	{ rest }: World,
	work: (mails: string[], open: (workflow: Workflow) => Workflow) => Promise<void>,
): Promise<void> {
	const mailbox = await openMailbox();
	const server = { host: '127.0.0.1', port: mailbox.port, secure: false, disableStartTls: true };
	const data = { user: '', password: '', ...server };
	const smtp = await rest.createCredential(`Mailbox ${mailbox.port}`, 'smtp', data);
	const open = (workflow: Workflow) => {
		for (const { credentials } of workflow.nodes) if (credentials?.smtp) credentials.smtp = smtp;
		return workflow;
	};
	await work(mailbox.mails, open).finally(mailbox.close);
}

/** The text of a mail, its transfer encoding (RFC 2045) undone. */
function textOf(mail: string): string {
	return mail
		.replace(/=\r\n/g, '')
		.replace(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Somebody opens the link in the mail, looks at the frames, and decides. */
async function approvals(world: World): Promise<void> {
	const { rest, simulator } = world;
	const frames = `${simulator.mediaUrl}/file/`;
	const withFrames = (text: string) => text.replaceAll('https://example.com/', frames);
	await withMailbox(world, async (mails, open) => {
		for (const [decision, orders] of Object.entries({ 'Not yet': 0, 'Film it': 3 })) {
			const saved = await rest.createWorkflow(open(example('approve-then-film', withFrames)));
			const id = await rest.run(saved, 'Start');
			const mail = textOf(await until(() => mails.shift(), 'the mail'));
			const [link] = /http[^"\s]+\/webhook-waiting\/[^"\s]+/.exec(mail) ?? [''];
			const url = link.replaceAll('&amp;', '&');
			await until(async () => (await rest.execution(id)).status === 'waiting', 'the question');
			const page = await (await fetch(url)).text();
			for (const title of ['harbor', 'storm', 'island']) {
				match(page, new RegExp(`<img src="${frames}${title}.jpg"`));
			}
			equal(simulator.requests.length, 0, 'nothing is asked for before the approval');
			// The first field is the storyboard
			await fillIn(url, '', decision, 'A bit more sun');
			const execution = good(await rest.ended(id), decision);
			equal(simulator.tasks.size, orders, decision);
			const [film] = itemsOf(execution, 'Join the Scenes');
			equal(film?.json.duration, orders === 0 ? undefined : 15);
			const [refused] = itemsOf(execution, 'Nothing Is Ordered');
			equal(refused?.json.what_should_change, orders === 0 ? 'A bit more sun' : undefined);
		}
	});
}

/** Photos by their size in pixels, and what comes by mail. */
const PHOTOS = [
	{ size: 800, dryRun: true, orders: 0, fileName: 'your-photo.mp4' },
	{ size: 800, dryRun: false, orders: 1, fileName: 'your-photo.mp4' },
	{ size: 100, dryRun: false, orders: 0, says: /100 .* 100 pixels/ },
];

async function photosByMail(world: World): Promise<void> {
	const { simulator } = world;
	await withMailbox(world, async (mails, open) => {
		for (const { size, dryRun, orders, fileName, says = /is attached/ } of PHOTOS) {
			simulator.reset();
			const workflow = open(rehearsed('photo-form-to-mail', dryRun));
			const url = await openForm(world, workflow, dryRun);
			const image = new Uint8Array(await imageFile('png', size, size));
			const photo = new File([image], 'me.png', { type: 'image/png' });
			await fillIn(url, photo, 'She smiles', 'somebody@example.com');
			const mail = await until(() => mails.shift(), 'the mail');
			match(mail, /To: somebody@example\.com/);
			match(textOf(mail), says);
			const attached = attachmentOf(mail);
			equal(attached?.fileName, fileName);
			if (attached) equal(attached.content.toString('latin1', 4, 8), 'ftyp');
			const prompts = [...simulator.tasks.values()].map(({ prompt }) => prompt);
			deepEqual(prompts, Array(orders).fill('She smiles'));
			if (dryRun) equal(simulator.requests.length, 0, 'a dry run asks the service for nothing');
		}
	});
}

/** The columns of the sheet that the example reads. */
const SHEET = ['row_number', 'product', 'photo', 'motion', 'status', 'clip', 'task_id'];

/** Reads all rows of a data table. */
const READ = { operation: 'get', matchType: 'allConditions', filters: {}, returnAll: true };

/** The parameters of a node that writes to the sheet. */
const columnsShape = z.object({ columns: z.object({ value: z.record(z.string()) }) });

function tableNode(name: string, table: string, parameters: object): WorkflowNode {
	const dataTableId = { __rl: true, mode: 'id', value: table };
	return baseNode(name, 'dataTable', 1, { dataTableId, ...parameters });
}

/** What takes the place of a Google node: a data table for the sheet, an HTTP server for the drive. */
function standIn(
	{ name, type, parameters }: WorkflowNode,
	table: string,
	url: string,
): WorkflowNode | undefined {
	if (type === 'n8n-nodes-base.googleDrive') {
		const body = { sendBody: true, contentType: 'binaryData', inputDataFieldName: 'data' };
		const to = { method: 'POST', url: `=${url}/{{ $binary.data.fileName }}` };
		return baseNode(name, 'httpRequest', 4.2, { ...to, ...body, options: {} });
	}
	if (type !== 'n8n-nodes-base.googleSheets') return undefined;
	if (parameters.operation === undefined) return tableNode(name, table, READ);
	const { row_number, ...value } = columnsShape.parse(parameters).columns.value;
	return tableNode(name, table, {
		operation: 'update',
		filters: { conditions: [{ keyName: 'row_number', keyValue: row_number }] },
		columns: { mappingMode: 'defineBelow', value },
	});
}

/** The rows of the sheet: what they hold, and what stands in them afterwards. */
const PRODUCTS = [
	{ product: 'lamp', becomes: /^done$/, clip: /^https:\/\/drive\.example\.com\/lamp\.mp4$/ },
	{ product: 'vase', becomes: /^filmed, but not kept: .*500/, clip: /\/file\/.*\.mp4$/ },
	{ product: 'chair', photo: '', becomes: /Image URL/, clip: /^$/ },
	{ product: 'table', status: 'done', becomes: /^done$/, clip: /^$/ },
];

/** A drive that has no room for the vase. */
const drive: RequestListener = (request, response) => {
	request.resume();
	if (request.url?.includes('vase')) response.statusCode = 500;
	response.setHeader('content-type', 'application/json');
	response.end(JSON.stringify({ webViewLink: `https://drive.example.com${request.url}` }));
};

async function productPhotos(world: World): Promise<void> {
	const { rest, simulator } = world;
	const table = await rest.createTable(`sheet${Date.now()}`, SHEET);
	const empty = Object.fromEntries(SHEET.map((column) => [column, '']));
	const rows = PRODUCTS.map(({ product, photo, status = '' }, index) => {
		const link = photo ?? `${simulator.mediaUrl}/file/${product}.jpg`;
		return { ...empty, row_number: String(index + 2), product, photo: link, status };
	});
	const columns = { mappingMode: 'autoMapInputData', value: null };
	const insert = tableNode('Insert', table, { operation: 'insert', columns });
	await succeed(world, chain('Fill the sheet', ...listed(rows), insert));
	await serving(drive, async (url) => {
		const workflow = example('product-photos-to-clips');
		for (const node of workflow.nodes) {
			const replaced = standIn(node, table, url);
			if (replaced === undefined) continue;
			const { type, typeVersion, parameters } = replaced;
			Object.assign(node, { type, typeVersion, parameters, credentials: undefined });
		}
		await succeed(world, workflow);
	});
	const look = await succeed(world, chain('Look', tableNode('Rows', table, READ)));
	const seen = new Map(itemsOf(look, 'Rows').map(({ json }) => [json.product, json]));
	for (const { product, becomes, clip } of PRODUCTS) {
		match(String(seen.get(product)?.status), becomes, product);
		match(String(seen.get(product)?.clip), clip, product);
	}
	const ordered = [...simulator.tasks.keys()].sort();
	deepEqual([seen.get('lamp')?.task_id, seen.get('vase')?.task_id].sort(), ordered);
}

/** Three orders, of which one comes to nothing, and the sum of the week. */
async function costs(world: World): Promise<void> {
	const { rest } = world;
	fail(world, 'owl');
	// A second try of the scenario must not count the orders of the first
	const table = `Orders ${Date.now()}`;
	const withTable = (text: string) => text.replaceAll('HappyHorse Orders', table);
	const saved = await rest.createWorkflow(example('what-it-cost', withTable));
	const run = async (trigger: string) =>
		good(await rest.ended(await rest.run(saved, trigger)), trigger);
	equal(allItemsOf(await run('Start'), 'Note the Order').length, 3);
	const [{ json }] = itemsOf(await run('Every Monday at 9'), 'Weekly Sum');
	deepEqual(json, { orders: 3, without_a_video: 1, seconds: 9, price: 1.26 });
}
