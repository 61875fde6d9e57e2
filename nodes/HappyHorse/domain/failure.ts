// Why an item has no video, in words that a person can act on: what happened, what it cost, what to do next.
import type { Details } from './task';
import { TASK_HOURS } from './task';

/**
 * `input`: the item's parameters or files; nothing was sent. `notOrdered`: the service could not be reached, or was
 * too busy. `refused`: the service said no. `unsure`: it may have been ordered. `taskFailed`: final, a new order is
 * free. `timeout`, `unreachable`, `download`: the task is paid for and can be gone on with. `gone`, `denied`: the task
 * can't be looked at with this key. `stopped`: the execution was ended. `unexpected`: nothing that was foreseen.
 */
export type FailureKind =
	| 'input'
	| 'notOrdered'
	| 'refused'
	| 'unsure'
	| 'taskFailed'
	| 'timeout'
	| 'unreachable'
	| 'download'
	| 'gone'
	| 'denied'
	| 'unexpected'
	| 'stopped';

/** The two halves of a description; `details` are quoted at its end. */
export interface Advice {
	/** What it cost: a whole sentence. Left out where `next` says it. */
	readonly cost?: string;
	/** What to do next, in whole sentences. */
	readonly next: string;
	readonly details?: Details;
}

/**
 * Why an item has no video. Thrown by what parses input, returned as a {@link Result} by everything else; `output/`
 * makes n8n's error or an output item of it. The service's own words stand only in `description`, since n8n takes an
 * error whose message contains "canceled" for a stop of the whole execution.
 */
export class Failure extends Error {
	readonly taskId?: string;
	readonly code?: string;
	readonly requestId?: string;
	readonly httpStatus?: number;

	constructor(
		readonly kind: FailureKind,
		/** What happened, to which field or task. */
		message: string,
		private readonly advice: Advice,
		taskId?: string,
	) {
		super(message);
		this.name = 'Failure';
		this.taskId = taskId;
		this.code = advice.details?.code;
		this.requestId = advice.details?.requestId;
		this.httpStatus = advice.details?.httpStatus;
	}

	/** What it cost, what to do next, and what the service said. */
	get description(): string {
		const { cost, next, details } = this.advice;
		return [cost, next, details && quoted(details)].filter(Boolean).join(' ');
	}

	/** The same failure of an item whose task an earlier try has paid for already. */
	ofPaidTask(taskId: string): Failure {
		const { next, details } = this.advice;
		const advice = { next: `${next} ${collectLater(taskId)}`, details };
		return new Failure(this.kind, this.message, advice, taskId);
	}
}

/** A value, or why there is none. */
export type Result<T> =
	| { readonly ok: true; readonly value: T }
	| { readonly ok: false; readonly failure: Failure };

/** What became of one item, by its index from 0. */
export interface Outcome<T> {
	readonly item: number;
	readonly result: Result<T>;
}

/** The failed items that ended a run: one, or all that were known before anything was ordered. */
export type Failures = readonly [FailedItem, ...FailedItem[]];

/** An item without a video, and why. */
export interface FailedItem {
	readonly item: number;
	readonly failure: Failure;
}

/** What became of a run. `failed` and `stopped` end it without outcomes for every item. */
export type RunResult<T> =
	| { readonly kind: 'finished'; readonly outcomes: ReadonlyArray<Outcome<T>> }
	| { readonly kind: 'failed'; readonly failures: Failures }
	| { readonly kind: 'stopped' };

/** What a run may have cost. */
export interface PaidTasks {
	/** Tasks that are paid for, and the items they belong to. */
	readonly tasks: ReadonlyArray<{ readonly item: number; readonly taskId: string }>;
	/** Items that may have been ordered: no task id is known. */
	readonly unsure: readonly number[];
}

/** The good {@link Result}. */
export function succeeded<T>(value: T): Result<T> {
	return { ok: true, value };
}

/** The bad {@link Result}. */
export function failed<T>(failure: Failure): Result<T> {
	return { ok: false, failure };
}

/** What most failures before an order cost. */
export const NOTHING_ORDERED = 'Nothing was ordered for this item.';

/** The service's own words and ids, for the end of a description; '' when it said nothing. */
function quoted({ text, code, requestId }: Details): string {
	const parts = [
		text && `It said: "${text}".`,
		code && `Code: ${code}.`,
		requestId && `Request ID, for the support of the service: ${requestId}.`,
	];
	return parts.filter(Boolean).join(' ');
}

/** `ms` in minutes, in words: at most two digits behind the point. */
export function minutesOf(ms: number): string {
	const minutes = Math.max(0.01, Number((ms / 60_000).toFixed(2)));
	return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

/** How a task that is paid for is collected later. `state` completes "Task … is paid for". */
export function collectLater(taskId: string, state = ''): string {
	return (
		`Task ${taskId} is paid for${state}. Collect its video with the resource Task, operation Wait, and this task ID, or, ` +
		`if the execution failed, retry it; the service keeps the task for about ${TASK_HOURS} hours.`
	);
}

/** A parameter or file of the item is not what the service takes. `fix`: what to do about it, a whole sentence. */
export function invalidInput(message: string, fix: string): Failure {
	return new Failure('input', message, { cost: NOTHING_ORDERED, next: fix });
}

/** Something that this node did not foresee. `taskId`: what is paid for, where that is known. */
export function unexpected(what: string, taskId: string | undefined): Failure {
	const next =
		taskId === undefined
			? 'It is not known whether the video was ordered. Look for a task ID in the log of n8n before you order again.'
			: collectLater(taskId);
	return new Failure('unexpected', `Something unforeseen went wrong: ${what}`, { next }, taskId);
}

/** The execution was ended. Worded without the word that n8n reads as a stop of its own. */
export function stopped(taskId?: string): Failure {
	const next = taskId === undefined ? NOTHING_ORDERED : collectLater(taskId);
	return new Failure('stopped', 'The execution was stopped', { next }, taskId);
}
