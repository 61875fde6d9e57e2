// The HappyHorse service on loopback, for tests, the demo and benchmarks: its API, its media host, and faults on demand.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- a test tool: it runs in Node, never in n8n */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { htmlAnswer, type Answer } from './answers';
import {
	cancel,
	list,
	models,
	policy,
	query,
	submit,
	type JsonBody,
	type Limits,
	type Platform,
} from './api';
import { Exchange } from './exchange';
import { isBeforeReading, strike } from './faults';
import { close, listen, newServer, portOf, readBody } from './http';
import { imini } from './imini/imini';
import { mediaAnswer } from './media';
import { modelStudio } from './modelStudio/modelStudio';
import { modelList, Uploads, type UploadedFile } from './modelStudio/uploads';
import {
	problemAnswer,
	type ListBehaviour,
	type Protocol,
	type Route,
	type ServiceName,
} from './protocol';
import {
	Recording,
	type Fault,
	type FaultRule,
	type RecordedRequest,
	type RequestKind,
} from './request';
import { Script } from './script';
import {
	lateStatus,
	newTask,
	ownerOf,
	type Moment,
	type Outcome,
	type OutcomeRule,
	type SimulatedTask,
} from './tasks';

export type { EnvelopeError } from './answers';
export type { Mode } from './order';
export type { ServiceName } from './protocol';
export type { Fault, FaultRule, RecordedRequest, RequestKind } from './request';
export type { Source } from './sources';
export type { Outcome, OutcomeRule, SimulatedTask, SubmitBody, VideoAnswer } from './tasks';

const PROTOCOLS: Record<ServiceName, Protocol> = { imini, modelStudio };

/** Where the media host takes files for Model Studio. */
const UPLOAD_PATH = '/upload';

/** Bytes of the largest body that is accepted: nine images of 10 MB in base64 have 126 million. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

const USUAL_LIST: ListBehaviour = { staleSeconds: 0, omits: () => false, order: 'shuffled' };

/** Seconds from an order to its video, unless the options say otherwise. */
const SECONDS_PER_TASK = 5;

/** How a simulator is started. */
export interface SimulatorOptions extends Partial<Limits> {
	/** Whose API it speaks. Default `imini`. */
	service?: ServiceName;
	/** Model IDs that it takes beside those of its contract. */
	models?: readonly string[];
	/** Names that it takes beside those of its contract, where extra parameters go. */
	extraParameters?: readonly string[];
	/** A key that is valid. Default `test-key`. */
	apiKey?: string;
	/** More valid keys. */
	apiKeys?: readonly string[];
	/** Seconds by the clock from the order to the end of a task. Default 5. */
	secondsPerTask?: number;
	/** The clock: ms since 1970, never going back. Default: the real one. */
	now?: () => number;
	/** Port of the API on 127.0.0.1. Default: a free one. */
	port?: number;
	/** Port of the media host on 127.0.0.1. Default: a free one. */
	mediaPort?: number;
	/** Default: `/imini/router`; at Model Studio none. */
	basePath?: string;
	/** Whether images and videos given by http(s) URL are fetched and checked before a submit is accepted. Default false. */
	fetchSources?: boolean;
	/** IP addresses by host name for `fetchSources`, e.g. `{ 'n8n.test': '127.0.0.1' }`. These names count as public. */
	resolveHosts?: Record<string, string>;
	/** Bytes of a synthetic video to serve instead of the real one. */
	mediaBytes?: number;
	/** Called when a request has ended, answered or not. */
	onEnd?: (request: RecordedRequest) => void;
}

/**
 * The service as its contract describes it, over real HTTP, independent of the node's code. Requests are checked,
 * recorded and answered as the service would, unless `faults` or `outcomes` say otherwise.
 */
export class Simulator {
	/** All tasks that were ordered and will be charged, by id, in order; expired ones too. */
	readonly tasks = new Map<string, SimulatedTask>();

	/** Tasks of the same accounts that others ordered: {@link addForeign} makes them. */
	readonly foreign = new Map<string, SimulatedTask>();

