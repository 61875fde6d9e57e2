// What the status of an answer means for the money: the same rules for every service, as functions of plain values.
import type { AcceptedTask, Details } from '../domain/task';
import { MOST_CODE, detailsOfExchange, validId } from './details';
import type { Exchange } from './http/http';
import { parseJson, retryAfterMs, taskIdsIn } from './json';
import type { Redactor } from './redact';
import type { QueryVerdict, Refusal, SubmitVerdict } from './service';
import type { ReportedError, ReportedTask } from './taskVerdict';
import { detailsOf, taskVerdict } from './taskVerdict';

/** How a service speaks: what the JSON of its answers says, in its own words. `undefined` stands for what is no JSON. */
export interface Dialect {
	/** What the service itself says is wrong; undefined where it does not, as in a gateway's page. */
	error(json: unknown): ReportedError | undefined;
	/** What it says of an order that it accepted. */
	accepted(
		json: unknown,
	): Omit<AcceptedTask, 'taskId'> & { readonly taskId: string | number | undefined };
	/** What it says of a task; undefined where it says nothing. */
	task(json: unknown): ReportedTask | undefined;
	/** Why a refusal came, or a failure of a task (status 0). `quota` of a 429: waiting does not help. */
	refusal(status: number, code: string | undefined): Refusal;
}

/** What an answer means; `now` in ms since 1970. */
export interface Verdicts {
	/** To a submit. */
	submitVerdict(exchange: Exchange, redactor: Redactor, now: number): SubmitVerdict;
	/** To a request that orders nothing, and is no query: why nothing came of it. */
	refusalVerdict(
		exchange: Exchange,
		redactor: Redactor,
		now: number,
	): Exclude<SubmitVerdict, { kind: 'accepted' }>;
	/** To a query. `taskId`: what was asked about; an answer about another task says nothing. */
	queryVerdict(exchange: Exchange, redactor: Redactor, now: number, taskId?: string): QueryVerdict;
}

/** Whether a status says that all went well. */
export function isGood(status: number): boolean {
	return status >= 200 && status < 300;
}

/** What is known beside the verdict; `isOwn`: the service itself said it, in its own form. */
function detailsIn(
	dialect: Dialect,
	exchange: Exchange,
	redactor: Redactor,
): { readonly details: Details; readonly isOwn: boolean } {
	const error = exchange.kind === 'answer' ? dialect.error(parseJson(exchange.text)) : undefined;
	if (error === undefined || exchange.kind !== 'answer')
		return { details: detailsOfExchange(exchange, redactor), isOwn: false };
	const details = { ...detailsOf(error, redactor), httpStatus: exchange.status };
	return { details, isOwn: details.code !== undefined };
}

/** Why an exchange without an answer is a certain no; undefined where it is none, or may pass by itself. */
function refusedHere(exchange: Exchange): Refusal | undefined {
	switch (exchange.kind) {
		case 'tls':
			return 'insecure';
		case 'proxy':
			return 'proxy';
		case 'unsendable':
			return 'unsendable';
		case 'answer':
		case 'notSent':
		case 'lost':
			return undefined;
	}
}

/** Statuses that mean what they say only in the service's own form: firewalls, proxies and gateways have them, too. */
const NEED_OWN_FORM = new Set([401, 402, 403, 404]);

/** What an answer that accepts no order means. */
function refusalMeaning(
	dialect: Dialect,
	exchange: Exchange,
	redactor: Redactor,
	now: number,
): Exclude<SubmitVerdict, { kind: 'accepted' }> {
	const { details, isOwn } = detailsIn(dialect, exchange, redactor);
	const certain = refusedHere(exchange);
	if (certain !== undefined) return { kind: 'refused', reason: certain, details };
	if (exchange.kind === 'notSent') return { kind: 'notSent', details };
	if (exchange.kind !== 'answer') return { kind: 'unsure', details };
	const { status, headers } = exchange;
	const isBetween = !isOwn && NEED_OWN_FORM.has(status);
	const reason = isBetween ? 'between' : dialect.refusal(status, details.code);
	if (status === 429 && reason !== 'quota')
		return { kind: 'busy', details, retryAfterMs: retryAfterMs(headers, now) };
	if (status >= 300 && status < 500 && status !== 408) return { kind: 'refused', reason, details };
	return { kind: 'unsure', details };
}

