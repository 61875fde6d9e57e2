// One measured process: n8n's engine, one load, its gauges. Its argument is the load; it sends back the result.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a benchmark: it runs in Node, never in n8n */
import { connect, itemsNode, startEngine, SUBJECT } from '../../tools/engine/engine';
import type { Engine, Execution, ItemSpec } from '../../tools/engine/engine';
import { fork } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, INodeParameters } from 'n8n-workflow';
import { setTimeout as pause } from 'node:timers/promises';
import { HappyHorseApi } from '../../credentials/HappyHorseApi.credentials';
import { HappyHorseModelStudioApi } from '../../credentials/HappyHorseModelStudioApi.credentials';
// With its extension: without one, tsx takes the codex file beside it, HappyHorse.node.json
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node.js';
import { startGauges } from './gauges';
import { HandLoop } from './handLoop';
import { hostileLinks } from './hostileLinks';
import { HAND_WAIT_SECONDS, POLL_SECONDS, type Crowd, type Load, type Measured } from './load';
import type { Asked, Told } from './service';

const load: Load = JSON.parse(process.argv[2] ?? '');
const warnings: string[] = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));

/** When this process sent its queries, ms since 1970: on a busy machine they arrive at other intervals. */
const sentQueries: number[] = [];
subscribe('http.client.request.start', (message) => {
	const { request } = message as { request: ClientRequest };
	if (/\/(?:v1\/videos|api\/v1)\/tasks\//.test(request.path)) sentQueries.push(Date.now());
});

/** The address of the service where another process has begun it, for its part of a crowd. */
const sharedUrl: string | undefined = process.argv[3];

const service =
	sharedUrl === undefined
		? fork(join(__dirname, 'service.ts'), { execArgv: process.execArgv })
		: undefined;

async function ask(asked: Asked): Promise<Told> {
	if (service === undefined) throw new Error('Another process has the service');
	const answered: Promise<Told[]> = once(service, 'message');
	service.send(asked);
	return (await answered)[0];
}

/** Puts the image files into the engine's store, as an earlier node would have; all items share them. */
async function storedImages(files: readonly string[]): Promise<Record<string, IBinaryData>> {
	const place = { type: 'execution', workflowId: 'images', executionId: 'images' } as const;
	const stored = files.map(async (file, index) => {
		const about = { data: '', mimeType: 'image/jpeg', fileName: basename(file) };
		const binary = await Container.get(BinaryDataService).store(
			place,
			createReadStream(file),
			about,
		);
		return [`image${index}`, binary] as const;
	});
	return Object.fromEntries(await Promise.all(stored));
}

function nodeParameters(images: string[]): INodeParameters {
	const { way, inFlight, promptCharacters = 7 } = load;
	const prompt = 'A horse. '.repeat(promptCharacters).slice(0, promptCharacters);
	const options = {
		maxTasksInFlight: way === 'oneByOne' ? 1 : inFlight,
		pollInterval: POLL_SECONDS,
	};
	if (load.hostileLinks)
		return { operation: 'imageToVideo', imageUrl: '={{ $json.link }}', prompt, options };
	if (images.length === 0) return { prompt, options };
	const row = { source: 'binary', binaryPropertyName: images.join(',') };
	return {
		operation: 'referenceToVideo',
		prompt,
		referenceImages: { image: [row] },
		options,
	};
}

async function runLoad(
	engine: Engine,
	baseUrl: string,
	items: ItemSpec[],
	{ wait, download }: { wait: number; download: boolean },
): Promise<Execution> {
	if (load.way !== 'byHand') {
		const parameters = nodeParameters(Object.keys(items[0].binary ?? {}));
		return await engine.runNode({
			items,
			parameters: { ...parameters, downloadVideo: download },
			onError: load.hostileLinks ? 'continueRegularOutput' : undefined,
		});
	}
	const nodes = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		{ name: 'Items', type: 'test.items' },
		{
			name: SUBJECT,
			type: 'bench.handLoop',
			parameters: { baseUrl, batchSize: load.inFlight, wait, download },
		},
	];
	return await engine.run(
		{ nodes, connections: connect(nodes.map(({ name }) => name)) },
		{ nodeTypes: { 'test.items': itemsNode(items), 'bench.handLoop': new HandLoop() } },
	);
}

/** How many items have a whole video. */
function delivered({ items }: Execution): number {
	const { mediaBytes } = load;
	return items.filter(({ binary }) => {
		const bytes = binary?.data.bytes;
		return mediaBytes === undefined ? Number(bytes) > 0 : bytes === mediaBytes;
	}).length;
}

