// Step 4 for an item that has no video: a failure becomes an item for the error output, or the error of the node.
import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { FailedItem, Failure, Failures, PaidState, PaidTasks } from '../domain/failure';
import { NOTHING_ORDERED, PAID_STATES } from '../domain/failure';
import { known } from './item';

/** n8n takes an error whose text contains "canceled" for a stop of the whole execution; spelled with two l's it does not. */
function withoutStopWord(text: string): string {
	return text.replace(/canceled/g, 'cancelled').replace(/Canceled/g, 'Cancelled');
}

const ORDINAL_SUFFIXES: Record<string, string> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };

/** The message of a failed item, one of `count`. Of several, it says which: n8n counts them from 0, people from 1. */
function itemMessage({ item, failure }: FailedItem, count: number): string {
	const suffix = new Intl.PluralRules('en', { type: 'ordinal' }).select(item + 1);
	const place = `Item ${item} (the ${item + 1}${ORDINAL_SUFFIXES[suffix]}): `;
	return withoutStopWord(count === 1 ? failure.message : place + failure.message);
}

/** What is known of a failure beside its texts, by the names of the output. */
function failureFields({ taskId, advice: { details = {} } }: Failure): IDataObject {
	const { code, requestId, httpStatus } = details;
	return known({ task_id: taskId, code, request_id: requestId, http_status: httpStatus });
}

/** A failure as it is told: an item that an earlier try has ordered, or may have, is not said to be unordered. */
function toldOf({ item, failure }: FailedItem, paid?: PaidTasks): Failure {
	const isOrdered = paid?.unsure.includes(item) || paid?.tasks.some((one) => one.item === item);
	if (!isOrdered || failure.advice.cost !== NOTHING_ORDERED) return failure;
	return failure.with({ cost: 'This try ordered nothing, but an earlier one may have.' });
}

/**
 * The output item of a failed item, one of `count`, for On Error = continue. `error` is the only key, and there is no `item.error`:
 * exactly this is what every n8n version sends to the error output unharmed (2.8 to 2.41).
 */
export function failedItem(one: FailedItem, count: number, paid?: PaidTasks): INodeExecutionData {
	const description = withoutStopWord(toldOf(one, paid).description);
	const error = { message: itemMessage(one, count), description, ...failureFields(one.failure) };
	return { json: { error }, pairedItem: { item: one.item } };
}

/**
 * How a text speaks of tasks that are paid for. `state`: how far the only one is. `ids` are fit for the field Task ID, and
 * left out where `before`, which is read first, names the only one already.
 */
function wordsFor(tasks: PaidTasks['tasks'], state: PaidState, before: string) {
	const [only, ...others] = tasks.map(({ taskId }) => taskId);
	if (others.length > 0) {
		const ids = ` Task IDs: ${[only, ...others].join(', ')}.`;
		return { paid: `The videos are ${PAID_STATES.making}.`, them: 'them', ids };
	}
	const ids = before.includes(only) ? '' : ` Task ID: ${only}.`;
	return { paid: `The video is ${PAID_STATES[state]}.`, them: 'it', ids };
}

/** What brings the videos of a failed run that are paid for; '' where there are none. */
function collectAdvice(paid: PaidTasks, { failure }: FailedItem, count: number): string {
	const isLost = (taskId: string) => failure.kind === 'gone' && taskId === failure.taskId;
	const tasks = paid.tasks.filter(({ taskId }) => !isLost(taskId));
	if (tasks.length === 0) return '';
	const words = wordsFor(tasks, failure.advice.paid ?? 'making', failure.message);
	const all = paid.tasks.length + paid.unsure.length >= count;
	const others = all ? 'orders nothing' : 'orders only what is not paid for';
	return `${words.paid} Press Retry in the list of executions: it delivers ${words.them} and ${others}. Or use Task → Wait.${words.ids}`;
}

/** Which items may have been ordered beside the one that is told of. */
function unsureNote(unsure: readonly number[], except?: number): string {
	const others = unsure.filter((item) => item !== except);
	if (others.length === 0) return '';
	return ` Items that may have been ordered, without a known task ID: ${others.join(', ')}.`;
}

/** The error of a run; `paid`, and what is known `about` the first failure, stand in its context. */
function nodeError(
	node: INode,
	message: string,
	words: string,
	paid: PaidTasks,
	about: IDataObject = {},
): NodeOperationError {
	const description = withoutStopWord(words);
	// Not with the item's index: the editor would add it to a message that names the item already
	const error = new NodeOperationError(node, message, { description });
	// The constructor takes words such as "eacces" in a file's name for an error of the network, and words its own message
	error.message = message;
	const tasks = paid.tasks.map(({ item, taskId }) => ({ item, task_id: taskId }));
	const unsure = paid.unsure.length > 0 ? [...paid.unsure] : undefined;
	error.context = { ...error.context, ...about, ...known({ tasks, unsure }) };
	return error;
}

/** Other failed items that an error names, at most. */
const MOST_OTHERS = 9;

/** What is wrong with other items: all that are known before anything was ordered. */
function othersNote(others: readonly FailedItem[], count: number): string {
	const named = others.slice(0, MOST_OTHERS).map((one) => `${itemMessage(one, count)}.`);
	const more = others.length - named.length;
	if (more > 0) named.push(`And ${more} more item${more === 1 ? '' : 's'}.`);
	// A line each, where n8n shows it
	return named.map((line) => `<br>\n${line}`).join('');
}

/**
 * The error of the node, for On Error = stop: the failures of items, one or more of `count`, and what the run may have
 * cost, in the text for people and in `error.context` for error workflows.
 */
export function runError(
	node: INode,
	[first, ...others]: Failures,
	count: number,
	paid: PaidTasks,
): NodeOperationError {
	const { item, failure } = first;
	const { tasks, unsure } = paid;
	const isPaid = tasks.some(({ taskId }) => taskId === failure.taskId);
	let told = isPaid ? failure.with({ paid: undefined }) : toldOf(first, paid);
	if (count > 1 && tasks.length + unsure.length === 0 && failure.advice.cost === NOTHING_ORDERED)
		told = failure.with({ cost: `None of the ${count} items was ordered.` });
	const collect = collectAdvice(paid, first, count);
	// Before a retry helps, the key or the parameter has to be mended
	const isMended = isPaid && ['denied', 'input'].includes(failure.kind);
	const parts = isMended ? [told.description, collect] : [collect, told.description];
	const description =
		parts.filter(Boolean).join(' ') + othersNote(others, count) + unsureNote(unsure, item);
	const about = { item, ...failureFields(failure) };
	return nodeError(node, itemMessage(first, count), description, paid, about);
}

/** The error of a run that the user, or n8n, has ended. n8n shows the execution as stopped, not this. */
export function stoppedError(node: INode, paid: PaidTasks): NodeOperationError {
	const { tasks, unsure } = paid;
	const words = wordsFor(tasks, 'making', '');
	const collect =
		tasks.length === 0 ? '' : ` ${words.paid} Task → Wait brings ${words.them}.${words.ids}`;
	const description = `Nothing more is ordered or downloaded.${collect}${unsureNote(unsure)}`;
	return nodeError(node, 'The execution was stopped', description, paid);
}
