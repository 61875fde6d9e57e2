// Faults to inject: what a network and a busy platform can do to a request.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { htmlAnswer, jsonAnswer, textAnswer, type Answer, type EnvelopeError } from './answers';
import type { Exchange } from './exchange';
import type { Protocol } from './protocol';
import type { RecordedRequest, RequestKind } from './recording';
import type { Rule } from './script';

/** What goes wrong with a request. */
export type Fault = FaultKind & {
	/**
	 * Of a submit, a cancel or an upload: whether it is taken (an order will be charged) before the fault strikes. Default false. A body
	 * that the contract refuses gets its 400 instead of the fault. Means nothing for other requests, for a reset
	 * `before-read` (never taken) and for the usual answer in another form (always taken): other `headers`, `gzip`,
	 * `reshaped`, and one that hangs `after-body`.
	 */
	accepted?: boolean;
};

/** The kinds of faults. Milliseconds are the clock's. */
export type FaultKind =
	| StatusFault
	| {
			/** An answer with any text as its body: broken JSON, JSON without `task_id`, a page. */
			kind: 'body';
			text: string;
			/** Default 200. */
			status?: number;
			/** Default `application/json`. */
			contentType?: string;
	  }
	| {
			/** The connection is reset: before the request's body is read, after that, or halfway through the answer. */
			kind: 'reset';
			when: 'before-read' | 'after-read' | 'mid-body';
	  }
	| {
			/**
			 * Nothing more comes, but the connection stays: from the start (default), halfway through the answer, or behind the
			 * whole of it, which is not ended.
			 */
			kind: 'hang';
			when?: 'before-answer' | 'mid-body' | 'after-body';
	  }
	| {
			/**
			 * The usual answer, `ms` late. A submit that is not `accepted` is taken when that time is over, if its client is
			 * still there.
			 */
			kind: 'slow';
			ms: number;
	  }
	| {
			/** The usual answer with other headers; null removes one (without `content-length` it is chunked). */
			kind: 'headers';
			headers: Record<string, string | null>;
	  }
	| {
			/** The usual answer, cut short. */
			kind: 'truncate';
			/** Bytes that are sent. Default: half. */
			bytes?: number;
			/** Default false: `content-length` shows that it is short. True: chunked, so that nothing shows it. */
			chunked?: boolean;
	  }
	| {
			/** An answer whose JSON is one long text, made while it is sent. */
			kind: 'huge';
			/** Bytes of its body. */
			bytes: number;
			/** Default 200. */
			status?: number;
	  }
	| {
			/** 200, and then a blank every so many ms of real time, without end. */
			kind: 'drip';
			ms: number;
	  }
	| {
			/** The usual answer, packed, with the length that it has then. */
			kind: 'gzip';
	  }
	| {
			/** The usual answer in another shape; one that is not in JSON, or no good one, goes out as it is. */
			kind: 'reshaped';
			as: (answer: Record<string, unknown>) => unknown;
	  }
	| {
			/** 200 with a page in place of the file. */
			kind: 'notVideo';
			/** Default `text/html`. */
			contentType?: string;
	  };

/** An answer with another status. */
export interface StatusFault {
	kind: 'status';
	status: number;
	headers?: FaultHeaders;
	/** Default: the service's error for >= 400 on the API's port, a page for >= 400 on the media host, nothing below 400. */
	body?: StatusBody;
	/** Whether the connection is reset after the first half of the body. Default false. */
	broken?: boolean;
}

/** The service's error with these fields overridden, a gateway's HTML page, or nothing. */
export type StatusBody = Partial<EnvelopeError> | 'html' | 'empty';

/** Headers of a fault. A function gets the clock (ms since 1970), for a date in `Retry-After`. */
export type FaultHeaders = Record<string, string | ((now: number) => string)>;

/**
 * Which requests get a fault. `match` sees the request with its body, except for a reset `before-read`: these rules are
 * checked first, when there is no body yet.
 */