/** Runs the executions of a crowd that are this process's, each at its time. */
async function runCrowd(
	engine: Engine,
	{ executions, processes, service: name }: Crowd,
	mine: number,
	start: number,
): Promise<{ begun: number[]; delivered: number }> {
	const runs = executions.flatMap(async ({ at, items }, n) => {
		if (n % processes !== mine) return [];
		await pause(Math.max(0, start + at * 1000 - Date.now()));
		const begun = Date.now();
		const options = { maxTasksInFlight: load.inFlight, pollInterval: POLL_SECONDS };
		const parameters = { service: name, prompt: `Run ${n}`, downloadVideo: false, options };
		const json = { json: {} };
		const items_ = Array.from({ length: items }, () => json);
		const done = await engine.runNode({ items: items_, parameters });
		if (done.error) warnings.push(done.error.message);
		return [{ begun, delivered: done.error ? 0 : done.items.length }];
	});
	const all = (await Promise.all(runs)).flat();
	const delivered = all.reduce((sum, one) => sum + one.delivered, 0);
	return { begun: all.map(({ begun }) => begun), delivered };
}

/** One item, so that loading code is not measured; its task takes no time. */
async function warmUp(engine: Engine, { service: name }: Crowd): Promise<void> {
	const parameters = { service: name, prompt: 'Warm-up', downloadVideo: false };
	await engine.runNode({ items: [{ json: {} }], parameters });
}

/** The other processes of a crowd, and what they have delivered. */
async function runOthers({ processes }: Crowd, baseUrl: string, start: number): Promise<number[]> {
	const others = Array.from({ length: processes - 1 }, async (_, n) => {
		const args = [JSON.stringify(load), baseUrl, String(n + 1), String(start)];
		const child = fork(__filename, args, { execArgv: process.execArgv });
		const [delivered]: number[] = await once(child, 'message');
		return delivered;
	});
	return await Promise.all(others);
}

async function engineAt(baseUrl: string): Promise<Engine> {
	const isModelStudio = load.crowd?.service === 'modelStudio';
	const region = { region: 'other', workspaceId: '' };
	return await startEngine({
		node: new HappyHorse(),
		credentialTypes: [new HappyHorseApi(), new HappyHorseModelStudioApi()],
		credentials: {
			happyHorse: {
				type: isModelStudio ? 'happyHorseModelStudioApi' : 'happyHorseApi',
				data: { apiKey: 'test-key', baseUrl, ...(isModelStudio && region) },
			},
		},
		binaryMode: 'filesystem',
	});
}

async function measure(): Promise<Measured> {
	const { secondsPerTask, mediaBytes, hugeAnswerBytes, crowd } = load;
	const { baseUrl } = await ask({ kind: 'start', secondsPerTask, mediaBytes, crowd });
	const engine = await engineAt(baseUrl);
	if (crowd !== undefined) return await measureCrowd(engine, crowd, baseUrl);
	const binary = load.imageFiles && (await storedImages(load.imageFiles));
	const links = load.hostileLinks ? hostileLinks() : [];
	const items = Array.from({ length: load.items }, (_, index): ItemSpec => {
		const json = load.hostileLinks ? { link: links[index % links.length] } : { index };
		return { json, binary };
	});

	// One small item first, so that loading code is not measured; without a download, whose memory would count as "before"
	await runLoad(engine, baseUrl, [{ json: {} }], { wait: 0, download: false });
	await ask({ kind: 'forget', hugeAnswerBytes });
	sentQueries.length = 0;

	const readGauges = await startGauges();
	const from = performance.now();
	const cpuFrom = process.cpuUsage();
	const execution = await runLoad(engine, baseUrl, items, {
		wait: HAND_WAIT_SECONDS,
		download: true,
	});
	const seconds = (performance.now() - from) / 1000;
	const { user, system } = process.cpuUsage(cpuFrom);
	const cpu = (user + system) / 1000;
	const gauges = readGauges();
	if (execution.error) throw new Error(execution.error.message);
	const { seen } = await ask({ kind: 'report' });
	const count = delivered(execution);
	const begun = [from];
	return { load, seconds, delivered: count, cpu, ...gauges, seen, begun, sentQueries, warnings };
}

async function measureCrowd(engine: Engine, crowd: Crowd, baseUrl: string): Promise<Measured> {
	await warmUp(engine, crowd);
	await ask({ kind: 'forget' });
	const readGauges = await startGauges();
	// Time for the others to load their code
	const start = Date.now() + (crowd.processes > 1 ? 15_000 : 500);
	const others = runOthers(crowd, baseUrl, start);
	const { begun, delivered } = await runCrowd(engine, crowd, 0, start);
	const gauges = readGauges();
	const all = (await others).reduce((sum, one) => sum + one, delivered);
	const seconds = (Date.now() - start) / 1000;
	const { seen } = await ask({ kind: 'report' });
	const cpu = process.cpuUsage().user / 1000;
	return { load, seconds, delivered: all, cpu, ...gauges, seen, begun, sentQueries, warnings };
}

/** One of the other processes of a crowd. */
async function takePart(crowd: Crowd, baseUrl: string): Promise<number> {
	const [mine, start] = process.argv.slice(4).map(Number);
	const { delivered } = await runCrowd(await engineAt(baseUrl), crowd, mine, start);
	return delivered;
}

const { crowd } = load;
const result = crowd && sharedUrl ? takePart(crowd, sharedUrl) : measure();
result
	.then(async (measured) => {
		await new Promise((resolve) => process.send?.(measured, undefined, undefined, resolve));
		process.exit();
	})
	.catch((error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
		process.exit(1);
	});
