// Durable intents: "this order is about to be sent", and then the id of its task. They outlive a killed n8n.
//
// An intent is named KEY.SLOT: the key says what is ordered, the slot which of the executions that order the same at once
// (a schedule with constant input) has written it. Its entries in the set:
//
//   KEY.SLOT           the order may have been sent
//   KEY.SLOT@CHAIN     by an execution of this chain of retries: the highest such slot is its own. In those below, others were
//                      before it: so it finds its own again also when those are free
//   KEY.SLOT! (!!)     a retry resumes its task (has delivered it)
//   KEY.SLOT…          the id of its task, and the day on which it came: see taskIdEntries.ts
//   KEY^TIER           slots of this tier have been used; stays
import type { IdentifiedOrder } from '../domain/order';
import type { DurableSet } from '../n8n/durableSet';
import { clock } from '../util/clock';
import { fingerprint } from '../util/fingerprint';
import type { IntentOwner, NamedIntent } from './intentNotes';
import { IntentNotes, partsOf } from './intentNotes';
import { DAY_MS, readTaskIds, spell } from './taskIdEntries';

/** The tiers of slots, each from one slot to before another: few are looked at as a rule. */
const TIERS = [
	[0, 12],
	[12, 64],
	[64, 512],
	[512, 4096],
];

const MOST_SLOTS = 4096;

/** Entries of an order beyond those that are written before it is sent. */
const MOST_LATER = 75;

/** An intent that an earlier run has left. */
export interface Found {
	/** Undefined where intents can't be looked for. */
	readonly intent: string | undefined;
	/** The task of its order; undefined where no answer is known. */
	readonly taskId: string | undefined;
}

/**
 * What came of writing an intent. `written` without an intent: this n8n has no place for intents. `found`: this execution,
 * or the one that it retries, has sent the order before. `failed`: the database did not take it, or has no room.
 */
export type Written =
	| { readonly kind: 'written'; readonly intent: string | undefined }
	| { readonly kind: 'found'; readonly intent: string; readonly taskId: string | undefined }
	| { readonly kind: 'failed' };

/** The intents of one run of the node: a map from intents to task ids, on a set. No method rejects. */
export interface Intents {
	/**
	 * The key of an order: neither its place among the items nor the run of the node is part of it, since rows move, and a
	 * crashed execution is retried from its start.
	 */
	keyOf(order: IdentifiedOrder): string;
	/** Writes an intent for an order: it is in the database when this resolves. `isSpent`: intents not to be used. */
	write(key: string, isSpent: (intent: string) => boolean): Promise<Written>;
	/** Adds the task's id to the intent of its order. */
	complete(intent: string, taskId: string): Promise<void>;
	/**
	 * What earlier runs have left for orders, by key: of the execution that this one retries, and for a blind Retry of any
	 * execution that may have crashed; those with a task first, then the newest. An order whose intents can't be looked for
	 * has one without a task.
	 */
	find(keys: readonly string[]): Promise<ReadonlyMap<string, readonly Found[]>>;
	/** Notes how far a retry has come with the tasks of these intents: another one is to look for others. */
	mark(how: keyof typeof MARKS, intents: readonly string[]): Promise<void>;
	/** The task ids of `intents` that are known, by intent. */
	read(intents: readonly string[]): Promise<ReadonlyMap<string, string>>;
	/** Removes intents. False where the database did not take that. */
	remove(intents: readonly NamedIntent[]): Promise<boolean>;
	/** Keeps other retries of this process from ordering the same until {@link release}; false where one is about to. */
	claim(key: string): boolean;
	/** Ends all claims of this run. */
	release(): void;
}

interface PendingIntent {
	readonly key: string;
	isSpent(intent: string): boolean;
	resolve(written: Written): void;
}

/** A retry resumes the task; it has delivered it. One that was killed may have taken what nobody got. */
const MARKS = { taken: '!', delivered: '!!' };
const marksOf = (intent: string) => Object.values(MARKS).map((mark) => intent + mark);

/** The intents of a key in the slots from `from` on, below `below`. */
function slotsOf(key: string, from: number, below: number): string[] {
	return Array.from({ length: below - from }, (_, n) => `${key}.${from + n}`);
}

function slotsOfTier(key: string, tier: number): string[] {
	const [from, below] = TIERS[tier];
	return slotsOf(key, from, below);
}

/** The entries that say which tiers beyond the first have been used: those up to that of `slot`. */
function tierEntries(key: string, slot = MOST_SLOTS - 1): string[] {
	const used = TIERS.findIndex(([, below]) => slot < below);
	return Array.from({ length: used }, (_, n) => `${key}^${n + 1}`);
}

