// Step 2: a checked order becomes a paid task, once. The only place that spends money.
import type { Failure, Result } from '../domain/failure';
import { failed, stopped, succeeded } from '../domain/failure';
import type { Job, Order } from '../domain/order';
import { carriesBytes } from '../domain/order';
import type { AcceptedTask, Details } from '../domain/task';
import type { Pages, Preparation, PreparedOrder, SubmitVerdict } from '../service/service';
import { CONNECT_PAUSE_MS, CONNECT_TRIES, backoffMs } from '../util/backoff';
import { clock, unlessAborted } from '../util/clock';
import type { RunContext } from './context';
import type { NamedIntent } from './intentNotes';
import type { Written } from './intents';
import {
	imageChanged,
	intendedBefore,
	intentNotWritten,
	orderedAgain,
	serviceUnreachable,
	submitBusy,
	submitRefused,
	submitUnsure,
	taskOfAnother,
	uploadFailed,
	videoUnreachable,
} from './messages';
import type { RequestQueue } from './requestQueue';

/**
 * Sends an order, once. Its record stands before the first byte leaves and is taken back only on a certain refusal:
 * whatever happens in between, the item is never sent again by itself.
 */
async function send(
	{ ledger, intents, log, cancel, noteTask, service }: RunContext,
	{ item }: Job,
	prepared: PreparedOrder,
	startedAt: number,
	intent: string | undefined,
): Promise<SubmitAttempt> {
	const { pages } = service;
	ledger.send(item, startedAt, intent, service.place);
	// Where a worker dies in queue mode, n8n keeps nothing of its executions: only this line tells of an order in the air
	log.info(`HappyHorse: item ${item} is being ordered`);
	const verdict = await prepared.send();
	switch (verdict.kind) {
		case 'accepted': {
			const { task } = verdict;
			const { requestId = 'unknown' } = task;
			if (ledger.isTaskOfAnother(task.taskId)) {
				const details = { requestId: task.requestId, text: `Task ${task.taskId}` };
				ledger.markUnsure(item, details);
				log.warn(
					`HappyHorse: item ${item} may have been ordered: the answer names task ${task.taskId} of another order (request ID ${requestId})`,
				);
				const result = failed<AcceptedTask>(taskOfAnother(task.taskId, details, pages));
				return { kind: 'ended', result, mayBeOrdered: true };
			}
			ledger.accept(item, task);
			log.info(`HappyHorse: item ${item} is task ${task.taskId} (request ID ${requestId})`);
			noteTask(task.taskId);
			if (intent !== undefined) await intents.complete(intent, task.taskId);
			return { kind: 'ended', result: succeeded(task), mayBeOrdered: true };
		}
		case 'unsure': {
			const { details } = verdict;
			ledger.markUnsure(item, details);
			const why = cancel.aborted
				? 'the execution was stopped while it was sent'
				: 'no clear answer came';
			const { requestId = 'unknown' } = details;
			log.warn(`HappyHorse: item ${item} may have been ordered: ${why} (request ID ${requestId})`);
			return { kind: 'ended', result: failed(submitUnsure(details, pages)), mayBeOrdered: true };
		}
		default:
			ledger.withdraw(item);
			return verdict.kind === 'refused'
				? notOrdered(submitRefused(verdict.reason, verdict.details, pages))
				: verdict;
	}
}

/** An item whose turn to be ordered has come, in ms since 1970. */
interface Turn {
	readonly startedAt: number;
	/** Nothing is sent at this time or later. */
	readonly deadline: number;
}

function isHeld(queue: RequestQueue, { deadline }: Turn): boolean {
	const now = clock.now();
	return now >= deadline || now < queue.resumesAt;
}

/** One attempt: read the files, write the intent, send; the intent goes when the order was certainly not taken. */
async function submitOnce(
	run: RunContext,
	job: Job,
	order: Order,
	turn: Turn,
	signal: AbortSignal,
): Promise<SubmitAttempt> {
	if (signal.aborted) return notOrdered(stopped());
	const { service, ledger, queue } = run;
	const prepared = await service.prepare(order, signal);
	if (signal.aborted) return notOrdered(stopped());
	if (prepared.kind !== 'ready') return unprepared(prepared, order, service.pages);
	if (isHeld(queue, turn)) return { kind: 'notYet' };
	const earlier = ledger.find(job.item);
	const written = await writeIntent(run, job.item, signal);
	switch (written.kind) {
		case 'failed':
			return notOrdered(signal.aborted ? stopped() : intentNotWritten());
		case 'found':
			return orderedBefore(run, job, written, turn.startedAt);
		case 'written': {
			const { intent } = written;
			// Much may have happened while files were read and the intent was written
			const attempt: SubmitAttempt = signal.aborted
				? notOrdered(stopped())
				: isHeld(queue, turn)
					? { kind: 'notYet' }
					: await send(run, job, prepared, turn.startedAt, intent);
			const mayBeOrdered = attempt.kind === 'ended' && attempt.mayBeOrdered;
			if (!mayBeOrdered) await removeIntent(run, { intent });
			// A new order stands in the place of one whose task is gone, or that may never have been
			else if (attempt.result.ok) {
				await removeIntent(run, { intent: earlier?.intent, taskId: earlier?.task?.taskId });
			}
			return attempt;
		}
	}
}

/** Writes an item's intent; a stop does not wait for a database that hangs. What is written all the same is removed. */
async function writeIntent(run: RunContext, item: number, signal: AbortSignal): Promise<Written> {
	const { ledger, intents } = run;
	const order = ledger.orderOf(item);
	if (order === undefined) return { kind: 'failed' };
	const writing = intents.write(intents.keyOf(order), (intent) => ledger.isSpent(item, intent));
	const written = await unlessAborted(writing, signal);
	if (written !== undefined) return written;
	void writing.then(async (late) => {
		if (late.kind === 'written') await removeIntent(run, late);
	});
	return { kind: 'failed' };
}

