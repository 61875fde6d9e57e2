// Durable intents: "an order for this item is about to be sent". They outlive a killed n8n.
import type { DurableSet } from '../durableSet';
import { fingerprint } from '../fingerprint';

/**
 * Intents that one and the same item may have at once. Several executions can work on equal items (a schedule with
 * constant input): each has an intent of its own, so that one that delivers does not remove another's.
 */
const INTENTS_PER_ITEM = 8;

/** The intents of one run of the node. */
export interface Intents {
	/**
	 * Writes an intent for an item and returns it: it is in the database when this resolves. `undefined` where this n8n
	 * has no place for intents, or too many of this item stand already. `failed` when the database did not take it.
	 * `isSpent`: intents that are not to be used.
	 */
	write(item: number, isSpent: (intent: string) => boolean): Promise<string | undefined | 'failed'>;
	/** Which of `items` have an intent of whatever execution. One that can't be looked for counts as there. */
	find(items: readonly number[]): Promise<ReadonlySet<number>>;
	/** Removes intents. Never rejects: one that stays only makes a later retry more careful. */
	remove(intents: readonly string[]): Promise<void>;
}

/**
 * What the intents of a run's items are made of: which node, run and item, and what it asks for.
 * @param fingerprintOf equal also after the nodes before have run again: a crashed execution is retried from its start
 */
export function intentKeys(
	nodeId: string,
	runIndex: number,
	fingerprintOf: (item: number) => string,
): (item: number) => string {
	return (item) => fingerprint([nodeId, runIndex, item, fingerprintOf(item)]);
}

function intentOf(key: string, ordinal: number): string {
	return `${key}.${ordinal}`;
}

interface Waiting {
	readonly key: string;
	isSpent(intent: string): boolean;
	resolve(intent: string | undefined | 'failed'): void;
}

/** The intents of this run in a durable set. `keyOf`: see {@link intentKeys}. */
export function openIntents(set: DurableSet, keyOf: (item: number) => string): Intents {
	const waiting: Waiting[] = [];

	/** Writes an intent for each that waits, all in as few writes as one item has intents. */
	async function writeWaiting(): Promise<void> {
		let left = waiting.splice(0);
		for (let ordinal = 0; ordinal < INTENTS_PER_ITEM && left.length > 0; ordinal += 1) {
			const tries = left.filter(({ key, isSpent }) => !isSpent(intentOf(key, ordinal)));
			if (tries.length === 0) continue;
			const added = await set.add(tries.map(({ key }) => intentOf(key, ordinal)));
			if (added === undefined) {
				for (const { resolve } of left) resolve(set.available ? 'failed' : undefined);
				return;
			}
			const written = tries.filter(({ key }) => added.has(intentOf(key, ordinal)));
			for (const { key, resolve } of written) resolve(intentOf(key, ordinal));
			left = left.filter((one) => !written.includes(one));
		}
		for (const { resolve } of left) resolve(undefined);
	}

	return {
		async write(item, isSpent) {
			if (!set.available) return undefined;
			return await new Promise((resolve) => {
				waiting.push({ key: keyOf(item), isSpent, resolve });
				if (waiting.length === 1) void set.alone(writeWaiting);
			});
		},

		async find(items) {
			const intentsOf = (item: number) => {
				const key = keyOf(item);
				return Array.from({ length: INTENTS_PER_ITEM }, (_, ordinal) => intentOf(key, ordinal));
			};
			const all = items.flatMap(intentsOf);
			if (all.length === 0 || !set.available) return new Set();
			return await set.alone(async () => {
				// All are added for a moment: that must not push out intents that stand for money
				const added = await set.add(all, all.length);
				if (added === undefined) return new Set(set.available ? items : []);
				await set.remove(all.filter((intent) => added.has(intent)));
				return new Set(
					items.filter((item) => intentsOf(item).some((intent) => !added.has(intent))),
				);
			});
		},

		async remove(intents) {
			await set.alone(async () => await set.remove(intents));
		},
	};
}
