// What every service does alike behind the port: who it is, questions about a task, and finished files.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../util/clock';
import { fingerprint } from '../util/fingerprint';
import { isPublicAddress } from '../util/publicAddress';
import type { Account, Exchange } from './http/http';
import { exchange, questionRequest } from './http/http';
import { openFile } from './http/openFile';
import type { Redactor } from './redact';
import type { Patience, Service } from './service';
import type { Verdicts } from './verdict';

/** A service with a user's account, for one run of the node. */
export interface Connection {
	readonly context: IExecuteFunctions;
	readonly account: Account;
	readonly redactor: Redactor;
	/** Ends whatever is under way. */
	readonly cancel: AbortSignal;
}

/** A request that orders nothing. `path`: below the base URL. */
export async function askAbout(
	{ context, account, cancel }: Connection,
	path: string,
	method: 'GET' | 'POST',
	{ signal = cancel, withinMs }: Patience = {},
): Promise<Exchange> {
	const ending = AbortSignal.any([cancel, signal]);
	return await exchange(context, account, questionRequest(path, method, withinMs), ending);
}

/** The parts of a service that are the same for all. `taskPath`: where its tasks are; a task's id follows. */
export function httpService(
	name: string,
	connection: Connection,
	taskPath: string,
	{ queryVerdict }: Pick<Verdicts, 'queryVerdict'>,
): Pick<Service, 'place' | 'account' | 'isPrivate' | 'query' | 'openFile'> {
	const { context, account, redactor, cancel } = connection;
	const { host } = new URL(account.baseUrl);
	return {
		place: { service: name, host },
		account: fingerprint([host, account.key]),
		isPrivate: !isPublicAddress(account.baseUrl),

		async query(taskId, patience) {
			const path = taskPath + encodeURIComponent(taskId);
			const answered = await askAbout(connection, path, 'GET', patience);
			return queryVerdict(answered, redactor, clock.now(), taskId);
		},

		async openFile(url, signal) {
			return await openFile(context, url, AbortSignal.any([cancel, signal]));
		},
	};
}
