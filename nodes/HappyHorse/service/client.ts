// The thin adapter to n8n's HTTP helpers: the only place that sends requests to the service and fetches files from it.
import type { BinaryHelperFunctions, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { z } from 'zod';
import { clock } from '../clock';
import type { Fault } from '../fault';
import { noCredential } from '../fault';
import { SUBMIT_PATH, TASK_PATH } from './contract';
import type { Exchange, QueryVerdict, SubmitVerdict } from './verdict';
import { queryVerdict, submitVerdict } from './verdict';

/** Name of the credential type. */
export const CREDENTIAL = 'happyHorseApi';

/** Ms that a submit may take, and for each byte of its body on top (100 kB/s is a slow line out). */
const SUBMIT_TIMEOUT_MS = 60_000;
const SUBMIT_TIMEOUT_MS_PER_BYTE = 0.01;

/** Ms that a query may take. The service answers in well under a second. */
const QUERY_TIMEOUT_MS = 30_000;

/** Ms until a media host must have begun to answer. */
const FILE_TIMEOUT_MS = 60_000;

/** A stream as n8n's binary data helpers take it: Node's `Readable`. */
export type Readable = Exclude<Parameters<BinaryHelperFunctions['prepareBinaryData']>[0], Buffer>;

/** What n8n's request helpers return with `returnFullResponse`. */
const fullResponse = z.object({
	statusCode: z.number(),
	headers: z.record(z.unknown()),
	body: z.unknown(),
});

/** A file on a media host, as it begins to arrive; or why it does not. */
export type OpenedFile =
	| {
			readonly kind: 'open';
			readonly stream: Readable;
			/** Bytes that the host promised, where it did. */
			readonly promisedBytes: number | undefined;
	  }
	| { readonly kind: 'refused'; readonly why: string };

/** The service as the rest of the node sees it. No method throws for what a network or the service does. */
export interface Service {
	/** Orders a video. `secrets`: texts of this order that no message may quote. */
	submit(body: Buffer, secrets: readonly string[]): Promise<SubmitVerdict>;
	/** Asks about a task. `secrets` as above. */
	query(taskId: string, secrets: readonly string[]): Promise<QueryVerdict>;
	/** Opens a finished file, without the key; aborting `signal` closes it. */
	openFile(url: string, signal: AbortSignal): Promise<OpenedFile>;
}

/** Network words for: the name or the host could not be reached, so nothing was sent. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ERR_INVALID_URL']);

/** TLS words: this host's certificate is not trusted, or it does not speak TLS. No request was sent. */
const TLS_CODE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_TLS|^ERR_SSL_WRONG_VERSION/;
const TLS_TEXT =
	/wrong version number|handshake failure|alert protocol version|before secure TLS connection/i;

function stringsOf(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** The own field `name` of an error of whatever kind. */
function field(error: unknown, name: string): unknown {
	return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

/**
 * What a failed request says about whether it was sent. n8n 2.8 keeps the network's code in `httpCode` only, newer
 * ones in the cause as well, plain `httpRequest` in the error itself.
 */
export function exchangeOfError(error: unknown): Exclude<Exchange, { kind: 'answer' }> {
	const codes = [
		field(field(error, 'cause'), 'code'),
		field(error, 'httpCode'),
		field(error, 'code'),
	];
	const code = codes.flatMap(stringsOf).find((entry) => /^[A-Z]/.test(entry)) ?? 'UNKNOWN';
	const texts = [...stringsOf(field(error, 'messages')), ...stringsOf(field(error, 'message'))];
	// Node's own texts begin with the system call that failed: nothing is sent before `connect` is through
	const neverConnected =
		NEVER_CONNECTED.has(code) || texts.some((text) => /^(connect|getaddrinfo) /.test(text));
	if (neverConnected) return { kind: 'notSent', code };
	if (TLS_CODE.test(code) || texts.some((text) => TLS_TEXT.test(text)))
		return { kind: 'tls', code };
	return { kind: 'lost', code };
}

/** The base URL without trailing slashes; undefined where it is no http(s) address. */
function checkedBaseUrl(value: unknown): string | undefined {
	const text = typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
	return /^https?:\/\/[^/\s]+/i.test(text) && URL.canParse(text) ? text : undefined;
}

function textOf(body: unknown): string {
	if (typeof body === 'string') return body;
	if (Buffer.isBuffer(body)) return body.toString('utf8');
	return body === undefined ? '' : JSON.stringify(body);
}

function isReadable(value: unknown): value is Readable {
	return (
		typeof field(value, 'read') === 'function' && typeof field(value, 'destroy') === 'function'
	);
}

function openedFile({ statusCode, headers, body }: z.infer<typeof fullResponse>): OpenedFile {
	if (!isReadable(body)) return { kind: 'refused', why: 'The file host sent nothing.' };
	if (statusCode !== 200) {
		body.destroy();
		return { kind: 'refused', why: `The file host answered with status ${statusCode}.` };
	}
	const length = Number(headers['content-length']);
	const whole = headers['content-encoding'] === undefined && Number.isInteger(length);
	return { kind: 'open', stream: body, promisedBytes: whole ? length : undefined };
}

/** The service, or why there is no connection to it. */
export type Connection =
	| { readonly kind: 'connected'; readonly service: Service }
	/** `faultOf`: the fault of an item, whose task an earlier try may have paid for. */
	| { readonly kind: 'fault'; faultOf(taskId: string | undefined): Fault };

/** Connects the node's credential with the service. Nothing is sent here; `cancel` ends what is sent later. */
export async function connectService(
	context: IExecuteFunctions,
	cancel: AbortSignal,
): Promise<Connection> {
	const credential = await context.getCredentials(CREDENTIAL).catch(() => undefined);
	if (credential === undefined) {
		return {
			kind: 'fault',
			faultOf: (taskId) => noCredential('The HappyHorse credential could not be read', taskId),
		};
	}
	const baseUrl = checkedBaseUrl(credential.baseUrl);
	if (baseUrl === undefined) {
		return {
			kind: 'fault',
			faultOf: (taskId) =>
				noCredential('The Base URL of the HappyHorse credential is not a valid URL', taskId),
		};
	}
	return {
		kind: 'connected',
		service: serviceAt(context, baseUrl, textOf(credential.apiKey).trim(), cancel),
	};
}

function serviceAt(
	context: IExecuteFunctions,
	baseUrl: string,
	key: string,
	cancel: AbortSignal,
): Service {
	async function exchange(options: IHttpRequestOptions): Promise<Exchange> {
		try {
			const answer: unknown = await context.helpers.httpRequestWithAuthentication.call(
				context,
				CREDENTIAL,
				{
					...options,
					encoding: 'text',
					returnFullResponse: true,
					ignoreHttpStatusErrors: true,
					disableFollowRedirect: true,
					sendCredentialsOnCrossOriginRedirect: false,
				},
			);
			const { statusCode, headers, body } = fullResponse.parse(answer);
			// Whatever field repeats the key: it ends here
			const text = key === '' ? textOf(body) : textOf(body).replaceAll(key, '…');
			return { kind: 'answer', status: statusCode, headers, text };
		} catch (error) {
			return exchangeOfError(error);
		}
	}

	return {
		async submit(body, secrets) {
			const timeout = SUBMIT_TIMEOUT_MS + body.length * SUBMIT_TIMEOUT_MS_PER_BYTE;
			const sent = await exchange({
				method: 'POST',
				url: baseUrl + SUBMIT_PATH,
				headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
				body,
				timeout: clock.requestTimeout(timeout),
			});
			return submitVerdict(sent, [key, ...secrets], clock.now());
		},

		async query(taskId, secrets) {
			const sent = await exchange({
				method: 'GET',
				url: baseUrl + TASK_PATH + encodeURIComponent(taskId),
				headers: { Accept: 'application/json' },
				timeout: clock.requestTimeout(QUERY_TIMEOUT_MS),
			});
			return queryVerdict(sent, [key, ...secrets], clock.now());
		},

		async openFile(url, fileSignal) {
			try {
				const answer: unknown = await context.helpers.httpRequest({
					method: 'GET',
					url,
					encoding: 'stream',
					returnFullResponse: true,
					ignoreHttpStatusErrors: true,
					timeout: clock.requestTimeout(FILE_TIMEOUT_MS),
					abortSignal: AbortSignal.any([cancel, fileSignal]),
				});
				return openedFile(fullResponse.parse(answer));
			} catch (error) {
				return {
					kind: 'refused',
					why: `The file host could not be reached (${exchangeOfError(error).code}).`,
				};
			}
		},
	};
}
