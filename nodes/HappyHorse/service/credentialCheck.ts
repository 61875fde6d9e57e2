// What the Tests of all credentials have in common: one question, without redirects, and what is wrong with an answer.
import type { ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import { fieldOf } from '../util/unknown';
import type { Exchange } from './http/exchange';
import { exchangeOfError } from './http/neverLeft';
import { textOf } from './http/stream';

/** Characters of an answer that are looked at: the services' have some hundred, a list of models some thousand. */
const MOST_CHARACTERS = 100_000;

/** Ms until the answer must be there. */
const TIMEOUT_MS = 30_000;

/** Asks the service with a key. Never rejects. */
export async function ask(
	{ helpers: { request } }: ICredentialTestFunctions,
	uri: string,
	key: string,
): Promise<Exchange> {
	try {
		const answer: unknown = await request({
			method: 'GET',
			uri,
			headers: { Authorization: `Bearer ${key}`, Accept: 'application/json' },
			timeout: TIMEOUT_MS,
			// The key goes to this host only
			followRedirect: false,
			followAllRedirects: false,
			simple: false,
			resolveWithFullResponse: true,
		});
		if (typeof answer !== 'object' || answer === null) return { kind: 'lost', code: 'UNKNOWN' };
		const status = Number(fieldOf(answer, 'statusCode'));
		const text = textOf(fieldOf(answer, 'body')).slice(0, MOST_CHARACTERS);
		return { kind: 'answer', status, headers: {}, text };
	} catch (error) {
		return exchangeOfError(error);
	}
}

/** The result for n8n's panel; `problem`: what is wrong, undefined for nothing. */
export function testResult(problem: string | undefined): INodeCredentialTestResult {
	return problem === undefined
		? { status: 'OK', message: 'Connection successful!' }
		: { status: 'Error', message: problem };
}
