// What an answer of Model Studio means: its words and codes, for the rules about statuses that all services share.
import type { Details, VideoTask } from '../../domain/task';
import { MOST_CODE, validId, validLink } from '../details';
import type { Exchange } from '../http/exchange';
import { exactDigits, parseJson } from '../json';
import type { Redactor } from '../redact';
import type { CancelVerdict, Preparation, QueryVerdict, Refusal, SubmitVerdict } from '../service';
import type { Answer, Speech } from '../verdict';
import { isGood, queryMeaning, refusalMeaning, submitMeaning } from '../verdict';
import type { ServiceError, TaskAnswer } from './contract';
import { createAnswer, errorAnswer, taskAnswer } from './contract';

function detailsOfError({ code, request_id, message }: ServiceError, redactor: Redactor): Details {
	return {
		code: redactor.shown(code, MOST_CODE),
		requestId: validId(request_id, redactor),
		text: redactor.shown(message),
	};
}

/** Codes that say more than their status. */
const CODES: Readonly<Record<string, Refusal>> = {
	Arrearage: 'credits',
	DataInspectionFailed: 'content',
	'AccessDenied.Unpurchased': 'notActivated',
	ModelNotFound: 'model',
	'Throttling.AllocationQuota': 'quota',
	'AllocationQuota.FreeTierOnly': 'quota',
};

/** Why a refusal came, by status. */
const STATUSES: Readonly<Record<number, Refusal>> = {
	400: 'invalid',
	401: 'keyOrRegion',
	402: 'credits',
	403: 'notAllowed',
	404: 'model',
	413: 'tooLarge',
};

function refusal(status: number, code: string | undefined): Refusal {
	const byCode = code !== undefined && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
	if (byCode !== undefined) return byCode;
	return status >= 300 && status < 400 ? 'redirect' : (STATUSES[status] ?? 'other');
}

/** The service's words for a status, and what they are called in the output. */
const WORDS: Readonly<Record<string, readonly [state: VideoTask['state'], status: string]>> = {
	PENDING: ['going', 'queued'],
	RUNNING: ['going', 'processing'],
	SUCCEEDED: ['succeeded', 'succeeded'],
	FAILED: ['failed', 'failed'],
	CANCELED: ['canceled', 'canceled'],
};

/** The word for a task that has expired, or was never there. */
const UNKNOWN = 'UNKNOWN';

function idOf(id: string | number, text: string): string | undefined {
	return typeof id === 'number' ? exactDigits(id, text) : id;
}

function videoTask(answer: TaskAnswer, redactor: Redactor): VideoTask {
	const { output, links, usage, request_id } = answer;
	const word = redactor.shown(output.task_status, MOST_CODE) ?? '';
	const key = word.toUpperCase();
	const [said, status] = Object.hasOwn(WORDS, key) ? WORDS[key] : (['going', word] as const);
	const url = links.flatMap((link) => validLink(link, redactor) ?? []).at(0);
	// Whoever names a video has made it, whatever the word
	const state = url === undefined ? said : 'succeeded';
	const failure = { code: output.code, message: output.message, request_id };
	return {
		state,
		status: state === said ? status : state,
		createdAt: redactor.shown(output.submit_time, MOST_CODE),
		completedAt: redactor.shown(output.end_time, MOST_CODE),
		videos: url === undefined ? [] : [{ url, durationSeconds: usage?.output_video_duration }],
		billedSeconds: usage?.duration,
		error: state === 'failed' ? detailsOfError(failure, redactor) : undefined,
		requestId: validId(request_id, redactor),
	};
}

/** Why a task has failed, where its code tells. */
function failureReason(code: string | undefined): Refusal {
	if (code === 'DataInspectionFailed') return 'content';
	return code === 'InvalidParameter' || code === 'InvalidURL' ? 'invalid' : 'other';
}

/** What an answer says about the task that was asked about; undefined where it says nothing. */
function about(
	{ status: httpStatus, text }: Answer,
	redactor: Redactor,
	taskId: string | undefined,
): QueryVerdict | undefined {
	const read = taskAnswer.safeParse(parseJson(text));
	if (!read.success) return undefined;
	const { output, links } = read.data;
	const id = output.task_id;
	const trouble = { kind: 'trouble', retryAfterMs: undefined, busy: false } as const;
	if (id !== undefined && taskId !== undefined && idOf(id, text) !== taskId)
		return { ...trouble, details: { httpStatus, text: 'The answer was about another task.' } };
	const task = videoTask(read.data, redactor);
	const { requestId, status } = task;
	if (output.task_status.toUpperCase() === UNKNOWN && task.state === 'going')
		return { kind: 'gone', details: { ...detailsOfError(output, redactor), requestId } };
	switch (task.state) {
		case 'going':
			return { kind: 'going', task };
		case 'failed':
		case 'canceled':
			return {
				kind: 'failed',
				task,
				details: task.error ?? { requestId },
				reason: failureReason(task.error?.code),
			};
		case 'succeeded': {
			if (task.videos.length > 0) return { kind: 'succeeded', task };
			const given = links.find((link) => link !== undefined && link !== null);
			const shown =
				given === undefined ? undefined : redactor.shown(JSON.stringify(given), MOST_CODE);
			const why =
				shown === undefined
					? 'The task has succeeded, but no video is named yet.'
					: `The task has succeeded, but no usable link to its video is given, only ${shown}.`;
			return { ...trouble, details: { text: why, requestId }, status };
		}
	}
}

/** How Model Studio speaks. */
const SPEECH: Speech = {
	error(text, redactor) {
		const read = errorAnswer.safeParse(parseJson(text));
		return read.success ? detailsOfError(read.data, redactor) : undefined;
	},
	accepted(text, redactor) {
		const read = createAnswer.safeParse(parseJson(text));
		if (!read.success) return undefined;
		const { output, request_id } = read.data;
		const taskId = validId(idOf(output.task_id, text), redactor);
		return taskId === undefined ? undefined : { taskId, requestId: validId(request_id, redactor) };
	},
	about,
	refusal,
};

/** What an answer to a create means. `now`: ms since 1970. */
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

/** What an answer to the question for an upload policy means, where it brings none: nothing was ordered. */
export function policyRefusal(
	exchange: Exchange,
	redactor: Redactor,
	now: number,
): Extract<Preparation, { kind: 'notUploaded' | 'busy' | 'refused' }> {
	const verdict = refusalMeaning(SPEECH, exchange, redactor, now);
	// Whatever became of a question, it may be asked again
	return verdict.kind === 'notSent' || verdict.kind === 'unsure'
		? { kind: 'notUploaded', details: verdict.details }
		: verdict;
}

/** Statuses of a refused cancel that are about the account or the address, and not about the task. */
const NOT_ABOUT_THE_TASK = new Set([401, 402, 403]);

/** What an answer to a cancel means: taken or refused, the task's own status tells which. The rest as above. */
export function cancelVerdict(exchange: Exchange, redactor: Redactor, now: number): CancelVerdict {
	if (exchange.kind === 'answer' && isGood(exchange.status)) return { kind: 'answered' };
	const verdict = queryMeaning(SPEECH, exchange, redactor, now);
	if (verdict.kind === 'trouble') return verdict;
	const status = 'details' in verdict ? (verdict.details.httpStatus ?? 0) : 0;
	const isDenied = verdict.kind === 'denied';
	const isAboutTask = status >= 400 && status < 500 && !NOT_ABOUT_THE_TASK.has(status);
	return isDenied && !isAboutTask ? verdict : { kind: 'answered' };
}
