// The record of what was paid, in n8n's memory of the execution: it survives Retry On Fail and "Retry".
//
//   state       how a record gets there                              how it goes on
//   sending     `send`: a submit is about to leave                   `accept`, `noteUnsure` (stays), `withdraw` (gone)
//   accepted    `accept`: the service has told a task id             `deliver`, `free` (gone: the task has failed)
//   delivered   `deliver`: the item has its video, or only its id    gone when the node's next run opens the ledger
//
// A record that is `carried` comes from the execution that this one retries: `adopt` makes it this execution's own.
import type { Result } from '../failure';
import { succeeded } from '../failure';
import type { RunIdentity } from '../identity';
import type { AcceptedTask, Details } from '../videoTask';
import type { Bill } from './bill';
import { billOf } from './bill';
import { Budget } from './budget';
import type { LedgerData, SavedRecord } from './ledgerData';
import { claimableKey, keepTaskId, openLedgerData } from './ledgerData';
import { SecondOrders } from './secondOrders';

/** What is known of one order. Holds no prompt and no image. */
export type TaskRecord = Readonly<SavedRecord>;

/** Characters that a record keeps of what the service said. */
const MOST_WORDS = 160;

/**
 * The ledger of one node in one execution, as one run of the node sees it. All changes are made in place in n8n's own
 * object, so they are saved with the execution whatever happens next.
 */
export class Ledger {
	/** Seconds of video that this run may still order, and has ordered. */
	readonly budget: Budget;
	/** Until when the service has asked to be left alone, in ms since 1970. */
	readonly pause: { pausedUntil?: number };
	/** What stood in the places of items before an order of this run was sent for them. */
	private readonly replaced = new Map<number, SavedRecord | undefined>();
	/** Fingerprints of the evaluated orders of tool calls, by item. */
	private readonly orders = new Map<number, string>();
	private readonly secondOrders: SecondOrders;
	private intended: ReadonlySet<number> = new Set();

	private constructor(
		private readonly data: LedgerData,
		private readonly run: RunIdentity,
		private readonly fingerprintOf: (item: number) => string,
		/** What the keys of this run's records begin with. */
		private readonly prefix: string,
	) {
		this.budget = new Budget(data);
		this.pause = data;
		this.secondOrders = new SecondOrders(data);
	}

	/**
	 * Opens the ledger in a node's context (`getContext('node')`); see {@link openLedgerData}. `fingerprintOf`: what tells
	 * an item from others, see `identity.ts`.
	 */
	static open(
		context: Record<string, unknown>,
		run: RunIdentity,
		fingerprintOf: (item: number) => string,
	): Result<Ledger> {
		const opened = openLedgerData(context, run);
		if (!opened.ok) return opened;
		const { data, prefix } = opened.value;
		return succeeded(new Ledger(data, run, fingerprintOf, prefix));
	}

	private key(item: number): string {
		return this.prefix + item;
	}

	/** Whether a record is of the item in whose place it stands: one that is carried must have the same fingerprint. */
	private fits(record: TaskRecord, item: number): boolean {
		return !record.carried || record.fingerprint === this.fingerprintOf(item);
	}

	/**
	 * The record that an item goes on with, if there is one. Within an execution that is the record of the same run and
	 * item, whatever the parameters are now.
	 */
	find(item: number): TaskRecord | undefined {
		return this.own(item);
	}

	private own(item: number): SavedRecord | undefined {
		const record = this.data.records[this.key(item)];
		return record !== undefined && this.fits(record, item) ? record : undefined;
	}

	/**
	 * Takes the record of an earlier tool call for an item that has none: one with the same fingerprint, also of its
	 * evaluated `order`, that ended undelivered and that no other call is working on. Each try of a tool is a run of its
	 * own.
	 */
	claim(item: number, order: string): void {
		if (!this.run.inTool) return;
		this.orders.set(item, order);
		if (this.find(item) !== undefined) return;
		const { records } = this.data;
		const key = claimableKey(records, this.fingerprintOf(item), order);
		if (key === undefined) return;
		const record = records[key];
		delete records[key];
		records[this.key(item)] = record;
		record.inUse = true;
	}

	/** The task that stands in an item's place though it does not fit: of a retried execution, with other input. */
	unfit(item: number): AcceptedTask | undefined {
		const record = this.data.records[this.key(item)];
		return record !== undefined && !this.fits(record, item) ? record.task : undefined;
	}

	/** Makes the record of a retried execution this one's own: its wait starts afresh. `now`: ms since 1970. */
	adopt(item: number, now: number): TaskRecord | undefined {
		const record = this.own(item);
		if (record?.carried) {
			delete record.carried;
			record.startedAt = now;
		}
		return record;
	}

