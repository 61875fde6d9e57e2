// What a service takes: the modes, the values of an order that are chosen from, and the bounds of the others.

/** The four ways to make a video, by the names of the node's operations. */
export const MODES = ['textToVideo', 'imageToVideo', 'referenceToVideo', 'editVideo'] as const;

/** One of {@link MODES}. */
export type Mode = (typeof MODES)[number];

/** Output resolutions. */
export const RESOLUTIONS = ['480P', '720P', '1080P'] as const;

/** One of {@link RESOLUTIONS}. */
export type Resolution = (typeof RESOLUTIONS)[number];

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

/** One of {@link IMAGE_FORMATS}. */
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** A least and a most value, both allowed. */
export interface Range {
	readonly min: number;
	readonly max: number;
}

/** What the model takes, whichever service runs it (the iMini platform's reference; what that leaves open, Model Studio's). */
export const MODEL_LIMITS = {
	promptCharacters: 5000,
	chinesePromptCharacters: 2500,
	durationSeconds: { min: 3, max: 15 },
	referenceImages: { min: 1, max: 9 },
	editImages: { min: 0, max: 5 },
	imageBytes: 10 * 1024 ** 2,
	videoBytes: 100 * 1024 ** 2,
	frameSidePixels: 300,
	referenceShortSidePixels: 400,
	sideRatio: 2.5,
	editSeconds: 15,
} as const;

/** What a service takes. Each service states its own. */
export interface Limits {
	/** Characters (Unicode code points) of a prompt, at most. */
	readonly promptCharacters: number;
	/** Characters of a Chinese prompt that the model reads; it cuts the rest without an error. */
	readonly chinesePromptCharacters: number;
	/** Whole seconds of a generated video. */
	readonly durationSeconds: Range;
	/** Images of one reference-to-video order. */
	readonly referenceImages: Range;
	/** Reference images beside the video of one edit. */
	readonly editImages: Range;
	/** Bytes of one decoded image, at most. */
	readonly imageBytes: number;
	/** The same of a first frame. */
	readonly firstFrameBytes: number;
	/** Bytes of the video to edit, at most. */
	readonly videoBytes: number;
	/** Pixels: width and height of a first frame, and of an image that goes with an edit, at least. */
	readonly frameSidePixels: number;
	/** Pixels: the shorter side of an image in reference-to-video, at least. */
	readonly referenceShortSidePixels: number;
	/** The longer side may be this many times the shorter one. */
	readonly sideRatio: number;
	/** The video to edit, as far as its file tells; {@link sideRatio} goes for it as well. */
	readonly sourceVideo: {
		/** Seconds, from and to. */
		readonly seconds: Range;
		/** Pixels that its longer side may have. */
		readonly longSideMaxPixels: number;
		/** Pixels that its shorter side needs. */
		readonly shortSideMinPixels: number;
		/** Frames a second; more than that. */
		readonly framesAbove: number;
	};
	/** Seconds that the longest edit can come to: what one is counted as before it is known. */
	readonly editSeconds: number;
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
	/** All names of a request, whatever its mode: extra parameters must not have them, in any case. */
	readonly ownParameters: readonly string[];
	/** What a task id looks like. */
	readonly exampleTaskId: string;
}
