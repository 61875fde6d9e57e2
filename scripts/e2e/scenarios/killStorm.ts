// Kill storm: n8n dies again and again in the middle of orders, and "Retry" alone brings the videos.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { name as packageName } from '../../../package.json';
import { between, chance, pick } from '../../../tools/chance';
import { print } from '../../../tools/command';
import type { N8n } from '../../../tools/n8n/n8n';
import {
	baseNode,
	chainFrom,
	itemsOf,
	type Execution,
	type Workflow,
} from '../../../tools/n8n/workflow';
import {
	emptyBooks,
	enter,
	isGood,
	report,
	summary,
	type Books,
	type Round,
	type Told,
} from '../storm/books';
import { publish, webhook } from '../runs';
import {
	begin,
	broughtHome,
	ended,
	killAt,
	momentOf,
	pathOf,
	promptsIn,
	stoppedBefore,
	type OnError,
	type Plan,
	type Run,
	type StormyWorld,
} from '../storm/chains';
import { serveRows, type Rows } from '../storm/rows';
import { makeWeather } from '../storm/weather';
import { mainAndWorker, soleN8n } from '../storm/victim';
import type { Scenario } from '../world';

const OPERATIONS = ['textToVideo', 'imageToVideo', 'referenceToVideo', 'editVideo'];

/** What becomes of a second execution with the same rows: it is stopped before the first begins, dies with it, or begins before its retry. */
const BESIDE = ['stopped', 'killed', 'under way', 'none'];

/** The lists of rows: of the first execution, and of the one beside it. */
const LISTS = ['first', 'beside'];

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

async function storm(world: StormyWorld): Promise<void> {
	const { seed, rounds, mode, withoutIntents } = world.storm;
	if (withoutIntents) await world.victim.restart(() => forgetIntents(world.n8n));
	const books = emptyBooks();
	const active = new Set<string>();
	const rows = await serveRows(world.simulator.mediaUrl);
	for (let round = 0; round < rounds; round += 1) await oneRound(world, books, rows, active, round);
	await rows.close();
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

/** A webhook that tells where rows are, these with a file each, and the node, which orders what each says. */
function stormWorkflow(world: StormyWorld, plan: Plan): Workflow {
	const path = pathOf(plan);
	const of = (field: string) => `={{ $json.${field} }}`;
	const rows = baseNode('Rows', 'httpRequest', 4.2, { url: of('body.rows'), options: {} });
	const file = baseNode('File', 'convertToFile', 1.1, {
		operation: 'toBinary',
		sourceProperty: 'file',
		options: { fileName: of('name'), mimeType: 'image/png' },
	});
	const row = baseNode('Row', 'set', 3.4, {
		mode: 'raw',
		jsonOutput: "={{ $('Rows').item.json }}",
		includeOtherFields: true,
		options: { stripBinary: false },
	});
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
	return chainFrom(webhook(path, { httpMethod: 'POST' }), path, rows, file, row, video);
}

async function oneRound(
	world: StormyWorld,
	books: Books,
	rows: Rows,
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
	const size = between(roll('items'), 5, 12);
	const prompts = Array.from({ length: size }, (_, item) => `storm ${seed} item ${item}`);
	// Equal rows
	if (roll('equal') < 0.4) prompts[1] = prompts[0];
	rows.reset(seed, prompts);
	// All of them in turn, whatever the seed
	const first = between(chance(world.storm.seed), 0, OPERATIONS.length - 1);
	const plan = { onError, operation: OPERATIONS[(first + round) % OPERATIONS.length] };
	const beside = BESIDE[(round + Math.floor(round / BESIDE.length)) % BESIDE.length];
	if (!active.has(pathOf(plan))) await publish(rest, stormWorkflow(world, plan));
	active.add(pathOf(plan));
	simulator.reset();
	makeWeather(simulator, seed, onError === 'stopWorkflow' ? 2 : 8);
	const logStarts = victim.logs.map((log) => statSync(log).size);
	const run: Run = { world, plan, rows, size, deaths: [], stops: [], all: [], roll };

	const chains = beside === 'stopped' ? [await stoppedBefore(run)] : [];
	const firstId = await begin(run, 'first');
	let besideId = beside === 'killed' ? await begin(run, 'beside') : undefined;
	const moment = momentOf((what) => roll('kill', what), size);
	await killAt(world, moment, ended(run, firstId), run.deaths);
	if (beside === 'under way') besideId = await begin(run, 'beside');
	chains.push(await broughtHome(run, 'first', firstId, besideId));
	if (besideId !== undefined) chains.push(await broughtHome(run, 'beside', besideId));

	const statuses = run.all.map(({ id, status }) => `${id} ${status}`).join(', ');
	const entered: Round = {
		name: `${round} (${plan.operation}, ${onError}, beside: ${beside}, ${statuses})`,
		chains,
		delivered: new Set(run.all.flatMap(deliveredBy)),
		told: told(run, logStarts),
		deaths: run.deaths,
		stops: run.stops,
	};
	enter(books, simulator, entered);
	print(`        round ${entered.name}; so far: ${summary(books)}`);
}

/** Ids of the tasks whose video an execution put out, with its file. */
function deliveredBy(execution: Execution): string[] {
	if (execution.status !== 'success') return [];
	return itemsOf(execution, 'Video').flatMap(({ json, binary }) =>
		binary.data?.mimeType === 'video/mp4' ? [String(json.task_id)] : [],
	);
}

/** What people can read of the executions of a round. */
function told({ world: { victim }, rows, all }: Run, logStarts: readonly number[]): Told[] {
	const log = victim.logs.map((path, n) => readFileSync(path).subarray(logStarts[n]).toString());
	const seen = all.map((execution): Told => {
		const { resultData } = execution.data as { resultData: object };
		return { text: JSON.stringify(resultData), rows: [promptsIn(execution)] };
	});
	return [{ text: log.join('\n'), rows: LISTS.flatMap((list) => rows.readBy(list)) }, ...seen];
}
