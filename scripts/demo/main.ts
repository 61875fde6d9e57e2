// `npm run demo`: a workflow with all kinds of video in n8n's own engine, against the simulators or the real services.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a script: it runs in Node, never in n8n */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { INodeExecutionData } from 'n8n-workflow';
import { HappyHorseApi } from '../../credentials/HappyHorseApi.credentials';
import { HappyHorseModelStudioApi } from '../../credentials/HappyHorseModelStudioApi.credentials';
// With its extension: without one, tsx takes the codex file beside it, HappyHorse.node.json
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node.js';
import { PlainError, print, ROOT, runCommand } from '../../tools/command';
import {
	engineVersion,
	startEngine,
	type Credential,
	type Engine,
	type Execution,
} from '../../tools/engine/engine';
import { API_KEY, modelStudioFields } from '../../tools/n8n/furnish';
import { Simulator, type ServiceName } from '../../tools/simulator/simulator';
import { tableOf } from '../bench/table';
import { chainOf, STEPS, type Step } from './chain';
import { showFaults } from './faults';
import { demoPage, type Figures, type ShownFault, type ShownVideo } from './page';

const OUTPUT = join(ROOT, 'demo-output');

/** Seconds that a simulated task takes. */
const SIMULATED_SECONDS = 3;

/** From the real service: the least that it sells. */
const LIVE = { resolution: '720P', duration: 3, timeout: 30 };

/** The videos that a service makes. */
function stepsAt(service: ServiceName): Step[] {
	return STEPS.filter(({ parameters }) => (parameters.service ?? 'imini') === service);
}

/** The same, as they are ordered for money. */
function liveStepsAt(service: ServiceName): Step[] {
	const { timeout, ...format } = LIVE;
	return stepsAt(service).map(({ parameters, ...step }) => ({
		...step,
		parameters: { ...parameters, ...format, options: { timeout } },
	}));
}

const HELP = `A chain of HappyHorse nodes in n8n's own workflow engine: from iMini text to video, image to video, reference to video
and an edit of the first video, from Alibaba Model Studio text to video and an edit of its file, and a film of them all. They land
in demo-output/, with a page that shows each beside what it was made of, and what two faults look like (index.html).

Usage: npm run demo [-- flags]

  --live   order from the real services: from iMini with the API key in HAPPYHORSE_API_KEY (and at the address in
           HAPPYHORSE_BASE_URL, if that is set), from Model Studio with the one in DASHSCOPE_API_KEY (in the region
           DASHSCOPE_REGION, by default singapore, with DASHSCOPE_WORKSPACE_ID where it needs one; or at the address in
           DASHSCOPE_BASE_URL). Says what it will order, and asks first
  --yes    do not ask
  --help   this text

Without --live it talks to simulators of the services on this machine, and costs nothing.
`;

const NO_KEY = `--live needs an API key, of iMini (made at https://imini.ai/api-keys) or of Alibaba Model Studio. Set it for one run with

  HAPPYHORSE_API_KEY=<your key> npm run demo -- --live

or

  DASHSCOPE_API_KEY=<your key> npm run demo -- --live`;

/** The credentials to order with. */
type Accounts = Partial<Record<ServiceName, Credential>>;

/** The accounts that the environment has keys of. */
function liveAccounts(): Accounts {
	const { env } = process;
	const usual = new HappyHorseApi().properties.find(({ name }) => name === 'baseUrl')?.default;
	const accounts: Accounts = {};
	if (env.HAPPYHORSE_API_KEY?.trim()) {
		const baseUrl = env.HAPPYHORSE_BASE_URL || String(usual);
		const data = { apiKey: env.HAPPYHORSE_API_KEY, baseUrl };
		accounts.imini = { type: 'happyHorseApi', data };
	}
	if (env.DASHSCOPE_API_KEY?.trim()) {
		const place: Record<string, string> = env.DASHSCOPE_BASE_URL
			? { region: 'other', baseUrl: env.DASHSCOPE_BASE_URL }
			: {
					region: env.DASHSCOPE_REGION || 'singapore',
					workspaceId: env.DASHSCOPE_WORKSPACE_ID ?? '',
				};
		const data = { apiKey: env.DASHSCOPE_API_KEY, ...place };
		accounts.modelStudio = { type: 'happyHorseModelStudioApi', data };
	}
	return accounts;
}

