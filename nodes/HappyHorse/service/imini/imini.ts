// iMini behind the port: its addresses, its timeouts, its account.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../../clock';
import type { Account } from '../http';
import { exchange, openFile, textOf } from '../http';
import { jsonBody } from '../jsonBody';
import type { Connected, Service } from '../service';
import { SUBMIT_PATH, TASK_PATH } from './address';
import { submitBody } from './body';
import { IMINI_LIMITS } from './limits';
import { queryVerdict, submitVerdict } from './verdict';

/** Name of the credential type. */
const CREDENTIAL = 'happyHorseApi';

/** Ms that a submit may take, and for each byte of its body on top (100 kB/s is a slow line out). */
const SUBMIT_TIMEOUT_MS = 60_000;
const SUBMIT_TIMEOUT_MS_PER_BYTE = 0.01;

/** Ms that a query may take. The service answers in well under a second. */
const QUERY_TIMEOUT_MS = 30_000;

/** The base URL without trailing slashes; undefined where it is no http(s) address. */
function checkedBaseUrl(value: unknown): string | undefined {
	const text = typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
	return /^https?:\/\/[^/\s]+/i.test(text) && URL.canParse(text) ? text : undefined;
}

/** Connects the node's credential with iMini. Sends nothing; `cancel` closes files that are opened later. */
export async function connectImini(
	context: IExecuteFunctions,
	cancel: AbortSignal,
): Promise<Connected> {
	const credential = await context.getCredentials(CREDENTIAL).catch(() => undefined);
	if (credential === undefined) return { ok: false, problem: 'missing' };
	const baseUrl = checkedBaseUrl(credential.baseUrl);
	if (baseUrl === undefined) return { ok: false, problem: 'baseUrl' };
	const account = { credential: CREDENTIAL, baseUrl, key: textOf(credential.apiKey).trim() };
	return { ok: true, service: serviceOf(context, account, cancel) };
}

function serviceOf(context: IExecuteFunctions, account: Account, cancel: AbortSignal): Service {
	const { key } = account;
	return {
		limits: IMINI_LIMITS,

		async prepare(order, secrets) {
			const body = await jsonBody(submitBody(order), order.images).catch(() => undefined);
			if (body === undefined) return undefined;
			return {
				async send() {
					const sent = await exchange(context, account, {
						method: 'POST',
						path: SUBMIT_PATH,
						headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
						body,
						timeoutMs: SUBMIT_TIMEOUT_MS + body.length * SUBMIT_TIMEOUT_MS_PER_BYTE,
					});
					return submitVerdict(sent, [key, ...secrets], clock.now());
				},
			};
		},

		async query(taskId, secrets) {
			const sent = await exchange(context, account, {
				method: 'GET',
				path: TASK_PATH + encodeURIComponent(taskId),
				headers: { Accept: 'application/json' },
				timeoutMs: QUERY_TIMEOUT_MS,
			});
			return queryVerdict(sent, [key, ...secrets], clock.now());
		},

		async openFile(url, signal) {
			return await openFile(context, url, AbortSignal.any([cancel, signal]));
		},
	};
}