export interface FaultRule extends Rule<RecordedRequest> {
	on: Exclude<RequestKind, 'other'>;
	/** The fault, or a choice for each request; undefined leaves that one to the next rule. */
	fault: Fault | ((request: RecordedRequest) => Fault | undefined);
}

/** Whether a rule is checked before the request's body is read. */
export function isBeforeReading({ fault }: FaultRule): boolean {
	return typeof fault !== 'function' && fault.kind === 'reset' && fault.when === 'before-read';
}

/**
 * Injects a fault into the answer to a request.
 * @param act does what the request asks for and returns the usual answer
 * @param now the simulator's clock, in ms since 1970
 * @param protocol how the service words its errors
 */
export async function strike(
	fault: Fault,
	exchange: Exchange,
	act: () => Promise<Answer>,
	now: () => number,
	protocol: Protocol,
): Promise<void> {
	const { request, gone } = exchange;
	let usual: Answer | undefined;
	if (DOES.has(request.kind) && fault.accepted) {
		usual = await act();
		if (usual.status >= 400) return await exchange.send(usual);
	}
	request.fault = fault;
	exchange.changed();
	switch (fault.kind) {
		case 'status':
			return fault.broken
				? await sendBroken(exchange, statusAnswer(fault, request.kind, now(), protocol))
				: await exchange.send(statusAnswer(fault, request.kind, now(), protocol));
		case 'body': {
			const { status = 200, contentType = 'application/json', text } = fault;
			return await exchange.send(textAnswer(status, contentType, text));
		}
		case 'notVideo':
			return await exchange.send(
				withHeaders(htmlAnswer(200), { 'content-type': fault.contentType ?? 'text/html' }),
			);
		case 'huge':
			return await exchange.send(hugeAnswer(fault.status ?? 200, fault.bytes));
		case 'drip':
			return await drip(exchange, fault.ms);
		case 'gzip':
			return await exchange.send(packed(usual ?? (await act())));
		case 'reshaped':
			return await exchange.send(reshaped(usual ?? (await act()), fault.as));
		case 'slow':
			await sleep(fault.ms, now, gone);
			return await exchange.send(usual ?? (await act()));
		case 'headers':
			return await exchange.send(withHeaders(usual ?? (await act()), fault.headers));
		case 'truncate':
			return await sendTruncated(
				exchange,
				usual ?? (await notTaken(request, act, protocol)),
				fault,
			);
		case 'hang':
			if (fault.when === 'mid-body') {
				await sendHalf(exchange, usual ?? (await notTaken(request, act, protocol)));
			} else if (fault.when === 'after-body') {
				const answer = usual ?? (await act());
				await exchange.sendPart(withHeaders(answer, { 'content-length': null }), Infinity);
			}
			return await aborted(gone);
		case 'reset':
			if (fault.when === 'mid-body') {
				return await sendBroken(exchange, usual ?? (await notTaken(request, act, protocol)));
			}
			return exchange.reset();
	}
}

/** Kinds of requests that do something. */
const DOES: ReadonlySet<RequestKind> = new Set(['submit', 'cancel', 'upload'] as const);

/** The answer to send a part of: the usual one, or a 503 for a request that must not be taken. */
async function notTaken(
	request: RecordedRequest,
	act: () => Promise<Answer>,
	protocol: Protocol,
): Promise<Answer> {
	return DOES.has(request.kind) ? serviceError(protocol, 503, {}) : await act();
}

async function sendHalf(exchange: Exchange, answer: Answer): Promise<void> {
	await exchange.sendPart(answer, Math.floor(answer.body.length / 2));
}

async function sendBroken(exchange: Exchange, answer: Answer): Promise<void> {
	await sendHalf(exchange, answer);
	// A moment for the client to read: a reset throws away what still waits in the system's buffers
	await pause(50, undefined, { signal: exchange.gone });
	exchange.reset();
}

/** Bytes that a huge answer is made of at a time. */
const PIECE = Buffer.alloc(1024 * 1024, 'x');

