// Step 4 for an item that has no video: a fault becomes an item for the error output, or the error of the node.
import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { Fault } from '../fault';

/** n8n takes an error whose text contains "canceled" for a stop of the whole execution; two l say the same. */
function withoutStopWord(text: string): string {
	return text.replace(/canceled/g, 'cancelled').replace(/Canceled/g, 'Cancelled');
}

/** Items are counted from 0, as n8n does everywhere. */
function messageOf(item: number, fault: Fault): string {
	return withoutStopWord(`Item ${item}: ${fault.message}`);
}

/** What is known of a fault beside its texts, by the names of the output. */
function facts({ taskId, code, requestId, httpStatus }: Fault): IDataObject {
	const all = { task_id: taskId, code, request_id: requestId, http_status: httpStatus };
	return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * The output item of a failed item, for On Error = continue. `error` is the only key, and there is no `item.error`:
 * exactly this is what every n8n version sends to the error output unharmed (2.8 to 2.41).
 */
export function failedItem(item: number, fault: Fault): INodeExecutionData {
	const error = {
		message: messageOf(item, fault),
		description: withoutStopWord(fault.description),
		...facts(fault),
	};
	return { json: { error }, pairedItem: { item } };
}

/** A task that is paid for, and the item it belongs to. */
export interface PaidTask {
	readonly item: number;
	readonly task_id: string;
}

function paidNote(tasks: readonly PaidTask[]): string {
	if (tasks.length === 0) return '';
	const list = tasks.map(({ item, task_id }) => `item ${item}: ${task_id}`).join(', ');
	return ` Tasks of this run that are paid for (a retry goes on with them): ${list}.`;
}

/**
 * The error of the node, for On Error = stop: the fault of one item, and every task of the run that is paid for, in the
 * text for people and in `error.context.tasks` for error workflows.
 */
export function runError(
	node: INode,
	item: number,
	fault: Fault,
	tasks: readonly PaidTask[],
): NodeOperationError {
	const error = new NodeOperationError(node, messageOf(item, fault), {
		description: withoutStopWord(fault.description + paidNote(tasks)),
		itemIndex: item,
	});
	error.context = { ...error.context, ...facts(fault), tasks: tasks.map((task) => ({ ...task })) };
	return error;
}

/** The error of a run that the user, or n8n, has ended. n8n shows the execution as stopped, not this. */
export function stoppedError(node: INode, tasks: readonly PaidTask[]): NodeOperationError {
	const error = new NodeOperationError(node, 'The execution was stopped', {
		description: `Nothing more is ordered or downloaded.${paidNote(tasks)}`,
	});
	error.context = { ...error.context, tasks: tasks.map((task) => ({ ...task })) };
	return error;
}
