// What an answer means for the money: the same rules for every service. All that a service says is cleaned here.
import type { AcceptedTask, Details, Video, VideoTask } from '../domain/task';
import { clock } from '../util/clock';
import type { Exchange } from './http/http';
import { NO_CODE } from './http/neverSent';
import { parseJson, retryAfterMs, taskIdsIn } from './json';
import type { Redactor } from './redact';
import type { QueryVerdict, Refusal, SubmitVerdict } from './service';

/** A video as a service lists it; whether there is a link in it remains to be seen. */
interface ListedVideo extends Omit<Video, 'url' | 'coverUrl'> {
	readonly url?: unknown;
	readonly coverUrl?: unknown;
}

/** A task as a service tells of it. */
export interface ReportedTask extends Omit<VideoTask, 'state' | 'videos'> {
	readonly taskId: string | number | undefined;
	/** `unknown`: expired, or never there. */
	readonly state: VideoTask['state'] | 'unknown';
	readonly videos: readonly ListedVideo[];
}

/**
 * How a service speaks: what the JSON of its answers says, in its own words and not yet fit to be shown. `undefined` stands
 * for what is no JSON.
 */
export interface Dialect {
	/** What the service itself says is wrong; undefined where it does not, as in a gateway's page. */
	error(json: unknown): Details | undefined;
	/** What it says of an order that it accepted; a model only where it names one. */
	accepted(
		json: unknown,
	): Omit<AcceptedTask, 'taskId'> & { readonly taskId: string | number | undefined };
	/** What it says of a task; undefined where it says nothing. */
	task(json: unknown): ReportedTask | undefined;
	/** Why a refusal or a failure came, by its codes that say so. `quota` of a 429: waiting does not help. */
	readonly codes: Readonly<Record<string, Refusal>>;
	/** The same by a status, where that says something else than it usually does. */
	readonly statuses?: Readonly<Record<number, Refusal>>;
}

/** Whether there is an answer, and its status says that all went well. */
export function isGood(exchange: Exchange): boolean {
	return exchange.kind === 'answer' && exchange.status >= 200 && exchange.status < 300;
}

/** The text of an answer that {@link isGood}; '' for any other exchange. */
export function goodText(exchange: Exchange): string {
	return exchange.kind === 'answer' && isGood(exchange) ? exchange.text : '';
}

/** Why a refusal came, by its status. */
const STATUSES: Dialect['statuses'] = {
	400: 'invalid',
	401: 'key',
	402: 'credits',
	403: 'notAllowed',
	413: 'tooLarge',
};

/** Statuses with which a gateway says that it does not have what a service has. */
export const NOT_THERE = new Set([404, 405, 501]);

/** Statuses that mean what they say only in the service's own form: firewalls, proxies and gateways have them, too. */
const NEED_OWN_FORM = new Set([401, 402, 403, 404]);

/** An id as JSON has it; undefined where it is none, or a number that JSON.parse may have rounded. */
function plainId(id: string | number | undefined): string | undefined {
	return typeof id === 'number' && !Number.isSafeInteger(id) ? undefined : id?.toString();
}

/** Whether an answer is about another task than the one that was asked about. */
function isOther(reported: ReportedTask['taskId'], taskId: string | undefined, text: string) {
	if (reported === undefined || taskId === undefined || plainId(reported) === taskId) return false;
	return typeof reported === 'string' || !taskIdsIn(text).includes(taskId);
}

/** Tasks that an answer names without accepting the order, at most. */
const MOST_NAMED = 10;

/** Characters of an answer that are looked at, at most: what a gateway has to say stands at the beginning. */
const MOST_READ = 32_000;

/** What a page says, e.g. a gateway's error page: its title, or its text without tags; undefined when there is none. */
export function pageText(text: string): string | undefined {
	const page = text.slice(0, MOST_READ);
	const [, title] = /<title[^<>]*>([^<]+)/i.exec(page) ?? [];
	const words = (title ?? page.replace(/<[^<>]*>/g, ' ')).replace(/\s+/g, ' ').trim();
	return words === '' ? undefined : words;
}

