// The node's own options, those that no service knows: their defaults, and their values for one item.

/** What an option of the collection `options` means when it is not set; the switches among them are off. */
export const OPTION_DEFAULTS = {
	binaryPropertyNameOutput: 'data',
	pollInterval: 2, // seconds
	timeout: 30, // minutes
	maxTasksInFlight: 10,
	maxTotalSeconds: 0, // no limit
	pricePerSecond: 0, // not known
} as const;

/** Tasks that Get Many puts out, unless it says otherwise: n8n's usual number. */
export const LIST_LIMIT = 50;

/** Binary field of the output item that takes the cover image. */
export const COVER_FIELD = 'cover';

/** Binary field of the input item that a file is taken from unless another is named. */
export const INPUT_FIELD = 'data';

/** Hours for which the link is good that hands a video of this n8n to the service. */
export const SIGNED_LINK_HOURS = 2;

/** How an item is to be waited for and delivered: the node's options, checked. */
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
	/** Tells the file from those of other items that have the same name, from 1; undefined where none do. */
	readonly fileNumber?: number;
	/** Ms between two queries of one task, at least. */
	readonly pollIntervalMs: number;
	/** Ms to wait for a task. */
	readonly timeoutMs: number;
	/** Tasks of the run that may be under way at once. */
	readonly maxTasksInFlight: number;
	/** Seconds of video that the execution may order at this node; Infinity for no limit. */
	readonly maxTotalSeconds: number;
	/** Whether the fields of the input item stand beside those of the output. */
	readonly includeInput: boolean;
	/** What a second of video costs, by the user's own account and in any currency; 0 where it is not known. */
	readonly pricePerSecond: number;
	/** Whether to order again what may have been ordered, or whose task is gone. */
	readonly resubmitWhenUnsure: boolean;
}
