// All that differs at iMini, but its address. From the platform's public reference ("HappyHorse 1.0", "Get video task",
// "Getting started").
import { z } from 'zod';
import type { Limits } from '../../domain/limits';
import { MODEL_LIMITS } from '../../domain/limits';
import type { Order } from '../../domain/order';
import { parseBaseUrl } from '../account';
import type { Protocol } from '../httpService';
import { amount, firstOf, label, lenient, taskId, words } from '../json';
import { imageUrl } from '../orderBody';
import { DEFAULT_BASE_URL, PAGES } from './address';

/** The model that is ordered from unless the user names another ID. */
const IMINI_MODEL = 'dashscope/happyhorse-1.0';

/** What it takes. */
export const IMINI_LIMITS = {
	...MODEL_LIMITS,
	firstFrameBytes: MODEL_LIMITS.imageBytes,
	/** What an edit costs is not stated. */
	billsEditSource: false,
	namesImagesInBrackets: false,
	sourceVideo: { ...MODEL_LIMITS.sourceVideo, longSideMaxPixels: 2160 },
	modelId: IMINI_MODEL,
	modelVersions: [],
	resolutions: { '': ['720P', '1080P'] },
	aspectRatios: { '': ['16:9', '9:16', '1:1', '4:3', '3:4'] },
	seed: undefined,
	hasWatermark: false,
	exampleTaskId: 'task_2044275355061448704',
} as const satisfies Limits;

/** The mode decides which fields are there. */
function body(order: Order, videoUrl: string | undefined) {
	const { mode, prompt, resolution, aspectRatio, durationSeconds, audioSetting } = order;
	const extra = { audio_setting: audioSetting, ...order.extraParameters };
	const reference_type = mode === 'imageToVideo' ? 'first_frame' : 'asset';
	const images = order.images.map((image) => ({ url: imageUrl(image), reference_type }));
	return {
		model: order.modelId ?? IMINI_MODEL,
		prompt,
		resolution,
		aspect_ratio: aspectRatio,
		duration: durationSeconds,
		reference_images: images.length === 0 ? undefined : images,
		reference_videos: videoUrl === undefined ? undefined : [{ url: videoUrl }],
		extra_params: Object.values(extra).some((value) => value !== undefined) ? extra : undefined,
	};
}

const envelopeError = z
	.object({ code: label, message: words, request_id: label })
	.transform(({ code, message: text, request_id: requestId }) => ({ code, text, requestId }));

/** The body of every answer with a status >= 400. */
const errorEnvelope = z.object({ error: envelopeError });

const listedVideo = z
	.object({
		url: z.unknown(),
		width: amount,
		height: amount,
		duration: amount,
		cover_url: z.unknown(),
	})
	.transform(({ duration: durationSeconds, cover_url: coverUrl, ...video }) => ({
		...video,
		durationSeconds,
		coverUrl,
	}));

/** What is told of a task: when it was accepted, and when it is asked for. */
const taskAnswer = z.object({
	task_id: lenient(taskId),
	status: lenient(z.string().trim().min(1)),
	model: words,
	created_at: words,
	completed_at: words,
	videos: firstOf(listedVideo),
	error: lenient(envelopeError),
	request_id: label,
});

/** The two words for a status that are final. */
const FINAL = ['succeeded', 'failed'] as const;

/** The iMini open platform. */
export const IMINI: Protocol = {
	name: 'imini',
	label: 'iMini',
	description: 'The iMini open platform: model 1.0',
	credential: 'happyHorseApi',
	limits: IMINI_LIMITS,
	// The platform states no limit but "wait 5 seconds": found out from a careful beginning on
	pace: {
		orders: { first: 2.5, most: 12, least: 0.2, pauseMs: 5000, longestPauseMs: 20_000 },
		queries: { first: 10, most: 50, least: 0.2, pauseMs: 5000, longestPauseMs: 20_000 },
	},
	describesVideos: true,
	submitPath: '/v1/videos/generate',
	taskPath: '/v1/videos/tasks/',
	probe: {
		usualAddress: DEFAULT_BASE_URL,
		madeUpTaskId: 'task_0000000000000000000',
		// Anything else that is missing has another code
		isAbsence: ({ code }) => code === 'TASK_NOT_FOUND',
	},
	locate: ({ baseUrl }) => ({ baseUrl: parseBaseUrl(baseUrl), pages: PAGES }),
	body,

	error: (json) => errorEnvelope.safeParse(json).data?.error,
	accepted(json) {
		const { data } = taskAnswer.safeParse(json);
		const { task_id: taskId, model, created_at: createdAt, request_id: requestId } = data ?? {};
		return { taskId, model, createdAt, requestId };
	},
	task(json) {
		const { data } = taskAnswer.safeParse(json);
		const { status = '', videos = [], error } = data ?? {};
		if (data === undefined || (status === '' && videos.length === 0)) return undefined;
		const state = FINAL.find((final) => final === status.toLowerCase()) ?? 'going';
		return {
			taskId: data.task_id,
			state,
			status: state === 'going' ? status : state,
			model: data.model ?? IMINI_MODEL,
			createdAt: data.created_at,
			completedAt: data.completed_at,
			videos: videos.flatMap((video) => video ?? []),
			error,
			requestId: data.request_id,
		};
	},
	codes: {
		INSUFFICIENT_CREDITS: 'credits',
		INVALID_PROMPT: 'content',
		INVALID_PARAMETER: 'invalid',
	},
};
