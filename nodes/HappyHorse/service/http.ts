// One HTTP exchange through n8n's helpers, bounded in time and bytes: what was answered, what was sent, what never left.
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { clock, sleepRealTime } from '../clock';
import type { Answered } from './answer';
import { answerOfError, isFromProxy, parseAnswer, STATUS_ERRORS } from './answer';
import { exchangeOfError } from './neverLeft';
import type { Readable } from './stream';
import { destroy, isReadable, messageOf, readText } from './stream';

export type { Readable } from './stream';

/** Ms until a media host must have begun to answer. */
const FILE_TIMEOUT_MS = 60_000;

/** Ms after its time is up that an answer is still taken: where n8n was held up, timers come before what has arrived. */
const GRACE_MS = 50;

/** Bytes of an answer that are read, at most: a task with its videos has about 1,000. */
const MOST_ANSWER_BYTES = 1_000_000;

/** What came back from one HTTP request. */
export type Exchange =
	/** An answer, whatever its status. */
	| {
			readonly kind: 'answer';
			readonly status: number;
			readonly headers: Readonly<Record<string, unknown>>;
			/** Its body as far as it came, at most {@link MOST_ANSWER_BYTES} of it. */
			readonly text: string;
			/** Why that is not known to be all of it: the network's word, or one of this node. */
			readonly broken?: string;
	  }
	/** A proxy refused to connect, so nothing was sent. */
	| { readonly kind: 'proxy'; readonly status: number }
	/** No connection was made, so nothing was sent; that may pass. `code` is the network's word, e.g. ECONNREFUSED. */
	| { readonly kind: 'notSent'; readonly code: string }
	/** TLS could not be made with this host, so nothing was sent. */
	| { readonly kind: 'tls'; readonly code: string }
	/** Node or n8n refuses to send this. `text`: why, in its words. */
	| { readonly kind: 'unsendable'; readonly code: string; readonly text?: string }
	/** The request may have arrived; no answer came. */
	| { readonly kind: 'lost'; readonly code: string };

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
	| { readonly kind: 'empty' }
	| { readonly kind: 'refused'; readonly status: number }
	/** `code`: the network's word. */
	| { readonly kind: 'unreachable'; readonly code: string };

/** Where requests go, and with which key. */
export interface Account {
	/** n8n's name of the credential type, which adds the key to the request. */
	readonly credential: string;
	/** Without a slash at its end. */
	readonly baseUrl: string;
	/** Printable ASCII; quoted in no text. */
	readonly key: string;
}

interface Request extends Omit<IHttpRequestOptions, 'url'> {
	/** Below the account's base URL. */
	readonly path: string;
	/** Ms until the whole answer must be there, in all. */
	readonly timeoutMs: number;
}

/** Ends one exchange. */
interface Ending {
	/** For n8n's HTTP client. */
	readonly signal: AbortSignal;
	/** Whether that client has begun: then it listens to the signal. */
	readonly begun: () => boolean;
	/** Resolves when the signal aborts. */
	readonly ended: Promise<void>;
}

function endingOf(signal: AbortSignal): Ending {
	let begun = false;
	const handed = AbortSignal.any([signal]);
	const ended = new Promise<void>((resolve) => {
		handed.addEventListener('abort', () => resolve(), { once: true });
	});
	const listen = handed.addEventListener.bind(handed);
	Object.defineProperty(handed, 'addEventListener', {
		value: (...args: Parameters<typeof listen>) => {
			begun = true;
			listen(...args);
		},
	});
	return { signal: handed, begun: () => begun, ended };
}

/** n8n's helper takes the cancel signal of the context in place of ours: this one hands out ours. */
function contextWith(context: IExecuteFunctions, signal: AbortSignal): IExecuteFunctions {
	return new Proxy(context, {
		get(target, name) {
			if (name === 'getExecutionCancelSignal') return () => signal;
			const value: unknown = Reflect.get(target, name);
			return typeof value === 'function' ? value.bind(target) : value;
		},
	});
}

