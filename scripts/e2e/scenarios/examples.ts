// Each workflow in `examples` can be imported without a warning, and runs as it is, among stand-ins for what it talks to.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { imageFile } from '../../../tools/images';
import { example, exampleNames, EXAMPLES } from '../../../tools/n8n/furnish';
import { attachmentOf, openMailbox, type Mailbox } from '../../../tools/n8n/mailbox';
import { until } from '../../../tools/n8n/rest';
import {
	allItemsOf,
	baseNode,
	chain,
	itemsOf,
	type Workflow,
	type WorkflowNode,
} from '../../../tools/n8n/workflow';
import { close, listen, newServer, portOf } from '../../../tools/simulator/http';
import type { Editor } from '../editor';
import { checksOf, good, publish, succeed, type Run } from '../runs';
import type { Scenario, World } from '../world';
import { SURVIVING } from './survives';
import { listed } from './workflows';

/** n8n 1 has no node that makes a data table. */
const NEEDS_N8N_2 = ['what-it-cost'];

const GOOGLE = { clientId: 'none', clientSecret: 'none' };

/** The credentials beside those that every n8n here has, by type: an import goes by their names. */
const OTHER_CREDENTIALS: Record<string, [name: string, data: object]> = {
	googleSheetsOAuth2Api: ['Google Sheets account', GOOGLE],
	googleDriveOAuth2Api: ['Google Drive account', GOOGLE],
	smtp: ['SMTP account', { host: '127.0.0.1' }],
};

/** Those that have them: of two with one name, an import takes neither. */
const furnished = new WeakSet<World>();

const isRunnable = ({ install }: World, name: string) =>
	!(install.version.startsWith('1.') && NEEDS_N8N_2.includes(name));

