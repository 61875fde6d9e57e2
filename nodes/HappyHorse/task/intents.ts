// Durable intents: "this order is about to be sent", and then the id of its task. They outlive a killed n8n.
//
// An intent is named KEY.SLOT: the key says what is ordered, the slot which of the executions that order the same at once
// (a schedule with constant input) has written it. Its entries in the set:
//
//   KEY.SLOT           the order may have been sent
//   KEY.SLOT@CHAIN     by an execution of this chain of retries: in its own slot, which is the highest, and in the first: so it
//                      finds its own again also when those below are free
//   KEY.SLOT! (!!)     a retry resumes its task (has delivered it)
//   KEY.SLOT…          the id of its task, and the day on which it came: see taskIdEntries.ts
//   KEY^TIER           slots of this tier have been used; stays
import type { IdentifiedOrder } from '../domain/order';
import type { DurableSet } from '../n8n/durableSet';
import { clock } from '../util/clock';
import { fingerprint } from '../util/fingerprint';
import type { IntentOwner, NamedIntent } from './intentNotes';
import { IntentNotes, partsOf, slotsOf } from './intentNotes';
import { DAY_MS, decodeTaskIds, encodeTaskId } from './taskIdEntries';

const MOST_SLOTS = 4096;

/** The slots at which tiers begin, and the last one ends: few are looked at as a rule. */
const TIERS = [0, 12, 64, 512, MOST_SLOTS];

/** Entries of an order beyond those that are written before it is sent. */
const MOST_LATER = 205;

/** Intents whose entries leave at once: a few ms of work. */
const LEAVE_AT_ONCE = 100;

/** An intent that an earlier run has left, and its task where an answer is known; empty where intents can't be looked for. */
export type Found = Partial<NamedIntent>;

/**
 * What came of writing an intent. `written` without an intent: this n8n has no place for intents. `found`: this execution,
 * or the one that it retries, has sent the order before. `failed`: the database did not take it, or has no room.
 */
export type Written =
	| { readonly kind: 'written'; readonly intent: string | undefined }
	| { readonly kind: 'found'; readonly intent: string; readonly taskId: string | undefined }
	| { readonly kind: 'failed' };

interface PendingIntent {
	readonly key: string;
	/** Intents in slots below, which others have. */
	readonly passed: string[];
	/** The first slot to try. */
	readonly from: number;
	isSpent(intent: string): boolean;
	resolve(written: Written): void;
}

/** A retry resumes the task; it has delivered it. One that was killed may have taken what nobody got. */
const MARKS = { taken: '!', delivered: '!!' };
const marksOf = (intent: string) => Object.values(MARKS).map((mark) => intent + mark);

/** The entries that say which tiers beyond the first have been used: those up to that of `slot`. */
function tierEntries(key: string, slot = MOST_SLOTS - 1): string[] {
	return TIERS.flatMap((from, tier) => (from > 0 && from <= slot ? [`${key}^${tier}`] : []));
}

/** See {@link openIntents}. */
export type Intents = ReturnType<typeof openIntents>;

