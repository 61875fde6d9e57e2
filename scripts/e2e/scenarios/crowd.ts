// Sixty executions at once, at an account that takes 5 orders and 20 queries a second; then n8n is killed in their middle.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { print } from '../../../tools/command';
import { API_KEY, createModelStudioCredential } from '../../../tools/n8n/furnish';
import { until, type Rest } from '../../../tools/n8n/rest';
import { chainFrom, errorOf, itemsOf } from '../../../tools/n8n/workflow';
import { Simulator } from '../../../tools/simulator/simulator';
import { lags, most, seenBy } from '../../bench/figures';
import { allEnded, callWebhook, film, publish, webhook } from '../runs';
import { startVictim, type Victim } from '../victim';
import type { Scenario, World } from '../world';

const CALLS = 60;
const SECONDS_PER_TASK = 30;

/** Ms for all of them: a worker of queue mode runs five at once. */
const END_MS = 600_000;

/** Orders that n8n may be killed over: of each of two workers, one that is noted and one that is sent. */
const IN_THE_AIR = 4;

/** In queue mode, with two workers, by `--mode queue`. */
export const crowd: Scenario = { name: 'crowd', checks: [sixtyAtOnce] };

async function sixtyAtOnce(world: World): Promise<void> {
	const simulator = await Simulator.start({
		service: 'modelStudio',
		apiKey: API_KEY,
		secondsPerTask: SECONDS_PER_TASK,
		queriesPerSecond: 20,
		ordersPerSecond: 5,
	});
	const victim = await startVictim(world, 'crowd', 2);
	try {
		const { n8n } = victim;
		const credential = await createModelStudioCredential(n8n.rest, simulator);
		const order = { service: 'modelStudio', prompt: '={{ $json.query.prompt }}' };
		const video = film(world, order);
		video.credentials = { happyHorseModelStudioApi: credential };
		await publish(n8n.rest, chainFrom(webhook('crowd'), 'Crowd', video));
		await callWebhook(n8n.base, 'crowd?prompt=Warm-up');
		await allEnded(n8n.rest, END_MS);
		await served(victim, simulator, 'Served', 0);
		// Of a queue, two workers never have all of them
		if (world.storm.mode === 'main') {
			await served(victim, simulator, 'Killed when all are ordered', IN_THE_AIR, CALLS);
		}
		await served(victim, simulator, 'Killed in their middle', IN_THE_AIR, CALLS / 3);
	} finally {
		await victim.stop();
		await simulator.stop();
	}
}

/** The video that an execution has brought, by its prompt; undefined where it may have been ordered. */
async function filmOf(rest: Rest, id: string): Promise<string | undefined> {
	const execution = await rest.execution(id);
	if (execution.status === 'success') return String(itemsOf(execution, 'Video')[0].json.prompt);
	match(errorOf(execution)?.message ?? execution.status, /may have been ordered/);
	return undefined;
}

/**
 * All of them at once, each for a film of its own. `killedAt`: n8n is killed when so many are ordered, and what has not ended
 * well is retried; `mostUnsure`: those that may then say that they may have been ordered.
 */
async function served(
	{ n8n, kill, revive }: Victim,
	simulator: Simulator,
	round: string,
	mostUnsure: number,
	killedAt?: number,
): Promise<void> {
	const { rest } = n8n;
	simulator.reset();
	const before = new Set((await rest.executions()).map(({ id }) => id));
	const ended = async () => (await allEnded(rest, END_MS)).filter(({ id }) => !before.has(id));
	const begun = Date.now();
	const since = (ms: number) => `${((ms - begun) / 1000).toFixed(1)} s`;
	// Not those of an earlier round, whose tasks are gone by now
	const prompts = Array.from({ length: CALLS }, (_, n) => `${round}: film ${n}`).sort();
	const urls = prompts.map(
		(prompt) => `${n8n.base}/webhook/crowd?${new URLSearchParams({ prompt })}`,
	);
	const answers = await Promise.all(urls.map(async (url) => await fetch(url)));
	ok(answers.every((answer) => answer.ok));
	if (killedAt !== undefined) {
		await until(() => simulator.tasks.size >= killedAt, `${killedAt} orders`, END_MS);
		await kill('all');
		await revive();
	}
	const executions = await ended();
	equal(executions.length, CALLS);
	const last = await Promise.all(
		executions.map(async ({ id, status }) =>
			status === 'success' || killedAt === undefined ? id : await rest.retry(id),
		),
	);
	await ended();
	const films = await Promise.all(last.map(async (id) => await filmOf(rest, id)));
	const delivered = films.flatMap((prompt) => prompt ?? []).sort();
	const unsure = CALLS - delivered.length;
	const seen = seenBy(simulator, SECONDS_PER_TASK);
	const { submits, queries, lists, refusedOrders, refusedQueries } = seen;
	print(
		`        crowd: ${round}: ${delivered.length} delivered, ${unsure} unsure; refused: ${refusedOrders} of ${submits.length} orders, ${refusedQueries} of ${queries.length + lists} questions; last order ${since(most(seen.tasks.map(({ orderedAt }) => orderedAt)))}, worst lag ${most(lags(seen)).toFixed(1)} s, all out ${since(Date.now())}`,
	);
	const ordered = seen.tasks.map(({ prompt }) => prompt).sort();
	deepEqual(ordered, [...new Set(ordered)], 'nothing is ordered twice');
	deepEqual(delivered, [...new Set(delivered)], 'each film is of one execution');
	ok(unsure <= mostUnsure, `${unsure} may have been ordered`);
	ok(delivered.every((prompt) => ordered.includes(prompt) && prompts.includes(prompt)));
}
