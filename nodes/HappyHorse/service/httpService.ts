// What every service does alike behind the port. What differs is a `Protocol`: see `imini/` and `modelStudio/`.
import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';
import type { Order, SourceVideo } from '../domain/order';
import type { Details } from '../domain/task';
import { fingerprint } from '../util/fingerprint';
import { isPublicAddress } from '../util/links';
import { CredentialProblem, parseKey } from './account';
import type { Exchange, Host } from './http/http';
import { exchange } from './http/http';
import { openFile } from './http/openFile';
import { imageUrl, jsonBody, ownLink, shortenedOrder } from './orderBody';
import { Redactor } from './redact';
import type { Offer, Pages, Patience, Service, Upload } from './service';
import type { Dialect } from './verdict';
import { Verdicts } from './verdict';

/** An account, as its credential has it. */
export interface Account extends Host {
	readonly credential: string;
	/** Printable ASCII; quoted in no text. */
	readonly key: string;
	/** Those that belong to it. */
	readonly pages: Pages;
}

/** One service, as far as it differs from the others. */
export interface Protocol
	extends Dialect,
		Pick<Offer, 'limits' | 'describesVideos'>,
		Pick<Service, 'pace'> {
	/** The value of the parameter `service`. */
	readonly name: string;
	/** What the editor calls it. */
	readonly label: string;
	/** What it is, for the editor. */
	readonly description: string;
	/** The name of its credential type. */
	readonly credential: string;
	/** Where a credential with these fields leads. @throws CredentialProblem */
	locate(fields: ICredentialDataDecryptedObject): Pick<Account, 'baseUrl' | 'pages'>;
	/** Below the base URL: where orders go, and where tasks are; a task's id follows. */
	readonly submitPath: string;
	readonly taskPath: string;
	/**
	 * The body of a submit; JSON leaves out what is undefined. Bytes of images are still to be filled in.
	 * @param videoUrl where the service finds the video to edit
	 */
	body(order: Order, videoUrl: string | undefined): { readonly model: string };
	/** Headers of a submit that are its own. */
	submitHeaders?(videoUrl: string | undefined): Record<string, string>;
	/**
	 * Stores the video of an order with the service, at `url`: without one, this address has no uploads. Left out where the
	 * service fetches it from this n8n. Never rejects; aborting `signal` ends it at once.
	 */
	uploadFile?(
		api: Api,
		model: string,
		file: Extract<SourceVideo, { kind: 'file' }>,
		signal: AbortSignal,
	): Promise<Upload & { readonly url?: string }>;
	/** What can be done with tasks beside looking at one; left out where that is nothing. */
	manageTasks?(api: Api): Required<Pick<Service, 'cancelTask' | 'list'>>;
	/** What the Test of its credential goes by. */
	readonly probe: {
		/** What {@link locate} finds, where that is seldom changed. */
		readonly usualAddress?: string;
		/** Looks like a task id and is none: a good key is told that there is no such task. */
		readonly madeUpTaskId: string;
		/** Whether this is how the service itself says that. */
		isAbsence(details: Details): boolean;
		/** A list that only a good key may read, and costs nothing; left out where there is none. */
		readonly list?: { readonly path: string; isList(json: unknown): boolean };
	};
}

/** Ms that an order may take, and for each byte of its body on top (100 kB/s is a slow line out). */
const ORDER_TIMEOUT_MS = 60_000;
const TIMEOUT_MS_PER_BYTE = 0.01;

/** Ms that anything without a body may take. The services answer in well under a second. */
export const QUESTION_TIMEOUT_MS = 30_000;

/** A user's account with a service, for one run of the node: sends requests, and knows what their answers mean. */
export class Api {
	readonly verdicts: Verdicts;

	/** @param cancel ends whatever is under way */
	constructor(
		dialect: Dialect,
		readonly context: IExecuteFunctions,
		readonly account: Account,
		private readonly cancel: AbortSignal,
	) {
		this.verdicts = new Verdicts(dialect, new Redactor(account.key));
	}

	/** Asks for what lies at `path` below the base URL, or, with POST, that something is done there: orders nothing. */
	async ask(
		path: string,
		method: 'GET' | 'POST',
		{ signal, withinMs = Infinity }: Patience,
	): Promise<Exchange> {
		const timeoutMs = Math.min(withinMs, QUESTION_TIMEOUT_MS);
		const request = { method, path, headers: { Accept: 'application/json' }, timeoutMs };
		return await exchange(this.context, this.account, request, this.ending(signal));
	}

