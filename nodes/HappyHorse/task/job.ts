// The life of one item: order or go on, wait, deliver.
import { clock } from '../util/clock';
import type { Delivery, FileAccess, RunContext } from './context';
import type { Failure, Result } from '../domain/failure';
import { failed, stopped, succeeded, unexpected } from '../domain/failure';
import type { Action, Job, Order } from '../domain/order';
import { isOrder } from '../domain/order';
import { reasonOf } from '../util/unknown';
import type { AcceptedTask, VideoTask } from '../domain/task';
import { identify, reserve } from './admit';
import { listTasks } from './listTasks';
import { orderedAgain, taskElsewhere } from './messages';
import { cancelTask, getTask, pollTask, queryAgain } from './poll';
import { deadlineOf, submit } from './submit';

/** How far an item came before its delivery: its order, or its task as it was seen last. */
type Reached =
	| { readonly kind: 'ordered'; readonly task: AcceptedTask }
	| {
			readonly kind: 'seen';
			readonly taskId: string;
			readonly task: VideoTask;
			/** When the item's timeout ends, by the monotonic clock. */
			readonly deadline: number;
	  };

function seen(taskId: string, deadline: number, result: Result<VideoTask>): Result<Reached> {
	return result.ok ? succeeded({ kind: 'seen', taskId, task: result.value, deadline }) : result;
}

/**
 * Waits for a task that the ledger has a record of; frees the item when that task has failed.
 */
async function waitFor(
	run: RunContext,
	job: Job,
	task: AcceptedTask,
	signal: AbortSignal,
): Promise<Result<Reached>> {
	if (!job.settings.wait) return succeeded({ kind: 'ordered', task });
	const now = clock.now();
	const { startedAt = now, acceptedAt } = run.ledger.find(job.item) ?? {};
	const deadline = deadlineOf(startedAt, job.settings.timeoutMs);
	const ageMs = acceptedAt === undefined ? undefined : now - acceptedAt;
	const result = await pollTask(run, job, { taskId: task.taskId, deadline, ageMs }, signal);
	if (!result.ok && result.failure.kind === 'taskFailed') {
		await run.intents.remove(run.ledger.free(job.item));
	}
	// Not every service repeats in a task what it said when it took the order
	const known = result.ok ? succeeded({ ...result.value, ...missing(result.value, task) }) : result;
	return seen(task.taskId, deadline, known);
}

/** What a task does not say of itself and its order did. */
function missing({ model }: VideoTask, order: AcceptedTask): Partial<VideoTask> {
	return model === undefined && order.model !== undefined ? { model: order.model } : {};
}

/** Orders a video, then waits for it where that is wanted. */
async function create(
	run: RunContext,
	job: Job,
	order: Order,
	signal: AbortSignal,
): Promise<Result<Reached>> {
	const left = run.ledger.mismatched(job.item);
	if (left !== undefined) {
		run.log.info(
			`HappyHorse: item ${job.item} has changed, so task ${left.taskId} of the retried execution is left alone`,
		);
	}
	const submitted = await submit(run, job, order, signal);
	return submitted.ok ? await waitFor(run, job, submitted.value, signal) : submitted;
}

/**
 * Goes on with a task that an earlier try has paid for; where that is gone or has failed, with another one that an earlier
 * run may have left. Orders anew if all are gone and the user allows that.
 */
async function resume(
	run: RunContext,
	job: Job,
	{ task, others = [], readOrder }: Extract<Action, { kind: 'resume' }>,
	signal: AbortSignal,
): Promise<Result<Reached>> {
	const { ledger, service, intents } = run;
	let reached = await resumeTask(run, job, task, signal);
	for (const other of others) {
		if (reached.ok || !['gone', 'taskFailed'].includes(reached.failure.kind)) break;
		ledger.recover(job.item, clock.now(), other);
		await intents.mark('taken', [other.intent]);
		reached = await resumeTask(run, job, other, signal);
	}
	if (reached.ok) return reached;
	const elsewhere = orderedElsewhere(run, job, reached.failure);
	if (elsewhere !== undefined) return failed(elsewhere);
	const isGone = reached.failure.kind === 'gone' || reached.failure.httpStatus === 403;
	if (!isGone || !job.settings.resubmitWhenUnsure) return reached;
	const order = await readOrder();
	if (!order.ok) return order;
	identify(run, job.item, order.value);
	if (!ledger.allowReorder(job.item)) return failed(orderedAgain(service.pages));
	const overLimit = reserve(ledger.budget, service.limits, job, order.value);
	return overLimit === undefined ? await create(run, job, order.value, signal) : failed(overLimit);
}

