// Step 4: a task, or an order that is not waited for, becomes an output item.
import type {
	IBinaryData,
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
} from 'n8n-workflow';
import type { Result } from '../domain/failure';
import { Failure, failed, stopped, succeeded } from '../domain/failure';
import type { Job } from '../domain/order';
import type { Settings } from '../domain/settings';
import { COVER_FIELD } from '../domain/settings';
import type { VideoTask } from '../domain/task';
import { TASK_HOURS } from '../domain/task';
import type { Delivery, FileAccess } from '../task/context';
import { backoffMs } from '../util/backoff';
import { clock } from '../util/clock';
import { startsAsVideo, webImageType } from '../util/fileType';
import type { Expected } from './fetchFile';
import { fetchFile } from './fetchFile';
import { acceptedJson, cancelJson, listedJson, taskJson, withInput } from './item';

/** The json of an item, with the fields of its input item where they are wanted. */
export function besideInput(
	context: IExecuteFunctions,
	{ item, settings }: Pick<Job, 'item' | 'settings'>,
	json: IDataObject,
): IDataObject {
	const input = settings.includeInput ? context.getInputData().at(item) : undefined;
	return input === undefined ? json : withInput(json, input.json);
}

/** How the tasks of a run become items of this node; only a task that has succeeded has files. */
export function itemDelivery(context: IExecuteFunctions): Delivery<INodeExecutionData> {
	return {
		order(job, task, orderedSeconds) {
			const json = acceptedJson(job, task, orderedSeconds);
			return { json: besideInput(context, job, json), pairedItem: { item: job.item } };
		},

		listed(job, task) {
			const json = besideInput(context, job, listedJson(task));
			return { json, pairedItem: { item: job.item } };
		},

		async task(job, { taskId, task, orderedSeconds }, access) {
			const { item, settings } = job;
			const looked = taskJson(job, taskId, task, orderedSeconds);
			const isCancel = job.action.kind === 'cancel';
			const own = isCancel ? cancelJson(looked, task.state === 'canceled') : looked;
			const json = besideInput(context, job, own);
			const pairedItem = { item };
			if (!settings.download || task.state !== 'succeeded') return succeeded({ json, pairedItem });
			const files = await downloadFiles(context, job, taskId, task, access);
			return files.ok ? succeeded({ json, binary: files.value, pairedItem }) : files;
		},
	};
}

/** What some file system does not take in a name, and control characters. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[/\\:*?"<>|\u0000-\u001f\u007f]/g;

/** Extensions of video files that people give them. */
export const VIDEO_EXTENSION = /\.(mp4|mov|m4v|webm|mkv|avi)$/i;

/** Bytes of a name without its extension: with it, well below the 255 of common file systems. */
const MOST_BYTES = 200;

/** `text` as a part of a file's name: what a file system does not take becomes `_`. */
export function safeName(text: string): string {
	const bytes = Buffer.from(text.replace(UNSAFE, '_')).subarray(0, MOST_BYTES);
	// A character that was cut in two
	return bytes.toString().replace(/\uFFFD$/, '');
}

/** The name of a video file: `wanted`, with .mp4 where it has no extension of a video, and `suffix` before that. */
export function videoFileName(wanted: string, suffix: string): string {
	const [extension] = VIDEO_EXTENSION.exec(wanted) ?? [''];
	const stem = safeName(wanted.slice(0, wanted.length - extension.length).trim());
	return `${stem || 'video'}${suffix}${extension || '.mp4'}`;
}

/** Tries of one file that go wrong, at most, and ms before the second one; the pauses grow to half a minute. */
const TRIES = 4;
const FIRST_PAUSE_MS = 1000;

/** Ms from the first try in which a file may still come that its host does not have yet, however late it is. */
const PATIENCE_MS = 3 * 60_000;

/** Ms that a download has at least, or the item's whole timeout if that is shorter, however late its video was ready. */
const LATE_DOWNLOAD_MS = 60_000;

/** One file to fetch, and the field that it goes into. */
interface TaskFile {
	/** How a message calls it. */
	readonly name: 'video' | 'cover image';
	readonly field: string;
	/** The link that the task first had for it. */
	readonly url: string;
	/** The link in a newer answer about the task, where that still names it. */
	urlIn(newest: VideoTask): string | undefined;
	readonly expected: Expected;
}

