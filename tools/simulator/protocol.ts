// What differs from one simulated service to the other: addresses, bodies, answers, codes. A folder each.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import type { IncomingHttpHeaders } from 'node:http';
import { jsonAnswer, type Answer, type EnvelopeError } from './answers';
import type { RequestKind } from './request';
import type { CheckedOrder, OrderRules } from './order';
import type { Moment, SimulatedTask, SubmitBody } from './tasks';

/** The services that can be simulated. */
export type ServiceName = 'imini' | 'modelStudio';

/** What a path of the API is for. */
export interface Route {
	kind: Exclude<RequestKind, 'media' | 'other'>;
	method: 'GET' | 'POST';
	taskId?: string;
}

/** What a service answers when something is wrong that the simulator itself notices. */
export type Problem =
	| 'badKey'
	| 'badRequest'
	| 'tooOften'
	| 'tooLarge'
	| 'nothingHere'
	| 'wrongMethod'
	| 'broken';

/** How a list of tasks behaves: the service promises nothing. One that is not there, or answers otherwise, is a fault on `list`. */
export interface ListBehaviour {
	/** Seconds by which it is late: it tells each task as it was then, and lacks those that are younger. Default 0. */
	staleSeconds: number;
	/** Tasks that it leaves out. Default: none. */
	omits: (task: SimulatedTask) => boolean;
	/**
	 * `shuffled` (default): always the same, and not by time. `reshuffled`: another one at each request, so that pages
	 * repeat some and miss others. `newest` first.
	 */
	order: 'shuffled' | 'reshuffled' | 'newest';
}

/** How a service speaks. */
export interface Protocol {
	/** Path of its base URL. */
	readonly basePath: string;
	/** What is at a path below the base URL (with its query), whatever the method. */
	routeOf(path: string): Route | undefined;
	/** @throws Refusal */
	checkOrder(
		headers: IncomingHttpHeaders,
		value: unknown,
		rules: OrderRules,
	): CheckedOrder<SubmitBody>;
	/** A new task id. */
	newTaskId(): string;
	/** The answer to the submit that created a task. */
	accepted(task: SimulatedTask): object;
	/** The answer to a query of a task that is known. */
	about(task: SimulatedTask, moment: Moment): object;
	/** The list of an account's tasks, if the service has one. @throws Refusal */
	list?(
		params: URLSearchParams,
		tasks: readonly SimulatedTask[],
		moment: Moment,
		behaviour: ListBehaviour,
	): object;
	/** The answer to a query of a task that is gone, another key's, or was never there. */
	notFound(taskId: string): Answer;
	/** The code of each problem that has another than is usual for its status. */
	readonly codes: Readonly<Partial<Record<Problem, string>>>;
	/** The usual code and message of a status. */
	readonly usualErrors: Readonly<Record<number, readonly [code: string, message: string]>>;
	/** The body of an error. */
	errorBody(error: EnvelopeError): object;
	/** A new request id. */
	newRequestId(): string;
	/** Whether the service says how long to wait when it is asked too often. */
	readonly tellsPause: boolean;
}

const STATUSES: Record<Problem, number> = {
	badKey: 401,
	badRequest: 400,
	tooOften: 429,
	tooLarge: 413,
	nothingHere: 404,
	wrongMethod: 405,
	broken: 500,
};

/** An error in the form of a service: the usual one of a status, with other fields where they are given. */
export function serviceError(
	protocol: Protocol,
	status: number,
	fields: Partial<EnvelopeError> = {},
): Answer {
	const [code, message] = protocol.usualErrors[status] ?? [`HTTP_${status}`, `Status ${status}`];
	const request_id = protocol.newRequestId();
	return jsonAnswer(status, protocol.errorBody({ code, message, status, request_id, ...fields }));
}

/** The error of a problem, with its code and status unless others are given. */
export function problemAnswer(
	protocol: Protocol,
	problem: Problem,
	message: string,
	as?: { readonly status: number; readonly code: string },
): Answer {
	const code = protocol.codes[problem];
	const fields = { ...(code !== undefined && { code }), ...as, message };
	return serviceError(protocol, fields.status ?? STATUSES[problem], fields);
}
