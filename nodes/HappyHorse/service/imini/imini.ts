// iMini behind the port: its addresses, its timeouts, its account.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../../util/clock';
import type { Order } from '../../domain/order';
import { checkedBaseUrl, checkedKey } from '../account';
import type { Account } from '../http/http';
import { exchange, orderRequest } from '../http/http';
import { httpService } from '../httpService';
import { jsonBody } from '../jsonBody';
import { Redactor } from '../redact';
import { ownLink, shortenedOrder } from '../preview';
import type { Connected, Offer, Service } from '../service';
import { PAGES, SUBMIT_PATH, TASK_PATH } from './address';
import { submitBody } from './body';
import { IMINI_LIMITS, IMINI_MODEL, IMINI_PACE } from './limits';
import { queryVerdict, submitVerdict } from './verdict';

/** Name of the credential type. */
const CREDENTIAL = 'happyHorseApi';

/** What iMini offers, whoever asks. */
export const IMINI: Offer = {
	limits: IMINI_LIMITS,
	uploadsVideos: false,
	managesTasks: false,
	describesVideos: true,
	preview(order) {
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
	const connection = { context, account, redactor, cancel };
	return {
		...httpService('imini', connection, TASK_PATH, { queryVerdict }),
		limits: IMINI_LIMITS,
		pace: IMINI_PACE,
		pages: PAGES,

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
				model: fields.model,
				async send() {
					const sent = await exchange(context, account, orderRequest(SUBMIT_PATH, body), cancel);
					return submitVerdict(sent, redactor, clock.now());
				},
			};
		},
	};
}
