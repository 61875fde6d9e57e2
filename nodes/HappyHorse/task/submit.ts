// Step 2: a checked order becomes a paid task, once. The only place that spends money.
import type { Failure, Result } from '../domain/failure';
import { failed, stopped, succeeded } from '../domain/failure';
import type { Job, Order } from '../domain/order';
import type { AcceptedTask, Details } from '../domain/task';
import type { PreparedOrder, SubmitVerdict } from '../service/service';
import { backoffMs } from '../util/backoff';
import { clock, inTime } from '../util/clock';
import type { RunContext } from './context';
import type { NamedIntent } from './intentNotes';
import type { Written } from './intents';
import { candidatesFor } from './listTasks';
import * as messages from './messages';

/** Tries of a submit that never gets a connection, and ms before the second one. */
const CONNECT_TRIES = 5;
const CONNECT_PAUSE_MS = 1000;

/** An order whose turn has come, in its run. */
interface Turn extends RunContext {
	readonly job: Job;
	readonly order: Order;
	/** In ms since 1970: for the record. */
	readonly startedAt: number;
	/** Nothing is sent at this time or later, by the monotonic clock. */
	readonly deadline: number;
}

/**
 * What came of one attempt: the end, or why the same order may be sent (again) later. `notYet`: nothing was sent, since the
 * item's deadline has come or a pause outlasts it, since the execution was stopped, or since an earlier try's note goes.
 * `unreached`: the service, or the place for the video, was not there, or asks for `pauseMs`.
 */
type SubmitAttempt =
	| Result<AcceptedTask>
	| { readonly kind: 'notYet' }
	| Extract<SubmitVerdict, { kind: 'busy' }>
	| { readonly kind: 'unreached'; readonly failure: Failure; readonly pauseMs?: number };

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
	turn: Turn,
	prepared: PreparedOrder,
	intent: string | undefined,
	giveBack: () => void,
): Promise<SubmitAttempt> {
	const { startedAt, deadline, ledger, intents, log, cancel, service, pace, signal } = turn;
	const { item } = turn.job;
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
	const verdict = await pace.send('orders', { withinMs, signal }, sendNow);
	if (verdict === undefined) return { kind: 'notYet' };
	const markUnsure = (details: Details, why: string) => {
		ledger.markUnsure(item, details);
		const id = details.requestId ?? 'unknown';
		log.warn(`HappyHorse: item ${item} may have been ordered: ${why} (request ID ${id})`);
	};
	switch (verdict.kind) {
		case 'accepted': {
			const { task } = verdict;
			const { taskId, requestId } = task;
			if (ledger.isTaskOfAnother(taskId)) {
				const details = { requestId, text: `Task ${taskId}` };
				markUnsure(details, `the answer names task ${taskId} of another order`);
				return failed(messages.taskOfAnother(taskId, details, pages));
			}
			ledger.accept(item, task, clock.now());
			log.info(`HappyHorse: item ${item} is task ${taskId} (request ID ${requestId ?? 'unknown'})`);
			turn.noteTask(taskId);
			if (intent !== undefined) await intents.complete(intent, taskId);
			return succeeded(task);
		}
		case 'unsure': {
			const { details } = verdict;
			const { taskIds: named } = details;
			const stop = 'the execution was stopped while it was sent';
			const answer = named ? `its answer names task ${named.join(', ')}` : 'no clear answer came';
			markUnsure(details, cancel.aborted && !named ? stop : answer);
			named?.forEach(turn.noteTask);
			const taskIds = named ?? (await candidatesFor(turn, prepared.model, sentAt));
			return failed(messages.submitUnsure({ ...details, taskIds }, pages));
		}
		default:
			ledger.withdraw(item);
			if (verdict.kind === 'busy') return verdict;
			return verdict.kind === 'refused'
				? failed(messages.submitRefused(verdict, pages))
				: { kind: 'unreached', failure: messages.serviceUnreachable(verdict.details, pages) };
	}
}

/** One attempt: upload, then all else in one of the account's places to get ready in. */
async function submitOnce(turn: Turn): Promise<SubmitAttempt> {
	const notUploaded = await upload(turn);
	if (notUploaded !== undefined) return notUploaded;
	const { pace, deadline, signal } = turn;
	const giveBack = await pace.getReady({ withinMs: deadline - clock.monotonic(), signal });
	if (giveBack === undefined) return { kind: 'notYet' };
	try {
		return await submitReady(turn, giveBack);
	} finally {
		giveBack();
	}
}

/** Reads the files, writes the intent, sends; the intent goes when the order was certainly not taken. */
async function submitReady(turn: Turn, giveBack: () => void): Promise<SubmitAttempt> {
	const { service, ledger, job, order, deadline, signal } = turn;
	const preparing = async () => await service.prepare(order);
	const prepared = await inTime(deadline - clock.monotonic(), signal, preparing);
	if (signal.aborted) return failed(stopped());
	if (prepared === undefined) return { kind: 'notYet' };
	if (prepared.kind !== 'ready') return failed(messages.notPrepared(prepared.kind, order));
	const earlier = ledger.find(job.item);
	const written = await writeIntent(turn);
	switch (written.kind) {
		case 'failed':
			return failed(signal.aborted ? stopped() : messages.intentNotWritten());
		case 'found':
			return orderedBefore(turn, written);
		case 'written': {
			const { intent } = written;
			const attempt = await send(turn, prepared, intent, giveBack);
			// It stands in the record as long as the order may have been taken
			if (ledger.find(job.item)?.intent !== intent) await removeIntent(turn, { intent });
			// A new order stands in the place of one whose task is gone, or that may never have been
			else if ('ok' in attempt && attempt.ok)
				await removeIntent(turn, { intent: earlier?.intent, taskId: earlier?.task?.taskId });
			return attempt;
		}
	}
}

