// What can go wrong with an order and its task, worded.
import type { PaidState } from '../domain/failure';
import { Failure, NOTHING_ORDERED, invalidInput, minutesOf } from '../domain/failure';
import type { Order } from '../domain/order';
import type { Details, Place } from '../domain/task';
import { TASK_HOURS } from '../domain/task';
import type { Pages, QueryVerdict, Refusal, SubmitVerdict } from '../service/service';

type Refused = Extract<SubmitVerdict, { kind: 'refused' }>;
type Denied = Extract<QueryVerdict, { kind: 'denied' }>;

/** For each reason of a refused order: what happened, and what to do next. */
const REFUSALS: Record<Refusal, (details: Details, pages: Pages) => [string, string]> = {
	insecure: (_, { address }) => [
		'No secure connection to the HappyHorse service could be made',
		`Check the ${address} of the credential, and the certificate of a proxy in between (NODE_EXTRA_CA_CERTS).`,
	],
	proxy: ({ httpStatus }, { address }) => [
		`A proxy refused to connect to the HappyHorse service (status ${httpStatus})`,
		`Check the proxy that n8n is set up to use (HTTPS_PROXY), and the ${address} of the credential.`,
	],
	between: ({ httpStatus }, { address }) => [
		`Something between n8n and the HappyHorse service refused the request (status ${httpStatus})`,
		`A firewall, a proxy or Cloudflare answered in its place: check the ${address} of the credential, and the network of n8n.`,
	],
	unsendable: (_, { address }) => [
		'n8n did not send the request to the HappyHorse service',
		`Check the API key and the ${address} of the credential, and what this n8n may connect to.`,
	],
	key: (_, { keys, otherKeys }) => [
		'The HappyHorse service does not accept the API key',
		`Check the API key in the credential, or create a new one at ${keys}.${otherKeys === undefined ? '' : ` Is it a key of ${otherKeys}? Then set Service to it.`}`,
	],
	keyOrRegion: (_, { keys, address }) => [
		'The HappyHorse service does not accept the API key here',
		`A key is good only where it was created: check the ${address} of the credential, or create a new key at ${keys}.`,
	],
	credits: (_, { account }) => [
		'The account of this API key has not enough credits',
		`Add credits at ${account}, then run this again.`,
	],
	quota: (_, { account }) => [
		'The quota of this account for the model is used up',
		`Look at ${account} when it is renewed, or have it raised; sending again does not help until then.`,
	],
	notAllowed: (_, { account }) => [
		'The account of this API key is not allowed to order this',
		`Check at ${account} what the key may do, and that the account has credits.`,
	],
	notActivated: (_, { account }) => [
		'The account of this API key has not activated the model',
		`Activate it at ${account}, then run this again.`,
	],
	model: ({ httpStatus }, { address }) => [
		`The HappyHorse service has no such model at this address (status ${httpStatus})`,
		`Check the ${address} of the credential: not every region has every model. Another Model Version may be there.`,
	],
	redirect: ({ httpStatus }, { address }) => [
		`The HappyHorse service answered with a redirect (status ${httpStatus}), which is not followed`,
		`Check the ${address} of the credential: it must lead to the service itself.`,
	],
	content: () => [
		"The prompt or an image was refused by the service's content check",
		'Change the prompt or the image, then run this again.',
	],
	invalid: ({ text }) => [
		'The HappyHorse service refused the request',
		text === undefined
			? 'Check the prompt and the images, then run this again.'
			: 'Correct what it complains about, then run this again.',
	],
	tooLarge: ({ httpStatus }) => [
		`The HappyHorse service refused the request (status ${httpStatus})`,
		'The images are too large for the service, or for a proxy in between: put the node Edit Image before this one, with the operation Resize.',
	],
	other: ({ httpStatus }, { address }) => [
		`The HappyHorse service refused the request (status ${httpStatus})`,
		`Check the ${address} of the credential.`,
	],
};

/** The service said no to a submit: certainly not ordered. */
export function submitRefused({ reason, details }: Refused, pages: Pages): Failure {
	const [message, next] = REFUSALS[reason](details, pages);
	return new Failure('refused', message, { cost: NOTHING_ORDERED, next, details });
}

/** Nothing was sent, though the order was a good one. */
function notOrdered(message: string, next: string, details?: Details): Failure {
	return new Failure('notOrdered', message, { cost: NOTHING_ORDERED, next, details });
}

/** Says how long a pause (ms) is that the service asks for, before what follows; '' for none. */
function askedPause(pauseMs: number): string {
	return pauseMs > 0 ? `It asks to be left alone for another ${minutesOf(pauseMs)}. ` : '';
}

/**
 * No room until the timeout (ms), or not before it: the service turned every submit away (429), or asked for a pause
 * that is longer. `pauseMs`: what is left of that.
 */
export function submitBusy(details: Details, timeoutMs: number, pauseMs: number): Failure {
	const message = `The HappyHorse service had no room for this order within ${minutesOf(timeoutMs)}`;
	const next = `${askedPause(pauseMs)}Run this again later, lower Videos at Once, or raise the Timeout.`;
	return notOrdered(message, next, details);
}

