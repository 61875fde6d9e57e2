// The record of what was paid, kept in n8n's memory of the execution: it survives Retry On Fail and "Retry".
import { z } from 'zod';
import type { AcceptedTask } from '../service/contract';
import type { Says } from '../service/verdict';

const taskRecord = z.object({
	/**
	 * `sending`: a submit went out and no clear answer is known. `accepted`: a task is paid for. `delivered`: its
	 * video (or, without waiting, its id) was handed over as an item.
	 */
	state: z.enum(['sending', 'accepted', 'delivered']),
	/** Of the unevaluated request and the input item: see `printsOf` in `identity.ts`. */
	fingerprint: z.string(),
	/** When the first submit of this order was attempted, in ms since 1970. */
	startedAt: z.number(),
	/** The durable mark that this order has set, where n8n can keep one. */
	mark: z.string().optional(),
	/** The accepted task. */
	task: z
		.object({
			task_id: z.string(),
			model: z.string().nullish(),
			created_at: z.string().nullish(),
			request_id: z.string().nullish(),
		})
		.optional(),
	/** What the service said to the submit, where the answer was not clear. */
	says: z
		.object({
			httpStatus: z.number().optional(),
			code: z.string().optional(),
			requestId: z.string().optional(),
			text: z.string().optional(),
		})
		.optional(),
	/** Of another execution, which this one retries; not taken over yet. */
	carried: z.boolean().optional(),
	/** A try is working on it right now. */
	inUse: z.boolean().optional(),
});

/** What is known of one order. Holds no prompt and no image. */
export type TaskRecord = z.infer<typeof taskRecord>;

const ledgerData = z.object({
	/** Id of the execution that wrote last. */
	execution: z.string(),
	/** Seconds of video that this execution has ordered at this node, or is about to. */
	orderedSeconds: z.number(),
	/** How many tool calls have opened this ledger. */
	calls: z.number().optional(),
	/** When items were first attempted that no try has ordered yet, by the same keys; in ms since 1970. */
	attempts: z.record(z.number()).optional(),
	/** Marks of tasks that failed. Never used again: an older copy of this ledger may take them away once more. */
	spentMarks: z.array(z.string()).optional(),
	/** By run index and item, e.g. "0.12"; in a tool by call and item, e.g. "c3.0". */
	records: z.record(taskRecord),
});

type LedgerData = z.infer<typeof ledgerData>;

/** Characters that a record keeps of what the service said. */
const MOST_WORDS = 160;

/** Where the ledger lies in the node's context. */
const SLOT = 'happyHorse';

function isLedgerData(value: unknown): value is LedgerData {
	return ledgerData.safeParse(value).success;
}

/** Which run of which execution is looking at the ledger. */
export interface RunIdentity {
	readonly executionId: string;
	/** How often the node has run before in this execution: loops and tool calls count up. */
	readonly runIndex: number;
	/** Whether an AI agent calls the node: then each try is a run of its own. */
	readonly inTool: boolean;
}

/**
 * The ledger of one node in one execution. All changes are made in place in n8n's own object, so they are saved with
 * the execution whatever happens next.
 */
export class Ledger {
	/** Seconds of video that this run has reserved and not spent yet, by item. */
	private readonly reserved = new Map<number, number>();

	private constructor(
		private readonly data: LedgerData,
		private readonly run: RunIdentity,
		/** What the keys of this run's records begin with. */
		private readonly prefix: string,
	) {}

	/**
	 * Opens the ledger in a node's context (`getContext('node')`). What an earlier run delivered is dropped; the records
	 * of another execution, which this one retries, are kept aside until {@link find} sees that they fit.
	 */
	static open(context: Record<string, unknown>, run: RunIdentity): Ledger {
		const kept: unknown = context[SLOT];
		const data = isLedgerData(kept)
			? kept
			: { execution: run.executionId, orderedSeconds: 0, records: {} };
		context[SLOT] = data;
		if (data.execution !== run.executionId) {
			data.execution = run.executionId;
			data.orderedSeconds = 0;
			delete data.attempts;
			for (const record of Object.values(data.records)) {
				record.carried = true;
				delete record.inUse;
			}
		}
		// Run indexes of tool calls are not unique: agents that work on several items at once count each for itself
		if (run.inTool) data.calls = (data.calls ?? 0) + 1;
		const prefix = run.inTool ? `c${data.calls}.` : `${run.runIndex}.`;
		for (const [key, record] of Object.entries(data.records)) {
			const ofThisRun = key.startsWith(prefix);
			if (record.state === 'delivered' && !ofThisRun && !record.inUse) delete data.records[key];
		}
		for (const key of Object.keys(data.attempts ?? {})) {
			if (!key.startsWith(prefix)) delete data.attempts?.[key];
		}
		return new Ledger(data, run, prefix);
	}

	private key(item: number): string {
		return this.prefix + item;
	}