async function resumeTask(
	run: RunContext,
	job: Job,
	task: AcceptedTask,
	signal: AbortSignal,
): Promise<Result<Reached>> {
	run.ledger.adopt(job.item, clock.now());
	run.noteTask(task.taskId);
	return await waitFor(run, job, task, signal);
}

/** Where a task can't be looked at and was ordered at another place, that is the reason: it is not gone. */
function orderedElsewhere(run: RunContext, { item }: Job, failure: Failure): Failure | undefined {
	if (!['gone', 'denied'].includes(failure.kind)) return undefined;
	const ordered = run.ledger.find(item)?.place;
	const here = run.service.place;
	if (ordered === undefined || ordered.host === here.host) return undefined;
	return taskElsewhere(failure, ordered, here);
}

/** A job that comes to one result. */
interface SingleJob extends Job {
	readonly action: Exclude<Action, { kind: 'getMany' }>;
}

async function reach(
	run: RunContext,
	job: SingleJob,
	signal: AbortSignal,
): Promise<Result<Reached>> {
	if (signal.aborted) return failed(stopped());
	const { action } = job;
	const deadline = clock.monotonic() + job.settings.timeoutMs;
	switch (action.kind) {
		case 'create':
			return await create(run, job, action.order, signal);
		case 'resume':
			return await resume(run, job, action, signal);
		case 'get':
			return seen(action.taskId, deadline, await getTask(run, job, action.taskId, signal));
		case 'cancel':
			return seen(action.taskId, deadline, await cancelTask(run, job, action.taskId, signal));
		case 'wait':
			return seen(
				action.taskId,
				deadline,
				await pollTask(run, job, { taskId: action.taskId, deadline }, signal),
			);
	}
}

function fileAccess(
	run: RunContext,
	{ taskId, deadline }: Extract<Reached, { kind: 'seen' }>,
	signal: AbortSignal,
): FileAccess {
	const { service, random, downloads } = run;
	return {
		service,
		inPlace: downloads,
		deadline,
		signal,
		newest: async (latest) => await queryAgain(run, taskId, latest, signal),
		random,
	};
}

async function complete<T>(
	run: RunContext,
	job: SingleJob,
	delivery: Delivery<T>,
	signal: AbortSignal,
): Promise<Result<T>> {
	const reached = await run.slots(async () => await reach(run, job, signal));
	if (!reached.ok) return reached;
	const { value } = reached;
	const orderedSeconds = run.ledger.budget.secondsOf(job.item);
	const delivered =
		value.kind === 'ordered'
			? succeeded(delivery.order(job, value.task, orderedSeconds))
			: await delivery.task(
					job,
					{ taskId: value.taskId, task: value.task, orderedSeconds },
					fileAccess(run, value, signal),
				);
	if (delivered.ok && isOrder(job)) run.ledger.deliver(job.item, job.settings.wait);
	return delivered;
}

/**
 * Carries one job out: from its slot among the tasks in flight to its delivery, which needs no slot any more. One result,
 * or one for each task that was to be listed. Never rejects: what nobody foresaw is a failure with the item's task id.
 */
export async function runJob<T>(
	run: RunContext,
	job: Job,
	delivery: Delivery<T>,
): Promise<Array<Result<T>>> {
	const { action } = job;
	// A signal of the item's own: Node warns of a leak where many listen to the same one
	const signal = AbortSignal.any([run.halt]);
	try {
		if (action.kind !== 'getMany')
			return [await complete(run, { ...job, action }, delivery, signal)];
		const listed = await listTasks(run, action.filter, signal);
		if (!listed.ok) return [listed];
		return listed.value.slice(0, action.limit).map((task) => succeeded(delivery.listed(job, task)));
	} catch (error) {
		const taskId = run.ledger.find(job.item)?.task?.taskId;
		return [failed(unexpected(reasonOf(error), taskId))];
	}
}