	/** How the list of tasks behaves. */
	readonly list: ListBehaviour = { ...USUAL_LIST };

	/** The valid keys: delete one to revoke it. */
	readonly apiKeys = new Set<string>();

	/** The base URL for the credential. */
	readonly baseUrl: string;

	/** The address of the media host; it serves any path below `/file/` that ends in `.mp4`, `.mov` or `.jpg`. */
	readonly mediaUrl: string;

	/** How the service speaks: its codes and usual errors. */
	readonly protocol: Protocol;

	private readonly recording = new Recording();
	private readonly faultScript = new Script<RecordedRequest, FaultRule>();
	private readonly outcomeScript = new Script<SimulatedTask, OutcomeRule>();
	private readonly platform: Platform;
	private readonly openExchanges = new Set<Exchange>();
	private readonly basePath: string;
	private readonly port: number;
	/** Aborts at the next reset or stop: a submit that came before must not create a task after. */
	private life = new AbortController();

	private constructor(
		private readonly options: SimulatorOptions,
		private readonly api: Server,
		private readonly media: Server,
	) {
		this.protocol = PROTOCOLS[options.service ?? 'imini'];
		this.basePath = (options.basePath ?? this.protocol.basePath).replace(/\/+$/, '');
		this.port = portOf(api);
		this.baseUrl = `http://127.0.0.1:${this.port}${this.basePath}`;
		this.mediaUrl = `http://127.0.0.1:${portOf(media)}`;
		this.platform = {
			protocol: this.protocol,
			uploads: new Uploads(),
			orderRules: {
				models: options.models ?? [],
				extraParameters: options.extraParameters ?? [],
			},
			apiKeys: this.apiKeys,
			tasks: this.tasks,
			foreign: this.foreign,
			list: this.list,
			outcomes: this.outcomeScript,
			moment: () => this.moment(),
			limits: {
				queriesPerSecond: options.queriesPerSecond ?? Infinity,
				ordersPerSecond: options.ordersPerSecond ?? Infinity,
				window: options.window ?? 'sliding',
			},
			times: new Map(),
		};
		this.allowKeys();
		api.on('request', (request, response) => void this.serve('api', request, response));
		media.on('request', (request, response) => void this.serve('media', request, response));
	}

	/** Starts the API and the media host on 127.0.0.1. */
	static async start(options: SimulatorOptions = {}): Promise<Simulator> {
		const api = newServer();
		const media = newServer();
		await listen(api, options.port ?? 0);
		try {
			await listen(media, options.mediaPort ?? 0);
		} catch (error) {
			await close(api);
			throw error;
		}
		return new Simulator(options, api, media);
	}

	/** Every request since the start or the last reset, in order of arrival; the media host's too. */
	get requests(): readonly RecordedRequest[] {
		return this.recording.requests;
	}

	/** Add rules to inject faults into requests. */
	get faults(): FaultRule[] {
		return this.faultScript.rules;
	}

	/** Add rules to choose the outcome of tasks that are ordered from now on. */
	get outcomes(): OutcomeRule[] {
		return this.outcomeScript.rules;
	}

	/** Files that were uploaded, by the key in their `oss://` address. */
	get uploads(): ReadonlyMap<string, UploadedFile> {
		return this.platform.uploads.files;
	}

	/** The requests of one kind, in order. */
	ofKind(kind: RequestKind): RecordedRequest[] {
		return this.requests.filter((request) => request.kind === kind);
	}

	/**
	 * Resolves as soon as `condition` holds; it is checked now and after each change of any request.
	 * @param ms real time, after which it rejects with a list of the requests so far; default 30,000
	 */
	async waitFor(
		condition: (requests: readonly RecordedRequest[]) => boolean,
		ms = 30_000,
	): Promise<void> {
		await this.recording.waitFor(condition, ms);
	}

