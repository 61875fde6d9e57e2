// What a run keeps while it rests, in n8n's memory of the execution, beside the ledger: its saved form, with its version.
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { z } from 'zod';
import type { RunIdentity } from '../identity';

const itemShape = z.custom<INodeExecutionData>(
	(value) => typeof value === 'object' && value !== null && 'json' in value,
);

/** Which run of which execution it is of. */
const runShape = { execution: z.string(), run: z.number() };

const restingShape = z.object({
	version: z.literal(1),
	kind: z.literal('resting'),
	...runShape,
	/** Ties it to the request with which the run has gone to rest. */
	token: z.string(),
	/** Tries of it that have failed: see Retry On Fail. */
	failedTries: z.number(),
	/** When it began, and when it wakes up, in ms since 1970. */
	startedAt: z.number(),
	until: z.number(),
	/** Items that are through, by their index. */
	finished: z.record(itemShape),
	/** Seconds of video that the run has ordered, by item. */
	orderedSeconds: z.record(z.number()),
	/** Seconds of the Spending Limit, where there is one. */
	limit: z.number().optional(),
	/** Items whose task an earlier try had paid for. */
	takenOver: z.array(z.number()),
	/** Items that may have been ordered. */
	unsure: z.array(z.number()),
});

const failedShape = z.object({
	version: z.literal(1),
	kind: z.literal('failed'),
	...runShape,
	failedTries: z.number(),
	hasRested: z.boolean(),
	/** Set only by the last try of a run that has rested: what n8n's further tries get. */
	items: z.array(itemShape).optional(),
	error: z
		.object({
			message: z.string(),
			description: z.string().optional(),
			context: z.custom<IDataObject>((value) => typeof value === 'object' && value !== null),
		})
		.optional(),
});

/** A run that rests. */
export type Resting = z.infer<typeof restingShape>;

/** A run that has failed, in an execution in which n8n may try it again. */
export type Failed = z.infer<typeof failedShape>;

/** What the node finds that was kept. */
export type Kept = Resting | Failed | { readonly kind: 'unreadable' } | undefined;

/** Where it lies in the node's context. */
const SLOT = 'happyHorseRest';

/** What an earlier part of this execution has left; `unreadable` if another version of the node has written it. */
export function keptIn(context: Record<string, unknown>): Kept {
	if (!(SLOT in context)) return undefined;
	const read = z.discriminatedUnion('kind', [restingShape, failedShape]).safeParse(context[SLOT]);
	return read.success ? read.data : { kind: 'unreadable' };
}

/** Whether something was kept by an earlier part of this very run, and not by that of an execution that is retried. */
export function isOf({ executionId, runIndex }: RunIdentity, kept: Resting | Failed): boolean {
	return kept.execution === executionId && kept.run === runIndex;
}

/** Keeps `kept` in place of what was there; undefined empties the place. */
export function keep(context: Record<string, unknown>, kept: Resting | Failed | undefined): void {
	if (kept === undefined) delete context[SLOT];
	else context[SLOT] = kept;
}
