// iMini behind the port: its addresses, its timeouts, its account.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../../clock';
import { isPublicAddress } from '../../publicAddress';
import { checkedBaseUrl, checkedKey } from '../account';
import type { Account } from '../http';
import { exchange, openFile } from '../http';
import { jsonBody } from '../jsonBody';
import { shortenedOrder } from '../outline';
import { querySecret } from '../secrets';
import type { Connected, Offer, Service } from '../service';
import { SUBMIT_PATH, TASK_PATH } from './address';
import { submitBody } from './body';
import type { SubmitBody } from './contract';
import { MODEL } from './contract';
import { IMINI_LIMITS } from './limits';
import { queryVerdict, submitVerdict } from './verdict';

/** Name of the credential type. */
const CREDENTIAL = 'happyHorseApi';

/** Ms that a submit may take, and for each byte of its body on top (100 kB/s is a slow line out). */
const SUBMIT_TIMEOUT_MS = 60_000;
const SUBMIT_TIMEOUT_MS_PER_BYTE = 0.01;

/** Ms that a query may take. The service answers in well under a second. */
const QUERY_TIMEOUT_MS = 30_000;

/** What iMini offers, whoever asks. */
export const IMINI: Offer = {
	limits: IMINI_LIMITS,
	outline: (order) => ({ model: MODEL, body: submitBody(shortenedOrder(order)) }),
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

/** What the links of an order are signed with. */
function signaturesOf({ reference_images = [], reference_videos = [] }: SubmitBody): string[] {
	return [...reference_images, ...reference_videos].flatMap(({ url }) => querySecret(url) ?? []);
}

/** What no text may quote, by the list of a job: always the same one, since it is compiled once. */
class Secrets {
	private readonly all = new WeakMap<readonly string[], readonly string[]>();

	constructor(private readonly key: string) {}

	/** The key, the job's own, and what was added to them. */
	of(secrets: readonly string[]): readonly string[] {
		return this.all.get(secrets) ?? this.add(secrets, []);
	}

	/** Adds what an order is sent with, for its answer and all queries about its task. */
	add(secrets: readonly string[], more: readonly string[]): readonly string[] {
		const all = [this.key, ...secrets, ...more];
		this.all.set(secrets, all);
		return all;
	}
}

function serviceOf(context: IExecuteFunctions, account: Account, cancel: AbortSignal): Service {
	const known = new Secrets(account.key);
	return {
		limits: IMINI_LIMITS,
		isPrivate: !isPublicAddress(account.baseUrl),

		async prepare(order, secrets) {
			const fields = submitBody(order);
			const body = await jsonBody(fields, order.images).catch(() => undefined);
			if (body === undefined) return undefined;
			const all = known.add(secrets, signaturesOf(fields));
			return {
				async send() {
					const request = {
						method: 'POST',
						path: SUBMIT_PATH,
						headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
						body,
						timeoutMs: SUBMIT_TIMEOUT_MS + body.length * SUBMIT_TIMEOUT_MS_PER_BYTE,
					} as const;
					const sent = await exchange(context, account, request, cancel);
					return submitVerdict(sent, all, clock.now());
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
			const ending = AbortSignal.any([cancel, signal]);
			const sent = await exchange(context, account, request, ending);
			return queryVerdict(sent, known.of(secrets), clock.now(), taskId);
		},

		async openFile(url, signal) {
			return await openFile(context, url, AbortSignal.any([cancel, signal]));
		},
	};
}
