// The four steps, tied together for one run of the node.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { connectService } from './connectService';
import { choicesOf, labelOf, properties } from './description';
import type { Bill, RunResult } from './delivery';
import { openDurableSet } from './durableSet';
import type { Failure } from './failure';
import { failed } from './failure';
import type { Fingerprints, RunIdentity } from './identity';
import { fingerprintItems, requestParameters, runIdentity } from './identity';
import type { Job } from './order';
import { taskNotes } from './output/customData';
import { itemDelivery } from './output/deliver';
import type { Amount, RunCost } from './output/summary';
import { readJobs } from './request/readJobs';
import { intentKeys, openIntents } from './task/intents';
import { Ledger } from './task/ledger';
import { collect, runItems } from './task/run';

const REQUEST_PARAMETERS = requestParameters(properties);

/** One run of the node, when it is over. */
interface NodeRun {
	readonly result: RunResult<INodeExecutionData>;
	/** What it may have cost, for the error that ends it. */
	readonly bill: Bill;
	/** What it has ordered; undefined where it did not get that far. */
	readonly cost: RunCost | undefined;
}

/** Runs all four steps for all input items. */
export async function runSteps(context: IExecuteFunctions): Promise<NodeRun> {
	const run = runIdentity(context);
	const fingerprints = await fingerprintItems(context, REQUEST_PARAMETERS, run.inTool);
	const opened = Ledger.open(context.getContext('node'), run, (item) => fingerprints.of(item));
	if (!opened.ok) {
		const result = failAll(context, run, () => opened.failure);
		return { result, bill: { tasks: [], unsure: [] }, cost: undefined };
	}
	const ledger = opened.value;
	try {
		const result = await orderAndDeliver(context, run, fingerprints, ledger);
		return { result, bill: ledger.bill(), cost: costOf(result, ledger) };
	} finally {
		ledger.close();
	}
}

async function orderAndDeliver(
	context: IExecuteFunctions,
	run: RunIdentity,
	fingerprints: Fingerprints,
	ledger: Ledger,
): Promise<RunResult<INodeExecutionData>> {
	const { runIndex, inTool } = run;
	// There is none where an MCP Server Trigger calls the node as a tool
	const cancel = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const paid = context.getInputData().map((_, item) => ledger.find(item)?.task);
	const connected = await connectService(context, cancel);
	if (!connected.ok) {
		const { failure } = connected;
		return failAll(context, run, (item) => {
			const task = paid[item];
			return task === undefined ? failure : failure.ofPaidTask(task.taskId);
		});
	}
	const service = connected.value;
	const reading = {
		limits: service.limits,
		inTool,
		paid,
		reach: { privateLinks: service.isPrivate, uploadsVideos: service.uploadsVideos },
		canCancel: service.cancelTask !== undefined,
		labelOf,
		choicesOf,
	};
	const read = await readJobs(context, reading, cancel);
	const comparable = read.map((outcome) => {
		const failure = fingerprints.failureOf(outcome.item);
		return failure === undefined ? outcome : { item: outcome.item, result: failed<Job>(failure) };
	});

	// A crashed execution is retried from its start: the nodes before run again
	const intentKey = intentKeys(context.getNode().id, runIndex, (item) =>
		fingerprints.acrossRuns(item),
	);
	// The calls of a tool are orders of their own, also where they ask for the same
	const chain = inTool ? undefined : ledger.firstExecution;
	const setup = {
		service,
		ledger,
		intents: openIntents(openDurableSet(context, cancel), intentKey, chain),
		log: context.logger,
		noteTask: taskNotes(context),
		cancel,
		stopOnFailure: stopsOnFailure(context, run),
		isRetry: context.getMode() === 'retry',
		random: Math.random,
	};
	return await runItems(setup, comparable, itemDelivery(context));
}

/** On Error = stop. A tool's failures are answers, so that an agent can read them. */
function stopsOnFailure(context: IExecuteFunctions, { inTool }: RunIdentity): boolean {
	return !context.continueOnFail() && !inTool;
}

/** A failure for every item: nothing could be begun. */
function failAll(
	context: IExecuteFunctions,
	run: RunIdentity,
	failureOf: (item: number) => Failure,
): RunResult<INodeExecutionData> {
	const outcomes = context
		.getInputData()
		.map((_, item) => ({ item, result: failed<INodeExecutionData>(failureOf(item)) }));
	return collect(outcomes, stopsOnFailure(context, run));
}

/** The seconds that a run has spent on items. */
function amountOf(items: readonly number[], { budget }: Ledger): Amount {
	const seconds = items.map((item) => budget.secondsOf(item));
	return { videos: items.length, seconds: seconds.reduce((sum, one) => sum + one, 0) };
}

function costOf(run: RunResult<INodeExecutionData>, ledger: Ledger): RunCost {
	const { budget, takenOver } = ledger;
	const outcomes = run.kind === 'finished' ? run.outcomes : [];
	const notKnown = outcomes
		.filter(({ result }) => !result.ok && result.failure.kind === 'unsure')
		.map(({ item }) => item);
	const unsure = notKnown.filter((item) => budget.secondsOf(item) > 0);
	const isUnsure = new Set(unsure);
	return {
		ordered: amountOf(
			budget.items.filter((item) => !isUnsure.has(item)),
			ledger,
		),
		unsure: amountOf(unsure, ledger),
		takenOver: takenOver.size,
		leftAlone: notKnown.length - unsure.length,
		left: budget.left,
	};
}
