// Step 4: which files of a finished task are downloaded, under which names, and how often that is tried.
import type { IBinaryKeyData, IExecuteFunctions } from 'n8n-workflow';
import { backoffMs } from '../backoff';
import { clock } from '../clock';
import type { Result } from '../failure';
import { collectLater, Failure, failed, stopped, succeeded } from '../failure';
import { startsAsVideo, webImageType } from '../fileType';
import type { Job } from '../order';
import type { Service } from '../service/service';
import type { Settings } from '../settings';
import { COVER_FIELD } from '../settings';
import type { VideoTask } from '../videoTask';
import { TASK_HOURS } from '../videoTask';
import type { Expected, Fetched } from './fetchFile';
import { fetchFile } from './fetchFile';

/** Tries of one file in all, and ms before the second one. */
const TRIES = 4;
const FIRST_PAUSE_MS = 1000;

/** `name` with `suffix` before its extension. */
function withSuffix(name: string, suffix: string): string {
	const dot = name.lastIndexOf('.');
	return dot > 0 ? name.slice(0, dot) + suffix + name.slice(dot) : name + suffix;
}

/** The last part of a path: a file name must not lead into another folder. */
function baseName(path: string): string {
	return path.replace(/^.*[/\\]/s, '');
}

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

function filesOf(taskId: string, { videos }: VideoTask, settings: Settings): TaskFile[] {
	const fileName = baseName(settings.fileName ?? '') || `${taskId}.mp4`;
	const files = videos.map(({ url }, index): TaskFile => {
		const suffix = index === 0 ? '' : `_${index}`;
		return {
			name: 'video',
			field: settings.outputField + suffix,
			url,
			urlIn: (newest) => newest.videos.at(index)?.url,
			expected: {
				fileName: withSuffix(fileName, suffix),
				mimeTypeOf: (head) => (startsAsVideo(head) ? 'video/mp4' : undefined),
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
			fileName: `${taskId}-cover.jpg`,
			mimeTypeOf: webImageType,
			what: 'a JPG, PNG or WebP image',
		},
	};
	return [...files, cover];
}

/** The video is made and paid for, but a file of its task did not arrive whole. */
function downloadFailed(taskId: string, file: TaskFile['name'], url: string, why: string): Failure {
	const next = `${why} Its link is ${url} (good for about ${TASK_HOURS} hours). ${collectLater(taskId)} Nothing is ordered again.`;
	const message = `The ${file} of task ${taskId} could not be downloaded`;
	return new Failure('download', message, { next }, taskId);
}

/** What a download needs of a run. */
export interface DownloadContext {
	readonly context: IExecuteFunctions;
	readonly service: Service;
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/**
 * Streams the files of a finished task into n8n: the videos into the job's output field, `…_1`, …, the cover into
 * `cover`. A file that fails is tried again a few times, each time from a link asked for anew; the task is never
 * ordered again. A failure has the task id and the link. `signal` ends it at once.
 */
export async function downloadFiles(
	{ context, service, random }: DownloadContext,
	{ settings, secrets }: Job,
	taskId: string,
	task: VideoTask,
	signal: AbortSignal,
): Promise<Result<IBinaryKeyData>> {
	const binary: IBinaryKeyData = {};
	let newest = task;
	for (const { name, field, url: firstUrl, urlIn, expected } of filesOf(taskId, task, settings)) {
		for (let tries = 1; binary[field] === undefined; tries += 1) {
			if (signal.aborted) return failed(stopped(taskId));
			const url = urlIn(newest);
			const fetched: Fetched = url
				? await fetchFile(context, service, url, expected, signal)
				: { kind: 'failed', why: 'The service no longer names it.' };
			if (fetched.kind === 'stored') {
				binary[field] = fetched.binary;
				break;
			}
			if (signal.aborted) return failed(stopped(taskId));
			if (tries >= TRIES) return failed(downloadFailed(taskId, name, url || firstUrl, fetched.why));
			await clock.sleep(backoffMs(tries, FIRST_PAUSE_MS, random()), signal);
			if (signal.aborted) return failed(stopped(taskId));
			const asked = await service.query(taskId, secrets);
			if (asked.kind === 'succeeded') newest = asked.task;
		}
	}
	return succeeded(binary);
}
