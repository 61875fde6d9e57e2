// What can go wrong for an item, in words that a person can act on: what happened, what it cost, what to do next.
import { LIMITS } from './service/contract';
import type { Says } from './service/verdict';

/**
 * Why an item has no video. Plain data: `output/failure.ts` makes an error or an output item of it.
 * `description` says what it cost and what to do next; the service's own words stand only there, since n8n takes an
 * error whose message contains "canceled" for a stop of the whole execution.
 */
export interface Fault {
	readonly kind: FaultKind;
	readonly message: string;
	readonly description: string;
	readonly taskId?: string;
	readonly code?: string;
	readonly requestId?: string;
	readonly httpStatus?: number;
}

/**
 * `input`: the item's parameters or files; nothing was sent. `notOrdered`: the service could not be reached, or was
 * too busy. `refused`: the service said no. `unsure`: it may have been ordered. `taskFailed`: final, a new order is
 * free. `timeout`, `unreachable`, `download`: the task is paid for and can be taken up again. `gone`, `denied`: the
 * task can't be looked at with this key. `stopped`: the execution was ended.
 */
export type FaultKind =
	| 'input'
	| 'notOrdered'
	| 'refused'
	| 'unsure'
	| 'taskFailed'
	| 'timeout'
	| 'unreachable'
	| 'download'
	| 'gone'
	| 'denied'
	| 'unexpected'
	| 'stopped';

const NOTHING_ORDERED = 'Nothing was ordered for this item.';

function saysFields(says: Says): Pick<Fault, 'code' | 'requestId' | 'httpStatus'> {
	return { code: says.code, requestId: says.requestId, httpStatus: says.httpStatus };
}

/** The service's own words and ids, for the end of a description; '' when it said nothing. */
function quoted(says: Says): string {
	const parts = [
		says.text === undefined ? undefined : `It said: "${says.text}".`,
		says.code === undefined ? undefined : `Code: ${says.code}.`,
		says.requestId === undefined
			? undefined
			: `Request ID, for the support of the service: ${says.requestId}.`,
	];
	return parts.filter((part) => part !== undefined).join(' ');
}

function sentences(...parts: string[]): string {
	return parts.filter((part) => part !== '').join(' ');
}

/** How a task that is paid for is collected later. `state` completes "Task … is paid for". */
function collectLater(taskId: string, state = ''): string {
	return (
		`Task ${taskId} is paid for${state}. Collect its video with the resource Task, operation Wait, and this task ID, or, ` +
		`if the execution failed, retry it; the service keeps the task for about ${LIMITS.linkHours} hours.`
	);
}

/** A parameter or file of the item is not what the service takes. */
export function invalidInput(message: string, fix: string): Fault {
	return { kind: 'input', message, description: sentences(NOTHING_ORDERED, fix) };
}

/** The same for an item whose task an earlier try has paid for already. */
export function invalidInputOfPaid(message: string, fix: string, taskId: string): Fault {
	return { kind: 'input', taskId, message, description: sentences(fix, collectLater(taskId)) };
}

/** The credential is missing, or its Base URL is no address. `taskId`: what an earlier try has paid for already. */
export function noCredential(message: string, taskId: string | undefined): Fault {
	const fix =
		'Choose a HappyHorse credential in this node, and check its Base URL: it must start with https:// (or http://).';
	return taskId === undefined
		? invalidInput(message, fix)
		: invalidInputOfPaid(message, fix, taskId);
}

