// The record of what was paid, in n8n's memory of the execution: it survives Retry On Fail and "Retry".
//
//   state       how a record gets there                              how it goes on
//   sending     `send`: a submit is about to leave;                  `accept`, `markUnsure` (stays), `withdraw` (gone)
//               `markIntended`: an earlier run has left an intent
//   accepted    `accept`: the service has told a task id;            `deliver`, `free` (gone: the task has failed)
//               `recover`: an intent tells it
//   delivered   `deliver`: the item has its video, or only its id    gone when the node's next run opens the ledger
//
// A record that is `carried` comes from the execution that this one retries: `adopt` makes it this execution's own. In a
// tool, `claim` moves one of an earlier call into the place of a new one. `find` only looks.
import type { PaidTasks } from '../domain/failure';
import type { IdentifiedOrder } from '../domain/order';
import type { AcceptedTask, Details, Place } from '../domain/task';
import type { RunIdentity } from '../n8n/identity';
import { Budget } from './budget';
import type { NamedIntent } from './intentNotes';
import type { SavedPauses } from './pace';
import type { LedgerData, OpenedLedger, SavedRecord } from './savedLedger';
import { keepTaskId } from './savedLedger';

/**
 * The ledger of one node in one execution, as one run of the node sees it. All changes are made in place in n8n's own
 * object, so they are saved with the execution whatever happens next.
 */
export class Ledger {
	/** Seconds of video that this run may still order, and has ordered. */
	readonly budget: Budget;
	/** The first execution in this chain of retries: this one, where nothing is known of another. */
	readonly firstExecution: string;
	/** Whether the execution that this one retries has left its record; not so in any Retry after a crash without one. */
	readonly hasEarlierRecord: boolean;
	/** Items of this run whose task an earlier try has paid for. */
	readonly resumed = new Set<number>();
	/** What stood in the places of items before an order of this run was sent for them. */
	private readonly replaced = new Map<number, SavedRecord | undefined>();
	/** Items that may be ordered once more, by what they are known by in `orderedAgain`. */
	private readonly reorders = new Map<number, string>();
	private readonly orders = new Map<number, IdentifiedOrder>();
	private intended: ReadonlySet<number> = new Set();
	private readonly data: LedgerData;

	/** `fingerprintOf`: what tells an item from others, see `identity.ts`. */
	constructor(
		private readonly opened: OpenedLedger,
		readonly run: RunIdentity,
		private readonly fingerprintOf: (item: number) => string,
	) {
		const { data } = opened;
		this.data = data;
		this.budget = new Budget(data);
		this.firstExecution = data.firstExecution;
		this.hasEarlierRecord = data.firstExecution !== run.executionId && !data.isBlind;
	}

	/** Until when an account has asked to be left alone: saved with the rest. */
	pausesOf(account: string): SavedPauses {
		return ((this.data.pauses ??= {})[account] ??= {});
	}

	private keyOf(item: number): string {
		return this.opened.prefix + item;
	}

	/** What stands in an item's place, whether or not it fits. */
	private at(item: number): SavedRecord | undefined {
		return this.data.records[this.keyOf(item)];
	}

	private put(item: number, record: SavedRecord | undefined): void {
		if (record === undefined) delete this.data.records[this.keyOf(item)];
		else this.data.records[this.keyOf(item)] = record;
	}

	private begin(item: number, record: Omit<SavedRecord, 'fingerprint' | 'identity'>): void {
		const { identity } = this.orderOf(item) ?? {};
		this.put(item, { fingerprint: this.fingerprintOf(item), identity, ...record });
	}

	/** Changes the record of an item, where it has one. */
	private change(item: number, changes: Partial<SavedRecord>): void {
		const record = this.find(item);
		if (record !== undefined) Object.assign(record, changes);
	}

	/** The records of this run's items, in item order. */
	private ofRun(): Array<{ readonly item: number; readonly record: SavedRecord }> {
		return Object.entries(this.data.records)
			.filter(([key]) => key.startsWith(this.opened.prefix))
			.map(([key, record]) => ({ item: Number(key.slice(this.opened.prefix.length)), record }))
			.filter(({ item, record }) => this.find(item) === record)
			.sort((one, other) => one.item - other.item);
	}

