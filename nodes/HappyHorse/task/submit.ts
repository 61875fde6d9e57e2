// Step 2: a checked order becomes a paid task, once. The only place that spends money.
import type { Failure, Result } from '../domain/failure';
import { failed, stopped, succeeded } from '../domain/failure';
import type { Job, Order } from '../domain/order';
import { carriesBytes } from '../domain/order';
import type { AcceptedTask, Details } from '../domain/task';
import type { Preparation, PreparedOrder, SubmitVerdict } from '../service/service';
import { CONNECT_PAUSE_MS, CONNECT_TRIES, backoffMs } from '../util/backoff';
import { clock, inTime, unlessAborted } from '../util/clock';
import type { Pool, RunContext } from './context';
import type { NamedIntent } from './intentNotes';
import type { Written } from './intents';
import { candidatesFor } from './listTasks';
import {
	imageChanged,
	intendedBefore,
	intentNotWritten,
	notSentInTime,
	orderedAgain,
	serviceUnreachable,
	submitBusy,
	submitUnsure,
	taskOfAnother,
	uploadFailed,
	videoUnreachable,
} from './messages';
import { replyOf } from './pace';
import { submitRefused } from './refusals';

/** An item whose turn to be ordered has come. */
interface Turn {
	/** In ms since 1970: for the record. */
	readonly startedAt: number;
	/** Nothing is sent at this time or later, by the monotonic clock. */
	readonly deadline: number;
}

/** When an item's time ends, by the monotonic clock. `startedAt`: ms since 1970; a clock that was set back gives no more. */
export function deadlineOf(startedAt: number, timeoutMs: number): number {
	const passed = Math.max(0, clock.now() - startedAt);
	return clock.monotonic() + timeoutMs - passed;
}

/**
 * Sends an order when the pace of the account allows it, once. Its record stands before the first byte leaves and is taken
 * back only on a certain refusal: whatever happens in between, the item is never sent again by itself.
 */
async function send(
	run: RunContext,
	{ item }: Job,
	prepared: PreparedOrder,
	{ startedAt, deadline }: Turn,
	intent: string | undefined,
	giveBack: () => void,
	signal: AbortSignal,
): Promise<SubmitAttempt> {
	const { ledger, intents, log, cancel, noteTask, service, pace } = run;
	const { pages } = service;
	let sentAt = clock.now();
	const sendNow = async () => {
		giveBack();
		sentAt = clock.now();
		ledger.send(item, startedAt, intent, service.place);
		// Where a worker dies in queue mode, n8n keeps nothing of its executions: only this line tells of an order in the air
		log.info(`HappyHorse: item ${item} is being ordered`);
		return await prepared.send();
	};
	const withinMs = deadline - clock.monotonic();
	const request = { kind: 'orders', afterMs: 0, withinMs, send: sendNow, replyOf } as const;
	const verdict = await pace.send<SubmitVerdict>(request, signal);
	if (verdict === undefined) return { kind: 'notYet' };
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
			ledger.accept(item, task, clock.now());
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
			const candidates = await candidatesFor(run, prepared.model, sentAt, signal);
			const failure = submitUnsure(details, pages, candidates);
			return { kind: 'ended', result: failed(failure), mayBeOrdered: true };
		}
		default:
			ledger.withdraw(item);
			return verdict.kind === 'refused'
				? notOrdered(submitRefused(verdict.reason, verdict.details, pages))
				: verdict;
	}
}

/** One attempt: upload, then all else in one of the account's places to get ready in. */
async function submitOnce(
	run: RunContext,
	job: Job,
	order: Order,
	turn: Turn,
	signal: AbortSignal,
): Promise<SubmitAttempt> {
	const notUploaded = await upload(run, order, turn, signal);
	if (notUploaded !== undefined) return notUploaded;
	const giveBack = await run.pace.getReady(turn.deadline - clock.monotonic(), signal);
	if (giveBack === undefined) return { kind: 'notYet' };
	try {
		return await submitReady(run, job, order, turn, giveBack, signal);
	} finally {
		giveBack();
	}
}

