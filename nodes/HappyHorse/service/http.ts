// One HTTP exchange through n8n's helpers: what was answered, what was sent, and what never left.
import type { BinaryHelperFunctions, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { z } from 'zod';
import { clock } from '../clock';

/** Ms until a media host must have begun to answer. */
const FILE_TIMEOUT_MS = 60_000;

/** A stream as n8n's binary data helpers take it: Node's `Readable`. */
export type Readable = Exclude<Parameters<BinaryHelperFunctions['prepareBinaryData']>[0], Buffer>;

/** What came back from one HTTP request. */
export type Exchange =
	/** An answer, whatever its status. `text` is its body as it came, but for the key. */
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

/** A file on a media host, as it begins to arrive; or why it does not. */
export type OpenedFile =
	| {
			readonly kind: 'open';
			readonly stream: Readable;
			/** Bytes that the host promised, where it did. */
			readonly promisedBytes: number | undefined;
	  }
	| { readonly kind: 'empty' }
	| { readonly kind: 'refused'; readonly status: number }
	/** `code`: the network's word. */
	| { readonly kind: 'unreachable'; readonly code: string };

/** What n8n's request helpers return with `returnFullResponse`. */
const fullResponse = z.object({
	statusCode: z.number(),
	headers: z.record(z.unknown()),
	body: z.unknown(),
});

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

/** The text of a value as it came: of a body, or of a field of a credential. */
export function textOf(value: unknown): string {
	if (typeof value === 'string') return value;
	if (Buffer.isBuffer(value)) return value.toString('utf8');
	return value === undefined ? '' : JSON.stringify(value);
}

/** Where requests go, and with which key. */
export interface Account {
	/** n8n's name of the credential type, which adds the key to the request. */
	readonly credential: string;
	/** Without a slash at its end. */
	readonly baseUrl: string;
	/** Cut out of every answer. */
	readonly key: string;
}

/**
 * Sends one request with the account's key and reads the whole answer. Redirects are not followed. Never rejects.
 * @param path below the account's base URL
 * @param timeoutMs ms until the answer must be there
 */
export async function exchange(
	context: IExecuteFunctions,
	{ credential, baseUrl, key }: Account,
	{ path, timeoutMs, ...options }: Omit<IHttpRequestOptions, 'url'> & PathAndTimeout,
): Promise<Exchange> {
	try {
		const answer: unknown = await context.helpers.httpRequestWithAuthentication.call(
			context,
			credential,
			{
				...options,
				url: baseUrl + path,
				timeout: clock.requestTimeout(timeoutMs),
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

interface PathAndTimeout {
	readonly path: string;
	readonly timeoutMs: number;
}

function isReadable(value: unknown): value is Readable {
	return (
		typeof field(value, 'read') === 'function' && typeof field(value, 'destroy') === 'function'
	);
}

function openedFile({ statusCode, headers, body }: z.infer<typeof fullResponse>): OpenedFile {
	if (!isReadable(body)) return { kind: 'empty' };
	if (statusCode !== 200) {
		body.destroy();
		return { kind: 'refused', status: statusCode };
	}
	const length = Number(headers['content-length']);
	const whole = headers['content-encoding'] === undefined && Number.isInteger(length);
	return { kind: 'open', stream: body, promisedBytes: whole ? length : undefined };
}

/** Opens a file on whatever host, without any key; aborting `signal` closes it. Never rejects. */
export async function openFile(
	context: IExecuteFunctions,
	url: string,
	signal: AbortSignal,
): Promise<OpenedFile> {
	try {
		const answer: unknown = await context.helpers.httpRequest({
			method: 'GET',
			url,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			timeout: clock.requestTimeout(FILE_TIMEOUT_MS),
			abortSignal: signal,
		});
		return openedFile(fullResponse.parse(answer));
	} catch (error) {
		return { kind: 'unreachable', code: exchangeOfError(error).code };
	}
}