	/**
	 * The record that an item resumes, if there is one. Within an execution that is the record of the same run and
	 * item, whatever the parameters are now; one that is carried must have the same fingerprint.
	 */
	find(item: number): SavedRecord | undefined {
		const record = this.at(item);
		const isOfOther = record?.carried && record.fingerprint !== this.fingerprintOf(item);
		return isOfOther ? undefined : record;
	}

	/** The task that stands in an item's place though it does not fit: of a retried execution, with other input. */
	mismatched(item: number): AcceptedTask | undefined {
		return this.find(item) === undefined ? this.at(item)?.task : undefined;
	}

	/**
	 * Notes what an item orders, as evaluated. Of equal orders of the node in this execution, the n-th stays the n-th in
	 * every try: they are counted over all its runs.
	 */
	identify(item: number, identity: string): void {
		// A try of a tool is a call of its own
		const ordinals = this.run.inTool ? {} : (this.data.ordinals ??= {});
		const counts = (this.data.counts ??= {});
		let order = this.orders.get(item) ?? ordinals[this.keyOf(item)];
		if (order?.identity !== identity) {
			order = { identity, ordinal: counts[identity] ?? 0 };
			counts[identity] = order.ordinal + 1;
			ordinals[this.keyOf(item)] = order;
		}
		this.orders.set(item, order);
	}

	/** What an item orders, as it was noted last. */
	orderOf(item: number): IdentifiedOrder | undefined {
		return this.orders.get(item);
	}

	/**
	 * Takes the record of an earlier tool call for an item that has none: one with the same fingerprint, also of its
	 * evaluated order, that ended undelivered and that no other call is working on. Each try of a tool is a run of its own.
	 */
	claim(item: number): void {
		if (!this.run.inTool || this.find(item) !== undefined) return;
		const identity = this.orderOf(item)?.identity;
		const fingerprint = this.fingerprintOf(item);
		const { records } = this.data;
		const fits = (one: SavedRecord) =>
			one.fingerprint === fingerprint && one.identity === identity && one.state !== 'delivered';
		const found = Object.entries(records).find(([, one]) => fits(one) && !one.inUse);
		if (found === undefined) return;
		const [key, record] = found;
		delete records[key];
		this.put(item, { ...record, inUse: true });
	}

	/** Makes the record of a retried execution this one's own: its wait starts afresh. `now`: ms since 1970. */
	adopt(item: number, now: number): void {
		this.resumed.add(item);
		if (this.find(item)?.carried) this.change(item, { carried: undefined, startedAt: now });
	}

	/** When an item's order was first attempted in this execution: now, or in an earlier try. In ms since 1970. */
	firstAttempt(item: number, now: number): number {
		const attempts = (this.data.attempts ??= {});
		return (attempts[this.keyOf(item)] ??= now);
	}

	/**
	 * Allows an item to be ordered once more though it may have been ordered before; false where that was done already in
	 * this execution, however often it is tried.
	 */
	allowReorder(item: number): boolean {
		// Each try of a tool call has a place of its own, so the call is known by what it asks for
		const key = this.run.inTool
			? `${this.fingerprintOf(item)} ${this.orderOf(item)?.identity}`
			: this.keyOf(item);
		if (this.data.orderedAgain?.includes(key)) return false;
		this.reorders.set(item, key);
		return true;
	}

	/** Items that may have been ordered by an earlier run, as its intents say, or since these can't be looked for. */
	noteIntended(items: ReadonlySet<number>): void {
		this.intended = items;
	}

	/** An earlier run has left an intent and no task: on record, so that also a retry of this execution knows of it. */
	markIntended(item: number, startedAt: number, intent: string): void {
		if (this.find(item) === undefined) this.begin(item, { state: 'sending', startedAt, intent });
	}

	/** An order is about to leave, to `place`: from now on, the item may be ordered. `startedAt`: ms since 1970. */
	send(item: number, startedAt: number, intent: string | undefined, place?: Place): void {
		this.replaced.set(item, this.at(item));
		this.begin(item, { state: 'sending', startedAt, intent, place, inUse: true });
		const reorder = this.reorders.get(item);
		if (reorder !== undefined) (this.data.orderedAgain ??= []).push(reorder);
	}