/** The intents of one run of the node: a map from intents to task ids, on a set. No method rejects. */
export function openIntents(set: DurableSet, owner: IntentOwner) {
	const { nodeId, chain, isBlindRetry } = owner;
	const notes = new IntentNotes(set.name, owner);
	/** The entries of what retries have marked, as far as this run knows. */
	const marks = new Set<string>();
	/** When the ids of intents were encoded, as far as this run knows; in ms since 1970. */
	const encodedAt = new Map<string, number>();
	let hasLookedForOld = false;

	/** The entry that says that a chain of executions has this intent or, of the first slot, one in whatever slot. */
	function chainEntry(intent: string, of = chain): string[] {
		return of === undefined ? [] : [`${intent}@${of}`];
	}

	/** Those that are written with an intent. */
	function chainEntries(intent: string, of = chain): string[] {
		const intents = new Set([`${partsOf(intent).key}.0`, intent]);
		return [...intents].flatMap((one) => chainEntry(one, of));
	}

	async function ask(entries: readonly string[]): Promise<ReadonlySet<string>> {
		return (await set.test(entries)) ?? new Set();
	}

	/** Reads the ids of intents; see {@link decodeTaskIds}. */
	async function readIds(
		intents: readonly string[],
		atLeastDaysOld?: number,
	): Promise<ReadonlyMap<string, string>> {
		const ids = await decodeTaskIds(intents, ask, clock.now(), atLeastDaysOld);
		for (const [intent, { daysOld }] of ids) encodedAt.set(intent, clock.now() - daysOld * DAY_MS);
		return new Map([...ids].map(([intent, { taskId }]) => [intent, taskId]));
	}

	/** What an intent is known to have of entries, but for what others of its chain need: n8n is slow to look for absent ones. */
	function entriesOf({ intent, taskId }: NamedIntent): string[] {
		const note = notes.of(intent);
		const at = encodedAt.get(intent) ?? note?.at ?? clock.now();
		const { chain: writer } = note?.owner ?? owner;
		const needed = notes.hasBeside(intent, writer)
			? chainEntry(`${partsOf(intent).key}.0`, writer)
			: [];
		return [
			intent,
			...chainEntries(intent, writer).filter((one) => !needed.includes(one)),
			...marksOf(intent).filter((mark) => marks.has(mark)),
			...(taskId === undefined ? [] : encodeTaskId(intent, taskId, at)),
		];
	}

	async function removeAll(intents: readonly NamedIntent[]): Promise<boolean> {
		for (let at = 0; at < intents.length; at += LEAVE_AT_ONCE) {
			const some = intents.slice(at, at + LEAVE_AT_ONCE);
			if (!(await set.remove(some.flatMap(entriesOf)))) return false;
			for (const { intent } of some) notes.remove(intent);
		}
		return true;
	}

	/**
	 * Removes those that still are of their tasks: another Retry may have freed a slot, and another execution may have it by
	 * now. False where one is not, or the database did not take that.
	 */
	async function removeTheirs(intents: readonly NamedIntent[]): Promise<boolean> {
		const isNoted = ({ intent, taskId }: NamedIntent) =>
			taskId === undefined || notes.of(intent)?.taskId === taskId;
		const ids = await readIds(intents.filter((one) => !isNoted(one)).map(({ intent }) => intent));
		const theirs = intents.filter((one) => isNoted(one) || ids.get(one.intent) === one.taskId);
		return (await removeAll(theirs)) && theirs.length === intents.length;
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

	/** The intents of each key, from the lowest slot on, or only this chain's. Undefined where they can't be known. */
	async function slotsThere(
		keys: readonly string[],
		inChain: boolean,
	): Promise<string[][] | undefined> {
		const entries = (intent: string) => (inChain ? chainEntry(intent) : [intent]);
		const used = await set.test(keys.flatMap((key) => tierEntries(key)));
		const slots = (key: string) => {
			const tier =
				tierEntries(key)
					.map((entry) => used?.has(entry))
					.lastIndexOf(true) + 1;
			return slotsOf(key, TIERS[tier + 1]);
		};
		const there = used && (await set.test(keys.flatMap(slots).flatMap(entries)));
		if (there === undefined) return undefined;
		const isThere = (intent: string) => entries(intent).some((entry) => there.has(entry));
		return keys.map((key) => slots(key).filter(isThere));
	}

	/** Does at once what comes while others use the set; a promise for all of it. */
	function together<T>(work: (all: T[]) => Promise<void>): (one: T) => Promise<void> {
		const waiting: T[] = [];
		let working = Promise.resolve();
		return async (one) => {
			waiting.push(one);
			if (waiting.length === 1) working = set.alone(async () => await work(waiting.splice(0)));
			await working;
		};
	}

	/**
	 * Writes an intent for each: the first slot from its own on that nobody has, all in one write as a rule. Returns those whose
	 * chain has written one before; `isKnown`: all of `all` are such, and begin above it.
	 */
	async function writeFree(all: PendingIntent[], isKnown: boolean): Promise<PendingIntent[]> {
		let left = all;
		const known: PendingIntent[] = [];
		const others: string[] = [];
		const noted = new Set(isKnown ? all : []);
		for (let slot = 0; slot < MOST_SLOTS && left.length > 0; slot += 1) {
			const tries = left.map((one) => ({ one, intent: `${one.key}.${slot}` }));
			const free = tries.filter(
				({ one, intent }) =>
					slot >= one.from && !one.isSpent(intent) && notes.otherOf(intent) === undefined,
			);
			if (free.length === 0) continue;
			const entries = free.flatMap(({ one, intent }) => [
				intent,
				...chainEntries(intent),
				...tierEntries(one.key, slot),
			]);
			const added = await set.add(entries, free.length * MOST_LATER);
			if (added === undefined) break;
			const done = new Set<PendingIntent>();
			for (const { one, intent } of free) {
				const isNew = added.has(intent);
				const isOfChain =
					!noted.has(one) && chainEntry(`${one.key}.0`).some((of) => !added.has(of));
				noted.add(one);
				if (isOfChain) {
					known.push(one);
					await set.remove([intent, ...chainEntry(intent)].filter((entry) => added.has(entry)));
				} else if (isNew) {
					notes.add(intent);
					one.resolve({ kind: 'written', intent });
				} else {
					one.passed.push(intent);
					if (slot > 0) others.push(...chainEntry(intent));
					continue;
				}
				done.add(one);
			}
			left = left.filter((one) => !done.has(one));
		}
		const nothing: Written = set.available
			? { kind: 'failed' }
			: { kind: 'written', intent: undefined };
		for (const one of left) {
			// Its chain has none after all
			if (noted.has(one) && !isKnown) others.push(...chainEntry(`${one.key}.0`));
			one.resolve(nothing);
		}
		if (others.length > 0) await set.remove(others);
		return known;
	}

	/** Tells those that wait of the intents that their chain has written before. Returns those whose last one is spent. */
	async function tellFound(known: readonly PendingIntent[]): Promise<PendingIntent[]> {
		const there = await slotsThere(
			known.map(({ key }) => key),
			true,
		);
		const last = known.map((one, n) => ({ one, intent: there?.[n].at(-1) }));
		const ids = await readIds(last.flatMap(({ intent }) => intent ?? []));
		return last.flatMap(({ one, intent }) => {
			if (intent !== undefined && one.isSpent(intent))
				return { ...one, from: partsOf(intent).slot + 1 };
			if (intent === undefined) one.resolve({ kind: 'failed' });
			else one.resolve({ kind: 'found', intent, taskId: ids.get(intent) });
			return [];
		});
	}

	const writeSoon = together<PendingIntent>(async (all) => {
		const known = await writeFree(all, false);
		if (known.length > 0) await writeFree(await tellFound(known), true);
		await removeOld(all.flatMap(({ passed }) => passed));
	});

	const addSoon = together<string[]>(async (all) => void (await set.add(all.flat())));

	return {
		/**
		 * The key of an order: neither its place among the items nor the run of the node is part of it, since rows move, and a
		 * crashed execution is retried from its start.
		 */
		keyOf({ identity, ordinal }: IdentifiedOrder): string {
			return fingerprint([nodeId, identity, ordinal]);
		},

		/** Writes an intent for an order: it is in the database when this resolves. `isSpent`: intents not to be used. */
		async write(key: string, isSpent: (intent: string) => boolean): Promise<Written> {
			return await new Promise(
				(resolve) => void writeSoon({ key, passed: [], from: 0, isSpent, resolve }),
			);
		},

		/** Adds the task's id to the intent of its order. */
		async complete(intent: string, taskId: string): Promise<void> {
			notes.add(intent, taskId);
			const entries = encodeTaskId(intent, taskId, clock.now());
			if (entries.length > 0) await addSoon(entries);
		},

		/**
		 * What earlier runs have left for orders, by key: of the execution that this one retries, and for a blind Retry of any
		 * execution that may have crashed; those with a task first, then the newest. An order whose intents can't be looked for
		 * has one without a task.
		 */
		async find(keys: readonly string[]): Promise<ReadonlyMap<string, readonly Found[]>> {
			if (keys.length === 0) return new Map();
			return await set.alone(async () => {
				const there = await slotsThere(keys, !isBlindRetry);
				if (there === undefined)
					return new Map(set.available ? keys.map((key) => [key, [{}]]) : []);
				// What others have written that are no blind Retries is of executions that live
				const mayBe = (intent: string) => notes.otherOf(intent)?.isBlindRetry !== false;
				const candidates = there.map((intents) =>
					isBlindRetry ? intents.filter(mayBe).reverse() : intents.slice(-1),
				);
				const noted = await ask(candidates.flat().flatMap(marksOf));
				const ids = await readIds(candidates.flat());
				const rank = (intent: string) => {
					const mark = marksOf(intent).map((one) => noted.has(one));
					return mark.lastIndexOf(true) + (ids.has(intent) ? 0 : 3);
				};
				const ranked = candidates.map((all) => all.sort((one, other) => rank(one) - rank(other)));
				const found = (intent: string) => ({ intent, taskId: ids.get(intent) });
				return new Map(keys.map((key, n) => [key, ranked[n].map(found)]));
			});
		},

		/** Notes how far a retry has come with the tasks of these intents: another one is to look for others. */
		async mark(how: keyof typeof MARKS, intents: readonly string[]): Promise<void> {
			if (intents.length === 0) return;
			const entries = intents.map((intent) => intent + MARKS[how]);
			for (const entry of entries) marks.add(entry);
			await set.alone(async () => await set.add(entries));
		},

		/** The task ids of `intents` that are known, by intent. */
		async read(intents: readonly string[]): Promise<ReadonlyMap<string, string>> {
			if (intents.length === 0) return new Map();
			return await set.alone(async () => await readIds(intents));
		},

		/** Removes intents that still are of these tasks. False where that is not done. */
		async remove(intents: readonly NamedIntent[]): Promise<boolean> {
			return await set.alone(async () => await removeTheirs(intents));
		},

		/** Keeps other retries of this process from ordering the same until `release`; false where one is about to. */
		claim: (key: string) => notes.claim(isBlindRetry ? key : `${key}@${chain}`),

		/** Ends all claims of this run. */
		release: () => notes.release(),
	};
}
