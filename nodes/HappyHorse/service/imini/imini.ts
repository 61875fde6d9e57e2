// iMini behind the port: its addresses, its timeouts, its account.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../../util/clock';
import type { Order } from '../../domain/order';
import { isPublicAddress } from '../../util/publicAddress';
import { checkedBaseUrl, checkedKey } from '../account';
import type { Account } from '../http/exchange';
import { exchange, orderRequest, questionRequest } from '../http/http';
import { jsonBody } from '../jsonBody';
import { openFile } from '../http/openFile';
import { Redactor } from '../redact';
import { ownLink, shortenedOrder } from '../outline';
import type { Connected, Offer, Service } from '../service';
import { SUBMIT_PATH, TASK_PATH } from './address';
import { submitBody } from './body';
import { IMINI_LIMITS, IMINI_MODEL } from './limits';
import { queryVerdict, submitVerdict } from './verdict';

/** Name of the credential type. */
const CREDENTIAL = 'happyHorseApi';

/** Its website. */
const PAGES = {
	keys: 'https://imini.ai/api-keys',
	credits: 'https://imini.ai',
	usage: 'https://imini.ai',
} as const;

/** What iMini offers, whoever asks. */
export const IMINI: Offer = {
	limits: IMINI_LIMITS,
	uploadsVideos: false,
	canCancel: false,
	describesVideos: true,
	outline(order) {
		const { shortened, videoUrl } = shortenedOrder(order);
		return { model: order.modelId ?? IMINI_MODEL, body: submitBody(shortened, videoUrl) };
	},
};

/** Connects the node's credential with iMini. Sends nothing; `cancel` ends whatever is under way later. */
export async function connectImini(
	context: IExecuteFunctions,
	cancel: AbortSignal,
): Promise<Connected> {
	const credential = await context.getCredentials(CREDENTIAL).catch(() => undefined);
	if (credential === undefined) return { ok: false, problem: 'missing' };
	const baseUrl = checkedBaseUrl(credential.baseUrl);
	if (!baseUrl.ok) return baseUrl;
	const key = checkedKey(credential.apiKey);
	if (!key.ok) return key;
	const account = { credential: CREDENTIAL, baseUrl: baseUrl.value, key: key.value };
	return { ok: true, service: serviceOf(context, account, cancel) };
}

/** Where the service finds the video to edit: it fetches files from this n8n. */
function videoUrlOf({ video }: Order): string | undefined {
	return video?.kind === 'file' ? ownLink(video) : video?.url;
}

function serviceOf(context: IExecuteFunctions, account: Account, cancel: AbortSignal): Service {
	const redactor = new Redactor(account.key);
	return {
		limits: IMINI_LIMITS,
		place: { service: 'imini', host: new URL(account.baseUrl).host },
		pages: PAGES,
		isPrivate: !isPublicAddress(account.baseUrl),

		async prepare(order) {
			const videoUrl = videoUrlOf(order);
			if (order.video !== undefined && videoUrl === undefined) return { kind: 'unreachable' };
			const fields = submitBody(order, videoUrl);
			const body = await jsonBody(fields, order.images).catch(() => undefined);
			if (body === undefined) return { kind: 'unreadable' };
			const { reference_images = [], reference_videos = [] } = fields;
			redactor.addLinks([...reference_images, ...reference_videos]);
			return {
				kind: 'ready',
				async send() {
					const sent = await exchange(context, account, orderRequest(SUBMIT_PATH, body), cancel);
					return submitVerdict(sent, redactor, clock.now());
				},
			};
		},

		async query(taskId, signal = cancel) {
			const request = questionRequest(TASK_PATH + encodeURIComponent(taskId));
			const ending = AbortSignal.any([cancel, signal]);
			const sent = await exchange(context, account, request, ending);
			return queryVerdict(sent, redactor, clock.now(), taskId);
		},

		async openFile(url, signal) {
			return await openFile(context, url, AbortSignal.any([cancel, signal]));
		},
	};
}
