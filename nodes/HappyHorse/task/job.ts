// The life of one item: order or go on, wait, deliver.
import { clock } from '../clock';
import type { Result } from '../failure';
import { failed, stopped, succeeded, unexpected } from '../failure';
import type { Job, Order } from '../order';
import { reasonOf } from '../reason';
import type { AcceptedTask, VideoTask } from '../videoTask';
import { reserve } from './admit';
import { getTask, pollTask } from './poll';
import type { RunContext } from './run';
import { submitOrder } from './submit';

/** Step 4: what becomes of a task. `T` is an item of the node's output. */
export interface Delivery<T> {
	/** An order that is not waited for. */
	order(job: Job, task: AcceptedTask): T;
	/** A task, with its files where they are wanted; `signal` ends it at once. */
	task(job: Job, taskId: string, task: VideoTask, signal: AbortSignal): Promise<Result<T>>;
}

/** How far an item came before its delivery: its order, or its task as it was seen last. */
type Reached =
	| { readonly kind: 'ordered'; readonly task: AcceptedTask }
	| { readonly kind: 'seen'; readonly taskId: string; readonly task: VideoTask };

function seen(taskId: string, result: Result<VideoTask>): Result<Reached> {
	return result.ok ? succeeded({ kind: 'seen', taskId, task: result.value }) : result;
}

/** Waits for a task that the ledger has a record of; frees the item when that task has failed. */
async function waitFor(
	run: RunContext,
	job: Job,
	task: AcceptedTask,
	signal: AbortSignal,
): Promise<Result<Reached>> {
	if (!job.settings.wait) return succeeded({ kind: 'ordered', task });
	const startedAt = run.ledger.find(job.item)?.startedAt ?? clock.now();
	const result = await pollTask(run, job, task.taskId, startedAt, signal);
	if (!result.ok && result.failure.kind === 'taskFailed') {
		const intent = run.ledger.free(job.item);
		if (intent !== undefined) await run.intents.remove([intent]);
	}
	return seen(task.taskId, result);
}

/** Orders a video, then waits for it where that is wanted. */
async function create(
	run: RunContext,
	job: Job,
	order: Order,
	signal: AbortSignal,
): Promise<Result<Reached>> {
	const left = run.ledger.unfit(job.item);
	if (left !== undefined) {
		run.log.info(
			`HappyHorse: item ${job.item} has changed, so task ${left.taskId} of the retried execution is left alone`,
		);
	}
	const submitted = await submitOrder(run, job, order, signal);
	return submitted.ok ? await waitFor(run, job, submitted.value, signal) : submitted;
}

/** Goes on with a task that an earlier try has paid for; orders anew if it is gone and the user allows that. */
async function resume(
	run: RunContext,
	job: Job,
	task: AcceptedTask,
	readOrder: () => Promise<Result<Order>>,
	signal: AbortSignal,
): Promise<Result<Reached>> {
	run.ledger.adopt(job.item, clock.now());
	const reached = await waitFor(run, job, task, signal);
	const isGone =
		!reached.ok && (reached.failure.kind === 'gone' || reached.failure.httpStatus === 403);
	if (!isGone || !job.settings.resubmitWhenUnsure) return reached;
	const order = await readOrder();
	if (!order.ok) return order;
	const overLimit = reserve(run, job, order.value);
	return overLimit === undefined ? await create(run, job, order.value, signal) : failed(overLimit);
}

async function reach(run: RunContext, job: Job, signal: AbortSignal): Promise<Result<Reached>> {
	if (signal.aborted) return failed(stopped());
	const { action } = job;
	switch (action.kind) {
		case 'create':
			return await create(run, job, action.order, signal);
		case 'resume':
			return await resume(run, job, action.task, async () => await action.readOrder(), signal);
		case 'get':
			return seen(action.taskId, await getTask(run, job, action.taskId, signal));
		case 'wait':
			return seen(action.taskId, await pollTask(run, job, action.taskId, clock.now(), signal));
	}
}

async function complete<T>(
	run: RunContext,
	job: Job,
	delivery: Delivery<T>,
	signal: AbortSignal,
): Promise<Result<T>> {
	const reached = await run.slots(async () => await reach(run, job, signal));
	if (!reached.ok) return reached;
	const { value } = reached;
	const delivered =
		value.kind === 'ordered'
			? succeeded(delivery.order(job, value.task))
			: await run.downloads(async () => await delivery.task(job, value.taskId, value.task, signal));
	const isOrder = job.action.kind === 'create' || job.action.kind === 'resume';
	if (delivered.ok && isOrder) run.ledger.deliver(job.item);
	return delivered;
}

/**
 * Carries one job out: from its slot among the tasks in flight to its delivery, which needs no slot any more. Never
 * rejects: what nobody foresaw is a failure with the item's task id.
 */
export async function runJob<T>(
	run: RunContext,
	job: Job,
	delivery: Delivery<T>,
): Promise<Result<T>> {
	try {
		// A signal of the item's own: Node warns of a leak where many listen to the same one
		return await complete(run, job, delivery, AbortSignal.any([run.halt]));
	} catch (error) {
		const taskId = run.ledger.find(job.item)?.task?.taskId;
		return failed(unexpected(reasonOf(error), taskId));
	}
}
