// The front door: parameters become a checked request, the request a paid task, the task a video, the video an item.
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { hints, properties, subtitle } from './description';
import type { Fault } from './fault';
import { identityOf, printsOf } from './identity';
import { handOver } from './output/handOver';
import { failedItem, runError, stoppedError } from './output/failure';
import { readJobs } from './request/readJobs';
import { connectService } from './service/client';
import type { RunIdentity } from './task/ledger';
import { Ledger } from './task/ledger';
import { markBase, openMarks } from './task/marks';
import type { RunResult } from './task/run';
import { runItems } from './task/run';

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
		const node = this.getNode();
		const identity = identityOf(this);
		const ledger = Ledger.open(this.getContext('node'), identity);
		try {
			const printOf = printsOf(this, identity.inTool);
			const result = await carryOut(this, identity, ledger, printOf);
			if (result.kind === 'stopped') throw stoppedError(node, ledger.paidTasks(printOf));
			if (result.kind === 'fault') {
				throw runError(node, result.item, result.fault, ledger.paidTasks(printOf));
			}
			const items = result.outcomes.map((outcome) =>
				outcome.kind === 'done' ? outcome.value : failedItem(outcome.item, outcome.fault),
			);
			return [items];
		} finally {
			ledger.close();
		}
	}
}

/** All four steps for all items of one run of the node. */
async function carryOut(
	context: IExecuteFunctions,
	identity: RunIdentity,
	ledger: Ledger,
	printOf: (item: number) => string,
): Promise<RunResult<INodeExecutionData>> {
	const { inTool, runIndex } = identity;
	const nodeId = context.getNode().id;
	const stopOnFault = !context.continueOnFail();
	// There is none where an MCP Server Trigger calls the node as a tool
	const cancel = context.getExecutionCancelSignal() ?? new AbortController().signal;
	// A crashed execution is retried from its start: the nodes before run again
	const markPrintOf = printsOf(context, inTool, true);
	const paidTask = (item: number) => ledger.find(item, printOf(item))?.task?.task_id;

	const connection = await connectService(context, cancel);
	if (connection.kind === 'fault') {
		return allFailed(context, (item) => connection.faultOf(paidTask(item)), stopOnFault);
	}
	const { service } = connection;
	const checked = await readJobs(context, { inTool, paidTask }, cancel);
	const setup = {
		service,
		ledger,
		marks: openMarks(context, cancel),
		log: context.logger,
		cancel,
		stopOnFault,
		isRetry: context.getMode() === 'retry',
		printOf,
		markBaseOf: (item: number) => markBase(nodeId, runIndex, item, markPrintOf(item)),
		random: Math.random,
		...handOver(context, service),
	};
	return await runItems(setup, checked);
}

/** A fault for every item: nothing could be begun. */
function allFailed(
	context: IExecuteFunctions,
	faultOf: (item: number) => Fault,
	stopOnFault: boolean,
): RunResult<INodeExecutionData> {
	if (stopOnFault) return { kind: 'fault', item: 0, fault: faultOf(0) };
	const outcomes = context.getInputData().map((_, item) => ({
		item,
		kind: 'fault' as const,
		fault: faultOf(item),
	}));
	return { kind: 'finished', outcomes };
}
