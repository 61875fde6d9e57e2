// What the status of an answer means for the money: the same rules for every service, as functions of plain values.
import type { AcceptedTask, Details } from '../domain/task';
import { detailsOfExchange } from './details';
import type { Exchange } from './http/exchange';
import { retryAfterMs } from './json';
import type { Redactor } from './redact';
import type { QueryVerdict, Refusal, SubmitVerdict } from './service';

/** An answer with a status. */
export type Answer = Extract<Exchange, { kind: 'answer' }>;

/** How a service speaks: what is in the text of its answers. */
export interface Speech {
	/** What the service itself says is wrong; undefined where it does not, as in a gateway's page. */
	error(text: string, redactor: Redactor): Details | undefined;
	/** The task of an order that was accepted; undefined where none is named. */
	accepted(text: string, redactor: Redactor): AcceptedTask | undefined;
	/** What an answer says of the task that was asked about; undefined where it says nothing. */
	about(answer: Answer, redactor: Redactor, taskId: string | undefined): QueryVerdict | undefined;
	/** Why a refusal came. `quota` of a 429: waiting does not help. */
	refusal(status: number, code: string | undefined): Refusal;
}

/** Whether a status says that all went well. */
export function isGood(status: number): boolean {
	return status >= 200 && status < 300;
}

/** What the service itself says is wrong, with its status. */
function ownError(
	speech: Pick<Speech, 'error'>,
	{ status, text }: Answer,
	redactor: Redactor,
): Details | undefined {
	const error = speech.error(text, redactor);
	return error && { ...error, httpStatus: status };
}

function detailsOf(speech: Pick<Speech, 'error'>, exchange: Exchange, redactor: Redactor): Details {
	const own = exchange.kind === 'answer' ? ownError(speech, exchange, redactor) : undefined;
	return own ?? detailsOfExchange(exchange, redactor);
}

/** Why an exchange without an answer is a certain no; undefined where it is none, or may pass by itself. */
export function refusedHere(exchange: Exchange): Refusal | undefined {
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

/** What an answer that accepts no order means. */
export function refusalMeaning(
	speech: Pick<Speech, 'error' | 'refusal'>,
	exchange: Exchange,
	redactor: Redactor,
	now: number,
): Exclude<SubmitVerdict, { kind: 'accepted' }> {
	const details = detailsOf(speech, exchange, redactor);
	const certain = refusedHere(exchange);
	if (certain !== undefined) return { kind: 'refused', reason: certain, details };
	if (exchange.kind === 'notSent') return { kind: 'notSent', details };
	if (exchange.kind !== 'answer') return { kind: 'unsure', details };
	const { status, headers } = exchange;
	const reason = speech.refusal(status, details.code);
	if (status === 429 && reason !== 'quota')
		return { kind: 'busy', details, retryAfterMs: retryAfterMs(headers, now) };
	if (status >= 300 && status < 500 && status !== 408) return { kind: 'refused', reason, details };
	return { kind: 'unsure', details };
}

/** What an answer to a submit means. `now`: ms since 1970. */
export function submitMeaning(
	speech: Speech,
	exchange: Exchange,
	redactor: Redactor,
	now: number,
): SubmitVerdict {
	if (exchange.kind === 'answer' && isGood(exchange.status)) {
		const task = speech.accepted(exchange.text, redactor);
		if (task !== undefined) return { kind: 'accepted', task };
	}
	return refusalMeaning(speech, exchange, redactor, now);
}

/** Statuses that mean what they say about a task only in the service's own form: gateways have them, too. */
const NEED_OWN_FORM = new Set([401, 402, 403, 404]);

/**
 * What an answer to a query means. `now`: ms since 1970. `taskId`: what was asked about; an answer about another task says
 * nothing.
 */
export function queryMeaning(
	speech: Speech,
	exchange: Exchange,
	redactor: Redactor,
	now: number,
	taskId?: string,
): QueryVerdict {
	const trouble = { kind: 'trouble', retryAfterMs: undefined, busy: false } as const;
	if (exchange.kind === 'answer' && isGood(exchange.status)) {
		const verdict = speech.about(exchange, redactor, taskId);
		if (verdict !== undefined) return verdict;
	}
	const details = detailsOf(speech, exchange, redactor);
	if (exchange.kind === 'proxy') {
		const text = 'A proxy refused to connect to the service.';
		return { ...trouble, details: { ...details, text } };
	}
	const reason = refusedHere(exchange);
	if (reason !== undefined) return { kind: 'denied', reason, details };
	if (exchange.kind !== 'answer' || isGood(exchange.status)) return { ...trouble, details };
	const { status, headers } = exchange;
	if (status === 429 || status === 408 || status >= 500) {
		const pause = retryAfterMs(headers, now);
		return { ...trouble, details, retryAfterMs: pause, busy: status === 429 };
	}
	const own = ownError(speech, exchange, redactor);
	if (NEED_OWN_FORM.has(status) && own?.code === undefined) return { ...trouble, details };
	if (status === 404) return { kind: 'gone', details };
	const denied = {
		kind: 'denied',
		reason: speech.refusal(status, details.code),
		details,
	} as const;
	return status === 403 ? { ...denied, otherKey: true } : denied;
}
