// Queue mode: a main and two workers, with Redis and PostgreSQL.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { print } from '../../../tools/command';
import type { Worker } from '../../../tools/n8n/n8n';
import { until } from '../../../tools/n8n/rest';
import { chainFrom, isRetriable, itemsOf } from '../../../tools/n8n/workflow';
import type { Outcome, SimulatedTask } from '../../../tools/simulator/simulator';
import { QUEUE_PROGRAMS, startQueueMode, type QueueMode } from '../queueMode';
import { allEnded, publish, startByWebhook, webhook } from '../runs';
import type { Scenario, World } from '../world';
import { checkRows, endOf, exampleFor, ROUNDS_MS, setOutcomes, tasksOf } from './survives';

const CALLS = 20;

/** Of the webhook. */
const PATH = 'film';

/** Ms after a worker's end in which a second order would be seen: several rounds of the queue's look for lost jobs. */
const WATCH_MS = 15_000;

/** An n8n in queue mode, and the service. */
type Queue = Pick<QueueMode, 'n8n' | 'startWorker'> & Pick<World, 'simulator'>;

export const queue: Scenario = { name: 'queue', needs: QUEUE_PROGRAMS, checks: [withWorkers] };

async function withWorkers(world: World): Promise<void> {
	const { stop, credential, ...mode } = await startQueueMode(world, 'queue');
	const queue = { ...mode, simulator: world.simulator };
	const { n8n, startWorker } = queue;
	try {
		const parameters = { prompt: '={{ $json.query.prompt }}', resolution: '720P', duration: 3 };
		const video = world.horse('Video', parameters, { credentials: { happyHorseApi: credential } });
		const first = await startWorker('queue-worker-1');
		const second = await startWorker('queue-worker-2');
		await publish(n8n.rest, chainFrom(webhook(PATH), 'Film', video));
		await startByWebhook(n8n, `${PATH}?prompt=first`);
		await allEnded(n8n.rest);
		await spreads(queue, [first, second]);
		await second.stop();
		await finishesBeforeItEnds(queue, first);
		await endsInTheMiddle(queue, await startWorker('queue-worker-3', 2));
		await survivesElsewhere(queue, await startWorker('queue-worker-5'));
	} finally {
		await stop();
	}
}

async function call({ n8n }: Queue, prompt: string): Promise<Response> {
	return await fetch(`${n8n.base}/webhook/${PATH}?${new URLSearchParams({ prompt })}`);
}

/** The ids of the tasks that a worker has ordered, by its log. */
function orderedBy(worker: Worker): string[] {
	return [...readFileSync(worker.log, 'utf8').matchAll(/is task (task_\d+)/g)].map(([, id]) => id);
}

async function spreads(queue: Queue, workers: readonly Worker[]): Promise<void> {
	const { n8n, simulator } = queue;
	simulator.reset();
	const prompts = Array.from({ length: CALLS }, (_, number) => `Film ${number}`);
	const answers = await Promise.all(prompts.map(async (prompt) => await call(queue, prompt)));
	ok(answers.every((answer) => answer.ok));
	const executions = await allEnded(n8n.rest);
	const statuses = executions.map(({ status }) => status);
	deepEqual(statuses, Array<string>(CALLS + 1).fill('success'));
	deepEqual([...simulator.tasks.values()].map(({ body }) => body.prompt).sort(), prompts.sort());
	for (const worker of workers) {
		const own = orderedBy(worker).filter((id) => simulator.tasks.has(id));
		ok(own.length > 0, 'each worker has its share');
	}
	const [{ binary }] = itemsOf(await n8n.rest.execution(executions[0].id), 'Video');
	const file = await n8n.rest.file(binary.data);
	equal(file.subarray(4, 8).toString(), 'ftyp', 'the file of a worker, read from the main');
}

/** Starts one, and waits until its task is looked at. */
async function oneOrder(queue: Queue, outcome: Outcome): Promise<SimulatedTask> {
	const { simulator } = queue;
	simulator.reset();
	simulator.outcomes.push({ outcome });
	await call(queue, 'One film');
	await simulator.waitFor((requests) => requests.some(({ kind }) => kind === 'query'), 20_000);
	const [task] = simulator.tasks.values();
	return task;
}

async function finishesBeforeItEnds(queue: Queue, worker: Worker): Promise<void> {
	const { n8n, simulator } = queue;
	const task = await oneOrder(queue, { afterSeconds: 6 });
	ok(orderedBy(worker).includes(task.id));
	await worker.stop(60_000);
	const [{ id }] = await n8n.rest.executions();
	const execution = await n8n.rest.ended(id);
	equal(execution.status, 'success');
	equal(itemsOf(execution, 'Video')[0].json.task_id, task.id);
	equal(simulator.ofKind('submit').length, 1);
}

async function endsInTheMiddle(queue: Queue, worker: Worker): Promise<void> {
	const { simulator, startWorker } = queue;
	const task = await oneOrder(queue, { result: 'never' });
	await worker.stop(30_000);
	match(orderedBy(worker).join(), new RegExp(task.id), "the task id in the worker's log");
	const next = await startWorker('queue-worker-4');
	await pause(WATCH_MS);
	equal(simulator.ofKind('submit').length, 1, 'nothing is ordered a second time');
	await next.stop();
}

/** Starts the example that survives a restart by a webhook, and waits until it rests. Returns the id of its execution. */
async function startResting({ n8n }: Queue, run: string): Promise<string> {
	const workflow = exampleFor(run);
	const [, ...others] = workflow.nodes;
	await publish(n8n.rest, { ...workflow, nodes: [webhook(run), ...others] });
	const id = await startByWebhook(n8n, run);
	const rests = async () => (await n8n.rest.executions())[0].status === 'waiting';
	await until(rests, 'the execution to rest');
	return id;
}

/**
 * Main and worker die while the example rests, and another worker ends it. Then they die in Get: whatever n8n keeps of that,
 * nothing is ordered a second time, and all tasks are in the log of the worker that ordered them.
 */
async function survivesElsewhere(queue: Queue, worker: Worker): Promise<void> {
	const { n8n, simulator, startWorker } = queue;
	simulator.reset();
	setOutcomes(simulator);
	const resting = await startResting(queue, 'rests');
	await Promise.all([n8n.kill(), worker.kill()]);
	await n8n.start();
	const next = await startWorker('queue-worker-5');
	checkRows(simulator, 'rests', await endOf(n8n.rest, resting));

	const looking = await startResting(queue, 'looks');
	simulator.faults.push({ on: 'query', times: Infinity, fault: { kind: 'hang' } });
	const seen = simulator.ofKind('query').length;
	await simulator.waitFor(() => simulator.ofKind('query').length > seen, ROUNDS_MS);
	await Promise.all([n8n.kill(), next.kill()]);
	simulator.faults.length = 0;
	await n8n.start();
	await startWorker('queue-worker-6');
	const lost = await n8n.rest.ended(looking, ROUNDS_MS);
	ok(['crashed', 'error'].includes(lost.status), lost.status);
	const told = orderedBy(next);
	for (const task of tasksOf(simulator, 'looks')) ok(told.includes(task), task);
	if (!isRetriable(lost))
		return print(`        queue: n8n ${lost.status}, and kept nothing to retry`);
	checkRows(simulator, 'looks', await endOf(n8n.rest, await n8n.rest.retry(looking)));
}