/** What is ordered from an account, and what it comes to. */
function announced({ data }: Credential, steps: readonly Step[]): string {
	const { resolution, duration } = LIVE;
	const what =
		steps.length === 4
			? `three of ${duration} seconds each (${3 * duration} in all), and an edit of the first, which is ${duration} seconds long again.\nWhat an edit costs is not stated by the service`
			: `one of ${duration} seconds, and an edit of it, of which the service bills what goes in as well (${3 * duration} seconds in all)`;
	const where = String(data.baseUrl ?? `Model Studio (${String(data.region)})`);
	return `This orders ${steps.length} videos from ${where} in ${resolution}:\n${what}.`;
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

/** Saves the files of an item, with the extensions of their own names. `name`: of their node. */
async function save(
	engine: Engine,
	name: string,
	item: INodeExecutionData | undefined,
): Promise<Record<string, string>> {
	const file = name.toLowerCase().replaceAll(/\W+/g, '-');
	const files: Record<string, string> = {};
	for (const [field, binary] of Object.entries(item?.binary ?? {})) {
		const extension = binary.fileName?.split('.').at(-1) ?? 'bin';
		files[field] = `${file}${field === 'data' ? '' : `-${field}`}.${extension}`;
		await writeFile(join(OUTPUT, files[field]), await engine.readBinary(binary));
	}
	return files;
}

/** Saves what the videos were delivered with, and tells what the page shows of them. */
async function saveAll(
	engine: Engine,
	execution: Execution,
	steps: readonly Step[],
): Promise<ShownVideo[]> {
	const saved = new Map<string, Record<string, string>>();
	const videos: ShownVideo[] = [];
	for (const { name, inputs, parameters } of steps) {
		const item = execution.output(0, name).at(0);
		const { data: video, cover, ...others } = await save(engine, name, item);
		saved.set(name, { data: video, cover, ...others });
		const given = inputs.flatMap(({ from, field }) => saved.get(from)?.[field] ?? []);
		const prompt = String(parameters.prompt);
		videos.push({ name, prompt, inputs: given, video, cover, json: item?.json });
	}
	return videos;
}

/** Joins the videos of an execution. */
async function joined(
	engine: Engine,
	execution: Execution,
	steps: readonly Step[],
): Promise<Pick<ShownVideo, 'video' | 'json'>> {
	const clips = steps.flatMap(({ name }) => execution.output(0, name).slice(0, 1));
	const film = await engine.runNode({
		parameters: { resource: 'film', operation: 'join' },
		items: clips.map(({ json, binary }) => ({ json, binary })),
	});
	const { data: video } = await save(engine, 'film', film.items.at(0));
	if (video === undefined) throw new PlainError(reasonOf(film));
	return { video, json: film.items.at(0)?.json };
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

/**
 * Runs the workflow of `steps`, and leaves its page. `note`: what that says of where the videos come from. `faults`: those to
 * show as well.
 */
async function runChain(
	accounts: Accounts,
	steps: readonly Step[],
	note: string,
	faults: (engine: Engine) => Promise<ShownFault[]>,
): Promise<void> {
	const engine = await startEngine({
		node: new HappyHorse(),
		credentialTypes: [new HappyHorseApi(), new HappyHorseModelStudioApi()],
		credentials: { ...accounts },
		// No service can fetch anything from here
		instanceUrl: 'http://localhost:5678',
		onLog: ({ level, message }) => level !== 'debug' && print(`  ${message}`),
	});
	try {
		await rm(OUTPUT, { recursive: true, force: true });
		await mkdir(OUTPUT, { recursive: true });
		print(
			`n8n's engine, version ${engineVersion}, makes ${steps.length} videos, one after the other. The node's log:`,
		);
		const running = engine.start(chainOf(steps));
		process.once('SIGINT', running.cancel);
		process.once('SIGTERM', running.cancel);
		const execution = await running.result;
		const videos = await saveAll(engine, execution, steps);
		const cells = videos.map(({ name, video, json }) => [
			name,
			String(json?.task_id ?? '-'),
			`${String(json?.elapsed_seconds ?? '-')} s`,
			video ?? 'none',
		]);
		print(`\n${tableOf(['video', 'task', 'took', 'file'], cells)}\n`);
		const isComplete = videos.every(({ video }) => video !== undefined);
		if (execution.status !== 'success' || !isComplete) throw new PlainError(reasonOf(execution));
		const film = await joined(engine, execution, steps);
		const shownFaults = await faults(engine);
		const all = [
			{ videos: videos.length, errors: 0, saved: 0 },
			...shownFaults.map((fault) => fault.figures),
		];
		const sum = (figure: keyof Figures) => all.reduce((count, one) => count + one[figure], 0);
		const figures = { videos: sum('videos'), errors: sum('errors'), saved: sum('saved') };
		const page = join(OUTPUT, 'index.html');
		await writeFile(page, demoPage({ note, figures, film, videos, faults: shownFaults }));
		print(`\nThe film, its clips and their covers are in ${relative(process.cwd(), OUTPUT)}/`);
		print(`To look at them with their prompts and inputs, open ${page} in a browser.`);
		print('To try the node in n8n itself, with the same simulators: npm run start:n8n');
	} finally {
		engine.close();
	}
}

async function runLive(isAsked: boolean): Promise<void> {
	const accounts = liveAccounts();
	const services = (['imini', 'modelStudio'] as const).filter((service) => accounts[service]);
	if (services.length === 0) throw new PlainError(NO_KEY);
	for (const service of services) {
		const account = accounts[service];
		if (account) print(announced(account, stepsAt(service)));
	}
	print('Your account pays for all of them.');
	if (isAsked && !(await isAgreed())) return print('Nothing was ordered.');
	const note =
		'Videos of the real service, each as the node put it out, beside its prompt and its item.';
	await runChain(accounts, services.flatMap(liveStepsAt), note, async () => []);
}

async function runSimulated(): Promise<void> {
	const options = { apiKey: API_KEY, secondsPerTask: SIMULATED_SECONDS, fetchSources: true };
	const imini = await Simulator.start(options);
	const firstNumber = stepsAt('imini').length + 1;
	const modelStudio = await Simulator.start({ ...options, service: 'modelStudio', firstNumber });
	const accounts = {
		imini: { type: 'happyHorseApi', data: { apiKey: API_KEY, baseUrl: imini.baseUrl } },
		modelStudio: { type: 'happyHorseModelStudioApi', data: modelStudioFields(modelStudio) },
	};
	print(
		'Simulators of the services run on this machine: it costs nothing, every order gets a test film.',
	);
	const note =
		'Made in n8n’s own engine. The services are simulated: every clip is the same drawn scene with a number, in the shape and length that was ordered, whatever the prompt.';
	try {
		await runChain(accounts, STEPS, note, async (engine) => {
			print('Two faults of the service, to see what they look like:');
			return await showFaults(engine, imini);
		});
	} finally {
		await imini.stop();
		await modelStudio.stop();
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
	if (values.help) return print(HELP);
	await (values.live ? runLive(!values.yes) : runSimulated());
});
