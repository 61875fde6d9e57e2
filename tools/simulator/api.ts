// The two endpoints of the service: submit, which takes an order, and query, which tells a task's status.
/* eslint-disable @n8n/community-nodes/require-node-api-error -- a test tool: it runs in Node, never in n8n */
import { errorAnswer, jsonAnswer, type Answer } from './answers';
import type { RecordedRequest } from './recording';
import { checkBody, checkSources, Refusal, type SourceRules } from './rules';
import type { Script } from './script';
import {
	newTask,
	submitAnswer,
	taskAnswer,
	type Moment,
	type OutcomeRule,
	type SimulatedTask,
} from './tasks';

/** The state that both endpoints share. */
export interface Platform {
	/** The keys that are valid. */
	apiKeys: ReadonlySet<string>;
	tasks: Map<string, SimulatedTask>;
	outcomes: Script<SimulatedTask, OutcomeRule>;
	/** The time, and what else a task's answer depends on. */
	moment: () => Moment;
	/** Queries that one key may make in any second of the clock. */
	maxQueriesPerSecond: number;
	/** When each key's latest queries were answered: clock, ms since 1970. */
	queryTimes: Map<string, number[]>;
}

/** The body of a request as JSON. */
export type JsonBody = { value: unknown } | 'unreadable';

/** Answers a submit. If it keeps to the contract, it creates a task, which is charged. */
export async function submit(
	platform: Platform,
	request: RecordedRequest,
	json: JsonBody,
	rules: SourceRules,
): Promise<Answer> {
	const apiKey = validKey(platform, request);
	if (apiKey === undefined) return unauthorized();
	try {
		if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
			throw new Refusal('Content-Type', 'must be application/json');
		}
		if (json === 'unreadable') throw new Refusal('body', 'is not valid JSON');
		const { mode, body } = checkBody(json.value);
		const sources = await checkSources(mode, body, rules);
		rules.signal.throwIfAborted();
		const task = newTask({ apiKey, mode, body, sources, createdAt: platform.moment().now });
		task.outcome =
			platform.outcomes.next(
				task,
				() => true,
				({ outcome }) => (typeof outcome === 'function' ? outcome(task) : outcome),
			) ?? {};
		platform.tasks.set(task.id, task);
		request.taskId = task.id;
		return jsonAnswer(200, submitAnswer(task));
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return errorAnswer({ code: 'INVALID_PARAMETER', message: error.message, status: 400 });
	}
}

/** Answers a query; only the key that ordered a task finds it. */
export function query(platform: Platform, request: RecordedRequest): Answer {
	const apiKey = validKey(platform, request);
	if (apiKey === undefined) return unauthorized();
	const moment = platform.moment();
	const latest = platform.queryTimes.get(apiKey)?.filter((at) => at > moment.now - 1000) ?? [];
	if (latest.length >= platform.maxQueriesPerSecond) {
		const error = { code: 'RATE_LIMITED', message: 'Too many requests', status: 429 };
		const answer = errorAnswer(error);
		return { ...answer, headers: { ...answer.headers, 'retry-after': '1' } };
	}
	platform.queryTimes.set(apiKey, [...latest, moment.now]);
	const task = platform.tasks.get(request.taskId ?? '');
	if (task?.apiKey !== apiKey) return taskNotFound();
	task.queries++;
	const answer = taskAnswer(task, moment);
	return answer ? jsonAnswer(200, answer) : taskNotFound();
}

/** The key that a request carries, if it is valid. */
function validKey({ apiKeys }: Platform, { headers }: RecordedRequest): string | undefined {
	const key = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
	return key !== undefined && apiKeys.has(key) ? key : undefined;
}

function unauthorized(): Answer {
	const message = 'The API key is missing or not valid';
	return errorAnswer({ code: 'UNAUTHORIZED', message, status: 401 });
}

function taskNotFound(): Answer {
	const message = 'The task does not exist or has expired';
	return errorAnswer({ code: 'TASK_NOT_FOUND', message, status: 404 });
}
