// What an answer of Model Studio says: its words and codes, for the rules that all services share.
import type { Exchange } from '../http/http';
import type { Redactor } from '../redact';
import { MOST_CODE, validId } from '../details';
import { parseJson } from '../json';
import type { CancelVerdict, ListedTask, ListVerdict, Refusal, Upload } from '../service';
import type { ReportedTask } from '../taskVerdict';
import type { Dialect } from '../verdict';
import { isGood, verdicts } from '../verdict';
import { createAnswer, errorAnswer, listAnswer, listedTask, taskAnswer } from './contract';

/** Codes that say more than their status. */
const CODES: Readonly<Record<string, Refusal>> = {
	Arrearage: 'credits',
	DataInspectionFailed: 'content',
	'AccessDenied.Unpurchased': 'notActivated',
	InvalidParameter: 'invalid',
	InvalidURL: 'invalid',
	ModelNotFound: 'model',
	'Throttling.AllocationQuota': 'quota',
	'AllocationQuota.FreeTierOnly': 'quota',
};

/** Why a refusal came, by status. */
const STATUSES: Readonly<Record<number, Refusal>> = {
	400: 'invalid',
	401: 'keyOrRegion',
	402: 'credits',
	403: 'notAllowed',
	404: 'model',
	413: 'tooLarge',
};

/** The service's words for a status, and what they are called in the output. */
const WORDS: Readonly<Record<string, readonly [state: ReportedTask['state'], status: string]>> = {
	PENDING: ['going', 'queued'],
	RUNNING: ['going', 'processing'],
	SUCCEEDED: ['succeeded', 'succeeded'],
	FAILED: ['failed', 'failed'],
	CANCELED: ['canceled', 'canceled'],
	UNKNOWN: ['unknown', 'unknown'],
};

function stateOf(word: string): Pick<ReportedTask, 'state' | 'status'> {
	const key = word.toUpperCase();
	const [state, status] = Object.hasOwn(WORDS, key) ? WORDS[key] : (['going', word] as const);
	return { state, status };
}

/** The service's word for a status of the output; what it calls otherwise is as good as its own. */
export function wordOf(status: string): string {
	const found = Object.entries(WORDS).find(([, [, ours]]) => ours === status);
	return found?.[0] ?? status;
}

/** How Model Studio speaks. */
const DIALECT: Dialect = {
	error(json) {
		const { data } = errorAnswer.safeParse(json);
		return data && { code: data.code, message: data.message, requestId: data.request_id };
	},
	accepted(json) {
		const { data } = createAnswer.safeParse(json);
		return { taskId: data?.output?.task_id, requestId: data?.request_id };
	},
	task(json) {
		const { data } = taskAnswer.safeParse(json);
		if (data === undefined) return undefined;
		const { output, usage, request_id: requestId } = data;
		const { code, message, video_url, results = [] } = output;
		const links = video_url ? [video_url] : results.map((one) => one?.url);
		const durationSeconds = usage?.output_video_duration;
		return {
			taskId: output.task_id,
			...stateOf(output.task_status),
			createdAt: output.submit_time,
			completedAt: output.end_time,
			videos: links.map((url) => ({ url, durationSeconds })),
			billedSeconds: usage?.duration,
			error: { code, message, requestId },
			requestId,
		};
	},
	refusal(status, code) {
		const byCode = code !== undefined && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
		if (byCode !== undefined) return byCode;
		return status >= 300 && status < 400 ? 'redirect' : (STATUSES[status] ?? 'other');
	},
};

/** What answers of Model Studio mean. */
export const { submitVerdict, queryVerdict, refusalVerdict } = verdicts(DIALECT);

/** What an answer to the question for an upload policy means, where it brings none: nothing was ordered. */
export function policyRefusal(
	exchange: Exchange,
	redactor: Redactor,
	now: number,
): Exclude<Upload, { kind: 'done' }> {
	const verdict = refusalVerdict(exchange, redactor, now);
	// Whatever became of a question, it may be asked again
	return verdict.kind === 'notSent' || verdict.kind === 'unsure'
		? { kind: 'notUploaded', details: verdict.details }
		: verdict;
}

/** Statuses of a refused cancel that are about the account or the address, and not about the task. */
const NOT_ABOUT_THE_TASK = new Set([401, 402, 403]);

/** Statuses with which a gateway says that it has no list, in whatever form. */
const NOT_THERE = new Set([400, 404, 405, 501]);

/** What an answer to a cancel means: taken or refused, the task's own status tells which. The rest as above. */
export function cancelVerdict(exchange: Exchange, redactor: Redactor, now: number): CancelVerdict {
	if (exchange.kind === 'answer' && isGood(exchange.status)) return { kind: 'answered' };
	const verdict = queryVerdict(exchange, redactor, now);
	if (verdict.kind === 'trouble') return verdict;
	const status = 'details' in verdict ? (verdict.details.httpStatus ?? 0) : 0;
	const isDenied = verdict.kind === 'denied';
	const isAboutTask = status >= 400 && status < 500 && !NOT_ABOUT_THE_TASK.has(status);
	return isDenied && !isAboutTask ? verdict : { kind: 'answered' };
}

/** A time of the list, in ms since 1970, as the output writes times. */
function timeText(ms: number | undefined): string | undefined {
	// Beyond that, there are no dates
	return ms === undefined || Math.abs(ms) > 8.64e15 ? undefined : new Date(ms).toISOString();
}

function listedTasks(entries: readonly unknown[], redactor: Redactor): ListedTask[] {
	return entries.flatMap((entry) => {
		const { data } = listedTask.safeParse(entry);
		const taskId = validId(data?.task_id, redactor);
		if (data === undefined || taskId === undefined) return [];
		const { state, status } = stateOf(data.status);
		if (state === 'unknown') return [];
		const task = {
			taskId,
			state,
			status: redactor.shown(status, MOST_CODE) ?? '',
			model: redactor.shown(data.model_name, MOST_CODE),
			createdAt: timeText(data.gmt_create),
			completedAt: timeText(data.end_time),
			requestId: validId(data.request_id, redactor),
		};
		return [task];
	});
}

/** What an answer to the question for a page of the list means. */
export function listVerdict(exchange: Exchange, redactor: Redactor, now: number): ListVerdict {
	if (exchange.kind === 'answer' && isGood(exchange.status)) {
		const { data } = listAnswer.safeParse(parseJson(exchange.text));
		if (data === undefined) return { kind: 'none', details: { httpStatus: exchange.status } };
		const { data: entries, total_page: pages = 1 } = data;
		return { kind: 'page', tasks: listedTasks(entries, redactor), pages };
	}
	const verdict = queryVerdict(exchange, redactor, now);
	if (verdict.kind === 'denied') return verdict;
	const { details = {} } = 'details' in verdict ? verdict : {};
	const isHere = verdict.kind === 'trouble' && !NOT_THERE.has(details.httpStatus ?? 0);
	return isHere ? verdict : { kind: 'none', details };
}
