// A service without its HTTP: the keys, tasks and limits that it has, and what it answers to each kind of request.
/* eslint-disable @n8n/community-nodes/require-node-api-error -- a test tool: it runs in Node, never in n8n */
import { htmlAnswer, jsonAnswer, type Answer } from './answers';
import { mediaAnswer } from './media';
import { modelList, Uploads } from './modelStudio/uploads';
import { Refusal } from './order';
import { problemAnswer, type ListBehaviour, type Protocol } from './protocol';
import { Script, type RecordedRequest, type RequestKind } from './request';
import { checkSources } from './sources';
import {
	isKnown,
	isQueued,
	lateStatus,
	newTask,
	type Moment,
	type Outcome,
	type OutcomeRule,
	type SimulatedTask,
} from './tasks';

/** Where the media host takes files for Model Studio. */
export const UPLOAD_PATH = '/upload';

/** How a service differs from what its contract says, and what the contract leaves open. */
export interface ServiceOptions {
	/** Model IDs that it takes beside those of its contract. */
	models?: readonly string[];
	/** Names that it takes beside those of its contract, where extra parameters go. */
	extraParameters?: readonly string[];
	/** A key that is valid. Default `test-key`. */
	apiKey?: string;
	/** More valid keys, each of an account of its own. */
	apiKeys?: readonly string[];
	/** Seconds by the clock from the order to the end of a task. Default 5. */
	secondsPerTask?: number;
	/** Number of the first task, which its film shows. Default 1. */
	firstNumber?: number;
	/** The clock: ms since 1970, never going back. Default: the real one. */
	now?: () => number;
	/** Whether images and videos given by http(s) URL are fetched and checked before a submit is accepted. Default false. */
	fetchSources?: boolean;
	/** IP addresses by host name for `fetchSources`, e.g. `{ 'n8n.example.com': '127.0.0.1' }`. These names count as public. */
	resolveHosts?: Record<string, string>;
	/** Bytes of a synthetic video to serve instead of the real one. */
	mediaBytes?: number;
	/** Queries that one key may send in a second; at Model Studio lists and cancels count as well. Default: no limit. */
	queriesPerSecond?: number;
	/** Submits, in the same way. */
	ordersPerSecond?: number;
	/** Whether that is any second of the clock (default), or each that begins with a whole one. */
	window?: 'sliding' | 'fixed';
}

/** What was sent: its bytes, and what they say as JSON. */
export interface Body {
	bytes: Buffer;
	json: { value: unknown } | 'unreadable';
}

/** Which limit a request counts for. */
const LIMIT_OF: Partial<Record<RequestKind, 'queriesPerSecond' | 'ordersPerSecond'>> = {
	submit: 'ordersPerSecond',
	query: 'queriesPerSecond',
	list: 'queriesPerSecond',
	cancel: 'queriesPerSecond',
};

const USUAL_LIST: ListBehaviour = { staleSeconds: 0, omits: () => false, order: 'shuffled' };

export class Service {
	/** All tasks that were ordered and will be charged, by id, in order; expired ones too. */
	readonly tasks = new Map<string, SimulatedTask>();

	/** Tasks of the same account that others ordered: {@link addForeign} makes them. */
	readonly foreign = new Map<string, SimulatedTask>();

	/** How the list of tasks behaves. */
	readonly list: ListBehaviour = { ...USUAL_LIST };

	/** The valid keys: delete one to revoke it. */
	readonly apiKeys = new Set<string>();

	/** Add rules to choose the outcome of tasks that are ordered from now on. */
	readonly outcomes = new Script<SimulatedTask, OutcomeRule>();

	private readonly uploaded = new Uploads();

	/** When each key's latest requests of a limit were answered: clock, ms since 1970. */
	private readonly times = new Map<string, number[]>();

	/**
	 * @param protocol how it speaks: its codes and usual errors
	 * @param mediaUrl the address of the media host; it serves any path below `/file/` that ends in `.mp4`, `.mov` or `.jpg`
	 */
	constructor(
		private readonly terms: ServiceOptions,
		readonly protocol: Protocol,
		readonly mediaUrl: string,
	) {
		this.allowKeys();
	}

	/** Files that were uploaded, by the key in their `oss://` address. */
	get uploads() {
		return this.uploaded.files;
	}

	/** Adds tasks that others ordered with the same key, at this moment; returns their ids. */
	addForeign(count: number, outcome: Outcome = {}, model = 'happyhorse-1.1-t2v'): string[] {
		const { apiKey = 'test-key' } = this.terms;
		const prompt = 'Ordered elsewhere';
		const body = { model, prompt, input: { prompt } };
		const order = { mode: 'text-to-video', body, model, prompt, resolution: '1080P' } as const;
		return Array.from({ length: count }, () => {
			const number = this.foreign.size + 1;
			const given = { number, apiKey, sources: [], createdAt: this.now() };
			const task = { ...newTask(this.protocol, order, given), outcome };
			this.foreign.set(task.id, task);
			return task.id;
		});
	}

	/** Forgets all that has happened, and revoked keys. */
	protected forget(): void {
		this.outcomes.length = 0;
		this.tasks.clear();
		this.foreign.clear();
		Object.assign(this.list, USUAL_LIST);
		this.times.clear();
		this.uploaded.clear();
		this.allowKeys();
	}

	protected now(): number {
		return (this.terms.now ?? Date.now)();
	}

