// What a service takes: the modes, the values of an order that are chosen from, and the bounds of the others.

/** The four ways to make a video, by the names of the node's operations. */
export const MODES = ['textToVideo', 'imageToVideo', 'referenceToVideo', 'editVideo'] as const;
export type Mode = (typeof MODES)[number];

/** Output resolutions. */
export type Resolution = '480P' | '720P' | '1080P';

/** What becomes of the source's sound in a video edit; `origin` keeps it. */
export const AUDIO_SETTINGS = ['auto', 'origin'] as const;

/** What a parameter means in a workflow that does not hold it. The same as the services' own defaults, but for the watermark. */
export const ORDER_DEFAULTS = {
	resolution: '1080P',
	aspectRatio: '16:9',
	durationSeconds: 5,
	audioSetting: 'auto',
	watermark: false,
} as const;

/** The image formats that can be sent, as MIME subtypes. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** A least and a most value, both allowed. */
export interface Range {
	readonly min: number;
	readonly max: number;
}

/** What the model takes, whichever service runs it (the iMini platform's reference; what that leaves open, Model Studio's). */
export const MODEL_LIMITS = {
	/** Characters (Unicode code points) of a prompt, at most. */
	promptCharacters: 5000,
	/** Characters of a Chinese prompt that the model reads; it cuts the rest without an error. */
	chinesePromptCharacters: 2500,
	/** Whole seconds of a generated video. */
	durationSeconds: { min: 3, max: 15 },
	/** Images of one reference-to-video order. */
	referenceImages: { min: 1, max: 9 },
	/** Reference images beside the video of one edit. */
	editImages: { min: 0, max: 5 },
	/** Bytes of one decoded image, at most. */
	imageBytes: 10 * 1024 ** 2,
	/** Bytes of the video to edit, at most. */
	videoBytes: 100 * 1024 ** 2,
	/** Pixels: width and height of a first frame, and of an image that goes with an edit, at least. */
	frameSidePixels: 300,
	/** The longer side of these, and of the video to edit, may be this many times the shorter one. */
	sideRatio: 2.5,
	/** Pixels: the shorter side of an image in reference-to-video, at least. */
	referenceShortSidePixels: 400,
	/** Seconds that the longest edit can come to: what one is counted as before it is known. */
	editSeconds: 15,
	/** The video to edit, as far as its file tells; it has more frames a second than `framesAbove`. */
	sourceVideo: {
		seconds: { min: 3, max: 60 },
		// Older copies of Model Studio's reference say 320 to 2160, newer ones 360 to 4096: the service judges what is between
		shortSideMinPixels: 320,
		longSideMaxPixels: 4096,
		framesAbove: 8,
	},
};

/** Bytes in words, rounded up: megabytes of 2^20 bytes, as the services count them. */
export function megabytes(bytes: number): string {
	return `${Math.ceil(bytes / 1024 ** 2)} MB`;
}

/** What a service takes: each states what is not the model's. */
export interface Limits extends Readonly<typeof MODEL_LIMITS> {
	/** As `imageBytes`, of a first frame. */
	readonly firstFrameBytes: number;
	/** Whether an edit is billed for the seconds of its source as well. */
	readonly billsEditSource: boolean;
	/** Whether a prompt names reference images as `[Image 1]`, too, and not as `character1` alone. */
	readonly namesImagesInBrackets: boolean;
	/** The model that is ordered from unless an order names another ID; undefined where the mode decides. */
	readonly modelId: string | undefined;
	/** Versions of the model that an order chooses from, the usual one first; none where there is one. */
	readonly modelVersions: readonly string[];
	/** Output resolutions, by the version of the model, or by '' where an order has none. */
	readonly resolutions: Readonly<Record<string, readonly Resolution[]>>;
	/** Output shapes, width:height, by the version of the model, or by '' where there are none. */
	readonly aspectRatios: Readonly<Record<string, readonly string[]>>;
	/** Seeds, which make a video repeatable; undefined where the service takes none. */
	readonly seed: Range | undefined;
	/** Whether the service can put a watermark on its videos. */
	readonly hasWatermark: boolean;
	/** What a task id looks like. */
	readonly exampleTaskId: string;
}