	/** Adds tasks that others ordered with the same key, at this moment; returns their ids. */
	addForeign(count: number, outcome: Outcome = {}, model = 'happyhorse-1.1-t2v'): string[] {
		const { apiKey = 'test-key' } = this.options;
		const prompt = 'Ordered elsewhere';
		const body = { model, prompt, input: { prompt } };
		const order = { mode: 'text-to-video', body, model, prompt, resolution: '1080P' } as const;
		return Array.from({ length: count }, () => {
			const given = { apiKey, sources: [], createdAt: this.now() };
			const task = { ...newTask(this.protocol, order, given), outcome };
			this.foreign.set(task.id, task);
			return task.id;
		});
	}

	/** Clears requests, tasks, faults, outcomes and revoked keys, and cuts off requests under way. */
	reset(): void {
		this.life.abort();
		this.life = new AbortController();
		this.cutAll();
		this.recording.requests.length = 0;
		this.faults.length = 0;
		this.outcomes.length = 0;
		this.tasks.clear();
		this.foreign.clear();
		Object.assign(this.list, USUAL_LIST);
		this.platform.times.clear();
		this.platform.uploads.clear();
		this.allowKeys();
	}

	/** Closes the API's port: new connections are refused, and open ones are cut. */
	async goOffline(): Promise<void> {
		this.cutAll(({ request }) => request.kind !== 'media' && request.kind !== 'upload');
		await close(this.api);
	}

	/** Opens the API's port again, the same one. */
	async goOnline(): Promise<void> {
		await listen(this.api, this.port);
	}

	/** Closes both ports and all connections at once. */
	async stop(): Promise<void> {
		this.life.abort();
		this.cutAll();
		await Promise.all([close(this.api), close(this.media)]);
	}

	/** Resets the connections of the requests that are under way. */
	private cutAll(which: (exchange: Exchange) => boolean = () => true): void {
		for (const exchange of [...this.openExchanges].filter(which)) exchange.reset();
	}

	private allowKeys(): void {
		this.apiKeys.clear();
		const { apiKey = 'test-key', apiKeys = [] } = this.options;
		for (const key of [apiKey, ...apiKeys]) this.apiKeys.add(key);
	}

	private now(): number {
		return (this.options.now ?? Date.now)();
	}

	private moment(): Moment {
		const { secondsPerTask = SECONDS_PER_TASK } = this.options;
		return { now: this.now(), secondsPerTask, mediaUrl: this.mediaUrl };
	}

	/** One request from its arrival to its end. Never rejects. */
	private async serve(
		host: 'api' | 'media',
		incoming: IncomingMessage,
		response: ServerResponse,
	): Promise<void> {
		const exchange = this.arrive(host, incoming, response);
		try {
			await this.answer(exchange, incoming);
		} catch (error) {
			if (exchange.gone.aborted) return;
			// A function of the test failed, or the simulator did: show it to the client
			const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
			if (exchange.begun) return exchange.reset();
			await exchange
				.send(problemAnswer(this.protocol, 'broken', message))
				.catch(() => exchange.reset());
		}
	}

	/** Records a request that has just arrived, and follows it to its end. */
	private arrive(
		host: 'api' | 'media',
		{ method = '', url: path = '', headers }: IncomingMessage,
		response: ServerResponse,
	): Exchange {
		const request: RecordedRequest = {
			...(host === 'media' ? this.mediaRequest(method, path) : this.apiRequest(method, path)),
			method,
			path,
			headers,
			at: this.now(),
			open: true,
			aborted: false,
		};
		const exchange = new Exchange(request, response, () => {
			if (!request.open) request.endedAt ??= this.now();
			this.recording.changed();
			if (request.open) return;
			this.openExchanges.delete(exchange);
			this.options.onEnd?.(request);
		});
		this.openExchanges.add(exchange);
		this.recording.requests.push(request);
		this.recording.changed();
		return exchange;
	}

	private mediaRequest(method: string, path: string): Pick<RecordedRequest, 'kind' | 'taskId'> {
		if (method === 'POST' && path === UPLOAD_PATH && this.protocol === modelStudio)
			return { kind: 'upload' };
		const owner = ownerOf(path, [...this.tasks.values(), ...this.foreign.values()]);
		return { kind: 'media', taskId: owner?.id };
	}

