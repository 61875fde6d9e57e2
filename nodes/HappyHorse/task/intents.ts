// Durable intents: "an order for this item is about to be sent", and then the id of its task. They outlive a killed n8n.
import type { DurableSet } from '../n8n/durableSet';
import { fingerprint } from '../util/fingerprint';
import { readSpelled, spell } from './taskIdEntries';

/**
 * Intents that one and the same item may have at once. Several executions can work on equal items (a schedule with
 * constant input): each has an intent of its own, so that one that delivers does not remove another's.
 */
const INTENTS_PER_ITEM = 8;

/** An intent that an earlier run has left. */
export interface Found {
	/** Undefined where intents can't be looked for. */
	readonly intent: string | undefined;
	/** The task of its order; undefined where no answer is known. */
	readonly taskId: string | undefined;
}

/**
 * What came of writing an intent. `written` without an intent: this n8n has no place for intents, or too many of this
 * item stand already. `found`: this execution, or the one that it retries, has ordered the item before. `failed`: the
 * database did not take it.
 */
export type Written =
	| { readonly kind: 'written'; readonly intent: string | undefined }
	| { readonly kind: 'found'; readonly intent: string; readonly taskId: string | undefined }
	| { readonly kind: 'failed' };

/** The intents of one run of the node: a map from intents to task ids, on a set. No method rejects. */
export interface Intents {
	/** Writes an intent for an item: it is in the database when this resolves. `isSpent`: intents not to be used. */
	write(item: number, isSpent: (intent: string) => boolean): Promise<Written>;
	/** Adds the task's id to the intent of its order. */
	complete(intent: string, taskId: string): Promise<void>;
	/**
	 * What earlier runs have left for `items`: of the execution that this one retries where that left a record
	 * (`inChain`), else of whatever execution. An item whose intents can't be looked for has one without a task.
	 */
	find(items: readonly number[], inChain: boolean): Promise<ReadonlyMap<number, Found>>;
	/** The task ids of `intents` that are known, by intent. */
	read(intents: readonly string[]): Promise<ReadonlyMap<string, string>>;
	/** Removes intents, with the ids of their tasks where they are known. */
	remove(
		intents: ReadonlyArray<{ readonly intent: string; readonly taskId?: string }>,
	): Promise<void>;
}

/**
 * What the intents of a run's items are made of: node, run, item and request, all that is known when n8n was killed
 * before it saved anything.
 * @param fingerprintOf equal also after the nodes before have run again: a crashed execution is retried from its start
 */
export function intentKeys(
	nodeId: string,
	runIndex: number,
	fingerprintOf: (item: number) => string,
): (item: number) => string {
	return (item) => fingerprint([nodeId, runIndex, item, fingerprintOf(item)]);
}

interface Waiting {
	readonly key: string;
	isSpent(intent: string): boolean;
	resolve(written: Written): void;
}

/**
 * The intents of this run in a durable set.
 * @param keyOf see {@link intentKeys}
 * @param chain id of the first execution in this chain of retries; undefined where equal items of one execution are
 * orders of their own, as the calls of a tool are
 */
