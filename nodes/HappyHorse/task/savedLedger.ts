// The saved form of the ledger: what lies in the node's context, with its version.
import { z } from 'zod';
import type { Result } from '../domain/failure';
import { Failure, failed, NOTHING_ORDERED, succeeded } from '../domain/failure';
import type { RunIdentity } from '../n8n/identity';

const finite = z.number().finite();

/** What is absent where it can't be read. */
const optional = <T extends z.ZodTypeAny>(type: T) => type.optional().catch(undefined);
const text = optional(z.string());
const texts = optional(z.array(z.string()).readonly());
const number = optional(finite);

const taskRecord = z.object({
	state: z.enum(['sending', 'accepted', 'delivered']),
	/** Of the unevaluated request and the input item: see `identity.ts`. */
	fingerprint: z.string(),
	/** Of the evaluated order: see `orderIdentity`. */
	identity: text,
	/** When the order's turn had come, in ms since 1970: its timeout counts from then. */
	startedAt: finite,
	/** When this execution heard of the task, in ms since 1970; absent where it did not order it itself. */
	acceptedAt: number,
	/** The durable intent of this order, where n8n can keep one. */
	intent: text,
	/** Where the order was sent. */
	place: optional(z.object({ service: z.string(), host: z.string() })),
	/** The accepted task. */
	task: optional(z.object({ taskId: z.string(), model: text, createdAt: text, requestId: text })),
	/** What the service said to the submit, where the answer was not clear. */
	details: optional(z.object({ httpStatus: number, code: text, requestId: text, taskIds: texts })),
	/** Of another execution, which this one retries; not adopted yet. */
	carried: optional(z.boolean()),
	/** A try is working on it right now. */
	inUse: optional(z.boolean()),
});

/** What is saved of one order. Holds no prompt and no image. */
export type SavedRecord = Readonly<z.infer<typeof taskRecord>>;

/**
 * The saved form. Whoever changes its meaning counts `version` up, and reads the older ones here. The whole is unreadable
 * only where it is not known any more what was ordered.
 */
const ledgerData = z.object({
	version: z.literal(1),
	/** Id of the execution that wrote last, and of the first in its chain of retries. */
	execution: z.string(),
	firstExecution: z.string(),
	/** The first in the chain was itself a Retry, of an execution that has left no record. */
	isBlind: optional(z.boolean()),
	/** Seconds of video that this execution has ordered at this node, or is about to. */
	orderedSeconds: finite,
	/** Until when accounts have asked to be left alone, in ms since 1970: other tries and a retry heed it. */
	pauses: optional(z.record(z.object({ orders: number, queries: number }))),
	/** How many tool calls have opened this ledger. */
	calls: number,
	/** When items were first attempted that no try has ordered yet, by the keys of `records`; in ms since 1970. */
	attempts: optional(z.record(finite)),
	/** Items that were ordered once more though they may have been ordered before. */
	orderedAgain: optional(z.array(z.string())),
	/** How many of equal orders this execution has come to, by their identities. */
	counts: optional(z.record(finite)),
	/** Which of equal orders an item of this run is, by the keys of `records`. */
	ordinals: optional(z.record(z.object({ identity: z.string(), ordinal: finite }))),
	/** Intents never used again: of failed tasks, which an older copy of this may remove, and of refused orders that stayed. */
	spentIntents: optional(z.array(z.string())),
	/** Ids of tasks that no record holds any more: one task answers one order. */
	formerTasks: optional(z.array(z.string())),
	/** By run index and item, e.g. "0.12"; in a tool by call and item, e.g. "c3.0". */
	records: z.record(taskRecord),
});

/** {@link ledgerData}, read. */
export type LedgerData = z.infer<typeof ledgerData>;

/** Where the ledger lies in the node's context. */
const SLOT = 'happyHorse';

/** A saved ledger that was read, for one run of the node. */
export interface OpenedLedger {
	readonly data: LedgerData;
	/** The ids of all tasks that it has or had a record of: whoever writes another one into a record adds it here. */
	readonly tasks: Set<string>;
	/** What the keys of this run's records begin with. */
	readonly prefix: string;
}

/** What all runs of an execution work on together. */
type SharedLedger = Omit<OpenedLedger, 'prefix'>;

/** Ledgers that were read before, by their data. */
const readBefore = new WeakMap<object, SharedLedger>();

/** What lies in the slot, read; undefined where that is not possible. */
function read(value: unknown): SharedLedger | undefined {
	const before = typeof value === 'object' && value !== null ? readBefore.get(value) : undefined;
	if (before !== undefined) return before;
	const { data } = ledgerData.safeParse(value);
	if (data === undefined) return undefined;
	const recorded = Object.values(data.records).flatMap(({ task }) => task?.taskId ?? []);
	const shared = { data, tasks: new Set([...(data.formerTasks ?? []), ...recorded]) };
	readBefore.set(data, shared);
	return shared;
}

/** Remembers the task of a record that is about to go. */
export function keepTaskId(data: LedgerData, record: SavedRecord | undefined): void {
	if (record?.task !== undefined) (data.formerTasks ??= []).push(record.task.taskId);
}

function fresh({ executionId, isRetry }: RunIdentity): unknown {
	const execution = { execution: executionId, firstExecution: executionId };
	const blind = isRetry ? { isBlind: true } : {};
	return { version: 1, ...execution, ...blind, orderedSeconds: 0, records: {} };
}

/**
 * The saved ledger in a node's context (`getContext('node')`), or a new one, put there. The records of another execution,
 * which this one retries, are marked as carried; what an earlier run of this one delivered is dropped. Fails, and changes
 * nothing, where what is there can't be read.
 */
export function openLedgerData(
	context: Record<string, unknown>,
	run: RunIdentity,
): Result<OpenedLedger> {
	const { executionId, runIndex, inTool } = run;
	const shared = read(SLOT in context ? context[SLOT] : fresh(run));
	if (shared === undefined) {
		const message = "The record of what this execution has ordered before can't be read";
		const next =
			'It was written by another version of this node. Install that version and retry, or start a new execution: that orders anew. Task IDs of earlier orders are in the log of n8n.';
		return failed(new Failure('notOrdered', message, { cost: NOTHING_ORDERED, next }));
	}
	const { data } = shared;
	context[SLOT] = data;
	if (data.execution !== executionId) {
		data.execution = executionId;
		data.orderedSeconds = 0;
		delete data.attempts;
		delete data.orderedAgain;
		for (const record of Object.values(data.records)) {
			record.carried = true;
			delete record.inUse;
			delete record.acceptedAt;
		}
	}
	// Run indexes of tool calls are not unique: agents that work on several items at once count each for itself
	if (inTool) data.calls = (data.calls ?? 0) + 1;
	const prefix = inTool ? `c${data.calls}.` : `${runIndex}.`;
	for (const [key, record] of Object.entries(data.records)) {
		if (record.state !== 'delivered' || key.startsWith(prefix) || record.inUse) continue;
		keepTaskId(data, record);
		delete data.records[key];
	}
	for (const ofRun of [data.attempts ?? {}, data.ordinals ?? {}])
		for (const key of Object.keys(ofRun)) if (!key.startsWith(prefix)) delete ofRun[key];
	return succeeded({ ...shared, prefix });
}
