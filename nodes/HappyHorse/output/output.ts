// Step 4 for a whole run: the node's output, or its error; and what it has cost.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Bill, RunResult } from '../delivery';
import { failedItem, runError, stoppedError } from './errorItem';
import type { RunCost } from './summary';
import { summary } from './summary';

/** The node's output. @throws NodeOperationError, with the run's bill, where the run did not finish */
export function outputOf(
	context: IExecuteFunctions,
	run: RunResult<INodeExecutionData>,
	bill: Bill,
): INodeExecutionData[] {
	const count = context.getInputData().length;
	if (run.kind === 'stopped') throw stoppedError(context.getNode(), bill);
	if (run.kind === 'failed') throw runError(context.getNode(), run.failures, count, bill);
	return run.outcomes.map(({ item, result }) =>
		result.ok ? result.value : failedItem({ item, failure: result.failure }, count),
	);
}

/** Tells what a run has cost: in n8n's log, and, where it succeeds, beside its output. */
export function tellCost(context: IExecuteFunctions, cost: RunCost): void {
	const message = summary(cost);
	if (message === undefined) return;
	context.logger.info(`HappyHorse: ${message}`);
	// Absent in the contexts of tools, and in old n8n
	context.addExecutionHints?.({ message, type: 'info', location: 'outputPane' });
}
