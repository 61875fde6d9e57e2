// Step 4: what is known of a task, or of a film, becomes an output item, under its public names.
import type { IBinaryData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { DryRun, Job } from '../domain/order';
import type { FailedItem } from '../domain/failure';
import type { KnownTask, Video } from '../domain/task';
import type { JoinedFilm } from '../mp4/join';

/** `fields` without those that nothing is known of: an absent field is easier to test for than an undefined one. */
export function known(fields: IDataObject): IDataObject {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Every key that this node writes into the json of an item, in any operation. */
const KEYS = [
	...['video_url', 'cover_url', 'width', 'height', 'duration', 'videos', 'prompt'],
	...['task_id', 'operation', 'model', 'status', 'finished', 'canceled', 'failure', 'error'],
	...['ordered_seconds', 'would_order_seconds', 'billed_seconds', 'estimated_cost'],
	...['created_at', 'completed_at', 'elapsed_seconds', 'request_id'],
	...['dry_run', 'request'],
	...['clips', 'missing'],
] as const;

/** The json of an item, as far as it is known. */
type ItemJson = { readonly [Key in (typeof KEYS)[number]]?: IDataObject[string] };

const itemJson = (fields: ItemJson): IDataObject => known(fields);

/**
 * The output item of a job. Where the fields of its input item are wanted, they stand beside its own `json`: but for keys
 * that this node writes in any operation, so that what they mean never depends on the input.
 */
export function itemOf(
	context: IExecuteFunctions,
	{ item, settings }: Pick<Job, 'item' | 'settings'>,
	json: IDataObject,
	files?: ReadonlyArray<readonly [field: string, file: IBinaryData]>,
): INodeExecutionData {
	const isOwn = new Set<string>(KEYS);
	const input = settings.includeInput ? context.getInputData().at(item)?.json : undefined;
	const others = Object.entries(input ?? {}).filter(([key]) => !isOwn.has(key));
	return {
		json: Object.fromEntries([...Object.entries(json), ...others]),
		// A field may have any name, also that of a property which every object has
		...(files && { binary: Object.fromEntries(files) }),
		pairedItem: { item },
	};
}

function videoJson({ url, width, height, durationSeconds, coverUrl }: Video): IDataObject {
	return known({ url, width, height, duration: durationSeconds, cover_url: coverUrl });
}

/** `value` with so many digits behind the point: without what the binary system adds to it. */
export const rounded = (value: number, digits: number): number =>
	Math.round(value * 10 ** digits) / 10 ** digits;

/** A time without a zone, as some services write it: to be compared with another of the same service only. */
const NO_ZONE = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,9})?)$/;

/** Seconds from the order of a task to its end, by the service's clock; undefined where one of the two is not told. */
function elapsedSeconds({ createdAt, completedAt }: KnownTask): number | undefined {
	const [from, to] = [createdAt, completedAt].map((time = '') =>
		Date.parse(time.replace(NO_ZONE, '$1T$2Z')),
	);
	return to >= from ? rounded((to - from) / 1000, 1) : undefined;
}

/**
 * The json of a task, whatever its state; a short one for a task that was not looked at, which has no `videos`: of an
 * order that is not waited for, or of a list. `video_url`, `cover_url`, `width`, `height` (pixels) and `duration` (seconds)
 * are those of the first video, and come first, where a table shows them. A failed task has `failure`, never `error`: n8n
 * takes that for a failed item. A task that is looked up says whether it is `finished`: there, no order has waited for it.
 */
export function taskJson(job: Job | DryRun, task: KnownTask, orderedSeconds: number): IDataObject {
	const { mode, prompt, settings } = job;
	const { state, videos = [], error } = task;
	const isSeen = task.videos !== undefined;
	const isCancel = 'action' in job && job.action.kind === 'cancel';
	const first = videos.at(0);
	const seconds = task.billedSeconds ?? (mode && orderedSeconds);
	const cost = seconds === undefined ? undefined : rounded(settings.pricePerSecond * seconds, 6);
	const failure = known({ code: error?.code, message: error?.text, request_id: error?.requestId });
	return itemJson({
		video_url: first?.url,
		cover_url: first?.coverUrl,
		width: first?.width,
		height: first?.height,
		duration: first?.durationSeconds,
		prompt: isSeen ? prompt : undefined,
		task_id: task.taskId,
		status: task.status,
		finished: isSeen && !mode ? state !== 'going' : undefined,
		operation: mode,
		model: task.model,
		ordered_seconds: mode && orderedSeconds,
		billed_seconds: task.billedSeconds,
		estimated_cost: settings.pricePerSecond === 0 ? undefined : cost,
		failure: isSeen && state === 'failed' ? failure : undefined,
		created_at: task.createdAt,
		completed_at: task.completedAt,
		elapsed_seconds: isSeen ? elapsedSeconds(task) : undefined,
		request_id: task.requestId,
		videos: videos.length > 1 ? videos.map(videoJson) : undefined,
		canceled: isCancel ? state === 'canceled' : undefined,
	});
}

/** The json of a real order, marked as that of a dry run: nothing is ordered. `request`: what would have been sent. */
export function dryRunJson(json: IDataObject, request: IDataObject): IDataObject {
	const marks: ItemJson = {
		status: 'dry_run',
		ordered_seconds: 0,
		would_order_seconds: json.ordered_seconds,
		dry_run: true,
		request,
	};
	return { ...json, ...marks };
}

/** The json of a joined film: how long it is, and where each clip begins. `from`: where its clips come from. */
export function filmJson(
	{ seconds, width, height, clips }: JoinedFilm,
	from: ReadonlyArray<{ readonly item: number; readonly fileName: string | undefined }>,
	missing: readonly FailedItem[],
): IDataObject {
	const holes = missing.map(({ item, failure }) => ({ item, reason: failure.message }));
	return itemJson({
		duration: rounded(seconds, 3),
		width,
		height,
		clips: clips.map((clip, n) =>
			known({
				item: from[n].item,
				start: rounded(clip.start, 3),
				duration: rounded(clip.seconds, 3),
				file_name: from[n].fileName,
			}),
		),
		missing: holes.length > 0 ? holes : undefined,
	});
}
