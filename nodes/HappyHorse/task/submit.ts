// Step 2: a checked order becomes a paid task, once. The only place that spends money.
import { backoffMs, CONNECT_PAUSE_MS, CONNECT_TRIES } from '../backoff';
import { clock } from '../clock';
import type { Failure, Result } from '../failure';
import { failed, invalidInput, stopped, succeeded } from '../failure';
import type { Job, Order } from '../order';
import { carriesBytes } from '../order';
import type { PreparedOrder, Service, SubmitVerdict } from '../service/service';
import type { AcceptedTask } from '../videoTask';
import {
	intentNotWritten,
	serviceUnreachable,
	submitBusy,
	submitRefused,
	submitUnsure,
} from './failures';
import type { Intents } from './intents';
import type { Ledger } from './ledger';
import type { RequestQueue } from './requestQueue';

/** Runs pieces of work with a limit on how many are under way: p-limit's form. */
export type Pool = <T>(work: () => Promise<T>) => Promise<T>;

/** Where n8n's log goes. No line holds a key, a prompt or an image. */
export interface Log {
	info(line: string): void;
	warn(line: string): void;
}

/** What ordering needs of a run. */
export interface SubmitContext {
	readonly service: Service;
	readonly ledger: Ledger;
	readonly intents: Intents;
	readonly queue: RequestQueue;
	/** Requests that hold images: one at a time is built and sent. */
	readonly heavySubmits: Pool;
	readonly lightSubmits: Pool;
	/** Submits that are open: a run that gives up waits for them. */
	readonly openSubmits: Set<Promise<unknown>>;
	readonly log: Log;
	/** The execution was stopped. */
	readonly cancel: AbortSignal;
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/** What came of one attempt: the end, or one of the two verdicts after which the same order may be sent again. */
type Attempted =
	| {
			readonly kind: 'ended';
			readonly result: Result<AcceptedTask>;
			readonly mayBeOrdered: boolean;
	  }
	| Extract<SubmitVerdict, { kind: 'busy' | 'notSent' }>;

function notOrdered(failure: Failure): Attempted {
	return { kind: 'ended', result: failed(failure), mayBeOrdered: false };
}

/**
 * Sends an order, once. Its record stands before the first byte leaves and is taken back only on a certain refusal:
 * whatever happens in between, the item is never sent again by itself.
 */
async function send(
	{ ledger, log, cancel }: SubmitContext,
	{ item }: Job,
	prepared: PreparedOrder,
	startedAt: number,
	intent: string | undefined,
): Promise<Attempted> {
	ledger.send(item, startedAt, intent);
	const verdict = await prepared.send();
	switch (verdict.kind) {
		case 'accepted': {
			const { task } = verdict;
			ledger.accept(item, task);
			const requestId = task.requestId ?? 'unknown';
			log.info(`HappyHorse: item ${item} is task ${task.taskId} (request ID ${requestId})`);
			return { kind: 'ended', result: succeeded(task), mayBeOrdered: true };
		}
		case 'unsure': {
			const { details } = verdict;
			ledger.noteUnsure(item, details);
			const why = cancel.aborted
				? 'the execution was stopped while it was sent'
				: 'no clear answer came';
			const requestId = details.requestId ?? 'unknown';
			log.warn(`HappyHorse: item ${item} may have been ordered: ${why} (request ID ${requestId})`);
			return { kind: 'ended', result: failed(submitUnsure(details)), mayBeOrdered: true };
		}
		case 'refused':
			ledger.withdraw(item);
			return notOrdered(submitRefused(verdict.reason, verdict.details));
		case 'busy':
		case 'notSent':
			ledger.withdraw(item);
			return verdict;
	}
}

/** One attempt: read the files, write the intent, send; the intent goes when the order was certainly not taken. */
async function attempt(
	context: SubmitContext,
	job: Job,
	order: Order,
	startedAt: number,
	signal: AbortSignal,
): Promise<Attempted> {
	if (signal.aborted) return notOrdered(stopped());
	const { service, ledger, intents } = context;
	const prepared = await service.prepare(order, job.secrets);
	if (prepared === undefined) {
		return notOrdered(
			invalidInput('An image could not be read again as it was checked', 'Run this again.'),
		);
	}
	const earlier = ledger.find(job.item)?.intent;
	const intent = earlier ?? (await intents.write(job.item, (one) => ledger.isSpent(one)));
	if (intent === 'failed') return notOrdered(intentNotWritten());
	const attempted = signal.aborted
		? notOrdered(stopped())
		: await send(context, job, prepared, startedAt, intent);
	const mayBeOrdered = attempted.kind === 'ended' && attempted.mayBeOrdered;
	if (!mayBeOrdered && intent !== undefined && earlier === undefined)
		await intents.remove([intent]);
	return attempted;
}

/**
 * Orders one video. Sends again only what was certainly refused for want of room (429), until the timeout, or what
 * never got a connection, a few times. Seconds that were reserved and not spent are released.
 * @param signal the run has given up, or the execution was stopped: nothing more is sent
 */
export async function submitOrder(
	context: SubmitContext,
	job: Job,
	order: Order,
	signal: AbortSignal,
): Promise<Result<AcceptedTask>> {
	const { ledger, queue, openSubmits, random } = context;
	const { item, settings } = job;
	const pool = carriesBytes(order) ? context.heavySubmits : context.lightSubmits;
	const startedAt = ledger.firstAttempt(item, clock.now());
	const deadline = startedAt + settings.timeoutMs;
	const giveUp = (failure: Failure): Result<AcceptedTask> => {
		ledger.budget.release(item);
		return failed(failure);
	};
	for (let unconnected = 0; ; ) {
		const { resumesAt } = queue;
		if (resumesAt > clock.now())
			await queue.turn({ earliest: resumesAt, latest: deadline }, signal);
		const lastChance = clock.now() >= deadline;
		const attempted = await pool(async () => {
			const open = attempt(context, job, order, startedAt, signal);
			openSubmits.add(open);
			try {
				return await open;
			} finally {
				openSubmits.delete(open);
			}
		});
		if (attempted.kind === 'busy') {
			if (lastChance) return giveUp(submitBusy(attempted.details, settings.timeoutMs));
			queue.rateLimited(attempted.retryAfterMs, random());
		} else if (attempted.kind === 'notSent') {
			unconnected += 1;
			if (lastChance || unconnected >= CONNECT_TRIES)
				return giveUp(serviceUnreachable(attempted.details));
			await clock.sleep(backoffMs(unconnected, CONNECT_PAUSE_MS, random()), signal);
		} else {
			const { result, mayBeOrdered } = attempted;
			if (result.ok) queue.served();
			return result.ok || mayBeOrdered ? result : giveUp(result.failure);
		}
	}
}
