// What the fault suites share: the world, orders, and views of what a run has done.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { Execution, ItemSpec, NodeRequest, Running } from '../../../tools/engine/engine';
import { connect, itemsNode, NODE_TYPE, SUBJECT } from '../../../tools/engine/engine';
import type { NodeSpec, WorkflowSpec } from '../../../tools/engine/workflow';
import { perService, serviceUnderTest } from '../service';
import { credentialOf, useWorld, type World, type WorldOptions } from '../world';

/** How many times faster than real time the fault suites run. */
const SPEED = 200;

/** Seconds from an order to its video. */
const SECONDS_PER_TASK = 6;

/** Node's diagnostics channel with an event for each HTTP request that this process sends. */
const REQUEST_SENT = 'http.client.request.start';

/** A world whose node has an order to send. */
export interface FaultWorld extends World {
	/** Runs the node. Where the request says nothing else, it orders one scene. */
	run(request?: NodeRequest): Promise<Execution>;
	start(request?: NodeRequest): Running;
	/** Starts the node, whose tasks take for ever, and stops it as soon as `point` holds. */
	runUntil(point: (running: Running) => boolean, request?: NodeRequest): Promise<Running>;
	/** The same where n8n is killed: what it does from then on is ignored, and its tasks are ready afterwards. */
	runUntilKilled(point: (running: Running) => boolean, request?: NodeRequest): Promise<Running>;
	/** Runs the node in a loop over `items`, whose end is the node `Done`. */
	loop(items: ItemSpec[], node?: Partial<NodeSpec>, batchSize?: number): Promise<Execution>;
	/** All tasks that take for ever are ready. */
	finishTasks(): void;
	/** From now on, the service knows none of its tasks. */
	expireTasks(): void;
}

/** {@link useWorld} at the speed of the fault suites. */
export function useFaultWorld(options: WorldOptions = {}): FaultWorld {
	const simulator = { secondsPerTask: SECONDS_PER_TASK, ...options.simulator };
	const world = useWorld({ speed: SPEED, ...options, simulator });
	const start = (request: NodeRequest = {}) =>
		world.engine.startNode({ parameters: order(), items: scenes(1), ...request });
	const runUntil = async (point: (running: Running) => boolean, request?: NodeRequest) => {
		world.outcome({ result: 'never' }, Infinity);
		const running = start(request);
		await until(() => point(running));
		running.cancel();
		await running.result;
		world.simulator.outcomes.length = 0;
		return running;
	};
	const finishTasks = () => {
		for (const task of world.simulator.tasks.values())
			if (task.outcome.result === 'never') task.outcome = { afterSeconds: 0 };
	};
	// Not a copy, which would lose the getters
	return Object.assign(world, {
		start,
		run: async (request?: NodeRequest) => await start(request).result,
		runUntil,
		async runUntilKilled(point: (running: Running) => boolean, request?: NodeRequest) {
			const running = await runUntil(point, request);
			finishTasks();
			return running;
		},
		finishTasks,
		expireTasks() {
			for (const task of world.simulator.tasks.values())
				task.outcome = { result: 'expired', afterSeconds: 0 };
		},
		async loop(items: ItemSpec[], node: Partial<NodeSpec> = {}, batchSize = 1) {
			return await world.engine.run(
				{
					nodes: [
						{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
						{ name: 'Items', type: 'test.items' },
						{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches', parameters: { batchSize } },
						{ name: SUBJECT, type: NODE_TYPE, parameters: order(), ...node },
						{ name: 'Done', type: 'n8n-nodes-base.noOp' },
					],
					connections: connect(
						['Start', 'Items', 'Loop', 'Done'],
						{ from: 'Loop', output: 1, to: SUBJECT },
						[SUBJECT, 'Loop'],
					),
				},
				{ nodeTypes: { 'test.items': itemsNode(items) } },
			);
		},
	});
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
export function scenes(count: number): ItemSpec[] {
	return Array.from({ length: count }, (_, n) => ({ json: { prompt: `scene ${n}` } }));
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

/** The task ids in an execution's output, in the order of the items. */
export function delivered({ items }: Execution): unknown[] {
	return items.map(({ json }) => json.task_id);
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
