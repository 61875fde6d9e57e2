// iMini: its addresses, its envelope, and what it answers about tasks.
import { randomBytes, randomInt } from 'node:crypto';
import type { EnvelopeError } from '../answers';
import { serviceError, type Protocol, type Route } from '../protocol';
import type { Moment, SimulatedTask, VideoAnswer } from '../tasks';
import { filesOf, progressOf, sizeOf, statusUnderWay } from '../tasks';
import { checkOrder } from './rules';

const SUBMIT_PATH = '/v1/videos/generate';
const TASK_PATH = '/v1/videos/tasks/';

function routeOf(path: string): Route | undefined {
	const [pathname] = path.split('?');
	if (pathname === SUBMIT_PATH) return { kind: 'submit', method: 'POST' };
	const id = pathname.startsWith(TASK_PATH) ? pathname.slice(TASK_PATH.length) : '';
	if (id === '' || id.includes('/')) return undefined;
	try {
		return { kind: 'query', method: 'GET', taskId: decodeURIComponent(id) };
	} catch {
		return undefined;
	}
}

/** A request id, in the form that queries and refusals have. */
function newRequestId(): string {
	return `req_${randomBytes(6).toString('hex')}`;
}

function errorBody(error: EnvelopeError): object {
	return { error };
}

function failureOf({ outcome }: SimulatedTask): EnvelopeError {
	return {
		code: 'GENERATION_FAILED',
		message: 'The video could not be generated',
		status: 500,
		request_id: newRequestId(),
		...outcome.error,
	};
}

function videosOf(task: SimulatedTask, mediaUrl: string): object[] | null {
	const { videos = 1, video = {}, freshLinks = false } = task.outcome;
	if (videos === null) return null;
	const query = freshLinks ? `?auth_key=${task.queries}` : '';
	return filesOf(task, mediaUrl, videos).map((file) => {
		const answer: VideoAnswer = {
			url: `${file}.mp4${query}`,
			...sizeOf(task),
			duration: task.seconds ?? 5,
			cover_url: `${file}.jpg${query}`,
		};
		return { ...answer, ...video };
	});
}

function about(task: SimulatedTask, moment: Moment): object {
	const { share, endedAt, result } = progressOf(task, moment);
	const words = { queued: 'queued', processing: 'processing' };
	return {
		task_id: task.id,
		status: result ?? statusUnderWay(task, share, words),
		model: task.model,
		created_at: new Date(task.createdAt).toISOString(),
		completed_at: endedAt === undefined ? null : new Date(endedAt).toISOString(),
		videos: result === 'succeeded' ? videosOf(task, moment.mediaUrl) : null,
		error: result === 'failed' ? failureOf(task) : null,
		request_id: newRequestId(),
	};
}

/** iMini, as its contract describes it. */
export const imini: Protocol = {
	basePath: '/imini/router',
	routeOf,
	checkOrder: (_headers, value, rules) => checkOrder(value, rules),
	newTaskId: () => `task_20${randomInt(10 ** 8, 10 ** 9)}${randomInt(10 ** 7, 10 ** 8)}`,
	accepted: ({ id, model, createdAt, requestId }) => ({
		task_id: id,
		model,
		created_at: new Date(createdAt).toISOString(),
		request_id: requestId,
	}),
	about,
	notFound: () => serviceError(imini, 404),
	codes: {
		tooLarge: 'BODY_TOO_LARGE',
		nothingHere: 'NOT_FOUND',
		wrongMethod: 'METHOD_NOT_ALLOWED',
		broken: 'SIMULATOR_ERROR',
	},
	usualErrors: {
		400: ['INVALID_PARAMETER', 'A parameter is not valid'],
		401: ['UNAUTHORIZED', 'The API key is not valid'],
		402: ['INSUFFICIENT_CREDITS', 'Not enough credits'],
		403: ['FORBIDDEN', 'This key is not allowed to do that'],
		404: ['TASK_NOT_FOUND', 'The task does not exist or has expired'],
		408: ['REQUEST_TIMEOUT', 'The request took too long'],
		429: ['RATE_LIMITED', 'Too many requests'],
		500: ['INTERNAL_ERROR', 'Something went wrong on our side'],
		502: ['BAD_GATEWAY', 'The model could not be reached'],
		503: ['SERVICE_UNAVAILABLE', 'The service is busy'],
		504: ['GATEWAY_TIMEOUT', 'The model did not answer in time'],
	},
	errorBody,
	newRequestId,
	tellsPause: true,
};