/** The intents of a run in a durable set. */
export function openIntents(set: DurableSet, owner: IntentOwner): Intents {
	const { nodeId, chain, isBlindRetry } = owner;
	const notes = new IntentNotes(set.name, owner);
	/** The entries of what retries have marked, as far as this run knows. */
	const marks = new Set<string>();
	/** When the ids of intents were spelled, as far as this run knows; in ms since 1970. */
	const spelledAt = new Map<string, number>();
	let hasLookedForOld = false;

	/** The entry that says that an intent is of a chain of executions, or of an intent below that. */
	function chainEntry(intent: string, of = chain): string[] {
		return of === undefined ? [] : [`${intent}@${of}`];
	}

	async function ask(entries: readonly string[]): Promise<ReadonlySet<string>> {
		return (entries.length > 0 && (await set.test(entries))) || new Set();
	}

	/** Reads the ids of intents; see {@link readTaskIds}. */
	async function readIds(
		intents: readonly string[],
		atLeastDaysOld?: number,
	): Promise<ReadonlyMap<string, string>> {
		const ids = await readTaskIds(intents, ask, clock.now(), atLeastDaysOld);
		for (const [intent, { daysOld }] of ids) spelledAt.set(intent, clock.now() - daysOld * DAY_MS);
		return new Map([...ids].map(([intent, { taskId }]) => [intent, taskId]));
	}

	/** The entries that an intent is known to have. n8n is slow to look for those that are not there. */
	function entriesOf({ intent, taskId }: NamedIntent): string[] {
		const note = notes.of(intent);
		const at = spelledAt.get(intent) ?? note?.at ?? clock.now();
		const { key, slot } = partsOf(intent);
		const { passed, owner: writer } = note ?? { passed: slotsOf(key, 0, slot), owner };
		return [
			intent,
			...[intent, ...passed].flatMap((one) => chainEntry(one, writer.chain)),
			...marksOf(intent).filter((mark) => marks.has(mark)),
			...(taskId === undefined ? [] : spell(intent, taskId, at)),
		];
	}

	async function removeAll(intents: readonly NamedIntent[]): Promise<boolean> {
		if (intents.length === 0) return true;
		const passed = intents.flatMap(({ intent }) =>
			notes.pass(intent).flatMap((other) => chainEntry(intent, other.chain)),
		);
		if (passed.length > 0) await set.add(passed);
		const entries = intents.flatMap(entriesOf).filter((entry) => !passed.includes(entry));
		const isRemoved = await set.remove(entries);
		if (isRemoved) for (const { intent } of intents) notes.remove(intent);
		return isRemoved;
	}

	/**
	 * Removes intents whose task is older than a day, since the service has forgotten it: of `others`, and once in a run of
	 * what this process has noted of the node.
	 */
	async function removeOld(others: readonly string[]): Promise<void> {
		const old = [...(await readIds(others, 2))].map(([intent, taskId]) => ({ intent, taskId }));
		for (const mark of await ask(old.flatMap(({ intent }) => marksOf(intent)))) marks.add(mark);
		const own = hasLookedForOld ? [] : notes.olderThan(DAY_MS);
		hasLookedForOld = true;
		await removeAll([...old, ...own]);
	}

	/** The intents of keys, by key, from the lowest slot on, or only this chain's. Undefined where they can't be known. */
	async function slotsThere(
		keys: readonly string[],
		inChain: boolean,
	): Promise<ReadonlyMap<string, string[]> | undefined> {
		const entries = (intent: string) => (inChain ? chainEntry(intent) : [intent]);
		const first = (key: string) => slotsOfTier(key, 0);
		const there = await set.test(
			keys.flatMap((key) => [...tierEntries(key), ...first(key).flatMap(entries)]),
		);
		const further = (key: string) =>
			tierEntries(key).flatMap((entry, n) => (there?.has(entry) ? slotsOfTier(key, n + 1) : []));
		const more = there && (await set.test(keys.flatMap(further).flatMap(entries)));
		if (more === undefined) return undefined;
		const isThere = (intent: string) =>
			entries(intent).some((entry) => there?.has(entry) || more.has(entry));
		return new Map(keys.map((key) => [key, [...first(key), ...further(key)].filter(isThere)]));
	}

	/** Hands on together what comes while others use the set. */
	function together<T>(work: (all: T[]) => Promise<void>): (one: T) => void {
		const waiting: T[] = [];
		return (one) => {
			waiting.push(one);
			if (waiting.length === 1) void set.alone(async () => await work(waiting.splice(0)));
		};
	}

	/** Writes an intent for each that waits: the first slot that nobody has, all in one write as a rule. */
	const writeSoon = together<PendingIntent>(async (all) => {
		let left = all;
		const known: PendingIntent[] = [];
		const foreign: string[] = [];
		for (let slot = 0; slot < MOST_SLOTS && left.length > 0; slot += 1) {
			const tries = left.map((one) => ({ one, intent: `${one.key}.${slot}` }));
			const free = tries.filter(
				({ one, intent }) => !one.isSpent(intent) && !notes.isOfOther(intent),
			);
			if (free.length === 0) continue;
			const entries = free.flatMap(({ one, intent }) => [
				intent,
				...chainEntry(intent),
				...tierEntries(one.key, slot),
			]);
			const added = await set.add(entries, free.length * MOST_LATER);
			if (added === undefined) {
				const nothing: Written = set.available
					? { kind: 'failed' }
					: { kind: 'written', intent: undefined };
				for (const { resolve } of left) resolve(nothing);
				left = [];
				break;
			}
			const done = new Set<PendingIntent>();
			for (const { one, intent } of free) {
				const isNew = added.has(intent);
				if (chainEntry(intent).some((entry) => !added.has(entry))) {
					known.push(one);
					if (isNew) await set.remove([intent]);
				} else if (isNew) {
					const passed = foreign.filter((other) => partsOf(other).key === one.key);
					notes.add(intent, undefined, passed);
					one.resolve({ kind: 'written', intent });
				} else {
					foreign.push(intent);
					continue;
				}
				done.add(one);
			}
			left = left.filter((one) => !done.has(one));
		}
		for (const { resolve } of left) resolve({ kind: 'failed' });
		await tellFound(known);
		await removeOld(foreign);
	});

	/** Tells those that wait of the intents that this chain has written before. */
	async function tellFound(known: readonly PendingIntent[]): Promise<void> {
		if (known.length === 0) return;
		const keys = known.map(({ key }) => key);
		const there = (await slotsThere(keys, true)) ?? new Map<string, string[]>();
		const last = (one: PendingIntent) =>
			(there.get(one.key) ?? []).filter((intent) => !one.isSpent(intent)).at(-1);
		const ids = await readIds(known.flatMap((one) => last(one) ?? []));
		for (const one of known) {
			const intent = last(one);
			if (intent === undefined) one.resolve({ kind: 'failed' });
			else one.resolve({ kind: 'found', intent, taskId: ids.get(intent) });
		}
	}

	const addSoon = together<{ entries: string[]; resolve(): void }>(async (all) => {
		await set.add(all.flatMap(({ entries }) => entries));
		for (const { resolve } of all) resolve();
	});

	return {
		keyOf({ identity, ordinal }) {
			return fingerprint([nodeId, identity, ordinal]);
		},

		async write(key, isSpent) {
			if (!set.available) return { kind: 'written', intent: undefined };
			return await new Promise((resolve) => writeSoon({ key, isSpent, resolve }));
		},

		async complete(intent, taskId) {
			notes.add(intent, taskId);
			spelledAt.set(intent, clock.now());
			const entries = spell(intent, taskId, clock.now());
			if (!set.available || entries.length === 0) return;
			await new Promise<void>((resolve) => addSoon({ entries, resolve }));
		},

		async find(keys) {
			if (keys.length === 0 || !set.available) return new Map();
			return await set.alone(async () => {
				const there = await slotsThere(keys, !isBlindRetry);
				if (there === undefined) {
					const unknown = [{ intent: undefined, taskId: undefined }];
					return new Map(set.available ? keys.map((key) => [key, unknown]) : []);
				}
				const candidates = [...there].map(([key, intents]) => ({
					key,
					intents: isBlindRetry
						? intents.filter((intent) => !notes.isOfLiving(intent)).reverse()
						: intents.slice(-1),
				}));
				const all = candidates.flatMap(({ intents }) => intents);
				const noted = await ask(all.flatMap(marksOf));
				const ids = await readIds(all);
				const rank = (intent: string) => {
					const mark = marksOf(intent).map((one) => noted.has(one));
					return mark.lastIndexOf(true) + (ids.has(intent) ? 0 : 3);
				};
				const found = new Map<string, readonly Found[]>();
				for (const { key, intents } of candidates) {
					const sorted = [...intents].sort((one, other) => rank(one) - rank(other));
					const ranked = sorted.map((intent) => ({ intent, taskId: ids.get(intent) }));
					if (ranked.length > 0) found.set(key, ranked);
				}
				return found;
			});
		},

		async mark(how, intents) {
			if (intents.length === 0) return;
			for (const intent of intents) marks.add(intent + MARKS[how]);
			await set.alone(async () => await set.add(intents.map((intent) => intent + MARKS[how])));
		},

		async read(intents) {
			if (intents.length === 0 || !set.available) return new Map();
			return await set.alone(async () => await readIds(intents));
		},

		async remove(intents) {
			return await set.alone(async () => await removeAll(intents));
		},

		claim: (key) => notes.claim(isBlindRetry ? key : `${key}@${chain}`),

		release: () => notes.release(),
	};
}
