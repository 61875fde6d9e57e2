// Which items may be ordered at all: known for all of them before the first order of a run is sent.
import type { Failure } from '../failure';
import { invalidInput, succeeded } from '../failure';
import type { Job, Limits, Order } from '../order';
import { orderedSeconds, orderFingerprint } from '../order';
import { intendedBefore, orderedAgain, submitUnsure } from './failures';
import type { Intents } from './intents';
import type { Ledger } from './ledger';

/** What the decision needs of a run. */
export interface AdmitContext {
	readonly service: { readonly limits: Limits };
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
	{ service, ledger: { budget } }: Pick<AdmitContext, 'service' | 'ledger'>,
	{ item, settings }: Job,
	order: Order,
): Failure | undefined {
	const seconds = orderedSeconds(order, service.limits);
	const limit = settings.maxTotalSeconds;
	if (budget.reserve(item, seconds, limit)) return undefined;
	return invalidInput(
		`Spending Limit (Seconds of Video) is ${limit}, and this order of ${seconds} would exceed it: ${budget.orderedSeconds} are ordered or about to be`,
		'Raise the limit, or send fewer items.',
	);
}

/** Why an item must not be ordered: an earlier try may have done so. Undefined where it may be. */
function perhapsOrdered(
	{ ledger }: AdmitContext,
	{ item, settings }: Job,
	intended: ReadonlySet<number>,
): Failure | undefined {
	const record = ledger.find(item);
	if (record === undefined && !intended.has(item)) return undefined;
	if (settings.resubmitWhenUnsure) return ledger.allowAgain(item) ? undefined : orderedAgain();
	return record === undefined ? intendedBefore() : submitUnsure(record.details ?? {});
}

/** The items of which a retried execution has no record, but finds an intent. */
async function findIntended(
	{ ledger, intents, isRetry }: AdmitContext,
	jobs: readonly Job[],
): Promise<ReadonlySet<number>> {
	if (!isRetry) return new Set();
	const unknown = jobs.filter(
		({ item, action }) => action.kind === 'create' && ledger.find(item) === undefined,
	);
	return await intents.find(unknown.map(({ item }) => item));
}

/** A tool call that asks for what an earlier one has paid for goes on with that. */
function withEarlierCall(ledger: Ledger, job: Job): Job {
	if (job.action.kind !== 'create') return job;
	const { order } = job.action;
	ledger.claim(job.item, orderFingerprint(order));
	const task = ledger.find(job.item)?.task;
	if (task === undefined) return job;
	return { ...job, action: { kind: 'resume', task, readOrder: async () => succeeded(order) } };
}

/**
 * Sorts out the jobs that must not be ordered: perhaps ordered by an earlier try, or over the spending limit. Reserves
 * what the others cost. Sends nothing; a stop ends it early, and then nothing is reserved.
 */
export async function admit(context: AdmitContext, read: readonly Job[]): Promise<Admitted[]> {
	if (context.cancel.aborted) return [];
	const jobs = read.map((job) => withEarlierCall(context.ledger, job));
	const intended = await findIntended(context, jobs);
	context.ledger.noteIntended(intended);
	if (context.cancel.aborted) return [];
	return jobs.map((job) => {
		const { action } = job;
		if (action.kind !== 'create') return { job, failure: undefined };
		const failure = perhapsOrdered(context, job, intended) ?? reserve(context, job, action.order);
		return { job, failure };
	});
}
