// A set of short texts in n8n's database, one for each node: what is in it outlives a killed n8n.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock, inTime, sleepRealTime } from '../util/clock';
import { fieldOf } from '../util/unknown';

/**
 * Entries of one node, at most: room for a run of 10,000 orders (41 entries each, with a UUID), and for 100,000 that others
 * have left. n8n's row for the node is then 14 MB. n8n itself is never told a limit, since it would forget the oldest.
 */
const MOST_ENTRIES = 520_000;

/**
 * Entries that are looked for or removed at once. n8n looks for each that it removes from the beginning of all that the node
 * has, in one stretch. 100 take about three times as long as reading and writing the row does, however long that is: more
 * would hold n8n, fewer would read the row too often.
 */
const SLICE = 100;

/** Tries of one write, and ms between them. Two processes that make the node's first entry at once collide. */
const WRITE_TRIES = 3;
const WRITE_PAUSE_MS = 100;

/** Ms after which an access to the database counts as failed: one that hangs must not hold all executions of the node. */
const ACCESS_MS = 30_000;

/**
 * Ms after which an entry that is found stays: a write that another process had begun before is over by then. One takes
 * about 6 ms, and some 100 among 24,000 entries.
 */
const SETTLED_MS = 200;

/**
 * n8n reads, changes and writes back one database row for each node, without a lock: two writes at once lose one.
 * So all writes of this process to one node's row go through one queue, and each says again what those shortly before have
 * added: if another process has undone that, it is noticed then.
 */
const queues = new Map<string, Promise<unknown>>();

function* slices(entries: readonly string[]): Generator<string[]> {
	for (let at = 0; at < entries.length; at += SLICE) yield entries.slice(at, at + SLICE);
}

/** Whether n8n has no deduplication service here, or no saved workflow to keep entries for: it asserts both. */
function isUnavailable(error: unknown): boolean {
	return fieldOf(error, 'name') === 'AssertionError' || fieldOf(error, 'code') === 'ERR_ASSERTION';
}

const MODE = { mode: 'entries' as const };

/** See {@link openDurableSet}. */
export type DurableSet = ReturnType<typeof openDurableSet>;

/**
 * What n8n's deduplication store can do for the node that `context` runs. No method rejects; all writes are to be made in
 * `alone`. `signal` ends the pauses between the tries of a write.
 */
