// A run that rests in n8n's database while its tasks are going: from its orders to its rest, and from its wake-up on.
import type {
	EngineResponse,
	IExecuteFunctions,
	INodeExecutionData,
	NodeOutput,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { clock } from './clock';
import type { UnfinishedRun } from './delivery';
import { Failure } from './failure';
import type { RunIdentity } from './identity';
import { runIdentity } from './identity';
import { failedItem, keptError, sameError } from './output/errorItem';
import { outputOf, tellCost } from './output/output';
import type { Progress } from './progress';
import { restProblem, started } from './rest/host';
import type { Failed, Resting } from './rest/kept';
import { isOf, keep, keptIn } from './rest/kept';
import { nextLook } from './rest/nextLook';
import { isRest, isStartedAnew, rest, restoreSource, restRequest, wakeUp } from './rest/rest';
import { runSteps } from './steps';

/** Nothing is known of items that are through: they could be ordered again. */
const UNREADABLE = new Failure('unexpected', "What this run has kept over its rest can't be read", {
	cost: 'Nothing more is ordered.',
	next: 'Another version of this node wrote it. Collect the videos with Task → Wait: the task IDs are in the log of n8n, and in the custom data of the execution. Where the execution has failed, a retry with that version brings them as well.',
});

/**
 * Where a retry runs a disabled trigger, and "Always Output Data" makes that put out an item: the nodes after it start again,
 * and the run that rests goes on as well.
 */
const STARTED_ANEW = new Failure(
	'unexpected',
	'n8n started this node anew while its run was at rest',
	{
		cost: 'This start ordered nothing.',
		next: 'Turn "Always Output Data" off in the trigger. Where the execution stops here, retry the crashed one again: that goes on with what is paid for. With another On Error, the videos come out of this execution.',
	},
);

/** Asks `look` why a run can't rest, when the first item wants to; knows whether one did. */
function restQuestion(look: () => Failure | undefined) {
	let answer: { readonly problem: Failure | undefined } | undefined;
	return {
		ask: () => (answer ??= { problem: look() }).problem,
		wasAsked: () => answer !== undefined,
	};
}

/** The output of a run that is refused: an error for each item. @throws NodeOperationError with On Error = stop */
function refused(context: IExecuteFunctions, failure: Failure): NodeOutput {
	const items = context.getInputData();
	if (!context.continueOnFail()) {
		const { message, description } = failure;
		throw sameError(context.getNode(), { message, description, context: {} });
	}
	return [items.map((_, item) => failedItem({ item, failure }, items.length))];
}

function numbered<T>(record: Record<string, T>): Map<number, T> {
	return new Map(Object.entries(record).map(([item, value]) => [Number(item), value]));
}

function progressIn(kept: Resting): Progress {
	return {
		finished: numbered(kept.finished),
		orderedSeconds: numbered(kept.orderedSeconds),
		limit: kept.limit ?? Infinity,
		takenOver: kept.takenOver,
		unsure: kept.unsure,
	};
}

/** Tries that n8n makes with Retry On Fail, at least, by default and at most (n8n 2.41, `getRetryParams`). */
const TRIES = { least: 2, usual: 3, most: 5 };

/** n8n tries a node again that throws, or whose first item has an error. */
function isFailure({ items, error }: Pick<Failed, 'items' | 'error'>): boolean {
	return error !== undefined || Boolean(items?.at(0)?.json.error);
}

/**
 * n8n counts the tries of Retry On Fail anew after each rest, and each could order. So the run counts them itself. Once it has
 * rested, the end of its last try is final for that execution: n8n's further tries get the same.
 */
function keepEnd(
	context: IExecuteFunctions,
	{ executionId, runIndex }: RunIdentity,
	before: Pick<Failed, 'failedTries' | 'hasRested'>,
	end: Pick<Failed, 'items' | 'error'>,
): void {
	const { retryOnFail, maxTries } = context.getNode();
	if (retryOnFail !== true || !isFailure(end)) return;
	const tries = Math.min(TRIES.most, Math.max(TRIES.least, maxTries || TRIES.usual));
	const failedTries = before.failedTries + 1;
	const run = { execution: executionId, run: runIndex, ...before, failedTries };
	const final = before.hasRested && failedTries >= tries ? end : {};
	keep(context.getContext('node'), { version: 1, kind: 'failed', ...run, ...final });
}

/** Sends a run to rest until it is time to look again. */
function goToRest(
	context: IExecuteFunctions,
	{ executionId, runIndex }: RunIdentity,
	begun: Pick<Resting, 'startedAt' | 'failedTries'>,
	{ open }: UnfinishedRun<INodeExecutionData>,
	progress: Progress,
) {
	const { finished, orderedSeconds, limit, takenOver, unsure } = progress;
	const kept = {
		execution: executionId,
		run: runIndex,
		...begun,
		until: nextLook(clock.now(), open),
		finished: Object.fromEntries(finished),
		orderedSeconds: Object.fromEntries(orderedSeconds),
		limit: Number.isFinite(limit) ? limit : undefined,
		takenOver: [...takenOver],
		unsure: [...unsure],
	};
	return restRequest(context, kept);
}

/** Runs the node: to its end, to its next rest, or only to rest. */
export async function runOrRest(
	context: IExecuteFunctions,
	response: EngineResponse | undefined,
): Promise<NodeOutput> {
	if (isRest(context)) return await rest(context);
	restoreSource(context, response);
	const identity = runIdentity(context);
	const found = keptIn(context.getContext('node'));
	if (found?.kind === 'unreadable') return refused(context, UNREADABLE);
	if (isStartedAnew(found, response)) return refused(context, STARTED_ANEW);
	const before = found && isOf(identity, found) ? found : undefined;
	if (before?.kind === 'failed') {
		if (before.error !== undefined) throw sameError(context.getNode(), before.error);
		if (before.items !== undefined) return [before.items];
	}
	const failedTries = before?.failedTries ?? 0;
	const hasRested = before?.kind === 'resting' || before?.hasRested === true;
	const kept = wakeUp(context, identity, found, response);
	const woken = kept && progressIn(kept);
	const startedAt = kept?.startedAt ?? clock.now();
	if (woken) await started(context.getExecutionCancelSignal() ?? new AbortController().signal);
	const mayRest = restQuestion(() => (woken ? undefined : restProblem(context, identity)));
	const { result, bill, cost, progress } = await runSteps(context, {
		identity,
		startedAt,
		woken,
		restProblem: mayRest.ask,
	});
	if (result.kind === 'unfinished') {
		return goToRest(context, identity, { startedAt, failedTries }, result, progress);
	}
	tellCost(context, cost);
	const output = outputOf(context, result, bill);
	const isError = output instanceof NodeOperationError;
	const end = isError ? { error: keptError(output) } : { items: output };
	if (hasRested || mayRest.wasAsked()) keepEnd(context, identity, { failedTries, hasRested }, end);
	if (isError) throw output;
	return [output];
}
