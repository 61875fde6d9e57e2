// The endpoints of a service: submit, which takes an order, query, which tells a task's status, and what is around them.
/* eslint-disable @n8n/community-nodes/require-node-api-error -- a test tool: it runs in Node, never in n8n */
import { jsonAnswer, type Answer } from './answers';
import type { Uploads } from './modelStudio/uploads';
import { Refusal, type OrderRules } from './order';
import { problemAnswer, type ListBehaviour, type Protocol } from './protocol';
import type { RecordedRequest } from './request';
import type { Script } from './script';
import { checkSources, type SourceRules } from './sources';
import {
	isKnown,
	isQueued,
	newTask,
	type Moment,
	type OutcomeRule,
	type SimulatedTask,
} from './tasks';

/** What one key may send in a second of the clock. */
export interface Limits {
	/** Queries; at Model Studio lists and cancels count as well. */
	queriesPerSecond: number;
	ordersPerSecond: number;
	/** Whether that is any second (`sliding`), or each that begins with a whole one of the clock (`fixed`). */
	window: 'sliding' | 'fixed';
}

/** The state that the endpoints share. */
export interface Platform {
	protocol: Protocol;
	/** The keys that are valid. */
	apiKeys: ReadonlySet<string>;
	tasks: Map<string, SimulatedTask>;
	/** Tasks of the same accounts that others ordered. */
	foreign: Map<string, SimulatedTask>;
	list: ListBehaviour;
	uploads: Uploads;
	outcomes: Script<SimulatedTask, OutcomeRule>;
	orderRules: OrderRules;
	/** The time, and what else a task's answer depends on. */
	moment: () => Moment;
	limits: Limits;
	/** When each key's latest requests of a kind were answered: clock, ms since 1970. */
	times: Map<string, number[]>;
}

/** The body of a request as JSON. */
export type JsonBody = { value: unknown } | 'unreadable';

/** The refusal of a request of a kind that came with no valid key, or too soon; else its key, and the request counts. */
function admitted(
	platform: Platform,
	{ headers }: RecordedRequest,
	kind?: 'queriesPerSecond' | 'ordersPerSecond',
): { apiKey: string } | { refusal: Answer } {
	const { protocol, apiKeys, limits, times } = platform;
	const apiKey = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
	if (apiKey === undefined || !apiKeys.has(apiKey)) {
		const message = 'The API key is missing or not valid';
		return { refusal: problemAnswer(protocol, 'badKey', message) };
	}
	if (kind === undefined) return { apiKey };
	const { now } = platform.moment();
	const key = `${kind} ${apiKey}`;
	const from = limits.window === 'fixed' ? Math.floor(now / 1000) * 1000 : now - 999;
	const latest = times.get(key)?.filter((at) => at >= from) ?? [];
	if (latest.length >= limits[kind]) {
		const answer = problemAnswer(protocol, 'tooOften', 'Too many requests');
		if (protocol.tellsPause) answer.headers['retry-after'] = '1';
		return { refusal: answer };
	}
	times.set(key, [...latest, now]);
	return { apiKey };
}

/** The answer of `act`, or the refusal that it has thrown. */
async function orRefusal(protocol: Protocol, act: () => Promise<Answer>): Promise<Answer> {
	try {
		return await act();
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return problemAnswer(protocol, 'badRequest', error.message, error.as);
	}
}

