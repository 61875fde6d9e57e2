// Durable marks in n8n's own database: "an order for this item is about to be sent". They outlive a killed n8n.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../clock';
import { fingerprint } from '../fingerprint';

/**
 * Marks that one and the same item may have at once. Several executions can work on equal items (a schedule with
 * constant input): each has a mark of its own, so that one that delivers does not take away another's.
 */
const MARKS_PER_ITEM = 8;

/** Entries that n8n keeps for the node, at most: beyond, the oldest are forgotten. */
const MOST_ENTRIES = 10_000;

/** Tries of one write, and ms between them. Two processes that make the node's first entry at once collide. */
const WRITE_TRIES = 3;
const WRITE_PAUSE_MS = 100;

/** `more`: entries that may stand beyond the limit for a moment. */
function options(more = 0) {
	return { mode: 'entries' as const, maxEntries: MOST_ENTRIES + more };
}

/**
 * n8n reads, changes and writes back one database row for each node, without a lock: two writes at once lose one.
 * So all writes of this process to one node's row go through one queue.
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

/** The marks of one run of the node. */
export interface Marks {
	/**
	 * Sets a mark for an item and returns it: it is in the database when this resolves. `undefined` where this n8n has
	 * no place for marks, or too many of this item are set already. `failed` when the database did not take it.
	 * `isSpent`: marks that are not to be used.
	 */
	place(base: string, isSpent: (mark: string) => boolean): Promise<string | undefined | 'failed'>;
	/** Which of `bases` have a mark of whatever execution. */
	findMarked(bases: readonly string[]): Promise<Set<string>>;
	/** Takes marks away. Never rejects: one that stays only makes a later retry more careful. */
	remove(marks: readonly string[]): Promise<void>;
}

/** The hash that the marks of an item are made of: which node, run and item, and what it asks for. */
export function markBase(node: string, runIndex: number, item: number, print: string): string {
	return fingerprint([node, runIndex, item, print]);
}

function markOf(base: string, ordinal: number): string {
	return `${base}.${ordinal}`;
}

/** Whether n8n has no deduplication service here, or no saved workflow to keep entries for: it asserts both. */
function isUnavailable(error: unknown): boolean {
	return (
		error instanceof Error &&
		(error.name === 'AssertionError' || Reflect.get(error, 'code') === 'ERR_ASSERTION')
	);
}

interface Waiting {
	readonly base: string;
	isSpent(mark: string): boolean;
	resolve(mark: string | undefined | 'failed'): void;
}

/** The marks of this run, in n8n's database. */
export function openMarks(context: IExecuteFunctions, signal: AbortSignal): Marks {
	const { helpers, logger } = context;
	const queue = `${context.getWorkflow().id ?? ''} ${context.getNode().id}`;
	const waiting: Waiting[] = [];
	let available = typeof helpers.checkProcessedAndRecord === 'function';

	async function tried<T>(write: () => Promise<T>): Promise<T | undefined> {
		for (let tries = 1; available; tries += 1) {
			try {
				return await write();
			} catch (error) {
				if (isUnavailable(error)) available = false;
				else if (tries === WRITE_TRIES) {
					logger.warn(
						`HappyHorse: n8n's database did not take a mark: ${error instanceof Error ? error.name : 'error'}`,
					);
					return undefined;
				}
			}
			await clock.sleep(WRITE_PAUSE_MS, signal);
		}
		return undefined;
	}

	/** Sets those of `marks` that are not set yet, and returns them; undefined when that did not work. */
	async function setNew(marks: string[], more?: number): Promise<Set<unknown> | undefined> {
		const result = await tried(
			async () => await helpers.checkProcessedAndRecord(marks, 'node', options(more)),
		);
		return result && new Set<unknown>(result.new);
	}

	/** Sets a mark for each that waits, all in as few writes as there are marks of one item. */
	async function placeWaiting(): Promise<void> {
		let left = waiting.splice(0);
		for (let ordinal = 0; ordinal < MARKS_PER_ITEM && left.length > 0; ordinal += 1) {
			const tries = left.filter(({ base, isSpent }) => !isSpent(markOf(base, ordinal)));
			if (tries.length === 0) continue;
			const set = await setNew(tries.map(({ base }) => markOf(base, ordinal)));
			if (set === undefined) {
				for (const { resolve } of left) resolve(available ? 'failed' : undefined);
				return;
			}
			const placed = tries.filter(({ base }) => set.has(markOf(base, ordinal)));
			for (const { base, resolve } of placed) resolve(markOf(base, ordinal));
			left = left.filter((one) => !placed.includes(one));
		}
		for (const { resolve } of left) resolve(undefined);
	}

	async function removeNow(marks: readonly string[]): Promise<void> {
		if (marks.length === 0) return;
		await tried(async () => await helpers.removeProcessed([...marks], 'node', options()));
	}

	return {
		async place(base, isSpent) {
			if (!available) return undefined;
			return await new Promise((resolve) => {
				waiting.push({ base, isSpent, resolve });
				if (waiting.length === 1) void inTurn(queue, placeWaiting);
			});
		},

		async findMarked(bases) {
			const marksOf = (base: string) =>
				Array.from({ length: MARKS_PER_ITEM }, (_, ordinal) => markOf(base, ordinal));
			const all = bases.flatMap(marksOf);
			if (all.length === 0 || !available) return new Set();
			return await inTurn(queue, async () => {
				// All are set for a moment: that must not push out marks that stand for money
				const set = await setNew(all, all.length);
				if (set === undefined) return available ? new Set(bases) : new Set();
				await removeNow(all.filter((mark) => set.has(mark)));
				return new Set(bases.filter((base) => marksOf(base).some((mark) => !set.has(mark))));
			});
		},

		async remove(marks) {
			await inTurn(queue, async () => await removeNow(marks));
		},
	};
}
