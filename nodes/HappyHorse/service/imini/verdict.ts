// What an answer of iMini means: the contract's rules about status codes, as functions of plain values.
import type { AcceptedTask, Details, Video, VideoTask } from '../../videoTask';
import {
	cleanCode,
	cleanId,
	cleanWords,
	detailsOfExchange,
	usableId,
	usableLink,
} from '../details';
import type { Exchange } from '../http';
import { exactDigits, parseJson } from '../json';
import { retryAfterMs } from '../retryAfter';
import type { QueryVerdict, Refusal, SubmitVerdict } from '../service';
import type { ListedVideo, ServiceError, SubmitAnswer, TaskAnswer } from './contract';
import { errorEnvelope, MODEL, submitAnswer, taskAnswer } from './contract';

/**
 * Texts that must not be quoted: the key, which stands first and is cut out of links and ids as well, then the prompt
 * and the like.
 */
type Secrets = readonly string[];

/** An answer with a status. */
type Answer = Extract<Exchange, { kind: 'answer' }>;

function detailsOfError(
	{ code, request_id, message }: ServiceError,
	httpStatus: number | undefined,
	secrets: Secrets,
): Details {
	return {
		httpStatus,
		code: cleanCode(code, secrets),
		requestId: cleanId(request_id, secrets),
		text: cleanWords(message, secrets),
	};
}

/** What the service itself says is wrong, in its envelope; undefined where it does not, as in a gateway's page. */
function ownError({ status, text }: Answer, secrets: Secrets): Details | undefined {
	const envelope = errorEnvelope.safeParse(parseJson(text));
	return envelope.success ? detailsOfError(envelope.data.error, status, secrets) : undefined;
}

function detailsOf(exchange: Exchange, secrets: Secrets): Details {
	const own = exchange.kind === 'answer' ? ownError(exchange, secrets) : undefined;
	return own ?? detailsOfExchange(exchange, secrets);
}

/** Why a refusal came, by status and code; the first that fits. */
const REASONS: ReadonlyArray<{
	readonly reason: Refusal;
	fits(status: number, code: string | undefined): boolean;
}> = [
	{ reason: 'key', fits: (status) => status === 401 },
	{
		reason: 'credits',
		fits: (status, code) => status === 402 || code === 'INSUFFICIENT_CREDITS',
	},
	{ reason: 'notAllowed', fits: (status) => status === 403 },
	{ reason: 'redirect', fits: (status) => status >= 300 && status < 400 },
	{ reason: 'content', fits: (_, code) => code === 'INVALID_PROMPT' },
	{
		reason: 'invalid',
		fits: (status, code) => status === 400 || code === 'INVALID_PARAMETER',
	},
	{ reason: 'tooLarge', fits: (status) => status === 413 },
];

function refusal({ httpStatus = 0, code }: Details): Refusal {
	return REASONS.find(({ fits }) => fits(httpStatus, code))?.reason ?? 'other';
}

/** Why an exchange without an answer is a certain no; undefined where it is none, or may pass by itself. */
function refusedHere(exchange: Exchange): Refusal | undefined {
	switch (exchange.kind) {
		case 'tls':
			return 'insecure';
		case 'proxy':
			return 'proxy';
		case 'unsendable':
			return 'unsendable';
		case 'answer':
		case 'notSent':
		case 'lost':
			return undefined;
	}
}

function isGood(status: number): boolean {
	return status >= 200 && status < 300;
}

/** An id as the service means it. */
function idOf(id: string | number, text: string): string | undefined {
	return typeof id === 'number' ? exactDigits(id, text) : id;
}

function acceptedTask(
	{ task_id, model, created_at, request_id }: SubmitAnswer,
	text: string,
	secrets: Secrets,
): AcceptedTask | undefined {
	const taskId = usableId(idOf(task_id, text) ?? '', secrets[0]);
	return taskId === undefined
		? undefined
		: {
				taskId,
				model: cleanCode(model, secrets) ?? MODEL,
				createdAt: cleanCode(created_at, secrets),
				requestId: cleanId(request_id, secrets),
			};
}

/** What an answer to a submit means. `secrets`: see {@link Secrets}. `now`: ms since 1970. */
export function submitVerdict(exchange: Exchange, secrets: Secrets, now: number): SubmitVerdict {
	if (exchange.kind === 'answer' && isGood(exchange.status)) {
		const answer = submitAnswer.safeParse(parseJson(exchange.text));
		const task = answer.success ? acceptedTask(answer.data, exchange.text, secrets) : undefined;
		if (task !== undefined) return { kind: 'accepted', task };
	}
	const details = detailsOf(exchange, secrets);
	const reason = refusedHere(exchange);
	if (reason !== undefined) return { kind: 'refused', reason, details };
	if (exchange.kind === 'notSent') return { kind: 'notSent', details };
	if (exchange.kind !== 'answer') return { kind: 'unsure', details };
	const { status, headers } = exchange;
	if (status === 429) return { kind: 'busy', details, retryAfterMs: retryAfterMs(headers, now) };
	if (status >= 300 && status < 500 && status !== 408) {
		return { kind: 'refused', reason: refusal(details), details };
	}
	return { kind: 'unsure', details };
}

