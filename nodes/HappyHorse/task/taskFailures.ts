// What can go wrong with a task that is there, worded.
import { collectLater, Failure, minutesOf } from '../failure';
import type { Pages, Refusal } from '../service/service';
import type { Details, Place } from '../videoTask';
import { TASK_HOURS } from '../videoTask';

/** What to do about a task that has failed. `reason`: where it is known. */
function afterFailure(reason: Refusal, { credits }: Pages): string {
	switch (reason) {
		case 'content':
			return 'Its content check refused the prompt or an image: change them, and run this again. A retry orders a new one.';
		case 'credits':
			return `Add credits at ${credits}, and retry: that orders a new one.`;
		case 'invalid':
			return 'Correct what it complains about, and run this again. A retry orders a new one.';
		default:
			return 'A retry orders a new one.';
	}
}

/** The service gave the task up. It stays failed; a retry orders anew. */
export function taskFailed(
	taskId: string,
	{ code, requestId, text }: Details,
	pages: Pages,
	reason: Refusal = 'other',
): Failure {
	return new Failure(
		'taskFailed',
		`The HappyHorse service could not make the video (task ${taskId} failed)`,
		{
			cost: 'This task stays failed; the service does not state whether it is charged.',
			next: afterFailure(reason, pages),
			details: { code, requestId, text },
		},
		taskId,
	);
}

/** Somebody took the task out of the queue. It stays cancelled; a retry orders anew. */
export function taskCancelled(taskId: string, { code, requestId, text }: Details): Failure {
	return new Failure(
		'taskFailed',
		`Task ${taskId} was cancelled before its video was made`,
		{
			cost: 'This task stays cancelled; the service does not state whether it is charged.',
			next: 'A retry orders a new one.',
			details: { code, requestId, text },
		},
		taskId,
	);
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
	const isRunning = status !== undefined && !hasEnded;
	const next = collectLater(taskId, isRunning ? ' and still running' : '');
	return new Failure('timeout', message, { next, details }, taskId);
}

/** A single question about a task (Task Get) that never got an answer. */
export function taskUnreachable(taskId: string, details: Details): Failure {
	return new Failure(
		'unreachable',
		`The HappyHorse service gave no usable answer about task ${taskId}`,
		{ next: 'Nothing was ordered, and asking costs nothing: run this again later.', details },
		taskId,
	);
}

/** The service does not know the task: expired, another key's, or a wrong id. `isOrder`: the node has ordered it. */
export function taskGone(taskId: string, details: Details, isOrder: boolean): Failure {
	const next = isOrder
		? 'Nothing is ordered in its place, unless you retry with the option "Order Again When Unsure".'
		: 'Check the ID, and that the credential is the one that ordered the task.';
	return new Failure(
		'gone',
		`Task ${taskId} was not found: it has expired, was ordered with another API key, or never existed`,
		{ cost: `The service keeps tasks for about ${TASK_HOURS} hours.`, next, details },
		taskId,
	);
}

/**
 * The task can't be looked at, and was ordered at another place than the credential leads to. `before`: the failure that
 * says the first; it stands for an order of this node.
 */
export function taskElsewhere(before: Failure, ordered: Place, here: Place): Failure {
	const { kind, taskId = '', code, requestId, httpStatus } = before;
	return new Failure(
		kind,
		`Task ${taskId} was ordered at ${ordered.host} and is known only there, but the credential leads to ${here.host}`,
		{
			cost: `The service keeps tasks for about ${TASK_HOURS} hours.`,
			next: 'Choose the credential that ordered it, then retry. Nothing is ordered in its place.',
			details: { code, requestId, httpStatus },
		},
		taskId,
	);
}

/** The service does not let this key look at the task, or no secure connection could be made to ask. */
export function taskDenied(
	taskId: string,
	reason: Refusal,
	details: Details,
	isOrder: boolean,
): Failure {
	const messages: Partial<Record<Refusal, string>> = {
		insecure: `No secure connection could be made to ask about task ${taskId}`,
		unsendable: `n8n did not send the question about task ${taskId} to the HappyHorse service`,
		key: `The HappyHorse service does not accept the API key, so task ${taskId} can't be looked at`,
		keyOrRegion: `The HappyHorse service does not accept the API key here, so task ${taskId} can't be looked at`,
	};
	const check =
		reason === 'keyOrRegion'
			? 'Check the API key, the Region and the Base URL of the credential.'
			: 'Check the API key and the Base URL of the credential.';
	return new Failure(
		'denied',
		messages[reason] ?? `The HappyHorse service refused to answer about task ${taskId}`,
		{ next: isOrder ? `${check} ${collectLater(taskId)}` : check, details },
		taskId,
	);
}
