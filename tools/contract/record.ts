// A record of what a service was asked and what it answered, fit to be sent to others, and what in it is not as the node's
// parsers and the simulator's rules have it.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- a tool: it runs in Node, never in n8n */
import { isDeepStrictEqual } from 'node:util';
import { IMINI } from '../../nodes/HappyHorse/service/imini/imini';
import { MODEL_STUDIO } from '../../nodes/HappyHorse/service/modelStudio/modelStudio';
import { Redactor } from '../../nodes/HappyHorse/service/redact';
import { Verdicts } from '../../nodes/HappyHorse/service/verdict';
import { fieldOf } from '../../nodes/HappyHorse/util/unknown';
import { imini } from '../simulator/imini/imini';
import { modelStudio } from '../simulator/modelStudio/modelStudio';
import { Refusal } from '../simulator/order';
import type { ServiceName } from '../simulator/simulator';

/** An answer as it came, or (`body` in place of `text`) as it stands in a record. */
interface Answer {
	readonly status: number;
	/** By lower-case name. */
	readonly headers: Record<string, string>;
	readonly text: string;
}

/** A request and its answer, without key, signatures and files. Bodies that are JSON are kept as that. */
export interface RecordedExchange {
	/** When it was answered, ISO 8601. */
	readonly at: string;
	/** Ms that this took. */
	readonly ms: number;
	readonly request: {
		readonly method: string;
		/** Below the base URL. */
		readonly path: string;
		/** By lower-case name. */
		readonly headers: Record<string, string>;
		readonly body?: unknown;
	};
	/** Undefined where none came. */
	readonly answer?: Omit<Answer, 'text'> & { readonly body: unknown };
	/** What the node's parser made of it; undefined for what is neither an order nor a query. */
	readonly verdict?: unknown;
	/** How many queries that followed had an answer of the same meaning. */
	repeats: number;
}

/** An order, from its first request to its end. */
export interface RecordedOrder {
	readonly service: ServiceName;
	/** `t2v` and so on. */
	readonly mode: string;
	/** How it ended for the user: `success`, or the node's error. */
	readonly outcome: string;
	readonly exchanges: readonly RecordedExchange[];
}

/** The file. */
export interface ContractRecord {
	/** Versions that it was made with: of this package, and of Node. */
	readonly package: string;
	readonly node: string;
	readonly orders: RecordedOrder[];
}

/** The services as the node speaks to them, and as they are simulated. */
export const SERVICES = {
	imini: { protocol: IMINI, simulated: imini },
	modelStudio: { protocol: MODEL_STUDIO, simulated: modelStudio },
};

/** Fields that an upload is signed with. */
const SECRET = /key|policy|signature|secret|token/i;

/** A number that JSON.parse may round. */
const LONG_NUMBER = /[:[,]\s*\d{16,}/;

/** Characters that are kept of what is no JSON. */
const MOST_TEXT = 4000;

/** The value of a JSON text, or another text, fit to be sent to others. */
export function redacted(text: string, redactor: Redactor): unknown {
	const shown = (name: string, value: unknown) => {
		if (typeof value !== 'string') return value;
		return SECRET.test(name) ? '…' : (redactor.shown(value) ?? '');
	};
	try {
		if (!LONG_NUMBER.test(text)) return JSON.parse(text, shown);
	} catch {
		// A page, or half of a JSON
	}
	return redactor.shown(text, MOST_TEXT) ?? '';
}

/** What the node's parser makes of an answer, as it stands in a record. */
export function reading(
	service: ServiceName,
	path: string,
	answer: Answer,
	redactor: Redactor,
): unknown {
	const { protocol, simulated } = SERVICES[service];
	const { kind, taskId } = simulated.routeOf(path) ?? {};
	if (kind !== 'submit' && kind !== 'query') return undefined;
	const verdicts = new Verdicts(protocol, redactor);
	const exchange = { kind: 'answer', ...answer } as const;
	const verdict = kind === 'submit' ? verdicts.submit(exchange) : verdicts.query(exchange, taskId);
	// What a date means changes while one reads
	const isDate = /[a-z]/i.test(answer.headers['retry-after'] ?? '');
	const text = JSON.stringify(verdict, (name, value: unknown) =>
		isDate && name === 'retryAfterMs' ? undefined : value,
	);
	return redacted(text, redactor);
}

/** Adds an exchange; a query that brought what the last one did is only counted. */
export function add(exchanges: RecordedExchange[], next: RecordedExchange): void {
	const meaning = ({ request, answer, verdict }: RecordedExchange) =>
		JSON.stringify([request, answer?.status, verdict], (name, value: unknown) =>
			name === 'requestId' ? undefined : value,
		);
	const last = exchanges.at(-1);
	if (last !== undefined && meaning(last) === meaning(next)) last.repeats += 1;
	else exchanges.push(next);
}

/** Why the simulator would refuse a request; undefined where it takes it. */
function refusalOf(service: ServiceName, { headers, body }: RecordedExchange['request']) {
	try {
		const none = { models: [], extraParameters: [] };
		SERVICES[service].simulated.checkOrder(headers, body, none);
		return undefined;
	} catch (error) {
		if (error instanceof Refusal) return error.message;
		throw error;
	}
}

/** What an answer with a good status has to say. */
const KNOWN: readonly unknown[] = ['accepted', 'going', 'succeeded', 'failed', 'gone'];

/** What is wrong with an exchange, in words. */
function problemsOf(service: ServiceName, exchange: RecordedExchange): string[] {
	const { request, answer, verdict } = exchange;
	if (answer === undefined) return [];
	const { body, ...head } = answer;
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const read = reading(service, request.path, { ...head, text }, new Redactor(''));
	const problems: string[] = [];
	if (!isDeepStrictEqual(read, verdict))
		problems.push(`reads as ${JSON.stringify(read)}, and read as ${JSON.stringify(verdict)}`);
	if (read !== undefined && answer.status < 300 && !KNOWN.includes(fieldOf(read, 'kind')))
		problems.push(`says nothing that is known: ${JSON.stringify(read)}`);
	if (SERVICES[service].simulated.routeOf(request.path)?.kind !== 'submit') return problems;
	const refusal = refusalOf(service, request);
	if (fieldOf(read, 'kind') === 'accepted' && refusal !== undefined)
		problems.push(`accepts what the simulator refuses: ${refusal}`);
	if (fieldOf(read, 'reason') === 'invalid' && refusal === undefined)
		problems.push('refuses what the simulator accepts');
	return problems;
}

/** What in a record is not as this version of the package has the contract; nothing where all is. */
export function findings({ orders }: Pick<ContractRecord, 'orders'>): string[] {
	return orders.flatMap(({ service, mode, exchanges }) =>
		exchanges.flatMap((exchange) => {
			const { method, path } = exchange.request;
			const about = `${service} ${mode}: the answer to ${method} ${path} (${exchange.at})`;
			return problemsOf(service, exchange).map((problem) => `${about} ${problem}`);
		}),
	);
}
