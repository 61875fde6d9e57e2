// The body of an answer as it arrives: read up to a limit, and what it tells about its connection.
import type { BinaryHelperFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { exchangeOfError, field } from './neverLeft';

/** A stream as n8n's binary data helpers take it: Node's `Readable`. */
export type Readable = Exclude<Parameters<BinaryHelperFunctions['prepareBinaryData']>[0], Buffer>;

/** Whether a value is a stream, as far as this node needs one. */
export function isReadable(value: unknown): value is Readable {
	return (
		typeof field(value, 'read') === 'function' && typeof field(value, 'destroy') === 'function'
	);
}

const message = z.object({
	/** Names and values in turn, as they came: axios takes headers away from the others when it unpacks a body. */
	rawHeaders: z.array(z.string()),
	socket: z
		.object({ encrypted: z.boolean().optional() })
		.nullish()
		.transform((value) => value ?? undefined),
});

/** The answer on its socket, where a body is that itself: not one that is unpacked, nor in newer n8n. */
export function messageOf(
	body: unknown,
): { headers: Record<string, string>; socket: { encrypted?: boolean } | undefined } | undefined {
	const { data } = message.safeParse({
		rawHeaders: field(body, 'rawHeaders'),
		socket: field(body, 'socket'),
	});
	if (data === undefined) return undefined;
	const headers: Record<string, string> = {};
	for (let at = 0; at + 1 < data.rawHeaders.length; at += 2) {
		headers[data.rawHeaders[at].toLowerCase()] = data.rawHeaders[at + 1];
	}
	return { headers, socket: data.socket };
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
	const close = () => void body.destroy();
	signal.addEventListener('abort', close, { once: true });
	try {
		for await (const chunk of body) {
			const bytes = Buffer.from(chunk);
			chunks.push(bytes.subarray(0, most - size));
			size += bytes.length;
			if (size > most) {
				broken = 'ANSWER_TOO_LARGE';
				break;
			}
		}
	} catch (error) {
		broken = signal.aborted ? 'ETIMEDOUT' : exchangeOfError(error).code;
	} finally {
		signal.removeEventListener('abort', close);
		body.destroy();
	}
	if (broken === undefined && signal.aborted) broken = 'ETIMEDOUT';
	return { text: Buffer.concat(chunks).toString('utf8'), broken };
}
