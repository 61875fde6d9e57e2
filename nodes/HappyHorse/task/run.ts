// Steps 2 and 3 for all items of a run at once: order, wait, hand over; stop in order.
import pLimit from 'p-limit';
import { firstPauseMs } from '../backoff';
import { clock } from '../clock';
import type { Fault } from '../fault';
import { stopped, unexpected } from '../fault';
import { reasonOf } from '../reason';
import type { CheckedItem } from '../request/readJobs';
import type { Job, Order } from '../request/order';
import type { Service } from '../service/client';
import type { AcceptedTask, Task } from '../service/contract';
import type { Admission } from './admit';
import { admit, reserve } from './admit';
import type { TaskRecord } from './ledger';
import { Timetable } from './pace';
import type { Log, Pool, Till } from './submit';
import { orderVideo } from './submit';
import type { Waiting, Watched } from './wait';
import { askForTask, waitForTask } from './wait';

/** Small bodies that are sent at once, files that are downloaded at once: enough to keep a line busy. */
const SUBMITS_AT_ONCE = 10;
const DOWNLOADS_AT_ONCE = 3;

/** What step 4 made of a finished task. */
export type HandedOver<T> =
	| { readonly kind: 'done'; readonly value: T }
	| { readonly kind: 'fault'; readonly fault: Fault };

/** What a run needs from the steps around it. `T` is what step 4 makes of an item. */
export interface RunSetup<T> extends Admission {
	readonly service: Service;
	readonly log: Log;
	/** The execution's own signal: the user, or n8n, stops it. */
	readonly cancel: AbortSignal;
	/** On Error = stop: the first fault ends the run. */
	readonly stopOnFault: boolean;
	/** Step 4 for an order that is not waited for. */
	handOverOrder(job: Job, task: AcceptedTask): T;
	/** Step 4 for a task: with its files where they are wanted. Runs in a pool of its own. */
	handOverTask(job: Job, taskId: string, task: Task, signal: AbortSignal): Promise<HandedOver<T>>;
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/** What became of one item. */
export type Outcome<T> = HandedOver<T> & { readonly item: number };

/** What became of a run. `fault` and `stopped` end it without outcomes for every item. */
export type RunResult<T> =
	| { readonly kind: 'finished'; readonly outcomes: Array<Outcome<T>> }
	| { readonly kind: 'fault'; readonly item: number; readonly fault: Fault }
	| { readonly kind: 'stopped' };

function outcomeOf<T>(item: number, fault: Fault): Outcome<T> {
	return { item, kind: 'fault', fault };
}

/** Resolves when `signal` aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) =>
		signal.addEventListener('abort', () => resolve(), { once: true }),
	);
}

/** One run of the node over its items. */
class Run<T> {
	private readonly timetable = new Timetable();
	/** From 0 to 1: runs that start together do not ask in step. */
	private readonly phase: number;
	private readonly halting = new AbortController();
	private readonly halt: AbortSignal;
	private readonly openSubmits = new Set<Promise<unknown>>();
	private readonly downloads: Pool = pLimit(DOWNLOADS_AT_ONCE);
	private readonly places: Pool;
	private readonly waiting: Omit<Waiting, 'secrets' | 'signal'>;
	private readonly till: Omit<Till, 'halt'>;
	private ended: { item: number; fault: Fault } | undefined;

	constructor(
		private readonly setup: RunSetup<T>,
		private readonly jobs: readonly Job[],
	) {
		const { service, ledger, marks, log, cancel, random } = setup;
		const { timetable } = this;
		this.phase = random();
		this.halt = AbortSignal.any([cancel, this.halting.signal]);
		const inFlight = jobs.map((job) => job.settings.maxTasksInFlight);
		this.places = pLimit(inFlight.reduce((least, most) => Math.min(least, most)));
		this.waiting = { service, timetable, random };
		this.till = {
			service,
			ledger,
			marks,
			timetable,
			log,
			cancel,
			random,
			heavyBodies: pLimit(1),
			lightBodies: pLimit(SUBMITS_AT_ONCE),
			trackSubmit: (open) => {
				this.openSubmits.add(open);
				const forget = () => this.openSubmits.delete(open);
				void open.then(forget, forget);
			},
		};
	}

