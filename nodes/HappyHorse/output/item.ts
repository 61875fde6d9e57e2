// Step 4: what the service said about a task becomes the json of an output item, under its public names.
import type { IDataObject } from 'n8n-workflow';
import type { Job } from '../domain/order';
import type { FailedItem } from '../domain/failure';
import type { AcceptedTask, Video, VideoTask } from '../domain/task';
import type { JoinedFilm } from '../mp4/join';

/** `fields` without those that nothing is known of: an absent field is easier to test for than an undefined one. */
export function known(fields: IDataObject): IDataObject {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function videoJson({ url, width, height, durationSeconds, coverUrl }: Video): IDataObject {
	return known({ url, width, height, duration: durationSeconds, cover_url: coverUrl });
}

/** A time without a zone, as some services write it. */
const NO_ZONE = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,9})?)$/;

/** A service's time, in ms: to be compared with another of the same service only. NaN where it is none. */
function msOf(time = ''): number {
	return Date.parse(time.replace(NO_ZONE, '$1T$2Z'));
}

/**
 * Seconds from the order of a task to its end, by the service's clock; undefined while it goes on, or where the service
 * tells no times.
 */
function elapsedSeconds({ createdAt, completedAt }: VideoTask): number | undefined {
	const ms = msOf(completedAt) - msOf(createdAt);
	return ms >= 0 ? Math.round(ms / 100) / 10 : undefined;
}

/** What the output says of the order itself; `mode` is undefined for the task resource. */
type OrderOf = Pick<Job, 'mode' | 'prompt' | 'inTool'>;

/** The json of an order that is not waited for. */
export function acceptedJson(
	{ mode }: Pick<OrderOf, 'mode'>,
	task: AcceptedTask,
	orderedSeconds: number,
): IDataObject {
	const { taskId, model, createdAt, requestId } = task;
	return known({
		task_id: taskId,
		operation: mode,
		model,
		ordered_seconds: mode && orderedSeconds,
		created_at: createdAt,
		request_id: requestId,
	});
}

/** All videos of a task, where they are more than the one that the other keys tell of. */
function videosJson(videos: readonly Video[]): IDataObject[] | undefined {
	return videos.length > 1 ? videos.map(videoJson) : undefined;
}

/**
 * The json of a task, whatever its state. `video_url`, `cover_url`, `width`, `height` (pixels) and `duration` (seconds)
 * repeat the first of `videos`, and come first, where a table shows them. A failed task has `failure`, never `error`: n8n
 * takes that for a failed item. A task that is looked up says whether it is `finished`: there, no order has waited for it.
 */
export function taskJson(
	{ mode, prompt, inTool }: OrderOf,
	taskId: string,
	task: VideoTask,
	orderedSeconds: number,
): IDataObject {
	const { state, status, model, createdAt, completedAt, videos, error, requestId } = task;
	const first = videos.at(0);
	const failure = known({ code: error?.code, message: error?.text, request_id: error?.requestId });
	return known({
		video_url: first?.url,
		cover_url: first?.coverUrl,
		width: first?.width,
		height: first?.height,
		duration: first?.durationSeconds,
		prompt: inTool ? undefined : prompt,
		task_id: taskId,
		status,
		finished: mode ? undefined : state !== 'going',
		operation: mode,
		model,
		ordered_seconds: mode && orderedSeconds,
		billed_seconds: task.billedSeconds,
		failure: state === 'failed' ? failure : undefined,
		created_at: createdAt,
		completed_at: completedAt,
		elapsed_seconds: elapsedSeconds(task),
		request_id: requestId,
		videos: videosJson(videos),
	});
}

/** The json of a real order, marked as that of a dry run. `request`: what would have been sent. */
export function dryRunJson(json: IDataObject, request: IDataObject): IDataObject {
	return { ...json, status: 'dry_run', dry_run: true, request };
}

/** What a joined film is made of. */
export interface FilmOf {
	readonly film: Pick<JoinedFilm, 'seconds' | 'width' | 'height' | 'clips'>;
	/** Where each of its clips comes from, in their order. */
	readonly clips: ReadonlyArray<{ readonly item: number; readonly fileName: string | undefined }>;
	/** Items without a clip. */
	readonly missing: readonly FailedItem[];
}

/** Seconds to a thousandth: a frame takes some 40. */
const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** The json of a joined film: how long it is, and where each clip begins. */
export function filmJson({ film, clips, missing }: FilmOf): IDataObject {
	const { seconds, width, height } = film;
	const clipsJson = film.clips.map((clip, n) =>
		known({
			item: clips[n].item,
			start: rounded(clip.start),
			duration: rounded(clip.seconds),
			file_name: clips[n].fileName,
		}),
	);
	const holes = missing.map(({ item, failure }) => ({ item, reason: failure.message }));
	return known({
		duration: rounded(seconds),
		width,
		height,
		clips: clipsJson,
		missing: holes.length > 0 ? holes : undefined,
	});
}
