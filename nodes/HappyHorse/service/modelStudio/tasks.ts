// What can be done with tasks of Model Studio beside looking at one: the list of them, and taking one out of the queue. From
// its reference of asynchronous tasks.
import { z } from 'zod';
import type { KnownTask } from '../../domain/task';
import type { Exchange } from '../http/http';
import type { Protocol } from '../httpService';
import { label, lenient, parseJson, words } from '../json';
import type { CancelVerdict, ListVerdict } from '../service';
import type { ReportedTask, Verdicts } from '../verdict';
import { goodText, isGood, NOT_THERE } from '../verdict';

/** Where tasks are, below the base URL: the ID of one follows. */
export const TASK_PATH = '/api/v1/tasks/';

/** Path of a page of the list of tasks, with as many of them as there can be. */
export function listPath(page: number, model?: string, status?: string): string {
	const filters = Object.entries({ model_name: model, status }).flatMap(([name, value]) =>
		value === undefined ? [] : `&${name}=${encodeURIComponent(value)}`,
	);
	return `${TASK_PATH}?page_no=${page}&page_size=100${filters.join('')}`;
}

/** The service's words for a status, and what they are called in the output. */
const WORDS: Readonly<Record<string, string>> = {
	PENDING: 'queued',
	RUNNING: 'processing',
	SUCCEEDED: 'succeeded',
	FAILED: 'failed',
	CANCELED: 'canceled',
	UNKNOWN: 'unknown',
};

const FINAL = ['succeeded', 'failed', 'canceled', 'unknown'] as const;

/** What the service's word for a status means; one that is not known is of a task that is still running. */
export function stateOf(word: string): Pick<ReportedTask, 'state' | 'status'> {
	const key = word.toUpperCase();
	const status = Object.hasOwn(WORDS, key) ? WORDS[key] : word;
	return { state: FINAL.find((final) => final === status) ?? 'going', status };
}

/** The service's word for a status of the output; what it calls otherwise is as good as its own. */
function wordOf(status: string): string {
	return Object.keys(WORDS).find((word) => WORDS[word] === status) ?? status;
}

/** A page of the list of tasks. */
const listAnswer = z.object({
	total_page: lenient(z.number().int().nonnegative()),
	data: z.array(z.unknown()).max(1000),
});

/** A time in ms since 1970, as the output writes times. */
const moment = lenient(
	z
		.number()
		.pipe(z.coerce.date())
		.transform((date) => date.toISOString()),
);

/** An entry of that list. */
const listedTask = z.object({
	task_id: z.string(),
	status: z.string().trim().min(1),
	model_name: words,
	gmt_create: moment,
	end_time: moment,
	request_id: label,
});

function listedTasks(entries: readonly unknown[], verdicts: Verdicts): KnownTask[] {
	const { redactor } = verdicts;
	return entries.flatMap((entry) => {
		const { data } = listedTask.safeParse(entry);
		const taskId = redactor.id(data?.task_id);
		if (data === undefined || taskId === undefined) return [];
		const { state, status } = stateOf(data.status);
		if (state === 'unknown') return [];
		const { model_name: model, gmt_create: createdAt, request_id: requestId } = data;
		const labels = verdicts.labels({ model, createdAt, requestId });
		const shown = redactor.label(status) ?? '';
		return [{ taskId, state, status: shown, ...labels, completedAt: data.end_time }];
	});
}

/** Statuses of a refused cancel that are about the account or the address, and not about the task. */
const NOT_ABOUT_THE_TASK = new Set([401, 402, 403]);

/** What an answer to a cancel means: taken or refused, the task's own status tells which. */
export function cancelVerdict(exchange: Exchange, verdicts: Verdicts): CancelVerdict {
	if (isGood(exchange)) return { kind: 'answered' };
	const verdict = verdicts.query(exchange);
	if (verdict.kind === 'trouble') return verdict;
	if (verdict.kind !== 'denied') return { kind: 'answered' };
	const { httpStatus = 0 } = verdict.details;
	return httpStatus < 400 || NOT_ABOUT_THE_TASK.has(httpStatus) ? verdict : { kind: 'answered' };
}

/** What an answer to the question for a page of the list means. */
export function listVerdict(exchange: Exchange, verdicts: Verdicts): ListVerdict {
	const { data } = listAnswer.safeParse(parseJson(goodText(exchange)));
	if (data !== undefined) {
		const { data: entries, total_page: pages = 1 } = data;
		return { kind: 'page', tasks: listedTasks(entries, verdicts), pages };
	}
	const verdict = isGood(exchange) ? undefined : verdicts.query(exchange);
	if (verdict?.kind === 'denied') return verdict;
	const { details } = verdicts.told(exchange);
	const { httpStatus = 0 } = details;
	const isHere = httpStatus !== 400 && !NOT_THERE.has(httpStatus);
	return verdict?.kind === 'trouble' && isHere ? verdict : { kind: 'none', details };
}

/** The list, and cancels. */
export const manageTasks: NonNullable<Protocol['manageTasks']> = (api) => ({
	async cancelTask(taskId, patience) {
		const path = TASK_PATH + encodeURIComponent(taskId) + '/cancel';
		return cancelVerdict(await api.ask(path, 'POST', patience), api.verdicts);
	},
	async list(page, { model, status }, patience) {
		const path = listPath(page, model, status && wordOf(status));
		return listVerdict(await api.ask(path, 'GET', patience), api.verdicts);
	},
});
