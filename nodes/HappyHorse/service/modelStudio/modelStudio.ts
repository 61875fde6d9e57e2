// All that differs at Model Studio, but its addresses, its uploads and its list of tasks. From its references of the
// HappyHorse models and of asynchronous tasks.
import { z } from 'zod';
import type { Limits, Mode } from '../../domain/limits';
import { MODEL_LIMITS } from '../../domain/limits';
import type { Order } from '../../domain/order';
import { CredentialProblem, parseBaseUrl } from '../account';
import type { Protocol } from '../httpService';
import { amount, firstOf, label, lenient, taskId, words } from '../json';
import { imageUrl } from '../orderBody';
import { pagesOf, REGIONS } from './address';
import { manageTasks, stateOf, TASK_PATH } from './tasks';
import { uploadFile } from './upload';

/** Aspect ratios of model version 1.0. */
const FIRST_RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'] as const;

/** What it takes. */
export const MODEL_STUDIO_LIMITS = {
	...MODEL_LIMITS,
	firstFrameBytes: 20 * 1024 ** 2,
	billsEditSource: true,
	namesImagesInBrackets: true,
	modelId: undefined,
	modelVersions: ['1.1', '1.0'],
	resolutions: {
		'1.1': ['480P', '720P', '1080P'],
		'1.0': ['720P', '1080P'],
		// Of an edit, which has no version
		'': ['720P', '1080P'],
	},
	aspectRatios: { '1.1': [...FIRST_RATIOS, '4:5', '5:4', '9:21', '21:9'], '1.0': FIRST_RATIOS },
	seed: { min: 0, max: 2_147_483_647 },
	hasWatermark: true,
	exampleTaskId: '0385dc79-5ff8-4d82-bcb6-7a3f5e9c1d20',
} as const satisfies Limits;

/** What a model's name ends with. */
const ENDINGS: Record<Exclude<Mode, 'editVideo'>, string> = {
	textToVideo: 't2v',
	imageToVideo: 'i2v',
	referenceToVideo: 'r2v',
};

/** There is one version of the model that edits. */
function modelOf({ mode, modelVersion = MODEL_STUDIO_LIMITS.modelVersions[0] }: Order): string {
	return mode === 'editVideo'
		? 'happyhorse-1.0-video-edit'
		: `happyhorse-${modelVersion}-${ENDINGS[mode]}`;
}

/** The mode decides which fields are there. */
function body(order: Order, videoUrl: string | undefined) {
	const { mode, prompt, resolution, aspectRatio, durationSeconds, audioSetting, seed } = order;
	const type = mode === 'imageToVideo' ? 'first_frame' : 'reference_image';
	const media = [
		...(videoUrl === undefined ? [] : [{ type: 'video', url: videoUrl }]),
		...order.images.map((image) => ({ type, url: imageUrl(image) })),
	];
	return {
		model: modelOf(order),
		input: { prompt, media: media.length === 0 ? undefined : media },
		parameters: {
			resolution,
			ratio: aspectRatio,
			duration: durationSeconds,
			audio_setting: audioSetting,
			// The service's own default is true
			watermark: order.watermark ?? false,
			seed,
			...order.extraParameters,
		},
	};
}

const flatError = z.object({ code: label, message: words, request_id: label });

/** The body of an answer with a status >= 400: flat; the list of models has its error one level down. */
const errorAnswer = flatError
	.extend({ error: lenient(flatError) })
	.transform(({ error, ...outer }) => {
		const { code, message: text, request_id: requestId = outer.request_id } = error ?? outer;
		return { code, text, requestId };
	})
	.refine(({ code }) => code !== undefined);

/** The answer to a create that was accepted. Only the id is needed to go on. */
const createAnswer = z.object({
	output: lenient(z.object({ task_id: lenient(taskId) })),
	request_id: label,
});

/** The answer to a query. `results`, where other models of the service have their files. */
const taskAnswer = z.object({
	request_id: label,
	output: z.object({
		task_id: lenient(taskId),
		task_status: z.string().trim().min(1),
		submit_time: words,
		end_time: words,
		code: label,
		message: words,
		video_url: z.unknown(),
		results: firstOf(z.object({ url: z.unknown() })),
	}),
	usage: lenient(z.object({ duration: amount, output_video_duration: amount })),
});

