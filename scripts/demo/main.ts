// `npm run demo`: a workflow with all kinds of video in n8n's own engine, against the simulators or the real services.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a script: it runs in Node, never in n8n */
import { mkdir,rm,writeFile } from 'node:fs/promises';
import { join,relative } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { IDataObject } from 'n8n-workflow';
import { HappyHorseApi } from '../../credentials/HappyHorseApi.credentials';
import { HappyHorseModelStudioApi } from '../../credentials/HappyHorseModelStudioApi.credentials';
import { PlainError,ROOT,runCommand } from '../../tools/command';
import {
engineVersion,
startEngine,
type Credential,
type Engine,
type Execution,
} from '../../tools/engine/engine';
import { Simulator,type ServiceName } from '../../tools/simulator/simulator';
import { buildChain,stepsAt,type Format } from './chain';
import { showFaults } from './faults';
import { demoPage,type ShownFault,type ShownVideo } from './page';
import { Screen,seconds,table } from './screen';
import { watchedNode,type NodeEvent } from './watchedNode';

const OUTPUT = join(ROOT, 'demo-output');

/** Against the simulator, whose tasks take seconds: a timeout of one minute, so that a failure shows soon. */
const SIMULATED: Format = { resolution: '1080P', duration: 5, timeout: 1 };
const SIMULATED_SECONDS = 3;
const SIMULATED_KEY = 'demo-key';

/** From the real service: the least that it sells. */
const LIVE: Format = { resolution: '720P', duration: 3, timeout: 30 };

const HELP = `A chain of HappyHorse nodes in n8n's own workflow engine: from iMini text to video, image to video, reference to video
and an edit of the first video, from Alibaba Model Studio text to video and an edit of its file. The videos, their covers, the items, and
a page that shows them all (index.html) land in demo-output/. With the simulators, the page also shows what two faults look like.

Usage: npm run demo [-- flags]

  --live   order from the real services: from iMini with the API key in HAPPYHORSE_API_KEY (and at the address in
           HAPPYHORSE_BASE_URL, if that is set), from Model Studio with the one in DASHSCOPE_API_KEY (in the region
           DASHSCOPE_REGION, by default singapore, with DASHSCOPE_WORKSPACE_ID where it needs one; or at the address in
           DASHSCOPE_BASE_URL). Says what it will order, and asks first
  --yes    do not ask
  --help   this text

Without --live it talks to simulators of the services on this machine, and costs nothing.
`;

/** A service that the demo orders from. */
interface Account {
	readonly service: ServiceName;
	readonly credential: Credential;
	/** Where it is, in words. */
	readonly where: string;
}

/** What the demo orders from, and how. */
interface Setting {
	readonly accounts: readonly Account[];
	readonly format: Format;
	/** What the page says of where the videos come from. */
	readonly note: string;
	/** Two faults, and what the user sees of them; none of a real service. */
	faults(engine: Engine, screen: Screen): Promise<ShownFault[]>;
	stop(): Promise<void>;
}

function iminiAccount(apiKey: string, baseUrl: string): Account {
	const credential = { type: 'happyHorseApi', data: { apiKey, baseUrl } };
	return { service: 'imini', credential, where: baseUrl };
}

function modelStudioAccount(apiKey: string, place: Record<string, string>): Account {
	const credential = { type: 'happyHorseModelStudioApi', data: { apiKey, ...place } };
	const where = place.baseUrl ?? `Model Studio (${place.region})`;
	return { service: 'modelStudio', credential, where };
}

async function simulated(): Promise<Setting> {
	const options = {
		apiKey: SIMULATED_KEY,
		secondsPerTask: SIMULATED_SECONDS,
		fetchSources: true,
	};
	const imini = await Simulator.start(options);
	const modelStudio = await Simulator.start({ ...options, service: 'modelStudio' });
	const there = { region: 'other', baseUrl: modelStudio.baseUrl };
	return {
		accounts: [
			iminiAccount(SIMULATED_KEY, imini.baseUrl),
			modelStudioAccount(SIMULATED_KEY, there),
		],
		format: SIMULATED,
		note: 'Test films of the simulators, each as the node put it out, beside its prompt and its item.',
		faults: async (engine, screen) => {
			screen.print('Two faults of the service, to see what they look like:');
			screen.print();
			const faults = await showFaults(engine, imini);
			screen.close();
			screen.print();
			return faults;
		},
		stop: async () => void (await Promise.all([imini.stop(), modelStudio.stop()])),
	};
}

/** A variable of the environment; undefined where it is not set, or blank. */
function fromEnvironment(name: string): string | undefined {
	return process.env[name]?.trim() || undefined;
}