/** What the answers of a service mean to one account. */
export class Verdicts {
	constructor(
		private readonly dialect: Dialect,
		readonly redactor: Redactor,
	) {}

	/** Of the answer to a submit. */
	submit(exchange: Exchange): SubmitVerdict {
		const task = this.acceptedTask(goodText(exchange));
		return task === undefined ? this.refusal(exchange) : { kind: 'accepted', task };
	}

	/** Of an answer that accepts no order, or that is none to a query: why nothing came of the request. */
	refusal(exchange: Exchange): Exclude<SubmitVerdict, { kind: 'accepted' }> {
		const { details, isOwn } = this.told(exchange);
		if (exchange.kind === 'notSent') return { kind: 'notSent', details };
		if (exchange.kind === 'lost') return { kind: 'unsure', details };
		if (exchange.kind !== 'answer') return { kind: 'refused', reason: exchange.kind, details };
		const { status, headers, text } = exchange;
		const named = taskIdsIn(text).flatMap((id) => this.redactor.id(id) ?? []);
		const taskIds = named.slice(0, MOST_NAMED);
		const pause = retryAfterMs(headers, clock.now());
		const asked = { busy: status === 429 || pause !== undefined, retryAfterMs: pause };
		// Whatever the status: what names a task may have made it, and a pause that is asked for counts
		if (taskIds.length > 0) return { kind: 'unsure', details: { ...details, taskIds }, ...asked };
		const isBetween = !isOwn && NEED_OWN_FORM.has(status);
		const reason = isBetween ? 'between' : this.reasonOf(status, details.code);
		if (status === 429 && reason !== 'quota') return { kind: 'busy', details, ...asked };
		const isRefused = status >= 300 && status < 500 && status !== 408;
		return isRefused ? { kind: 'refused', reason, details } : { kind: 'unsure', details, ...asked };
	}

	/** Why a refusal came, or a failure of a task (status 0). */
	private reasonOf(status: number, code = ''): Refusal {
		const { codes, statuses } = this.dialect;
		if (Object.hasOwn(codes, code)) return codes[code];
		if (status >= 300 && status < 400) return 'redirect';
		return { ...STATUSES, ...statuses }[status] ?? 'other';
	}

	/** Of the answer to a query. `taskId`: what was asked about; an answer about another task says nothing. Never throws. */
	query(exchange: Exchange, taskId?: string): QueryVerdict {
		try {
			return this.taskIn(exchange, taskId) ?? this.noTaskIn(exchange);
		} catch {
			// Whatever is wrong with the answer, its task is paid for
			return { kind: 'trouble', details: { text: 'The answer could not be read.' } };
		}
	}

	/** What is known beside the verdict; `isOwn`: the service itself said it, in its own form. */
	told(exchange: Exchange): { readonly details: Details; readonly isOwn: boolean } {
		const { redactor } = this;
		if (exchange.kind === 'proxy')
			return { details: { httpStatus: exchange.status }, isOwn: false };
		if (exchange.kind !== 'answer') {
			const words = redactor.shown(exchange.text);
			const code = words !== undefined && exchange.code === NO_CODE ? undefined : exchange.code;
			return { details: { code, text: words }, isOwn: false };
		}
		const { status: httpStatus, text, broken } = exchange;
		const own = this.dialect.error(parseJson(text));
		const details = own
			? { ...this.cleaned(own), httpStatus }
			: { httpStatus, code: broken, text: redactor.shown(pageText(text)) };
		// A bare number as the code, such as 404, is a gateway's
		return { details, isOwn: own !== undefined && /\D/.test(details.code ?? '') };
	}

	/** What a service says is wrong, fit to be shown. */
	private cleaned({ code, requestId, text }: Details): Details {
		const { redactor } = this;
		return {
			code: redactor.label(code),
			requestId: redactor.id(requestId),
			text: redactor.shown(text),
		};
	}

	/** The task of an order that was accepted: the only id in the answer, or the one where it is documented. */
	private acceptedTask(text: string): AcceptedTask | undefined {
		const { taskId: reported, ...about } = this.dialect.accepted(parseJson(text));
		const ids = taskIdsIn(text);
		const found = ids.find((id) => ids.length === 1 || id === plainId(reported));
		const taskId = this.redactor.id(found);
		return taskId === undefined ? undefined : { taskId, ...this.labels(about) };
	}

