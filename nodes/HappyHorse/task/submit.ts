// Step 2: a checked order becomes a paid task, once. The only place that spends money.
import { backoffMs, CONNECT_PAUSE_MS, CONNECT_TRIES } from '../backoff';
import { clock } from '../clock';
import type { Fault } from '../fault';
import {
	invalidInput,
	markNotWritten,
	serviceUnreachable,
	submitBusy,
	submitRefused,
	submitUnsure,
} from '../fault';
import { buildBody, isHeavy } from '../request/body';
import type { Order } from '../request/order';
import type { Service } from '../service/client';
import type { AcceptedTask } from '../service/contract';
import type { SubmitVerdict } from '../service/verdict';
import type { Ledger, TaskRecord } from './ledger';
import { noteAccepted, noteUnsure, sendingRecord } from './ledger';
import type { Marks } from './marks';
import type { Timetable } from './pace';
import { turn } from './pace';

/** Runs pieces of work with a limit on how many are under way: p-limit's form. */
export type Pool = <T>(work: () => Promise<T>) => Promise<T>;

/** Where n8n's log goes. No line holds a key, a prompt or an image. */
export interface Log {
	info(line: string): void;
	warn(line: string): void;
}

/** What ordering needs beside the order. */
export interface Till {
	readonly service: Service;
	readonly ledger: Ledger;
	readonly marks: Marks;
	readonly timetable: Timetable;
	/** Bodies that hold images: one at a time is built and sent. */
	readonly heavyBodies: Pool;
	readonly lightBodies: Pool;
	readonly log: Log;
	/** The execution was stopped. */
	readonly cancel: AbortSignal;
	/** The run has given up, or the execution was stopped: nothing more is sent. */
	readonly halt: AbortSignal;
	/** Is told of each submit while it is open, so that a run that gives up can wait for it. */
	trackSubmit(open: Promise<unknown>): void;
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/** One order of one item. */
export interface Purchase {
	readonly item: number;
	readonly order: Order;
	readonly print: string;
	readonly markBase: string;
	/** Ms from the first attempt on, after which a busy service is given up on. */
	readonly timeoutMs: number;
	/** Texts that no message may quote. */
	readonly secrets: readonly string[];
	/** A mark that an earlier try of this order has left, where it is known. */
	readonly mark: string | undefined;
}

/** What came of an order. `notStarted`: nothing was sent, since the run had given up. */
export type Purchased =
	| { readonly kind: 'accepted'; readonly record: TaskRecord; readonly task: AcceptedTask }
	| { readonly kind: 'fault'; readonly fault: Fault; readonly ordered: boolean }
	| { readonly kind: 'notStarted' };

/** What came of one attempt: that, or one of the two verdicts after which the same order may be sent again. */
type Attempted = Purchased | Extract<SubmitVerdict, { kind: 'busy' | 'notSent' }>;

function notOrdered(fault: Fault): Purchased {
	return { kind: 'fault', fault, ordered: false };
}

/**
 * Sends an order, once. Its record stands before the first byte leaves and is taken back only on a certain refusal:
 * whatever happens in between, the item is never sent again by itself.
 */
async function send(
	till: Till,
	purchase: Purchase,
	body: Buffer,
	record: TaskRecord,
): Promise<Attempted> {
	const { ledger, log, cancel } = till;
	const { item } = purchase;
	const before = ledger.put(item, record);
	const verdict = await till.service.submit(body, purchase.secrets);
	switch (verdict.kind) {
		case 'accepted': {
			noteAccepted(record, verdict.task);
			ledger.settle(item);
			const { task_id, request_id } = verdict.task;
			log.info(
				`HappyHorse: item ${item} is task ${task_id} (request ID ${request_id ?? 'unknown'})`,
			);
			return { kind: 'accepted', record, task: verdict.task };
		}
		case 'unsure': {
			noteUnsure(record, verdict.says);
			ledger.settle(item);
			const why = cancel.aborted
				? 'the execution was stopped while it was sent'
				: 'no clear answer came';
			const id = verdict.says.requestId ?? 'unknown';
			log.warn(`HappyHorse: item ${item} may have been ordered: ${why} (request ID ${id})`);
			return {
				kind: 'fault',
				fault: submitUnsure(verdict.says),
				ordered: true,
			};
		}
		case 'refused':
			ledger.restore(item, before);
			return notOrdered(submitRefused(verdict.says));
		case 'busy':
		case 'notSent':
			ledger.restore(item, before);
			return verdict;
	}
}

/** One attempt: read the files, mark, send; the mark goes when the order was certainly not taken. */
async function attempt(till: Till, purchase: Purchase, startedAt: number): Promise<Attempted> {
	if (till.halt.aborted) return { kind: 'notStarted' };
	const body = await buildBody(purchase.order).catch(() => undefined);
	if (body === undefined) {
		return notOrdered(
			invalidInput('An image could not be read again as it was checked', 'Run this again.'),
		);
	}
	const isSpent = (mark: string) => till.ledger.isSpent(mark);
	const mark = purchase.mark ?? (await till.marks.place(purchase.markBase, isSpent));
	if (mark === 'failed') return notOrdered(markNotWritten());
	const attempted: Attempted = till.halt.aborted
		? { kind: 'notStarted' }
		: await send(till, purchase, body, sendingRecord(purchase.print, startedAt, mark));
	const mayStand =
		attempted.kind === 'accepted' || (attempted.kind === 'fault' && attempted.ordered);
	if (!mayStand && mark !== undefined && purchase.mark === undefined)
		await till.marks.remove([mark]);
	return attempted;
}

/**
 * Orders one video. Sends again only what was certainly refused for want of room (429), until the timeout, or what
 * never got a connection, a few times.
 */
export async function orderVideo(till: Till, purchase: Purchase): Promise<Purchased> {
	const { halt, timetable } = till;
	const pool = isHeavy(purchase.order) ? till.heavyBodies : till.lightBodies;
	const startedAt = till.ledger.firstAttempt(purchase.item, clock.now());
	const deadline = startedAt + purchase.timeoutMs;
	for (let unconnected = 0; ; ) {
		if (timetable.resumesAt > clock.now())
			await turn(timetable, timetable.resumesAt, deadline, halt);
		const lastChance = clock.now() >= deadline;
		const attempted = await pool(async () => {
			const open = attempt(till, purchase, startedAt);
			till.trackSubmit(open);
			return await open;
		});
		if (attempted.kind === 'busy') {
			if (lastChance) return notOrdered(submitBusy(attempted.says, purchase.timeoutMs));
			timetable.turnedAway(attempted.retryAfterMs, till.random());
		} else if (attempted.kind === 'notSent') {
			unconnected += 1;
			if (lastChance || unconnected >= CONNECT_TRIES)
				return notOrdered(serviceUnreachable(attempted.says));
			await clock.sleep(backoffMs(unconnected, CONNECT_PAUSE_MS, till.random()), halt);
		} else {
			if (attempted.kind === 'accepted') timetable.served();
			return attempted;
		}
	}
}