/** The timeout (ms) was over before the service was asked for anything: the item's turn, or its upload, took that long. */
export function notSentInTime(timeoutMs: number): Failure {
	return notOrdered(
		`The time of this item was over before its order could be sent (Timeout: ${minutesOf(timeoutMs)})`,
		'Raise the Timeout, then run this again. Uploads, and orders of other executions that use the same account, count as well.',
	);
}

/** No connection was ever made. */
export function serviceUnreachable(details: Details, { address }: Pages): Failure {
	const next = `Check the network and the ${address} of the credential, then run this again.`;
	return notOrdered('The HappyHorse service could not be reached', next, details);
}

/** n8n's database did not take the intent that has to be there before money is spent. */
export function intentNotWritten(): Failure {
	return notOrdered(
		'The order could not be noted in the n8n database',
		'An order is noted there first, so that a crash does not lead to a second one. Check the database of n8n, then run this again.',
	);
}

/**
 * `unreadable`: an image is no longer what it was when it was checked, or is gone. `unreachable`: the service takes no uploads
 * here and has to fetch the video from this n8n, which it can't.
 */
export function notPrepared(kind: 'unreadable' | 'unreachable', { video }: Order): Failure {
	if (kind === 'unreadable')
		return invalidInput(
			'An image could not be read again as it was checked',
			'Run the workflow from its start, so that the file is made again.',
		);
	const name = video?.kind === 'file' ? video.name : '';
	return invalidInput(
		`The video ${name} can't be handed to the service: it takes no uploads at this address, and this n8n is not on the internet`,
		'Set WEBHOOK_URL to the public address of this n8n and restart it, or put the video somewhere public and use its URL.',
	);
}

/** The video to edit did not get to the service, which may ask for a pause (ms). */
export function uploadFailed(details: Details, pauseMs: number): Failure {
	const next = `${askedPause(pauseMs)}Run this again: it uploads the video anew. Or put the video somewhere public and use its URL.`;
	return notOrdered('The video could not be uploaded to the HappyHorse service', next, details);
}

function lookFirst({ account }: Pages): string {
	return `Look into the usage records of the account at ${account}. To order it in any case, turn on the option "Order Again When Unsure" and retry.`;
}

/** The submit was sent, and what became of it is not known. */
export function submitUnsure(details: Details, pages: Pages): Failure {
	const { taskIds = [] } = details;
	const message = 'The video may have been ordered: the service gave no clear answer';
	const cost =
		'The order was sent, but it is not known whether it was accepted, so it is not sent again by itself.';
	const found = `Tasks that it may have become: ${taskIds.join(', ')}. Task → Get shows whether one of them is it. `;
	const next = `${taskIds.length > 0 ? found : ''}${lookFirst(pages)}`;
	return new Failure('unsure', message, { cost, next, details });
}

/** An earlier run of the same item got as far as sending, and left no task id. */
export function intendedBefore(pages: Pages): Failure {
	const message = 'The video may have been ordered by an earlier run of this item';
	const cost =
		'An earlier run noted that it was about to order, and left no task ID, so nothing is ordered now. If it got one, the ID is in the log of n8n.';
	return new Failure('unsure', message, { cost, next: lookFirst(pages) });
}

/** "Order Again When Unsure" has ordered the item once more already in this execution. */
export function orderedAgain({ account }: Pages): Failure {
	const message =
		'The video may have been ordered twice already, so it is not ordered a third time';
	const cost =
		'The option "Order Again When Unsure" orders at most once more for an item in one execution, and that order got no clear answer either, or its task is gone.';
	const next = `Look into the usage records of the account at ${account}. A retry by hand, or a new execution, may order it again.`;
	return new Failure('unsure', message, { cost, next });
}

/** Another "Retry" of this n8n is at the same order: two at once could order it twice. */
export function orderedElsewhereNow(): Failure {
	return new Failure('notOrdered', 'Another Retry is ordering this item', {
		cost: 'This one ordered nothing for it.',
		next: 'Wait until the other one has ended. If it has failed, retry once more: that goes on with what it has paid for.',
	});
}

/** The service answered with the task of another order: it may have made one of this order as well. */
export function taskOfAnother(taskId: string, details: Details, pages: Pages): Failure {
	const message = `The video may have been ordered: the service answered with task ${taskId}, which is that of another order`;
	const cost = 'One task brings one video, so this order is not counted as done.';
	return new Failure('unsure', message, { cost, next: lookFirst(pages), details });
}

