// Tasks: paid for when ordered, and moving by the clock towards the outcome that a test chose.
import { randomInt, randomUUID } from 'node:crypto';
import type { EnvelopeError } from './answers';
import type { SubmitBody as IminiBody } from './imini/rules';
import type { CreateBody } from './modelStudio/rules';
import type { CheckedOrder } from './order';
import type { Source } from './sources';
import type { Rule } from './request';

/** Ms after its creation for which a task can be queried. */
const TASK_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** The part of its time that a task spends in the queue. */
const QUEUED_SHARE = 0.1;

/** The body of an order as it was sent, in the form of either service. */
export type SubmitBody = IminiBody & Partial<CreateBody>;

/** A video of a finished task, in the answer to a query; Model Studio tells its `url` and its `duration` alone. */
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

/** How a task can end. */
export type Result = 'succeeded' | 'failed' | 'canceled' | 'expired';

/** What becomes of a task. Whatever is left out is as usual. */
export interface Outcome {
	/**
	 * How it ends: `succeeded` (default); `failed`; `canceled`; `expired`: from then on it is not found; `never`: it stays
	 * under way forever.
	 */
	result?: Result | 'never';
	/** Seconds by the clock from the order to the end; 0 = at once. Default: the simulator's `secondsPerTask`. */
	afterSeconds?: number;
	/** Seconds by the clock from the order for which the service does not know it yet: "not found", and not in the list. */
	unknownSeconds?: number;
	/** Its files come to their host so many seconds by the clock after its end; until then they are answered `status`, by default 404. */
	lateFiles?: { seconds: number; status?: number };
	/** Why it failed. */
	error?: Partial<EnvelopeError>;
	/** Its statuses until the end, each for the same time. Default: queued for a tenth, then processing, in the service's words. */
	statuses?: readonly string[];
	/** How many videos it has (default 1, at Model Studio the most); null for none in spite of success. */
	videos?: number | null;
	/** Overrides fields of every video; undefined leaves one out of the answer. */
	video?: { [K in keyof VideoAnswer]?: VideoAnswer[K] | undefined };
	/** Whether each query answers new links, as a service that signs them does. Default false. */
	freshLinks?: boolean;
}

/** A task that was ordered: it is charged, even if its client never hears of it. */
export interface SimulatedTask extends Omit<CheckedOrder<SubmitBody>, 'links'> {
	/** As the service makes them: `task_` and 19 digits, or a UUID. */
	id: string;
	/** Its number in the order in which they came; the first has 1, unless the simulator is told otherwise. */
	number: number;
	/** The key that ordered it; for any other it does not exist. */
	apiKey: string;
	/** Its images and its video. */
	sources: Source[];
	/** Clock, ms since 1970. */
	createdAt: number;
	/** When it was canceled, by the clock, in ms since 1970. */
	canceledAt?: number;
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

/** A task that was just ordered. */
export function newTask(
	{ newTaskId }: { newTaskId(): string },
	order: Omit<CheckedOrder<SubmitBody>, 'links'>,
	given: Pick<SimulatedTask, 'number' | 'apiKey' | 'sources' | 'createdAt'>,
): SimulatedTask {
	return {
		id: newTaskId(),
		...order,
		...given,
		requestId: randomUUID(),
		fileId: `20${randomInt(10 ** 8, 10 ** 9)}${randomInt(10 ** 7, 10 ** 8)}`,
		outcome: {},
		queries: 0,
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

/** How far a task has come. */
export interface Progress {
	/** The part of its time that has passed; 1 or more for one that never ends. */
	share: number;
	/** Clock, ms since 1970; undefined while it is under way. */
	endedAt: number | undefined;
	result: Result | undefined;
}

/** How far a task has come by the clock. */
export function progressOf(task: SimulatedTask, moment: Moment): Progress {
	const { result = 'succeeded', afterSeconds = moment.secondsPerTask } = task.outcome;
	const total = afterSeconds * 1000;
	const elapsed = moment.now - task.createdAt;
	const share = total > 0 ? elapsed / total : 1;
	if (elapsed >= TASK_LIFETIME_MS) return { share, endedAt: undefined, result: 'expired' };
	const { canceledAt = Infinity } = task;
	if (canceledAt <= moment.now) return { share, endedAt: canceledAt, result: 'canceled' };
	if (result === 'never' || elapsed < total)
		return { share, endedAt: undefined, result: undefined };
	return { share, endedAt: task.createdAt + total, result };
}

/** Whether the service knows a task: not yet, or no more. */
export function isKnown(task: SimulatedTask, moment: Moment): boolean {
	const { unknownSeconds = 0 } = task.outcome;
	if (moment.now < task.createdAt + unknownSeconds * 1000) return false;
	return progressOf(task, moment).result !== 'expired';
}

/** What the file host answers as long as the files of a task have not come to it; undefined once they have. */
export function lateStatus(task: SimulatedTask, moment: Moment): number | undefined {
	const { lateFiles } = task.outcome;
	const { endedAt = Infinity } = progressOf(task, moment);
	if (lateFiles === undefined || moment.now >= endedAt + lateFiles.seconds * 1000) return undefined;
	return lateFiles.status ?? 404;
}

/** The status of a task that is under way: of its outcome's own, or one of the service's two `words`. */
export function statusUnderWay(
	{ outcome: { statuses = [] } }: SimulatedTask,
	share: number,
	words: { queued: string; processing: string },
): string {
	if (statuses.length === 0) return share < QUEUED_SHARE ? words.queued : words.processing;
	return statuses[Math.min(Math.floor(share * statuses.length), statuses.length - 1)];
}

/** Whether a task is still in the queue, and so may be canceled. */
export function isQueued(task: SimulatedTask, moment: Moment): boolean {
	const { share, result } = progressOf(task, moment);
	const word = statusUnderWay(task, share, { queued: 'PENDING', processing: 'RUNNING' });
	return result === undefined && word === 'PENDING';
}

/** The addresses of a task's files on the media host, without their endings. */
export function filesOf(task: SimulatedTask, mediaUrl: string, count: number): string[] {
	const day = new Date(task.createdAt).toISOString().slice(0, 10).replaceAll('-', '/');
	return Array.from(
		{ length: count },
		(_, index) => `${mediaUrl}/file/${day}/${BigInt(task.fileId) + BigInt(index)}`,
	);
}

/** Pixels of a task's video: the shorter side by the resolution, the shape as ordered or that of its first frame. */
export function sizeOf({ resolution, ratio = '16:9', sources, mode }: SimulatedTask): {
	width: number;
	height: number;
} {
	const short = parseInt(resolution, 10);
	const [across, down] = ratio.split(':').map(Number);
	const frame = mode === 'image-to-video' ? sources[0]?.image : undefined;
	const shape = frame ? frame.width / frame.height : across / down;
	const long = 2 * Math.round((short * Math.max(shape, 1 / shape)) / 2);
	return shape >= 1 ? { width: long, height: short } : { width: short, height: long };
}

/** The task that a file of the media host belongs to. */
export function ownerOf(path: string, tasks: Iterable<SimulatedTask>): SimulatedTask | undefined {
	const fileId = /\/(\d{19})\.(?:mp4|jpg)(?:\?|$)/.exec(path)?.[1];
	if (fileId === undefined) return undefined;
	return [...tasks].find(({ fileId: first, outcome }) => {
		const index = BigInt(fileId) - BigInt(first);
		return index >= 0 && index < (outcome.videos ?? 1);
	});
}
