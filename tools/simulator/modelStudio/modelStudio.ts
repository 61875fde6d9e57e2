// Model Studio: its addresses, its flat errors, and what it answers about tasks.
import { createHash, randomUUID } from 'node:crypto';
import { jsonAnswer, type EnvelopeError } from '../answers';
import { Refusal } from '../order';
import type { ListBehaviour, Protocol, Route } from '../protocol';
import type { Moment, SimulatedTask } from '../tasks';
import { filesOf, isKnown, progressOf, statusUnderWay } from '../tasks';
import { checkOrder } from './rules';

const CREATE_PATH = '/api/v1/services/aigc/video-generation/video-synthesis';
const TASK = /^\/api\/v1\/tasks\/([^/]+)(\/cancel)?$/;

function routeOf(path: string): Route | undefined {
	const [pathname] = path.split('?');
	if (pathname === CREATE_PATH) return { kind: 'submit', method: 'POST' };
	if (pathname === '/api/v1/tasks/') return { kind: 'list', method: 'GET' };
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
		SR: parseInt(task.resolution, 10),
		...(task.ratio !== undefined && { ratio: task.ratio }),
	};
}

const WORDS = {
	succeeded: 'SUCCEEDED',
	failed: 'FAILED',
	canceled: 'CANCELED',
	expired: 'UNKNOWN',
} as const;

/** How far a task has come, and the service's word for it. */
function stateOf(task: SimulatedTask, moment: Moment) {
	const { share, endedAt, result } = progressOf(task, moment);
	const underWay = { queued: 'PENDING', processing: 'RUNNING' };
	const status = result ? WORDS[result] : statusUnderWay(task, share, underWay);
	return { status, endedAt, result };
}

function about(task: SimulatedTask, moment: Moment): object {
	const { status, endedAt, result } = stateOf(task, moment);
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
			...(status !== 'PENDING' && { scheduled_time: timeText(task.createdAt) }),
			...(endedAt !== undefined && { end_time: timeText(endedAt) }),
			...(task.prompt !== undefined && { orig_prompt: task.prompt }),
			...(result === 'succeeded' && { video_url: videoOf(task, moment.mediaUrl) }),
			...(result === 'failed' && { code: error.code, message: error.message }),
		},
		...(result === 'succeeded' && { usage: usageOf(task) }),
	};
}

/** What the list can be filtered by, and its pages. */
const LIST_PARAMS = ['page_no', 'page_size', 'start_time', 'end_time', 'model_name', 'status'];
const LIST_STATUSES = ['PENDING', 'RUNNING', ...Object.values(WORDS)];

/** Ms: the longest span that can be asked for. */
const LONGEST_SPAN_MS = 24 * 60 * 60 * 1000;

/** The contract does not tell the zone of the list's times. Here it is that of Beijing, so that UTC does not do by chance. */
const ZONE_MS = 8 * 60 * 60 * 1000;

/** A whole number of the list's parameters. @throws Refusal */
function pageOf(params: URLSearchParams, name: string, usual: number, most: number): number {
	const text = params.get(name) ?? String(usual);
	const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
	if (value < 1 || value > most) throw new Refusal(name, `must be from 1 to ${most}, not ${text}`);
	return value;
}

/** A time of the list's parameters, `YYYYMMDDhhmmss`, in ms since 1970. @throws Refusal */
function momentOf(params: URLSearchParams, name: string): number | undefined {
	const text = params.get(name);
	if (text === null) return undefined;
	const iso = text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6Z');
	if (iso === text || Number.isNaN(Date.parse(iso)))
		throw new Refusal(name, `must be YYYYMMDDhhmmss, not ${text}`);
	return Date.parse(iso) - ZONE_MS;
}

/** An entry of the list: the task as it was at that moment. */
function entryOf(task: SimulatedTask, moment: Moment) {
	const { status, endedAt } = stateOf(task, moment);
	return {
		task_id: task.id,
		status,
		model_name: task.model,
		gmt_create: task.createdAt,
		...(status !== 'PENDING' && { start_time: task.createdAt }),
		...(endedAt !== undefined && { end_time: endedAt }),
		request_id: task.requestId,
		region: 'cn-beijing',
		user_api_unique_key: 'apikey:v1:aigc:simulated',
	};
}

function list(
	params: URLSearchParams,
	tasks: readonly SimulatedTask[],
	{ now, ...moment }: Moment,
	{ staleSeconds, omits, order }: ListBehaviour,
): object {
	const unknown = [...params.keys()].find((name) => !LIST_PARAMS.includes(name));
	if (unknown !== undefined) throw new Refusal(unknown, 'is not a parameter of this list');
	const page_no = pageOf(params, 'page_no', 1, 999_999_999);
	// The largest that clients are seen to ask for
	const page_size = pageOf(params, 'page_size', 10, 100);
	const to = momentOf(params, 'end_time') ?? now;
	const from = momentOf(params, 'start_time') ?? to - LONGEST_SPAN_MS;
	if (from > to || to - from > LONGEST_SPAN_MS)
		throw new Refusal('start_time', 'must be before end_time, by 24 hours at most');
	const model = params.get('model_name');
	const wanted = params.get('status');
	if (wanted !== null && !LIST_STATUSES.includes(wanted))
		throw new Refusal('status', `must be one of ${LIST_STATUSES.join(', ')}`);
	const then = { now: now - staleSeconds * 1000, ...moment };
	const salt = randomUUID();
	const placeOf = ({ task_id, gmt_create }: { task_id: string; gmt_create: number }) => {
		// UUIDs are in no order
		if (order === 'shuffled') return task_id;
		if (order === 'newest') return String(1e15 - gmt_create);
		return createHash('md5').update(salt).update(task_id).digest('hex');
	};
	const entries = tasks
		.filter((task) => task.createdAt <= then.now && isKnown(task, then) && !omits(task))
		.map((task) => entryOf(task, then))
		.filter((entry) => entry.gmt_create >= from && entry.gmt_create <= to)
		.filter((entry) => model === null || entry.model_name === model)
		.filter((entry) => wanted === null || entry.status === wanted)
		.map((entry) => ({ entry, place: placeOf(entry) }))
		.sort((one, other) => (one.place < other.place ? -1 : Number(one.place > other.place)));
	return {
		request_id: randomUUID(),
		total: entries.length,
		total_page: Math.ceil(entries.length / page_size),
		page_no,
		page_size,
		data: entries.slice((page_no - 1) * page_size, page_no * page_size).map(({ entry }) => entry),
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
	list,
	notFound: (taskId) =>
		jsonAnswer(200, {
			request_id: randomUUID(),
			output: { task_id: taskId, task_status: WORDS.expired },
		}),
	codes: {
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
