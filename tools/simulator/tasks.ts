// Tasks: paid for when ordered, and moving by the clock towards the outcome that a test chose.
import { randomInt, randomUUID } from 'node:crypto';
import { newRequestId, type EnvelopeError } from './answers';
import type { Mode, Source, SubmitBody } from './rules';
import type { Rule } from './script';

/** Ms after its creation for which a task can be queried. */
const TASK_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** The part of its time that a task spends in the queue. */
const QUEUED_SHARE = 0.1;

/** A video of a finished task, in the answer to a query. */
export interface VideoAnswer {
	url: string;
	/** Pixels. */
	width: number;
	/** Pixels. */
	height: number;
	/** Seconds. */
	duration: number;
	cover_url?: string;
}

/** What becomes of a task. Whatever is left out is as usual. */
export interface Outcome {
	/**
	 * How it ends: `succeeded` (default); `failed`; `expired`: from then on a query is answered 404; `never`: it stays
	 * under way forever.
	 */
	result?: 'succeeded' | 'failed' | 'expired' | 'never';
	/** Seconds by the clock from the order to the end; 0 = at once. Default: the simulator's `secondsPerTask`. */
	afterSeconds?: number;
	/** Why it failed. */
	error?: Partial<EnvelopeError>;
	/** Its statuses until the end, each for the same time. Default: `queued` for a tenth, then `processing`. */
	statuses?: readonly string[];
	/** How many videos it has (default 1); null for `videos: null` in spite of success. */
	videos?: number | null;
	/** Overrides fields of every video; undefined leaves one out of the answer. */
	video?: { [K in keyof VideoAnswer]?: VideoAnswer[K] | undefined };
	/** Whether each query answers new links, as a service that signs them does. Default false. */
	freshLinks?: boolean;
}

/** A task that was ordered: it is charged, even if its client never hears of it. */
export interface SimulatedTask {
	/** `task_` and 19 digits. */
	id: string;
	/** The key that ordered it; for any other it does not exist. */
	apiKey: string;
	mode: Mode;
	body: SubmitBody;
	/** Its images and its video. */
	sources: Source[];
	/** Clock, ms since 1970. */
	createdAt: number;
	/** Of the submit. */
	requestId: string;
	/** Of its first video, 19 digits; those of the others follow. */
	fileId: string;
	/** What becomes of it; may be replaced while it is under way. */
	outcome: Outcome;
	/** How many queries were answered. */
	queries: number;
}

/** Which tasks have an unusual outcome. Rules apply when a task is ordered. */
export interface OutcomeRule extends Rule<SimulatedTask> {
	/** The outcome, or a choice for each task; undefined leaves that one to the next rule. */
	outcome: Outcome | ((task: SimulatedTask) => Outcome | undefined);
}

/** A new task id, of 19 digits like the service's. */
function newId(): string {
	return `20${randomInt(10 ** 8, 10 ** 9)}${randomInt(10 ** 7, 10 ** 8)}`;
}

/** A task that was just ordered. */
export function newTask(
	order: Pick<SimulatedTask, 'apiKey' | 'mode' | 'body' | 'sources' | 'createdAt'>,
): SimulatedTask {
	return {
		id: `task_${newId()}`,
		...order,
		requestId: randomUUID(),
		fileId: newId(),
		outcome: {},
		queries: 0,
	};
}

/** The answer to the submit that created a task. */
export function submitAnswer({ id, body, createdAt, requestId }: SimulatedTask): object {
	return {
		task_id: id,
		model: body.model,
		created_at: new Date(createdAt).toISOString(),
		request_id: requestId,
	};
}

/** What the answer to a query depends on, beside the task. */
export interface Moment {
	/** Clock, ms since 1970. */
	now: number;
	/** Seconds from order to end, unless the outcome says otherwise. */
	secondsPerTask: number;
	/** Of the media host, without a slash at the end. */
	mediaUrl: string;
}

/** The answer to a query of a task; undefined once it has expired. */
export function taskAnswer(task: SimulatedTask, moment: Moment): object | undefined {
	const { result = 'succeeded', afterSeconds = moment.secondsPerTask } = task.outcome;
	const elapsed = moment.now - task.createdAt;
	const total = afterSeconds * 1000;
	const ended = result !== 'never' && elapsed >= total;
	if (elapsed >= TASK_LIFETIME_MS || (ended && result === 'expired')) return undefined;
	return {
		task_id: task.id,
		status: ended ? result : statusUnderWay(task.outcome.statuses, total > 0 ? elapsed / total : 1),
		model: task.body.model,
		created_at: new Date(task.createdAt).toISOString(),
		completed_at: ended ? new Date(task.createdAt + total).toISOString() : null,
		videos: ended && result === 'succeeded' ? videosOf(task, moment.mediaUrl) : null,
		error: ended && result === 'failed' ? failureOf(task) : null,
		request_id: newRequestId(),
	};
}

/** @param share the part of the task's time that has passed; 1 or more for one that never ends */
function statusUnderWay(statuses: readonly string[] | undefined, share: number): string {
	if (statuses === undefined || statuses.length === 0) {
		return share < QUEUED_SHARE ? 'queued' : 'processing';
	}
	return statuses[Math.min(Math.floor(share * statuses.length), statuses.length - 1)];
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
	const day = new Date(task.createdAt).toISOString().slice(0, 10).replaceAll('-', '/');
	const query = freshLinks ? `?auth_key=${task.queries}` : '';
	return Array.from({ length: videos }, (_, index) => {
		const file = `${mediaUrl}/file/${day}/${BigInt(task.fileId) + BigInt(index)}`;
		const answer: VideoAnswer = {
			url: `${file}.mp4${query}`,
			...sizeOf(task),
			duration: task.body.duration ?? 5,
			cover_url: `${file}.jpg${query}`,
		};
		return { ...answer, ...video };
	});
}

/** Pixels of a task's video: the shorter side by the resolution, the shape as ordered or that of its first frame. */
export function sizeOf({ body, sources, mode }: SimulatedTask): { width: number; height: number } {
	const short = body.resolution === '720P' ? 720 : 1080;
	const [across, down] = (body.aspect_ratio ?? '16:9').split(':').map(Number);
	const frame = mode === 'image-to-video' ? sources[0]?.image : undefined;
	const shape = frame ? frame.width / frame.height : across / down;
	const long = 2 * Math.round((short * Math.max(shape, 1 / shape)) / 2);
	return shape >= 1 ? { width: long, height: short } : { width: short, height: long };
}

/** The task that a file of the media host belongs to. */
export function ownerOf(
	path: string,
	tasks: ReadonlyMap<string, SimulatedTask>,
): SimulatedTask | undefined {
	const fileId = /\/(\d{19})\.(?:mp4|jpg)(?:\?|$)/.exec(path)?.[1];
	if (fileId === undefined) return undefined;
	return [...tasks.values()].find(({ fileId: first, outcome }) => {
		const index = BigInt(fileId) - BigInt(first);
		return index >= 0 && index < (outcome.videos ?? 1);
	});
}