export function openDurableSet(context: IExecuteFunctions, signal: AbortSignal) {
	const { helpers, logger } = context;
	const name = `${context.getWorkflow().id ?? ''} ${context.getNode().id}`;
	let available = typeof helpers.checkProcessedAndRecord === 'function';
	/** Entries that may still be undone by another process, and when they were added, in ms of the monotonic clock. */
	const unsettled = new Map<string, number>();
	/** Entries that were added, by their turn. */
	const turns = new Map<string, number>();
	/** Entries that may still be added before they have to be counted again. */
	let room = 0;

	async function tried<T>(access: () => Promise<T>): Promise<T | undefined> {
		for (let tries = 1; available; tries += 1) {
			try {
				// Not with the run's signal: a write that has begun is to end, also when the execution was stopped
				const done = await inTime(ACCESS_MS, new AbortController().signal, access, sleepRealTime);
				if (done === undefined) logger.warn("HappyHorse: n8n's database did not answer");
				return done;
			} catch (error) {
				if (isUnavailable(error)) available = false;
				else if (tries === WRITE_TRIES) {
					const kind = error instanceof Error ? error.name : 'error';
					logger.warn(`HappyHorse: n8n's database did not take an intent: ${kind}`);
					return undefined;
				}
			}
			await clock.sleep(WRITE_PAUSE_MS, signal);
		}
		return undefined;
	}

	/** Whether there is room for so many entries. Other processes are not counted between two counts. */
	async function hasRoom(count: number, spare: number): Promise<boolean> {
		if (room < count + spare) {
			// Where it can't be counted, the write that follows tells whether there is a set at all
			const there = await tried(async () => await helpers.getProcessedDataCount('node', MODE));
			room = MOST_ENTRIES - (there ?? 0);
			if (room < count + spare) {
				logger.warn(`HappyHorse: n8n keeps ${there} notes of this node, and has no room for more`);
				return false;
			}
		}
		room -= count;
		return true;
	}

	async function record(entries: readonly string[]): Promise<ReadonlySet<string> | undefined> {
		const result = await tried(
			async () => await helpers.checkProcessedAndRecord([...entries], 'node', MODE),
		);
		return result && new Set(result.new.map(String));
	}

	/** Adds entries, and all that has not settled. Returns those that were not there. */
	async function addAll(entries: readonly string[]): Promise<ReadonlySet<string> | undefined> {
		const start = clock.monotonic();
		const added = await record([...new Set([...unsettled.keys(), ...entries])]);
		if (added === undefined) return undefined;
		for (const [entry, at] of unsettled) if (start - at >= SETTLED_MS) unsettled.delete(entry);
		const end = clock.monotonic();
		for (const entry of added) {
			unsettled.set(entry, end);
			turns.set(entry, turns.size);
		}
		return added;
	}

	/** The oldest first: n8n looks for each from the beginning of all that the node has. */
	async function remove(entries: readonly string[]): Promise<boolean> {
		const turnOf = (entry: string) => turns.get(entry) ?? 0;
		const sorted = [...entries].sort((one, other) => turnOf(one) - turnOf(other));
		for (const entry of sorted) turns.delete(entry);
		for (const some of slices(sorted)) {
			const isDone = await tried(async () => {
				await helpers.removeProcessed(some, 'node', MODE);
				return true;
			});
			if (!isDone) return false;
		}
		return true;
	}

	return {
		/** Tells the sets of this n8n apart. */
		name,

		/** Whether this n8n has such a set here; known for sure after the first write. */
		get available() {
			return available;
		},

		/**
		 * Adds entries; they are in the database when this resolves. Returns those that were not in it before; undefined when
		 * the set is not available, has no room, or did not take them. Where that shows that another process has undone an
		 * earlier write, all is written again, until a write has found it there. `spare`: further entries that there must be
		 * room for.
		 */
		async add(entries: readonly string[], spare = 0): Promise<ReadonlySet<string> | undefined> {
			if (!(await hasRoom(entries.length, spare))) return undefined;
			const before = [...unsettled.keys()];
			const added = await addAll(entries);
			if (added === undefined) return undefined;
			let isDisturbed = before.some((entry) => added.has(entry));
			for (let tries = 1; isDisturbed && tries < WRITE_TRIES; tries += 1) {
				await clock.sleep(SETTLED_MS, signal);
				isDisturbed = ((await addAll([]))?.size ?? 0) > 0;
			}
			return new Set(entries.filter((entry) => added.has(entry)));
		},

		/**
		 * Which of `entries` are in the set; undefined when that can't be known. n8n can only be asked by adding them: those
		 * that were not there stand in it for a moment.
		 */
		async test(entries: readonly string[]): Promise<ReadonlySet<string> | undefined> {
			const there = new Set<string>();
			for (const some of slices(entries)) {
				const added = signal.aborted ? undefined : await record(some);
				if (added === undefined || !(await remove([...added]))) return undefined;
				for (const entry of some) if (!added.has(entry)) there.add(entry);
			}
			return there;
		},

		/** Removes entries. False where the database did not take that. */
		async remove(entries: readonly string[]): Promise<boolean> {
			for (const entry of entries) unsettled.delete(entry);
			return await remove(entries);
		},

		/** Runs `work` while nothing else in this process writes to the set. Not to be nested. */
		async alone<T>(work: () => Promise<T>): Promise<T> {
			const before = queues.get(name) ?? Promise.resolve();
			const mine = before.then(work, work);
			queues.set(name, mine);
			try {
				return await mine;
			} finally {
				if (queues.get(name) === mine) queues.delete(name);
			}
		},
	};
}