/** The service said no to a submit (status 3xx, 4xx but 408), or TLS failed: certainly not ordered. */
export function submitRefused(says: Says): Fault {
	const base = { kind: 'refused' as const, ...saysFields(says) };
	const described = (next: string) => sentences(NOTHING_ORDERED, next, quoted(says));
	const status = says.httpStatus ?? 0;
	if (says.tls === true) {
		return {
			...base,
			message: 'No secure connection to the HappyHorse service could be made',
			description: described(
				'Check the Base URL of the credential, and the certificate of a proxy in between.',
			),
		};
	}
	if (status === 401) {
		return {
			...base,
			message: 'The HappyHorse service does not accept the API key',
			description: described(
				'Check the API key in the credential, or create a new one at https://imini.ai/api-keys.',
			),
		};
	}
	if (status === 402 || says.code === 'INSUFFICIENT_CREDITS') {
		return {
			...base,
			message: 'The account of this API key has not enough credits',
			description: described('Add credits at https://imini.ai, then run this again.'),
		};
	}
	if (status === 403) {
		return {
			...base,
			message: 'The account of this API key is not allowed to order this',
			description: described(
				'Check at https://imini.ai what the key may do, and that the account has credits.',
			),
		};
	}
	if (status >= 300 && status < 400) {
		return {
			...base,
			message: `The HappyHorse service answered with a redirect (status ${status}), which is not followed`,
			description: described(
				'Check the Base URL of the credential: it must be the address of the service itself.',
			),
		};
	}
	if (says.code === 'INVALID_PROMPT') {
		return {
			...base,
			message: "The prompt or an image was refused by the service's content check",
			description: described('Change the prompt or the image, then run this again.'),
		};
	}
	if (status === 400) {
		return {
			...base,
			message: 'The HappyHorse service refused the request',
			description: described(
				says.text === undefined
					? 'Check the prompt and the images, then run this again.'
					: 'Correct what it complains about, then run this again.',
			),
		};
	}
	return {
		...base,
		message: `The HappyHorse service refused the request (status ${status})`,
		description: described(
			status === 413
				? 'The images are too large for the service, or for a proxy in between: use smaller ones.'
				: 'Check the Base URL of the credential.',
		),
	};
}

