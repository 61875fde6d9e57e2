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

/** What a run may have cost: paid tasks by item, and the items that may have been ordered. */
interface Bill {
	readonly tasks: ReadonlyArray<{ readonly item: number; readonly taskId: string }>;
	readonly unsure: readonly number[];
}

function billNote({ tasks, unsure }: Bill, except?: number): string {
	const others = unsure.filter((item) => item !== except);
	const list = tasks.map(({ item, taskId }) => `item ${item}: ${taskId}`).join(', ');
	const paid =
		tasks.length === 0
			? ''
			: ` Tasks of this run that are paid for (a retry goes on with them): ${list}.`;
	return others.length === 0
		? paid
		: `${paid} Items that may have been ordered, without a known task ID: ${others.join(', ')}.`;
}

/** The same for error workflows. */
function billFacts({ tasks, unsure }: Bill): IDataObject {
	return {
		tasks: tasks.map(({ item, taskId }) => ({ item, task_id: taskId })),
		...(unsure.length === 0 ? {} : { unsure: [...unsure] }),
	};
}

function nodeError(
	node: INode,
	message: string,
	description: string,
	facts: IDataObject,
	itemIndex?: number,
): NodeOperationError {
	const error = new NodeOperationError(node, message, { description, itemIndex });
	// The constructor takes words such as "eacces" in a file's name for an error of the network, and words its own message
	error.message = message;
	error.context = { ...error.context, ...facts };
	return error;
}

/**
 * The error of the node, for On Error = stop: the failure of one item, and what the run may have cost, in the text for
 * people and in `error.context` for error workflows.
 */
export function runError(
	node: INode,
	item: number,
	failure: Failure,
	bill: Bill,
): NodeOperationError {
	const description = withoutStopWord(failure.description + billNote(bill, item));
	const all = { ...facts(failure), ...billFacts(bill) };
	return nodeError(node, messageOf(item, failure), description, all, item);
}

/** The error of a run that the user, or n8n, has ended. n8n shows the execution as stopped, not this. */
export function stoppedError(node: INode, bill: Bill): NodeOperationError {
	const description = `Nothing more is ordered or downloaded.${billNote(bill)}`;
	return nodeError(node, 'The execution was stopped', description, billFacts(bill));
}
