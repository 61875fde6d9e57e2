// What an answer about a task means, once its JSON is read: the same for every service.
import type { Details, Video, VideoTask } from '../domain/task';
import { MOST_CODE, validId, validLink } from './details';
import type { Redactor } from './redact';
import type { QueryVerdict, Refusal } from './service';

/** What a service says of something that went wrong. Not fit to be shown, as all that follows here. */
export interface ReportedError {
	readonly code?: string;
	readonly message?: string;
	readonly requestId?: string;
}

/** A video as a service lists it; whether there is a link in it remains to be seen. */
export interface ListedVideo extends Omit<Video, 'url' | 'coverUrl'> {
	readonly url?: unknown;
	readonly coverUrl?: unknown;
}

/** A task as a service tells of it. */
export interface ReportedTask extends Omit<VideoTask, 'state' | 'videos' | 'error'> {
	readonly taskId: string | number | undefined;
	/** `unknown`: expired, or never there. */
	readonly state: VideoTask['state'] | 'unknown';
	readonly videos: readonly ListedVideo[];
	/** Why it has failed, or is unknown. */
	readonly error?: ReportedError;
}

/** What a service says is wrong, fit to be shown. */
export function detailsOf(
	{ code, message, requestId }: ReportedError,
	redactor: Redactor,
): Details {
	return {
		code: redactor.shown(code, MOST_CODE),
		requestId: validId(requestId, redactor),
		text: redactor.shown(message),
	};
}

function videosOf(listed: readonly ListedVideo[], redactor: Redactor): Video[] {
	return listed.flatMap(({ url, coverUrl, ...facts }) => {
		const link = validLink(url, redactor);
		return link === undefined
			? []
			: [{ ...facts, url: link, coverUrl: validLink(coverUrl, redactor) }];
	});
}

/** Why there is no usable link, and what the service gave in its place. */
function noLink(videos: readonly ListedVideo[], redactor: Redactor): string {
	const given = videos.map(({ url }) => url ?? undefined).find((url) => url !== undefined);
	if (given === undefined) return 'The task has succeeded, but no video is listed yet.';
	const what = typeof given === 'object' ? 'a list or an object' : String(given);
	return `The task has succeeded, but no usable link to its video is given, only ${redactor.shown(what, MOST_CODE)}.`;
}

/** What is said of a task means. `reasonOf`: why a task has failed, by the service's code. */
export function taskVerdict(
	reported: ReportedTask,
	redactor: Redactor,
	reasonOf: (code: string | undefined) => Refusal,
): QueryVerdict {
	const videos = videosOf(reported.videos, redactor);
	const requestId = validId(reported.requestId, redactor);
	// Whoever names a video has made it, whatever the word
	const state = videos.length > 0 ? 'succeeded' : reported.state;
	const error = reported.error && detailsOf(reported.error, redactor);
	const details = { ...error, requestId: error?.requestId ?? requestId };
	if (state === 'unknown') return { kind: 'gone', details };
	const task: VideoTask = {
		state,
		status: state === reported.state ? (redactor.shown(reported.status, MOST_CODE) ?? '') : state,
		model: redactor.shown(reported.model, MOST_CODE),
		createdAt: redactor.shown(reported.createdAt, MOST_CODE),
		completedAt: redactor.shown(reported.completedAt, MOST_CODE),
		videos,
		billedSeconds: reported.billedSeconds,
		error: state === 'failed' ? details : undefined,
		requestId,
	};
	switch (state) {
		case 'going':
			return { kind: 'going', task };
		case 'failed':
			return { kind: 'failed', task, details, reason: reasonOf(details.code) };
		case 'canceled':
			return { kind: 'failed', task, details: { requestId }, reason: 'other' };
		case 'succeeded': {
			if (videos.length > 0) return { kind: 'succeeded', task };
			const text = noLink(reported.videos, redactor);
			return { kind: 'trouble', details: { text, requestId }, status: task.status };
		}
	}
}