	/** What is told of any task, fit to be shown. */
	labels({ model, createdAt, requestId }: Omit<AcceptedTask, 'taskId'>) {
		const { redactor } = this;
		return {
			model: redactor.label(model),
			createdAt: redactor.label(createdAt),
			requestId: redactor.id(requestId),
		};
	}

	/** What an answer says of the task that was asked about; undefined where it says nothing. */
	private taskIn(exchange: Exchange, taskId: string | undefined): QueryVerdict | undefined {
		if (exchange.kind !== 'answer' || !isGood(exchange)) return undefined;
		const { status: httpStatus, text } = exchange;
		const reported = this.dialect.task(parseJson(text));
		if (reported === undefined) return undefined;
		return isOther(reported.taskId, taskId, text)
			? { kind: 'trouble', details: { httpStatus, text: 'The answer was about another task.' } }
			: this.taskVerdict(reported);
	}

	/** What it means that an answer says nothing of a task. */
	private noTaskIn(exchange: Exchange): QueryVerdict {
		const { details, isOwn } = this.told(exchange);
		if (exchange.kind === 'proxy') {
			const text = 'A proxy refused to connect to the service.';
			return { kind: 'trouble', details: { ...details, text } };
		}
		if (exchange.kind === 'insecure' || exchange.kind === 'unsendable')
			return { kind: 'denied', reason: exchange.kind, details };
		if (exchange.kind !== 'answer' || isGood(exchange)) return { kind: 'trouble', details };
		const { status, headers } = exchange;
		if (status === 429 || status === 408 || status >= 500) {
			const pause = retryAfterMs(headers, clock.now());
			return { kind: 'trouble', details, retryAfterMs: pause, busy: status === 429 };
		}
		// Something in between may pass; what the service itself says does not
		if (!isOwn) return { kind: 'trouble', details };
		if (status === 404) return { kind: 'gone', details };
		return { kind: 'denied', reason: this.reasonOf(status, details.code), details };
	}

	private taskVerdict(reported: ReportedTask): QueryVerdict {
		const { redactor } = this;
		const videos = this.videosIn(reported);
		const labels = this.labels(reported);
		const { requestId } = labels;
		// Whoever names a video has made it, whatever the word
		const state = videos.length > 0 ? 'succeeded' : reported.state;
		const error = reported.error && this.cleaned(reported.error);
		const details = { ...error, requestId: error?.requestId ?? requestId };
		if (state === 'unknown') return { kind: 'gone', details };
		const task: VideoTask = {
			state,
			status: state === reported.state ? (redactor.label(reported.status) ?? '') : state,
			...labels,
			completedAt: redactor.label(reported.completedAt),
			videos,
			billedSeconds: reported.billedSeconds,
			error: state === 'failed' ? details : undefined,
		};
		if (state === 'succeeded' && videos.length === 0) {
			const text = this.noLinkIn(reported);
			return { kind: 'trouble', details: { text, requestId }, status: task.status };
		}
		if (state === 'canceled') return { kind: 'failed', task, details: { requestId } };
		return state === 'failed'
			? { kind: state, task, details, reason: this.reasonOf(0, details.code) }
			: { kind: state, task };
	}

	private videosIn({ videos }: ReportedTask): Video[] {
		return videos.flatMap(({ url, coverUrl, ...facts }) => {
			const link = this.redactor.link(url);
			return link ? [{ ...facts, url: link, coverUrl: this.redactor.link(coverUrl) }] : [];
		});
	}

	/** Why there is no usable link, and what the service gave in its place. */
	private noLinkIn({ videos }: ReportedTask): string {
		const given = videos.map(({ url }) => url).find(Boolean);
		if (given === undefined) return 'The task has succeeded, but no video is listed yet.';
		const what = typeof given === 'object' ? 'a list or an object' : String(given);
		return `The task has succeeded, but no usable link to its video is given, only ${this.redactor.label(what)}.`;
	}
}
