// Kill storm: n8n dies again and again in the middle of orders, and "Retry" alone brings the videos.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { name as packageName } from '../../../package.json';
import { between, chance, pick } from '../../../tools/chance';
import { print } from '../../../tools/command';
import { imageFile } from '../../../tools/images';
import type { N8n } from '../../../tools/n8n/n8n';
import {
	baseNode,
	chainFrom,
	errorOf,
	isRetriable,
	itemsOf,
	type Execution,
	type Workflow,
} from '../../../tools/n8n/workflow';
import type { RequestKind, Simulator } from '../../../tools/simulator/simulator';
import {
	emptyBooks,
	enter,
	isGood,
	report,
	summary,
	type Books,
	type Death,
	type Round,
} from '../storm/books';
import { publish, startByWebhook, webhook } from '../runs';
import { makeWeather } from '../storm/weather';
import { mainAndWorker, soleN8n, type Victim } from '../storm/victim';
import type { Scenario, World } from '../world';

const OPERATIONS = ['textToVideo', 'imageToVideo', 'referenceToVideo', 'editVideo'];

/** Retries of one execution, at most. */
const RETRIES = 4;

/** Ms after the request at which n8n is killed, at most; ms that it may take to get there. */
const MOST_DELAY_MS = 400;
const PATIENCE_MS = 20_000;

export const killStorm: Scenario = {
	name: 'kill-storm',
	checks: [
		async (world) => {
			const isQueue = world.storm.mode === 'queue';
			const victim = isQueue ? await mainAndWorker(world) : soleN8n(world);
			try {
				await storm({ ...world, n8n: victim.n8n, rest: victim.n8n.rest, victim });
			} finally {
				await victim.stop();
			}
		},
	],
};

interface StormyWorld extends World {
	readonly victim: Victim;
}

async function storm(world: StormyWorld): Promise<void> {
	const { seed, rounds, mode, withoutIntents } = world.storm;
	if (withoutIntents) await world.victim.restart(() => forgetIntents(world.n8n));
	const books = emptyBooks();
	const active = new Set<string>();
	for (let round = 0; round < rounds; round += 1) await oneRound(world, books, active, round);
	print(`kill-storm: seed ${seed}, ${rounds} rounds, ${mode} mode\n${report(books)}`);
	if (books.tasks < rounds) throw new Error('Hardly anything was ordered: nothing is proven');
	if (!isGood(books)) throw new Error(`--seed ${seed} --rounds ${rounds}: see above`);
}

/** The node without its intents: what the storm is to notice. */
function forgetIntents(n8n: N8n): void {
	const folder = join(n8n.folder, '.n8n', 'nodes', 'node_modules', packageName, 'dist');
	const file = join(folder, 'nodes', 'HappyHorse', 'HappyHorse.node.js');
	const code = readFileSync(file, 'utf8');
	const without = code.replaceAll('helpers.checkProcessedAndRecord', 'helpers.noSuchHelper');
	if (without === code) throw new Error('The intents were not found in the packed node');
	writeFileSync(file, without);
}

type OnError = 'stopWorkflow' | 'continueErrorOutput';

/** What a round runs: n8n evaluates no expression in the operation of a node, so each has a workflow of its own. */
interface Plan {
	readonly operation: string;
	readonly onError: OnError;
}

function pathOf({ operation, onError }: Plan): string {
	return `storm-${operation}-${onError}`;
}

/** A webhook, its items with a file each, and the node, which orders what each item says. */
function stormWorkflow(world: StormyWorld, plan: Plan): Workflow {
	const path = pathOf(plan);
	const split = baseNode('Split', 'splitOut', 1, { fieldToSplitOut: 'body.items' });
	const file = baseNode('File', 'convertToFile', 1.1, {
		operation: 'toBinary',
		sourceProperty: 'file',
		options: { fileName: '={{ $json.name }}', mimeType: 'image/png' },
	});
	const of = (field: string) => `={{ $('Split').item.json.${field} }}`;
	const image = { source: of('source'), url: of('image'), binaryPropertyName: 'data' };
	const parameters = {
		operation: plan.operation,
		prompt: of('prompt'),
		imageSource: of('source'),
		imageUrl: of('image'),
		binaryPropertyName: 'data',
		referenceImages: { image: [image] },
		videoUrl: of('video'),
		resolution: '720P',
		duration: 3,
		options: { timeout: 2, pollInterval: 1, maxTasksInFlight: of('inFlight') },
	};
	const video = world.horse('Video', parameters, {
		onError: plan.onError,
		credentials: { happyHorseApi: world.victim.credential },
	});
	return chainFrom(webhook(path, { httpMethod: 'POST' }), path, split, file, video);
}

/** Publishes the workflow of a round, unless an earlier round has. */
async function activate(world: StormyWorld, plan: Plan, active: Set<string>): Promise<void> {
	const path = pathOf(plan);
	if (active.has(path)) return;
	active.add(path);
	await publish(world.rest, stormWorkflow(world, plan));
	await startByWebhook(world.n8n, path, post([]));
}

/** Orders all items. */
function post(items: readonly object[]): RequestInit {
	const headers = { 'content-type': 'application/json' };
	return { method: 'POST', headers, body: JSON.stringify({ items }) };
}

/** Where n8n is killed: some ms after the n-th request of a kind. */
interface Moment {
	readonly kind: RequestKind;
	readonly nth: number;
	readonly delayMs: number;
	/** From 0 to 1: what is killed, where there is a choice. */
	readonly target: number;
}

function momentOf(roll: (what: string) => number, items: number): Moment {
	const kind = pick<RequestKind>(roll('kind'), [
		[4, 'submit'],
		[3, 'query'],
		[2, 'media'],
	]);
	const most = kind === 'query' ? 2 * items : items;
	const delayMs = between(roll('delay'), 0, MOST_DELAY_MS);
	return { kind, nth: between(roll('nth'), 1, most), delayMs, target: roll('target') };
}

