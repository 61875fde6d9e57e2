// What an answer of the service means: the rules of the contract about status codes, as functions of plain values.
import type { AcceptedTask, ServiceError, Task } from './contract';
import { errorEnvelope, submitAnswer, taskAnswer, taskState, videosOf } from './contract';
import { cleanText, withoutSecrets } from './secrets';

/** What came back from one HTTP request. */
export type Exchange =
	/** An answer, whatever its status. `text` is its body as it came. */
	| {
			readonly kind: 'answer';
			readonly status: number;
			readonly headers: Readonly<Record<string, unknown>>;
			readonly text: string;
	  }
	/** No connection was made, so nothing was sent. `code` is the network's word, e.g. ECONNREFUSED. */
	| { readonly kind: 'notSent'; readonly code: string }
	/** TLS could not be made with this host, so nothing was sent. */
	| { readonly kind: 'tls'; readonly code: string }
	/** The request may have arrived; no whole answer did. */
	| { readonly kind: 'lost'; readonly code: string };

/** What the service, or the network, said beside its verdict: for the error text. */
export interface Says {
	readonly httpStatus?: number;
	/** The service's own code, or the network's, e.g. ECONNRESET. */
	readonly code?: string;
	/** What the service's support asks for. */
	readonly requestId?: string;
	/** Readable words, shortened, without key, prompt or base64. */
	readonly text?: string;
	/** TLS failed: there was no answer at all. */
	readonly tls?: boolean;
}

/** What became of a submit. Only `busy` and `notSent` may be sent again. */
export type SubmitVerdict =
	| { readonly kind: 'accepted'; readonly task: AcceptedTask }
	/** 429: refused, not accepted. `retryAfterMs` as the service told, or undefined. */
	| { readonly kind: 'busy'; readonly says: Says; readonly retryAfterMs: number | undefined }
	| { readonly kind: 'notSent'; readonly says: Says }
	| { readonly kind: 'refused'; readonly says: Says }
	/** It may have been accepted: never send it again. */
	| { readonly kind: 'unsure'; readonly says: Says };

/** What a query brought. */
export type QueryVerdict =
	| { readonly kind: 'going'; readonly task: Task }
	| { readonly kind: 'succeeded'; readonly task: Task }
	| { readonly kind: 'failed'; readonly task: Task; readonly says: Says }
	/** Not an answer about the task; ask again. */
	| {
			readonly kind: 'trouble';
			readonly says: Says;
			readonly retryAfterMs: number | undefined;
			readonly busy: boolean;
	  }
	/** 404: expired, of another key, or never there. */
	| { readonly kind: 'gone'; readonly says: Says }
	| { readonly kind: 'denied'; readonly says: Says };

/** The value of a JSON text, or undefined where it is none. */
function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** The words of a body that is no JSON, e.g. a gateway's HTML page: its text without tags. */
function plainWords(text: string): string | undefined {
	const words = text
		.replace(/<(script|style)[^]*?<\/\1>/gi, ' ')
		.replace(/<[^>]*>/g, ' ')
		.replace(/\s+/g, ' ')
		.trim();
	return words === '' ? undefined : words;
}

function saysOfError(
	error: ServiceError,
	httpStatus: number | undefined,
	secrets: readonly string[],
): Says {
	return {
		httpStatus,
		code: error.code ?? undefined,
		requestId: error.request_id ?? undefined,
		text: error.message ? cleanText(error.message, secrets) : undefined,
	};
}

function says(exchange: Exchange, secrets: readonly string[]): Says {
	if (exchange.kind !== 'answer') return { code: exchange.code, tls: exchange.kind === 'tls' };
	const envelope = errorEnvelope.safeParse(parseJson(exchange.text));
	if (envelope.success) return saysOfError(envelope.data.error, exchange.status, secrets);
	// First the secrets: what looks like a tag in a prompt would go with the tags, and the rest would stay
	const words = plainWords(withoutSecrets(exchange.text, secrets));
	return {
		httpStatus: exchange.status,
		text: words === undefined ? undefined : cleanText(words, secrets),
	};
}

/**
 * Ms to wait that a `Retry-After` header asks for: whole seconds, or a date. Undefined when it is absent or says
 * nothing usable (negative, not a number, not a date).
 */
export function retryAfterMs(header: unknown, now: number): number | undefined {
	if (typeof header !== 'string' && typeof header !== 'number') return undefined;
	const text = String(header).trim();
	if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
	const date = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** What an answer to a submit means. `secrets`: texts that must not be quoted. `now`: ms since 1970. */
export function submitVerdict(
	exchange: Exchange,
	secrets: readonly string[],
	now: number,
): SubmitVerdict {
	if (exchange.kind === 'notSent') return { kind: 'notSent', says: says(exchange, secrets) };
	if (exchange.kind === 'tls') return { kind: 'refused', says: says(exchange, secrets) };
	if (exchange.kind === 'lost') return { kind: 'unsure', says: says(exchange, secrets) };
	const { status } = exchange;
	if (status >= 200 && status < 300) {
		const accepted = submitAnswer.safeParse(parseJson(exchange.text));
		return accepted.success
			? { kind: 'accepted', task: accepted.data }
			: { kind: 'unsure', says: says(exchange, secrets) };
	}
	if (status === 429) {
		const told = retryAfterMs(exchange.headers['retry-after'], now);
		return { kind: 'busy', says: says(exchange, secrets), retryAfterMs: told };
	}
	const refused = status >= 300 && status < 500 && status !== 408;
	return { kind: refused ? 'refused' : 'unsure', says: says(exchange, secrets) };
}

function taskVerdict(task: Task, secrets: readonly string[]): QueryVerdict {
	const state = taskState(task.status);
	if (state === 'going') return { kind: 'going', task };
	if (state === 'failed') {
		const error = saysOfError(task.error ?? {}, undefined, secrets);
		const requestId = error.requestId ?? task.request_id ?? undefined;
		return { kind: 'failed', task, says: { ...error, requestId } };
	}
	if (videosOf(task).length > 0) return { kind: 'succeeded', task };
	const text = 'The task has succeeded, but no video is listed yet.';
	const requestId = task.request_id ?? undefined;
	return { kind: 'trouble', says: { text, requestId }, retryAfterMs: undefined, busy: false };
}

/** What an answer to a query means. `secrets`: texts that must not be quoted. `now`: ms since 1970. */
export function queryVerdict(
	exchange: Exchange,
	secrets: readonly string[],
	now: number,
): QueryVerdict {
	const said = says(exchange, secrets);
	if (exchange.kind === 'tls') return { kind: 'denied', says: said };
	if (exchange.kind !== 'answer') {
		return { kind: 'trouble', says: said, retryAfterMs: undefined, busy: false };
	}
	const { status } = exchange;
	if (status >= 200 && status < 300) {
		const task = taskAnswer.safeParse(parseJson(exchange.text));
		if (task.success) return taskVerdict(task.data, secrets);
		return { kind: 'trouble', says: said, retryAfterMs: undefined, busy: false };
	}
	if (status === 404) return { kind: 'gone', says: said };
	if (status === 429 || status === 408 || status >= 500) {
		const told = retryAfterMs(exchange.headers['retry-after'], now);
		return { kind: 'trouble', says: said, retryAfterMs: told, busy: status === 429 };
	}
	return { kind: 'denied', says: said };
}
