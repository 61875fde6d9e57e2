// Step 4: the files of a finished task are streamed into n8n's storage, and looked at on the way.
import type { IBinaryData, IBinaryKeyData, IExecuteFunctions } from 'n8n-workflow';
import { backoffMs } from '../backoff';
import { clock } from '../clock';
import { COVER_FIELD } from '../description/settings';
import type { Fault } from '../fault';
import { downloadFailed, stopped } from '../fault';
import { HEAD_BYTES, startsAsVideo, webImageType } from '../fileType';
import type { Settings } from '../request/order';
import type { Readable, Service } from '../service/client';
import type { Task } from '../service/contract';
import { taskState, videosOf } from '../service/contract';
import { storedBytes } from '../storedFile';

/** Tries of one file in all, and ms before the second one. */
const TRIES = 4;
const FIRST_PAUSE_MS = 1000;

/** Ms that one try of one file may take: a long 1080P video over a slow line stays far below. */
const FILE_PATIENCE_MS = 10 * 60_000;

/** What a file is expected to be: how its bytes start, and how it is stored. */
interface Expected {
	readonly fileName: string;
	/** The MIME type for these first bytes, or undefined when they are of something else. */
	mimeTypeOf(head: Buffer): string | undefined;
	/** For the message when they are. */
	readonly what: string;
}

/** A file in n8n's storage, or why there is none. */
type Fetched =
	| { readonly kind: 'stored'; readonly binary: IBinaryData }
	| { readonly kind: 'failed'; readonly why: string };

/** Resolves when a stream has more to read, or has ended; rejects when it broke. */
async function moreOf(stream: Readable): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const forget = () => {
			for (const event of ['readable', 'end', 'close']) stream.off(event, settle);
			stream.off('error', fail);
		};
		const settle = () => {
			forget();
			resolve();
		};
		const fail = (error: Error) => {
			forget();
			reject(error);
		};
		for (const event of ['readable', 'end', 'close']) stream.on(event, settle);
		stream.on('error', fail);
	});
}

/** The first bytes of a stream, which stay in it; fewer than {@link HEAD_BYTES} where it has no more. */
async function peek(stream: Readable): Promise<Buffer> {
	const parts: Buffer[] = [];
	for (;;) {
		const chunk: unknown = stream.read();
		if (Buffer.isBuffer(chunk)) {
			parts.push(chunk);
			const head = Buffer.concat(parts);
			if (head.length < HEAD_BYTES) continue;
			stream.unshift(head);
			return head;
		}
		if (stream.readableEnded || stream.destroyed) return Buffer.concat(parts);
		await moreOf(stream);
	}
}

async function fetchFile(
	context: IExecuteFunctions,
	service: Service,
	url: string,
	expected: Expected,
	signal: AbortSignal,
): Promise<Fetched> {
	const opened = await service.openFile(url, signal);
	if (opened.kind === 'refused') return { kind: 'failed', why: opened.why };
	const { stream, promisedBytes } = opened;
	try {
		const mimeType = expected.mimeTypeOf(await peek(stream));
		if (mimeType === undefined) {
			stream.destroy();
			return { kind: 'failed', why: `What arrived is not ${expected.what}.` };
		}
		const binary = await context.helpers.prepareBinaryData(stream, expected.fileName, mimeType);
		const bytes = await storedBytes(context, binary);
		if (promisedBytes !== undefined && bytes !== promisedBytes) {
			return { kind: 'failed', why: `Only ${bytes} of ${promisedBytes} bytes arrived.` };
		}
		return { kind: 'stored', binary };
	} catch {
		stream.destroy();
		return { kind: 'failed', why: 'The connection to the file host broke off.' };
	}
}

