// Which items may be ordered at all: known for all of them before the first order of a run is sent.
import type { Fault } from '../fault';
import { invalidInput, markedBefore, submitUnsure } from '../fault';
import type { Job, Order } from '../request/order';
import { orderSeconds } from '../request/order';
import type { Ledger } from './ledger';
import type { Marks } from './marks';

/** What the decision hangs on. */
export interface Admission {
	readonly ledger: Ledger;
	readonly marks: Marks;
	/** A manual "Retry": a mark without a record means that the item may have been ordered. */
	readonly isRetry: boolean;
	/** The fingerprint of an item's unevaluated request and input. */
	printOf(item: number): string;
	/** What the marks of an item are made of. */
	markBaseOf(item: number): string;
}

/** A job that may be carried out, or why it must not be. */
export type Admitted = { readonly job: Job; readonly fault: Fault | undefined };

/** Reserves what an order costs; or says why the spending limit does not allow it. */
export function reserve(ledger: Ledger, job: Job, order: Order): Fault | undefined {
	const seconds = orderSeconds(order);
	const { maxTotalSeconds } = job.settings;
	if (ledger.orderedSeconds + seconds > maxTotalSeconds) {
		return invalidInput(
			`Spending Limit (Seconds of Video) is ${maxTotalSeconds}, and this order of ${seconds} would exceed it: ${ledger.orderedSeconds} are ordered or about to be`,
			'Raise the limit, or send fewer items.',
		);
	}
	ledger.reserve(job.item, seconds);
	return undefined;
}

/** Why an item must not be ordered: an earlier try may have done so. Undefined where it may be. */
function unsureFault(
	{ ledger, printOf, markBaseOf }: Admission,
	job: Job,
	marked: ReadonlySet<string>,
): Fault | undefined {
	if (job.wish.kind !== 'order' || job.settings.resubmitWhenUnsure) return undefined;
	const record = ledger.find(job.item, printOf(job.item));
	if (record !== undefined) return submitUnsure(record.says ?? {});
	return marked.has(markBaseOf(job.item)) ? markedBefore() : undefined;
}

/** The marks that a retried execution finds for items of which it has no record. */
async function findMarked(
	{ ledger, marks, isRetry, printOf, markBaseOf }: Admission,
	jobs: readonly Job[],
): Promise<Set<string>> {
	if (!isRetry) return new Set();
	const unknown = jobs.filter(
		({ item, wish }) => wish.kind === 'order' && ledger.find(item, printOf(item)) === undefined,
	);
	return await marks.findMarked(unknown.map(({ item }) => markBaseOf(item)));
}

/**
 * Sorts out the jobs that must not be ordered: perhaps ordered by an earlier try, or over the spending limit. Reserves
 * what the others cost. Sends nothing; `cancel` ends it early, and then nothing is reserved.
 */
export async function admit(
	admission: Admission,
	jobs: readonly Job[],
	cancel: AbortSignal,
): Promise<Admitted[]> {
	if (cancel.aborted) return [];
	const marked = await findMarked(admission, jobs);
	if (cancel.aborted) return [];
	return jobs.map((job) => ({
		job,
		fault:
			unsureFault(admission, job, marked) ??
			(job.wish.kind === 'order' ? reserve(admission.ledger, job, job.wish.order) : undefined),
	}));
}
