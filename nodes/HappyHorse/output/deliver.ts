// Step 4: a task, or an order that is not waited for, becomes an output item.
import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Result } from '../domain/failure';
import { Failure, failed, stopped, succeeded } from '../domain/failure';
import type { Settings } from '../domain/settings';
import { COVER_FIELD } from '../domain/settings';
import type { KnownTask } from '../domain/task';
import { TASK_HOURS } from '../domain/task';
import type { Delivery, FileAccess } from '../task/context';
import { backoffMs } from '../util/backoff';
import { clock } from '../util/clock';
import { startsAsVideo, webImageType } from '../util/fileType';
import type { Expected } from './fetchFile';
import { fetchFile } from './fetchFile';
import { itemOf, taskJson } from './item';

/** How the tasks of a run become items of this node; only a task that has succeeded has files. */
export function itemDelivery(context: IExecuteFunctions): Delivery<INodeExecutionData> {
	return async (job, task, orderedSeconds, access) => {
		const { settings } = job;
		const json = taskJson(job, task, orderedSeconds);
		if (!settings.download || task.state !== 'succeeded' || access === undefined)
			return succeeded(itemOf(context, job, json));
		const files: Array<[string, IBinaryData]> = [];
		for (const file of filesOf(task, settings)) {
			const fetched = await fetchPatiently(context, access, task.taskId, settings, file);
			if (!fetched.ok) return fetched;
			files.push([file.field, fetched.value]);
		}
		return succeeded(itemOf(context, job, json, files));
	};
}

/** What some file systems don't allow in a name, and control characters. */
const UNSAFE = /[/\\:*?"<>|\p{Cc}]/gu;

/** Extensions that people give to video files. */
export const VIDEO_EXTENSION = /\.(mp4|mov|m4v|webm|mkv|avi)$/i;

/** Bytes of a name without its extension: with it, well below the 255 of common file systems. */
const MOST_BYTES = 200;

/** `text` as a part of a file's name: what a file system does not take becomes `_`. */
export function safeName(text: string): string {
	const bytes = Buffer.from(text.slice(0, MOST_BYTES).replace(UNSAFE, '_')).subarray(0, MOST_BYTES);
	// A character that was cut in two
	return bytes.toString().replace(/\uFFFD$/, '');
}

/** The name of a video file: `wanted`, with .mp4 where it has no extension of a video, and `suffix` before that. */
export function videoFileName(wanted: string, suffix: string): string {
	const [extension] = VIDEO_EXTENSION.exec(wanted) ?? [''];
	const stem = safeName(wanted.slice(0, wanted.length - extension.length).trim());
	return `${stem || 'video'}${suffix}${extension || '.mp4'}`;
}

/** Failed tries of one file, at most, and ms before the second try; the pauses grow to half a minute. */
const TRIES = 4;
const FIRST_PAUSE_MS = 1000;

/** Ms from the first try in which a file is waited for that its host does not have yet, however late it is. */
const PATIENCE_MS = 3 * 60_000;

/** Ms that a try has at least, or the item's whole timeout if that is shorter, however late its video was ready. */
const LEAST_MS = 60_000;

/** One file to fetch, and the field that it goes into. */
interface TaskFile extends Expected {
	/** How a message calls it. */
	readonly name: 'video' | 'cover image';
	readonly field: string;
	readonly url: string;
}

/** The files of a finished task that are wanted: its videos into the output field, `…_1`, …, and its cover image. */
export function filesOf({ taskId, videos = [] }: KnownTask, settings: Settings): TaskFile[] {
	const { fileName = taskId, fileNumber = 1, outputField, downloadCover } = settings;
	const ofItem = settings.fileName !== undefined && fileNumber > 1 ? `_${fileNumber}` : '';
	const files = videos.map(({ url }, index): TaskFile => {
		const suffix = index === 0 ? '' : `_${index}`;
		return {
			name: 'video',
			field: outputField + suffix,
			url,
			mimeTypeOf: (head) => (startsAsVideo(head) ? 'video/mp4' : undefined),
			fileNameOf: () => videoFileName(fileName, ofItem + suffix),
			what: 'an MP4 or MOV video',
		};
	});
	const coverUrl = videos.at(0)?.coverUrl;
	if (downloadCover && coverUrl) {
		files.push({
			name: 'cover image',
			field: COVER_FIELD,
			url: coverUrl,
			mimeTypeOf: webImageType,
			fileNameOf: (mimeType) =>
				`${safeName(taskId)}-cover.${mimeType.slice('image/'.length).replace('jpeg', 'jpg')}`,
			what: 'a JPG, PNG or WebP image',
		});
	}
	return files;
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
	settings: Settings,
	file: TaskFile,
): Promise<Result<IBinaryData>> {
	const { signal } = access;
	let { deadline } = access;
	let patience = 0;
	let failures = 0;
	/** The link that was tried least recently comes first. */
	let links = [file.url];
	for (let tries = 1; ; tries += 1) {
		const [url, ...others] = links;
		links = [...others, url];
		const fetched = await access.downloads(async () => {
			const now = clock.monotonic();
			const least = now + Math.min(settings.timeoutMs, LEAST_MS);
			// Counted from here: until now, other files may have had all places
			if (tries === 1) [deadline, patience] = [Math.max(deadline, least), now + PATIENCE_MS];
			const until = Math.max(deadline, least);
			return await fetchFile(context, { ...access, deadline: until }, url, file);
		});
		if (fetched.kind === 'stored') return succeeded(fetched.binary);
		if (fetched.kind === 'notYet') deadline = Math.max(deadline, patience);
		else failures += 1;
		const isLast = fetched.kind === 'hopeless' || failures === TRIES;
		const isOver = () => isLast || clock.monotonic() >= deadline;
		if (!isOver()) {
			await clock.sleep(backoffMs(tries, FIRST_PAUSE_MS, access.random()), signal);
			const task = await access.newest(deadline);
			const known = task ? filesOf({ ...task, taskId }, settings) : [];
			const newest = known.find(({ field }) => field === file.field)?.url;
			if (newest !== undefined && !links.includes(newest)) links.unshift(newest);
		}
		if (signal.aborted) return failed(stopped(taskId));
		if (isOver()) return failed(downloadFailed(taskId, file.name, url, fetched.why));
	}
}