/** The list of models. */
const modelList = z.object({ data: z.array(z.unknown()) });

/** What the names of hosts may begin with. */
const WORKSPACE_ID = /^[a-z0-9-]{0,63}$/i;

/** What the address of a region is often printed with: the paths of this node begin with it. */
const PRINTED_PATH = /\/(?:api|compatible-mode)\/v1$/i;

/** Alibaba Model Studio, and every gateway that speaks its protocol. */
export const MODEL_STUDIO: Protocol = {
	name: 'modelStudio',
	label: 'Alibaba Model Studio',
	description:
		'The home of the model, and every gateway with the DashScope protocol: model 1.1, seed, watermark',
	credential: 'happyHorseModelStudioApi',
	limits: MODEL_STUDIO_LIMITS,
	// Nine tenths of what the reference allows an account, 5 orders and 20 queries a second, and half of that at first
	pace: {
		orders: { first: 2.25, most: 4.5, least: 0.2, pauseMs: 1000, longestPauseMs: 8000 },
		queries: { first: 9, most: 18, least: 0.5, pauseMs: 1000, longestPauseMs: 8000 },
	},
	describesVideos: false,
	submitPath: '/api/v1/services/aigc/video-generation/video-synthesis',
	taskPath: TASK_PATH,
	probe: {
		list: {
			path: '/compatible-mode/v1/models',
			isList: (json) => modelList.safeParse(json).success,
		},
		madeUpTaskId: '00000000-0000-4000-8000-000000000000',
		// The service says so with a good status
		isAbsence: ({ httpStatus }) => httpStatus === undefined,
	},
	locate({ region: wanted = 'singapore', workspaceId, baseUrl }) {
		const region = REGIONS.find(({ name }) => name === wanted);
		if (region === undefined) throw new CredentialProblem('region');
		const pages = pagesOf(region);
		if (region.name === 'other')
			return { baseUrl: parseBaseUrl(baseUrl).replace(PRINTED_PATH, ''), pages };
		const id = typeof workspaceId === 'string' ? workspaceId.trim() : '';
		const { shared, own } = region;
		const host = own !== undefined && id !== '' ? `${id}.${own}` : shared;
		if (host === undefined || !WORKSPACE_ID.test(id)) throw new CredentialProblem('workspace');
		return { baseUrl: `https://${host}`, pages };
	},
	body,
	submitHeaders: (videoUrl) => ({
		'X-DashScope-Async': 'enable',
		// An address of the service's own storage has to be looked up
		...(videoUrl?.startsWith('oss://') && { 'X-DashScope-OssResourceResolve': 'enable' }),
	}),
	uploadFile,
	manageTasks,

	error: (json) => errorAnswer.safeParse(json).data,
	accepted(json) {
		const { data } = createAnswer.safeParse(json);
		return { taskId: data?.output?.task_id, requestId: data?.request_id };
	},
	task(json) {
		const { data } = taskAnswer.safeParse(json);
		if (data === undefined) return undefined;
		const { output, usage, request_id: requestId } = data;
		const { code, message: text, video_url, results = [] } = output;
		const links = video_url ? [video_url] : results.map((one) => one?.url);
		const durationSeconds = usage?.output_video_duration;
		return {
			taskId: output.task_id,
			...stateOf(output.task_status),
			createdAt: output.submit_time,
			completedAt: output.end_time,
			videos: links.map((url) => ({ url, durationSeconds })),
			billedSeconds: usage?.duration,
			error: { code, text, requestId },
			requestId,
		};
	},
	codes: {
		Arrearage: 'credits',
		DataInspectionFailed: 'content',
		'AccessDenied.Unpurchased': 'notActivated',
		InvalidParameter: 'invalid',
		InvalidURL: 'invalid',
		ModelNotFound: 'model',
		'Throttling.AllocationQuota': 'quota',
		'AllocationQuota.FreeTierOnly': 'quota',
	},
	statuses: { 401: 'keyOrRegion', 404: 'model' },
};