/** The accounts that the environment has keys of. */
function liveAccounts(): Account[] {
	const iminiKey = fromEnvironment('HAPPYHORSE_API_KEY');
	const modelStudioKey = fromEnvironment('DASHSCOPE_API_KEY');
	const usual = new HappyHorseApi().properties.find(({ name }) => name === 'baseUrl')?.default;
	const baseUrl = fromEnvironment('DASHSCOPE_BASE_URL');
	const place: Record<string, string> =
		baseUrl === undefined
			? {
					region: fromEnvironment('DASHSCOPE_REGION') ?? 'singapore',
					workspaceId: fromEnvironment('DASHSCOPE_WORKSPACE_ID') ?? '',
				}
			: { region: 'other', baseUrl };
	return [
		...(iminiKey === undefined
			? []
			: [iminiAccount(iminiKey, fromEnvironment('HAPPYHORSE_BASE_URL') ?? String(usual))]),
		...(modelStudioKey === undefined ? [] : [modelStudioAccount(modelStudioKey, place)]),
	];
}

function live(): Setting {
	const accounts = liveAccounts();
	if (accounts.length === 0) {
		throw new PlainError(
			'--live needs an API key, of iMini (made at https://imini.ai/api-keys) or of Alibaba Model Studio. Set it for one run with\n\n  HAPPYHORSE_API_KEY=<your key> npm run demo -- --live\n\nor\n\n  DASHSCOPE_API_KEY=<your key> npm run demo -- --live',
		);
	}
	const note =
		'Videos of the real service, each as the node put it out, beside its prompt and its item.';
	return { accounts, format: LIVE, note, faults: async () => [], stop: async () => {} };
}

/** What is ordered from an account, and what it comes to. */
function announced({ service, where }: Account, { resolution, duration }: Format): string {
	const count = stepsAt([service]).length;
	const what =
		service === 'imini'
			? `three of ${duration} seconds each (${3 * duration} in all), and an edit of the first, which is ${duration} seconds long again.\nWhat an edit costs is not stated by the service`
			: `one of ${duration} seconds, and an edit of it, of which the service bills what goes in as well (${3 * duration} seconds in all)`;
	return `This orders ${count} videos from ${where} in ${resolution}:\n${what}.`;
}

async function isAgreed(): Promise<boolean> {
	if (!process.stdin.isTTY) {
		throw new PlainError('There is no terminal to ask on. Add --yes to order without a question.');
	}
	const terminal = createInterface({ input: process.stdin, output: process.stdout });
	try {
		return /^y(es)?$/i.test((await terminal.question('Order them now? (yes/no) ')).trim());
	} finally {
		terminal.close();
	}
}

/** The result of one step, as far as its node's requests tell. Times in ms since 1970. */
interface StepLog {
	startedAt: number;
	endedAt: number;
	taskId?: string;
	status?: string;
}

/** Notes an event in the log, which is by name of the step. */
function keepLog(log: Map<string, StepLog>, event: NodeEvent): void {
	const now = Date.now();
	const step = log.get(event.step) ?? { startedAt: now, endedAt: now };
	log.set(event.step, step);
	step.endedAt = now;
	if (event.kind === 'accepted') step.taskId = event.taskId;
	if (event.kind === 'status') step.status = event.status;
}

/** How far a step has come, for the table. */
function statusOf(step: StepLog | undefined): string {
	if (step === undefined) return 'not run';
	return step.status ?? (step.taskId === undefined ? 'no task' : 'accepted');
}

/** A file that the demo leaves. */
interface Saved {
	readonly path: string;
	readonly bytes: number;
}

/** Writes the files of a step's item; the extension is that of the file's own name. */
async function saveFiles(
	engine: Engine,
	execution: Execution,
	name: string,
	file: string,
): Promise<Record<string, Saved>> {
	const [item] = execution.output(0, name);
	const saved: Record<string, Saved> = {};
	for (const [field, binary] of Object.entries(item?.binary ?? {})) {
		const bytes = await engine.readBinary(binary);
		const extension = binary.fileName?.split('.').at(-1) ?? 'bin';
		const path = join(OUTPUT, `${file}${field === 'data' ? '' : `-${field}`}.${extension}`);
		await writeFile(path, bytes);
		saved[field] = { path, bytes: bytes.length };
	}
	return saved;
}