/** Answers a submit. If it keeps to the contract, it creates a task, which is charged. */
export async function submit(
	platform: Platform,
	request: RecordedRequest,
	json: JsonBody,
	sourceRules: SourceRules,
): Promise<Answer> {
	const { protocol, uploads } = platform;
	const key = admitted(platform, request, 'ordersPerSecond');
	if ('refusal' in key) return key.refusal;
	const { apiKey } = key;
	return await orRefusal(protocol, async () => {
		if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
			throw new Refusal('Content-Type', 'must be application/json');
		}
		if (json === 'unreadable') throw new Refusal('body', 'is not valid JSON');
		const { links, ...order } = protocol.checkOrder(
			request.headers,
			json.value,
			platform.orderRules,
		);
		const { now } = platform.moment();
		const { mode, model } = order;
		const sources = await checkSources(mode, links, {
			...sourceRules,
			uploaded: (parameter, url) => uploads.fileOf(parameter, url, { apiKey, model, at: now }),
		});
		sourceRules.signal.throwIfAborted();
		const given = { apiKey, sources, createdAt: platform.moment().now };
		const task = newTask(protocol, order, given);
		task.outcome =
			platform.outcomes.next(
				task,
				() => true,
				({ outcome }) => (typeof outcome === 'function' ? outcome(task) : outcome),
			) ?? {};
		platform.tasks.set(task.id, task);
		request.taskId = task.id;
		return jsonAnswer(200, protocol.accepted(task));
	});
}

/** The task that a request names, if its account has it. */
function taskOf(platform: Platform, { taskId = '' }: RecordedRequest, apiKey: string) {
	const task = platform.tasks.get(taskId) ?? platform.foreign.get(taskId);
	return task?.apiKey === apiKey && isKnown(task, platform.moment()) ? task : undefined;
}

/** Answers a query; only the key that ordered a task finds it. */
export function query(platform: Platform, request: RecordedRequest): Answer {
	const { protocol } = platform;
	const key = admitted(platform, request, 'queriesPerSecond');
	if ('refusal' in key) return key.refusal;
	const task = taskOf(platform, request, key.apiKey);
	if (task === undefined) return protocol.notFound(request.taskId ?? '');
	task.queries++;
	return jsonAnswer(200, protocol.about(task, platform.moment()));
}

/** Answers a cancel: a task that is still in the queue ends there. */
export function cancel(platform: Platform, request: RecordedRequest): Answer {
	const { protocol } = platform;
	const key = admitted(platform, request, 'queriesPerSecond');
	if ('refusal' in key) return key.refusal;
	const task = taskOf(platform, request, key.apiKey);
	const moment = platform.moment();
	if (task === undefined || !isQueued(task, moment)) {
		const code = 'UnsupportedOperation';
		const message = 'Failed to cancel the task, please confirm if the task is in PENDING status.';
		return problemAnswer(protocol, 'badRequest', message, { status: 400, code });
	}
	task.canceledAt = moment.now;
	return jsonAnswer(200, { request_id: protocol.newRequestId() });
}

/** Answers with the list of an account's tasks. */
export async function list(platform: Platform, request: RecordedRequest): Promise<Answer> {
	const { protocol, tasks, foreign } = platform;
	const key = admitted(platform, request, 'queriesPerSecond');
	if ('refusal' in key) return key.refusal;
	return await orRefusal(protocol, async () => {
		const all = [...tasks.values(), ...foreign.values()];
		const own = all.filter(({ apiKey }) => apiKey === key.apiKey);
		return jsonAnswer(
			200,
			protocol.list?.(paramsOf(request), own, platform.moment(), platform.list),
		);
	});
}

/** Answers a request for an upload policy. */
export async function policy(
	platform: Platform,
	request: RecordedRequest,
	uploadHost: string,
): Promise<Answer> {
	const key = admitted(platform, request);
	if ('refusal' in key) return key.refusal;
	return await orRefusal(platform.protocol, async () =>
		jsonAnswer(200, platform.uploads.policyFor(request, key.apiKey, uploadHost)),
	);
}

/** Answers with the list of models; only its key matters. */
export function models(platform: Platform, request: RecordedRequest, all: () => Answer): Answer {
	const key = admitted(platform, request);
	return 'refusal' in key ? key.refusal : all();
}

function paramsOf({ path }: RecordedRequest): URLSearchParams {
	return new URL(path, 'http://127.0.0.1').searchParams;
}
