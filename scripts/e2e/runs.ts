// Workflows that are run to their end, which has to be good.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal } from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import type { N8n } from '../../tools/n8n/n8n';
import { until, type Rest } from '../../tools/n8n/rest';
import {
	baseNode,
	errorOf,
	type Execution,
	type Workflow,
	type WorkflowNode,
} from '../../tools/n8n/workflow';
import { serve } from '../../tools/simulator/http';
import type { Check, World } from './world';

/** Saves a workflow, runs it from `trigger` to its end, and returns the execution. */
export async function succeed(
	{ rest }: Pick<World, 'rest'>,
	workflow: Workflow,
	trigger = 'Start',
): Promise<Execution> {
	return good(await rest.runToEnd(workflow, trigger), workflow.name);
}

/** The node with a short order; `more`: other parameters. */
export const film = ({ horse }: World, more: object = {}): WorkflowNode =>
	horse('Video', { prompt: 'A horse', resolution: '720P', duration: 3, ...more });

/** The execution, which has to be good. `what`: to be named where it is not. */
export function good(execution: Execution, what: string): Execution {
	equal(execution.status, 'success', `${what}: ${JSON.stringify(errorOf(execution))}`);
	return execution;
}

/** A workflow, and what is to be true once it has been run. */
export interface Run {
	workflow(world: World): Workflow | Promise<Workflow>;
	/** Default: Start. */
	readonly trigger?: string;
	check(execution: Execution, world: World): void | Promise<void>;
}

/** A check for each. */
export function checksOf(runs: Record<string, Run>): Check[] {
	return Object.values(runs).map(({ workflow, trigger, check }) => async (world) => {
		await check(await succeed(world, await workflow(world), trigger), world);
	});
}

/** The trigger of a workflow that is started by calling its webhook. */
export function webhook(path: string, parameters: object = {}): WorkflowNode {
	return baseNode('Start', 'webhook', 2, { path, ...parameters }, { webhookId: path });
}

/** The trigger of a workflow that is started by filling in a form with a file in the field `fieldLabel`. */
export function form(path: string, fieldLabel: string): WorkflowNode {
	const values = [{ fieldLabel, fieldType: 'file', multipleFiles: false }];
	const parameters = { formTitle: 'A video', formFields: { values }, options: { path } };
	return baseNode('Start', 'formTrigger', 2.2, parameters, { webhookId: path });
}

/** Fills in the form at `url`, once it is there. */
export async function fillIn(url: string, ...answers: ReadonlyArray<string | File>): Promise<void> {
	const isThere = async () => {
		const page = await fetch(url);
		await page.text();
		return page.ok;
	};
	await until(isThere, `the form at ${url}`);
	const body = new FormData();
	for (const [n, answer] of answers.entries()) body.append(`field-${n}`, answer);
	const answer = await fetch(url, { method: 'POST', body });
	equal(answer.status, 200, await answer.text());
}

/** What the trigger of a chat would put out, for a run by hand. */
export const CHAT = { Chat: [{ json: { chatInput: 'A horse on a beach', sessionId: 'e2e' } }] };

/** Saves a workflow and publishes it. */
export async function publish(rest: Rest, workflow: Workflow): Promise<void> {
	await rest.activate(await rest.createWorkflow(workflow));
}

/** Calls a webhook as soon as it is there, and returns its answer. */
export async function callWebhook(base: string, path: string, request: RequestInit = {}) {
	return await until(async () => {
		const answer = await fetch(`${base}/webhook/${path}`, request);
		return answer.ok && answer;
	}, `the webhook ${path}`);
}

/** The same, and returns the id of the execution that this has started. */
export async function startByWebhook(
	{ base, rest }: N8n,
	path: string,
	request: RequestInit = {},
): Promise<string> {
	const [before] = await rest.executions();
	await callWebhook(base, path, request);
	return await until(async () => {
		const [newest] = await rest.executions();
		return newest?.id !== before?.id && newest.id;
	}, `the execution of ${path}`);
}

/** Waits until no execution is under way. Returns them, the newest first. */
export async function allEnded(rest: Rest, ms = 60_000) {
	return await until(
		async () => {
			const executions = await rest.executions();
			return executions.every(({ status }) => !['new', 'running'].includes(status)) && executions;
		},
		'the end of all executions',
		ms,
	);
}

/** Answers requests on loopback while `work` runs, which gets the address. */
export async function serving(
	answer: RequestListener,
	work: (url: string) => Promise<void>,
): Promise<void> {
	const { url, stop } = await serve(answer);
	await work(url).finally(stop);
}

/** Stops n8n as a service manager does, and starts it with this environment. */
export async function restart(n8n: N8n, env: Record<string, string> = {}): Promise<void> {
	await n8n.stop();
	await n8n.start(env);
}
