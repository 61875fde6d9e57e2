// The front door: parameters become a checked request, the request a paid task, the task a video, the video an item.
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { choicesOf, hints, labelOf, properties, subtitle } from './description';
import { openDurableSet } from './durableSet';
import type { Failure } from './failure';
import { failed } from './failure';
import type { RunIdentity } from './identity';
import { fingerprintsOf, requestParameters, runIdentity } from './identity';
import { itemDelivery } from './output/deliver';
import { failedItem, runError, stoppedError } from './output/errorItem';
import { readJobs } from './request/readJobs';
import { connectImini } from './service/imini/imini';
import { intentKeys, openIntents } from './task/intents';
import type { PaidTask } from './task/ledger';
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
		const fingerprintOf = fingerprintsOf(this, REQUEST_PARAMETERS, identity.inTool);
		const opened = Ledger.open(this.getContext('node'), identity, fingerprintOf);
		if (!opened.ok)
			return [
				outputItems(
					this,
					allFailed(this, () => opened.failure),
					[],
				),
			];
		const ledger = opened.value;
		try {
			const result = await runSteps(this, identity, ledger);
			return [outputItems(this, result, ledger.paidTasks())];
		} finally {
			ledger.close();
		}
	}
}

/** All four steps for all items of one run of the node. */
async function runSteps(
	context: IExecuteFunctions,
	{ runIndex, inTool }: RunIdentity,
	ledger: Ledger,
): Promise<RunResult<INodeExecutionData>> {
	// There is none where an MCP Server Trigger calls the node as a tool
	const cancel = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const paid = context.getInputData().map((_, item) => {
		ledger.claim(item);
		return ledger.find(item)?.task;
	});

	const connected = await connectImini(context, cancel);
	if (!connected.ok) {
		const { failure } = connected;
		return allFailed(context, (item) => {
			const task = paid[item];
			return task === undefined ? failure : failure.ofPaidTask(task.taskId);
		});
	}
	const service = connected.value;
	const read = await readJobs(
		context,
		{ limits: service.limits, inTool, paid, privateLinks: true, labelOf, choicesOf },
		cancel,
	);

	// A crashed execution is retried from its start: the nodes before run again
	const fingerprintOf = fingerprintsOf(context, REQUEST_PARAMETERS, inTool, true);
	const intentKey = intentKeys(context.getNode().id, runIndex, fingerprintOf);
	const setup = {
		service,
		ledger,
		intents: openIntents(openDurableSet(context, cancel), intentKey),
		log: context.logger,
		cancel,
		stopOnFailure: !context.continueOnFail(),
		isRetry: context.getMode() === 'retry',
		random: Math.random,
	};
	return await runItems(setup, read, itemDelivery({ ...setup, context }));
}

/** A failure for every item: nothing could be begun. */
function allFailed(
	context: IExecuteFunctions,
	failureOf: (item: number) => Failure,
): RunResult<INodeExecutionData> {
	const outcomes = context
		.getInputData()
		.map((_, item) => ({ item, result: failed<INodeExecutionData>(failureOf(item)) }));
	return collect(outcomes, !context.continueOnFail());
}

/** The node's output. @throws NodeOperationError with all `tasks` that are paid for, where the run did not finish. */
function outputItems(
	context: IExecuteFunctions,
	run: RunResult<INodeExecutionData>,
	tasks: readonly PaidTask[],
): INodeExecutionData[] {
	if (run.kind === 'stopped') throw stoppedError(context.getNode(), tasks);
	if (run.kind === 'failed') throw runError(context.getNode(), run.item, run.failure, tasks);
	return run.outcomes.map(({ item, result }) =>
		result.ok ? result.value : failedItem(item, result.failure),
	);
}
