// The body of an answer as it arrives: read up to a limit, and what it tells about its connection.
import type { BinaryHelperFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { aborted } from '../../util/clock';
import { fieldOf } from '../../util/unknown';
import { exchangeOfError } from './neverSent';

/** A stream as n8n's binary data helpers take it: Node's `Readable`. */
export type Readable = Exclude<Parameters<BinaryHelperFunctions['prepareBinaryData']>[0], Buffer>;

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

/** The connection of a request or an answer of Node's; undefined where it is not shown. */
export function socketOf(message: unknown): { secure: boolean } | undefined {
	const socket = fieldOf(message, 'socket');
	return typeof socket === 'object' && socket !== null
		? { secure: fieldOf(socket, 'encrypted') === true }
		: undefined;
}

const rawHeaders = z.array(z.string());

/**
 * The answer itself, where a body is that: not one that is unpacked, nor any in newer n8n. Its headers are as they came:
 * axios takes headers away from the others when it unpacks a body.
 */
export function messageOf(
	body: unknown,
): { headers: Record<string, string>; secure: boolean | undefined } | undefined {
	const raw = rawHeaders.safeParse(fieldOf(body, 'rawHeaders'));
	if (!raw.success) return undefined;
	const headers: Record<string, string> = {};
	for (let at = 0; at + 1 < raw.data.length; at += 2) {
		headers[raw.data[at].toLowerCase()] = raw.data[at + 1];
	}
	return { headers, secure: socketOf(body)?.secure };
}

/** What was read of a body, and why that may not be all of it. */
export interface ReadBody {
	readonly text: string;
	readonly broken?: string;
}

/** The text of a value as it came: of a body that n8n has read already, or of a field of a credential. */
export function textOf(value: unknown): string {
	if (typeof value === 'string') return value;
	if (Buffer.isBuffer(value)) return value.toString('utf8');
	return value === undefined ? '' : JSON.stringify(value);
}

/**
 * Reads a body as UTF-8: `most` bytes of it, until it ends or breaks off, or `signal` aborts. Never rejects; whatever is
 * left is closed.
 */
export async function readText(
	body: unknown,
	most: number,
	signal: AbortSignal,
): Promise<ReadBody> {
	if (!isReadable(body)) return { text: textOf(body) };
	const chunks: Buffer[] = [];
	let size = 0;
	let broken: string | undefined;
	const ended = aborted(signal);
	const iterator = body[Symbol.asyncIterator]();
	try {
		while (broken === undefined) {
			// Not every stream that is destroyed ends the wait for its next piece
			const next = await Promise.race([iterator.next(), ended]);
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
	return { text: Buffer.concat(chunks).toString('utf8'), broken };
}
