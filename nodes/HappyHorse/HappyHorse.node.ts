// The front door: parameters become a checked request, the request a paid task, the task a video, the video an item.
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { properties } from './description';
import { identityOf, printsOf } from './identity';
import { handOver } from './output/handOver';
import { failedItem, runError, stoppedError } from './output/failure';
import { readJobs } from './request/readJobs';
import { connectService } from './service/client';
import { Ledger } from './task/ledger';
import { markBase, openMarks } from './task/marks';
import { runItems } from './task/run';

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
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Generate and edit videos with the HappyHorse 1.0 model',
		defaults: { name: 'HappyHorse' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'happyHorseApi', required: true }],
		properties,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const node = this.getNode();
		const cancel = this.getExecutionCancelSignal() ?? new AbortController().signal;
		const identity = identityOf(this);
		const printOf = printsOf(this, identity.inTool);
		const ledger = Ledger.open(this.getContext('node'), identity);
		const service = await connectService(this, cancel);
		try {
			const checked = await readJobs(
				this,
				identity.inTool,
				(item) => ledger.isPaid(item, printOf(item)),
				cancel,
			);
			const result = await runItems<INodeExecutionData>(
				{
					service,
					ledger,
					marks: openMarks(this, cancel),
					log: this.logger,
					cancel,
					stopOnFault: !this.continueOnFail(),
					isRetry: this.getMode() === 'retry',
					printOf,
					markBaseOf: (item) => markBase(node.id, identity.runIndex, item, printOf(item)),
					...handOver(this, service),
					random: Math.random,
				},
				checked,
			);
			if (result.kind === 'stopped') throw stoppedError(node, ledger.paidTasks());
			if (result.kind === 'fault')
				throw runError(node, result.item, result.fault, ledger.paidTasks());
			return [
				result.outcomes.map((outcome) =>
					outcome.kind === 'done' ? outcome.value : failedItem(outcome.item, outcome.fault),
				),
			];
		} finally {
			ledger.close();
		}
	}
}
