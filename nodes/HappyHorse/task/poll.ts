// Step 3: a paid task becomes a finished one. Asks until the answer is final, or the deadline has come.
import { backoffMs } from '../util/backoff';
import { clock } from '../util/clock';
import type { Failure, Result } from '../domain/failure';
import { failed, stopped, succeeded } from '../domain/failure';
import type { Job } from '../domain/order';
import type { CancelVerdict, Pages, Patience, QueryVerdict } from '../service/service';
import type { Details, VideoTask } from '../domain/task';
import type { RunContext } from './context';
import * as messages from './messages';

/** Ms that Task Get goes on asking when no usable answer comes. */
export const GET_PATIENCE_MS = 60_000;

/** Ms that the last query may take, which goes out when the time is over. */
const LAST_QUERY_MS = 2000;

/** Ms from its order for which a service may not know a task yet. */
const UNKNOWN_YET_MS = 60_000;

/** What a question may be answered. */
type Verdict = QueryVerdict | CancelVerdict;

/** A question about a task that is asked until its answer ends it. */
interface Question<T> {
	/** Ms until it is asked first; at once, if left out. */
	readonly afterMs?: number;
	/** Puts it, where it is not simply how the task stands. */
	send?(patience: Patience): Promise<Verdict>;
	/** What this answer ends it with; undefined: ask again. */
	end(verdict: Verdict): Result<T> | undefined;
	/**
	 * The failure when the deadline has come; that there is no usable answer, if left out. `status`: as it was heard last.
	 * `details`: of the last answer, where that told none.
	 */
	timeUp?(status: string | undefined, details: Details | undefined): Failure;
	/** Waits until it is worth asking, where that may be later than it is due. `since`: by the monotonic clock. */
	worthAsking?(since: number): Promise<void>;
}

/** Part of a poll interval that a new task is left alone at least. */
const FIRST_POLL_FROM = 0.25;

/** Steps of this part of an interval lie evenly in it, however many there are: the golden ratio's property. */
const EVEN_STEP = 0.618034;

/**
 * Ms from the order of an item to the first query of its task. Items that are ordered together get first queries spread
 * evenly over one whole poll interval, so that neither queries come in bursts nor all of them notice late what ends at
 * the same time. `phase`: from 0 to 1, shifts them all.
 */
export function firstPollMs(intervalMs: number, item: number, phase: number): number {
	return intervalMs * (FIRST_POLL_FROM + ((phase + item * EVEN_STEP) % 1));
}

/** Ms until a task is asked for again. That the whole account has to pause is up to its pace, which also spreads queries. */
function nextPollMs(verdict: Verdict, misses: number, intervalMs: number, random: number): number {
	if (verdict.kind !== 'trouble' || verdict.busy) return intervalMs;
	return Math.max(verdict.retryAfterMs ?? 0, intervalMs, backoffMs(misses, intervalMs, random));
}

/** Whatever throws here while asking: the task is paid for all the same. */
const WENT_WRONG: Verdict = {
	kind: 'trouble',
	details: { text: 'Something went wrong in n8n while it was asked.' },
};

/**
 * Asks until an answer ends it; a last time at the deadline (of the monotonic clock), unless that has cut off an answer. Pauses
 * between two queries are the job's Poll Interval, or longer.
 */
async function ask<T>(
	{ service, pace, random, signal }: RunContext,
	{ settings: { pollIntervalMs } }: Job,
	taskId: string,
	deadline: number,
	question: Question<T>,
): Promise<Result<T>> {
	let status: string | undefined;
	let details: Details | undefined;
	let misses = 0;
	const timeUp = () =>
		question.timeUp?.(status, details) ?? messages.taskUnreachable(taskId, details ?? {});
	let due = clock.monotonic() + (question.afterMs ?? 0);
	for (let since = clock.monotonic(); ; ) {
		await question.worthAsking?.(since);
		const now = clock.monotonic();
		const send = async () => {
			since = clock.monotonic();
			const withinMs = since < deadline ? deadline - since : LAST_QUERY_MS;
			const patience = { signal, withinMs };
			const asked = question.send?.(patience) ?? service.query(taskId, patience);
			return await asked.catch(() => WENT_WRONG);
		};
		const waits = { afterMs: Math.max(0, due - now), withinMs: deadline - now, signal };
		const verdict = await pace.send('queries', waits, send);
		if (signal.aborted) return failed(stopped(taskId));
		if (verdict === undefined)
			return failed(messages.pausedTooLong(taskId, pace.pausedMs('queries'), timeUp()));
		const ended = question.end(verdict);
		if (ended !== undefined) return ended;
		if (verdict.kind === 'trouble') {
			status = verdict.status ?? status;
			({ details } = verdict);
			misses += 1;
		} else {
			if (verdict.kind === 'going') ({ status } = verdict.task);
			details = undefined;
			misses = 0;
		}
		const answeredAt = clock.monotonic();
		due = answeredAt + nextPollMs(verdict, misses, pollIntervalMs, random());
		if (answeredAt >= deadline) return failed(timeUp());
	}
}