	/** The service has accepted the order: noted before anything else is done with the answer. `now`: ms since 1970. */
	accept(item: number, task: AcceptedTask, now: number): void {
		this.change(item, { state: 'accepted', task, acceptedAt: now });
		this.opened.tasks.add(task.taskId);
		this.ordered(item);
	}

	/** A task that an earlier run has ordered for an item, as its intent says: this run resumes it. */
	recover(item: number, startedAt: number, { intent, taskId }: Required<NamedIntent>): void {
		keepTaskId(this.data, this.at(item));
		const task = { taskId };
		this.begin(item, { state: 'accepted', startedAt, intent, task, inUse: true });
		this.opened.tasks.add(taskId);
		delete this.data.attempts?.[this.keyOf(item)];
		this.resumed.add(item);
	}

	/** What became of the order is not known: what the service's codes said stays in the record. */
	markUnsure(item: number, { httpStatus, code, requestId, taskIds }: Details): void {
		this.change(item, { details: { httpStatus, code, requestId, taskIds } });
		this.ordered(item);
	}

	private ordered(item: number): void {
		keepTaskId(this.data, this.replaced.get(item));
		this.budget.commit(item);
		delete this.data.attempts?.[this.keyOf(item)];
	}

	/** The order was certainly not taken: what stood in the item's place before is put back. */
	withdraw(item: number): void {
		this.put(item, this.replaced.get(item));
		const reorder = this.reorders.get(item);
		if (reorder === undefined) return;
		this.data.orderedAgain = this.data.orderedAgain?.filter((key) => key !== reorder);
	}

	/** Whether a task id is that of another order in this execution, or of an earlier one for the same item. */
	isTaskOfAnother(taskId: string): boolean {
		return this.opened.tasks.has(taskId);
	}

	/**
	 * The item has its video, or, where it is not waited for, its task id. The intent of the latter stays in the database for
	 * a day: if n8n is killed before the next nodes have stored the id, a Retry finds it there.
	 */
	deliver(item: number, isWaitedFor: boolean): void {
		this.change(item, { state: 'delivered' });
		if (!isWaitedFor) this.change(item, { intent: undefined });
	}

	/** The task of an item has failed, so that the item may be ordered anew. Returns the intent to remove. */
	free(item: number): NamedIntent[] {
		const record = this.find(item);
		keepTaskId(this.data, record);
		this.put(item, undefined);
		if (record?.intent === undefined) return [];
		this.spend(record.intent);
		return [{ intent: record.intent, taskId: record.task?.taskId }];
	}

	/** An intent is never used again: of a task that has failed, or of a refused order where it could not be removed. */
	spend(intent: string): void {
		(this.data.spentIntents ??= []).push(intent);
	}

	/** Whether an intent must not be used for an item: it is spent, or that of the order which a new one replaces. */
	isSpent(item: number, intent: string): boolean {
		return (
			this.find(item)?.intent === intent || (this.data.spentIntents?.includes(intent) ?? false)
		);
	}

	/** Intents that are no longer needed, since this run has delivered: they are taken out of the records. */
	takeDeliveredIntents(): NamedIntent[] {
		return this.ofRun().flatMap(({ item, record: { state, intent, task } }) => {
			if (state !== 'delivered' || intent === undefined) return [];
			this.change(item, { intent: undefined });
			return [{ intent, taskId: task?.taskId }];
		});
	}

	/** What this run may have cost: also what a retried execution has left for items whose turn has not come. */
	paidTasks(): PaidTasks {
		const own = this.ofRun();
		const tasks = own.flatMap(({ item, record: { task } }) =>
			task === undefined ? [] : [{ item, taskId: task.taskId }],
		);
		const paid = new Set(tasks.map(({ item }) => item));
		const perhaps = new Set([...this.intended, ...own.map(({ item }) => item)]);
		const unsure = [...perhaps].filter((item) => !paid.has(item)).sort((a, b) => a - b);
		return { tasks, unsure };
	}

	/** Ends the run: what was reserved and not spent is given back, and no record is being worked on any more. */
	close(): void {
		this.budget.close();
		for (const { item } of this.ofRun()) this.change(item, { inUse: undefined });
	}
}
