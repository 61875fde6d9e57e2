// "Order Again When Unsure": what may have been ordered is ordered at most once more in an execution.

/** Where it is noted: saved with the ledger. */
interface Account {
	/** Keys of the items that were ordered once more. */
	orderedAgain?: string[];
}

/** The second orders of one run of the node, on the account that all its runs in an execution share. */
export class SecondOrders {
	/** Keys of the items of this run that may be ordered once more. */
	private readonly allowed = new Map<number, string>();

	constructor(private readonly account: Account) {}

	/** Allows an item, known by `key` in every try, a second order; false where it has had one. */
	allow(item: number, key: string): boolean {
		if (this.account.orderedAgain?.includes(key)) return false;
		this.allowed.set(item, key);
		return true;
	}

	/** An order is about to be sent: if it is a second one, it was the last. */
	use(item: number): void {
		const key = this.allowed.get(item);
		if (key !== undefined) (this.account.orderedAgain ??= []).push(key);
	}

	/** That order was certainly not taken. */
	giveBack(item: number): void {
		const key = this.allowed.get(item);
		if (key === undefined) return;
		this.account.orderedAgain = this.account.orderedAgain?.filter((entry) => entry !== key);
	}
}
