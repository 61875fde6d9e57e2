// Why an item has no video, in words that a person can act on: what happened, what it cost, what to do next.
import type { Details } from './task';
import { TASK_HOURS } from './task';

/** What kind of failure it is. After `timeout`, `unreachable` and `download`, a task is paid for and can be collected. */
export type FailureKind =
	| 'input' // the item's parameters or files; nothing was sent
	| 'notOrdered' // the service could not be reached, or was too busy
	| 'refused' // the service said no
	| 'unsure' // it may have been ordered
	| 'taskFailed' // final; a new order is free
	| 'timeout'
	| 'unreachable'
	| 'download'
	| 'gone' // the task can't be found
	| 'denied' // the task can't be looked at with this key
	| 'unexpected' // nothing that was foreseen
	| 'stopped'; // the execution was ended

/** How far a task is that is paid for, as far as this node knows, in words that follow its name. */
export const PAID_STATES = {
	unknown: 'paid for',
	making: 'paid for and still being made',
	made: 'paid for and made',
};

export type PaidState = keyof typeof PAID_STATES;

/** The parts of a description. */
export interface Advice {
	/** What it cost: a whole sentence. Left out where `next` says it. */
	readonly cost?: string;
	/** What to do next, in whole sentences. */
	readonly next?: string;
	/** Of a task that is paid for and can be collected later. */
	readonly paid?: PaidState;
	/** Quoted at the end. */
	readonly details?: Details;
}

/**
 * Why an item has no video. Thrown by what parses input, returned as a {@link Result} by everything else; `output/`
 * makes n8n's error or an output item of it. The service's own words stand only in `description`, since n8n takes an
 * error whose message contains "canceled" for a stop of the whole execution.
 */
export class Failure extends Error {
	constructor(
		readonly kind: FailureKind,
		/** What happened, to which field or task. */
		message: string,
		readonly advice: Advice,
		readonly taskId?: string,
	) {
		super(message);
		this.name = 'Failure';
	}

	/** What it cost, what to do next, how its task is collected, and what the service said. */
	get description(): string {
		const { cost, next, paid, details } = this.advice;
		const collect = paid && this.taskId && collectLater(this.taskId, paid, this.message);
		return [cost, next, collect, details && quoted(details)].filter(Boolean).join(' ');
	}

	/** The same failure with some of its advice changed, or with a task. */
	with(changed: Advice, taskId = this.taskId): Failure {
		return new Failure(this.kind, this.message, { ...this.advice, ...changed }, taskId);
	}

	/** The same failure of an item whose task, if there is one, an earlier try has paid for already. */
	ofPaidTask(taskId: string | undefined): Failure {
		return taskId === undefined ? this : this.with({ cost: undefined, paid: 'unknown' }, taskId);
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

/** How a task that is paid for is collected later. `message`: what is said before, where its id is not repeated from. */
function collectLater(taskId: string, paid: PaidState, message: string): string {
	const task = message.includes(taskId) ? 'The task' : `Task ${taskId}`;
	return `${task} is ${PAID_STATES[paid]}: Task → Wait with its ID brings the video, for about ${TASK_HOURS} hours.`;
}

/** A parameter or file of the item is not what the service takes. `fix`: what to do about it, a whole sentence. */
export function invalidInput(message: string, fix: string): Failure {
	return new Failure('input', message, { cost: NOTHING_ORDERED, next: fix });
}

/** Something that this node did not foresee. `taskId`: what is paid for, where that is known. */
export function unexpected(what: string, taskId: string | undefined): Failure {
	const next =
		'It is not known whether the video was ordered. Look for a task ID in the log of n8n before you order again.';
	const advice: Advice = taskId === undefined ? { next } : { paid: 'unknown' };
	return new Failure('unexpected', `Something unforeseen went wrong: ${what}`, advice, taskId);
}

/** The execution was ended, which its own error tells in place of those of items. */
export function stopped(taskId?: string): Failure {
	return new Failure('stopped', 'The execution was stopped', {}, taskId);
}