function hugeAnswer(status: number, bytes: number): Answer {
	const [head, tail] = [Buffer.from('{"text":"'), Buffer.from('"}')];
	const answer = textAnswer(status, 'application/json', '');
	const length = Math.max(bytes, head.length + tail.length);
	function* chunks() {
		yield head;
		let left = length - head.length - tail.length;
		for (; left > 0; left -= PIECE.length) yield PIECE.subarray(0, left);
		yield tail;
	}
	const body = { length, chunks };
	return { ...withHeaders(answer, { 'content-length': String(length) }), body };
}

async function drip(exchange: Exchange, ms: number): Promise<void> {
	const blank = textAnswer(200, 'application/json', ' ');
	function* chunks() {
		for (;;) yield Buffer.from(' ');
	}
	const body = { length: Infinity, chunks };
	const answer = { ...withHeaders(blank, { 'content-length': null }), body };
	await exchange.sendPart(answer, Infinity, async () => {
		await pause(ms, undefined, { signal: exchange.gone });
	});
}

function bytesOf({ body }: Answer): Buffer {
	return Buffer.concat([...body.chunks()]);
}

function packed(answer: Answer): Answer {
	const bytes = gzipSync(bytesOf(answer));
	const headers = { 'content-encoding': 'gzip', 'content-length': String(bytes.length) };
	return { ...withHeaders(answer, headers), body: { length: bytes.length, chunks: () => [bytes] } };
}

function reshaped(answer: Answer, as: (answer: Record<string, unknown>) => unknown): Answer {
	if (answer.status >= 300 || answer.headers['content-type'] !== 'application/json') return answer;
	return jsonAnswer(answer.status, as(JSON.parse(bytesOf(answer).toString())));
}

async function sendTruncated(
	exchange: Exchange,
	answer: Answer,
	{
		bytes = Math.floor(answer.body.length / 2),
		chunked = false,
	}: { bytes?: number; chunked?: boolean },
): Promise<void> {
	if (chunked) {
		await exchange.sendPart(withHeaders(answer, { 'content-length': null }), bytes);
		exchange.end();
	} else {
		await exchange.sendPart(answer, bytes);
		exchange.cut();
	}
}

async function aborted(signal: AbortSignal): Promise<void> {
	if (!signal.aborted) await once(signal, 'abort');
}

/** Resolves `ms` later by a clock that may run at any speed; rejects when the connection is gone. */
async function sleep(ms: number, now: () => number, gone: AbortSignal): Promise<void> {
	const end = now() + ms;
	for (let left = ms; left > 0; left = end - now()) {
		await pause(Math.min(left, 10), undefined, { signal: gone });
	}
}

function withHeaders(answer: Answer, headers: Record<string, string | null>): Answer {
	const merged = { ...answer.headers };
	for (const [name, value] of Object.entries(headers)) {
		if (value === null) delete merged[name.toLowerCase()];
		else merged[name.toLowerCase()] = value;
	}
	return { ...answer, headers: merged };
}

function statusAnswer(
	{ status, headers = {}, body }: StatusFault,
	kind: RequestKind,
	now: number,
	protocol: Protocol,
): Answer {
	const given = Object.entries(headers).map(([name, value]): [string, string] => [
		name,
		typeof value === 'function' ? value(now) : value,
	]);
	const isFileHost = kind === 'media' || kind === 'upload';
	const usualBody = status < 400 ? 'empty' : isFileHost ? 'html' : {};
	return withHeaders(bodyAnswer(protocol, status, body ?? usualBody), Object.fromEntries(given));
}

function bodyAnswer(protocol: Protocol, status: number, body: StatusBody): Answer {
	if (body === 'html') return htmlAnswer(status);
	if (body === 'empty') return textAnswer(status, 'text/plain', '');
	return serviceError(protocol, status, body);
}

function serviceError(protocol: Protocol, status: number, fields: Partial<EnvelopeError>): Answer {
	const [code, message] = protocol.usualErrors[status] ?? [`HTTP_${status}`, `Status ${status}`];
	const request_id = protocol.newRequestId();
	return jsonAnswer(status, protocol.errorBody({ code, message, status, request_id, ...fields }));
}