	/** The halt as a signal of one item's own: Node warns of a leak where many listen to the same one. */
	private haltOfItem(): AbortSignal {
		return AbortSignal.any([this.halt]);
	}

	/** Carries all jobs out. With On Error = stop, ends with the first fault, but lets open submits finish. */
	async carryOutAll(): Promise<RunResult<T>> {
		const all = Promise.all(this.jobs.map(async (job) => await this.carryOut(job)));
		await Promise.race([all, aborted(this.halt)]);
		if (this.setup.cancel.aborted) return { kind: 'stopped' };
		if (this.ended === undefined) return { kind: 'finished', outcomes: await all };
		await Promise.race([Promise.allSettled(this.openSubmits), aborted(this.setup.cancel)]);
		return this.setup.cancel.aborted ? { kind: 'stopped' } : { kind: 'fault', ...this.ended };
	}

	private async carryOut(job: Job): Promise<Outcome<T>> {
		const outcome = await this.outcome(job).catch((error: unknown) => {
			const taskId = this.setup.ledger.find(job.item, this.setup.printOf(job.item))?.task?.task_id;
			return outcomeOf<T>(job.item, unexpected(reasonOf(error), taskId));
		});
		if (outcome.kind === 'fault' && this.setup.stopOnFault && !this.halt.aborted) {
			this.ended = { item: job.item, fault: outcome.fault };
			this.halting.abort();
		}
		return outcome;
	}

	/** An item from its place among the tasks in flight to its hand-over, which needs no place any more. */
	private async outcome(job: Job): Promise<Outcome<T>> {
		const { item } = job;
		const reached = await this.places(async () => await this.reach(job));
		if (reached.kind === 'fault') return outcomeOf(item, reached.fault);
		if (reached.kind === 'ordered') {
			return { item, kind: 'done', value: this.setup.handOverOrder(job, reached.task) };
		}
		const handed = await this.downloads(
			async () =>
				await this.setup.handOverTask(job, reached.taskId, reached.task, this.haltOfItem()),
		);
		if (handed.kind === 'done' && reached.record !== undefined) reached.record.state = 'delivered';
		return { item, ...handed };
	}

	/** An item as far as its task's end; or, where it is not waited for, as its order. */
	private async reach(job: Job): Promise<Reached> {
		if (this.halt.aborted) return { kind: 'fault', fault: stopped() };
		const { wish, settings, secrets } = job;
		switch (wish.kind) {
			case 'get':
				return reachedBy(
					wish.taskId,
					await askForTask(
						wish.taskId,
						{ ...this.waiting, secrets, signal: this.haltOfItem() },
						settings.pollIntervalMs,
					),
				);
			case 'wait':
				return reachedBy(wish.taskId, await this.wait(job, wish.taskId, clock.now()));
			case 'order':
				return await this.order(job, wish.order);
			case 'paid':
				return await this.goOn(job, async () => await wish.readOrder());
		}
	}

	/** Orders, unless an earlier try may have done so; then waits, where that is wanted. */
	private async order(job: Job, order: Order): Promise<Reached> {
		const { ledger, log, printOf, markBaseOf } = this.setup;
		const print = printOf(job.item);
		const left = ledger.unfit(job.item, print)?.task;
		if (left !== undefined) {
			log.info(
				`HappyHorse: item ${job.item} has changed, so task ${left.task_id} of the retried execution is left alone`,
			);
		}
		const till = { ...this.till, halt: this.haltOfItem() };
		const purchased = await orderVideo(till, {
			item: job.item,
			order,
			print,
			markBase: markBaseOf(job.item),
			secrets: job.secrets,
			timeoutMs: job.settings.timeoutMs,
			mark: ledger.find(job.item, print)?.mark,
		});
		if (purchased.kind === 'accepted')
			return await this.waitFor(job, purchased.record, purchased.task);
		if (purchased.kind === 'notStarted' || !purchased.ordered) ledger.giveBack(job.item);
		return { kind: 'fault', fault: purchased.kind === 'fault' ? purchased.fault : stopped() };
	}