/** The files of a finished task that are wanted: its videos, and its cover image. */
export function filesOf(taskId: string, { videos }: VideoTask, settings: Settings): TaskFile[] {
	const { fileName = taskId, fileNumber = 1 } = settings;
	const ofItem = settings.fileName !== undefined && fileNumber > 1 ? `_${fileNumber}` : '';
	const files = videos.map(({ url }, index): TaskFile => {
		const suffix = index === 0 ? '' : `_${index}`;
		return {
			name: 'video',
			field: settings.outputField + suffix,
			url,
			urlIn: (newest) => newest.videos.at(index)?.url,
			expected: {
				mimeTypeOf: (head) => (startsAsVideo(head) ? 'video/mp4' : undefined),
				fileNameOf: () => videoFileName(fileName, ofItem + suffix),
				what: 'an MP4 or MOV video',
			},
		};
	});
	const coverUrl = videos.at(0)?.coverUrl;
	if (!settings.downloadCover || !coverUrl) return files;
	const cover: TaskFile = {
		name: 'cover image',
		field: COVER_FIELD,
		url: coverUrl,
		urlIn: (newest) => newest.videos.at(0)?.coverUrl,
		expected: {
			mimeTypeOf: webImageType,
			fileNameOf: (mimeType) =>
				`${safeName(taskId)}-cover.${mimeType.slice('image/'.length).replace('jpeg', 'jpg')}`,
			what: 'a JPG, PNG or WebP image',
		},
	};
	return [...files, cover];
}

/** The video is made and paid for, but a file of its task did not arrive whole. */
function downloadFailed(taskId: string, file: TaskFile['name'], url: string, why: string): Failure {
	const next = `${why} Its link is ${url} (good for about ${TASK_HOURS} hours).`;
	const message = `The ${file} of task ${taskId} could not be downloaded`;
	return new Failure('download', message, { next, paid: 'made' }, taskId);
}

/**
 * Fetches one file: a few times if need be, and for as long as there is time where its host does not have it yet. From a
 * link that is new, else from the one that was tried least recently. It takes a place among the downloads only while it is
 * being fetched. The failure has the link that was tried last, and why it failed.
 */
async function fetchPatiently(
	context: IExecuteFunctions,
	access: FileAccess,
	taskId: string,
	timeoutMs: number,
	{ name, url: firstUrl, urlIn, expected }: TaskFile,
): Promise<Result<IBinaryData>> {
	const { signal } = access;
	let [deadline, patience, failures] = [access.deadline, 0, 0];
	let isAwaited = false;
	/** The link that was tried least recently comes first. */
	let links = [firstUrl];
	for (let tries = 1; ; tries += 1) {
		const [url, ...others] = links;
		links = [...others, url];
		const fetched = await access.inPlace(async () => {
			const late = Math.max(deadline, clock.monotonic() + Math.min(timeoutMs, LATE_DOWNLOAD_MS));
			// Not before it has a place: until then, others may have had them all
			if (tries === 1) [deadline, patience] = [late, clock.monotonic() + PATIENCE_MS];
			const until = isAwaited ? late : deadline;
			return await fetchFile(context, { ...access, deadline: until }, url, expected);
		});
		if (fetched.kind === 'stored') return succeeded(fetched.binary);
		isAwaited = fetched.kind === 'notYet';
		if (isAwaited) deadline = Math.max(deadline, patience);
		else failures += 1;
		const isLate = () => clock.monotonic() >= deadline;
		const isLast = fetched.kind === 'hopeless' || failures === TRIES || isLate();
		if (!signal.aborted && !isLast) {
			await clock.sleep(backoffMs(tries, FIRST_PAUSE_MS, access.random()), signal);
			const task = await access.newest(deadline);
			const newest = task && urlIn(task);
			if (newest !== undefined && !links.includes(newest)) links.unshift(newest);
		}
		if (signal.aborted) return failed(stopped(taskId));
		if (isLast || isLate()) return failed(downloadFailed(taskId, name, url, fetched.why));
	}
}

/**
 * Streams the files of a finished task into n8n: the videos into the job's output field, `…_1`, …, the cover into
 * `cover`. A file that fails is tried again a few times; the task is never ordered again. A failure has the task id and
 * the link.
 */
export async function downloadFiles(
	context: IExecuteFunctions,
	{ settings }: Job,
	taskId: string,
	task: VideoTask,
	access: FileAccess,
): Promise<Result<IBinaryKeyData>> {
	const files: Array<[string, IBinaryData]> = [];
	for (const file of filesOf(taskId, task, settings)) {
		const fetched = await fetchPatiently(context, access, taskId, settings.timeoutMs, file);
		if (!fetched.ok) return fetched;
		files.push([file.field, fetched.value]);
	}
	// A field may have any name, also that of a property which every object has
	return succeeded(Object.fromEntries(files));
}
