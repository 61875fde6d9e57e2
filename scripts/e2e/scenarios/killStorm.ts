// Kill storm: n8n dies again and again in the middle of orders, and "Retry" alone brings the videos.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { readFileSync, statSync } from 'node:fs';
import { between, chance, pick } from '../../../tools/chance';
import { print } from '../../../tools/command';
import {
	baseNode,
	chainFrom,
	itemsOf,
	type Execution,
	type Workflow,
	type WorkflowNode,
} from '../../../tools/n8n/workflow';
import { publish, webhook } from '../runs';
import { Books, type Told } from '../storm/books';
import {
	begin,
	broughtHome,
	ended,
	killDuring,
	promptsIn,
	stoppedBefore,
	type Run,
} from '../storm/chains';
import { serveRows, type Rows } from '../storm/rows';
import { makeWeather } from '../storm/weather';
import { startVictim, type Victim } from '../victim';
import type { Scenario, World } from '../world';

const OPERATIONS = ['textToVideo', 'imageToVideo', 'referenceToVideo', 'editVideo'];

/** What becomes of a second execution with the same rows: it is stopped before the first begins, dies with it, or begins before its retry. */
const BESIDE = ['stopped', 'killed', 'under way', 'none'];

/** The lists of rows: of the first execution, and of the one beside it. */
const LISTS = ['first', 'beside'];

export const killStorm: Scenario = { name: 'kill-storm', checks: [storm] };

async function storm(world: World): Promise<void> {
	const { seed, rounds, mode } = world.storm;
	// One worker: which of several has the job is not known from outside
	const victim = await startVictim(world, 'storm', 1);
	const rows = await serveRows(world.simulator.mediaUrl);
	const books = new Books();
	try {
		const published = new Set<string>();
		for (let round = 0; round < rounds; round += 1) {
			await oneRound(world, victim, books, rows, published, round);
		}
	} finally {
		await rows.stop();
		await victim.stop();
	}
	print(`kill-storm: seed ${seed}, ${rounds} rounds, ${mode} mode\n${books.summary}`);
	for (const complaint of books.complaints) print(complaint);
	if (books.figures.tasks < rounds) throw new Error('Hardly anything was ordered');
	if (books.complaints.length > 0) throw new Error(`--seed ${seed} --rounds ${rounds}: see above`);
}

/** A webhook that tells where rows are, these with a file each, and the node, which orders what each says. */
function stormWorkflow(
	{ horse }: World,
	{ credential }: Victim,
	path: string,
	operation: string,
	onError: string,
): Workflow {
	const of = (field: string) => `={{ $json.${field} }}`;
	const steps: WorkflowNode[] = [
		baseNode('Rows', 'httpRequest', 4.2, { url: of('body.rows'), options: {} }),
		baseNode('File', 'convertToFile', 1.1, {
			operation: 'toBinary',
			sourceProperty: 'file',
			options: { fileName: of('name'), mimeType: 'image/png' },
		}),
		baseNode('Row', 'set', 3.4, {
			mode: 'raw',
			jsonOutput: "={{ $('Rows').item.json }}",
			includeOtherFields: true,
			options: { stripBinary: false },
		}),
	];
	const image = { source: of('source'), url: of('image'), binaryPropertyName: 'data' };
	const parameters = {
		operation,
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
	const credentials = { happyHorseApi: credential };
	const video = horse('Video', parameters, { onError, credentials });
	return chainFrom(webhook(path, { httpMethod: 'POST' }), path, ...steps, video);
}

async function oneRound(
	world: World,
	victim: Victim,
	books: Books,
	rows: Rows,
	published: Set<string>,
	round: number,
): Promise<void> {
	const { simulator } = world;
	const { rest } = victim.n8n;
	const seed = `${world.storm.seed}.${round}`;
	const roll = (...words: Array<string | number>) => chance(seed, ...words);
	const onError = pick(roll('on error'), [
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
	const operation = OPERATIONS[(first + round) % OPERATIONS.length];
	const beside = BESIDE[(round + Math.floor(round / BESIDE.length)) % BESIDE.length];
	// n8n evaluates no expression in the operation of a node, so each has a workflow of its own
	const path = `storm-${operation}-${onError}`;
	if (!published.has(path)) {
		await publish(rest, stormWorkflow(world, victim, path, operation, onError));
	}
	published.add(path);
	simulator.reset();
	makeWeather(simulator, seed, onError === 'stopWorkflow' ? 2 : 8);
	const logStarts = victim.logs.map((log) => statSync(log).size);
	const run: Run = { simulator, victim, path, rows, size, roll, deaths: [], stops: [], all: [] };

	const chains = beside === 'stopped' ? [await stoppedBefore(run)] : [];
	const firstId = await begin(run, 'first');
	let besideId = beside === 'killed' ? await begin(run, 'beside') : undefined;
	await killDuring(run, 'kill', ended(run, firstId));
	if (beside === 'under way') besideId = await begin(run, 'beside');
	chains.push(await broughtHome(run, 'first', firstId, besideId));
	if (besideId !== undefined) chains.push(await broughtHome(run, 'beside', besideId));

	const { deaths, stops, all } = run;
	const statuses = all.map(({ id, status }) => `${id} ${status}`).join(', ');
	const name = `${round} (${operation}, ${onError}, beside: ${beside}, ${statuses})`;
	const delivered = new Set(all.flatMap(deliveredBy));
	books.enter(simulator, { name, chains, delivered, told: told(run, logStarts), deaths, stops });
	print(`        round ${name}; so far: ${books.summary}`);
}

/** Ids of the tasks whose video an execution put out, with its file. */
function deliveredBy(execution: Execution): string[] {
	if (execution.status !== 'success') return [];
	return itemsOf(execution, 'Video').flatMap(({ json, binary }) =>
		binary.data?.mimeType === 'video/mp4' ? [String(json.task_id)] : [],
	);
}

/** What people can read of the executions of a round. */
function told({ victim, rows, all }: Run, logStarts: readonly number[]): Told[] {
	const log = victim.logs.map((path, n) => readFileSync(path).subarray(logStarts[n]).toString());
	const seen = all.map((execution): Told => {
		const { resultData } = execution.data as { resultData: object };
		return { text: JSON.stringify(resultData), rows: [promptsIn(execution)] };
	});
	return [{ text: log.join('\n'), rows: LISTS.flatMap((list) => rows.readBy(list)) }, ...seen];
}
