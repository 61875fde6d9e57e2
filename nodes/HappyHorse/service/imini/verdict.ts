// What an answer of iMini means: the contract's rules about status codes, as functions of plain values.
import type { AcceptedTask, Details, VideoTask } from '../../videoTask';
import { retryAfterMs } from '../retryAfter';
import type { Exchange } from '../http';
import { cleanText, withoutSecrets } from '../secrets';
import type { QueryVerdict, Refusal, SubmitVerdict } from '../service';
import { plainWords } from '../words';
import type { ServiceError, TaskAnswer } from './contract';
import { errorEnvelope, MODEL, submitAnswer, taskAnswer } from './contract';

/** The value of a JSON text, or undefined where it is none. */
function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function detailsOfError(
	error: ServiceError,
	httpStatus: number | undefined,
	secrets: readonly string[],
): Details {
	return {
		httpStatus,
		code: error.code,
		requestId: error.request_id,
		text: error.message ? cleanText(error.message, secrets) : undefined,
	};
}

function detailsOf(exchange: Exchange, secrets: readonly string[]): Details {
	if (exchange.kind !== 'answer') return { code: exchange.code };
	const envelope = errorEnvelope.safeParse(parseJson(exchange.text));
	if (envelope.success) return detailsOfError(envelope.data.error, exchange.status, secrets);
	// First the secrets: what looks like a tag in a prompt would go with the tags, and the rest would stay
	const words = plainWords(withoutSecrets(exchange.text, secrets));
	return {
		httpStatus: exchange.status,
		text: words === undefined ? undefined : cleanText(words, secrets),
	};
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
	{ reason: 'invalid', fits: (status) => status === 400 },
	{ reason: 'tooLarge', fits: (status) => status === 413 },
];

function refusal({ httpStatus = 0, code }: Details): Refusal {
	return REASONS.find(({ fits }) => fits(httpStatus, code))?.reason ?? 'other';
}

/** What an answer to a submit means. `secrets`: texts that must not be quoted. `now`: ms since 1970. */
export function submitVerdict(
	exchange: Exchange,
	secrets: readonly string[],
	now: number,
): SubmitVerdict {
	if (exchange.kind === 'answer' && isGood(exchange.status)) {
		const answer = submitAnswer.safeParse(parseJson(exchange.text));
		if (answer.success) return { kind: 'accepted', task: acceptedTask(answer.data) };
	}
	const details = detailsOf(exchange, secrets);
	if (exchange.kind === 'notSent') return { kind: 'notSent', details };
	if (exchange.kind === 'tls') return { kind: 'refused', reason: 'insecure', details };
	if (exchange.kind === 'lost') return { kind: 'unsure', details };
	const { status, headers } = exchange;
	if (status === 429) return { kind: 'busy', details, retryAfterMs: retryAfterMs(headers, now) };
	if (status >= 300 && status < 500 && status !== 408) {
		return { kind: 'refused', reason: refusal(details), details };
	}
	return { kind: 'unsure', details };
}

function isGood(status: number): boolean {
	return status >= 200 && status < 300;
}

function acceptedTask(answer: {
	task_id: string;
	model?: string;
	created_at?: string;
	request_id?: string;
}): AcceptedTask {
	const { task_id, model = MODEL, created_at, request_id } = answer;
	return { taskId: task_id, model, createdAt: created_at, requestId: request_id };
}

function videoTask(answer: TaskAnswer, secrets: readonly string[]): VideoTask {
	const { status, model = MODEL, created_at, completed_at, videos, error, request_id } = answer;
	return {
		state: status === 'succeeded' || status === 'failed' ? status : 'going',
		status,
		model,
		createdAt: created_at,
		completedAt: completed_at,
		videos: (videos ?? []).map(({ duration, cover_url, ...rest }) => ({
			...rest,
			durationSeconds: duration,
			coverUrl: cover_url,
		})),
		error: error && detailsOfError(error, undefined, secrets),
		requestId: request_id,
	};
}

function taskVerdict(task: VideoTask): QueryVerdict {
	const { state, requestId } = task;
	if (state === 'going') return { kind: 'going', task };
	if (state === 'failed') {
		const details = { ...task.error, requestId: task.error?.requestId ?? requestId };
		return { kind: 'failed', task: { ...task, error: details }, details };
	}
	if (task.videos.length > 0) return { kind: 'succeeded', task };
	const details = { text: 'The task has succeeded, but no video is listed yet.', requestId };
	return { kind: 'trouble', details, retryAfterMs: undefined, busy: false };
}

/** What an answer to a query means. `secrets`: texts that must not be quoted. `now`: ms since 1970. */
export function queryVerdict(
	exchange: Exchange,
	secrets: readonly string[],
	now: number,
): QueryVerdict {
	if (exchange.kind === 'answer' && isGood(exchange.status)) {
		const answer = taskAnswer.safeParse(parseJson(exchange.text));
		if (answer.success) return taskVerdict(videoTask(answer.data, secrets));
	}
	const details = detailsOf(exchange, secrets);
	if (exchange.kind === 'tls') return { kind: 'denied', reason: 'insecure', details };
	const trouble = { kind: 'trouble', details, retryAfterMs: undefined, busy: false } as const;
	if (exchange.kind !== 'answer' || isGood(exchange.status)) return trouble;
	const { status, headers } = exchange;
	if (status === 404) return { kind: 'gone', details };
	if (status === 429 || status === 408 || status >= 500) {
		return { ...trouble, retryAfterMs: retryAfterMs(headers, now), busy: status === 429 };
	}
	return { kind: 'denied', reason: refusal(details), details };
}