/** {@link fetchFile}, ended after {@link FILE_PATIENCE_MS} or when `signal` aborts. */
async function fetchInTime(
	context: IExecuteFunctions,
	service: Service,
	url: string,
	expected: Expected,
	signal: AbortSignal,
): Promise<Fetched> {
	const patience = new AbortController();
	const done = new AbortController();
	const watchdog = clock
		.sleep(FILE_PATIENCE_MS, AbortSignal.any([signal, done.signal]))
		.then((): Fetched => {
			patience.abort();
			return {
				kind: 'failed',
				why: `It did not arrive within ${FILE_PATIENCE_MS / 60_000} minutes.`,
			};
		});
	try {
		return await Promise.race([
			fetchFile(context, service, url, expected, patience.signal),
			watchdog,
		]);
	} finally {
		done.abort();
	}
}

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
interface Wanted {
	/** How a message calls it. */
	readonly file: 'video' | 'cover image';
	readonly field: string;
	/** The link that the task first had for it. */
	readonly url: string;
	/** The link in a newer answer about the task, where that still names it. */
	urlIn(newest: Task): string | null | undefined;
	readonly expected: Expected;
}

function wantedFiles(taskId: string, task: Task, settings: Settings): Wanted[] {
	const fileName = baseName(settings.fileName ?? '') || `${taskId}.mp4`;
	const videos = videosOf(task);
	const wanted = videos.map(({ url }, index): Wanted => {
		const suffix = index === 0 ? '' : `_${index}`;
		return {
			file: 'video',
			field: settings.outputField + suffix,
			url,
			urlIn: (newest) => videosOf(newest).at(index)?.url,
			expected: {
				fileName: withSuffix(fileName, suffix),
				mimeTypeOf: (head) => (startsAsVideo(head) ? 'video/mp4' : undefined),
				what: 'an MP4 or MOV video',
			},
		};
	});
	const coverUrl = videos.at(0)?.cover_url;
	if (!settings.downloadCover || !coverUrl) return wanted;
	const cover: Wanted = {
		file: 'cover image',
		field: COVER_FIELD,
		url: coverUrl,
		urlIn: (newest) => videosOf(newest).at(0)?.cover_url,
		expected: {
			fileName: `${taskId}-cover.jpg`,
			mimeTypeOf: webImageType,
			what: 'a JPG, PNG or WebP image',
		},
	};
	return [...wanted, cover];
}

/** What a download needs beside the task. */
export interface Downloading {
	readonly context: IExecuteFunctions;
	readonly service: Service;
	/** Ends it at once. */
	readonly signal: AbortSignal;
	/** Texts that no message may quote. */
	readonly secrets: readonly string[];
	random(): number;
}

/** The binary part of an item, or why there is none. */
export type Downloaded =
	| { readonly kind: 'files'; readonly binary: IBinaryKeyData }
	| { readonly kind: 'fault'; readonly fault: Fault };

function failed(fault: Fault): Downloaded {
	return { kind: 'fault', fault };
}

/**
 * Streams the files of a finished task into n8n: the videos into `settings.outputField`, `…_1`, …, the cover into
 * `cover`. A file that fails is tried again a few times, each time from a link asked for anew; the task is never
 * ordered again. The fault, if it comes to that, has the task id and the link.
 */
export async function downloadFiles(
	{ context, service, signal, secrets, random }: Downloading,
	taskId: string,
	task: Task,
	settings: Settings,
): Promise<Downloaded> {
	const binary: IBinaryKeyData = {};
	let newest = task;
	for (const { file, field, url: firstUrl, urlIn, expected } of wantedFiles(
		taskId,
		task,
		settings,
	)) {
		for (let tries = 1; binary[field] === undefined; tries += 1) {
			if (signal.aborted) return failed(stopped(taskId));
			const url = urlIn(newest);
			const fetched: Fetched = url
				? await fetchInTime(context, service, url, expected, signal)
				: { kind: 'failed', why: 'The service no longer names it.' };
			if (fetched.kind === 'stored') {
				binary[field] = fetched.binary;
				break;
			}
			if (signal.aborted) return failed(stopped(taskId));
			if (tries >= TRIES) return failed(downloadFailed(taskId, file, url || firstUrl, fetched.why));
			await clock.sleep(backoffMs(tries, FIRST_PAUSE_MS, random()), signal);
			if (signal.aborted) return failed(stopped(taskId));
			const asked = await service.query(taskId, secrets);
			if (asked.kind === 'succeeded') newest = asked.task;
		}
	}
	return { kind: 'files', binary };
}

/** Whether there is something to download: only a task that has succeeded has files. */
export function hasFiles(task: Task): boolean {
	return taskState(task.status) === 'succeeded';
}
