// Building answers: status, headers and body.

/** The body of an answer. Its bytes are produced while it is sent: a large one needs no memory. */
export interface AnswerBody {
	/** Bytes. */
	length: number;
	/** All bytes; each call starts from the first. */
	chunks: () => Iterable<Buffer>;
}

/** A complete answer. */
export interface Answer {
	status: number;
	/** By lower-case name. Without `content-length` the answer is chunked. */
	headers: Record<string, string>;
	body: AnswerBody;
}

/**
 * What a service says is wrong, in an answer with status >= 400 and in a failed task. Each service has a form of its own
 * for it: see `protocol.ts`.
 */
export interface EnvelopeError {
	code: string;
	message: string;
	status: number;
	request_id: string;
}

/** An answer with a given body. */
export function bytesAnswer(status: number, contentType: string, bytes: Buffer): Answer {
	return {
		status,
		headers: { 'content-type': contentType, 'content-length': String(bytes.length) },
		body: { length: bytes.length, chunks: () => [bytes] },
	};
}

/** An answer with a text as its body. */
export function textAnswer(status: number, contentType: string, text: string): Answer {
	return bytesAnswer(status, contentType, Buffer.from(text));
}

/** An answer with `value` as JSON. */
export function jsonAnswer(status: number, value: unknown): Answer {
	return textAnswer(status, 'application/json', JSON.stringify(value));
}

/** An HTML page, as gateways and file hosts send it. */
export function htmlAnswer(status: number): Answer {
	return textAnswer(
		status,
		'text/html',
		`<!doctype html>\n<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center><hr><center>nginx</center></body></html>\n`,
	);
}
