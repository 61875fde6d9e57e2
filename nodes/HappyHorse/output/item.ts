// Step 4: what the service said about a task becomes the json of an output item.
import type { IDataObject } from 'n8n-workflow';
import type { AcceptedTask, Mode, Task, Video } from '../service/contract';
import { MODEL, taskState, videosOf } from '../service/contract';

/** `fields` without those that nothing is known of: an absent field is easier to test for than a null. */
function known(fields: Record<string, IDataObject[string] | null>): IDataObject {
	return Object.fromEntries(
		Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
	);
}

function videoJson({ url, width, height, duration, cover_url }: Video): IDataObject {
	return known({ url, width, height, duration, cover_url });
}

/**
 * Seconds from the order of a task to its end, by the service's clock; undefined while it goes on, or where the service
 * tells no times.
 */
function elapsedSeconds({ created_at, completed_at }: Task): number | undefined {
	const ms = Date.parse(completed_at ?? '') - Date.parse(created_at ?? '');
	return ms >= 0 ? Math.round(ms / 100) / 10 : undefined;
}

/** The json of an order that is not waited for. */
export function acceptedJson(operation: Mode | undefined, task: AcceptedTask): IDataObject {
	const { task_id, model, created_at, request_id } = task;
	return known({ task_id, operation, model: model ?? MODEL, created_at, request_id });
}

/**
 * The json of a task, whatever its state. `video_url`, `cover_url`, `width`, `height` (pixels) and `duration` (seconds)
 * repeat the first of `videos`. A failed task has `failure`, never `error`: n8n takes that for a failed item.
 */
export function taskJson(operation: Mode | undefined, taskId: string, task: Task): IDataObject {
	const videos = videosOf(task);
	const first = videos.at(0);
	const error = task.error ?? {};
	const failure = known({
		code: error.code,
		message: error.message,
		request_id: error.request_id ?? task.request_id,
	});
	return known({
		task_id: taskId,
		status: task.status,
		operation,
		model: task.model ?? MODEL,
		video_url: first?.url,
		cover_url: first?.cover_url,
		width: first?.width,
		height: first?.height,
		duration: first?.duration,
		videos: videos.map(videoJson),
		failure: taskState(task.status) === 'failed' ? failure : undefined,
		created_at: task.created_at,
		completed_at: task.completed_at,
		elapsed_seconds: elapsedSeconds(task),
		request_id: task.request_id,
	});
}
