// The contract with the HappyHorse 1.0 service, written once: its constants, and the shapes of what goes out and what comes in.
// Taken from the iMini platform's public reference ("HappyHorse 1.0", "Get video task", "Getting started"); what that leaves
// open, from Alibaba Model Studio's reference of the model.
import { z } from 'zod';

export { DEFAULT_BASE_URL, SUBMIT_PATH, TASK_PATH } from './address';

/** The only model this package orders from; the fixed value of the field `model`. */
export const MODEL = 'dashscope/happyhorse-1.0';

/** Output resolutions, the service's words. */
export const RESOLUTIONS = ['720P', '1080P'] as const;

/** Output shapes, width:height. Taken by text-to-video and reference-to-video only. */
export const ASPECT_RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'] as const;

/** What happens to the source's sound in a video edit; `origin` keeps it. */
export const AUDIO_SETTINGS = ['auto', 'origin'] as const;

/** What the service uses when a field is left out (platform's reference). */
export const DEFAULTS = {
	resolution: '1080P',
	aspectRatio: '16:9',
	/** Seconds. */
	duration: 5,
	audioSetting: 'auto',
} as const;

/** The service's limits on a request: the platform's reference, and Model Studio's for edits and for what lasts how long. */
export const LIMITS = {
	/** Characters (Unicode code points) of a prompt, at most. */
	promptCharacters: 5000,
	/** Characters of a Chinese prompt that the model reads; it cuts the rest without an error. */
	chinesePromptCharacters: 2500,
	/** Whole seconds of a generated video. */
	durationSeconds: { min: 3, max: 15 },
	/** Images of one reference-to-video request. */
	referenceImages: { min: 1, max: 9 },
	/** Reference images beside the video of one edit. */
	editImages: { min: 0, max: 5 },
	/** Bytes of one decoded image: 10 MB. */
	imageBytes: 10 * 1024 * 1024,
	/** Bytes of the video to edit: 100 MB. */
	videoBytes: 100 * 1024 * 1024,
	/** Pixels: width and height of a first frame, and of an image that goes with an edit. */
	frameSidePixels: 300,
	/** Pixels: the shorter side of an image in reference-to-video. */
	referenceShortSidePixels: 400,
	/** The longer side may be this many times the shorter one: 1:2.5 to 2.5:1. */
	sideRatio: 2.5,
	/** Seconds that the longest edit can come to: what one is counted as before it is known. */
	editSeconds: 15,
	/** Hours, about, that task ids and video links stay good. */
	linkHours: 24,
} as const;

/** The image formats that the service takes, as MIME subtypes. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp'] as const;

/** One of {@link IMAGE_FORMATS}. */
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** The four modes of the service, by the names of this node's operations. */
export type Mode = 'textToVideo' | 'imageToVideo' | 'referenceToVideo' | 'editVideo';

/**
 * A field that is only shown: one of an unexpected type counts as absent, so that it can never cost the task id or the
 * link beside it.
 */
function shown<T extends z.ZodTypeAny>(type: T) {
	return type.nullish().catch(undefined);
}

/** A code or an id that is only shown: a number is as good as a text. */
const label = shown(z.union([z.string(), z.number().transform(String)]));

const envelopeError = z.object({
	code: label,
	message: shown(z.string()),
	status: shown(z.number()),
	request_id: label,
});

/** Why the service says no: the `error` of an answer with status >= 400, and of a failed task. */
export type ServiceError = z.infer<typeof envelopeError>;

/** The body of every answer with a status >= 400. */
export const errorEnvelope = z.object({ error: envelopeError });

/** The body of a submit, all modes together; {@link Mode} decides which fields may be there. */
export interface SubmitBody {
	model: typeof MODEL;
	prompt?: string;
	resolution: (typeof RESOLUTIONS)[number];
	/** Text-to-video and reference-to-video only. */
	aspect_ratio?: (typeof ASPECT_RATIOS)[number];
	/** Whole seconds; every mode but the edit. */
	duration?: number;
	reference_images?: Array<{ url: string; reference_type: 'first_frame' | 'asset' }>;
	/** Exactly one, the edit only. */
	reference_videos?: Array<{ url: string }>;
	/** The edit only. */
	extra_params?: { audio_setting: (typeof AUDIO_SETTINGS)[number] };
}

/** The answer to a submit that was accepted. Only the id is needed to go on; the rest is shown when it is there. */
export const submitAnswer = z.object({
	task_id: z.string().trim().min(1),
	model: shown(z.string()),
	created_at: shown(z.string()),
	request_id: label,
});

/** A task that the service accepted and will charge for. */
export type AcceptedTask = z.infer<typeof submitAnswer>;

const video = z.object({
	url: z.string().url(),
	width: shown(z.number()),
	height: shown(z.number()),
	duration: shown(z.number()),
	cover_url: shown(z.string()),
});

/** One finished video of a task: its link (good for about {@link LIMITS.linkHours} hours), pixels, seconds, cover picture. */
export type Video = z.infer<typeof video>;

/** The answer to a query. `status` is any word: see {@link taskState}. */
export const taskAnswer = z.object({
	task_id: shown(z.string()),
	status: z.string().min(1),
	model: shown(z.string()),
	created_at: shown(z.string()),
	completed_at: shown(z.string()),
	videos: z.array(video).nullish(),
	error: shown(envelopeError),
	request_id: label,
});

/** What the service knows about a task. */
export type Task = z.infer<typeof taskAnswer>;

/** The finished videos of a task; none while it goes on. */
export function videosOf({ videos }: Task): readonly Video[] {
	return videos ?? [];
}

/**
 * What a status means. Only `succeeded` and `failed` are final; every other word (`queued`, `processing`, the
 * `pending` that was also seen, or one that nobody knows yet) means that the task is still going.
 */
export function taskState(status: string): 'going' | 'succeeded' | 'failed' {
	return status === 'succeeded' || status === 'failed' ? status : 'going';
}
