// What n8n's request helper returned or threw: an answer; its body, up to a limit; and whether a proxy gave it.
import type { BinaryHelperFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { unlessAborted } from '../../util/clock';
import { fieldOf } from '../../util/unknown';
import { exchangeOfError } from './neverSent';

/** A stream as n8n's binary data helpers take it: Node's `Readable`. */
export type Readable = Exclude<Parameters<BinaryHelperFunctions['prepareBinaryData']>[0], Buffer>;

/**
 * Statuses with which proxies refuse to connect. In newer n8n an answer does not show the connection that it came on, but
 * an error does: so these are asked for as errors there. Not 401, which n8n would send once more. Older n8n knows no
 * exceptions, and takes them for `true`.
 */
export const STATUS_ERRORS = {
	ignoreHttpStatusErrors: {
		ignore: true,
		except: [400, 403, 404, 405, 407, 408, 429, 500, 502, 503, 504],
	},
};

/** The head of an answer, its body still to be read, and whether the connection that it came on had TLS, if known. */
export interface Answered {
	readonly status: number;
	readonly headers: Readonly<Record<string, unknown>>;
	readonly body: unknown;
	readonly secure: boolean | undefined;
	/** Closes the connection. Left out where it ends with the body, or with the request's signal. */
	close?(): void;
}

/** What n8n's request helpers return with `returnFullResponse`. */
const fullResponse = z.object({
	statusCode: z.number(),
	headers: z.record(z.unknown()),
	body: z.unknown(),
});

/** An answer that was returned; undefined where it is none. */
export function parseAnswer(answer: unknown): Answered | undefined {
	const { data } = fullResponse.safeParse(answer);
	if (data === undefined) return undefined;
	const { statusCode: status, headers, body } = data;
	return { status, headers, body, secure: rawHeadersOf(body) && hadTls(body) };
}

/** What axios keeps of an answer in its error: n8n wraps that where a credential is used, else newer n8n throws it as it is. */
const errorResponse = z.object({
	status: z.number(),
	headers: z.record(z.unknown()).catch({}),
	data: z.unknown(),
});

/** Codes that axios gives to a status, or none: any other is a fault of the network. */
const STATUS_CODES: unknown[] = [undefined, 'ERR_BAD_REQUEST', 'ERR_BAD_RESPONSE'];

/** An answer that was thrown, for its status alone; undefined for any other error. */
export function answerOfError(error: unknown): Answered | undefined {
	const cause = fieldOf(error, 'response') === undefined ? fieldOf(error, 'cause') : error;
	const response = errorResponse.safeParse(fieldOf(cause, 'response'));
	if (response.success) {
		const { status, headers, data: body } = response.data;
		const request = fieldOf(cause, 'request');
		// To axios the exchange is over: it listens to no signal any more
		return { status, headers, body, secure: hadTls(request), close: () => destroy(request) };
	}
	const status = Number(fieldOf(error, 'httpCode'));
	const isStatus =
		STATUS_ERRORS.ignoreHttpStatusErrors.except.includes(status) &&
		STATUS_CODES.includes(fieldOf(cause, 'code'));
	return isStatus ? { status, headers: {}, body: '', secure: undefined } : undefined;
}

/**
 * Whether an answer comes from a proxy that refused to connect: a 407, or one that is replayed on a connection without TLS,
 * though the address has it. What went well is no refusal, and no header says that nothing was sent.
 */
export function isFromProxy(baseUrl: string, { status, secure }: Answered): boolean {
	if (status === 407) return true;
	return /^https:/i.test(baseUrl) && secure === false && status >= 300;
}

/** Whether the connection of a request or an answer of Node's has TLS; undefined where it is not shown. */
function hadTls(message: unknown): boolean | undefined {
	const socket = fieldOf(message, 'socket');
	return socket ? fieldOf(socket, 'encrypted') === true : undefined;
}

const rawHeaders = z.array(z.string());

/**
 * Headers as they came, where a body is the answer itself: not one that is unpacked, nor any in newer n8n. From the others
 * axios takes headers away when it unpacks a body.
 */
export function rawHeadersOf(body: unknown): Record<string, string> | undefined {
	const { data: raw } = rawHeaders.safeParse(fieldOf(body, 'rawHeaders'));
	if (raw === undefined) return undefined;
	const headers: Record<string, string> = {};
	for (let at = 0; at + 1 < raw.length; at += 2) headers[raw[at].toLowerCase()] = raw[at + 1];
	return headers;
}

/** Whether a value is a stream, as far as this node needs one. */
export function isReadable(value: unknown): value is Readable {
	return (
		typeof fieldOf(value, 'read') === 'function' && typeof fieldOf(value, 'destroy') === 'function'
	);
}

/** Closes a stream or a request, whatever it is. */
export function destroy(value: unknown): void {
	const close = fieldOf(value, 'destroy');
	if (typeof close === 'function') close.call(value);
}

/** The text of a body that n8n has read already, as it came. */
export function textOf(value: unknown): string {
	if (typeof value === 'string') return value;
	if (Buffer.isBuffer(value)) return value.toString('utf8');
	return value === undefined ? '' : JSON.stringify(value);
}

/**
 * Reads a body as UTF-8: `most` bytes of it, until it ends or breaks off, or `signal` aborts. `broken`: why that may not be
 * all of it. Never rejects; whatever is left is closed.
 */
export async function readBody(
	body: unknown,
	most: number,
	signal: AbortSignal,
): Promise<{ readonly text: string; readonly broken?: string }> {
	if (!isReadable(body)) return { text: textOf(body) };
	const chunks: Buffer[] = [];
	let size = 0;
	let broken: string | undefined;
	const iterator = body[Symbol.asyncIterator]();
	try {
		while (broken === undefined) {
			// Not every stream that is destroyed ends the wait for its next piece
			const next = await unlessAborted(iterator.next(), signal);
			if (next === undefined) broken = 'ETIMEDOUT';
			else if (next.done) break;
			else {
				const bytes = Buffer.from(next.value);
				chunks.push(bytes.subarray(0, most - size));
				size += bytes.length;
				if (size > most) broken = 'ANSWER_TOO_LARGE';
			}
		}
	} catch (error) {
		broken = signal.aborted ? 'ETIMEDOUT' : exchangeOfError(error).code;
	}
	body.destroy();
	// Without the zeros of UTF-16, what counts of it reads as UTF-8 does
	return { text: Buffer.concat(chunks).toString('utf8').replaceAll('\0', ''), broken };
}
