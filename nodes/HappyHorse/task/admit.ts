// Which items may be ordered at all: known for all of them before the first order of a run is sent.
import type { Failure, Outcome, Result } from '../domain/failure';
import { failed, invalidInput, succeeded } from '../domain/failure';
import type { Limits } from '../domain/limits';
import type { DryRun, Job, Order } from '../domain/order';
import { orderedSeconds, orderIdentity } from '../domain/order';
import type { AcceptedTask } from '../domain/task';
import { clock, unlessAborted, yieldNow } from '../util/clock';
import { fingerprint } from '../util/fingerprint';
import { Budget } from './budget';
import type { RunSetup } from './context';
import type { NamedIntent } from './intentNotes';
import type { Found } from './intents';
import { intendedBefore, orderedAgain, orderedElsewhereNow, submitUnsure } from './messages';

/** Notes what an item is about to order. */
export function identify({ ledger, service }: RunSetup, item: number, order: Order): void {
	ledger.identify(item, fingerprint(orderIdentity(service.place.service, order)));
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
	const { orderedSeconds: counted, earlierSeconds: earlier } = budget;
	const ofEarlier = `Earlier runs of this node in this execution ordered ${earlier} of them. `;
	return invalidInput(
		`Spending Limit (Seconds) is ${limit}, and this order of ${seconds} would exceed it: ${counted} are ordered or about to be`,
		`${earlier > 0 ? ofEarlier : ''}Raise the Spending Limit in Options, shorten the videos, or send fewer items.`,
	);
}

/** Why an item must not be ordered: an earlier try may have done so. Undefined where it may be. */
function perhapsOrdered(
	{ ledger, service: { pages } }: RunSetup,
	{ item, settings }: Job,
	isIntended: boolean,
): Failure | undefined {
	const record = ledger.find(item);
	if (record === undefined && !isIntended) return undefined;
	if (settings.resubmitWhenUnsure)
		return ledger.allowReorder(item) ? undefined : orderedAgain(pages);
	const details = record?.details;
	return isIntended && details === undefined
		? intendedBefore(pages)
		: submitUnsure(details ?? {}, pages);
}

/**
 * What the intents in n8n's database tell a retried execution about items of which it knows no task: by what stands in
 * its record, else by what the item orders. Of several for an item, the first counts.
 */
async function findIntended(
	{ ledger, intents, cancel }: RunSetup,
	jobs: readonly Job[],
): Promise<ReadonlyMap<number, readonly Found[]>> {
	const recorded = new Map<number, string>();
	const unknown = new Map<string, number>();
	for (const { item } of jobs) {
		const record = ledger.find(item);
		const order = ledger.orderOf(item);
		if (record?.intent !== undefined) recorded.set(item, record.intent);
		else if (record === undefined && order !== undefined) unknown.set(intents.keyOf(order), item);
	}
	const candidates = new Map<number, readonly Found[]>();
	// A stop does not wait for a database that hangs
	const ids = await unlessAborted(intents.read([...recorded.values()]), cancel);
	for (const [item, intent] of recorded)
		candidates.set(item, [{ intent, taskId: ids?.get(intent) }]);
	const found = await unlessAborted(intents.find([...unknown.keys()]), cancel);
	for (const [key, item] of unknown) {
		const all = found?.get(key) ?? [];
		const left = all.filter(({ intent }) => !intent || !ledger.isSpent(item, intent));
		if (left.length > 0) candidates.set(item, left);
	}
	return candidates;
}

function isNamed(found: Found): found is Required<NamedIntent> {
	return found.intent !== undefined && found.taskId !== undefined;
}

function resuming(
	job: Job,
	order: Order,
	task: AcceptedTask,
	others: ReadonlyArray<Required<NamedIntent>> = [],
): Job {
	const readOrder = async () => succeeded(order);
	return { ...job, action: { kind: 'resume', task, others, readOrder } };
}

/** A tool call that asks for what an earlier one has paid for resumes that. */
function withEarlierCall({ ledger }: RunSetup, job: Job): Job {
	if (job.action.kind !== 'create' || !ledger.run.inTool) return job;
	ledger.claim(job.item);
	const task = ledger.find(job.item)?.task;
	return task === undefined ? job : resuming(job, job.action.order, task);
}

/** Whether another retry is at an item's order just now. */
function isClaimedElsewhere({ intents, ledger }: RunSetup, { item }: Job): boolean {
	const order = ledger.orderOf(item);
	return ledger.run.isRetry && order !== undefined && !intents.claim(intents.keyOf(order));
}

/**
 * What becomes of one job. `candidates`: what its intents tell. Where that is a task, the job resumes it; where it is none,
 * that is put on record.
 */
function admitOne(run: RunSetup, job: Job, candidates: readonly Found[] = []): Result<Job> {
	const { ledger, service } = run;
	const { action, item } = job;
	if (action.kind !== 'create') return succeeded(job);
	const [first, ...others] = candidates.filter(isNamed);
	if (first !== undefined) {
		ledger.recover(item, clock.now(), first);
		return succeeded(resuming(job, action.order, { taskId: first.taskId }, others));
	}
	const intent = candidates.at(0)?.intent;
	if (intent !== undefined) ledger.markIntended(item, clock.now(), intent);
	const failure =
		perhapsOrdered(run, job, candidates.length > 0) ??
		reserve(ledger.budget, service.limits, job, action.order);
	return failure === undefined ? succeeded(job) : failed(failure);
}

/**
 * Sorts out the jobs that must not be ordered: perhaps ordered by an earlier try, just being ordered by another one, or over
 * the spending limit. Reserves what the others cost. Sends nothing; a stop ends it early, and then nothing is reserved.
 */
export async function admit(run: RunSetup, read: readonly Job[]): Promise<Array<Outcome<Job>>> {
	const { ledger, intents, cancel } = run;
	if (cancel.aborted) return [];
	const jobs: Job[] = [];
	for (const job of read) {
		await yieldNow();
		if (job.action.kind === 'create') identify(run, job.item, job.action.order);
		jobs.push(withEarlierCall(run, job));
	}
	const claimed = new Set(jobs.filter((job) => isClaimedElsewhere(run, job)));
	const unpaid = jobs.filter((job) => job.action.kind === 'create' && !claimed.has(job));
	const intended = await findIntended(run, ledger.run.isRetry ? unpaid : []);
	ledger.noteIntended(new Set(intended.keys()));
	if (cancel.aborted) return [];
	const admitted = jobs.map((job) => ({
		item: job.item,
		result: claimed.has(job)
			? failed<Job>(orderedElsewhereNow())
			: admitOne(run, job, intended.get(job.item)),
	}));
	const taken = [...intended.values()].flatMap((found) => found.find(isNamed)?.intent ?? []);
	if (!ledger.hasEarlierRecord) await unlessAborted(intents.mark('taken', taken), cancel);
	return admitted;
}

/**
 * Holds dry runs against the spending limit as if they were ordered now, and counts what they would cost. The budget of
 * what this execution has ordered stays as it is.
 */
export function admitDryRuns(
	dryRuns: readonly DryRun[],
	limits: Limits,
	{ orderedSeconds }: Pick<Budget, 'orderedSeconds'>,
): { admitted: Array<Outcome<DryRun>>; budget: Budget } {
	const budget = new Budget({ orderedSeconds });
	const admitted = dryRuns.map((dryRun) => {
		const { item, order } = dryRun;
		const failure = reserve(budget, limits, dryRun, order);
		budget.commit(item);
		return { item, result: failure === undefined ? succeeded(dryRun) : failed<DryRun>(failure) };
	});
	return { admitted, budget };
}
