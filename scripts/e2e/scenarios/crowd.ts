// Sixty executions at once, at an account that takes 5 orders and 20 queries a second; then n8n is killed in their middle.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { print } from '../../../tools/command';
import { API_KEY, createModelStudioCredential } from '../../../tools/n8n/furnish';
import type { N8n } from '../../../tools/n8n/n8n';
import { until, type Rest } from '../../../tools/n8n/rest';
import { chainFrom, errorOf, itemsOf } from '../../../tools/n8n/workflow';
import { Simulator } from '../../../tools/simulator/simulator';
import { startQueueMode } from '../queueMode';
import { publish, webhook } from '../runs';
import type { Scenario, World } from '../world';

const CALLS = 60;
const SECONDS_PER_TASK = 30;

/** Ms for all of them: a worker of queue mode runs five at once. */
const END_MS = 600_000;

/** Orders that n8n may be killed over: few are noted before their turn. */
const IN_THE_AIR = 6;

/** In queue mode with `--mode queue`; there, nothing is killed. */
export const crowd: Scenario = { name: 'crowd', checks: [sixtyAtOnce] };

/** An n8n, and a service that counts. */
interface Crowd {
	readonly n8n: N8n;
	readonly simulator: Simulator;
}

async function sixtyAtOnce(world: World): Promise<void> {
	const simulator = await Simulator.start({
		service: 'modelStudio',
		apiKey: API_KEY,
		secondsPerTask: SECONDS_PER_TASK,
		queriesPerSecond: 20,
		ordersPerSecond: 5,
	});
	const queue = world.storm.mode === 'queue' ? await startQueueMode(world, 'crowd') : undefined;
	try {
		const { n8n } = queue ?? world;
		for (const name of ['crowd-worker-1', 'crowd-worker-2']) await queue?.startWorker(name);
		const { id, name } = await createModelStudioCredential(n8n.rest, simulator);
		const credentials = { happyHorseModelStudioApi: { id, name } };
		const parameters = {
			service: 'modelStudio',
			prompt: '={{ $json.query.prompt }}',
			resolution: '720P',
			duration: 3,
		};
		const video = world.horse('Video', parameters, { credentials });
		await publish(n8n.rest, chainFrom(webhook('crowd'), 'Crowd', video));
		await until(async () => (await call(n8n, 'Warm-up')).ok, 'the webhook crowd');
		await allEnded(n8n.rest);
		await allAreServed({ n8n, simulator });
		if (queue !== undefined) return;
		await killed({ n8n, simulator }, CALLS, 0);
		await killed({ n8n, simulator }, CALLS / 3, IN_THE_AIR);
	} finally {
		await queue?.stop();
		await simulator.stop();
	}
}

async function call({ base }: N8n, prompt: string): Promise<Response> {
	return await fetch(`${base}/webhook/crowd?${new URLSearchParams({ prompt })}`);
}

/** Waits until no execution is under way. Returns them, the newest first. */
async function allEnded(rest: Rest) {
	return await until(
		async () => {
			const executions = await rest.executions();
			return executions.every(({ status }) => !['new', 'running'].includes(status)) && executions;
		},
		'the end of all executions',
		END_MS,
	);
}

/** Starts all of them; their prompts, and the executions that there were before. */
async function start({ n8n, simulator }: Crowd, round: string) {
	simulator.reset();
	const before = new Set((await n8n.rest.executions()).map(({ id }) => id));
	const prompts = Array.from({ length: CALLS }, (_, n) => `${round}: film ${n}`).sort();
	const answers = await Promise.all(prompts.map(async (prompt) => await call(n8n, prompt)));
	ok(answers.every((answer) => answer.ok));
	return { prompts, before };
}

/** What was ordered, by prompts: none of them twice. */
function ordered({ simulator: { tasks } }: Crowd): string[] {
	return [...tasks.values()].map(({ prompt }) => prompt ?? '').sort();
}

function refused({ simulator }: Crowd): string {
	const of = (kind: 'submit' | 'query' | 'list') => {
		const all = simulator.ofKind(kind);
		return `${all.filter(({ status }) => status === 429).length} of ${all.length}`;
	};
	return `refused: orders ${of('submit')}, queries ${of('query')}, lists ${of('list')}`;
}

async function allAreServed(all: Crowd): Promise<void> {
	const { n8n, simulator } = all;
	const begun = Date.now();
	const { prompts, before } = await start(all, 'Served');
	const executions = (await allEnded(n8n.rest)).filter(({ id }) => !before.has(id));
	const statuses = executions.map(({ status }) => status);
	deepEqual(statuses, Array<string>(CALLS).fill('success'));
	deepEqual(ordered(all), prompts);
	const last = Math.max(...[...simulator.tasks.values()].map(({ createdAt }) => createdAt));
	const seconds = (ms: number) => `${((ms - begun) / 1000).toFixed(1)} s`;
	print(
		`        crowd: last order ${seconds(last)}, all out ${seconds(Date.now())}, ${refused(all)}`,
	);
}

/** The video that each execution has brought, by its prompt; undefined where it may have been ordered. */
async function filmOf(rest: Rest, id: string): Promise<string | undefined> {
	const execution = await rest.execution(id);
	if (execution.status === 'success') return String(itemsOf(execution, 'Video')[0].json.prompt);
	match(errorOf(execution)?.message ?? execution.status, /may have been ordered/);
	return undefined;
}

/** n8n is killed once so many are ordered, and all that did not end well is retried. */
async function killed(all: Crowd, orders: number, mostUnsure: number): Promise<void> {
	const { n8n, simulator } = all;
	const { rest } = n8n;
	// Equal orders of earlier rounds, whose tasks are gone by now, could not be told from these
	const { prompts, before } = await start(all, `Killed after ${orders}`);
	await until(() => simulator.tasks.size >= orders, `${orders} orders`, END_MS);
	await n8n.kill();
	await n8n.start();
	const crashed = (await allEnded(rest)).filter(({ id }) => !before.has(id));
	equal(crashed.length, CALLS);
	const retried = await Promise.all(
		crashed.map(async ({ id, status }) => (status === 'success' ? id : await rest.retry(id))),
	);
	await allEnded(rest);
	const films = await Promise.all(retried.map(async (id) => await filmOf(rest, id)));
	const delivered = films.flatMap((prompt) => prompt ?? []).sort();
	const unsure = CALLS - delivered.length;
	print(
		`        crowd: killed after ${orders} orders; ${delivered.length} delivered, ${unsure} unsure`,
	);
	deepEqual(delivered, [...new Set(delivered)], 'each film is of one execution');
	ok(unsure <= mostUnsure, `${unsure} may have been ordered`);
	deepEqual(ordered(all), [...new Set(ordered(all))], 'nothing is ordered twice');
	deepEqual(
		prompts.filter((prompt) => !ordered(all).includes(prompt) && delivered.includes(prompt)),
		[],
	);
}