/** Removes an intent of an order that was certainly not taken; where that fails, this execution does not go by it. */
async function removeIntent(
	{ ledger, intents }: RunContext,
	{ intent, taskId }: Partial<NamedIntent>,
): Promise<void> {
	if (intent === undefined) return;
	if (!(await intents.remove([{ intent, taskId }]))) ledger.spend(intent);
}

/**
 * This execution, or the one that it retries, has ordered the item before: it goes on with that task, if it is known; else
 * it may be ordered once more only where that is wanted.
 */
function orderedBefore(
	{ ledger, log, noteTask, service: { pages } }: RunContext,
	{ item, settings }: Job,
	{ intent, taskId }: Extract<Written, { kind: 'found' }>,
	startedAt: number,
): SubmitAttempt {
	if (taskId === undefined) {
		const isWanted = settings.resubmitWhenUnsure;
		if (isWanted && ledger.allowReorder(item)) {
			ledger.spend(intent);
			return { kind: 'notYet' };
		}
		const failure = isWanted ? orderedAgain(pages) : intendedBefore(pages);
		return { kind: 'ended', result: failed(failure), mayBeOrdered: true };
	}
	ledger.budget.release(item);
	ledger.recover(item, startedAt, { intent, taskId });
	noteTask(taskId);
	log.info(`HappyHorse: item ${item} goes on with task ${taskId}, which was ordered before`);
	return { kind: 'ended', result: succeeded({ taskId }), mayBeOrdered: true };
}

/**
 * Orders one video. Sends again only what was certainly refused for want of room (429), or what never got a connection,
 * a few times; nothing at or after the item's deadline, which counts from the moment that its turn has come, and nothing
 * within a pause that the service asked for. Seconds that were reserved and not spent are released.
 * @param signal the run has given up, or the execution was stopped: nothing more is sent
 */
export async function submit(
	run: RunContext,
	job: Job,
	order: Order,
	signal: AbortSignal,
): Promise<Result<AcceptedTask>> {
	const { ledger } = run;
	const pool = carriesBytes(order) ? run.heavySubmits : run.lightSubmits;
	const result = await pool(async () => {
		const startedAt = ledger.firstAttempt(job.item, clock.now());
		const turn = { startedAt, deadline: startedAt + job.settings.timeoutMs };
		return await submitInTurn(run, job, order, turn, signal);
	});
	if (!result.ok) ledger.budget.release(job.item);
	return result;
}

async function submitInTurn(
	run: RunContext,
	job: Job,
	order: Order,
	turn: Turn,
	signal: AbortSignal,
): Promise<Result<AcceptedTask>> {
	const { queue, openSubmits, random } = run;
	let details: Details = {};
	let unreached = serviceUnreachable;
	for (let unconnected = 0; ; ) {
		const pauseMs = queue.resumesAt - clock.now();
		if (clock.now() >= turn.deadline || queue.resumesAt >= turn.deadline)
			return failed(
				unconnected > 0 ? unreached(details) : submitBusy(details, job.settings.timeoutMs, pauseMs),
			);
		if (pauseMs > 0) await queue.turn({ earliest: queue.resumesAt, latest: turn.deadline }, signal);
		const open = submitOnce(run, job, order, turn, signal);
		openSubmits.add(open);
		const attempt = await open.finally(() => openSubmits.delete(open));
		switch (attempt.kind) {
			case 'notYet':
				break;
			case 'busy':
				details = attempt.details;
				queue.rateLimited(attempt.retryAfterMs, random());
				break;
			case 'notSent':
			case 'notUploaded':
				details = attempt.details;
				unreached = attempt.kind === 'notSent' ? serviceUnreachable : uploadFailed;
				unconnected += 1;
				if (unconnected >= CONNECT_TRIES) return failed(unreached(details));
				await clock.sleep(backoffMs(unconnected, CONNECT_PAUSE_MS, random()), signal);
				break;
			case 'ended':
				if (attempt.result.ok) queue.served();
				return attempt.result;
		}
	}
}

/**
 * What came of one attempt: the end, or why the same order may be sent (again) later. `notYet`: nothing was sent, since a
 * pause of the account or the item's deadline has come.
 */
export type SubmitAttempt =
	| { readonly kind: 'notYet' }
	| {
			readonly kind: 'ended';
			readonly result: Result<AcceptedTask>;
			readonly mayBeOrdered: boolean;
	  }
	| Extract<SubmitVerdict, { kind: 'busy' | 'notSent' }>
	| Extract<Preparation, { kind: 'notUploaded' }>;

/** The end of an attempt that has certainly ordered nothing. */
export function notOrdered(failure: Failure): SubmitAttempt {
	return { kind: 'ended', result: failed(failure), mayBeOrdered: false };
}

/** Why an order could not be prepared. */
export function unprepared(
	preparation: Exclude<Preparation, PreparedOrder>,
	{ video }: Order,
	pages: Pages,
): SubmitAttempt {
	switch (preparation.kind) {
		case 'unreadable':
			return notOrdered(imageChanged());
		case 'unreachable':
			return notOrdered(videoUnreachable(video?.kind === 'file' ? video.name : ''));
		case 'refused':
			return notOrdered(submitRefused(preparation.reason, preparation.details, pages));
		case 'busy':
		case 'notUploaded':
			return preparation;
	}
}
