// The record of what was paid, in n8n's memory of the execution: it survives Retry On Fail and "Retry".
//
//   state       how a record gets there                              how it goes on
//   sending     `send`: a submit is about to leave                   `accept`, `noteUnsure` (stays), `withdraw` (gone)
//   accepted    `accept`: the service has told a task id             `deliver`, `free` (gone: the task has failed)
//   delivered   `deliver`: the item has its video, or only its id    gone when the node's next run opens the ledger
//
// A record that is `carried` comes from the execution that this one retries: `adopt` makes it this execution's own.
import type { Result } from '../domain/failure';
import { succeeded } from '../domain/failure';
import type { Bill } from '../domain/outcome';
import type { AcceptedTask, Details, Place } from '../domain/task';
import type { RunIdentity } from '../n8n/identity';
import { Budget, SecondOrders } from './budget';
import type { LedgerData, RecordedIntent, SavedRecord } from './savedLedger';
import { keepTaskId, openLedgerData, tasksOf } from './savedLedger';

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
	/** The first execution in this chain of retries: this one, where nothing is known of another. */
	readonly firstExecution: string;
	/** Whether an execution that this one retries has left its record. */
	readonly hasEarlierRecord: boolean;
	/** Until when the service has asked to be left alone, in ms since 1970. */
	readonly pause: { pausedUntil?: number };
	/** What stood in the places of items before an order of this run was sent for them. */
	private readonly replaced = new Map<number, SavedRecord | undefined>();
	/** Fingerprints of the evaluated orders of tool calls, by item. */
	private readonly orders = new Map<number, string>();
	private readonly secondOrders: SecondOrders;
	/** Items of this run that go on with a task of an earlier try. */
	readonly takenOver = new Set<number>();
	private intended: ReadonlySet<number> = new Set();

	private constructor(
		private readonly data: LedgerData,
		readonly run: RunIdentity,
		private readonly fingerprintOf: (item: number) => string,
		private readonly records: Records,
	) {
		this.budget = new Budget(data);
		this.firstExecution = data.firstExecution;
		this.hasEarlierRecord = data.firstExecution !== run.executionId;
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
		const records = new Records(data.records, prefix, fingerprintOf);
		return succeeded(new Ledger(data, run, fingerprintOf, records));
	}

	/**
	 * The record that an item goes on with, if there is one. Within an execution that is the record of the same run and
	 * item, whatever the parameters are now.
	 */
	find(item: number): TaskRecord | undefined {
		return this.records.own(item);
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
		const fingerprint = this.fingerprintOf(item);
		const isTaken = this.records.move(
			item,
			({ state, inUse, ...record }) =>
				record.fingerprint === fingerprint &&
				record.order === order &&
				state !== 'delivered' &&
				!inUse,
		);
		const record = this.records.own(item);
		if (isTaken && record !== undefined) record.inUse = true;
	}

	/** The task that stands in an item's place though it does not fit: of a retried execution, with other input. */
	unfit(item: number): AcceptedTask | undefined {
		const record = this.records.at(item);
		return record !== undefined && !this.records.fits(item, record) ? record.task : undefined;
	}

	/** Makes the record of a retried execution this one's own: its wait starts afresh. `now`: ms since 1970. */
	adopt(item: number, now: number): TaskRecord | undefined {
		const record = this.records.own(item);
		this.takenOver.add(item);
		if (record?.carried) {
			delete record.carried;
			record.startedAt = now;
		}
		return record;
	}

	/** When an item's order was first attempted in this execution: now, or in an earlier try. In ms since 1970. */
	firstAttempt(item: number, now: number): number {
		const attempts = (this.data.attempts ??= {});
		return (attempts[this.records.key(item)] ??= now);
	}

	/**
	 * Allows an item to be ordered once more though it may have been ordered before; false where that was done already in
	 * this execution, however often it is tried.
	 */
	allowAgain(item: number): boolean {
		// Each try of a tool call has a place of its own, so the call is known by what it asks for
		const order = this.orders.get(item);
		const key =
			order === undefined ? this.records.key(item) : `${this.fingerprintOf(item)} ${order}`;
		return this.secondOrders.allow(item, key);
	}

	/** Items that may have been ordered by an earlier run, as its intents say, or since these can't be looked for. */
	noteIntended(items: ReadonlySet<number>): void {
		this.intended = items;
	}

	/** An earlier run has left an intent and no task: on record, so that also a retry of this execution knows of it. */
	suspect(item: number, startedAt: number, intent: string): void {
		if (this.find(item) !== undefined) return;
		const fingerprint = this.fingerprintOf(item);
		this.records.put(item, { state: 'sending', fingerprint, startedAt, intent });
	}

	/** An order is about to leave, to `place`: from now on, the item may be ordered. `startedAt`: ms since 1970. */
	send(item: number, startedAt: number, intent: string | undefined, place?: Place): void {
		this.replaced.set(item, this.records.at(item));
		const asked = { fingerprint: this.fingerprintOf(item), order: this.orders.get(item) };
		this.records.put(item, { state: 'sending', ...asked, startedAt, intent, place, inUse: true });
		this.secondOrders.use(item);
	}

	/** The service has accepted the order: noted before anything else is done with the answer. */
	accept(item: number, task: AcceptedTask): void {
		const record = this.records.at(item);
		if (record !== undefined) Object.assign(record, { state: 'accepted', task });
		tasksOf(this.data).add(task.taskId);
		this.ordered(item);
	}

	/** A task that an earlier run has ordered for an item, as its intent says: this run goes on with it. */
	recover(item: number, startedAt: number, intent: string, taskId: string): void {
		this.send(item, startedAt, intent);
		this.accept(item, { taskId });
		this.takenOver.add(item);
	}

	/** What became of the order is not known: what the service said stays in the record, in short. */
	noteUnsure(item: number, { text, ...details }: Details): void {
		const record = this.records.at(item);
		if (record !== undefined) record.details = { ...details, text: text?.slice(0, MOST_WORDS) };
		this.ordered(item);
	}

	private ordered(item: number): void {
		keepTaskId(this.data, this.replaced.get(item));
		this.budget.commit(item);
		delete this.data.attempts?.[this.records.key(item)];
	}

	/** The order was certainly not taken: what stood in the item's place before is put back. */
	withdraw(item: number): void {
		this.records.put(item, this.replaced.get(item));
		this.secondOrders.giveBack(item);
	}

	/**
	 * Whether a task id is that of another order in this execution, or of an earlier one for the same item: one task
	 * answers one order.
	 */
	isTaskOfAnother(taskId: string): boolean {
		return tasksOf(this.data).has(taskId);
	}

	/** The item has its video, or, where it is not waited for, its task id. */
	deliver(item: number): void {
		const record = this.records.own(item);
		if (record !== undefined) record.state = 'delivered';
	}

	/** The task of an item has failed, so that the item may be ordered anew. Returns the intent to remove. */
	free(item: number): RecordedIntent[] {
		const record = this.records.own(item);
		keepTaskId(this.data, record);
		this.records.put(item, undefined);
		if (record?.intent === undefined) return [];
		const { intent, task } = record;
		(this.data.spentIntents ??= []).push(intent);
		return [{ intent, taskId: task?.taskId }];
	}

	/** Whether an intent was that of a task that has failed. */
	isSpent(intent: string): boolean {
		return this.data.spentIntents?.includes(intent) ?? false;
	}

	/** Intents that are no longer needed, since this run has delivered: they are taken out of the records. */
	takeDeliveredIntents(): RecordedIntent[] {
		return this.records.ofRun().flatMap(({ record }) => {
			const { state, intent, task } = record;
			if (state !== 'delivered' || intent === undefined) return [];
			delete record.intent;
			return [{ intent, taskId: task?.taskId }];
		});
	}

	/** What this run may have cost: also what a retried execution has left for items whose turn has not come. */
	bill(): Bill {
		const { records } = this;
		const own = records.ofRun().filter(({ item, record }) => records.fits(item, record));
		return billOf(own, this.intended);
	}

	/** Ends the run: what was reserved and not spent is given back, and no record is being worked on any more. */
	close(): void {
		this.budget.close();
		for (const { record } of this.records.ofRun()) delete record.inUse;
	}
}

