// Model Studio behind the port: its addresses, its timeouts, its account.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../../util/clock';
import type { SourceVideo } from '../../domain/order';
import type { Account } from '../http/http';
import { exchange, orderRequest } from '../http/http';
import { askAbout, httpService } from '../httpService';
import { jsonBody } from '../jsonBody';
import { Redactor } from '../redact';
import { ownLink, shortenedOrder } from '../preview';
import type { Connected, Offer, Service } from '../service';
import { checkedAccount, CREDENTIAL } from './account';
import type { Region } from './address';
import { CANCEL, CREATE_PATH, listPath, pagesOf, TASK_PATH } from './address';
import { createBody, modelFor } from './body';
import { MODEL_STUDIO_LIMITS, MODEL_STUDIO_PACE } from './limits';
import { uploadFile } from './upload';
import { cancelVerdict, listVerdict, queryVerdict, submitVerdict, wordOf } from './verdict';

/** What Model Studio offers, whoever asks. */
export const MODEL_STUDIO: Offer = {
	limits: MODEL_STUDIO_LIMITS,
	uploadsVideos: true,
	managesTasks: true,
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

function serviceOf(
	context: IExecuteFunctions,
	account: Account,
	region: Region,
	cancel: AbortSignal,
): Service {
	const redactor = new Redactor(account.key);
	const connection = { context, account, redactor, cancel };
	/** Where the service finds files that were handed to it: an order that has to wait is prepared again. */
	const uploads = new WeakMap<SourceVideo, string>();

	return {
		...httpService('modelStudio', connection, TASK_PATH, { queryVerdict }),
		limits: MODEL_STUDIO_LIMITS,
		pace: MODEL_STUDIO_PACE,
		pages: pagesOf(region),

		async upload(order, signal) {
			const { video } = order;
			if (video?.kind !== 'file' || uploads.has(video)) return { kind: 'done' };
			const uploaded = await uploadFile(connection, modelFor(order), video, signal);
			if (uploaded.kind !== 'uploaded' && uploaded.kind !== 'notHere') return uploaded;
			const url = uploaded.kind === 'uploaded' ? uploaded.url : ownLink(video);
			if (url !== undefined) uploads.set(video, url);
			return { kind: 'done' };
		},

		async prepare(order) {
			const { video } = order;
			const videoUrl = video?.kind === 'file' ? uploads.get(video) : video?.url;
			if (video !== undefined && videoUrl === undefined) return { kind: 'unreachable' };
			const fields = createBody(order, videoUrl);
			const body = await jsonBody(fields, order.images).catch(() => undefined);
			if (body === undefined) return { kind: 'unreadable' };
			redactor.addLinks(fields.input.media ?? []);
			return {
				kind: 'ready',
				model: fields.model,
				async send() {
					const request = orderRequest(CREATE_PATH, body, headersOf(videoUrl));
					const sent = await exchange(context, account, request, cancel);
					const verdict = submitVerdict(sent, redactor, clock.now());
					if (verdict.kind !== 'accepted') return verdict;
					// The service does not repeat it
					return { kind: 'accepted', task: { ...verdict.task, model: fields.model } };
				},
			};
		},

		async cancelTask(taskId, patience) {
			const path = TASK_PATH + encodeURIComponent(taskId) + CANCEL;
			const answered = await askAbout(connection, path, 'POST', patience);
			return cancelVerdict(answered, redactor, clock.now());
		},

		async list(page, { model, status }, patience) {
			const path = listPath(page, model, status && wordOf(status));
			const answered = await askAbout(connection, path, 'GET', patience);
			return listVerdict(answered, redactor, clock.now());
		},
	};
}
