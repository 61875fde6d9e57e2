// The life of one item: order or resume, wait, deliver.
import { clock } from '../util/clock';
import type { Delivery, RunContext } from './context';
import type { Failure, Result } from '../domain/failure';
import { failed, stopped, succeeded, unexpected } from '../domain/failure';
import type { Action, Job, Order } from '../domain/order';
import { isOrder } from '../domain/order';
import { reasonOf } from '../util/unknown';
import type { AcceptedTask, KnownTask } from '../domain/task';
import { identify, reserve } from './admit';
import { listTasks } from './listTasks';
import { orderedAgain, taskElsewhere } from './messages';
import { cancelTask, getTask, pollTask, queryAgain } from './poll';
import { deadlineOf, submit } from './submit';

/** What an item has when its delivery begins. */
interface Ready {
	/** As it was seen last; of an order that is not waited for, as it was accepted. */
	readonly task: KnownTask;
	/** When the item's timeout ends, by the monotonic clock. */
	readonly deadline: number;
}

/** Waits for a task that the ledger has a record of, where that is wanted; frees the item when that task has failed. */
async function waitFor(run: RunContext, job: Job, accepted: AcceptedTask): Promise<Result<Ready>> {
	const { ledger, intents } = run;
	const { wait, timeoutMs } = job.settings;
	const now = clock.now();
	const { startedAt = now, acceptedAt = -Infinity } = ledger.find(job.item) ?? {};
	const deadline = deadlineOf(startedAt, timeoutMs);
	if (!wait) return succeeded({ task: accepted, deadline });
	const { taskId, model } = accepted;
	const result = await pollTask(run, job, taskId, deadline, now - acceptedAt);
	if (result.ok) {
		// Not every service repeats in a task what it said when it took the order
		const task = { ...result.value, taskId, model: result.value.model ?? model };
		return succeeded({ task, deadline });
	}
	if (result.failure.kind === 'taskFailed') await intents.remove(ledger.free(job.item));
	return result;
}

/** Orders a video, then waits for it where that is wanted. */
async function create(run: RunContext, job: Job, order: Order): Promise<Result<Ready>> {
	const left = run.ledger.mismatched(job.item);
	if (left !== undefined) {
		run.log.info(
			`HappyHorse: item ${job.item} has changed, so task ${left.taskId} of the retried execution is left alone`,
		);
	}
	const submitted = await submit(run, job, order);
	return submitted.ok ? await waitFor(run, job, submitted.value) : submitted;
}

/**
 * Resumes a task that an earlier try has paid for; where that is gone or has failed, another one that an earlier run may
 * have left. Orders anew if all are gone and the user allows that.
 */
async function resume(
	run: RunContext,
	job: Job,
	{ task, others = [], readOrder }: Extract<Action, { kind: 'resume' }>,
): Promise<Result<Ready>> {
	const { ledger, service, intents } = run;
	let obtained = await resumeTask(run, job, task);
	for (const other of others) {
		if (obtained.ok || !['gone', 'taskFailed'].includes(obtained.failure.kind)) break;
		ledger.recover(job.item, clock.now(), other);
		await intents.mark('taken', [other.intent]);
		obtained = await resumeTask(run, job, other);
	}
	if (obtained.ok) return obtained;
	const elsewhere = orderedElsewhere(run, job, obtained.failure);
	if (elsewhere !== undefined) return failed(elsewhere);
	const { kind, advice } = obtained.failure;
	const isRefused = kind === 'denied' && advice.details?.httpStatus === 403;
	if (!(kind === 'gone' || isRefused) || !job.settings.resubmitWhenUnsure) return obtained;
	const order = await readOrder();
	if (!order.ok) return order;
	identify(run, job.item, order.value);
	if (!ledger.allowReorder(job.item)) return failed(orderedAgain(service.pages));
	const overLimit = reserve(ledger.budget, service.limits, job, order.value);
	return overLimit === undefined ? await create(run, job, order.value) : failed(overLimit);
}

async function resumeTask(run: RunContext, job: Job, task: AcceptedTask): Promise<Result<Ready>> {
	run.ledger.adopt(job.item, clock.now());
	run.noteTask(task.taskId);
	return await waitFor(run, job, task);
}

/** Where a task can't be looked at and was ordered at another place, that is the reason: it is not gone. */
function orderedElsewhere(run: RunContext, { item }: Job, failure: Failure): Failure | undefined {
	if (!['gone', 'denied'].includes(failure.kind)) return undefined;
	const ordered = run.ledger.find(item)?.place;
	const here = run.service.place;
	if (ordered === undefined || ordered.host === here.host) return undefined;
	return taskElsewhere(failure, ordered, here);
}

/** Comes to one result; a list comes to many. */
type SingleAction = Exclude<Action, { kind: 'list' }>;

async function obtain(run: RunContext, job: Job, action: SingleAction): Promise<Result<Ready>> {
	if (run.signal.aborted) return failed(stopped());
	if (action.kind === 'create') return await create(run, job, action.order);
	if (action.kind === 'resume') return await resume(run, job, action);
	const { taskId } = action;
	const deadline = clock.monotonic() + job.settings.timeoutMs;
	const look = {
		get: async () => await getTask(run, job, taskId),
		cancel: async () => await cancelTask(run, job, taskId),
		wait: async () => await pollTask(run, job, taskId, deadline),
	};
	const looked = await look[action.kind]();
	return looked.ok ? succeeded({ task: { ...looked.value, taskId }, deadline }) : looked;
}

async function obtainAndDeliver<T>(
	run: RunContext,
	job: Job,
	action: SingleAction,
	delivery: Delivery<T>,
): Promise<Result<T>> {
	const { ledger, slots } = run;
	const obtained = await slots(async () => await obtain(run, job, action));
	if (!obtained.ok) return obtained;
	const { task, deadline } = obtained.value;
	const orderedSeconds = ledger.budget.secondsOf(job.item);
	const newest = async (latest: number) => await queryAgain(run, job, task.taskId, latest);
	const delivered = await delivery(job, task, orderedSeconds, { ...run, deadline, newest });
	if (delivered.ok && isOrder(job)) ledger.deliver(job.item, job.settings.wait);
	return delivered;
}

/**
 * Carries one job out: from its slot among the tasks in flight to its delivery, which needs no slot any more. One result,
 * or one for each task that was to be listed. Never rejects: what nobody foresaw is a failure with the item's task id.
 */
export async function runJob<T>(
	context: RunContext,
	job: Job,
	delivery: Delivery<T>,
): Promise<Array<Result<T>>> {
	const { action } = job;
	// A signal of the item's own: Node warns of a leak where many listen to the same one
	const run = { ...context, signal: AbortSignal.any([context.signal]) };
	try {
		if (action.kind !== 'list') return [await obtainAndDeliver(run, job, action, delivery)];
		const listed = await listTasks(run, action.filter);
		if (!listed.ok) return [listed];
		const wanted = listed.value.slice(0, action.limit);
		return await Promise.all(wanted.map(async (task) => await delivery(job, task, 0)));
	} catch (error) {
		const taskId = run.ledger.find(job.item)?.task?.taskId;
		return [failed(unexpected(reasonOf(error), taskId))];
	}
}