/** Reads the files, writes the intent, sends; the intent goes when the order was certainly not taken. */
async function submitReady(
	run: RunContext,
	job: Job,
	order: Order,
	turn: Turn,
	giveBack: () => void,
	signal: AbortSignal,
): Promise<SubmitAttempt> {
	const { service, ledger } = run;
	const prepared = await service.prepare(order);
	if (signal.aborted) return notOrdered(stopped());
	if (prepared.kind !== 'ready') return unprepared(prepared, order);
	const earlier = ledger.find(job.item);
	const written = await writeIntent(run, job.item, signal);
	switch (written.kind) {
		case 'failed':
			return notOrdered(signal.aborted ? stopped() : intentNotWritten());
		case 'found':
			return orderedBefore(run, job, written, turn.startedAt);
		case 'written': {
			const { intent } = written;
			const attempt = await send(run, job, prepared, turn, intent, giveBack, signal);
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
	const result = await poolFor(
		run,
		order,
	)(async () => {
		const startedAt = ledger.firstAttempt(job.item, clock.now());
		const turn = { startedAt, deadline: deadlineOf(startedAt, job.settings.timeoutMs) };
		return await submitInTurn(run, job, order, turn, signal);
	});
	if (!result.ok) ledger.budget.release(job.item);
	return result;
}

function poolFor({ service, uploads, heavySubmits, lightSubmits }: RunContext, order: Order): Pool {
	if (service.upload !== undefined && order.video?.kind === 'file') return uploads;
	return carriesBytes(order) ? heavySubmits : lightSubmits;
}

/** Hands the file of a video to the service; undefined once it has it, or where there is none to hand over. */
async function upload(
	{ service }: RunContext,
	order: Order,
	{ deadline }: Turn,
	signal: AbortSignal,
): Promise<SubmitAttempt | undefined> {
	if (order.video?.kind !== 'file' || service.upload === undefined) return undefined;
	const uploading = async (ending: AbortSignal) => await service.upload?.(order, ending);
	const uploaded = await inTime(deadline - clock.monotonic(), signal, uploading);
	switch (uploaded?.kind) {
		case undefined:
			return { kind: 'notYet' };
		case 'done':
			return undefined;
		case 'refused':
			return notOrdered(submitRefused(uploaded.reason, uploaded.details, service.pages));
		case 'busy':
		case 'notUploaded':
			return { retryAfterMs: undefined, ...uploaded, kind: 'notUploaded' };
	}
}

async function submitInTurn(
	run: RunContext,
	job: Job,
	order: Order,
	turn: Turn,
	signal: AbortSignal,
): Promise<Result<AcceptedTask>> {
	const { pace, openSubmits, random, service } = run;
	const { timeoutMs } = job.settings;
	let tooLate = (pauseMs: number) =>
		pauseMs > 0 ? submitBusy({}, timeoutMs, pauseMs) : notSentInTime(timeoutMs);
	for (let failures = 0; ; ) {
		if (signal.aborted) return failed(stopped());
		const leftMs = turn.deadline - clock.monotonic();
		const pauseMs = pace.pausedMs('orders');
		if (leftMs <= 0 || pauseMs >= leftMs) return failed(tooLate(pauseMs));
		const open = submitOnce(run, job, order, turn, signal);
		openSubmits.add(open);
		const attempt = await open.finally(() => openSubmits.delete(open));
		switch (attempt.kind) {
			case 'notYet':
				break;
			case 'busy': {
				const { details } = attempt;
				tooLate = (pause) => submitBusy(details, timeoutMs, pause);
				break;
			}
			case 'notSent':
			case 'notUploaded': {
				const { details } = attempt;
				const unreached = attempt.kind === 'notSent' ? serviceUnreachable : uploadFailed;
				failures += 1;
				if (failures >= CONNECT_TRIES) return failed(unreached(details, service.pages));
				tooLate = () => unreached(details, service.pages);
				const backoff = backoffMs(failures, CONNECT_PAUSE_MS, random());
				const asked = attempt.kind === 'notUploaded' ? (attempt.retryAfterMs ?? 0) : 0;
				const untilLate = turn.deadline - clock.monotonic();
				await clock.sleep(Math.min(Math.max(backoff, asked), untilLate), signal);
				break;
			}
			case 'ended':
				return attempt.result;
		}
	}
}

/**
 * What came of one attempt: the end, or why the same order may be sent (again) later. `notYet`: nothing was sent, since the
 * item's deadline has come or a pause outlasts it, since the execution was stopped, or since an earlier try's note goes.
 */
export type SubmitAttempt =
	| { readonly kind: 'notYet' }
	| {
			readonly kind: 'ended';
			readonly result: Result<AcceptedTask>;
			readonly mayBeOrdered: boolean;
	  }
	| Extract<SubmitVerdict, { kind: 'busy' | 'notSent' }>
	| {
			readonly kind: 'notUploaded';
			readonly details: Details;
			/** As the service told, or undefined. */
			readonly retryAfterMs: number | undefined;
	  };

/** The end of an attempt that has certainly ordered nothing. */
function notOrdered(failure: Failure): SubmitAttempt {
	return { kind: 'ended', result: failed(failure), mayBeOrdered: false };
}

/** Why an order could not be prepared. */
function unprepared(
	{ kind }: Exclude<Preparation, PreparedOrder>,
	{ video }: Order,
): SubmitAttempt {
	switch (kind) {
		case 'unreadable':
			return notOrdered(imageChanged());
		case 'unreachable':
			return notOrdered(videoUnreachable(video?.kind === 'file' ? video.name : ''));
	}
}