export function openIntents(
	set: DurableSet,
	keyOf: (item: number) => string,
	chain: string | undefined,
): Intents {
	const waiting: Waiting[] = [];
	const spelling: Array<{ entries: string[]; resolve(): void }> = [];
	/** Intents that this run goes on with, of an execution that was killed. */
	const takenHere = new Set<string>();

	function intentsOf(key: string): string[] {
		return Array.from({ length: INTENTS_PER_ITEM }, (_, ordinal) => `${key}.${ordinal}`);
	}

	/** The entry that says that an intent is of this chain of executions. */
	function chainEntries(intent: string): string[] {
		return chain === undefined ? [] : [`${intent}@${chain}`];
	}

	/** The entry that says that a retry goes on with the task of an intent. */
	function takenEntry(intent: string): string {
		return `${intent}!`;
	}

	async function take(intents: readonly string[]): Promise<void> {
		if (intents.length === 0) return;
		for (const intent of intents) takenHere.add(intent);
		await set.add(intents.map(takenEntry));
	}

	async function ask(entries: readonly string[]): Promise<ReadonlySet<string>> {
		return (entries.length > 0 && (await set.test(entries))) || new Set();
	}

	/** Writes an intent for each that waits, all in as few writes as one item has intents. */
	async function writeWaiting(): Promise<void> {
		let left = waiting.splice(0);
		const found: Array<{ one: Waiting; intent: string }> = [];
		for (let ordinal = 0; ordinal < INTENTS_PER_ITEM && left.length > 0; ordinal += 1) {
			const tries = left
				.map((one) => ({ one, intent: intentsOf(one.key)[ordinal] }))
				.filter(({ one, intent }) => !one.isSpent(intent));
			if (tries.length === 0) continue;
			const added = await set.add(tries.flatMap(({ intent }) => [intent, ...chainEntries(intent)]));
			if (added === undefined) {
				const nothing: Written = set.available
					? { kind: 'failed' }
					: { kind: 'written', intent: undefined };
				for (const { resolve } of left) resolve(nothing);
				left = [];
				break;
			}
			const foreignEntries: string[] = [];
			for (const { one, intent } of tries) {
				const ours = chainEntries(intent);
				const isOurs = ours.some((entry) => !added.has(entry));
				if (added.has(intent)) one.resolve({ kind: 'written', intent });
				else if (isOurs) found.push({ one, intent });
				else {
					foreignEntries.push(...ours);
					continue;
				}
				left = left.filter((other) => other !== one);
			}
			await set.remove(foreignEntries);
		}
		for (const { resolve } of left) resolve({ kind: 'written', intent: undefined });
		const ids = await readSpelled(
			found.map(({ intent }) => intent),
			ask,
		);
		for (const { one, intent } of found)
			one.resolve({ kind: 'found', intent, taskId: ids.get(intent) });
	}

	async function spellWaiting(): Promise<void> {
		const all = spelling.splice(0);
		await set.add(all.flatMap(({ entries }) => entries));
		for (const { resolve } of all) resolve();
	}

	return {
		async write(item, isSpent) {
			if (!set.available) return { kind: 'written', intent: undefined };
			return await new Promise((resolve) => {
				waiting.push({ key: keyOf(item), isSpent, resolve });
				if (waiting.length === 1) void set.alone(writeWaiting);
			});
		},

		async complete(intent, taskId) {
			const entries = spell(intent, taskId);
			if (!set.available || entries === undefined) return;
			await new Promise<void>((resolve) => {
				spelling.push({ entries, resolve });
				if (spelling.length === 1) void set.alone(spellWaiting);
			});
		},

		async find(items, inChain) {
			if (items.length === 0 || !set.available) return new Map();
			const entriesOf = (intent: string) => (inChain ? chainEntries(intent) : [intent]);
			const possible = items.map((item) => ({ item, intents: intentsOf(keyOf(item)) }));
			return await set.alone(async () => {
				const entries = possible.flatMap(({ intents }) => intents.flatMap(entriesOf));
				const there = await set.test(entries);
				if (there === undefined && !set.available) return new Map();
				const isThere = (intent: string) =>
					entriesOf(intent).some((entry) => there === undefined || there.has(entry));
				const candidates = possible.map(({ item, intents }) => ({
					item,
					intents: intents.filter(isThere).reverse(),
				}));
				const taken = await ask(candidates.flatMap(({ intents }) => intents.map(takenEntry)));
				// The newest: an older one may be of another execution, and so may one that another retry has taken
				const found = candidates.flatMap(({ item, intents }) => {
					const [first] = intents;
					const intent = intents.find((one) => !taken.has(takenEntry(one))) ?? first;
					return intent === undefined ? [] : [{ item, intent }];
				});
				const known = there === undefined ? [] : found.map(({ intent }) => intent);
				const ids = await readSpelled(known, ask);
				if (!inChain) await take([...ids.keys()]);
				return new Map(
					found.map(({ item, intent }) => [
						item,
						{ intent: there && intent, taskId: ids.get(intent) },
					]),
				);
			});
		},

		async read(intents) {
			if (intents.length === 0 || !set.available) return new Map();
			return await set.alone(async () => await readSpelled(intents, ask));
		},

		async remove(intents) {
			const entries = intents.flatMap(({ intent, taskId }) => [
				intent,
				...(takenHere.has(intent) ? [takenEntry(intent)] : []),
				...chainEntries(intent),
				...((taskId && spell(intent, taskId)) || []),
			]);
			await set.alone(async () => await set.remove(entries));
		},
	};
}
