// Step 3: a paid task becomes a finished one. Polls until the answer is final, or the deadline has come.
import { backoffMs } from '../util/backoff';
import { clock } from '../util/clock';
import type { Failure, Result } from '../domain/failure';
import { failed, stopped, succeeded } from '../domain/failure';
import type { Job } from '../domain/order';
import type { Pages, QueryVerdict, Service } from '../service/service';
import type { Details, VideoTask } from '../domain/task';
import type { RunContext } from './context';
import { firstPollMs, pollPauseMs } from './requestQueue';
import {
	pollTimeout,
	taskCancelled,
	taskDenied,
	taskFailed,
	taskGone,
	taskUnreachable,
} from './messages';

/** Ms that Task Get goes on asking when no usable answer comes. */
export const GET_PATIENCE_MS = 60_000;

/** One task to poll. Times in ms. */
interface Poll {
	readonly taskId: string;
	/** When the first query is due, since 1970. */
	readonly firstAt: number;
	/** When the last query is due, since 1970. */
	readonly deadline: number;
	/** The shortest pause between two queries. */
	readonly intervalMs: number;
	/** The task or failure with which this answer ends the polling; undefined: go on. */
	end(verdict: QueryVerdict): Result<VideoTask> | undefined;
	/** The failure when the deadline has come. */
	timeUp(heard: Heard): Failure;
}

/** What was heard of a task so far: for the failure when time is up, and for the next pause. */
interface Heard {
	readonly status: string | undefined;
	readonly details: Details;
	/** Answers in a row that said nothing about the task. */
	readonly troubles: number;
}

function heardMore(before: Heard, verdict: QueryVerdict): Heard {
	if (verdict.kind === 'trouble') {
		const { details, status = before.status } = verdict;
		return { status, details, troubles: before.troubles + 1 };
	}
	const status = verdict.kind === 'going' ? verdict.task.status : before.status;
	return { ...before, status, troubles: 0 };
}

/** Ms until a task is polled again. That the whole account has to pause is up to the {@link RequestQueue}. */
function nextPollMs(
	verdict: QueryVerdict,
	troubles: number,
	intervalMs: number,
	random: number,
): number {
	const pollPause = pollPauseMs(intervalMs, random);
	if (verdict.kind !== 'trouble' || verdict.busy) return pollPause;
	return Math.max(verdict.retryAfterMs ?? 0, pollPause, backoffMs(troubles, intervalMs, random));
}

async function poll(
	{ service, queue, random }: RunContext,
	{ taskId, firstAt, deadline, intervalMs, end, timeUp }: Poll,
	signal: AbortSignal,
): Promise<Result<VideoTask>> {
	let heard: Heard = { status: undefined, details: {}, troubles: 0 };
	let due = firstAt;
	for (;;) {
		await queue.turn({ earliest: due, latest: deadline }, signal);
		if (signal.aborted) return failed(stopped(taskId));
		const last = clock.now() >= deadline;
		const verdict = await service.query(taskId, signal);
		if (signal.aborted) return failed(stopped(taskId));
		if (verdict.kind !== 'trouble') queue.served();
		else if (verdict.busy) queue.rateLimited(verdict.retryAfterMs, random());
		const ended = end(verdict);
		if (ended !== undefined) return ended;
		heard = heardMore(heard, verdict);
		due = clock.now() + nextPollMs(verdict, heard.troubles, intervalMs, random());
		if (last) return failed(timeUp(heard));
	}
}

/** How an answer ends the wait for a video; undefined: the task is still going, or the answer is not about it. */
export function finalVerdict(
	taskId: string,
	verdict: QueryVerdict,
	isOrder: boolean,
	pages: Pages,
): Result<VideoTask> | undefined {
	switch (verdict.kind) {
		case 'succeeded':
			return succeeded(verdict.task);
		case 'failed':
			return verdict.task.state === 'canceled'
				? failed(taskCancelled(taskId, verdict.details))
				: failed(taskFailed(taskId, verdict.details, pages, verdict.reason));
		case 'gone':
			return failed(taskGone(taskId, verdict.details, isOrder));
		case 'denied':
			return failed(taskDenied(taskId, verdict.reason, verdict.details, isOrder));
		case 'going':
		case 'trouble':
			return undefined;
	}
}

