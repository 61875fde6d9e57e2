// Step 4 of a dry run: an item like that of a real order, made of what the order asks for and of sample files.
import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { clock } from '../util/clock';
import type { Result } from '../domain/failure';
import { Failure, failed, NOTHING_ORDERED, succeeded } from '../domain/failure';
import { fingerprint } from '../util/fingerprint';
import type { DryRun, Order, Pixels } from '../domain/order';
import { editedSeconds, orderedSeconds } from '../domain/order';
import { shortReasonOf } from '../util/unknown';
import type { Offer } from '../service/service';
import type { KnownTask } from '../domain/task';
import { DRY_RUN_HOST, DRY_RUN_ID } from '../domain/task';
import { filesOf } from './deliver';
import { dryRunJson, itemOf, taskJson } from './item';
import { sampleCover, sampleVideo } from './samples';

/** The shape of a video whose source this node can't measure. */
const UNKNOWN: Pixels = { width: 16, height: 9 };

/** What the video of an order takes its shape from. */
function sourceShape({ mode, aspectRatio, images, video }: Order): Pixels {
	if (aspectRatio !== undefined) {
		const [width, height] = aspectRatio.split(':').map(Number);
		return { width, height };
	}
	if (mode === 'editVideo') return (video?.kind === 'file' && video.pixels) || UNKNOWN;
	const [first] = images;
	return first?.kind === 'bytes' ? first : UNKNOWN;
}

/** The pixels that the video of an order would have: even numbers, the shorter side as ordered. */
function videoPixels(order: Order): Pixels {
	const { width, height } = sourceShape(order);
	const short = parseInt(order.resolution, 10);
	const long = 2 * Math.round((short * Math.max(width / height, height / width)) / 2);
	return width < height ? { width: short, height: long } : { width: long, height: short };
}

/** The task that an order would become, finished at once. */
function finishedTask({ describesVideos, limits }: Offer, order: Order, taskId: string): KnownTask {
	const now = new Date(clock.now()).toISOString();
	const link = `https://${DRY_RUN_HOST}/${taskId}`;
	const durationSeconds = order.durationSeconds ?? editedSeconds(order, limits);
	const described = { coverUrl: `${link}.jpg`, ...videoPixels(order) };
	return {
		taskId,
		state: 'succeeded',
		status: 'succeeded',
		createdAt: now,
		completedAt: now,
		videos: [{ url: `${link}.mp4`, durationSeconds, ...(describesVideos && described) }],
		billedSeconds: describesVideos ? undefined : orderedSeconds(order, limits),
		requestId: taskId,
	};
}

/** Stores the samples that stand for the files of a task, under the names and in the fields of the real ones. */
async function sampleFiles(context: IExecuteFunctions, dryRun: DryRun, task: KnownTask) {
	const { order, settings } = dryRun;
	const files: Array<[string, IBinaryData]> = [];
	const durationSeconds = task.videos?.at(0)?.durationSeconds ?? 1;
	const seconds = Math.max(1, Math.round(durationSeconds));
	for (const { name, field, mimeTypeOf, fileNameOf } of filesOf(task, settings)) {
		const isVideo = name === 'video';
		const bytes = isVideo ? await sampleVideo(videoPixels(order), seconds) : sampleCover();
		const type = mimeTypeOf(bytes) ?? '';
		files.push([field, await context.helpers.prepareBinaryData(bytes, fileNameOf(type), type)]);
	}
	return files;
}

function sampleNotStored(error: unknown): Failure {
	return new Failure('notOrdered', 'n8n could not store the sample video of the dry run', {
		cost: NOTHING_ORDERED,
		next: `Check where this n8n keeps its files (N8N_DEFAULT_BINARY_DATA_MODE), or turn Download Video off. n8n says: ${shortReasonOf(error)}.`,
	});
}

/**
 * The item of a dry run: with the keys of a real one, its files where they are wanted, and what would have been sent.
 * `run`: what tells this run of the node from others.
 */
export async function dryRunItem(
	context: IExecuteFunctions,
	offer: Offer,
	dryRun: DryRun,
	{ executionId, runIndex }: { readonly executionId: string; readonly runIndex: number },
): Promise<Result<INodeExecutionData>> {
	const { item, order, settings } = dryRun;
	const taskId = DRY_RUN_ID + fingerprint([executionId, runIndex, item]);
	try {
		const { model, body } = offer.preview(order);
		const task = { ...finishedTask(offer, order, taskId), model };
		const seconds = orderedSeconds(order, offer.limits);
		const createdAt = offer.describesVideos ? task.createdAt : undefined;
		const accepted = { taskId, model, createdAt, requestId: task.requestId };
		const json = taskJson(dryRun, settings.wait ? task : accepted, seconds);
		const isStored = settings.wait && settings.download;
		const files = isStored ? await sampleFiles(context, dryRun, task) : undefined;
		const request = JSON.parse(JSON.stringify(body));
		return succeeded(itemOf(context, dryRun, dryRunJson(json, request), files));
	} catch (error) {
		return failed(error instanceof Failure ? error : sampleNotStored(error));
	}
}