/** The service gave the task up, or somebody took it out of the queue. It stays so; a retry orders anew. */
export function taskFailed(
	taskId: string,
	{ task, details, reason = 'other' }: Extract<QueryVerdict, { kind: 'failed' }>,
	{ account }: Pages,
): Failure {
	const [message, state] =
		task.state === 'canceled'
			? [`Task ${taskId} was cancelled before its video was made`, 'cancelled']
			: [`The HappyHorse service could not make the video (task ${taskId} failed)`, 'failed'];
	const cost = `This task stays ${state}; the service does not state whether it is charged.`;
	const fixes: Partial<Record<Refusal, string>> = {
		content: 'Its content check refused the prompt or an image: change them, and run this again. ',
		credits: `Add credits at ${account}. `,
		invalid: 'Correct what it complains about, and run this again. ',
	};
	const next = `${fixes[reason] ?? ''}A retry orders a new one.`;
	return new Failure('taskFailed', message, { cost, next, details }, taskId);
}

/**
 * Not done within the timeout (ms). `status`: the last that was heard; `succeeded` where no usable link came with it.
 * `details`: what was said in place of a status, last.
 */
export function pollTimeout(
	taskId: string,
	status: string | undefined,
	timeoutMs: number,
	details?: Details,
): Failure {
	const hasEnded = status === 'succeeded';
	const state =
		status === undefined ? 'no answer about it came' : `its last status was "${status}"`;
	const message = hasEnded
		? `The video of task ${taskId} was made, but the HappyHorse service gave no usable link to it within ${minutesOf(timeoutMs)}`
		: `The video was not ready within ${minutesOf(timeoutMs)} (task ${taskId}: ${state})`;
	const going = status === undefined ? 'unknown' : 'making';
	const paid = hasEnded ? 'made' : going;
	return new Failure('timeout', message, { paid, details }, taskId);
}

/** A pause, of which `pauseMs` are left, outlasts the time of a task. `before`: what a time that is over would say. */
export function pausedTooLong(taskId: string, pauseMs: number, before: Failure): Failure {
	const message = `The HappyHorse service asks not to be asked for longer than the time of task ${taskId} lasts`;
	const advice = { ...before.advice, cost: askedPause(pauseMs).trim(), next: undefined };
	return new Failure(before.kind, message, advice, taskId);
}

/** A single question about a task (Task Get) that never got an answer. */
export function taskUnreachable(taskId: string, details: Details): Failure {
	const message = `The HappyHorse service gave no usable answer about task ${taskId}`;
	const next = 'Asking costs nothing: run this again later.';
	return new Failure('unreachable', message, { next, details }, taskId);
}

const KEPT_FOR = `The service keeps tasks for about ${TASK_HOURS} hours.`;

/** The service does not know the task: expired, another key's, or a wrong id. `isOrder`: the node has ordered it. */
export function taskGone(taskId: string, details: Details, isOrder: boolean): Failure {
	const message = `Task ${taskId} was not found: it has expired, was ordered with another API key, or never existed`;
	const next = isOrder
		? 'Nothing is ordered in its place, unless you retry with the option "Order Again When Unsure".'
		: 'Check the ID, and that the credential is the one that ordered the task.';
	return new Failure('gone', message, { cost: KEPT_FOR, next, details }, taskId);
}

/**
 * The task can't be looked at, and was ordered at another place than the credential leads to. `before`: the failure that
 * says the first; it stands for an order of this node.
 */
export function taskElsewhere(before: Failure, ordered: Place, here: Place): Failure {
	const { kind, taskId = '', advice } = before;
	const message = `Task ${taskId} was ordered at ${ordered.host} and is known only there, but the credential leads to ${here.host}`;
	const next =
		'Choose the credential that ordered it, then retry. Nothing is ordered in its place.';
	const details = { ...advice.details, text: undefined };
	return new Failure(kind, message, { cost: KEPT_FOR, next, details }, taskId);
}

/** The list of an account's tasks could not be read. `pauseMs`: what is left of a pause that the service asks for. */
export function listUnreachable(details: Details, pauseMs: number): Failure {
	return new Failure('unreachable', 'The HappyHorse service gave no list of its tasks', {
		next: `${askedPause(pauseMs)}Run this again later. A gateway may have no list: there, Task → Get looks tasks up by their IDs.`,
		details,
	});
}

/**
 * The service does not let this key look at a task, or, where there is no `taskId`, at the list; or no secure connection could
 * be made to ask. `paid`: of an order of this node.
 */
export function denied(
	{ reason, details }: Denied,
	{ address }: Pages,
	taskId?: string,
	paid?: PaidState,
): Failure {
	const what = taskId === undefined ? 'the list of its tasks' : `task ${taskId}`;
	const messages: Partial<Record<Refusal, string>> = {
		insecure: `No secure connection could be made to ask about ${what}`,
		unsendable: `n8n did not send the question about ${what} to the HappyHorse service`,
		key: `The HappyHorse service does not accept the API key, so ${what} can't be looked at`,
		keyOrRegion: `The HappyHorse service does not accept the API key here, so ${what} can't be looked at`,
	};
	const message = messages[reason] ?? `The HappyHorse service refused to answer about ${what}`;
	const next = `Check the API key and the ${address} of the credential.`;
	return new Failure('denied', message, { next, paid, details }, taskId);
}