	/** When an item's order was first attempted in this execution: now, or in an earlier try. In ms since 1970. */
	firstAttempt(item: number, now: number): number {
		const attempts = (this.data.attempts ??= {});
		return (attempts[this.key(item)] ??= now);
	}

	/**
	 * Allows an item to be ordered once more though it may have been ordered before; false where that was done already in
	 * this execution, however often it is tried.
	 */
	allowAgain(item: number): boolean {
		// Each try of a tool call has a place of its own, so the call is known by what it asks for
		const order = this.orders.get(item);
		const key = order === undefined ? this.key(item) : `${this.fingerprintOf(item)} ${order}`;
		return this.secondOrders.allow(item, key);
	}

	/** Items of which only an intent of an earlier run is known: they may have been ordered. */
	noteIntended(items: ReadonlySet<number>): void {
		this.intended = items;
	}

	/** An order is about to leave: from now on, the item may be ordered. `startedAt`: ms since 1970. */
	send(item: number, startedAt: number, intent: string | undefined): void {
		const key = this.key(item);
		this.replaced.set(item, this.data.records[key]);
		const asked = { fingerprint: this.fingerprintOf(item), order: this.orders.get(item) };
		this.data.records[key] = { state: 'sending', ...asked, startedAt, intent, inUse: true };
		this.secondOrders.use(item);
	}

	/** The service has accepted the order: noted before anything else is done with the answer. */
	accept(item: number, task: AcceptedTask): void {
		const record = this.data.records[this.key(item)];
		record.state = 'accepted';
		record.task = task;
		this.ordered(item);
	}

	/** What became of the order is not known: what the service said stays in the record, in short. */
	noteUnsure(item: number, { text, ...details }: Details): void {
		this.data.records[this.key(item)].details = { ...details, text: text?.slice(0, MOST_WORDS) };
		this.ordered(item);
	}

	private ordered(item: number): void {
		keepTaskId(this.data, this.replaced.get(item));
		this.budget.commit(item);
		delete this.data.attempts?.[this.key(item)];
	}

	/** The order was certainly not taken: what stood in the item's place before is put back. */
	withdraw(item: number): void {
		const before = this.replaced.get(item);
		if (before === undefined) delete this.data.records[this.key(item)];
		else this.data.records[this.key(item)] = before;
		this.secondOrders.giveBack(item);
	}

	/**
	 * Whether a task id is that of another order in this execution, or of an earlier one for the same item: one task
	 * answers one order.
	 */
	isTaskOfAnother(item: number, taskId: string): boolean {
		const { formerTasks = [], records } = this.data;
		const all = [...Object.values(records), this.replaced.get(item)];
		return formerTasks.includes(taskId) || all.some((record) => record?.task?.taskId === taskId);
	}

	/** The item has its video, or, where it is not waited for, its task id. */
	deliver(item: number): void {
		const record = this.own(item);
		if (record !== undefined) record.state = 'delivered';
	}

	/** The task of an item has failed, so that the item may be ordered anew. Returns the intent to remove. */
	free(item: number): string | undefined {
		const record = this.own(item);
		const intent = record?.intent;
		keepTaskId(this.data, record);
		delete this.data.records[this.key(item)];
		if (intent !== undefined) (this.data.spentIntents ??= []).push(intent);
		return intent;
	}

	/** Whether an intent was that of a task that has failed. */
	isSpent(intent: string): boolean {
		return this.data.spentIntents?.includes(intent) ?? false;
	}

	/** Intents that are no longer needed, since this run has delivered: they are taken out of the records. */
	takeDeliveredIntents(): string[] {
		return this.ownRecords().flatMap(({ record }) => {
			const { state, intent } = record;
			if (state !== 'delivered' || intent === undefined) return [];
			delete record.intent;
			return [intent];
		});
	}

	/** What this run may have cost: also what a retried execution has left for items whose turn has not come. */
	bill(): Bill {
		const own = this.ownRecords().filter(({ item, record }) => this.fits(record, item));
		return billOf(own, this.intended);
	}

	/** The records in the places of this run's items. */
	private ownRecords(): Array<{ item: number; record: SavedRecord }> {
		const { prefix } = this;
		return Object.entries(this.data.records)
			.filter(([key]) => key.startsWith(prefix))
			.map(([key, record]) => ({ item: Number(key.slice(prefix.length)), record }));
	}

	/** Ends the run: what was reserved and not spent is given back, and no record is being worked on any more. */
	close(): void {
		this.budget.close();
		for (const { record } of this.ownRecords()) delete record.inUse;
	}
}
