// A finished file on any host: opened without a key, read by whoever asked for it.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock, sleepRealTime } from '../../util/clock';
import type { Answered, Readable } from './answer';
import { isReadable, parseAnswer, rawHeadersOf } from './answer';
import { exchangeOfError, NO_CODE } from './neverSent';

export type { Readable } from './answer';

/** Ms until a media host must have begun to answer. */
const FILE_TIMEOUT_MS = 60_000;

/** A file on a media host, as it begins to arrive; or why it does not. */
export type OpenedFile =
	| {
			readonly kind: 'open';
			readonly stream: Readable;
			/** Bytes that the host announced, where it did; unpacked on the way, they become more. */
			readonly announcedBytes: number | undefined;
			/** The same, where it is known that nothing unpacks them. */
			readonly promisedBytes: number | undefined;
	  }
	| { readonly kind: 'refused'; readonly status: number }
	/** `code`: the network's word. */
	| { readonly kind: 'unreachable'; readonly code: string };

function lengthIn(headers: Readonly<Record<string, unknown>>): number | undefined {
	const length = Number(headers['content-length'] ?? NaN);
	return Number.isSafeInteger(length) && length >= 0 ? length : undefined;
}

function openedFile(answered: Answered | undefined): OpenedFile {
	if (!isReadable(answered?.body)) return { kind: 'unreachable', code: NO_CODE };
	const { status, headers, body } = answered;
	if (status !== 200) {
		body.destroy();
		return { kind: 'refused', status };
	}
	const announcedBytes = lengthIn(headers);
	const asSent = rawHeadersOf(body);
	const isPlain = asSent !== undefined && (asSent['content-encoding'] ?? 'identity') === 'identity';
	const promisedBytes = isPlain ? lengthIn(asSent) : undefined;
	return { kind: 'open', stream: body, announcedBytes, promisedBytes };
}

/** Opens a file on any host, without a key; aborting `signal` closes it. Never rejects. */
export async function openFile(
	context: IExecuteFunctions,
	url: string,
	signal: AbortSignal,
): Promise<OpenedFile> {
	const late = new AbortController();
	const begun = new AbortController();
	const timeout = clock.requestTimeout(FILE_TIMEOUT_MS);
	void sleepRealTime(timeout, begun.signal).then(() => {
		if (!begun.signal.aborted) late.abort();
	});
	try {
		const answer: unknown = await context.helpers.httpRequest({
			method: 'GET',
			url,
			headers: { 'Accept-Encoding': 'identity' },
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			timeout,
			abortSignal: AbortSignal.any([signal, late.signal]),
		});
		return openedFile(parseAnswer(answer));
	} catch (error) {
		const code = late.signal.aborted ? 'ETIMEDOUT' : exchangeOfError(error).code;
		return { kind: 'unreachable', code };
	} finally {
		begun.abort();
	}
}