/** An id as JSON has it; undefined where it is none, or a number that JSON.parse may have rounded. */
function plainId(id: string | number | undefined): string | undefined {
	return typeof id === 'number' && !Number.isSafeInteger(id) ? undefined : id?.toString();
}

/** The task of an order that was accepted: the only id in the answer, or the one where it is documented. */
function acceptedTask(
	dialect: Dialect,
	text: string,
	redactor: Redactor,
): AcceptedTask | undefined {
	const { taskId: reported, model, createdAt, requestId } = dialect.accepted(parseJson(text));
	const ids = taskIdsIn(text);
	const taskId = validId(ids.length === 1 ? ids[0] : plainId(reported), redactor);
	return taskId === undefined
		? undefined
		: {
				taskId,
				model: redactor.shown(model, MOST_CODE),
				createdAt: redactor.shown(createdAt, MOST_CODE),
				requestId: validId(requestId, redactor),
			};
}

/** What an answer to a query means. */
function queryMeaning(
	dialect: Dialect,
	exchange: Exchange,
	redactor: Redactor,
	now: number,
	taskId: string | undefined,
): QueryVerdict {
	if (exchange.kind === 'answer' && isGood(exchange.status)) {
		const reported = dialect.task(parseJson(exchange.text));
		if (reported !== undefined && isAboutAnother(reported, taskId, exchange.text)) {
			const details = { httpStatus: exchange.status, text: 'The answer was about another task.' };
			return { kind: 'trouble', details };
		}
		if (reported !== undefined)
			return taskVerdict(reported, redactor, (code) => dialect.refusal(0, code));
	}
	const { details, isOwn } = detailsIn(dialect, exchange, redactor);
	if (exchange.kind === 'proxy') {
		const text = 'A proxy refused to connect to the service.';
		return { kind: 'trouble', details: { ...details, text } };
	}
	const certain = refusedHere(exchange);
	if (certain !== undefined) return { kind: 'denied', reason: certain, details };
	if (exchange.kind !== 'answer' || isGood(exchange.status)) return { kind: 'trouble', details };
	const { status, headers } = exchange;
	if (status === 429 || status === 408 || status >= 500) {
		const pause = retryAfterMs(headers, now);
		return { kind: 'trouble', details, retryAfterMs: pause, busy: status === 429 };
	}
	// Something in between may pass; what the service itself says does not
	if (!isOwn) return { kind: 'trouble', details };
	if (status === 404) return { kind: 'gone', details };
	const reason = dialect.refusal(status, details.code);
	const denied = { kind: 'denied', reason, details } as const;
	return status === 403 ? { ...denied, otherKey: true } : denied;
}

/** Whether an answer is about another task than the one that was asked about. */
function isAboutAnother(
	{ taskId: reported }: ReportedTask,
	taskId: string | undefined,
	text: string,
): boolean {
	if (reported === undefined || taskId === undefined || plainId(reported) === taskId) return false;
	return typeof reported === 'string' || !taskIdsIn(text).includes(taskId);
}

/** The verdicts about answers of a service. That about a query never throws, whatever the answer is. */
export function verdicts(dialect: Dialect): Verdicts {
	return {
		submitVerdict(exchange, redactor, now) {
			if (exchange.kind === 'answer' && isGood(exchange.status)) {
				const task = acceptedTask(dialect, exchange.text, redactor);
				if (task !== undefined) return { kind: 'accepted', task };
			}
			return refusalMeaning(dialect, exchange, redactor, now);
		},
		refusalVerdict(exchange, redactor, now) {
			return refusalMeaning(dialect, exchange, redactor, now);
		},
		queryVerdict(exchange, redactor, now, taskId) {
			try {
				return queryMeaning(dialect, exchange, redactor, now, taskId);
			} catch {
				// Whatever a mad answer does to this node, its task is paid for
				return { kind: 'trouble', details: { text: 'The answer could not be read.' } };
			}
		},
	};
}
