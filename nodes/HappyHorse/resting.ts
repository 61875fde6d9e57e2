// A run that rests in n8n's database while its tasks are going: from its orders to its rest, and from its wake-up on.
import type {
	EngineResponse,
	IExecuteFunctions,
	INodeExecutionData,
	NodeOutput,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { clock } from './clock';
import type { Bill, UnfinishedRun } from './delivery';
import { Failure } from './failure';
import type { RunIdentity } from './identity';
import { runIdentity } from './identity';
import { failedItem, keptError, sameError } from './output/errorItem';
import { outputOf, tellCost } from './output/output';
import type { Progress } from './progress';
import { restProblem, started } from './rest/host';
import type { Ended, Resting } from './rest/kept';
import { isUnreadable, keep, keptIn } from './rest/kept';
import { nextLook } from './rest/nextLook';
import { isRest, rest, restRequest, wakeUp } from './rest/rest';
import { runSteps } from './steps';

/** Nothing is known of items that are through: they could be ordered again. */
const UNREADABLE = {
	message: "What this run has kept over its rest can't be read",
	description:
		'It was written by another version of this node. Install that version and retry. Nothing more is ordered; task IDs are in the log of n8n, and in the custom data of the execution.',
	context: {},
};

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

function passedBy(taskId: string | undefined): Failure {
	const cost = taskId === undefined ? undefined : `Task ${taskId} is paid for.`;
	const next =
		'Retry the execution that crashed once more, "with original workflow": that goes on with what is paid for.';
	const message = 'n8n passed this node by when it retried the execution';
	return new Failure('unexpected', message, { cost, next }, taskId);
}

/**
 * What stands in the place of the input during a rest. It comes out only where n8n passes the node by: a retry of an
 * execution that crashed, with the workflow as it is saved now.
 */
function standIns(count: number, { tasks }: Bill): INodeExecutionData[] {
	const taskOf = new Map(tasks.map(({ item, taskId }) => [item, taskId]));
	return Array.from({ length: count }, (_, item) => {
		const taskId = taskOf.get(item);
		const failure = passedBy(taskId);
		return failedItem({ item, failure }, count);
	});
}

/** What a run that woke up has ended with, where n8n tries it again by itself. */
function endedBefore(context: IExecuteFunctions, run: RunIdentity): Ended | undefined {
	const kept = keptIn(context.getContext('node'));
	const isSame = kept?.execution === run.executionId && kept.run === run.runIndex;
	return kept?.kind === 'ended' && isSame ? kept : undefined;
}

/**
 * n8n counts the tries of Retry On Fail anew after each rest, and each could order. So what a run ends with that has
 * rested is final for that execution: other tries of it get the same.
 */
function keepEnd(
	context: IExecuteFunctions,
	{ executionId, runIndex }: RunIdentity,
	end: Pick<Ended, 'items' | 'error'>,
): void {
	if (context.getNode().retryOnFail !== true) return;
	const run = { execution: executionId, run: runIndex };
	keep(context.getContext('node'), { version: 1, kind: 'ended', ...run, ...end });
}

/** Sends a run to rest until it is time to look again. */
function goToRest(
	context: IExecuteFunctions,
	{ executionId, runIndex }: RunIdentity,
	{ open }: UnfinishedRun<INodeExecutionData>,
	progress: Progress,
	bill: Bill,
) {
	const { finished, orderedSeconds, limit, takenOver, unsure } = progress;
	const kept = {
		execution: executionId,
		run: runIndex,
		until: nextLook(clock.now(), open),
		finished: Object.fromEntries(finished),
		orderedSeconds: Object.fromEntries(orderedSeconds),
		limit: Number.isFinite(limit) ? limit : undefined,
		takenOver: [...takenOver],
		unsure: [...unsure],
	};
	return restRequest(context, kept, (count) => standIns(count, bill));
}

/** Runs the node: to its end, to its next rest, or only to rest. */
export async function runOrRest(
	context: IExecuteFunctions,
	response: EngineResponse | undefined,
): Promise<NodeOutput> {
	if (isRest(context)) return await rest(context);
	const identity = runIdentity(context);
	if (isUnreadable(context.getContext('node'))) throw sameError(context.getNode(), UNREADABLE);
	const kept = wakeUp(context, identity, response);
	const ended = endedBefore(context, identity);
	if (ended?.error !== undefined) throw sameError(context.getNode(), ended.error);
	if (ended?.items !== undefined) return [ended.items];
	const woken = kept && progressIn(kept);
	if (woken) await started(context.getExecutionCancelSignal() ?? new AbortController().signal);
	const { result, bill, cost, progress } = await runSteps(context, {
		identity,
		woken,
		restProblem: woken ? undefined : restProblem(context, identity, response),
	});
	if (result.kind === 'unfinished') return goToRest(context, identity, result, progress, bill);
	tellCost(context, cost);
	const output = outputOf(context, result, bill);
	if (output instanceof NodeOperationError) {
		if (woken) keepEnd(context, identity, { error: keptError(output) });
		throw output;
	}
	if (woken) keepEnd(context, identity, { items: output });
	return [output];
}
