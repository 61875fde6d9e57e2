// `npm run demo`: a workflow with all kinds of video in n8n's own engine, against the simulators or the real services.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a script: it runs in Node, never in n8n */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { INodeExecutionData } from 'n8n-workflow';
import { PlainError, print, ROOT, runCommand } from '../../tools/command';
import { checkContract, doorsIn, modesIn } from '../../tools/contract/check';
import { findings } from '../../tools/contract/record';
import {
	engineVersion,
	type Engine,
	type EngineOptions,
	type Execution,
} from '../../tools/engine/engine';
import { startHappyHorse } from '../../tools/engine/happyHorse';
import { API_KEY, modelStudioFields } from '../../tools/n8n/furnish';
import { Simulator } from '../../tools/simulator/simulator';
import { CHAIN, FILM, inputsOf, ORDERS } from './chain';
import { refused, retried } from './faults';
import { demoPage, type Figures, type ShownVideo } from './page';

const OUTPUT = join(ROOT, 'demo-output');
const LIVE_OUTPUT = join(ROOT, 'live-output');

/** What the page says of where the videos come from. */
const NOTE =
	'Made in n8n’s own engine. The services are simulated: every clip is the same drawn scene with a number, in the shape and length that was ordered, whatever the prompt.';

const HELP = `A chain of HappyHorse nodes in n8n's own workflow engine: from iMini text to video, image to video, reference to video
and an edit of the first video, from Alibaba Model Studio text to video and an edit of its file, and a film of them all. They land
in demo-output/, with a page that shows each beside what it was made of, and what two faults look like (index.html).

Usage: npm run demo [-- flags]

  --live       check the contract with the real services: for each mode (t2v, i2v, r2v, edit), says what the cheapest order
               costs, and makes it if you say yes. Leaves the videos and a record of what was exchanged in live-output/, without
               key, signatures and files.
               For iMini: the API key in HAPPYHORSE_API_KEY, another address in HAPPYHORSE_BASE_URL. For Model Studio: the key in
               DASHSCOPE_API_KEY, its region in DASHSCOPE_REGION (by default singapore), with DASHSCOPE_WORKSPACE_ID where it
               needs one; or a gateway's address in DASHSCOPE_BASE_URL
  --yes MODES  order these without a question, e.g. --yes t2v,i2v
  --help       this text

Without --live it talks to simulators of the services on this machine, and costs nothing.
`;

/** An engine with the node in it, whose log is printed. */
async function demoEngine(credentials: EngineOptions['credentials'] = {}): Promise<Engine> {
	return await startHappyHorse({
		credentials,
		// No service can fetch anything from here
		instanceUrl: 'http://localhost:5678',
		onLog: ({ level, message }) => level !== 'debug' && print(`  ${message}`),
	});
}

/** Why an execution has failed, in n8n's own words for it. */
function reasonOf({ error, status }: Execution): string {
	if (status === 'canceled') {
		return 'Stopped. What was ordered is in the lines above; the service makes it all the same.';
	}
	if (error === undefined) return `The execution ended as "${status}".`;
	const where = 'node' in error && error.node ? `${error.node.name}: ` : '';
	return [`${where}${error.message}`, error.description].filter(Boolean).join('\n');
}

/** Saves the files of an item, as `name` with the extensions of their own names, and returns their names by field. */
async function save(
	engine: Engine,
	folder: string,
	name: string,
	item: INodeExecutionData | undefined,
): Promise<Record<string, string>> {
	const file = name.toLowerCase().replaceAll(/\W+/g, '-');
	const files: Record<string, string> = {};
	for (const [field, binary] of Object.entries(item?.binary ?? {})) {
		const extension = binary.fileName?.split('.').at(-1) ?? 'bin';
		files[field] = `${file}${field === 'data' ? '' : `-${field}`}.${extension}`;
		await writeFile(join(folder, files[field]), await engine.readBinary(binary));
	}
	return files;
}

/** Saves what the videos were delivered with, and tells what the page shows of them. */
async function saveAll(engine: Engine, execution: Execution): Promise<ShownVideo[]> {
	const saved = new Map<string, Record<string, string>>();
	const videos: ShownVideo[] = [];
	for (const [name, parameters] of Object.entries(ORDERS)) {
		const item = execution.output(0, name).at(0);
		const files = await save(engine, OUTPUT, name, item);
		saved.set(name, files);
		const pointers = inputsOf(parameters);
		const inputs = pointers.flatMap(({ from, field }) => saved.get(from)?.[field] ?? []);
		const prompt = String(parameters.prompt);
		const { data: video, cover } = files;
		videos.push({ name, prompt, inputs, video, cover, json: item?.json });
	}
	return videos;
}

