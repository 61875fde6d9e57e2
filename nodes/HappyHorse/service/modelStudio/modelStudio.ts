// Model Studio behind the port: its addresses, its timeouts, its account.
import type { IExecuteFunctions } from 'n8n-workflow';
import pLimit from 'p-limit';
import { clock } from '../../util/clock';
import type { Order, SourceVideo } from '../../domain/order';
import type { Account } from '../http/exchange';
import { exchange, orderRequest } from '../http/http';
import { askAbout, httpService } from '../httpService';
import { jsonBody } from '../jsonBody';
import { Redactor } from '../redact';
import { ownLink, shortenedOrder } from '../preview';
import type { Connected, Offer, Preparation, Service } from '../service';
import { checkedAccount, CREDENTIAL } from './account';
import type { Region } from './address';
import { CANCEL, CREATE_PATH, pagesOf, TASK_PATH } from './address';
import { createBody, modelFor } from './body';
import { MODEL_STUDIO_LIMITS } from './limits';
import { uploadFile } from './upload';
import { cancelVerdict, queryVerdict, submitVerdict } from './verdict';

/** What Model Studio offers, whoever asks. */
export const MODEL_STUDIO: Offer = {
	limits: MODEL_STUDIO_LIMITS,
	uploadsVideos: true,
	canCancel: true,
	describesVideos: false,
	preview(order) {
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

/** The headers of a create that are its own. An address of the service's own storage has to be looked up. */
function headersOf(videoUrl: string | undefined): Record<string, string> {
	return {
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
	const redactor = new Redactor(account.key);
	const connection = { context, account, redactor, cancel };
	/** Files that are uploaded already: an order that has to wait is prepared again. */
	const uploads = new WeakMap<SourceVideo, string>();
	/** One at a time: n8n may hold the whole of a file. */
	const alone = pLimit(1);

	async function videoSource(order: Order, signal: AbortSignal): Promise<VideoSource> {
		const { video } = order;
		if (video?.kind !== 'file') return { kind: 'found', url: video?.url };
		const earlier = uploads.get(video);
		if (earlier !== undefined) return { kind: 'found', url: earlier };
		const file = { size: video.size(), open: async () => await video.open() };
		const ending = AbortSignal.any([cancel, signal]);
		const uploaded = await alone(
			async () => await uploadFile(context, account, modelFor(order), file, redactor, ending),
		);
		if (uploaded.kind === 'uploaded') {
			uploads.set(video, uploaded.url);
			return { kind: 'found', url: uploaded.url };
		}
		if (uploaded.kind !== 'notHere') return uploaded;
		const url = ownLink(video);
		return url === undefined ? { kind: 'unreachable' } : { kind: 'found', url };
	}

	return {
		...httpService('modelStudio', connection, TASK_PATH, { queryVerdict }),
		limits: MODEL_STUDIO_LIMITS,
		pages: pagesOf(region),

		async prepare(order, signal) {
			const source = await videoSource(order, signal);
			if (source.kind !== 'found') return source;
			const fields = createBody(order, source.url);
			const body = await jsonBody(fields, order.images).catch(() => undefined);
			if (body === undefined) return { kind: 'unreadable' };
			redactor.addLinks(fields.input.media ?? []);
			return {
				kind: 'ready',
				async send() {
					const request = orderRequest(CREATE_PATH, body, headersOf(source.url));
					const sent = await exchange(context, account, request, cancel);
					const verdict = submitVerdict(sent, redactor, clock.now());
					if (verdict.kind !== 'accepted') return verdict;
					// The service does not repeat it
					return { kind: 'accepted', task: { ...verdict.task, model: fields.model } };
				},
			};
		},

		async cancelTask(taskId, signal) {
			const path = TASK_PATH + encodeURIComponent(taskId) + CANCEL;
			const answered = await askAbout(connection, path, 'POST', signal);
			return cancelVerdict(answered, redactor, clock.now());
		},
	};
}
