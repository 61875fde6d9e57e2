// Model Studio: its addresses, its flat errors, and what it answers about tasks.
import { randomUUID } from 'node:crypto';
import { jsonAnswer,type EnvelopeError } from '../answers';
import type { Protocol,Route } from '../protocol';
import type { Moment,SimulatedTask } from '../tasks';
import { filesOf,progressOf,statusUnderWay } from '../tasks';
import { checkOrder } from './rules';

const CREATE_PATH = '/api/v1/services/aigc/video-generation/video-synthesis';
const TASK = /^\/api\/v1\/tasks\/([^/]+)(\/cancel)?$/;

function routeOf(path: string): Route | undefined {
	const [pathname] = path.split('?');
	if (pathname === CREATE_PATH) return { kind: 'submit', method: 'POST' };
	if (pathname === '/api/v1/uploads') return { kind: 'policy', method: 'GET' };
	if (pathname === '/compatible-mode/v1/models') return { kind: 'models', method: 'GET' };
	const [, id, cancel] = TASK.exec(pathname) ?? [];
	if (id === undefined) return undefined;
	try {
		const taskId = decodeURIComponent(id);
		return cancel === undefined
			? { kind: 'query', method: 'GET', taskId }
			: { kind: 'cancel', method: 'POST', taskId };
	} catch {
		return undefined;
	}
}

function errorBody({ code, message, request_id }: EnvelopeError): object {
	return { code, message, request_id };
}

/** A time as the service writes it: without a zone. */
function timeText(ms: number): string {
	return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

/** Where the video is; undefined where the outcome has none. */
function videoOf(task: SimulatedTask, mediaUrl: string): string | undefined {
	const { videos = 1, video = {}, freshLinks = false } = task.outcome;
	if (videos === null || videos === 0) return undefined;
	const [file] = filesOf(task, mediaUrl, 1);
	const signature = freshLinks ? task.queries : 'c2lnbmVk';
	const usual = `${file}.mp4?Expires=${Math.floor(task.createdAt / 1000) + 86_400}&Signature=${signature}`;
	return 'url' in video ? video.url : usual;
}

/** What is billed: of an edit, the seconds of its source as well. */
function usageOf(task: SimulatedTask): object {
	const isEdit = task.mode === 'video-edit';
	const output = task.outcome.video?.duration ?? task.seconds ?? 5;
	return {
		duration: isEdit ? 2 * output : output,
		input_video_duration: isEdit ? output : 0,
		output_video_duration: output,
		video_count: 1,
		SR: task.resolution === '720P' ? 720 : 1080,
		...(task.ratio !== undefined && { ratio: task.ratio }),
	};
}

const WORDS = {
	succeeded: 'SUCCEEDED',
	failed: 'FAILED',
	canceled: 'CANCELED',
	expired: 'UNKNOWN',
} as const;

function about(task: SimulatedTask, moment: Moment): object | undefined {
	const { share, endedAt, result } = progressOf(task, moment);
	if (result === 'expired') return undefined;
	const status =
		result === undefined
			? statusUnderWay(task, share, { queued: 'PENDING', processing: 'RUNNING' })
			: WORDS[result];
	const error = {
		code: 'InternalError.Algo',
		message: 'The video could not be generated',
		...task.outcome.error,
	};
	return {
		request_id: randomUUID(),
		output: {
			task_id: task.id,
			task_status: status,
			submit_time: timeText(task.createdAt),
			...(status !== 'PENDING' && { scheduled_time: timeText(moment.startOf(task)) }),
			...(endedAt !== undefined && { end_time: timeText(endedAt) }),
			...(task.prompt !== undefined && { orig_prompt: task.prompt }),
			...(result === 'succeeded' && { video_url: videoOf(task, moment.mediaUrl) }),
			...(result === 'failed' && { code: error.code, message: error.message }),
		},
		...(result === 'succeeded' && { usage: usageOf(task) }),
	};
}

/** Model Studio, as its contract describes it. */
export const modelStudio: Protocol = {
	basePath: '',
	routeOf,
	checkOrder,
	newTaskId: () => randomUUID(),
	accepted: ({ id, requestId }) => ({
		output: { task_status: 'PENDING', task_id: id },
		request_id: requestId,
	}),
	about,
	notFound: (taskId) =>
		jsonAnswer(200, {
			request_id: randomUUID(),
			output: { task_id: taskId, task_status: WORDS.expired },
		}),
	codes: {
		badKey: 'InvalidApiKey',
		badRequest: 'InvalidParameter',
		tooOften: 'Throttling.RateQuota',
		tooLarge: 'BadRequest.TooLarge',
		nothingHere: 'NotFound',
		wrongMethod: 'MethodNotAllowed',
		broken: 'SimulatorError',
	},
	usualErrors: {
		400: ['InvalidParameter', 'A parameter is not valid'],
		401: ['InvalidApiKey', 'Invalid API-key provided.'],
		403: ['AccessDenied', 'Access denied.'],
		404: ['ModelNotFound', 'The model does not exist or you do not have access to it.'],
		408: ['RequestTimeOut', 'Request timed out, please try again later.'],
		429: ['Throttling.RateQuota', 'Requests rate limit exceeded, please try again later.'],
		500: ['InternalError', 'An internal error has occured, please try again later.'],
		502: ['BadGateway', 'The model could not be reached'],
		503: ['ModelServingError', 'Too many requests. Your requests are being throttled.'],
		504: ['ResponseTimeout', 'Response timeout!'],
	},
	errorBody,
	newRequestId: () => randomUUID(),
	tellsPause: false,
};
