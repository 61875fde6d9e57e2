// Model Studio behind the port: its addresses, its timeouts, its account.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../../clock';
import type { Order, SourceVideo } from '../../order';
import { isPublicAddress } from '../../publicAddress';
import type { Account } from '../http';
import { exchange } from '../http';
import { jsonBody } from '../jsonBody';
import { openFile } from '../openFile';
import { OrderSecrets, signaturesOf } from '../orderSecrets';
import { ownLink, shortenedOrder } from '../outline';
import type { Connected, Offer, Pages, Preparation, Service } from '../service';
import { checkedAccount, CREDENTIAL } from './account';
import type { Region } from './address';
import { CANCEL, CREATE_PATH, TASK_PATH } from './address';
import { createBody, modelFor } from './body';
import { MODEL_STUDIO_LIMITS } from './limits';
import type { Uploaded } from './upload';
import { uploadFile } from './upload';
import { cancelVerdict, queryVerdict, submitVerdict } from './verdict';

/** Ms that a create may take, and for each byte of its body on top (100 kB/s is a slow line out). */
const CREATE_TIMEOUT_MS = 60_000;
const CREATE_TIMEOUT_MS_PER_BYTE = 0.01;

/** Ms that a query or a cancel may take. */
const QUERY_TIMEOUT_MS = 30_000;

/** The console of a region; of a gateway, nobody knows. */
function pagesOf(region: Region): Pages {
	const abroad = 'https://modelstudio.console.alibabacloud.com';
	const consoles: Partial<Record<Region, string>> = {
		beijing: 'https://bailian.console.aliyun.com',
		other: 'your provider',
	};
	const page = consoles[region] ?? abroad;
	return { keys: page, credits: page, usage: page };
}

/** What Model Studio offers, whoever asks. */
export const MODEL_STUDIO: Offer = {
	limits: MODEL_STUDIO_LIMITS,
	uploadsVideos: true,
	canCancel: true,
	describesVideos: false,
	outline(order) {
		const { shortened, videoUrl } = shortenedOrder(order, true);
		return { model: modelFor(order), body: createBody(shortened, videoUrl) };
	},
};

/** Connects the node's credential with Model Studio. Sends nothing; `cancel` ends whatever is under way later. */
export async function connectModelStudio(
	context: IExecuteFunctions,
	cancel: AbortSignal,
): Promise<Connected> {
	const credential = await context.getCredentials(CREDENTIAL).catch(() => undefined);
	if (credential === undefined) return { ok: false, problem: 'missing' };
	const checked = checkedAccount(credential);
	if (!checked.ok) return checked;
	return { ok: true, service: serviceOf(context, checked.account, checked.region, cancel) };
}

/** The headers of a create. An address of the service's own storage has to be looked up. */
function headersOf(videoUrl: string | undefined): Record<string, string> {
	return {
		'Content-Type': 'application/json',
		Accept: 'application/json',
		'X-DashScope-Async': 'enable',
		...(videoUrl?.startsWith('oss://') && { 'X-DashScope-OssResourceResolve': 'enable' }),
	};
}

/** Where the service finds the video to edit, or why it can't. */
type VideoSource =
	| { readonly kind: 'found'; readonly url: string | undefined }
	| Exclude<Preparation, { kind: 'ready' | 'unreadable' }>;

function serviceOf(
	context: IExecuteFunctions,
	account: Account,
	region: Region,
	cancel: AbortSignal,
): Service {
	const known = new OrderSecrets(account.key);
	/** Files that are uploaded already: an order that has to wait is prepared again. */
	const uploads = new WeakMap<SourceVideo, string>();
	/** One at a time: n8n may hold the whole of a file. */
	let line: Promise<unknown> = Promise.resolve();

	async function upload(order: Order, secrets: readonly string[], signal: AbortSignal) {
		const { video } = order;
		if (video?.kind !== 'file') return { kind: 'notHere' } as const;
		const file = { size: video.size(), open: async () => await video.open() };
		const model = modelFor(order);
		const ending = AbortSignal.any([cancel, signal]);
		const before = line;
		const mine = before.then(
			async (): Promise<Uploaded> =>
				await uploadFile(context, account, model, file, known.of(secrets), ending),
		);
		line = mine;
		return await mine;
	}

	async function videoSource(
		order: Order,
		secrets: readonly string[],
		signal: AbortSignal,
	): Promise<VideoSource> {
		const { video } = order;
		if (video?.kind !== 'file') return { kind: 'found', url: video?.url };
		const earlier = uploads.get(video);
		if (earlier !== undefined) return { kind: 'found', url: earlier };
		const uploaded = await upload(order, secrets, signal);
		if (uploaded.kind === 'uploaded') {
			uploads.set(video, uploaded.url);
			return { kind: 'found', url: uploaded.url };
		}
		if (uploaded.kind !== 'notHere') return uploaded;
		const url = ownLink(video);
		return url === undefined ? { kind: 'unreachable' } : { kind: 'found', url };
	}

	return {
		limits: MODEL_STUDIO_LIMITS,
		place: { service: 'modelStudio', host: new URL(account.baseUrl).host },
		pages: pagesOf(region),
		isPrivate: !isPublicAddress(account.baseUrl),

		async prepare(order, secrets, signal) {
			const source = await videoSource(order, secrets, signal);
			if (source.kind !== 'found') return source;
			const fields = createBody(order, source.url);
			const body = await jsonBody(fields, order.images).catch(() => undefined);
			if (body === undefined) return { kind: 'unreadable' };
			const all = known.add(secrets, signaturesOf(fields.input.media ?? []));
			return {
				kind: 'ready',
				async send() {
					const request = {
						method: 'POST',
						path: CREATE_PATH,
						headers: headersOf(source.url),
						body,
						timeoutMs: CREATE_TIMEOUT_MS + body.length * CREATE_TIMEOUT_MS_PER_BYTE,
					} as const;
					const sent = await exchange(context, account, request, cancel);
					const verdict = submitVerdict(sent, all, clock.now());
					if (verdict.kind !== 'accepted') return verdict;
					// The service does not repeat it
					return { kind: 'accepted', task: { model: fields.model, ...verdict.task } };
				},
			};
		},

		async query(taskId, secrets, signal = cancel) {
			const request = {
				method: 'GET',
				path: TASK_PATH + encodeURIComponent(taskId),
				headers: { Accept: 'application/json' },
				timeoutMs: QUERY_TIMEOUT_MS,
			} as const;
			const sent = await exchange(context, account, request, AbortSignal.any([cancel, signal]));
			return queryVerdict(sent, known.of(secrets), clock.now(), taskId);
		},

		async cancelTask(taskId, secrets, signal = cancel) {
			const request = {
				method: 'POST',
				path: TASK_PATH + encodeURIComponent(taskId) + CANCEL,
				headers: { Accept: 'application/json' },
				timeoutMs: QUERY_TIMEOUT_MS,
			} as const;
			const sent = await exchange(context, account, request, AbortSignal.any([cancel, signal]));
			return cancelVerdict(sent, known.of(secrets), clock.now());
		},

		async openFile(url, signal) {
			return await openFile(context, url, AbortSignal.any([cancel, signal]));
		},
	};
}
