// What an answer of iMini says: its words and codes, for the rules that all services share.
import type { Refusal } from '../service';
import type { ListedVideo, ReportedError } from '../taskVerdict';
import type { Dialect } from '../verdict';
import { verdicts } from '../verdict';
import { errorEnvelope, listedVideo, submitAnswer, taskAnswer } from './contract';
import { IMINI_MODEL } from './limits';

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

/** The two words that are final. */
const FINAL = ['succeeded', 'failed'] as const;

/** Videos of one task that are looked at, at most. */
const MOST_VIDEOS = 100;

function videosOf(listed: readonly unknown[] = []): ListedVideo[] {
	return listed.slice(0, MOST_VIDEOS).flatMap((entry) => {
		const { data } = listedVideo.safeParse(entry);
		if (data === undefined) return [];
		const { url, width, height, duration, cover_url } = data;
		return [{ url, width, height, durationSeconds: duration, coverUrl: cover_url }];
	});
}

function reportedError(error: {
	code?: string;
	message?: string;
	request_id?: string;
}): ReportedError {
	return { code: error.code, message: error.message, requestId: error.request_id };
}

/** How iMini speaks. */
const DIALECT: Dialect = {
	error(json) {
		const { data } = errorEnvelope.safeParse(json);
		return data && reportedError(data.error);
	},
	accepted(json) {
		const { data } = submitAnswer.safeParse(json);
		return {
			taskId: data?.task_id,
			model: data?.model ?? IMINI_MODEL,
			createdAt: data?.created_at,
			requestId: data?.request_id,
		};
	},
	task(json) {
		const { data } = taskAnswer.safeParse(json);
		const videos = videosOf(data?.videos);
		if (data === undefined || (data.status === undefined && videos.length === 0)) return undefined;
		const { status = '', error } = data;
		const state = FINAL.find((final) => final === status.toLowerCase()) ?? 'going';
		return {
			taskId: data.task_id,
			state,
			status: state === 'going' ? status : state,
			model: data.model ?? IMINI_MODEL,
			createdAt: data.created_at,
			completedAt: data.completed_at,
			videos,
			error: error && reportedError(error),
			requestId: data.request_id,
		};
	},
	refusal(status, code) {
		return REASONS.find(({ fits }) => fits(status, code))?.reason ?? 'other';
	},
};

/** What answers of iMini mean. */
export const { submitVerdict, queryVerdict } = verdicts(DIALECT);
