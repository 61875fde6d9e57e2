// The spending limit: seconds of video are reserved before they are ordered, then committed or released.

/** The seconds of video of one run of the node, of the total that all its runs in an execution share. */
export class Budget {
	/** Seconds that are reserved and neither committed nor released yet, by item. */
	private readonly reserved = new Map<number, number>();
	/** Seconds that this run has spent, by item. */
	private readonly spent = new Map<number, number>();

	/** The smallest limit that this run has met. */
	limit = Infinity;

	/** `total`: saved with the ledger. */
	constructor(private readonly total: { orderedSeconds: number }) {}

	/** Seconds of video that this execution has ordered at this node so far, or has reserved. */
	get orderedSeconds(): number {
		return this.total.orderedSeconds;
	}

	/** Seconds that the smallest limit of this run still allows; Infinity without one. */
	get left(): number {
		return this.limit - this.total.orderedSeconds;
	}

	/** Counts an item's seconds as ordered, before they are. False, and nothing counted, where `limit` forbids it. */
	reserve(item: number, seconds: number, limit: number): boolean {
		this.limit = Math.min(this.limit, limit);
		if (this.total.orderedSeconds + seconds > limit) return false;
		this.reserved.set(item, seconds);
		this.total.orderedSeconds += seconds;
		return true;
	}

	/** An item's seconds are spent: its order was accepted, or may have been. */
	commit(item: number): void {
		const seconds = this.reserved.get(item);
		if (seconds !== undefined) this.spent.set(item, (this.spent.get(item) ?? 0) + seconds);
		this.reserved.delete(item);
	}

	/** Seconds that this run has spent on an item: 0 where it was not ordered, or by an earlier try. */
	secondsOf(item: number): number {
		return this.spent.get(item) ?? 0;
	}

	/** Seconds that other runs of the node in this execution have spent or reserved. */
	get earlierSeconds(): number {
		const own = [...this.spent.values(), ...this.reserved.values()];
		return own.reduce((left, seconds) => left - seconds, this.total.orderedSeconds);
	}

	/** The items that this run has ordered, or may have. */
	get items(): number[] {
		return [...this.spent.keys()];
	}

	/** Gives back what is reserved for an item that was not ordered after all. */
	release(item: number): void {
		this.total.orderedSeconds -= this.reserved.get(item) ?? 0;
		this.reserved.delete(item);
	}

	/** Gives back all that is still reserved. */
	close(): void {
		for (const item of [...this.reserved.keys()]) this.release(item);
	}
}
