// What a message tells its user to do in n8n works there: docs/advice.md has the runs that fail, and those that work then.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, ok } from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { ROOT } from '../../../tools/command';
import { API_KEY, modelStudioFields } from '../../../tools/n8n/furnish';
import { baseNode, chain, errorOf, itemsOf, type WorkflowNode } from '../../../tools/n8n/workflow';
import type { Fault, FaultRule, Outcome } from '../../../tools/simulator/simulator';
import { actsIn, adviceFiles, storageOf, type Act } from '../advice/acts';
import { good, restart, serving } from '../runs';
import type { Scenario, World } from '../world';

export const advice: Scenario = { name: 'advice', needs: ['gm'], checks: [followAll] };

/** A file to fetch, a node of n8n's with its version, or this one. */
type Step = string | (Partial<WorkflowNode> & StepOptions);

interface StepOptions {
	readonly node?: [type: string, version: number];
	readonly credential?: string;
	readonly service?: string;
	readonly options?: object;
}

/** What happens around the runs, as docs/advice.md explains it. */
interface Around extends Partial<Pick<FaultRule, 'on' | 'times'>> {
	readonly fault?: Fault;
	readonly end?: string;
	readonly outcome?: Outcome;
	readonly wrong?: object;
	readonly first?: Step;
	/** Acts: before the first run, before the failing one, and before the one that works. */
	readonly before?: string;
	readonly between?: string;
	readonly then?: string;
	readonly orders?: number;
}

/** A piece of advice, what fails with it, what works where that is not the same, and what happens around. */
const ROW = /^\| (.+?) +\| `(.+?)` +\| (?:`(.+?)`|the same) +\| (?:`(.+?)`)? +\|$/gm;

const NO_TASK = '{"error":{"code":"TASK_NOT_FOUND","message":"There is none"}}';

async function followAll(world: World): Promise<void> {
	const files = await adviceFiles();
	const answer: RequestListener = ({ url = '' }, response) => {
		if (url === '/loser') rmSync(storageOf(world), { recursive: true });
		const { [url.slice(1)]: file = undefined } = files;
		response.statusCode = file ? 200 : 404;
		response.setHeader('content-type', 'application/octet-stream').end(file ?? NO_TASK);
	};
	const page = readFileSync(join(ROOT, 'docs/advice.md'), 'utf8');
	const followEach = async (url: string) => {
		const follow = await followerIn(world, url, actsIn(world, files));
		for (const [, ...row] of page.matchAll(ROW)) {
			// n8n's guard against requests into its own network came later
			const isUnguarded = ['1.123.81', '2.8.4'].includes(world.install.version);
			if (!isUnguarded || !row.at(-1)?.includes('"guard"')) await follow(row);
		}
	};
	await serving(answer, followEach).finally(async () => await restart(world.n8n));
}

/** Follows rows. `url`: where the files are, and no task. */
async function followerIn(world: World, url: string, acts: Record<string, Act>) {
	const { n8n, rest, simulator, modelStudio, horse } = world;
	const services = [simulator, modelStudio];
	const right = {
		happyHorseApi: { apiKey: API_KEY, baseUrl: simulator.baseUrl },
		happyHorseModelStudioApi: modelStudioFields(modelStudio),
	};
	const elsewhere = { ...right.happyHorseApi, baseUrl: url };
	const credentials: Record<string, WorkflowNode['credentials']> = {
		none: {},
		imini: { happyHorseApi: world.credential },
		modelStudio: { happyHorseModelStudioApi: world.modelStudioCredential },
		elsewhere: {
			happyHorseApi: await rest.createCredential('Elsewhere', 'happyHorseApi', elsewhere),
		},
	};

	const tasks = () => services.flatMap((service) => [...service.tasks.keys()]);
	const filled = (text: string) => {
		const { mediaUrl: MEDIA } = simulator;
		const places = { FILES: url, MEDIA, PORT: n8n.port, TASK: tasks()[0] };
		return text.replace(/\b(FILES|MEDIA|PORT|TASK)\b/g, (name) => Reflect.get(places, name));
	};
	const nodeOf = (step: Step, name: string) => {
		if (typeof step === 'string') {
			const [file, , responseFormat = 'file'] = step.split(' ');
			const response = { response: { responseFormat, outputPropertyName: file } };
			const parameters = { url: `${url}/${file}`, options: { response } };
			return baseNode(name, 'httpRequest', 4.2, parameters);
		}
		const { node, retryOnFail, service = 'imini', credential = service, ...more } = step;
		if (node) return baseNode(name, ...node, more);
		const usual = { service, prompt: 'A horse', resolution: '720P', duration: 3 };
		const parameters = { ...usual, ...more, options: { pollInterval: 1, ...more.options } };
		return horse(name, parameters, { retryOnFail, credentials: credentials[credential] });
	};
	const nodesIn = (cell: string) => {
		const steps: Step[] = JSON.parse(`[${filled(cell)}]`);
		// What is retried goes on with the node of this name
		return steps.map((step, n) => nodeOf(step, n + 1 < steps.length ? `Step ${n}` : 'Video'));
	};

	return async ([told, failing, mended = failing, more = '{}']: readonly string[]) => {
		const around: Around = JSON.parse(filled(more));
		const { fault, on = 'submit', times = 99, end = '', outcome, first, wrong, orders } = around;
		const act = async (name?: string, failed?: string) => await (name && acts[name](failed));
		let saved = await rest.createWorkflow(chain(told));
		const run = async (nodes: WorkflowNode[], retried?: string) => {
			saved = await rest.changeWorkflow(saved, chain(told, ...nodes));
			const id = retried
				? await rest.retry(retried, { loadWorkflow: true })
				: await rest.run(saved, 'Start');
			// Task → Get asks for a minute before it gives up
			return await rest.ended(id, 120_000);
		};
		for (const service of services) {
			service.reset();
			const match: FaultRule['match'] = ({ path }) => path.endsWith(end);
			if (fault) service.faults.push({ on, times, match, fault });
			if (outcome) service.outcomes.push({ outcome });
		}
		await act(around.before);
		const retried = first && (await run([nodeOf(first, 'Video')])).id;
		await act(around.between, retried);
		const corrects = wrong && (await mistaken(told, wrong));
		const failed = await run(nodesIn(failing), retried);
		const description = String(errorOf(failed)?.description);
		ok(description.includes(told), `${told}: ${description}`);
		if (orders === undefined) equal(tasks().length, 0, `${told}: what fails orders nothing`);
		for (const { faults } of services) faults.length = 0;
		await act(around.then);
		await corrects?.();
		const done = await run(nodesIn(mended), orders === undefined ? undefined : failed.id);
		ok(itemsOf(good(done, told), 'Video').length > 0, `${told}: an output`);
		if (orders !== undefined) equal(tasks().length, orders, `${told}: orders`);
	};

	/** A credential with fields that are wrong, as its Test finds as well. Returns how they are corrected. */
	async function mistaken(told: string, fields: object): Promise<() => Promise<void>> {
		const type = 'region' in fields ? 'happyHorseModelStudioApi' : 'happyHorseApi';
		const wrong = { ...right[type], ...fields };
		const credential = await rest.createCredential(told, type, wrong);
		credentials.wrong = { [type]: credential };
		const { message } = await rest.testCredential(credential, wrong);
		ok(message.includes(told), `${told}: ${message}`);
		return async () => {
			await rest.changeCredential(credential, right[type]);
			equal((await rest.testCredential(credential, right[type])).status, 'OK');
		};
	}
}
