// Step 4 for an item that has no video: a failure becomes an item for the error output, or the error of the node.
import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { Failure } from '../failure';
import { known } from './item';

/** n8n takes an error whose text contains "canceled" for a stop of the whole execution; two l say the same. */
function withoutStopWord(text: string): string {
	return text.replace(/canceled/g, 'cancelled').replace(/Canceled/g, 'Cancelled');
}

/** Items are counted from 0, as n8n does everywhere. */
function messageOf(item: number, failure: Failure): string {
	return withoutStopWord(`Item ${item}: ${failure.message}`);
}

/** What is known of a failure beside its texts, by the names of the output. */
function facts({ taskId, code, requestId, httpStatus }: Failure): IDataObject {
	return known({ task_id: taskId, code, request_id: requestId, http_status: httpStatus });
}

/**
 * The output item of a failed item, for On Error = continue. `error` is the only key, and there is no `item.error`:
 * exactly this is what every n8n version sends to the error output unharmed (2.8 to 2.41).
 */
export function failedItem(item: number, failure: Failure): INodeExecutionData {
	const error = {
		message: messageOf(item, failure),
		description: withoutStopWord(failure.description),
		...facts(failure),
	};
	return { json: { error }, pairedItem: { item } };
}

/** A task that is paid for, and the item it belongs to. */
interface PaidTask {
	readonly item: number;
	readonly taskId: string;
}

function paidNote(tasks: readonly PaidTask[]): string {
	if (tasks.length === 0) return '';
	const list = tasks.map(({ item, taskId }) => `item ${item}: ${taskId}`).join(', ');
	return ` Tasks of this run that are paid for (a retry goes on with them): ${list}.`;
}

/** The same for error workflows. */
function tasksJson(tasks: readonly PaidTask[]): IDataObject[] {
	return tasks.map(({ item, taskId }) => ({ item, task_id: taskId }));
}

/**
 * The error of the node, for On Error = stop: the failure of one item, and every task of the run that is paid for, in the
 * text for people and in `error.context.tasks` for error workflows.
 */
export function runError(
	node: INode,
	item: number,
	failure: Failure,
	tasks: readonly PaidTask[],
): NodeOperationError {
	const error = new NodeOperationError(node, messageOf(item, failure), {
		description: withoutStopWord(failure.description + paidNote(tasks)),
		itemIndex: item,
	});
	error.context = { ...error.context, ...facts(failure), tasks: tasksJson(tasks) };
	return error;
}

/** The error of a run that the user, or n8n, has ended. n8n shows the execution as stopped, not this. */
export function stoppedError(node: INode, tasks: readonly PaidTask[]): NodeOperationError {
	const error = new NodeOperationError(node, 'The execution was stopped', {
		description: `Nothing more is ordered or downloaded.${paidNote(tasks)}`,
	});
	error.context = { ...error.context, tasks: tasksJson(tasks) };
	return error;
}