async function imports(world: World): Promise<void> {
	const tried = [...Object.keys(RUNS), ...Object.keys(CHECKS), ...SURVIVING];
	deepEqual(tried.sort(), exampleNames().sort());
	for (const [type, [name, data]] of furnished.has(world)
		? []
		: Object.entries(OTHER_CREDENTIALS)) {
		await world.rest.createCredential(name, type, data);
	}
	furnished.add(world);
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
		deepEqual(await editor.issues(), [], `issues of nodes in ${name}`);
		deepEqual(await editor.notices(), [], `notices about ${name}`);
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
	workflow: () => ({
		...example(name),
		pinData: { Chat: [{ json: { chatInput: 'A horse on a beach', sessionId: name } }] },
	}),
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

/** A node of a workflow, by name. */
function nodeOf({ nodes }: Workflow, name: string): WorkflowNode {
	const found = nodes.find((node) => node.name === name);
	if (found === undefined) throw new TypeError(`There is no node ${name}`);
	return found;
}

/** An image as a browser sends it. */
async function photo(width: number, height: number): Promise<File> {
	const bytes = new Uint8Array(await imageFile('png', width, height));
	return new File([bytes], 'photo.png', { type: 'image/png' });
}

/** By hand and published. The service fails to make the third scene; once, the model writes no scenes. */
const FILMS = [
	{
		byHand: true,
		dryRun: true,
		orders: 0,
		says: /ready[^]*Download the film \(15 seconds\)/,
		seconds: 15,
	},
	{
		dryRun: false,
		orders: 3,
		says: /Download the film \(10 seconds\)[^]*Not in the film:\s+scene 3: .*fail/,
		seconds: 10,
	},
	{ dryRun: true, orders: 0, says: /There is no film this time/, answer: 'No, I won’t' },
];

/** The form is filled in, in a browser, and the page that it leads to waits for the film. */
async function filmsFromOneIdea(world: World): Promise<void> {
	const { n8n, rest, simulator, model } = world;
	const { page } = await world.openEditor();
	for (const { byHand, dryRun, orders, says, seconds, answer } of FILMS) {
		simulator.reset();
		simulator.outcomes.push({
			match: ({ prompt = '' }) => prompt.includes('sees the sea'),
			outcome: { result: 'failed' },
		});
		const asked = Array.from({ length: 10 }, () => () => answer ?? '');
		model.script.splice(0, model.script.length, ...(answer === undefined ? [] : asked));
		const workflow = example('film-from-one-idea');
		const path = `film-${Date.now()}`;
		nodeOf(workflow, 'Idea and Hero').webhookId = path;
		Object.assign(Object(nodeOf(workflow, 'Film the Scenes').parameters.options), { dryRun });
		if (byHand) await rest.listen(await rest.createWorkflow(workflow), 'Idea and Hero');
		else await publish(rest, workflow);
		const url = `${n8n.base}/${byHand ? 'form-test' : 'form'}/${path}`;
		await until(async () => (await page.goto(url))?.ok(), `the form ${path}`);
		await page.locator('textarea').fill('A paper fox wants to see the sea');
		const buffer = await imageFile('png', 640, 480);
		const hero = { name: 'fox.png', mimeType: 'image/png', buffer };
		await page.locator('input[type=file]').setInputFiles(hero);
		await page.locator('select').first().selectOption('3');
		await page.locator('select').last().selectOption('9:16');
		await page.locator('#submit-btn').click();
		const told = page.getByText(/Your film is ready|There is no film/);
		await told.waitFor({ timeout: 60_000 });
		match(await page.locator('body').innerText(), says);
		equal(simulator.tasks.size, orders, `orders of ${path}`);
		for (const { body } of simulator.tasks.values()) {
			equal(body.reference_images?.length, 1);
			equal(body.aspect_ratio, '9:16');
		}
		model.script.length = 0;
		if (seconds === undefined) continue;
		const link = await page.getByText('Download the film').getAttribute('href');
		const [{ id }] = await rest.executions();
		// The page tells n8n that it was shown; from then on, the link is there
		const waiting = await until(async () => {
			const execution = await rest.execution(id);
			return itemsOf(execution, 'Until the Link Is Opened').length > 0 && execution;
		}, 'the link of the film');
		const [{ json, binary }] = itemsOf(waiting, 'Join the Scenes');
		equal(json.duration, seconds);
		const film = await rest.file(binary.film);
		// As often as somebody likes
		for (let round = 0; round < 2; round++) {
			const got = await until(async () => {
				const response = await fetch(String(link));
				return response.ok && (await response.arrayBuffer());
			}, 'the film behind the link');
			deepEqual(Buffer.from(got), film);
		}
		await rest.stop(id);
	}
}

/** Runs something beside a mailbox, which the mail nodes of `workflow` send to. */
async function withMailbox(
	{ rest }: World,
	workflow: Workflow,
	act: (mailbox: Mailbox) => Promise<void>,
): Promise<void> {
	const mailbox = await openMailbox();
	const loopback = { user: '', password: '', host: '127.0.0.1', port: mailbox.port };
	const data = { ...loopback, secure: false, disableStartTls: true };
	const { id } = await rest.createCredential(`Mailbox ${mailbox.port}`, 'smtp', data);
	for (const { credentials } of workflow.nodes) if (credentials?.smtp) credentials.smtp.id = id;
	try {
		await act(mailbox);
	} finally {
		mailbox.close();
	}
}

/** The text of a mail: its transfer encoding (RFC 2045) undone. */
function textOf(mail: string): string {
	return mail
		.replace(/=\r\n/g, '')
		.replace(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Somebody opens the link in the mail, looks at the frames, and decides. */
async function approvals(world: World): Promise<void> {
	const { rest, simulator } = world;
	const workflow: Workflow = JSON.parse(
		JSON.stringify(example('approve-then-film')).replaceAll(
			'https://example.com/',
			`${simulator.mediaUrl}/file/`,
		),
	);
	await withMailbox(world, workflow, async ({ mails }) => {
		for (const [decision, orders] of [
			['Not yet', 0],
			['Film it', 3],
		] as const) {
			const id = await rest.run(await rest.createWorkflow(workflow), 'Start');
			const mail = await until(() => mails.shift(), 'the mail');
			const [url] = /http[^"\s]+\/webhook-waiting\/[^"\s]+/.exec(textOf(mail)) ?? [''];
			const page = await until(async () => {
				const response = await fetch(url.replaceAll('&amp;', '&'));
				return response.ok && (await response.text());
			}, 'the page behind the mail');
			for (const title of ['harbor', 'storm', 'island']) {
				match(page, new RegExp(`<img src="${simulator.mediaUrl}/file/${title}.jpg"`));
			}
			equal(simulator.requests.length, 0, 'nothing is asked for before the approval');
			const answers = new FormData();
			answers.append('field-1', decision);
			answers.append('field-2', 'A bit more sun');
			equal(
				(await fetch(url.replaceAll('&amp;', '&'), { method: 'POST', body: answers })).status,
				200,
			);
			const execution = good(await rest.ended(id), decision);
			equal(simulator.tasks.size, orders, decision);
			const [film] = itemsOf(execution, 'Join the Scenes');
			equal(film?.json.duration, orders === 0 ? undefined : 15);
			const [refused] = itemsOf(execution, 'Nothing Is Ordered');
			equal(refused?.json.what_should_change, orders === 0 ? 'A bit more sun' : undefined);
		}
	});
}

/** A good photo, and one that is too small. */
async function photosByMail(world: World): Promise<void> {
	const { n8n, rest, simulator } = world;
	const workflow = example('photo-form-to-mail');
	const path = `photo-${Date.now()}`;
	nodeOf(workflow, 'Photo Form').webhookId = path;
	await withMailbox(world, workflow, async ({ mails }) => {
		await publish(rest, workflow);
		for (const size of [800, 100]) {
			const answers = new FormData();
			answers.append('field-0', await photo(size, size));
			answers.append('field-1', '');
			answers.append('field-2', 'somebody@example.com');
			const send = async () =>
				(await fetch(`${n8n.base}/form/${path}`, { method: 'POST', body: answers })).ok;
			await until(send, 'the form');
			const mail = await until(() => mails.shift(), 'the mail');
			match(mail, /To: somebody@example\.com/);
			const attached = attachmentOf(mail);
			equal(attached?.fileName, size === 800 ? 'your-photo.mp4' : undefined);
			if (attached) equal(attached.content.toString('latin1', 4, 8), 'ftyp');
			else match(textOf(mail), /100 .* 100 pixels/);
			equal(simulator.tasks.size, 1);
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
	drive: string,
): WorkflowNode | undefined {
	if (type === 'n8n-nodes-base.googleDrive') {
		const body = { sendBody: true, contentType: 'binaryData', inputDataFieldName: 'data' };
		const url = `=${drive}/{{ $binary.data.fileName }}`;
		return baseNode(name, 'httpRequest', 4.2, { method: 'POST', url, ...body, options: {} });
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
async function productPhotos(world: World): Promise<void> {
	const { rest, simulator } = world;
	const server = newServer().on('request', (request, response) => {
		request.resume();
		if (request.url?.includes('vase')) response.statusCode = 500;
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ webViewLink: `https://drive.example.com${request.url}` }));
	});
	await listen(server, 0);
	const table = await rest.createTable(`sheet${Date.now()}`, SHEET);
	const empty = Object.fromEntries(SHEET.map((column) => [column, '']));
	const rows = PRODUCTS.map(({ product, photo, status = '' }, index) => {
		const link = photo ?? `${simulator.mediaUrl}/file/${product}.jpg`;
		return { ...empty, row_number: String(index + 2), product, photo: link, status };
	});
	const columns = { mappingMode: 'autoMapInputData', value: null };
	const insert = tableNode('Insert', table, { operation: 'insert', columns });
	await succeed(world, chain('Fill the sheet', ...listed(rows), insert));
	const workflow = example('product-photos-to-clips');
	for (const node of workflow.nodes) {
		const replaced = standIn(node, table, `http://127.0.0.1:${portOf(server)}`);
		if (replaced === undefined) continue;
		const { type, typeVersion, parameters } = replaced;
		Object.assign(node, { type, typeVersion, parameters, credentials: undefined });
	}
	await succeed(world, workflow);
	await close(server);
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
	const { rest, simulator } = world;
	simulator.outcomes.push({
		match: ({ prompt = '' }) => prompt.includes('owl'),
		outcome: { result: 'failed' },
	});
	// A second try of the scenario must not count the orders of the first
	const text = JSON.stringify(example('what-it-cost'));
	const workflow = JSON.parse(text.replaceAll('HappyHorse Orders', `Orders ${Date.now()}`));
	const saved = await rest.createWorkflow(workflow);
	const run = async (trigger: string) =>
		good(await rest.ended(await rest.run(saved, trigger)), trigger);
	equal(allItemsOf(await run('Start'), 'Note the Order').length, 3);
	const [{ json }] = itemsOf(await run('Every Monday at 9'), 'Weekly Sum');
	deepEqual(json, { orders: 3, without_a_video: 1, seconds: 9, price: 1.26 });
}