/**
 * Waits for the moment, or for `over`: then n8n is killed all the same, and started again. Notes in `deaths` when that
 * was, if the node died with it.
 */
async function killAt(
	{ simulator, victim }: StormyWorld,
	{ kind, nth, delayMs, target }: Moment,
	over: Promise<unknown>,
	deaths: Death[],
): Promise<void> {
	const seenBefore = simulator.ofKind(kind).length;
	const isThere = simulator.waitFor(
		() => simulator.ofKind(kind).length >= seenBefore + nth,
		PATIENCE_MS,
	);
	await Promise.race([isThere, over]).catch(() => {});
	// Whichever was first, the other one may still fail
	isThere.catch(() => {});
	await pause(delayMs);
	const from = Date.now();
	if (await victim.kill(target)) deaths.push({ from, to: Date.now() });
	await victim.revive();
}

async function oneRound(
	world: StormyWorld,
	books: Books,
	active: Set<string>,
	round: number,
): Promise<void> {
	const { simulator, rest, victim } = world;
	const seed = `${world.storm.seed}.${round}`;
	const roll = (...words: Array<string | number>) => chance(seed, ...words);
	const onError = pick<OnError>(roll('on error'), [
		[3, 'stopWorkflow'],
		[7, 'continueErrorOutput'],
	]);
	const prompts = Array.from(
		{ length: between(roll('items'), 5, 12) },
		(_, item) => `storm ${seed} item ${item}`,
	);
	// All of them in turn, whatever the seed
	const first = between(chance(world.storm.seed), 0, OPERATIONS.length - 1);
	const plan = { onError, operation: OPERATIONS[(first + round) % OPERATIONS.length] };
	await activate(world, plan, active);
	simulator.reset();
	makeWeather(simulator, seed, onError === 'stopWorkflow' ? 2 : 8);
	const logStarts = victim.logs.map((log) => statSync(log).size);
	const deaths: Death[] = [];

	const items = await itemsFor(simulator, prompts, roll);
	const firstId = await startByWebhook(world.n8n, pathOf(plan), post(items));
	const moment = momentOf((what) => roll('kill', what), prompts.length);
	await killAt(world, moment, rest.ended(firstId), deaths);

	let last = await rest.ended(firstId);
	const all = [last];
	for (let tries = 0, seen = ''; tries < RETRIES && last.status !== 'success'; tries += 1) {
		// What has met a fault, or a death of n8n, may go well without it
		const faults = simulator.requests.filter(({ fault }) => fault !== undefined).length;
		const state = [errorOf(last)?.message, simulator.tasks.size, faults, deaths.length].join();
		if (state === seen) break;
		seen = state;
		// Sometimes the first one once more: n8n offers that as well
		const isFirst = roll('from', tries) < 0.2 || !isRetriable(last);
		const from = tries > 0 && isFirst ? firstId : last.id;
		const retrying = rest.retry(from).catch(() => undefined);
		if (tries < 2 && roll('again', tries) < 0.25) {
			const again = momentOf((what) => roll('kill again', tries, what), prompts.length);
			await killAt(world, again, retrying, deaths);
		}
		const id = (await retrying) ?? (await rest.executions()).at(0)?.id ?? from;
		last = await rest.ended(id);
		all.push(last);
	}
	// A crashed execution may be retried once more though its videos are there: they are delivered again
	if (last.status === 'success' && all[0].status === 'crashed' && roll('once more') < 0.4) {
		all.push(await rest.ended(await rest.retry(all[0].id)));
	}
	const entered: Round = {
		name: `${round} (${plan.operation}, ${onError}, ${all.map(({ id, status }) => `${id} ${status}`).join(', ')})`,
		prompts,
		delivered: new Set(all.flatMap(deliveredBy)),
		told: told(victim, all, logStarts),
		deaths,
		isRetriable: [last, await rest.execution(firstId)].some(
			(one) => one.status === 'success' || isRetriable(one),
		),
		isBlocked: /may have been ordered/.test(errorOf(last)?.message ?? ''),
	};
	enter(books, simulator, entered);
	print(`        round ${entered.name}; so far: ${summary(books)}`);
}

/** What each item orders. */
async function itemsFor(
	simulator: Simulator,
	prompts: readonly string[],
	roll: (...words: Array<string | number>) => number,
): Promise<object[]> {
	const file = (await imageFile('png', 400, 400)).toString('base64');
	return prompts.map((prompt, item) => ({
		prompt,
		source: roll('source', item) < 0.5 ? 'binary' : 'url',
		image: `${simulator.mediaUrl}/file/${item}.jpg`,
		video: `${simulator.mediaUrl}/file/${item}.mp4`,
		inFlight: between(roll('in flight'), 2, 12),
		name: `${prompt}.png`,
		file,
	}));
}

/** Ids of the tasks whose video an execution put out, with its file. */
function deliveredBy(execution: Execution): string[] {
	if (execution.status !== 'success') return [];
	return itemsOf(execution, 'Video').flatMap(({ json, binary }) =>
		binary.data?.mimeType === 'video/mp4' ? [String(json.task_id)] : [],
	);
}

/** What people can read of the executions of a round. */
function told(
	{ logs }: Victim,
	executions: readonly Execution[],
	logStarts: readonly number[],
): string {
	const log = logs.map((path, n) => readFileSync(path).subarray(logStarts[n]).toString());
	const seen = executions.map(({ data }) => {
		const { resultData } = data as { resultData: object };
		return JSON.stringify(resultData);
	});
	return [...log, ...seen].join('\n');
}