/** All records of a node in an execution, by run and item. */
type AllRecords = Record<string, SavedRecord>;

/** Looks at them as one run of the node does: by item. */
export class Records {
	constructor(
		private readonly all: AllRecords,
		/** What the keys of this run's records begin with. */
		private readonly prefix: string,
		private readonly fingerprintOf: (item: number) => string,
	) {}

	/** The key of an item's record. */
	key(item: number): string {
		return this.prefix + item;
	}

	/** What stands in an item's place, whether or not it fits. */
	at(item: number): SavedRecord | undefined {
		return this.all[this.key(item)];
	}

	/** Puts a record into an item's place; undefined empties it. */
	put(item: number, record: SavedRecord | undefined): void {
		if (record === undefined) delete this.all[this.key(item)];
		else this.all[this.key(item)] = record;
	}

	/** Whether a record is of the item in whose place it stands: one that is carried must have the same fingerprint. */
	fits(item: number, record: SavedRecord): boolean {
		return !record.carried || record.fingerprint === this.fingerprintOf(item);
	}

	/** The record of an item, if it fits. */
	own(item: number): SavedRecord | undefined {
		const record = this.at(item);
		return record !== undefined && this.fits(item, record) ? record : undefined;
	}

	/** Takes a record out of another place into an item's; false where there is none such. */
	move(item: number, isWanted: (record: SavedRecord) => boolean): boolean {
		const [key, record] = Object.entries(this.all).find(([, one]) => isWanted(one)) ?? [];
		if (key === undefined || record === undefined) return false;
		delete this.all[key];
		this.put(item, record);
		return true;
	}

	/** What stands in the places of this run's items. */
	ofRun(): Array<{ readonly item: number; readonly record: SavedRecord }> {
		const { prefix } = this;
		return Object.entries(this.all)
			.filter(([key]) => key.startsWith(prefix))
			.map(([key, record]) => ({ item: Number(key.slice(prefix.length)), record }));
	}
}

/** The bill of items with records, and of items that only an intent speaks for (`intended`), in item order. */
export function billOf(
	records: ReadonlyArray<{ readonly item: number; readonly record: Readonly<SavedRecord> }>,
	intended: ReadonlySet<number>,
): Bill {
	const sorted = [...records].sort((a, b) => a.item - b.item);
	const sent = sorted.filter(({ record }) => record.task === undefined).map(({ item }) => item);
	const known = new Set(records.map(({ item }) => item));
	const unknown = [...intended].filter((item) => !known.has(item));
	return {
		tasks: sorted.flatMap(({ item, record: { task } }) =>
			task === undefined ? [] : [{ item, taskId: task.taskId }],
		),
		unsure: [...sent, ...unknown].sort((a, b) => a - b),
	};
}
