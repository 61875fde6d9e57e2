// One HTTP exchange through n8n's helpers, bounded in time and bytes: what was answered, what was sent, what never was.
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { clock, sleepRealTime, unlessAborted } from '../../util/clock';
import type { Answered } from './answer';
import {
	STATUS_ERRORS,
	answerOfError,
	destroy,
	isFromProxy,
	parseAnswer,
	readBody,
} from './answer';
import type { Unanswered } from './neverSent';
import { NO_CODE, exchangeOfError } from './neverSent';

/** Bytes of an answer that are read, at most: a task with its videos has about 1,000. */
const MOST_ANSWER_BYTES = 1_000_000;

/** What came back from one HTTP request. */
export type Exchange =
	/** An answer, whatever its status. */
	| {
			readonly kind: 'answer';
			readonly status: number;
			readonly headers: Readonly<Record<string, unknown>>;
			/** Its body as far as it came, at most a megabyte of it. */
			readonly text: string;
			/** Why that is not known to be all of it: the network's word, or one of this node. */
			readonly broken?: string;
	  }
	/** A proxy refused to connect, so nothing was sent. */
	| { readonly kind: 'proxy'; readonly status: number }
	| Unanswered;

/** Where requests go. */
export interface Host {
	/** Without a slash at its end. */
	readonly baseUrl: string;
	/** n8n's name of the credential type, which adds the key to the request; left out where no key may go. */
	readonly credential?: string;
}

/** Ms after its time is up that an answer is still taken: if the event loop was blocked, timers fire before pending I/O. */
const GRACE_MS = 50;

interface Request extends Pick<IHttpRequestOptions, 'method' | 'headers' | 'body'> {
	/** Below the base URL. */
	readonly path: string;
	/** Ms until the whole answer must be there, in all. */
	readonly timeoutMs: number;
}

/** A signal for n8n's HTTP client, and whether that has begun: then it listens to the signal. */
function spiedSignal(original: AbortSignal): { signal: AbortSignal; begun: () => boolean } {
	let begun = false;
	const signal = AbortSignal.any([original]);
	const listen = signal.addEventListener.bind(signal);
	Object.defineProperty(signal, 'addEventListener', {
		value: (...args: Parameters<typeof listen>) => {
			begun = true;
			listen(...args);
		},
	});
	return { signal, begun: () => begun };
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

/** Sends a request, and returns what n8n's helper does. @throws what that does, and nothing else */
async function send(
	context: IExecuteFunctions,
	{ credential, baseUrl }: Host,
	{ path, timeoutMs: timeout, method, headers, body }: Request,
	signal: AbortSignal,
): Promise<unknown> {
	const request: IHttpRequestOptions = {
		method,
		body,
		timeout,
		headers: { ...headers, 'Accept-Encoding': 'identity' },
		url: baseUrl + path,
		encoding: 'stream',
		returnFullResponse: true,
		disableFollowRedirect: true,
		sendCredentialsOnCrossOriginRedirect: false,
		abortSignal: signal,
	};
	const options = Object.assign(request, STATUS_ERRORS);
	const { helpers } = context;
	if (credential === undefined) return await helpers.httpRequest(options);
	const ours = contextWith(context, signal);
	return await helpers.httpRequestWithAuthentication.call(ours, credential, options);
}

/** What n8n's helper brought before `ending`; an answer that comes later is closed. */
async function answerTo(
	context: IExecuteFunctions,
	host: Host,
	request: Request,
	ending: AbortSignal,
): Promise<Answered | Unanswered> {
	const { signal, begun } = spiedSignal(ending);
	const answering = send(context, host, request, signal);
	try {
		const first = await unlessAborted(
			answering.then((answer) => ({ answer })),
			ending,
		);
		if (first !== undefined) return parseAnswer(first.answer) ?? { kind: 'lost', code: NO_CODE };
	} catch (error) {
		return answerOfError(error) ?? exchangeOfError(error, begun());
	}
	void answering.then(
		(answer) => destroy(parseAnswer(answer)?.body),
		() => undefined,
	);
	return { kind: 'lost', code: 'ETIMEDOUT' };
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
	const over = new AbortController();
	const timeoutMs = clock.requestTimeout(request.timeoutMs);
	void sleepRealTime(timeoutMs, over.signal)
		.then(async () => await sleepRealTime(GRACE_MS, over.signal))
		.then(() => over.abort());
	try {
		const ending = AbortSignal.any([cancel, over.signal]);
		const answered = await answerTo(context, host, { ...request, timeoutMs }, ending);
		if ('kind' in answered) return answered;
		const { status, headers, body } = answered;
		const read = await readBody(body, MOST_ANSWER_BYTES, ending);
		if (read.broken !== undefined) answered.close?.();
		return isFromProxy(host.baseUrl, answered)
			? { kind: 'proxy', status }
			: { kind: 'answer', status, headers, ...read };
	} finally {
		// Ends the timer, and with it what of the answer was not read
		over.abort();
	}
}
