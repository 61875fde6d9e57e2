// A set of short texts in n8n's database, one for each node: what is in it outlives a killed n8n.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../util/clock';

/**
 * Entries that n8n keeps for the node, at most: beyond, the oldest are forgotten. Enough for one run of 5,000 orders, each
 * with its task id; n8n's row for the node is then 3 MB.
 */
const MOST_ENTRIES = 120_000;

/**
 * Entries that are looked for in one go. n8n takes each of them out again by a walk through all that the node has, in one
 * stretch: 500 of them, among 24,000 entries of 1,000 orders, hold it for some 80 ms.
 */
const ASKED_AT_ONCE = 500;

/** Tries of one write, and ms between them. Two processes that make the node's first entry at once collide. */
const WRITE_TRIES = 3;
const WRITE_PAUSE_MS = 100;

/**
 * Ms after which an entry that is found stays: a write that another process had begun before is over by then. One takes
 * about 6 ms, and some 100 among 24,000 entries.
 */
const SETTLED_MS = 200;

/** What n8n's deduplication store can do for a node. No method rejects; all writes are to be made in {@link alone}. */
export interface DurableSet {
	/** Whether this n8n has such a set here; known for sure after the first write. */
	readonly available: boolean;
	/**
	 * Adds entries; they are in the database when this resolves. Returns those that were not in it before; undefined when
	 * the set is not available, or did not take them. Where that shows that another process has undone an earlier write,
	 * all is written again, until a write has found it there.
	 */
	add(entries: readonly string[]): Promise<ReadonlySet<string> | undefined>;
	/**
	 * Which of `entries` are in the set; undefined when that can't be known. n8n can only be asked by adding them: those
	 * that were not there stand in it for a moment.
	 */
	test(entries: readonly string[]): Promise<ReadonlySet<string> | undefined>;
	/** Removes entries, as far as the database allows. */
	remove(entries: readonly string[]): Promise<void>;
	/** Runs `work` while nothing else in this process writes to the set. Not to be nested. */
	alone<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * n8n reads, changes and writes back one database row for each node, without a lock: two writes at once lose one.
 * So all writes of this process to one node's row go through one queue, and each says again what those shortly before have
 * added: if another process has undone that, it is noticed then.
 */
const queues = new Map<string, Promise<unknown>>();

async function inTurn<T>(queue: string, work: () => Promise<T>): Promise<T> {
	const before = queues.get(queue) ?? Promise.resolve();
	const mine = before.then(work, work);
	queues.set(queue, mine);
	try {
		return await mine;
	} finally {
		if (queues.get(queue) === mine) queues.delete(queue);
	}
}

/** Whether n8n has no deduplication service here, or no saved workflow to keep entries for: it asserts both. */
function isUnavailable(error: unknown): boolean {
	return (
		error instanceof Error &&
		(error.name === 'AssertionError' || Reflect.get(error, 'code') === 'ERR_ASSERTION')
	);
}

function options(more = 0) {
	return { mode: 'entries' as const, maxEntries: MOST_ENTRIES + more };
}

/** The set of the node that `context` runs. `signal` ends the pauses between the tries of a write. */
export function openDurableSet(context: IExecuteFunctions, signal: AbortSignal): DurableSet {
	const { helpers, logger } = context;
	const queue = `${context.getWorkflow().id ?? ''} ${context.getNode().id}`;
	let available = typeof helpers.checkProcessedAndRecord === 'function';
	/** Entries that may still be undone by another process, and when they were added, in ms since 1970. */
	const unsettled = new Map<string, number>();
	/** Entries that were added, by their turn. */
	const turns = new Map<string, number>();

	async function tried<T>(write: () => Promise<T>): Promise<T | undefined> {
		for (let tries = 1; available; tries += 1) {
			try {
				return await write();
			} catch (error) {
				if (isUnavailable(error)) available = false;
				else if (tries === WRITE_TRIES) {
					logger.warn(
						`HappyHorse: n8n's database did not take an intent: ${error instanceof Error ? error.name : 'error'}`,
					);
					return undefined;
				}
			}
			await clock.sleep(WRITE_PAUSE_MS, signal);
		}
		return undefined;
	}

	/** `more`: entries that may stand beyond the limit for a moment. */
	async function add(
		entries: readonly string[],
		more = 0,
	): Promise<ReadonlySet<string> | undefined> {
		const result = await tried(
			async () => await helpers.checkProcessedAndRecord([...entries], 'node', options(more)),
		);
		return result && new Set(result.new.map(String));
	}

	/** Adds entries, and all that has not settled. Returns those that were not there. */
	async function addAll(entries: readonly string[]): Promise<ReadonlySet<string> | undefined> {
		const start = clock.now();
		const added = await add([...new Set([...unsettled.keys(), ...entries])]);
		if (added === undefined) return undefined;
		for (const [entry, at] of unsettled) if (start - at >= SETTLED_MS) unsettled.delete(entry);
		const end = clock.now();
		for (const entry of added) {
			unsettled.set(entry, end);
			turns.set(entry, turns.size);
		}
		return added;
	}

	/** The oldest first: n8n looks for each from the beginning of all that the node has. */
	function oldestFirst(entries: readonly string[]): string[] {
		return [...entries].sort((one, other) => (turns.get(one) ?? 0) - (turns.get(other) ?? 0));
	}

	async function remove(entries: readonly string[]): Promise<void> {
		if (entries.length === 0) return;
		const sorted = oldestFirst(entries);
		await tried(async () => await helpers.removeProcessed(sorted, 'node', options()));
	}

	return {
		get available() {
			return available;
		},

		async add(entries) {
			const before = new Set(unsettled.keys());
			const added = await addAll(entries);
			if (added === undefined) return undefined;
			let isDisturbed = [...before].some((entry) => added.has(entry));
			for (let tries = 1; isDisturbed && tries < WRITE_TRIES; tries += 1) {
				await clock.sleep(SETTLED_MS, signal);
				isDisturbed = ((await addAll([]))?.size ?? 0) > 0;
			}
			return new Set(entries.filter((entry) => added.has(entry)));
		},

		async test(entries) {
			const there = new Set<string>();
			for (let at = 0; at < entries.length; at += ASKED_AT_ONCE) {
				const some = entries.slice(at, at + ASKED_AT_ONCE);
				// Added for a moment: that must not push out what stands for money
				const added = await add(some, some.length);
				if (added === undefined) return undefined;
				await remove([...added]);
				for (const entry of some) if (!added.has(entry)) there.add(entry);
			}
			return there;
		},

		async remove(entries) {
			for (const entry of entries) unsettled.delete(entry);
			await remove(entries);
		},

		async alone(work) {
			return await inTurn(queue, work);
		},
	};
}