function videoOf(listed: ListedVideo, key: string | undefined): Video[] {
	const { url, video_url, width, height, duration, cover_url } = listed;
	const link = usableLink(url, key) ?? usableLink(video_url, key);
	if (link === undefined) return [];
	const coverUrl = usableLink(cover_url, key);
	return [{ url: link, width, height, durationSeconds: duration, coverUrl }];
}

/** The two words that are final. */
const FINAL = ['succeeded', 'failed'] as const;

function videoTask(answer: TaskAnswer, secrets: Secrets): VideoTask {
	const { model, created_at, completed_at, error, request_id } = answer;
	const word = cleanCode(answer.status, secrets) ?? '';
	const said = FINAL.find((final) => final === word.toLowerCase()) ?? 'going';
	const linked = (listed: readonly ListedVideo[]) =>
		listed.flatMap((one) => videoOf(one, secrets[0]));
	const named = linked(answer.videos);
	// Of a task that goes on, a link elsewhere may lead to anything
	const mayBeElsewhere = said === 'succeeded' || answer.status === undefined;
	const videos = named.length === 0 && mayBeElsewhere ? linked(answer.elsewhere) : named;
	// Whoever lists a video has made it, whatever the word
	const state = videos.length > 0 ? 'succeeded' : said;
	return {
		state,
		status: state === 'going' ? word : state,
		model: cleanCode(model, secrets) ?? MODEL,
		createdAt: cleanCode(created_at, secrets),
		completedAt: cleanCode(completed_at, secrets),
		videos,
		error: error && detailsOfError(error, undefined, secrets),
		requestId: cleanId(request_id, secrets),
	};
}

/** What the service gave in place of a link; undefined where it gave nothing. */
function givenInstead({ videos, elsewhere }: TaskAnswer, secrets: Secrets): string | undefined {
	const given = [...videos, ...elsewhere].flatMap(({ url, video_url }) => url ?? video_url ?? []);
	return given.length === 0 ? undefined : cleanCode(JSON.stringify(given[0]), secrets);
}

function taskVerdict(answer: TaskAnswer, secrets: Secrets): QueryVerdict {
	const task = videoTask(answer, secrets);
	const { state, status, requestId } = task;
	if (state === 'going') return { kind: 'going', task };
	if (state === 'failed') {
		const details = { ...task.error, requestId: task.error?.requestId ?? requestId };
		const reason = refusal(details);
		return { kind: 'failed', task: { ...task, error: details }, details, reason };
	}
	if (task.videos.length > 0) return { kind: 'succeeded', task };
	const given = givenInstead(answer, secrets);
	const text =
		given === undefined
			? 'The task has succeeded, but no video is listed yet.'
			: `The task has succeeded, but no usable link to its video is given, only ${given}.`;
	const details = { text, requestId };
	return { kind: 'trouble', details, retryAfterMs: undefined, busy: false, status };
}

/** Whether an answer is about another task than the one that was asked about. */
function isAboutAnother({ task_id }: TaskAnswer, taskId: string | undefined, text: string) {
	return taskId !== undefined && task_id !== undefined && idOf(task_id, text) !== taskId;
}

/** Statuses that mean what they say about a task only in the service's own envelope: gateways have them, too. */
const NEED_ENVELOPE = new Set([401, 402, 403, 404]);

/**
 * What an answer to a query means. `secrets`: see {@link Secrets}. `now`: ms since 1970. `taskId`: what was asked about;
 * an answer about another task says nothing.
 */
export function queryVerdict(
	exchange: Exchange,
	secrets: Secrets,
	now: number,
	taskId?: string,
): QueryVerdict {
	const trouble = { kind: 'trouble', retryAfterMs: undefined, busy: false } as const;
	if (exchange.kind === 'answer' && isGood(exchange.status)) {
		const answer = taskAnswer.safeParse(parseJson(exchange.text));
		if (answer.success) {
			if (!isAboutAnother(answer.data, taskId, exchange.text))
				return taskVerdict(answer.data, secrets);
			const text = 'The answer was about another task.';
			return { ...trouble, details: { httpStatus: exchange.status, text } };
		}
	}
	const details = detailsOf(exchange, secrets);
	if (exchange.kind === 'proxy') {
		const text = 'A proxy refused to connect to the service.';
		return { ...trouble, details: { ...details, text } };
	}
	const reason = refusedHere(exchange);
	if (reason !== undefined) return { kind: 'denied', reason, details };
	if (exchange.kind !== 'answer' || isGood(exchange.status)) return { ...trouble, details };
	const { status, headers } = exchange;
	if (status === 429 || status === 408 || status >= 500) {
		const pause = retryAfterMs(headers, now);
		return { ...trouble, details, retryAfterMs: pause, busy: status === 429 };
	}
	const own = ownError(exchange, secrets);
	if (NEED_ENVELOPE.has(status) && own?.code === undefined) return { ...trouble, details };
	if (status === 404) return { kind: 'gone', details };
	const denied = { kind: 'denied', reason: refusal(details), details } as const;
	return status === 403 ? { ...denied, otherKey: true } : denied;
}