function fileSize(bytes: number): string {
	return bytes < 1_000_000
		? `${Math.round(bytes / 1000)} kB`
		: `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** What came of the steps. */
interface Report {
	/** Whether every step has its video. */
	readonly complete: boolean;
	readonly videos: readonly ShownVideo[];
}

/** Saves the results and prints them as a table. */
async function report(
	engine: Engine,
	execution: Execution,
	steps: ReturnType<typeof stepsAt>,
	log: Map<string, StepLog>,
	screen: Screen,
): Promise<Report> {
	const rows: string[][] = [];
	const videos: ShownVideo[] = [];
	const items: Record<string, IDataObject[]> = {};
	let complete = true;
	for (const { name, file } of steps) {
		const files = await saveFiles(engine, execution, name, file);
		const step = log.get(name);
		complete &&= files.data !== undefined;
		items[name] = execution.output(0, name).map(({ json }) => ({
			json,
			files: Object.fromEntries(
				Object.entries(files).map(([field, { path }]) => [field, relative(OUTPUT, path)]),
			),
		}));
		const [item] = execution.output(0, name);
		const shown = ({ path }: Saved) => relative(OUTPUT, path);
		videos.push({
			name,
			prompt: String(item?.json.prompt ?? ''),
			video: files.data && shown(files.data),
			cover: files.cover && shown(files.cover),
			json: item?.json ?? null,
		});
		rows.push([
			name,
			step?.taskId ?? '-',
			statusOf(step),
			files.data === undefined ? '-' : fileSize(files.data.bytes),
			step === undefined ? '-' : seconds(step.endedAt - step.startedAt),
			files.data === undefined ? '-' : relative(process.cwd(), files.data.path),
		]);
	}
	await writeFile(join(OUTPUT, 'items.json'), `${JSON.stringify(items, null, '\t')}\n`);
	screen.print();
	screen.print(table(['Mode', 'Task', 'Status', 'Size', 'Time', 'File'], rows));
	screen.print();
	return { complete, videos };
}

/** Why an execution has failed, in n8n's own words for it. */
function reasonOf(execution: Execution): string {
	const { error } = execution;
	if (execution.status === 'canceled') {
		return 'Stopped. What was ordered is in the table above; the service makes it all the same.';
	}
	if (error === undefined) return `The execution ended as "${execution.status}".`;
	const where = 'node' in error && error.node ? `${error.node.name}: ` : '';
	return [`${where}${error.message}`, error.description].filter(Boolean).join('\n');
}

async function runChain(setting: Setting, screen: Screen): Promise<void> {
	const services = setting.accounts.map(({ service }) => service);
	const steps = stepsAt(services);
	const log = new Map<string, StepLog>();
	const engine = await startEngine({
		node: watchedNode((event) => {
			keepLog(log, event);
			screen.show(event);
		}),
		credentialTypes: [new HappyHorseApi(), new HappyHorseModelStudioApi()],
		credentials: Object.fromEntries(
			setting.accounts.map(({ service, credential }) => [service, credential]),
		),
		// No service can fetch anything from here
		instanceUrl: 'http://localhost:5678',
	});
	try {
		await rm(OUTPUT, { recursive: true, force: true });
		await mkdir(OUTPUT, { recursive: true });
		const { workflow, nodeTypes } = await buildChain(setting.format, services);
		screen.print(
			`n8n's engine, version ${engineVersion}, runs a workflow of ${steps.length} videos.`,
		);
		screen.print();
		const running = engine.start(workflow, { nodeTypes });
		process.once('SIGINT', running.cancel);
		process.once('SIGTERM', running.cancel);
		const execution = await running.result;
		screen.close();
		const { complete, videos } = await report(engine, execution, steps, log, screen);
		if (execution.status !== 'success' || !complete) throw new PlainError(reasonOf(execution));
		const page = join(OUTPUT, 'index.html');
		const faults = await setting.faults(engine, screen);
		await writeFile(page, demoPage(setting.note, videos, faults));
		screen.print(
			`The videos, their covers and the items (items.json) are in ${relative(process.cwd(), OUTPUT)}/`,
		);
		screen.print(`To look at them, open ${page} in a browser.`);
		screen.print('To try the node in n8n itself, with the same simulators: npm run start:n8n');
	} finally {
		screen.close();
		engine.close();
	}
}

void runCommand(async () => {
	const { values } = parseArgs({
		options: {
			live: { type: 'boolean', default: false },
			yes: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	const screen = new Screen();
	if (values.help) return screen.print(HELP);
	if (values.live) {
		const setting = live();
		for (const account of setting.accounts) screen.print(announced(account, setting.format));
		screen.print('Your account pays for all of them.');
		if (!values.yes && !(await isAgreed())) return screen.print('Nothing was ordered.');
		screen.print();
		return await runChain(setting, screen);
	}
	const setting = await simulated();
	screen.print(
		'Simulators of the services run on this machine: it costs nothing, and every order gets a test film.',
	);
	try {
		await runChain(setting, screen);
	} finally {
		await setting.stop();
	}
});
