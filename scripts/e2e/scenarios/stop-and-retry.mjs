// Stopping, retrying from the list of executions, and a power cut in the middle: nothing is ordered twice, nothing is lost.
import { equal, match, ok } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { errorOf, itemsOf, until } from '../rest.mjs';
import { baseNode, chain } from '../world.mjs';

/** Ms within which the node ends after a stop, and ms of silence that show it. */
const STOP_MS = 1000;
const SILENCE_MS = 5000;

export async function run(world) {
	for (const check of [stops, retryGoesOn, retryAfterPowerCut]) {
		world.simulator.reset();
		await check(world);
	}
}

const film = (world, options = {}) =>
	world.horse('Video', { prompt: 'A horse', resolution: '720P', duration: 3, options });

/** Starts a workflow of one video that is never ready, and waits until it is being asked for. */
async function startEndless(world, workflow, start = startByHand) {
	const { rest, simulator } = world;
	simulator.outcomes.push({ outcome: { result: 'never' } });
	const executionId = await start(world, await rest.createWorkflow(workflow));
	await simulator.waitFor((requests) => requests.some(({ kind }) => kind === 'query'), 30_000);
	const [task] = simulator.tasks.values();
	return { executionId, task };
}

async function startByHand({ rest }, workflow) {
	return await rest.run(workflow, 'Start');
}

/** By its webhook: n8n keeps no data of a run by hand that could be retried after a crash. */
async function startByWebhook({ n8n, rest }, workflow) {
	await rest.activate(workflow);
	const { path } = workflow.nodes[0].parameters;
	await until(
		async () => (await fetch(`${n8n.base}/webhook/${path}`)).ok,
		'the webhook to be there',
	);
	return (await rest.executions())[0].id;
}

/** The task is done now. */
function finish(task) {
	task.outcome = { afterSeconds: 0 };
}

async function stops(world) {
	const { rest, simulator } = world;
	const { executionId } = await startEndless(world, chain('Stop', film(world)));
	const asked = Date.now();
	await rest.stop(executionId);
	const execution = await rest.ended(executionId);
	equal(execution.status, 'canceled');
	ok(Date.now() - asked < STOP_MS, `stopped after ${Date.now() - asked} ms`);
	await pause(SILENCE_MS);
	const late = simulator.requests.filter(({ at }) => at > asked + STOP_MS);
	equal(late.length, 0, 'requests after the stop');
	equal(simulator.ofKind('submit').length, 1);
}

/** The wait's timeout is over before the video is ready; "Retry" collects it. */
async function retryGoesOn(world) {
	const { rest, simulator } = world;
	const { executionId, task } = await startEndless(
		world,
		chain('Retry', film(world, { timeout: 0.05, pollInterval: 1 })),
	);
	const failed = await rest.ended(executionId);
	equal(failed.status, 'error');
	match(errorOf(failed).message, new RegExp(task.id));
	for (const loadWorkflow of [false, true]) {
		finish(task);
		const retried = await rest.ended(await rest.retry(executionId, { loadWorkflow }));
		if (loadWorkflow) {
			// The saved record does not know that the first retry delivered
			match(retried.status, /success|error/);
		} else {
			equal(retried.status, 'success', JSON.stringify(errorOf(retried)));
			equal(itemsOf(retried, 'Video')[0].json.task_id, task.id);
		}
		equal(simulator.ofKind('submit').length, 1, 'a retry orders nothing');
	}
}

async function retryAfterPowerCut(world) {
	const { n8n, rest, simulator } = world;
	const workflow = chain('Power cut', film(world));
	workflow.nodes[0] = baseNode(
		'Start',
		'webhook',
		2,
		{ path: 'power-cut' },
		{ webhookId: 'power-cut' },
	);
	const { executionId, task } = await startEndless(world, workflow, startByWebhook);
	await n8n.kill();
	await n8n.start();
	match(n8n.logText(), new RegExp(task.id), "the task id in n8n's log");
	finish(task);

	const waits = world.horse('Video', { resource: 'task', operation: 'wait', taskId: task.id });
	const collected = await rest.runToEnd(chain('Collect', waits));
	equal(collected.status, 'success', JSON.stringify(errorOf(collected)));
	equal(itemsOf(collected, 'Video')[0].binary.data.mimeType, 'video/mp4');

	const crashed = await until(async () => {
		const execution = await rest.execution(executionId);
		return execution.status === 'crashed' && execution;
	}, 'n8n to find the crashed execution');
	for (let tries = 0; tries < 2; tries += 1) {
		const retried = await rest.ended(await rest.retry(crashed.id));
		equal(retried.status, 'error', 'a crashed execution is not simply done again');
		match(errorOf(retried).message, /may have been ordered/);
	}
	equal(simulator.ofKind('submit').length, 1, 'a retry orders nothing');
}
