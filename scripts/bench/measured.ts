// One measured process: n8n's engine, one load, its gauges. Its argument is the load; it sends back the result.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a benchmark: it runs in Node, never in n8n */
import { connect, itemsNode, SUBJECT } from '../../tools/engine/engine';
import type { Engine, Execution, ItemSpec } from '../../tools/engine/engine';
import { startHappyHorse } from '../../tools/engine/happyHorse';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { join } from 'node:path';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, INodeParameters } from 'n8n-workflow';
import { setTimeout as pause } from 'node:timers/promises';
import sharp from 'sharp';
import { runApart, sendResult } from './apart';
import { startGauges } from './gauges';
import { HandLoop } from './handLoop';
import { HAND_WAIT_SECONDS, POLL_SECONDS, type Load, type Measured } from './load';
import type { Asked, Told } from './service';

const load: Load = JSON.parse(process.argv[2] ?? '');
const { executions = [{ at: 0, items: load.items }], processes = 1 } = load;
const warnings: string[] = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));

/** When this process sent its queries, ms since 1970: on a busy machine they arrive at other intervals. */
const sentQueries: number[] = [];
subscribe('http.client.request.start', (message) => {
	const { request } = message as { request: ClientRequest };
	if (/\/(?:v1\/videos|api\/v1)\/tasks\//.test(request.path)) sentQueries.push(Date.now());
});

/** Pixels: a square of noise of this side makes a JPG of about 5 MB at quality 95. */
const SIDE = 2265;

/** Puts images into the engine's store, as an earlier node would have; all items share them. */
async function storedImages(count: number): Promise<Record<string, IBinaryData>> {
	const place = { type: 'execution', workflowId: 'images', executionId: 'images' } as const;
	const stored: Record<string, IBinaryData> = {};
	for (let n = 0; n < count; n += 1) {
		const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
		const noise = sharp(randomBytes(SIDE * SIDE * 3), { raw });
		const about = { data: '', mimeType: 'image/jpeg', fileName: `image-${n}.jpg` };
		const jpeg = await noise.jpeg({ quality: 95 }).toBuffer();
		stored[`image${n}`] = await Container.get(BinaryDataService).store(place, jpeg, about);
	}
	return stored;
}

/** What the node gets for items with these fields of images. */
function nodeParameters(prompt: string, images: readonly string[]): INodeParameters {
	const { way, inFlight, service } = load;
	const maxTasksInFlight = way === 'oneByOne' ? 1 : inFlight;
	const options = { maxTasksInFlight, pollInterval: POLL_SECONDS };
	const common = { service, prompt, options };
	if (images.length === 0) return common;
	const row = { source: 'binary', binaryPropertyName: images.join(',') };
	return { ...common, operation: 'referenceToVideo', referenceImages: { image: [row] } };
}

/** How an execution is run. `wait`: seconds, by hand. */
interface Run {
	items: ItemSpec[];
	prompt: string;
	wait: number;
	download: boolean;
}

async function run(engine: Engine, baseUrl: string, one: Run): Promise<Execution> {
	const { items, prompt, wait, download } = one;
	if (load.way !== 'byHand') {
		const parameters = nodeParameters(prompt, Object.keys(items[0].binary ?? {}));
		return await engine.runNode({ items, parameters: { ...parameters, downloadVideo: download } });
	}
	const parameters = { baseUrl, prompt, batchSize: load.inFlight, wait, download };
	const nodes = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		{ name: 'Items', type: 'test.items' },
		{ name: SUBJECT, type: 'bench.handLoop', parameters },
	];
	return await engine.run(
		{ nodes, connections: connect(nodes.map(({ name }) => name)) },
		{ nodeTypes: { 'test.items': itemsNode(items), 'bench.handLoop': new HandLoop() } },
	);
}

/** How many items have what they should: a whole video, where it is downloaded. */
function deliveredBy({ items, error }: Execution): number {
	if (error) warnings.push(error.message);
	if (error || load.executions) return error ? 0 : items.length;
	const isWhole = (bytes = 0) => bytes > 0 && bytes === (load.mediaBytes ?? bytes);
	return items.filter(({ binary }) => isWhole(binary?.data.bytes)).length;
}

/** Runs every execution whose turn is `mine`, each at its time. `start`: of the first, ms since 1970. */
async function runMine(
	engine: Engine,
	baseUrl: string,
	item: ItemSpec,
	mine: number,
	start: number,
) {
	const runs = executions.map(async ({ at, items }, n) => {
		if (n % processes !== mine) return [];
		await pause(Math.max(0, start + at * 1000 - Date.now()));
		const begun = Date.now();
		const done = await run(engine, baseUrl, {
			items: Array.from({ length: items }, () => item),
			prompt: `Run ${n}`,
			wait: HAND_WAIT_SECONDS,
			download: load.executions === undefined,
		});
		return [{ begun, delivered: deliveredBy(done) }];
	});
	const all = (await Promise.all(runs)).flat();
	const delivered = all.reduce((sum, one) => sum + one.delivered, 0);
	return { begun: all.map(({ begun }) => begun), delivered };
}

async function engineAt(baseUrl: string): Promise<Engine> {
	const data = { apiKey: 'test-key', baseUrl };
	return await startHappyHorse({
		credentials: {
			imini: { type: 'happyHorseApi', data },
			modelStudio: { type: 'happyHorseModelStudioApi', data: { ...data, region: 'other' } },
		},
		binaryMode: 'filesystem',
	});
}

async function measure(): Promise<Measured> {
	const service = fork(join(__dirname, 'service.ts'), { execArgv: process.execArgv });
	const ask = async (asked: Asked): Promise<Told> => {
		const answered: Promise<Told[]> = once(service, 'message');
		service.send(asked);
		return (await answered)[0];
	};
	const { baseUrl } = await ask({ kind: 'start', load });
	const engine = await engineAt(baseUrl);
	// One small item first, so that loading code is not measured; without a download, whose memory would count as "before"
	const warmUp = { items: [{ json: {} }], prompt: 'Warm-up', wait: 0, download: false };
	await run(engine, baseUrl, warmUp);
	await ask({ kind: 'forget' });
	sentQueries.length = 0;

	const binary = load.images ? await storedImages(load.images) : undefined;
	const readGauges = await startGauges();
	// Time for the others to load their code
	const start = Date.now() + (processes > 1 ? 15_000 : 0);
	const others = Array.from({ length: processes - 1 }, async (_, n) => {
		const args = [JSON.stringify(load), baseUrl, String(n + 1), String(start)];
		return await runApart<number>(__filename, ...args);
	});
	const mine = await runMine(engine, baseUrl, { json: {}, binary }, 0, start);
	const gauges = readGauges();
	const delivered = (await Promise.all(others)).reduce((sum, one) => sum + one, mine.delivered);
	const seconds = (Date.now() - start) / 1000;
	const { seen } = await ask({ kind: 'report' });
	return { load, seconds, ...gauges, seen, ...mine, delivered, sentQueries, warnings };
}

/** One of the other processes of a load: what it has delivered. */
async function takePart(baseUrl: string, mine: number, start: number): Promise<number> {
	return (await runMine(await engineAt(baseUrl), baseUrl, { json: {} }, mine, start)).delivered;
}

const [, , , sharedUrl, mine, start] = process.argv;
void sendResult(sharedUrl ? takePart(sharedUrl, Number(mine), Number(start)) : measure());
