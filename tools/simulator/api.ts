// The endpoints of a service: submit, which takes an order, query, which tells a task's status, and what is around them.
/* eslint-disable @n8n/community-nodes/require-node-api-error -- a test tool: it runs in Node, never in n8n */
import { jsonAnswer,type Answer } from './answers';
import { Refusal } from './checks';
import type { Uploads } from './modelStudio/uploads';
import { problemAnswer,type Protocol } from './protocol';
import type { OrderRules } from './order';
import type { RecordedRequest } from './request';
import type { Script } from './script';
import { checkSources,type SourceRules } from './sourceChecks';
import { isQueued,newTask,type Moment,type OutcomeRule,type SimulatedTask } from './tasks';

/** The state that the endpoints share. */
export interface Platform {
	protocol: Protocol;
	/** The keys that are valid. */
	apiKeys: ReadonlySet<string>;
	tasks: Map<string, SimulatedTask>;
	uploads: Uploads;
	outcomes: Script<SimulatedTask, OutcomeRule>;
	orderRules: OrderRules;
	/** The time, and what else a task's answer depends on. */
	moment: () => Moment;
	/** Queries, and submits, that one key may make in any second of the clock. */
	maxPerSecond: { query: number; submit: number };
	/** When each key's latest requests of a kind were answered: clock, ms since 1970. */
	times: Map<string, number[]>;
}

/** The body of a request as JSON. */
export type JsonBody = { value: unknown } | 'unreadable';

/** Whether a key may send a request of this kind now; if so, it counts. */
function mayNow(platform: Platform, kind: 'query' | 'submit', apiKey: string): boolean {
	const { now } = platform.moment();
	const key = `${kind} ${apiKey}`;
	const latest = platform.times.get(key)?.filter((at) => at > now - 1000) ?? [];
	if (latest.length >= platform.maxPerSecond[kind]) return false;
	platform.times.set(key, [...latest, now]);
	return true;
}

function tooOften({ protocol }: Platform): Answer {
	const answer = problemAnswer(protocol, 'tooOften', 'Too many requests');
	const headers = protocol.tellsPause ? { ...answer.headers, 'retry-after': '1' } : answer.headers;
	return { ...answer, headers };
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
	const apiKey = validKey(platform, request);
	if (apiKey === undefined) return unauthorized(platform);
	if (!mayNow(platform, 'submit', apiKey)) return tooOften(platform);
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
			uploaded: (parameter, url) => uploads.sourceOf(parameter, url, { apiKey, model, at: now }),
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

/** The task that a request names, if its key has ordered it. */
function taskOf(platform: Platform, { taskId = '' }: RecordedRequest, apiKey: string) {
	const task = platform.tasks.get(taskId);
	return task?.apiKey === apiKey ? task : undefined;
}

/** Answers a query; only the key that ordered a task finds it. */
export function query(platform: Platform, request: RecordedRequest): Answer {
	const { protocol } = platform;
	const apiKey = validKey(platform, request);
	if (apiKey === undefined) return unauthorized(platform);
	if (!mayNow(platform, 'query', apiKey)) return tooOften(platform);
	const task = taskOf(platform, request, apiKey);
	if (task === undefined) return protocol.notFound(request.taskId ?? '');
	task.queries++;
	const answer = protocol.about(task, platform.moment());
	return answer ? jsonAnswer(200, answer) : protocol.notFound(task.id);
}

/** Answers a cancel: a task that is still in the queue ends there. */
export function cancel(platform: Platform, request: RecordedRequest): Answer {
	const { protocol } = platform;
	const apiKey = validKey(platform, request);
	if (apiKey === undefined) return unauthorized(platform);
	const task = taskOf(platform, request, apiKey);
	const moment = platform.moment();
	if (task === undefined || !isQueued(task, moment)) {
		const code = 'UnsupportedOperation';
		const message = 'Failed to cancel the task, please confirm if the task is in PENDING status.';
		return problemAnswer(protocol, 'badRequest', message, { status: 400, code });
	}
	task.canceledAt = moment.now;
	return jsonAnswer(200, { request_id: protocol.newRequestId() });
}

/** Answers a request for an upload policy. */
export async function policy(
	platform: Platform,
	request: RecordedRequest,
	uploadHost: string,
): Promise<Answer> {
	const apiKey = validKey(platform, request);
	if (apiKey === undefined) return unauthorized(platform);
	return await orRefusal(platform.protocol, async () =>
		jsonAnswer(200, platform.uploads.policyFor(request, apiKey, uploadHost)),
	);
}

/** Answers with the list of models; only its key matters. */
export function models(platform: Platform, request: RecordedRequest, list: () => Answer): Answer {
	return validKey(platform, request) === undefined ? unauthorized(platform) : list();
}

/** The key that a request carries, if it is valid. */
function validKey({ apiKeys }: Platform, { headers }: RecordedRequest): string | undefined {
	const key = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
	return key !== undefined && apiKeys.has(key) ? key : undefined;
}

function unauthorized({ protocol }: Platform): Answer {
	return problemAnswer(protocol, 'badKey', 'The API key is missing or not valid');
}
