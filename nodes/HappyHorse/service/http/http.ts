// One HTTP exchange through n8n's helpers, bounded in time and bytes: what was answered, what was sent, what never was.
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { clock, sleepRealTime } from '../../util/clock';
import type { Answered } from './answer';
import { STATUS_ERRORS, answerOfError, isFromProxy, parseAnswer } from './answer';
import type { Exchange, Host } from './exchange';
import { MOST_ANSWER_BYTES } from './exchange';
import { exchangeOfError } from './neverSent';
import { destroy, readText } from './stream';

/** Ms after its time is up that an answer is still taken: where n8n was held up, timers come before what has arrived. */
const GRACE_MS = 50;

interface Request extends Omit<IHttpRequestOptions, 'url'> {
	/** Below the base URL. */
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
	{ credential, baseUrl }: Host,
	{ path, headers, ...rest }: Omit<Request, 'timeoutMs'>,
	{ signal, ended }: Ending,
): Promise<Answered | Lost> {
	const request = {
		...rest,
		headers: { ...headers, 'Accept-Encoding': 'identity' },
		url: baseUrl + path,
		encoding: 'stream',
		returnFullResponse: true,
		disableFollowRedirect: true,
		sendCredentialsOnCrossOriginRedirect: false,
		abortSignal: signal,
	} as const;
	const options = Object.assign(request, STATUS_ERRORS);
	const { helpers } = context;
	const answering: Promise<unknown> =
		credential === undefined
			? helpers.httpRequest(options)
			: helpers.httpRequestWithAuthentication.call(
					contextWith(context, signal),
					credential,
					options,
				);
	const first = await Promise.race([answering.then((answer) => ({ answer })), ended]);
	if (first !== undefined) return parseAnswer(first.answer) ?? { kind: 'lost', code: 'UNKNOWN' };
	void answering.then(closeLate, () => undefined);
	return { kind: 'lost', code: 'ETIMEDOUT' };
}

async function answerTo(
	context: IExecuteFunctions,
	host: Host,
	request: Omit<Request, 'timeoutMs'>,
	ending: Ending,
): Promise<Exchange> {
	let answered: Answered | Lost | undefined;
	try {
		answered = await begin(context, host, request, ending);
	} catch (error) {
		answered = answerOfError(error);
		if (answered === undefined) return exchangeOfError(error, ending.begun());
	}
	if ('kind' in answered) return answered;
	const { status, headers, body } = answered;
	const read = await readText(body, MOST_ANSWER_BYTES, ending.signal);
	if (read.broken !== undefined) answered.close?.();
	return isFromProxy(host.baseUrl, answered)
		? { kind: 'proxy', status }
		: { kind: 'answer', status, headers, ...read };
}

/**
 * Sends one request, with the account's key where there is one, and reads the answer, a megabyte of it at most. Redirects
 * are not followed. Never rejects, and ends at its own timer whatever the network does, or when `cancel` aborts.
 */
export async function exchange(
	context: IExecuteFunctions,
	host: Host,
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
		return await answerTo(context, host, { ...options, timeout: ms }, ending);
	} finally {
		// Ends the timer, and with it what of the answer was not read
		done.abort();
	}
}

const JSON_WANTED = { Accept: 'application/json' };

/** Ms that an order may take, and for each byte of its body on top (100 kB/s is a slow line out). */
const ORDER_TIMEOUT_MS = 60_000;
const TIMEOUT_MS_PER_BYTE = 0.01;

/** Ms that anything without a body may take. The services answer in well under a second. */
const QUESTION_TIMEOUT_MS = 30_000;

/** Ms that a request with a body of `bytes` bytes may take. */
export function sendingMs(bytes: number): number {
	return ORDER_TIMEOUT_MS + bytes * TIMEOUT_MS_PER_BYTE;
}

/** A request for what lies at `path`, or, with POST, that something is done there; it takes `withinMs` at most. */
export function questionRequest(path: string, method: 'GET' | 'POST', withinMs = Infinity) {
	const timeoutMs = Math.min(withinMs, QUESTION_TIMEOUT_MS);
	return { method, path, headers: JSON_WANTED, timeoutMs };
}

/** An order: a JSON body, sent to `path`. */
export function orderRequest(
	path: string,
	body: Buffer,
	headers: Readonly<Record<string, string>> = {},
) {
	return {
		method: 'POST',
		path,
		headers: { 'Content-Type': 'application/json', ...JSON_WANTED, ...headers },
		body,
		timeoutMs: sendingMs(body.length),
	} as const;
}
