// The records of one run's items, in n8n's own object.
import type { SavedRecord } from './ledgerData';

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
