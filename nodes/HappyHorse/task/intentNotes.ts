// What this process knows of intents: it began when n8n started, so nothing of it is of an execution that crashed before.
import { clock } from '../util/clock';

/** Who writes intents: a node in an execution. */
export interface IntentOwner {
	readonly nodeId: string;
	readonly executionId: string;
	/** Id of the first execution in this chain of retries; undefined for the calls of a tool, which are orders of their own. */
	readonly chain: string | undefined;
	/** A manual "Retry" that knows nothing of the execution that it retries: another Retry may be of the same. */
	readonly isBlindRetry: boolean;
}

/** An intent, and the task of its order where that is known. */
export interface NamedIntent {
	readonly intent: string;
	readonly taskId?: string;
}

/** An intent that this process has written. */
interface Note {
	readonly set: string;
	readonly intent: string;
	readonly owner: IntentOwner;
	readonly taskId?: string;
	/** In ms since 1970. */
	readonly at: number;
}

/** By set and name: the intents that stand, and the orders that Retries are working on, with whose they are. */
export const processMemory = {
	notes: new Map<string, Note>(),
	claims: new Map<string, IntentOwner>(),
	/** Of each key: its intents that stand. */
	besides: new Map<string, Set<string>>(),
};

const { notes, claims, besides } = processMemory;

/** The key of an intent, and its slot. */
export function partsOf(intent: string): { readonly key: string; readonly slot: number } {
	const [key, slot] = intent.split('.');
	return { key, slot: Number(slot) };
}

/** The intents of a key in the slots below `end`. */
export function slotsOf(key: string, end: number): string[] {
	return Array.from({ length: end }, (_, slot) => `${key}.${slot}`);
}

/** The notes about one set, as one run of a node makes and reads them. */
export class IntentNotes {
	constructor(
		private readonly set: string,
		private readonly owner: IntentOwner,
	) {}

	private nameOf(intent: string): string {
		return `${this.set} ${intent}`;
	}

	/** An intent has been written, or its task is known now. */
	add(intent: string, taskId?: string): void {
		const { set, owner } = this;
		const name = this.nameOf(partsOf(intent).key);
		besides.set(name, (besides.get(name) ?? new Set()).add(intent));
		notes.set(this.nameOf(intent), { set, intent, owner, taskId, at: clock.now() });
	}

	/** An intent has been removed. */
	remove(intent: string): void {
		notes.delete(this.nameOf(intent));
		const name = this.nameOf(partsOf(intent).key);
		besides.get(name)?.delete(intent);
		if (besides.get(name)?.size === 0) besides.delete(name);
	}

	/** Who wrote an intent, and when, or when its task became known; undefined for another process's. */
	of(intent: string): Note | undefined {
		return notes.get(this.nameOf(intent));
	}

	/** Who else has written an intent: another execution of this process. */
	otherOf(intent: string): IntentOwner | undefined {
		const owner = this.of(intent)?.owner;
		return owner?.executionId === this.owner.executionId ? undefined : owner;
	}

	/** Whether a chain of executions has another intent of the same key. */
	hasBeside(intent: string, chain: string | undefined): boolean {
		const those = besides.get(this.nameOf(partsOf(intent).key)) ?? [];
		return [...those].some((other) => other !== intent && this.of(other)?.owner.chain === chain);
	}

	/** Intents of the set whose task has been known for longer than `ms`. */
	olderThan(ms: number): NamedIntent[] {
		return [...notes.values()].filter(
			({ set, taskId, at }) => set === this.set && taskId !== undefined && clock.now() - at > ms,
		);
	}

	/** Takes an order for this run: false where another Retry has it. `name`: what tells the order from others. */
	claim(name: string): boolean {
		const holder = claims.get(this.nameOf(name)) ?? this.owner;
		claims.set(this.nameOf(name), holder);
		return holder.executionId === this.owner.executionId;
	}

	/** Ends all claims of this run. */
	release(): void {
		for (const [name, holder] of claims) if (holder === this.owner) claims.delete(name);
	}
}
