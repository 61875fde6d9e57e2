// Stopping, retrying from the list of executions, and a power cut in the middle: nothing is ordered twice, nothing is lost.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../tools/n8n/rest';
import { chain, chainFrom, itemsOf } from '../../../tools/n8n/workflow';
import { film, good, publish, startByWebhook, succeed, webhook } from '../runs';
import type { Scenario, World } from '../world';

/** Ms within which the node ends after a stop, and ms without a request that show that it has. */
const STOP_MS = 3000;
const SILENCE_MS = 8000;

export const stopAndRetry: Scenario = {
	name: 'stop-and-retry',
	checks: [stops, retryAfterPowerCut],
};

/** Starts a workflow of one video that is never ready, and waits until it is being polled. */
async function startEndless({ simulator }: World, start: () => Promise<string>) {
	simulator.outcomes.push({ outcome: { result: 'never' } });
	const executionId = await start();
	await simulator.waitFor((requests) => requests.some(({ kind }) => kind === 'query'), 30_000);
	const [task] = simulator.tasks.values();
	return { executionId, task };
}

async function stops(world: World): Promise<void> {
	const { rest, simulator } = world;
	const saved = await rest.createWorkflow(chain('By hand', film(world)));
	const { executionId } = await startEndless(world, async () => await rest.run(saved, 'Start'));
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

/** The paid task is gone on with, whatever n8n has lost. */
async function retryAfterPowerCut(world: World): Promise<void> {
	const { n8n, rest, simulator } = world;
	const path = `power-cut-${randomUUID()}`;
	// Not by hand: n8n keeps no data of such a run that could be retried after a crash
	await publish(rest, chainFrom(webhook(path), 'Power cut', film(world)));
	const start = async () => await startByWebhook(n8n, path);
	const { executionId, task } = await startEndless(world, start);
	await n8n.kill();
	await n8n.start();
	const isFound = async () => (await rest.execution(executionId)).status === 'crashed';
	await until(isFound, 'n8n to find the crashed execution');
	match(n8n.logText(), new RegExp(task.id), "the task id in n8n's log");
	task.outcome = { afterSeconds: 0 };

	const waits = world.horse('Video', { resource: 'task', operation: 'wait', taskId: task.id });
	const collected = await succeed(world, chain('Collect', waits));
	equal(itemsOf(collected, 'Video')[0].binary.data.mimeType, 'video/mp4');

	for (let tries = 0; tries < 2; tries += 1) {
		const retried = good(await rest.ended(await rest.retry(executionId)), 'Retry');
		equal(itemsOf(retried, 'Video')[0].json.task_id, task.id, 'it goes on with what is paid for');
	}
	equal(simulator.ofKind('submit').length, 1, 'a retry orders nothing');
}