/** Runs the workflow and the faults, and leaves their page. */
async function runDemo(engine: Engine, imini: Simulator): Promise<void> {
	await rm(OUTPUT, { recursive: true, force: true });
	await mkdir(OUTPUT, { recursive: true });
	print(`n8n's engine, version ${engineVersion}, makes one video after the other. The node's log:`);
	const running = engine.start(CHAIN);
	process.once('SIGINT', running.cancel);
	const execution = await running.result;
	const videos = await saveAll(engine, execution);
	const [joined] = execution.output(0, FILM);
	const { data: video } = await save(engine, OUTPUT, FILM, joined);
	if (video === undefined) throw new PlainError(reasonOf(execution));
	print('Two faults of the service, to see what they look like:');
	const faults = [await refused(engine, imini), await retried(engine, imini)];
	const sum = (figure: keyof Figures) =>
		faults.reduce((count, { figures }) => count + figures[figure], 0);
	const count = videos.length + sum('videos');
	const figures = { videos: count, errors: sum('errors'), saved: sum('saved') };
	const page = join(OUTPUT, 'index.html');
	const film = { video, json: joined.json };
	await writeFile(page, demoPage({ note: NOTE, figures, film, videos, faults }));
	print(`\nThe film, its clips and their covers are in ${relative(process.cwd(), OUTPUT)}/`);
	print(`To look at them with their prompts and inputs, open ${page} in a browser.`);
	print('To try the node in n8n itself, with the same simulators: npm run start:n8n');
}

async function runSimulated(): Promise<void> {
	const options = { apiKey: API_KEY, secondsPerTask: 3, fetchSources: true };
	const imini = await Simulator.start(options);
	const firstNumber = Object.values(ORDERS).findIndex(({ service }) => service !== undefined) + 1;
	const modelStudio = await Simulator.start({ ...options, service: 'modelStudio', firstNumber });
	print(
		'Simulators of the services run on this machine: it costs nothing, every order gets a test film.',
	);
	const engine = await demoEngine({
		imini: { type: 'happyHorseApi', data: { apiKey: API_KEY, baseUrl: imini.baseUrl } },
		modelStudio: { type: 'happyHorseModelStudioApi', data: modelStudioFields(modelStudio) },
	});
	try {
		await runDemo(engine, imini);
	} finally {
		engine.close();
		await imini.stop();
		await modelStudio.stop();
	}
}

/** Asks on the terminal. Whatever is no yes, also its end, is a no. */
async function asked(what: string): Promise<boolean> {
	const terminal = createInterface({ input: process.stdin, output: process.stdout });
	const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
	const answer = await Promise.race([terminal.question(`${what}. Order it? (yes/NO) `), closed]);
	terminal.close();
	return /^y(es)?$/i.test(answer.trim());
}

/** Checks the contract, and tells what was found. `yes`: the modes to order without a question; undefined asks. */
async function runLive(yes: string | undefined): Promise<void> {
	const wanted = yes === undefined ? undefined : modesIn(yes);
	const doors = doorsIn(process.env);
	if (wanted === undefined && !process.stdin.isTTY)
		throw new PlainError('There is no terminal to ask on. Name what to order: --yes t2v,i2v');
	await mkdir(LIVE_OUTPUT, { recursive: true });
	const name = new Date().toISOString().slice(0, 19).replaceAll(/[T:]/g, '-');
	print(
		'Your account pays for each order, at prices of the service: those here are from the README.',
	);
	const isAgreed = async (mode: string, what: string) => {
		if (wanted === undefined) return await asked(what);
		if (wanted.includes(mode)) print(what);
		return wanted.includes(mode);
	};
	const engine = await demoEngine();
	const checking = checkContract(engine, doors, LIVE_OUTPUT, name, isAgreed);
	const { orders } = await checking.finally(() => engine.close());
	if (orders.length === 0) return print('Nothing was ordered.');
	for (const { service, mode, outcome } of orders) print(`${service} ${mode}: ${outcome}`);
	const found = findings({ orders });
	for (const finding of found) print(`Not as documented: ${finding}`);
	if (found.length === 0) print('All that was exchanged is as documented.');
	const file = relative(process.cwd(), join(LIVE_OUTPUT, `${name}.json`));
	print(
		`The record is ${file}, the videos are beside it. CONTRIBUTING.md says what to do with it.`,
	);
}

void runCommand(async () => {
	const { values } = parseArgs({
		options: {
			live: { type: 'boolean', default: false },
			yes: { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return print(HELP);
	await (values.live ? runLive(values.yes) : runSimulated());
});