	/** Goes on with a task that an earlier try has paid for. */
	private async goOn(job: Job, readOrder: () => Promise<Order | Fault>): Promise<Reached> {
		const { ledger, printOf } = this.setup;
		const record = ledger.find(job.item, printOf(job.item));
		if (record?.task === undefined) return { kind: 'fault', fault: stopped() };
		ledger.takeOver(record, clock.now());
		const reached = await this.waitFor(job, record, record.task);
		const isGone =
			reached.kind === 'fault' &&
			(reached.fault.kind === 'gone' || reached.fault.httpStatus === 403);
		if (!isGone || !job.settings.resubmitWhenUnsure) return reached;
		const order = await readOrder();
		if ('message' in order) return { kind: 'fault', fault: order };
		const overLimit = reserve(ledger, job, order);
		return overLimit === undefined
			? await this.order(job, order)
			: { kind: 'fault', fault: overLimit };
	}

	private async waitFor(job: Job, record: TaskRecord, task: AcceptedTask): Promise<Reached> {
		const { ledger, marks } = this.setup;
		if (!job.settings.wait) {
			record.state = 'delivered';
			return { kind: 'ordered', task };
		}
		const reached = reachedBy(
			task.task_id,
			await this.wait(job, task.task_id, record.startedAt),
			record,
		);
		if (reached.kind === 'fault' && reached.fault.kind === 'taskFailed') {
			const mark = ledger.free(job.item, record);
			if (mark !== undefined) await marks.remove([mark]);
		}
		return reached;
	}

	private async wait(
		{ item, settings, secrets }: Job,
		taskId: string,
		startedAt: number,
	): Promise<Watched> {
		const { pollIntervalMs, timeoutMs } = settings;
		const patience = {
			firstAt: clock.now() + firstPauseMs(pollIntervalMs, item, this.phase),
			deadline: startedAt + timeoutMs,
			intervalMs: pollIntervalMs,
		};
		const waiting = { ...this.waiting, secrets, signal: this.haltOfItem() };
		return await waitForTask(taskId, waiting, patience, timeoutMs);
	}
}

/** How far an item came: its fault, the accepted order, or the task as it was seen last. */
type Reached =
	| { readonly kind: 'fault'; readonly fault: Fault }
	| { readonly kind: 'ordered'; readonly task: AcceptedTask }
	| {
			readonly kind: 'task';
			readonly taskId: string;
			readonly task: Task;
			readonly record: TaskRecord | undefined;
	  };

function reachedBy(taskId: string, watched: Watched, record?: TaskRecord): Reached {
	if (watched.kind === 'fault') return watched;
	return { kind: 'task', taskId, task: watched.task, record };
}

/**
 * Carries out all items of a run. Those that can't be are known before the first order is sent: with On Error = stop
 * one of them is enough that nothing is ordered, else the others go on.
 */
export async function runItems<T>(
	setup: RunSetup<T>,
	checked: readonly CheckedItem[],
): Promise<RunResult<T>> {
	const jobs = checked.flatMap((entry) => ('job' in entry ? [entry.job] : []));
	const outcomes: Array<Outcome<T>> = checked.flatMap((entry) =>
		'fault' in entry ? [outcomeOf<T>(entry.item, entry.fault)] : [],
	);
	const admitted = await admit(setup, jobs, setup.cancel);
	if (setup.cancel.aborted) return { kind: 'stopped' };
	const good: Job[] = [];
	for (const { job, fault } of admitted) {
		if (fault === undefined) good.push(job);
		else outcomes.push(outcomeOf(job.item, fault));
	}
	outcomes.sort((a, b) => a.item - b.item);
	const bad = outcomes.find((outcome) => outcome.kind === 'fault');
	if (bad?.kind === 'fault' && setup.stopOnFault) {
		return { kind: 'fault', item: bad.item, fault: bad.fault };
	}
	if (good.length === 0) return { kind: 'finished', outcomes };
	const result = await new Run(setup, good).carryOutAll();
	if (result.kind !== 'finished') return result;
	await setup.marks.remove(setup.ledger.takeDeliveredMarks());
	const all = [...outcomes, ...result.outcomes].sort((a, b) => a.item - b.item);
	return { kind: 'finished', outcomes: all };
}
