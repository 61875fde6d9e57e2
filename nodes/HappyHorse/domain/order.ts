// The domain, before anything is paid: what an item asks for, checked. A service makes its own request of it.
import type { Mode, Resolution, AUDIO_SETTINGS, ImageFormat, Limits } from './limits';
import type { Result } from './failure';
import type { Settings } from './settings';
import type { AcceptedTask } from './task';

/** Width and height of an image or a video, as it is to be seen. */
export interface Pixels {
	readonly width: number;
	readonly height: number;
}

/** Bytes in pieces, to be read once. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What a check has found in the file of an image; width and height as it is to be seen. */
export interface MeasuredImage extends Pixels {
	readonly format: ImageFormat;
	/** Bytes. */
	readonly size: number;
	/** Tells its bytes from those of others. */
	readonly digest: string;
	/** EXIF asks for a quarter turn. The file is sent as it is: the service may show it without the turn. */
	readonly rotated?: true;
}

/** An image of an order: a link that the service fetches, or bytes that are read when the order is sent. */
export type Image =
	| { readonly kind: 'link'; readonly url: string }
	| (MeasuredImage & { readonly kind: 'bytes'; open(): Promise<ByteSource> });

/** The video to edit: a link, or a file that is uploaded when the order is sent, or fetched from this n8n by a link made then. */
export type SourceVideo =
	| { readonly kind: 'link'; readonly url: string }
	| {
			readonly kind: 'file';
			/** Which file of the input it is. */
			readonly name: string;
			/** Tells its bytes from those of others. */
			readonly digest: string;
			/** Bytes, as counted when it was checked. */
			readonly size: number;
			/** Of its picture; undefined where the file can't be read. */
			readonly seconds?: number;
			/** As players show it. */
			readonly pixels?: Pixels;
			/** Players turn it, as it was filmed with a phone: the service may show it without the turn. */
			readonly rotated?: boolean;
			open(): Promise<ByteSource>;
			/** @throws Failure where nobody outside can fetch from this n8n */
			link(): string;
	  };

/** A checked order for one video. What its mode does not take is not there. */
export interface Order {
	readonly mode: Mode;
	readonly prompt?: string;
	readonly resolution: Resolution;
	readonly aspectRatio?: string;
	/** Whole seconds. */
	readonly durationSeconds?: number;
	readonly audioSetting?: (typeof AUDIO_SETTINGS)[number];
	/** In the order in which a prompt counts them. */
	readonly images: readonly Image[];
	readonly video?: SourceVideo;
	readonly modelVersion?: string;
	/** The service's own name of the model, where it is not the usual one. */
	readonly modelId?: string;
	/** Makes the video repeatable. */
	readonly seed?: number;
	readonly watermark?: boolean;
	/** What the service takes and the form does not show, by the service's names. */
	readonly extraParameters?: Readonly<Record<string, unknown>>;
}

/** An order as it is told from others: by what is ordered, and which of equal orders of an execution it is, from 0. */
export interface IdentifiedOrder {
	readonly identity: string;
	readonly ordinal: number;
}

/** Parameters of links that sign them, or say until when they are good: they change though the file does not. */
const SIGNING =
	/^(x-(amz|goog|oss|cos|tos|obs)-.*|signature|expires|sig|se|st|sp|sv|sr|spr|sks?[a-z]*|token|access_?token|tempauth|policy|key-pair-id|awsaccesskeyid|ossaccesskeyid|googleaccessid|security-token|hmac|exp|ex|is|hm)$/i;

/** What tells an image or a video from others: its link without what signs it, or its digest. */
function fileIdentity(file: Image | SourceVideo): string {
	if (file.kind !== 'link') return file.digest;
	const link = new URL(file.url);
	const nameOf = (part: string) => [...new URLSearchParams(part).keys()].join();
	const parts = link.search.slice(1).split('&');
	link.search = parts.filter((part) => !SIGNING.test(nameOf(part))).join('&');
	return link.href;
}

/**
 * What tells an order from others, as JSON: all that is sent, links without what signs them, files by their digests.
 * `service`: by the name of the node's parameter. Intents in n8n's database are named by it, so it has a version.
 */
export function orderIdentity(service: string, order: Order): unknown {
	const { images, video, ...values } = order;
	return {
		version: 1,
		service,
		...values,
		images: images.map(fileIdentity),
		video: video && fileIdentity(video),
	};
}

/** Seconds of the video that an edit makes, as far as its file tells; the most that it can have where that is a link. */
export function editedSeconds({ video }: Pick<Order, 'video'>, { editSeconds }: Limits): number {
	const seconds = video?.kind === 'file' ? video.seconds : undefined;
	return Math.min(editSeconds, Math.round((seconds ?? editSeconds) * 100) / 100);
}

/** Seconds of video that an order comes to, at most, as the service bills them: what the spending limit counts. */
export function orderedSeconds(order: Order, limits: Limits): number {
	if (order.durationSeconds !== undefined) return order.durationSeconds;
	return limits.billsEditSource ? 2 * editedSeconds(order, limits) : limits.editSeconds;
}

/** Which tasks are listed: all, unless a field says otherwise. */
export interface TaskFilter {
	/** The service's name for it. */
	readonly model?: string;
	/** By the output's word for it. */
	readonly status?: string;
}

/**
 * What is to be done for an item. `create`: order a video. `resume`: wait for the task that an earlier try has paid
 * for; its order is read only if that task turns out to be gone. `get`, `wait`: look at a task of the user's choice.
 * `cancel`: take it out of the queue, then look at it. `list`: list `limit` tasks of the account, at most.
 */
export type Action =
	| { readonly kind: 'create'; readonly order: Order }
	| {
			readonly kind: 'resume';
			readonly task: AcceptedTask;
			/** Further tasks that may be of the order, where an earlier run has left several: for when the first is gone. */
			readonly others?: ReadonlyArray<{ readonly intent: string; readonly taskId: string }>;
			readOrder(): Promise<Result<Order>>;
	  }
	| { readonly kind: 'get' | 'wait' | 'cancel'; readonly taskId: string }
	| { readonly kind: 'list'; readonly filter: TaskFilter; readonly limit: number };

/** One item, checked. */
interface CheckedItem {
	/** Index of the input item, from 0. */
	readonly item: number;
	/** The operation as the output names it; undefined for the task resource. */
	readonly mode: Mode | undefined;
	readonly settings: Settings;
	/** The prompt, for the output; undefined for an AI agent, which knows it. */
	readonly prompt: string | undefined;
}

/** An item that something is to be done for. */
export interface Job extends CheckedItem {
	readonly action: Action;
}

/** Whether a job is about an order of this node, and not about a task of the user's choice. */
export function isOrder({ action: { kind } }: Job): boolean {
	return kind === 'create' || kind === 'resume';
}

/** An item with Dry Run on: it has an order, but is no {@link Job}, so that nothing can order it. */
export interface DryRun extends CheckedItem {
	readonly order: Order;
}
