// The answers of the simulator, ready to be sent.
import { randomBytes } from 'node:crypto';

/** The body of an answer; its bytes are made while it is sent, so a large one needs no memory. */
export interface AnswerBody {
	/** Bytes. */
	length: number;
	/** All bytes, from the first on, anew at every call. */
	chunks: () => Iterable<Buffer>;
}

/** An answer that is ready to be sent. */
export interface Answer {
	status: number;
	/** By lower-case name. `content-length` is among them: leave it out, and the answer goes out chunked. */
	headers: Record<string, string>;
	body: AnswerBody;
}

/** What the service says when it says no: the `error` of an answer with status >= 400, and of a failed task. */
export interface EnvelopeError {
	code: string;
	message: string;
	status: number;
	request_id: string;
}

/** A new request id, as answers to queries and refusals carry it. */
export function newRequestId(): string {
	return `req_${randomBytes(6).toString('hex')}`;
}

/** An answer whose body is at hand. */
export function bytesAnswer(status: number, contentType: string, bytes: Buffer): Answer {
	return {
		status,
		headers: { 'content-type': contentType, 'content-length': String(bytes.length) },
		body: { length: bytes.length, chunks: () => [bytes] },
	};
}

/** An answer in text. */
export function textAnswer(status: number, contentType: string, text: string): Answer {
	return bytesAnswer(status, contentType, Buffer.from(text));
}

/** An answer in JSON. */
export function jsonAnswer(status: number, value: unknown): Answer {
	return textAnswer(status, 'application/json', JSON.stringify(value));
}

/** A page as a gateway or a file host in front of the service sends it. */
export function htmlAnswer(status: number): Answer {
	return textAnswer(
		status,
		'text/html',
		`<!doctype html>\n<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center><hr><center>nginx</center></body></html>\n`,
	);
}

/** A refusal in the service's envelope. */
export function errorAnswer(error: Omit<EnvelopeError, 'request_id'>): Answer {
	return jsonAnswer(error.status, { error: { ...error, request_id: newRequestId() } });
}
