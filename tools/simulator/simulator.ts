// The HappyHorse service on loopback, for tests, the demo and benchmarks: its API, its media host, and faults on demand.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- a test tool: it runs in Node, never in n8n */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Answer } from './answers';
import { Exchange } from './exchange';
import { isBeforeReading, strike } from './faults';
import { close, listen, newServer, portOf, readBody } from './http';
import { imini } from './imini/imini';
import { modelStudio } from './modelStudio/modelStudio';
import { problemAnswer, type Protocol, type Route, type ServiceName } from './protocol';
import {
	Recording,
	Script,
	type Fault,
	type FaultRule,
	type RecordedRequest,
	type RequestKind,
} from './request';
import { Service, UPLOAD_PATH, type Body, type ServiceOptions } from './service';
import { ownerOf } from './tasks';

export type { EnvelopeError } from './answers';
export type { Mode } from './order';
export type { ServiceName } from './protocol';
export type { Fault, FaultRule, RecordedRequest, RequestKind } from './request';
export type { Source } from './sources';
export type { Outcome, OutcomeRule, SimulatedTask, SubmitBody, VideoAnswer } from './tasks';

const PROTOCOLS: Record<ServiceName, Protocol> = { imini, modelStudio };

/** Bytes of the largest body that is accepted: nine images of 10 MB in base64 have 126 million. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

/** How a simulator is started. */
export interface SimulatorOptions extends ServiceOptions {
	/** Whose API it speaks. Default `imini`. */
	service?: ServiceName;
	/** Port of the API on 127.0.0.1. Default: a free one. */
	port?: number;
	/** Port of the media host on 127.0.0.1. Default: a free one. */
	mediaPort?: number;
	/** Called when a request has ended, answered or not. */
	onEnd?: (request: RecordedRequest) => void;
}

/**
 * The service as its contract describes it, over real HTTP, independent of the node's code. Requests are checked,
 * recorded and answered as the service would, unless `faults` or `outcomes` say otherwise.
 */
export class Simulator extends Service {
	/** The base URL for the credential. */
	readonly baseUrl: string;

	/** Add rules to inject faults into requests. */
	readonly faults = new Script<RecordedRequest, FaultRule>();

	private readonly recording = new Recording();
	private readonly openExchanges = new Set<Exchange>();
	private readonly port: number;
	/** Aborts at the next reset or stop: a submit that came before must not create a task after. */
	private life = new AbortController();

	private constructor(
		private readonly options: SimulatorOptions,
		private readonly apiHost: Server,
		private readonly mediaHost: Server,
	) {
		const protocol = PROTOCOLS[options.service ?? 'imini'];
		super(options, protocol, `http://127.0.0.1:${portOf(mediaHost)}`);
		this.port = portOf(apiHost);
		this.baseUrl = `http://127.0.0.1:${this.port}${protocol.basePath}`;
		apiHost.on('request', (request, response) => void this.serve('api', request, response));
		mediaHost.on('request', (request, response) => void this.serve('media', request, response));
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

	/** The requests of one kind, in order. */
	ofKind(kind: RequestKind): RecordedRequest[] {
		return this.requests.filter((request) => request.kind === kind);
	}

	/** Waits for requests: see {@link Recording.waitFor}. */
	readonly waitFor: Recording['waitFor'] = async (...until) =>
		await this.recording.waitFor(...until);

	/** Clears requests, tasks, faults, outcomes and revoked keys, and cuts off requests under way. */
	reset(): void {
		this.life.abort();
		this.life = new AbortController();
		this.cutAll();
		this.recording.requests.length = 0;
		this.faults.length = 0;
		this.forget();
	}

	/** Closes the API's port: new connections are refused, and open ones are cut. */
	async goOffline(): Promise<void> {
		this.cutAll(({ request }) => request.kind !== 'media' && request.kind !== 'upload');
		await close(this.apiHost);
	}

	/** Opens the API's port again, the same one. */
	async goOnline(): Promise<void> {
		await listen(this.apiHost, this.port);
	}

	/** Closes both ports and all connections at once. */
	async stop(): Promise<void> {
		this.life.abort();
		this.cutAll();
		await Promise.all([close(this.apiHost), close(this.mediaHost)]);
	}

	/** Resets the connections of the requests that are under way. */
	private cutAll(which: (exchange: Exchange) => boolean = () => true): void {
		for (const exchange of [...this.openExchanges].filter(which)) exchange.reset();
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
			...this.kindOf(host, method, path),
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

	private kindOf(
		host: 'api' | 'media',
		method: string,
		path: string,
	): Pick<RecordedRequest, 'kind' | 'taskId'> {
		if (host === 'api') {
			const { method: own, ...route } = this.routeOf(path) ?? {};
			return own === method ? { kind: 'other', ...route } : { kind: 'other' };
		}
		if (method === 'POST' && path === UPLOAD_PATH && this.protocol === modelStudio)
			return { kind: 'upload' };
		return { kind: 'media', taskId: ownerOf(path, this.all())?.id };
	}

	/** What is at a path of the API's port, whatever the method. */
	private routeOf(path: string): Route | undefined {
		const { basePath } = this.protocol;
		const below = path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : '';
		return this.protocol.routeOf(below);
	}

	/** The refusal of a method that a path does not have, though it has another. */
	private wrongMethod({ kind, method, path }: RecordedRequest): Answer | undefined {
		const route = kind === 'other' ? this.routeOf(path) : undefined;
		if (route === undefined) return undefined;
		const answer = problemAnswer(this.protocol, 'wrongMethod', `${method} is not allowed here`);
		return { ...answer, headers: { ...answer.headers, allow: route.method } };
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
		const json = parsed(bytes);
		if (json !== 'unreadable' && isRecord(json.value)) {
			request.body = json.value;
			const prompt = isRecord(json.value.input) ? json.value.input.prompt : json.value.prompt;
			if (typeof prompt === 'string') request.prompt = prompt;
		}
		exchange.changed();
		const act = async () =>
			this.wrongMethod(request) ?? (await this.act(request, { bytes, json }, life));
		const fault = this.faultFor(request, (rule) => !isBeforeReading(rule));
		if (fault) return await strike(fault, exchange, act, () => this.now(), this.protocol);
		await exchange.send(await act());
	}

	private faultFor(
		request: RecordedRequest,
		eligible: (rule: FaultRule) => boolean,
	): Fault | undefined {
		return this.faults.next(
			request,
			(rule) => rule.on === request.kind && eligible(rule),
			({ fault }) => (typeof fault === 'function' ? fault(request) : fault),
		);
	}
}

function parsed(bytes: Buffer): Body['json'] {
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