	/** Sends a body with POST, once, to the account or to another host. */
	async send(
		host: Host,
		path: string,
		body: Buffer | Blob,
		headers: Record<string, string>,
		signal?: AbortSignal,
	): Promise<Exchange> {
		const bytes = body instanceof Blob ? body.size : body.length;
		const timeoutMs = ORDER_TIMEOUT_MS + bytes * TIMEOUT_MS_PER_BYTE;
		const request = { method: 'POST', path, headers, body, timeoutMs } as const;
		return await exchange(this.context, host, request, this.ending(signal));
	}

	private ending(signal = this.cancel): AbortSignal {
		return AbortSignal.any([this.cancel, signal]);
	}
}

/** The account that a credential is for. @throws CredentialProblem */
export function parseAccount(
	{ credential, locate }: Pick<Protocol, 'credential' | 'locate'>,
	fields: ICredentialDataDecryptedObject,
): Account {
	return { credential, ...locate(fields), key: parseKey(fields.apiKey) };
}

/** The names in a body, at any depth. */
function namesIn(body: object): string[] {
	return Object.entries(body).flatMap(([name, value]) =>
		typeof value === 'object' ? [name, ...namesIn(value)] : [name],
	);
}

/** What a service offers, whoever asks. */
export function offerOf(protocol: Protocol): Offer {
	const { limits, describesVideos } = protocol;
	const uploadsVideos = protocol.uploadFile !== undefined;
	const managesTasks = protocol.manageTasks !== undefined;
	// Every mode has the same names, though most have no values for all of them
	const edit = { mode: 'editVideo', resolution: '720P', audioSetting: 'auto', images: [] } as const;
	return {
		limits,
		ownParameters: namesIn(protocol.body(edit, undefined)),
		describesVideos,
		uploadsVideos,
		managesTasks,
		preview(order) {
			const { shortened, videoUrl } = shortenedOrder(order, uploadsVideos);
			const body = protocol.body(shortened, videoUrl);
			return { model: body.model, body };
		},
	};
}

/**
 * Connects the node's credential with a service. Sends nothing; `cancel` ends whatever is under way later.
 * @throws CredentialProblem
 */
export async function connect(
	protocol: Protocol,
	context: IExecuteFunctions,
	cancel: AbortSignal,
): Promise<Service> {
	const fields = await context.getCredentials(protocol.credential).catch(() => undefined);
	if (fields === undefined) throw new CredentialProblem('missing');
	const account = parseAccount(protocol, fields);
	const api = new Api(protocol, context, account, cancel);
	const { limits, pace, submitPath, taskPath, uploadFile } = protocol;
	const { verdicts } = api;
	const { host } = new URL(account.baseUrl);
	/** Files that were handed to the service, and where it finds them: an order that has to wait is prepared again. */
	const uploads = new WeakMap<SourceVideo, string | undefined>();

	return {
		limits,
		pace,
		pages: account.pages,
		place: { service: protocol.name, host },
		account: fingerprint([host, account.key]),
		isPrivate: !isPublicAddress(account.baseUrl),
		...protocol.manageTasks?.(api),

		upload:
			uploadFile &&
			(async (order, signal) => {
				const { video } = order;
				if (video?.kind !== 'file' || uploads.has(video)) return { kind: 'done' };
				const { model } = protocol.body(order, undefined);
				const uploaded = await uploadFile(api, model, video, signal);
				if (uploaded.kind === 'done') uploads.set(video, uploaded.url);
				return uploaded;
			}),

		async prepare(order) {
			const { video, images } = order;
			const videoUrl = video?.kind === 'file' ? (uploads.get(video) ?? ownLink(video)) : video?.url;
			if (video !== undefined && videoUrl === undefined) return { kind: 'unreachable' };
			const fields = protocol.body(order, videoUrl);
			const body = await jsonBody(fields, images).catch(() => undefined);
			if (body === undefined) return { kind: 'unreadable' };
			verdicts.redactor.addLinks(...images.map(imageUrl), videoUrl ?? '');
			const { model } = fields;
			const headers = {
				'Content-Type': 'application/json',
				Accept: 'application/json',
				...protocol.submitHeaders?.(videoUrl),
			};
			return {
				kind: 'ready',
				model,
				async send() {
					const verdict = verdicts.submit(await api.send(account, submitPath, body, headers));
					if (verdict.kind !== 'accepted') return verdict;
					return { ...verdict, task: { ...verdict.task, model: verdict.task.model ?? model } };
				},
			};
		},

		async query(taskId, patience) {
			const path = taskPath + encodeURIComponent(taskId);
			return verdicts.query(await api.ask(path, 'GET', patience), taskId);
		},

		async openFile(url, signal) {
			return await openFile(context, url, AbortSignal.any([cancel, signal]));
		},
	};
}
