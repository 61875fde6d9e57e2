// What n8n's request helper brought: an answer, also where it comes as an error, and whether a proxy gave it.
import { z } from 'zod';
import { fieldOf } from '../../util/unknown';
import { destroy, messageOf, socketOf } from './stream';

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
	return { status, headers, body, secure: messageOf(body)?.secure };
}

/** What axios keeps of an answer in its error: n8n wraps that where a credential is used, else newer n8n throws it as it is. */
const errorResponse = z.object({
	status: z.number(),
	headers: z.record(z.unknown()).catch({}),
	data: z.unknown(),
});

/** Codes that axios gives to a status, or none: any other is a fault of the network. */
const STATUS_CODES: ReadonlySet<unknown> = new Set([
	undefined,
	'ERR_BAD_REQUEST',
	'ERR_BAD_RESPONSE',
]);

/** An answer that was thrown, for its status alone; undefined for any other error. */
export function answerOfError(error: unknown): Answered | undefined {
	const cause = fieldOf(error, 'response') === undefined ? fieldOf(error, 'cause') : error;
	const response = errorResponse.safeParse(fieldOf(cause, 'response'));
	if (response.success) {
		const { status, headers, data: body } = response.data;
		const request = fieldOf(cause, 'request');
		const secure = socketOf(request)?.secure;
		// To axios the exchange is over: it listens to no signal any more
		return { status, headers, body, secure, close: () => destroy(request) };
	}
	const status = Number(fieldOf(error, 'httpCode'));
	const isStatus =
		STATUS_ERRORS.ignoreHttpStatusErrors.except.includes(status) &&
		STATUS_CODES.has(fieldOf(cause, 'code'));
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