/** `ms` in minutes, in words: at most two digits behind the point. */
function minutesOf(ms: number): string {
	const minutes = Number((ms / 60_000).toFixed(2));
	return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

/** Too busy until the timeout (ms): every submit was turned away (429). */
export function submitBusy(says: Says, timeoutMs: number): Fault {
	return {
		kind: 'notOrdered',
		...saysFields(says),
		message: `The HappyHorse service had no room for this order within ${minutesOf(timeoutMs)}`,
		description: sentences(
			NOTHING_ORDERED,
			'Run this again later, lower Tasks in Flight, or raise the Timeout.',
			quoted(says),
		),
	};
}

/** No connection was ever made. */
export function serviceUnreachable(says: Says): Fault {
	return {
		kind: 'notOrdered',
		...saysFields(says),
		message: 'The HappyHorse service could not be reached',
		description: sentences(
			NOTHING_ORDERED,
			'Check the network and the Base URL of the credential, then run this again.',
			quoted(says),
		),
	};
}

/** n8n's database did not take the note that has to be there before money is spent. */
export function markNotWritten(): Fault {
	return {
		kind: 'notOrdered',
		message: 'The order could not be noted in the n8n database',
		description: sentences(
			NOTHING_ORDERED,
			'An order is noted there first, so that a crash does not lead to a second one. Check the database of n8n, then run this again.',
		),
	};
}

const LOOK_FIRST =
	'Look into the usage records of the account at https://imini.ai. To order it in any case, turn on the option "Order Again When Unsure" and retry.';

/** The submit was sent, and what became of it is not known. */
export function submitUnsure(says: Says): Fault {
	return {
		kind: 'unsure',
		...saysFields(says),
		message: 'The video may have been ordered: the service gave no clear answer',
		description: sentences(
			'The order was sent, but it is not known whether it was accepted, so it is not sent again by itself.',
			LOOK_FIRST,
			quoted(says),
		),
	};
}

/** An earlier run of the same item got as far as sending, and left no task id. */
export function markedBefore(): Fault {
	return {
		kind: 'unsure',
		message: 'The video may have been ordered by an earlier run of this item',
		description: sentences(
			'An earlier run noted that it was about to order, and left no task ID, so nothing is ordered now. If it got one, the ID is in the log of n8n.',
			LOOK_FIRST,
		),
	};
}

/** The service gave the task up. It stays failed; a retry orders anew. */
export function taskFailed(taskId: string, says: Says): Fault {
	return {
		kind: 'taskFailed',
		taskId,
		code: says.code,
		requestId: says.requestId,
		message: `The HappyHorse service could not make the video (task ${taskId} failed)`,
		description: sentences(
			'This task stays failed; the service does not state whether it is charged. A retry orders a new one.',
			quoted(says),
		),
	};
}

/** Not done within the timeout (ms). `status`: the last that was heard. */
export function waitTimeout(taskId: string, status: string | undefined, timeoutMs: number): Fault {
	const state =
		status === undefined ? 'no answer about it came' : `its last status was "${status}"`;
	return {
		kind: 'timeout',
		taskId,
		message: `The video was not ready within ${minutesOf(timeoutMs)} (task ${taskId}: ${state})`,
		description: collectLater(taskId, status === undefined ? '' : ' and still running'),
	};
}

/** A single question about a task (Task Get) that never got an answer. */
export function taskUnreachable(taskId: string, says: Says): Fault {
	return {
		kind: 'unreachable',
		taskId,
		...saysFields(says),
		message: `The HappyHorse service gave no usable answer about task ${taskId}`,
		description: sentences(
			'Nothing was ordered, and asking costs nothing: run this again later.',
			quoted(says),
		),
	};
}

/** The service does not know the task: expired, another key's, or a wrong id. */
export function taskGone(taskId: string, says: Says): Fault {
	return {
		kind: 'gone',
		taskId,
		...saysFields(says),
		message: `Task ${taskId} was not found: it has expired, was ordered with another API key, or never existed`,
		description: sentences(
			`The service keeps tasks for about ${LIMITS.linkHours} hours. Nothing is ordered in its place, unless you retry an order of the resource Video with the option "Order Again When Unsure".`,
			quoted(says),
		),
	};
}

/** The service does not let this key look at the task (401, 403, or another no). */
export function taskDenied(taskId: string, says: Says): Fault {
	const status = says.httpStatus ?? 0;
	const message =
		status === 401
			? `The HappyHorse service does not accept the API key, so task ${taskId} can't be looked at`
			: `The HappyHorse service refused to answer about task ${taskId}`;
	return {
		kind: 'denied',
		taskId,
		...saysFields(says),
		message:
			says.tls === true
				? `No secure connection could be made to ask about task ${taskId}`
				: message,
		description: sentences(
			'Check the API key and the Base URL of the credential.',
			collectLater(taskId),
			quoted(says),
		),
	};
}

/** The video is made and paid for, but a file of its task did not arrive whole. */
export function downloadFailed(
	taskId: string,
	file: 'video' | 'cover image',
	url: string,
	why: string,
): Fault {
	return {
		kind: 'download',
		taskId,
		message: `The ${file} of task ${taskId} could not be downloaded`,
		description: sentences(
			`${why} Its link is ${url}`,
			`(good for about ${LIMITS.linkHours} hours). ${collectLater(taskId)} Nothing is ordered again.`,
		),
	};
}

/** Something that this node did not foresee, such as n8n's storage being full. */
export function unexpected(what: string, taskId: string | undefined): Fault {
	return {
		kind: 'unexpected',
		taskId,
		message: `Something unforeseen went wrong: ${what}`,
		description:
			taskId === undefined
				? 'It is not known whether the video was ordered. Look for a task ID in the log of n8n before you order again.'
				: collectLater(taskId),
	};
}

/** The execution was ended. Never thrown with a word that n8n reads as its own. */
export function stopped(taskId?: string): Fault {
	return {
		kind: 'stopped',
		taskId,
		message: 'The execution was stopped',
		description: taskId === undefined ? NOTHING_ORDERED : collectLater(taskId),
	};
}
