// What the fault suites share: the world, orders, and views of what a run has done.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { SUBJECT, type Execution, type NodeRequest } from '../../../tools/engine/engine';
import type { WorkflowSpec } from '../../../tools/engine/workflow';
import { perService, serviceUnderTest } from '../service';
import { credentialOf, useWorld, type World, type WorldOptions } from '../world';

/** How many times faster than real time the fault suites run. */
const SPEED = 200;

/** Seconds from an order to its video. */
const SECONDS_PER_TASK = 6;

/** Node's diagnostics channel with an event for each HTTP request that this process sends. */
const REQUEST_SENT = 'http.client.request.start';

/** {@link useWorld} at the speed of the fault suites. */
export function useFaultWorld(options: WorldOptions = {}): World {
	const simulator = { secondsPerTask: SECONDS_PER_TASK, ...options.simulator };
	return useWorld({ speed: SPEED, ...options, simulator });
}

/** Parameters, for the service that suites run at. */
export function here(parameters: INodeParameters): INodeParameters {
	return perService({ imini: parameters, modelStudio: { service: 'modelStudio', ...parameters } });
}

/** A credential for that service at an address, by the name that the engine knows it by. */
export function credentialsFor(baseUrl: string, apiKey?: string) {
	return { happyHorse: credentialOf(serviceUnderTest, baseUrl, apiKey) };
}

/** The parameters of a text-to-video order whose prompt is the item's; `options` as in the editor. */
export function order(options: IDataObject = {}, more: INodeParameters = {}): INodeParameters {
	return here({ prompt: '={{ $json.prompt }}', options: options as INodeParameters, ...more });
}

/** Items that each have their own prompt: `scene 0`, `scene 1`, … */
export function scenes(count: number): NodeRequest['items'] {
	return Array.from({ length: count }, (_, n) => ({ json: { prompt: `scene ${n}` } }));
}

/** How many submits reached the service, and how many of them became tasks, which it charges for. */
export function bill({ simulator }: World): { submits: number; tasks: number } {
	return { submits: simulator.ofKind('submit').length, tasks: simulator.tasks.size };
}

/** The ids of all tasks, in the order of their creation. */
export function taskIds({ simulator }: World): string[] {
	return [...simulator.tasks.keys()];
}

/** What n8n's deduplication store holds: intents, and what belongs to them. */
export function entriesOf({ engine }: World): string[] {
	return engine.deduplication.rows.flatMap(({ entries }) => entries);
}

/** The workflow of an execution, set to On Error = continue. */
export function goingOn({ workflow }: Pick<Execution, 'workflow'>): WorkflowSpec {
	return {
		...workflow,
		nodes: workflow.nodes.map((node) =>
			node.name === SUBJECT ? { ...node, onError: 'continueRegularOutput' as const } : node,
		),
	};
}

/** The parts of an execution's error that tests look at. */
export function errorOf({ error }: Execution) {
	if (error === undefined) return undefined;
	const { message, description, context } = error as typeof error & {
		description?: string | null;
		context: IDataObject;
	};
	return { message, description: description ?? '', context };
}

/** The `error` of the output item `index`, with On Error = continue. */
export function failedItem({ items }: Execution, index: number): IDataObject {
	return (items[index]?.json.error ?? {}) as IDataObject;
}

/** The log as text, one line per entry. */
export function logOf({ logs }: Pick<Execution, 'logs'>): string {
	return logs.map(({ level, message }) => `${level}: ${message}`).join('\n');
}

/**
 * The requests that the node sends while `work` goes on, such as `GET /path`. Counted where they are sent: one that is
 * in flight when the node is stopped may still reach the service after the stop.
 */
export async function requestsSentDuring(work: () => Promise<unknown>): Promise<string[]> {
	const sent: string[] = [];
	const note = (event: unknown) => {
		const { request } = event as { request: ClientRequest };
		sent.push(`${request.method} ${request.path}`);
	};
	subscribe(REQUEST_SENT, note);
	await work();
	unsubscribe(REQUEST_SENT, note);
	return sent;
}

/** The requests that the node sends in the next `ms` of real time: none once it has ended. */
export async function requestsSentWithin(ms: number): Promise<string[]> {
	return await requestsSentDuring(async () => await pause(ms));
}

/** Waits until `holds` returns true; it is called every millisecond. */
export async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await pause(1);
}