/** How an answer ends the wait for a video; undefined: the task is not finished, or the answer is not about it. */
function finalVerdict(
	taskId: string,
	verdict: Verdict,
	isOrder: boolean,
	pages: Pages,
): Result<VideoTask> | undefined {
	switch (verdict.kind) {
		case 'succeeded':
			return succeeded(verdict.task);
		case 'failed':
			return failed(messages.taskFailed(taskId, verdict, pages));
		case 'gone':
			return failed(messages.taskGone(taskId, verdict.details, isOrder));
		case 'denied':
			return failed(messages.denied(verdict, pages, taskId, isOrder ? 'unknown' : undefined));
		case 'going':
		case 'trouble':
		case 'answered':
			return undefined;
	}
}

/**
 * Asks until a task has succeeded. Answers that say nothing about the task (429, 5xx, no connection, unreadable) are
 * followed by growing pauses, also a status that nobody knows; one good answer resets them. Failed, not found and refused
 * end the wait at once; but a task whose order was heard of less than a minute ago may not be known yet.
 * @param deadline until when, by the monotonic clock
 * @param ageMs ms since this execution heard of its order; left out where it did not order it itself
 */
export async function pollTask(
	run: RunContext,
	job: Job,
	taskId: string,
	deadline: number,
	ageMs = Infinity,
): Promise<Result<VideoTask>> {
	const { service, watchlist, phase } = run;
	const { pollIntervalMs, timeoutMs } = job.settings;
	const knownFrom = clock.monotonic() + UNKNOWN_YET_MS - Math.max(0, ageMs);
	const leave = watchlist.join(pollIntervalMs);
	try {
		return await ask(run, job, taskId, deadline, {
			afterMs: firstPollMs(pollIntervalMs, job.item, phase),
			end: (verdict) =>
				verdict.kind === 'gone' && clock.monotonic() < knownFrom
					? undefined
					: finalVerdict(taskId, verdict, job.mode !== undefined, service.pages),
			timeUp: (status, details) => messages.pollTimeout(taskId, status, timeoutMs, details),
			worthAsking: async (since) => await watchlist.worthAsking(run, taskId, since, deadline),
		});
	} finally {
		leave();
	}
}

/** How a task stands; asks again only where no usable answer comes, until `deadline`. */
export async function getTask(
	run: RunContext,
	job: Job,
	taskId: string,
	deadline = clock.monotonic() + GET_PATIENCE_MS,
): Promise<Result<VideoTask>> {
	return await ask(run, job, taskId, deadline, {
		end: (verdict) =>
			'task' in verdict
				? succeeded(verdict.task)
				: finalVerdict(taskId, verdict, false, run.service.pages),
	});
}

/** Takes a task out of the queue, where it still is in it, and tells how it stands then: as {@link getTask} does. */
export async function cancelTask(
	run: RunContext,
	job: Job,
	taskId: string,
): Promise<Result<VideoTask>> {
	const { service } = run;
	const deadline = clock.monotonic() + GET_PATIENCE_MS;
	const canceled = await ask<VideoTask | undefined>(run, job, taskId, deadline, {
		send: async (patience) =>
			(await service.cancelTask?.(taskId, patience)) ?? { kind: 'answered' },
		end: (verdict) =>
			verdict.kind === 'answered'
				? succeeded(undefined)
				: finalVerdict(taskId, verdict, false, service.pages),
	});
	return canceled.ok ? await getTask(run, job, taskId, deadline) : canceled;
}

/**
 * Asks once more about a task that has succeeded, for newer links; undefined when the answer brings none before `deadline`
 * (of the monotonic clock).
 */
export async function queryAgain(
	run: RunContext,
	job: Job,
	taskId: string,
	deadline: number,
): Promise<VideoTask | undefined> {
	if (clock.monotonic() >= deadline) return undefined;
	const answered = await ask<VideoTask | undefined>(run, job, taskId, deadline, {
		end: (verdict) => succeeded(verdict.kind === 'succeeded' ? verdict.task : undefined),
	});
	return answered.ok ? answered.value : undefined;
}