/**
 * Polls until a task has succeeded. Answers that say nothing about the task (429, 5xx, no connection, unreadable) are
 * followed by growing pauses, also a status that nobody knows; one good answer resets them. At the deadline one last
 * query is sent. Failed, not found and refused end the wait at once.
 * @param startedAt ms since 1970, when the job's timeout began
 */
export async function pollTask(
	context: RunContext,
	{ item, mode, settings }: Job,
	taskId: string,
	startedAt: number,
	signal: AbortSignal,
): Promise<Result<VideoTask>> {
	const { pollIntervalMs, timeoutMs } = settings;
	return await poll(
		context,
		{
			taskId,
			firstAt: clock.now() + firstPollMs(pollIntervalMs, item, context.phase),
			deadline: startedAt + timeoutMs,
			intervalMs: pollIntervalMs,
			end: (verdict) => finalVerdict(taskId, verdict, mode !== undefined, context.service.pages),
			timeUp: ({ status, details, troubles }) =>
				pollTimeout(taskId, status, timeoutMs, troubles > 0 ? details : undefined),
		},
		signal,
	);
}

/** Asks about a task once; again only where no usable answer came, for {@link GET_PATIENCE_MS}. */
export async function getTask(
	context: RunContext,
	{ settings }: Job,
	taskId: string,
	signal: AbortSignal,
): Promise<Result<VideoTask>> {
	const now = clock.now();
	return await poll(
		context,
		{
			taskId,
			firstAt: now,
			deadline: now + GET_PATIENCE_MS,
			intervalMs: settings.pollIntervalMs,
			end: (verdict) =>
				'task' in verdict
					? succeeded(verdict.task)
					: finalVerdict(taskId, verdict, false, context.service.pages),
			timeUp: ({ details }) => taskUnreachable(taskId, details),
		},
		signal,
	);
}

/** The service, with queries that first take the task out of the queue; once that is answered, they are queries. */
function cancelling(service: Service): Service {
	let isAnswered = service.cancelTask === undefined;
	return {
		...service,
		async query(taskId, signal) {
			const verdict = isAnswered ? undefined : await service.cancelTask?.(taskId, signal);
			if (verdict !== undefined && verdict.kind !== 'answered') return verdict;
			isAnswered = true;
			return await service.query(taskId, signal);
		},
	};
}

/** Takes a task out of the queue, where it still is in it, and tells how it stands then: as {@link getTask} does. */
export async function cancelTask(
	context: RunContext,
	job: Job,
	taskId: string,
	signal: AbortSignal,
): Promise<Result<VideoTask>> {
	return await getTask({ ...context, service: cancelling(context.service) }, job, taskId, signal);
}

/**
 * Asks once more about a task that has succeeded, for newer links, in the queue like any query; undefined when the answer
 * brings none before `deadline` (ms since 1970).
 */
export async function queryAgain(
	{ service, queue, random }: RunContext,
	taskId: string,
	deadline: number,
	signal: AbortSignal,
): Promise<VideoTask | undefined> {
	if (queue.resumesAt >= deadline) return undefined;
	await queue.turn({ earliest: clock.now(), latest: deadline }, signal);
	if (signal.aborted || clock.now() >= deadline) return undefined;
	const verdict = await service.query(taskId, signal);
	if (verdict.kind !== 'trouble') queue.served();
	else if (verdict.busy) queue.rateLimited(verdict.retryAfterMs, random());
	return verdict.kind === 'succeeded' ? verdict.task : undefined;
}