	private apiRequest(method: string, path: string): Pick<RecordedRequest, 'kind' | 'taskId'> {
		const route = this.routeOf(path);
		if (route?.method !== method) return { kind: 'other' };
		const { kind, taskId } = route;
		return taskId === undefined ? { kind } : { kind, taskId };
	}

	/** What is at a path of the API's port, whatever the method. */
	private routeOf(path: string): Route | undefined {
		const below = path.startsWith(`${this.basePath}/`) ? path.slice(this.basePath.length) : '';
		return this.protocol.routeOf(below);
	}

	private async answer(exchange: Exchange, incoming: IncomingMessage): Promise<void> {
		const { request } = exchange;
		const life = this.life.signal;
		const early = this.faultFor(request, isBeforeReading);
		if (early) {
			request.fault = early;
			return exchange.reset();
		}
		const bytes = await readBody(incoming, MAX_BODY_BYTES);
		if (bytes === undefined) {
			const message = `A body may have ${MAX_BODY_BYTES} bytes at most`;
			return await exchange.send(problemAnswer(this.protocol, 'tooLarge', message));
		}
		const json = parseJson(bytes);
		if (json !== 'unreadable' && isRecord(json.value)) {
			request.body = json.value;
			const prompt = isRecord(json.value.input) ? json.value.input.prompt : json.value.prompt;
			if (typeof prompt === 'string') request.prompt = prompt;
		}
		exchange.changed();
		const act = async () => await this.act(request, bytes, json, life);
		const fault = this.faultFor(request, (rule) => !isBeforeReading(rule));
		if (fault) return await strike(fault, exchange, act, () => this.now(), this.protocol);
		await exchange.send(await act());
	}

	private faultFor(
		request: RecordedRequest,
		eligible: (rule: FaultRule) => boolean,
	): Fault | undefined {
		return this.faultScript.next(
			request,
			(rule) => rule.on === request.kind && eligible(rule),
			({ fault }) => (typeof fault === 'function' ? fault(request) : fault),
		);
	}

	/** Does what a request asks for, and returns the answer to it. */
	private async act(
		request: RecordedRequest,
		bytes: Buffer,
		json: JsonBody,
		life: AbortSignal,
	): Promise<Answer> {
		switch (request.kind) {
			case 'media':
				return this.mediaOf(request);
			case 'upload':
				return this.platform.uploads.take(request, bytes);
			case 'query':
				return query(this.platform, request);
			case 'list':
				return await list(this.platform, request);
			case 'cancel':
				return cancel(this.platform, request);
			case 'policy':
				return await policy(this.platform, request, this.mediaUrl + UPLOAD_PATH);
			case 'models':
				return models(this.platform, request, modelList);
			case 'submit': {
				const { fetchSources = false, resolveHosts = {} } = this.options;
				const rules = { fetchSources, resolveHosts, signal: life };
				return await submit(this.platform, request, json, rules);
			}
			case 'other':
				return this.nothingHere(request);
		}
	}

	/** A file: that of its task, or any where no task has it. */
	private mediaOf({ method, path, taskId = '' }: RecordedRequest): Answer {
		const task = this.tasks.get(taskId) ?? this.foreign.get(taskId);
		const late = task && lateStatus(task, this.moment());
		if (late !== undefined) return htmlAnswer(late);
		return mediaAnswer(method, path, task, this.options.mediaBytes);
	}

	private nothingHere({ method, path }: RecordedRequest): Answer {
		const route = this.routeOf(path);
		if (route === undefined)
			return problemAnswer(this.protocol, 'nothingHere', `There is nothing at ${path}`);
		const answer = problemAnswer(this.protocol, 'wrongMethod', `${method} is not allowed here`);
		return { ...answer, headers: { ...answer.headers, allow: route.method } };
	}
}

function parseJson(bytes: Buffer): JsonBody {
	try {
		const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
		return { value };
	} catch {
		return 'unreadable';
	}
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
