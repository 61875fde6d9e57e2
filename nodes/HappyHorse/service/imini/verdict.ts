// What an answer of iMini means: its words and codes, for the rules about statuses that all services share.
import type { AcceptedTask, Details, Video, VideoTask } from '../../domain/task';
import { MOST_CODE, validId, validLink } from '../details';
import type { Exchange } from '../http/exchange';
import { exactDigits, parseJson } from '../json';
import type { Redactor } from '../redact';
import type { QueryVerdict, Refusal, SubmitVerdict } from '../service';
import type { Speech } from '../verdict';
import { queryMeaning, submitMeaning } from '../verdict';
import type { ListedVideo, ServiceError, SubmitAnswer, TaskAnswer } from './contract';
import { errorEnvelope, submitAnswer, taskAnswer } from './contract';
import { IMINI_MODEL } from './limits';

function detailsOfError({ code, request_id, message }: ServiceError, redactor: Redactor): Details {
	return {
		code: redactor.shown(code, MOST_CODE),
		requestId: validId(request_id, redactor),
		text: redactor.shown(message),
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
	{
		reason: 'invalid',
		fits: (status, code) => status === 400 || code === 'INVALID_PARAMETER',
	},
	{ reason: 'tooLarge', fits: (status) => status === 413 },
];

function refusal(status: number, code: string | undefined): Refusal {
	return REASONS.find(({ fits }) => fits(status, code))?.reason ?? 'other';
}

/** An id as the service means it. */
function idOf(id: string | number, text: string): string | undefined {
	return typeof id === 'number' ? exactDigits(id, text) : id;
}

function acceptedTask(
	{ task_id, model, created_at, request_id }: SubmitAnswer,
	text: string,
	redactor: Redactor,
): AcceptedTask | undefined {
	const taskId = validId(idOf(task_id, text), redactor);
	return taskId === undefined
		? undefined
		: {
				taskId,
				model: redactor.shown(model, MOST_CODE) ?? IMINI_MODEL,
				createdAt: redactor.shown(created_at, MOST_CODE),
				requestId: validId(request_id, redactor),
			};
}

function videoOf(listed: ListedVideo, redactor: Redactor): Video[] {
	const { url, video_url, width, height, duration, cover_url } = listed;
	const link = validLink(url, redactor) ?? validLink(video_url, redactor);
	if (link === undefined) return [];
	const coverUrl = validLink(cover_url, redactor);
	return [{ url: link, width, height, durationSeconds: duration, coverUrl }];
}

/** The two words that are final. */
const FINAL = ['succeeded', 'failed'] as const;

function videoTask(answer: TaskAnswer, redactor: Redactor): VideoTask {
	const { model, created_at, completed_at, error, request_id } = answer;
	const word = redactor.shown(answer.status, MOST_CODE) ?? '';
	const said = FINAL.find((final) => final === word.toLowerCase()) ?? 'going';
	const linked = (listed: readonly ListedVideo[]) =>
		listed.flatMap((one) => videoOf(one, redactor));
	const named = linked(answer.videos);
	// Of a task that goes on, a link elsewhere may lead to anything
	const mayBeElsewhere = said === 'succeeded' || answer.status === undefined;
	const videos = named.length === 0 && mayBeElsewhere ? linked(answer.elsewhere) : named;
	// Whoever lists a video has made it, whatever the word
	const state = videos.length > 0 ? 'succeeded' : said;
	return {
		state,
		status: state === 'going' ? word : state,
		model: redactor.shown(model, MOST_CODE) ?? IMINI_MODEL,
		createdAt: redactor.shown(created_at, MOST_CODE),
		completedAt: redactor.shown(completed_at, MOST_CODE),
		videos,
		error: error && detailsOfError(error, redactor),
		requestId: validId(request_id, redactor),
	};
}

/** What the service gave in place of a link; undefined where it gave nothing. */
function givenInstead({ videos, elsewhere }: TaskAnswer, redactor: Redactor): string | undefined {
	const given = [...videos, ...elsewhere].flatMap(({ url, video_url }) => url ?? video_url ?? []);
	return given.length === 0 ? undefined : redactor.shown(JSON.stringify(given[0]), MOST_CODE);
}

function taskVerdict(answer: TaskAnswer, redactor: Redactor): QueryVerdict {
	const task = videoTask(answer, redactor);
	const { state, status, requestId } = task;
	if (state === 'going') return { kind: 'going', task };
	if (state === 'failed') {
		const details = { ...task.error, requestId: task.error?.requestId ?? requestId };
		const reason = refusal(0, details.code);
		return { kind: 'failed', task: { ...task, error: details }, details, reason };
	}
	if (task.videos.length > 0) return { kind: 'succeeded', task };
	const given = givenInstead(answer, redactor);
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

/** How iMini speaks. */
const SPEECH: Speech = {
	error(text, redactor) {
		const envelope = errorEnvelope.safeParse(parseJson(text));
		return envelope.success ? detailsOfError(envelope.data.error, redactor) : undefined;
	},
	accepted(text, redactor) {
		const answer = submitAnswer.safeParse(parseJson(text));
		return answer.success ? acceptedTask(answer.data, text, redactor) : undefined;
	},
	about({ status, text }, redactor, taskId) {
		const answer = taskAnswer.safeParse(parseJson(text));
		if (!answer.success) return undefined;
		if (!isAboutAnother(answer.data, taskId, text)) return taskVerdict(answer.data, redactor);
		const details = { httpStatus: status, text: 'The answer was about another task.' };
		return { kind: 'trouble', retryAfterMs: undefined, busy: false, details };
	},
	refusal,
};

/** What an answer to a submit means. `now`: ms since 1970. */
export function submitVerdict(exchange: Exchange, redactor: Redactor, now: number): SubmitVerdict {
	return submitMeaning(SPEECH, exchange, redactor, now);
}

/** What an answer to a query means; `taskId`: what was asked about. The rest as above. */
export function queryVerdict(
	exchange: Exchange,
	redactor: Redactor,
	now: number,
	taskId?: string,
): QueryVerdict {
	return queryMeaning(SPEECH, exchange, redactor, now, taskId);
}