function closeLate(answer: unknown): void {
	destroy(parseAnswer(answer)?.body);
}

type Lost = Extract<Exchange, { kind: 'lost' }>;

/** Sends a request, until its answer begins or it is ended. @throws what n8n's helper does, and nothing else */
async function begin(
	context: IExecuteFunctions,
	{ credential, baseUrl }: Account,
	{ path, headers, ...options }: Omit<Request, 'timeoutMs'>,
	{ signal, ended }: Ending,
): Promise<Answered | Lost> {
	const request = {
		...options,
		headers: { ...headers, 'Accept-Encoding': 'identity' },
		url: baseUrl + path,
		encoding: 'stream',
		returnFullResponse: true,
		disableFollowRedirect: true,
		sendCredentialsOnCrossOriginRedirect: false,
		abortSignal: signal,
	} as const;
	const answering: Promise<unknown> = context.helpers.httpRequestWithAuthentication.call(
		contextWith(context, signal),
		credential,
		Object.assign(request, STATUS_ERRORS),
	);
	const first = await Promise.race([answering.then((answer) => ({ answer })), ended]);
	if (first !== undefined) return parseAnswer(first.answer) ?? { kind: 'lost', code: 'UNKNOWN' };
	void answering.then(closeLate, () => undefined);
	return { kind: 'lost', code: 'ETIMEDOUT' };
}

async function answerTo(
	context: IExecuteFunctions,
	account: Account,
	request: Omit<Request, 'timeoutMs'>,
	ending: Ending,
): Promise<Exchange> {
	let answered: Answered | Lost | undefined;
	try {
		answered = await begin(context, account, request, ending);
	} catch (error) {
		answered = answerOfError(error);
		if (answered === undefined) return exchangeOfError(error, ending.begun());
	}
	if ('kind' in answered) return answered;
	const { status, headers, body } = answered;
	const read = await readText(body, MOST_ANSWER_BYTES, ending.signal);
	if (read.broken !== undefined) answered.close?.();
	return isFromProxy(account.baseUrl, answered)
		? { kind: 'proxy', status }
		: { kind: 'answer', status, headers, ...read };
}

/**
 * Sends one request with the account's key and reads the answer, a megabyte of it at most. Redirects are not followed.
 * Never rejects, and ends at its own timer whatever the network does, or when `cancel` aborts.
 */
export async function exchange(
	context: IExecuteFunctions,
	account: Account,
	request: Request,
	cancel: AbortSignal,
): Promise<Exchange> {
	const patience = new AbortController();
	const done = new AbortController();
	const { timeoutMs, ...options } = request;
	const ms = clock.requestTimeout(timeoutMs);
	void sleepRealTime(ms, done.signal)
		.then(async () => await sleepRealTime(GRACE_MS, done.signal))
		.then(() => patience.abort());
	try {
		const ending = endingOf(AbortSignal.any([cancel, patience.signal]));
		return await answerTo(context, account, { ...options, timeout: ms }, ending);
	} finally {
		// Ends the timer, and with it what of the answer was not read
		done.abort();
	}
}

function lengthIn(headers: Readonly<Record<string, unknown>>): number | undefined {
	const length = Number(headers['content-length'] ?? NaN);
	return Number.isSafeInteger(length) && length >= 0 ? length : undefined;
}

function openedFile(answered: Answered | undefined): OpenedFile {
	if (answered === undefined) return { kind: 'empty' };
	const { status, headers, body } = answered;
	if (!isReadable(body)) return { kind: 'empty' };
	if (status !== 200) {
		body.destroy();
		return { kind: 'refused', status };
	}
	const announcedBytes = lengthIn(headers);
	const asSent = messageOf(body)?.headers;
	const isPlain = asSent !== undefined && (asSent['content-encoding'] ?? 'identity') === 'identity';
	const promisedBytes = isPlain ? lengthIn(asSent) : undefined;
	return { kind: 'open', stream: body, announcedBytes, promisedBytes };
}

/** Opens a file on whatever host, without any key; aborting `signal` closes it. Never rejects. */
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
