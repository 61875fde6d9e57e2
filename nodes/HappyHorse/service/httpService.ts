// What every service does alike behind the port: who it is, questions about a task, and finished files.
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../util/clock';
import { isPublicAddress } from '../util/publicAddress';
import type { Account, Exchange } from './http/exchange';
import { exchange, questionRequest } from './http/http';
import { openFile } from './http/openFile';
import type { Redactor } from './redact';
import type { Service } from './service';
import type { Verdicts } from './verdict';

/** A service with a user's account, for one run of the node. */
export interface Connection {
	readonly context: IExecuteFunctions;
	readonly account: Account;
	readonly redactor: Redactor;
	/** Ends whatever is under way. */
	readonly cancel: AbortSignal;
}

/** A request about a task that orders nothing; aborting `signal` ends it at once. `path`: below the base URL. */
export async function askAbout(
	{ context, account, cancel }: Connection,
	path: string,
	method: 'GET' | 'POST',
	signal: AbortSignal = cancel,
): Promise<Exchange> {
	const ending = AbortSignal.any([cancel, signal]);
	return await exchange(context, account, questionRequest(path, method), ending);
}

/** The parts of a service that are the same for all. `taskPath`: where its tasks are; a task's id follows. */
export function httpService(
	name: string,
	connection: Connection,
	taskPath: string,
	{ queryVerdict }: Pick<Verdicts, 'queryVerdict'>,
): Pick<Service, 'place' | 'isPrivate' | 'query' | 'openFile'> {
	const { context, account, redactor, cancel } = connection;
	return {
		place: { service: name, host: new URL(account.baseUrl).host },
		isPrivate: !isPublicAddress(account.baseUrl),

		async query(taskId, signal) {
			const path = taskPath + encodeURIComponent(taskId);
			const answered = await askAbout(connection, path, 'GET', signal);
			return queryVerdict(answered, redactor, clock.now(), taskId);
		},

		async openFile(url, signal) {
			return await openFile(context, url, AbortSignal.any([cancel, signal]));
		},
	};
}
