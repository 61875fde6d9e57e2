// What step 1 hands on: a checked request, still without the bytes of its files.
import type { Fault } from '../fault';
import type { ImageFormat, Mode, SubmitBody } from '../service/contract';
import { LIMITS } from '../service/contract';

/** Bytes in pieces, to be read once. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** An image of a request: a link that the service fetches, or bytes that are read when the order is sent. */
export type Picture =
	| { readonly kind: 'link'; readonly url: string }
	| {
			readonly kind: 'bytes';
			readonly format: ImageFormat;
			/** Bytes of the file, as counted when it was checked. */
			readonly size: number;
			open(): Promise<ByteSource>;
	  };

/** A checked request for one video. `pictures` go in order; `videoUrl` is asked for when the order is sent. */
export interface Order {
	readonly mode: Mode;
	readonly fields: Omit<SubmitBody, 'model' | 'reference_images' | 'reference_videos'>;
	readonly pictures: readonly Picture[];
	readonly videoUrl?: () => string;
}

/** Seconds of video that an order comes to, at most: what the spending guard counts. */
export function orderSeconds(order: Order): number {
	return order.fields.duration ?? LIMITS.editSeconds;
}

/** How an item wants to be waited for and delivered: the node's options, checked. */
export interface Settings {
	/** Whether to wait for the video at all; if not, the item is the accepted task. */
	readonly wait: boolean;
	/** Whether to store the video file in n8n. */
	readonly download: boolean;
	/** Whether to store the cover image as well. */
	readonly downloadCover: boolean;
	/** Binary field of the output item for the first video. */
	readonly outputField: string;
	/** Name of the video file; undefined for one made of the task id. */
	readonly fileName: string | undefined;
	/** Ms between two queries of one task, at least. */
	readonly pollIntervalMs: number;
	/** Ms to wait for a task. */
	readonly timeoutMs: number;
	/** Tasks of the run that may be under way at once. */
	readonly maxTasksInFlight: number;
	/** Seconds of video that the execution may order at this node; Infinity for no limit. */
	readonly maxTotalSeconds: number;
	/** Whether to order again what may have been ordered, or whose task is gone. */
	readonly resubmitWhenUnsure: boolean;
}

/**
 * What an item asks for. `paid` is an order that an earlier try has placed: its request is not looked at, unless the
 * task turns out to be gone.
 */
export type Wish =
	| { readonly kind: 'order'; readonly order: Order }
	| { readonly kind: 'paid'; readOrder(): Promise<Order | Fault> }
	| { readonly kind: 'get'; readonly taskId: string }
	| { readonly kind: 'wait'; readonly taskId: string };

/** One item, checked: what it asks for and how. */
export interface Job {
	/** Index of the input item, from 0. */
	readonly item: number;
	/** The operation as the output names it; undefined for the task resource. */
	readonly operation: Mode | undefined;
	readonly wish: Wish;
	readonly settings: Settings;
	/** Texts of the item that no message may quote: its prompt. */
	readonly secrets: readonly string[];
}