	/**
	 * Does what a request asks for, and returns the answer to it.
	 * @param life a submit that is still looked at when it aborts is not taken
	 */
	protected async act(request: RecordedRequest, body: Body, life: AbortSignal): Promise<Answer> {
		const { protocol } = this;
		if (request.kind === 'media') return await this.media(request);
		if (request.kind === 'upload') return await this.uploaded.take(request, body.bytes);
		const key = this.admit(request);
		if (typeof key !== 'string') return key;
		try {
			switch (request.kind) {
				case 'submit':
					return await this.submit(request, body, key, life);
				case 'query':
					return this.query(request, key);
				case 'cancel':
					return this.cancel(request, key);
				case 'policy':
					return this.uploaded.policyFor(request, key, this.mediaUrl + UPLOAD_PATH);
				case 'models':
					return modelList();
				case 'list': {
					const { searchParams } = new URL(request.path, this.mediaUrl);
					const own = this.all().filter(({ apiKey }) => apiKey === key);
					return jsonAnswer(200, protocol.list?.(searchParams, own, this.moment(), this.list));
				}
				case 'other':
					return problemAnswer(protocol, 'nothingHere', `There is nothing at ${request.path}`);
			}
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			return problemAnswer(protocol, 'badRequest', error.message, error.as);
		}
	}

	/** All tasks of all accounts. */
	protected all(): SimulatedTask[] {
		return [...this.tasks.values(), ...this.foreign.values()];
	}

	private allowKeys(): void {
		this.apiKeys.clear();
		const { apiKey = 'test-key', apiKeys = [] } = this.terms;
		for (const key of [apiKey, ...apiKeys]) this.apiKeys.add(key);
	}

	private moment(): Moment {
		const { secondsPerTask = 5 } = this.terms;
		return { now: this.now(), secondsPerTask, mediaUrl: this.mediaUrl };
	}

	/** The key of a request, which then counts for its limit; or a refusal, of a key that is not valid, or for now. */
	private admit({ kind, headers }: RecordedRequest): string | Answer {
		const key = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
		if (kind !== 'other' && !this.apiKeys.has(key))
			return problemAnswer(this.protocol, 'badKey', 'The API key is missing or not valid');
		const limit = LIMIT_OF[kind];
		if (limit === undefined) return key;
		const now = this.now();
		const from = this.terms.window === 'fixed' ? Math.floor(now / 1000) * 1000 : now - 999;
		const name = `${limit} ${key}`;
		const latest = this.times.get(name)?.filter((at) => at >= from) ?? [];
		if (latest.length >= (this.terms[limit] ?? Infinity)) {
			const answer = problemAnswer(this.protocol, 'tooOften', 'Too many requests');
			if (this.protocol.tellsPause) answer.headers['retry-after'] = '1';
			return answer;
		}
		this.times.set(name, [...latest, now]);
		return key;
	}

	/** A submit that keeps to the contract creates a task, which is charged. */
	private async submit(
		request: RecordedRequest,
		{ json }: Body,
		apiKey: string,
		signal: AbortSignal,
	): Promise<Answer> {
		const { protocol, terms } = this;
		const { models = [], extraParameters = [], firstNumber = 1 } = terms;
		const { fetchSources = false, resolveHosts = {} } = terms;
		if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
			throw new Refusal('Content-Type', 'must be application/json');
		if (json === 'unreadable') throw new Refusal('body', 'is not valid JSON');
		const more = { models, extraParameters };
		const { links, ...order } = protocol.checkOrder(request.headers, json.value, more);
		const at = this.now();
		const by = { apiKey, model: order.model, at };
		const sources = await checkSources(order.mode, links, {
			fetchSources,
			resolveHosts,
			signal,
			uploaded: (parameter, url) => this.uploaded.fileOf(parameter, url, by),
		});
		signal.throwIfAborted();
		const number = firstNumber + this.tasks.size;
		const given = { number, apiKey, sources, createdAt: this.now() };
		const task = newTask(protocol, order, given);
		task.outcome =
			this.outcomes.next(
				task,
				() => true,
				({ outcome }) => (typeof outcome === 'function' ? outcome(task) : outcome),
			) ?? {};
		this.tasks.set(task.id, task);
		request.taskId = task.id;
		return jsonAnswer(200, protocol.accepted(task));
	}

	/** The task that a request names, if its account has it. */
	private taskOf({ taskId = '' }: RecordedRequest, apiKey: string): SimulatedTask | undefined {
		const task = this.tasks.get(taskId) ?? this.foreign.get(taskId);
		return task?.apiKey === apiKey && isKnown(task, this.moment()) ? task : undefined;
	}

	/** Only the key that ordered a task finds it. */
	private query(request: RecordedRequest, apiKey: string): Answer {
		const task = this.taskOf(request, apiKey);
		if (task === undefined) return this.protocol.notFound(request.taskId ?? '');
		task.queries++;
		return jsonAnswer(200, this.protocol.about(task, this.moment()));
	}

	/** A task that is still in the queue ends there. */
	private cancel(request: RecordedRequest, apiKey: string): Answer {
		const task = this.taskOf(request, apiKey);
		if (task === undefined || !isQueued(task, this.moment())) {
			const code = 'UnsupportedOperation';
			const message = 'Failed to cancel the task, please confirm if the task is in PENDING status.';
			return problemAnswer(this.protocol, 'badRequest', message, { status: 400, code });
		}
		task.canceledAt = this.now();
		return jsonAnswer(200, { request_id: this.protocol.newRequestId() });
	}

	/** A file: that of its task, or any where no task has it. */
	private async media({ method, path, taskId = '' }: RecordedRequest): Promise<Answer> {
		const task = this.tasks.get(taskId) ?? this.foreign.get(taskId);
		const late = task && lateStatus(task, this.moment());
		if (late !== undefined) return htmlAnswer(late);
		return await mediaAnswer(method, path, task, this.terms.mediaBytes);
	}
}
