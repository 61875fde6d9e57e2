// The front door: parameters become a checked request, the request a paid task, the task a video, the video an item.
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { taskNotes } from './customData';
import { choicesOf, hints, labelOf, properties, subtitle } from './description';
import { openDurableSet } from './durableSet';
import type { Failure } from './failure';
import { failed, invalidCredential } from './failure';
import type { Fingerprints, RunIdentity } from './identity';
import { fingerprintItems, requestParameters, runIdentity } from './identity';
import type { Job } from './order';
import { itemDelivery } from './output/deliver';
import { failedItem, runError, stoppedError } from './output/errorItem';
import { summary } from './output/summary';
import { readJobs } from './request/readJobs';
import { connectImini } from './service/imini/imini';
import { intentKeys, openIntents } from './task/intents';
import type { Bill } from './task/bill';
import { Ledger } from './task/ledger';
import type { RunResult } from './task/run';
import { collect, runItems } from './task/run';

const REQUEST_PARAMETERS = requestParameters(properties);

/** The node, as n8n loads it. */
export class HappyHorse implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'HappyHorse',
		name: 'happyHorse',
		icon: {
			light: 'file:../../icons/happyhorse.svg',
			dark: 'file:../../icons/happyhorse.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle,
		description: 'Generate and edit videos with the HappyHorse 1.0 model',
		defaults: { name: 'HappyHorse' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'happyHorseApi', required: true }],
		hints,
		properties,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const identity = runIdentity(this);
		const fingerprints = await fingerprintItems(this, REQUEST_PARAMETERS, identity.inTool);
		const opened = Ledger.open(this.getContext('node'), identity, (item) => fingerprints.of(item));
		if (!opened.ok)
			return [
				outputItems(
					this,
					allFailed(this, () => opened.failure),
					NO_BILL,
				),
			];
		const ledger = opened.value;
		try {
			const result = await runSteps(this, identity, fingerprints, ledger);
			tellCost(this, result, ledger);
			return [outputItems(this, result, ledger.bill())];
		} finally {
			ledger.close();
		}
	}
}

const NO_BILL: Bill = { tasks: [], unsure: [] };

/** On Error = stop. A tool's failures are answers, so that an agent can read them. */
function stopsOnFailure(context: IExecuteFunctions, inTool: boolean): boolean {
	return !context.continueOnFail() && !inTool;
}

/** All four steps for all items of one run of the node. */
async function runSteps(
	context: IExecuteFunctions,
	{ runIndex, inTool }: RunIdentity,
	fingerprints: Fingerprints,
	ledger: Ledger,
): Promise<RunResult<INodeExecutionData>> {
	// There is none where an MCP Server Trigger calls the node as a tool
	const cancel = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const paid = context.getInputData().map((_, item) => ledger.find(item)?.task);
	const connected = await connectImini(context, cancel);
	if (!connected.ok) {
		const failure = invalidCredential(connected.problem);
		return allFailed(context, (item) => {
			const task = paid[item];
			return task === undefined ? failure : failure.ofPaidTask(task.taskId);
		});
	}
	const { service } = connected;
	const read = await readJobs(
		context,
		{ limits: service.limits, inTool, paid, privateLinks: true, labelOf, choicesOf },
		cancel,
	);
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
		stopOnFailure: stopsOnFailure(context, inTool),
		isRetry: context.getMode() === 'retry',
		random: Math.random,
	};
	return await runItems(setup, comparable, itemDelivery(context));
}

/** Tells what the run has ordered: in n8n's log, and, once it has finished, beside its output. */
function tellCost(
	context: IExecuteFunctions,
	run: RunResult<INodeExecutionData>,
	{ budget, takenOver }: Ledger,
): void {
	const outcomes = run.kind === 'finished' ? run.outcomes : [];
	const leftAlone = outcomes.filter(
		({ item, result }) =>
			!result.ok && result.failure.kind === 'unsure' && budget.secondsOf(item) === 0,
	);
	const message = summary({
		...budget.total,
		takenOver: takenOver.size,
		leftAlone: leftAlone.length,
		left: budget.left,
	});
	if (message === undefined) return;
	context.logger.info(`HappyHorse: ${message}`);
	// Absent in the contexts of tools, and in old n8n
	context.addExecutionHints?.({ message, type: 'info', location: 'outputPane' });
}

/** A failure for every item: nothing could be begun. */
function allFailed(
	context: IExecuteFunctions,
	failureOf: (item: number) => Failure,
): RunResult<INodeExecutionData> {
	const outcomes = context
		.getInputData()
		.map((_, item) => ({ item, result: failed<INodeExecutionData>(failureOf(item)) }));
	return collect(outcomes, stopsOnFailure(context, runIdentity(context).inTool));
}

/** The node's output. @throws NodeOperationError with the run's bill, where it did not finish. */
function outputItems(
	context: IExecuteFunctions,
	run: RunResult<INodeExecutionData>,
	bill: Bill,
): INodeExecutionData[] {
	if (run.kind === 'stopped') throw stoppedError(context.getNode(), bill);
	if (run.kind === 'failed') throw runError(context.getNode(), run.item, run.failure, bill);
	return run.outcomes.map(({ item, result }) =>
		result.ok ? result.value : failedItem(item, result.failure),
	);
}