	/**
	 * The record that an item goes on with, if there is one. Within an execution that is the record of the same run and
	 * item, whatever the parameters are now. One of a retried execution must have the same fingerprint. In a tool call,
	 * also one of an earlier call with the same fingerprint that ended undelivered; it moves to this run.
	 */
	find(item: number, print: string): TaskRecord | undefined {
		const { records } = this.data;
		const own = records[this.key(item)];
		if (own !== undefined && (!own.carried || own.fingerprint === print)) return own;
		if (!this.run.inTool) return undefined;
		const [key, earlier] =
			Object.entries(records).find(
				([, record]) =>
					record.fingerprint === print && record.state !== 'delivered' && !record.inUse,
			) ?? [];
		if (key === undefined || earlier === undefined) return undefined;
		delete records[key];
		records[this.key(item)] = earlier;
		earlier.inUse = true;
		return earlier;
	}

	/** The record that stands in an item's place though it does not fit: of a retried execution, with other input. */
	unfit(item: number, print: string): TaskRecord | undefined {
		const own = this.data.records[this.key(item)];
		return own?.carried && own.fingerprint !== print ? own : undefined;
	}

	/** Takes a record over for this execution: from now on it belongs to the item, and the wait starts afresh. */
	takeOver(record: TaskRecord, now: number): void {
		if (!record.carried) return;
		delete record.carried;
		record.startedAt = now;
	}

	/** When an item's order was first attempted in this execution: now, or in an earlier try. In ms since 1970. */
	firstAttempt(item: number, now: number): number {
		const attempts = (this.data.attempts ??= {});
		return (attempts[this.key(item)] ??= now);
	}

	/** Writes a record into an item's place. Returns what stood there, for {@link restore}. */
	put(item: number, record: TaskRecord): TaskRecord | undefined {
		const before = this.data.records[this.key(item)];
		this.data.records[this.key(item)] = record;
		return before;
	}

	/** Puts back what stood in an item's place before; undefined empties it. */
	restore(item: number, before: TaskRecord | undefined): void {
		if (before === undefined) delete this.data.records[this.key(item)];
		else this.data.records[this.key(item)] = before;
	}

	/**
	 * The tasks of this run that are paid for, in item order: also those of a retried execution whose turn has not come,
	 * but not those that do not fit. `printOf`: the fingerprint of an item.
	 */
	paidTasks(printOf: (item: number) => string): Array<{ item: number; task_id: string }> {
		return this.ownRecords()
			.flatMap(({ item, record }) => {
				const fits = !record.carried || record.fingerprint === printOf(item);
				return record.task !== undefined && fits ? [{ item, task_id: record.task.task_id }] : [];
			})
			.sort((a, b) => a.item - b.item);
	}

	/** The records in the places of this run's items. */
	private ownRecords(): Array<{ item: number; record: TaskRecord }> {
		const { prefix } = this;
		return Object.entries(this.data.records)
			.filter(([key]) => key.startsWith(prefix))
			.map(([key, record]) => ({ item: Number(key.slice(prefix.length)), record }));
	}

	/** Frees an item whose task has failed. Returns the mark to take away. */
	free(item: number, record: TaskRecord): string | undefined {
		this.restore(item, undefined);
		if (record.mark !== undefined) (this.data.spentMarks ??= []).push(record.mark);
		return record.mark;
	}

	/** Whether a mark was that of a task that has failed. */
	isSpent(mark: string): boolean {
		return this.data.spentMarks?.includes(mark) ?? false;
	}

	/** Marks that are no longer needed, since this run has delivered: they are taken out of the records. */
	takeDeliveredMarks(): string[] {
		const marks: string[] = [];
		for (const { record } of this.ownRecords()) {
			if (record.state !== 'delivered' || record.mark === undefined) continue;
			marks.push(record.mark);
			delete record.mark;
		}
		return marks;
	}

	/** Seconds of video that this execution has ordered at this node so far, or has reserved. */
	get orderedSeconds(): number {
		return this.data.orderedSeconds;
	}

	/** Counts an item's seconds of video as ordered, before they are. */
	reserve(item: number, seconds: number): void {
		this.reserved.set(item, seconds);
		this.data.orderedSeconds += seconds;
	}

	/** An item's reservation is spent: its order was accepted, or may have been. */
	settle(item: number): void {
		this.reserved.delete(item);
		delete this.data.attempts?.[this.key(item)];
	}

	/** Gives back what was reserved for an item that was not ordered after all. */
	giveBack(item: number): void {
		this.data.orderedSeconds -= this.reserved.get(item) ?? 0;
		this.reserved.delete(item);
	}

	/** Ends the run: what was reserved and not spent is given back, and no record is being worked on any more. */
	close(): void {
		for (const item of [...this.reserved.keys()]) this.giveBack(item);
		for (const { record } of this.ownRecords()) delete record.inUse;
	}
}

/** A record of an order that is about to be sent. `startedAt`: ms since 1970. */
export function sendingRecord(
	print: string,
	startedAt: number,
	mark: string | undefined,
): TaskRecord {
	return { state: 'sending', fingerprint: print, startedAt, mark, inUse: true };
}

/** Notes in a record that the service accepted the order: before anything else is done with the answer. */
export function noteAccepted(record: TaskRecord, task: AcceptedTask): void {
	record.state = 'accepted';
	record.task = task;
}

/** Notes in a record what the service said to a submit whose fate is unknown, in short. */
export function noteUnsure(record: TaskRecord, says: Says): void {
	const { httpStatus, code, requestId, text } = says;
	record.says = { httpStatus, code, requestId, text: text?.slice(0, MOST_WORDS) };
}