/**
 * Writes an item's intent, in its time; a stop ends that at once, and what is written all the same is removed. A run that gives
 * up waits for it: else a Retry right after it would find what was never sent.
 */
async function writeIntent(turn: Turn): Promise<Written> {
	const { ledger, intents, deadline, cancel } = turn;
	const { item } = turn.job;
	const order = ledger.orderOf(item);
	if (order === undefined) return { kind: 'failed' };
	const writing = intents.write(intents.keyOf(order), (intent) => ledger.isSpent(item, intent));
	const written = await inTime(deadline - clock.monotonic(), cancel, async () => await writing);
	if (written !== undefined) return written;
	void writing.then(async (late) => {
		if (late.kind === 'written') await removeIntent(turn, late);
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
 * This execution, or the one that it retries, has ordered the item before: it resumes that task, if it is known; else it may
 * be ordered once more only where that is wanted.
 */
function orderedBefore(
	{ job, startedAt, ledger, log, noteTask, service: { pages } }: Turn,
	{ intent, taskId }: Extract<Written, { kind: 'found' }>,
): SubmitAttempt {
	const { item, settings } = job;
	if (taskId === undefined) {
		if (!settings.resubmitWhenUnsure) return failed(messages.intendedBefore(pages));
		if (!ledger.allowReorder(item)) return failed(messages.orderedAgain(pages));
		ledger.spend(intent);
		return { kind: 'notYet' };
	}
	ledger.budget.release(item);
	ledger.recover(item, startedAt, { intent, taskId });
	noteTask(taskId);
	log.info(`HappyHorse: item ${item} resumes task ${taskId}, which was ordered before`);
	return succeeded({ taskId });
}

/**
 * Orders one video. Sends again only what was certainly refused because the service is busy (429), or what never got a
 * connection, a few times; nothing at or after the item's deadline, which counts from the moment that its turn has come, and
 * nothing within a pause that the service asked for. Seconds that were reserved and not spent are released.
 */
export async function submit(
	run: RunContext,
	job: Job,
	order: Order,
): Promise<Result<AcceptedTask>> {
	const { ledger, service, heavySubmits, lightSubmits } = run;
	const isUploaded = service.upload !== undefined && order.video?.kind === 'file';
	// The bytes of images make a request of tens of megabytes, and n8n may hold the whole of a video
	const isHeavy = isUploaded || order.images.some(({ kind }) => kind === 'bytes');
	const inTurn = isHeavy ? heavySubmits : lightSubmits;
	const result = await inTurn(async () => {
		const startedAt = ledger.firstAttempt(job.item, clock.now());
		const deadline = deadlineOf(startedAt, job.settings.timeoutMs);
		return await submitInTurn({ ...run, job, order, startedAt, deadline });
	});
	if (!result.ok) ledger.budget.release(job.item);
	return result;
}

/** Hands the file of a video to the service; undefined once it has it, or where there is none to hand over. */
async function upload(turn: Turn): Promise<SubmitAttempt | undefined> {
	const { service, order, deadline, signal } = turn;
	if (order.video?.kind !== 'file' || service.upload === undefined) return undefined;
	const uploading = async (ending: AbortSignal) => await service.upload?.(order, ending);
	const uploaded = await inTime(deadline - clock.monotonic(), signal, uploading);
	if (uploaded === undefined) return { kind: 'notYet' };
	if (uploaded.kind === 'done') return undefined;
	if (uploaded.kind === 'refused') return failed(messages.submitRefused(uploaded, service.pages));
	const { retryAfterMs: pauseMs = 0 } = uploaded.kind === 'busy' ? uploaded : {};
	return { kind: 'unreached', failure: messages.uploadFailed(uploaded.details, pauseMs), pauseMs };
}

/** Attempts an order until one attempt ends it, or its time is over. */
async function submitInTurn(turn: Turn): Promise<Result<AcceptedTask>> {
	const { job, deadline, pace, openSubmits, random, signal } = turn;
	const { timeoutMs } = job.settings;
	let tooLate = (pauseMs: number) =>
		pauseMs > 0 ? messages.submitBusy({}, timeoutMs, pauseMs) : messages.notSentInTime(timeoutMs);
	for (let failures = 0; ; ) {
		if (signal.aborted) return failed(stopped());
		const leftMs = deadline - clock.monotonic();
		const pauseMs = pace.pausedMs('orders');
		if (leftMs <= 0 || pauseMs >= leftMs) return failed(tooLate(pauseMs));
		const open = submitOnce(turn);
		openSubmits.add(open);
		const attempt = await open.finally(() => openSubmits.delete(open));
		if ('ok' in attempt) return attempt;
		if (attempt.kind === 'busy')
			tooLate = (pause) => messages.submitBusy(attempt.details, timeoutMs, pause);
		if (attempt.kind !== 'unreached') continue;
		const { failure, pauseMs: asked = 0 } = attempt;
		tooLate = () => failure;
		failures += 1;
		const untilLate = deadline - clock.monotonic();
		if (failures >= CONNECT_TRIES || asked >= untilLate) return failed(failure);
		const backoff = backoffMs(failures, CONNECT_PAUSE_MS, random());
		await clock.sleep(Math.min(Math.max(backoff, asked), untilLate), signal);
	}
}
