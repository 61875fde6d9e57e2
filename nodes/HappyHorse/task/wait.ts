// Step 3: a paid task becomes a finished one. Asks until the answer is final, or time is up.
import { backoffMs, pollPauseMs } from '../backoff';
import { clock } from '../clock';
import type { Fault } from '../fault';
import { stopped, taskDenied, taskFailed, taskGone, taskUnreachable, waitTimeout } from '../fault';
import type { Service } from '../service/client';
import type { Task } from '../service/contract';
import type { QueryVerdict, Says } from '../service/verdict';
import type { Timetable } from './pace';
import { turn } from './pace';

/** Ms that Task Get goes on asking when no usable answer comes. */
export const GET_PATIENCE_MS = 60_000;

/** What waiting needs beside the task. */
export interface Waiting {
	readonly service: Service;
	readonly timetable: Timetable;
	/** Ends the wait at once. */
	readonly signal: AbortSignal;
	/** Texts that no message may quote. */
	readonly secrets: readonly string[];
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/** What came of watching a task. */
export type Watched =
	| { readonly kind: 'seen'; readonly task: Task }
	| { readonly kind: 'fault'; readonly fault: Fault };

function fault(of: Fault): Watched {
	return { kind: 'fault', fault: of };
}

/** The end of a watch that this answer brings, or undefined when it is to be asked again. */
function ending(taskId: string, verdict: QueryVerdict, anyAnswer: boolean): Watched | undefined {
	switch (verdict.kind) {
		case 'succeeded':
			return { kind: 'seen', task: verdict.task };
		case 'failed':
			return anyAnswer
				? { kind: 'seen', task: verdict.task }
				: fault(taskFailed(taskId, verdict.says));
		case 'going':
			return anyAnswer ? { kind: 'seen', task: verdict.task } : undefined;
		case 'gone':
			return fault(taskGone(taskId, verdict.says));
		case 'denied':
			return fault(taskDenied(taskId, verdict.says));
		case 'trouble':
			return undefined;
	}
}

/** How long and how often to ask. Times in ms. */
interface Patience {
	/** When the first query is due, and when the last one is, since 1970. */
	readonly firstAt: number;
	readonly deadline: number;
	/** The shortest pause between two queries. */
	readonly intervalMs: number;
}

/** What was heard of a task so far: for the fault when time is up, and for the next pause. */
interface Heard {
	readonly status: string | undefined;
	readonly says: Says;
	/** Answers in a row that said nothing about the task. */
	readonly troubles: number;
}

function heardMore(before: Heard, verdict: QueryVerdict): Heard {
	if (verdict.kind === 'trouble') {
		return { ...before, says: verdict.says, troubles: before.troubles + 1 };
	}
	const status = verdict.kind === 'going' ? verdict.task.status : before.status;
	return { ...before, status, troubles: 0 };
}

/** Ms until a task is asked about again. That the whole account has to pause is up to the {@link Timetable}. */
function askAgainMs(
	verdict: QueryVerdict,
	troubles: number,
	intervalMs: number,
	random: number,
): number {
	const pollPause = pollPauseMs(intervalMs, random);
	if (verdict.kind !== 'trouble' || verdict.busy) return pollPause;
	return Math.max(verdict.retryAfterMs ?? 0, pollPause, backoffMs(troubles, intervalMs, random));
}

async function watch(
	taskId: string,
	waiting: Waiting,
	patience: Patience,
	anyAnswer: boolean,
	timeUp: (heard: Heard) => Fault,
): Promise<Watched> {
	const { service, timetable, signal } = waiting;
	const { deadline, intervalMs } = patience;
	let heard: Heard = { status: undefined, says: {}, troubles: 0 };
	let due = patience.firstAt;
	for (;;) {
		await turn(timetable, due, deadline, signal);
		if (signal.aborted) return fault(stopped(taskId));
		const last = clock.now() >= deadline;
		const verdict = await service.query(taskId, waiting.secrets);
		if (signal.aborted) return fault(stopped(taskId));
		if (verdict.kind !== 'trouble') timetable.served();
		else if (verdict.busy) timetable.turnedAway(verdict.retryAfterMs, waiting.random());
		const end = ending(taskId, verdict, anyAnswer);
		if (end !== undefined) return end;
		heard = heardMore(heard, verdict);
		due = clock.now() + askAgainMs(verdict, heard.troubles, intervalMs, waiting.random());
		if (last) return fault(timeUp(heard));
	}
}

/**
 * Waits until a task has succeeded. Answers that say nothing about the task (429, 5xx, no connection, unreadable) are
 * asked again with growing pauses, also a word for a status that nobody knows; one good answer resets the pauses. At
 * the deadline one last question is asked. Failed, not found and refused end the wait at once.
 */
export async function waitForTask(
	taskId: string,
	waiting: Waiting,
	patience: Patience,
	timeoutMs: number,
): Promise<Watched> {
	return await watch(taskId, waiting, patience, false, ({ status }) =>
		waitTimeout(taskId, status, timeoutMs),
	);
}

/** Asks about a task once; again only where no usable answer came, for {@link GET_PATIENCE_MS}. */
export async function askForTask(
	taskId: string,
	waiting: Waiting,
	intervalMs: number,
): Promise<Watched> {
	const now = clock.now();
	const patience = { firstAt: now, deadline: now + GET_PATIENCE_MS, intervalMs };
	return await watch(taskId, waiting, patience, true, ({ says }) => taskUnreachable(taskId, says));
}
