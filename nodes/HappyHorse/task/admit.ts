// Which items may be ordered at all: known for all of them before the first order of a run is sent.
import type { Failure, Outcome } from '../domain/failure';
import { failed, invalidInput, succeeded } from '../domain/failure';
import type { Limits } from '../domain/limits';
import type { DryRun, Job, Order } from '../domain/order';
import { orderedSeconds } from '../domain/order';
import type { AcceptedTask } from '../domain/task';
import type { Service } from '../service/service';
import { clock } from '../util/clock';
import { fingerprint } from '../util/fingerprint';
import { Budget } from './budget';
import type { Found, Intents } from './intents';
import type { Ledger } from './ledger';
import { intendedBefore, orderedAgain, submitUnsure } from './messages';

/** What the decision needs of a run. */
export interface AdmitContext {
	readonly service: Pick<Service, 'limits' | 'pages'>;
	readonly ledger: Ledger;
	readonly intents: Intents;
	/** A manual "Retry": an intent without a record means that the item may have been ordered. */
	readonly isRetry: boolean;
	/** The execution was stopped. */
	readonly cancel: AbortSignal;
}

/** A job that may be carried out, or why it must not be. */
export interface Admitted {
	readonly job: Job;
	readonly failure: Failure | undefined;
}

/** Reserves what an order costs; or says why the spending limit does not allow it. */
export function reserve(
	budget: Budget,
	limits: Limits,
	{ item, settings }: Pick<Job, 'item' | 'settings'>,
	order: Order,
): Failure | undefined {
	const seconds = orderedSeconds(order, limits);
	const limit = settings.maxTotalSeconds;
	if (budget.reserve(item, seconds, limit)) return undefined;
	return overLimit(limit, seconds, budget);
}

/** Why an item must not be ordered: an earlier try may have done so. Undefined where it may be. */
function perhapsOrdered(
	{ ledger, service: { pages } }: AdmitContext,
	{ item, settings }: Job,
	isIntended: boolean,
): Failure | undefined {
	const record = ledger.find(item);
	if (record === undefined && !isIntended) return undefined;
	if (settings.resubmitWhenUnsure) return ledger.allowAgain(item) ? undefined : orderedAgain(pages);
	const details = record?.details;
	return isIntended && details === undefined
		? intendedBefore(pages)
		: submitUnsure(details ?? {}, pages);
}

/**
 * What the intents in n8n's database tell a retried execution about items of which it knows no task: by what stands in
 * its record, else by what the item asks for.
 */
async function findIntended(
	{ ledger, intents, isRetry }: AdmitContext,
	jobs: readonly Job[],
): Promise<ReadonlyMap<number, Found>> {
	if (!isRetry) return new Map();
	const open = jobs.filter(({ action }) => action.kind === 'create').map(({ item }) => item);
	const unsure = open.flatMap((item) => {
		const intent = ledger.find(item)?.intent;
		return intent === undefined ? [] : [{ item, intent }];
	});
	const ids = await intents.read(unsure.map(({ intent }) => intent));
	const unknown = open.filter((item) => ledger.find(item) === undefined);
	const found = await intents.find(unknown, ledger.hasEarlierRecord);
	return new Map([
		...unsure.map(({ item, intent }) => [item, { intent, taskId: ids.get(intent) }] as const),
		...found,
	]);
}

/** A job whose task an intent tells goes on with that; one whose intent tells none is put on record. */
function withFound(ledger: Ledger, job: Job, found: Found | undefined): Job {
	const { action, item } = job;
	if (action.kind !== 'create' || found?.intent === undefined) return job;
	const { intent, taskId } = found;
	if (taskId === undefined) {
		ledger.suspect(item, clock.now(), intent);
		return job;
	}
	ledger.recover(item, clock.now(), intent, taskId);
	return goingOn(job, action.order, { taskId });
}

function goingOn(job: Job, order: Order, task: AcceptedTask): Job {
	return { ...job, action: { kind: 'resume', task, readOrder: async () => succeeded(order) } };
}

/** A tool call that asks for what an earlier one has paid for goes on with that. */
function withEarlierCall(ledger: Ledger, job: Job): Job {
	if (job.action.kind !== 'create' || !ledger.run.inTool) return job;
	const { order } = job.action;
	// Functions do not count, so a link that is signed anew makes no other order
	ledger.claim(job.item, fingerprint(order));
	const task = ledger.find(job.item)?.task;
	if (task === undefined) return job;
	return goingOn(job, order, task);
}

/**
 * Sorts out the jobs that must not be ordered: perhaps ordered by an earlier try, or over the spending limit. Reserves
 * what the others cost. Sends nothing; a stop ends it early, and then nothing is reserved.
 */
export async function admit(context: AdmitContext, read: readonly Job[]): Promise<Admitted[]> {
	if (context.cancel.aborted) return [];
	const { ledger } = context;
	const jobs = read.map((job) => withEarlierCall(ledger, job));
	const intended = await findIntended(context, jobs);
	context.ledger.noteIntended(new Set(intended.keys()));
	if (context.cancel.aborted) return [];
	return jobs.map((one) => {
		const found = intended.get(one.item);
		const job = withFound(ledger, one, found);
		const { action } = job;
		if (action.kind !== 'create') return { job, failure: undefined };
		const failure =
			perhapsOrdered(context, job, found !== undefined) ??
			reserve(ledger.budget, context.service.limits, job, action.order);
		return { job, failure };
	});
}

/** Items that a message lists, at most. */
const MOST_LISTED = 20;

function countedSoFar({ items, earlierSeconds }: Budget['counted']): string {
	const named = [...items].slice(0, MOST_LISTED).map(([item, n]) => `item ${item} (${n})`);
	const more = items.size - named.length;
	if (more > 0) named.push(`${more} more item${more === 1 ? '' : 's'}`);
	if (earlierSeconds > 0) {
		named.push(`earlier runs of this node in this execution (${earlierSeconds})`);
	}
	return named.length === 0 ? '' : `Counted so far: ${named.join(', ')}. `;
}

/** The spending limit `limit` does not allow an order of `seconds`. */
export function overLimit(
	limit: number,
	seconds: number,
	{ orderedSeconds, counted }: Pick<Budget, 'counted' | 'orderedSeconds'>,
): Failure {
	return invalidInput(
		`Spending Limit (Seconds) is ${limit}, and this order of ${seconds} would exceed it: ${orderedSeconds} are ordered or about to be`,
		`${countedSoFar(counted)}Raise the Spending Limit in Options, shorten the videos, or send fewer items.`,
	);
}

/** Which dry runs the spending limit lets pass, and what they would cost. */
export interface AdmittedDryRuns {
	readonly admitted: ReadonlyArray<Outcome<DryRun>>;
	readonly budget: Budget;
}

/**
 * Holds dry runs against the spending limit as if they were ordered now. `ordered`: what this execution has ordered, which
 * stays as it is.
 */
export function admitDryRuns(
	dryRuns: readonly DryRun[],
	limits: Limits,
	{ orderedSeconds }: Pick<Budget, 'orderedSeconds'>,
): AdmittedDryRuns {
	const budget = new Budget({ orderedSeconds });
	const admitted = dryRuns.map((dryRun) => {
		const { item, order } = dryRun;
		const failure = reserve(budget, limits, dryRun, order);
		budget.commit(item);
		return { item, result: failure === undefined ? succeeded(dryRun) : failed<DryRun>(failure) };
	});
	return { admitted, budget };
}
