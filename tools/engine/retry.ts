// Retries by hand, as n8n's list of executions offers them: what a retry goes on with.
import { parse, stringify } from 'flatted';
import type { INodeParameters, IRunExecutionData, Workflow } from 'n8n-workflow';
import { migrateRunExecutionData } from 'n8n-workflow';
import type { Execution, RunOptions, Started } from './execution';
import { SUBJECT } from './workflow';
import type { WorkflowSpec } from './workflow';

/** How an execution is retried. By default with the workflow that it had. */
export interface RetryOptions extends Pick<RunOptions, 'executionId' | 'credentials'> {
	/** "Retry with currently saved workflow": that workflow. */
	workflow?: WorkflowSpec;
	/** Parameters of the node under test that have changed since, on top of those it had. */
	parameters?: INodeParameters;
}

/** The options of the new execution. */
export function runOptionsOf({ options }: Started, retry: RetryOptions): RunOptions {
	const credentials = { ...options.credentials, ...retry.credentials };
	return { ...options, mode: 'retry', executionId: retry.executionId, credentials };
}

/** The workflow of the new execution, if it is another one than before. */
export function changedWorkflow(
	{ workflow }: Started,
	{ workflow: saved, parameters }: RetryOptions,
): WorkflowSpec | undefined {
	if (!saved && !parameters) return undefined;
	const spec = saved ?? workflow;
	const nodes = spec.nodes.map((node) =>
		node.name === SUBJECT ? { ...node, parameters: { ...node.parameters, ...parameters } } : node,
	);
	return { ...spec, id: workflow.id, nodes };
}

/**
 * What `POST /rest/executions/:id/retry` does (n8n 2.8, execution.service.js): takes the data of a failed execution
 * from the database, and sets them back to before the node that failed.
 * @param changed the workflow to go on with, if it is another one than before
 */
export function dataForRetry(failed: Execution, changed: Workflow | undefined): IRunExecutionData {
	if (failed.status !== 'error') throw new Error(`n8n offers no retry of one ${failed.status}`);
	const data = migrateRunExecutionData(parse(stringify(failed.data)) as IRunExecutionData);
	const { lastNodeExecuted, runData } = data.resultData;
	if (lastNodeExecuted) {
		delete data.resultData.error;
		const runs = runData[lastNodeExecuted];
		if (runs.at(-1)?.error !== undefined) runs.pop();
	}
	if (!changed) return data;
	for (const entry of data.executionData?.nodeExecutionStack ?? []) {
		const node = changed.getNode(entry.node.name);
		if (!node) throw new Error(`Could not find the node "${entry.node.name}" in workflow.`);
		entry.node = node;
	}
	return data;
}
