// The Tests of all credentials: a question that costs nothing, and what its answer tells about key, address and network.
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunction,
	ICredentialTestFunctions,
} from 'n8n-workflow';
import { parseAnswer, textOf } from './http/answer';
import type { Exchange } from './http/http';
import { exchangeOfError, NO_CODE } from './http/neverSent';
import type { Protocol } from './httpService';
import { parseAccount, QUESTION_TIMEOUT_MS } from './httpService';
import { parseJson } from './json';
import { Redactor } from './redact';
import type { Pages, QueryVerdict, Refusal } from './service';
import { goodText, NOT_THERE, Verdicts } from './verdict';

/** Characters of an answer that are looked at: the services' have some hundred, a list of models some thousand. */
const MOST_CHARACTERS = 100_000;

/** Asks the service with a key. Never rejects. */
async function ask(context: ICredentialTestFunctions, uri: string, key: string): Promise<Exchange> {
	try {
		const answer: unknown = await context.helpers.request({
			method: 'GET',
			uri,
			headers: { Authorization: `Bearer ${key}`, Accept: 'application/json' },
			timeout: QUESTION_TIMEOUT_MS,
			// The key goes to this host only
			followRedirect: false,
			followAllRedirects: false,
			simple: false,
			resolveWithFullResponse: true,
		});
		const answered = parseAnswer(answer);
		if (answered === undefined) return { kind: 'lost', code: NO_CODE };
		const { status, headers, body } = answered;
		return { kind: 'answer', status, headers, text: textOf(body).slice(0, MOST_CHARACTERS) };
	} catch (error) {
		return exchangeOfError(error);
	}
}

/**
 * The Test of a service's credential, as n8n's panel asks for it: asks for a list that a good key may read, or, where there
 * is none, about a task that does not exist.
 */
export function credentialTest(protocol: Protocol): ICredentialTestFunction {
	return async function (this: ICredentialTestFunctions, { data = {} }) {
		const problem = await problemWith(this, protocol, data).catch(String);
		return problem === undefined
			? { status: 'OK', message: 'Connection successful!' }
			: { status: 'Error', message: problem };
	};
}

/** What is wrong with a credential; undefined for a good one. @throws CredentialProblem before anything is sent */
async function problemWith(
	context: ICredentialTestFunctions,
	protocol: Protocol,
	fields: ICredentialDataDecryptedObject,
): Promise<string | undefined> {
	const { baseUrl, key, pages } = parseAccount(protocol, fields);
	const { list, madeUpTaskId } = protocol.probe;
	let answered = list && (await ask(context, baseUrl + list.path, key));
	if (answered?.kind === 'answer') {
		if (list?.isList(parseJson(goodText(answered)))) return undefined;
		if (NOT_THERE.has(answered.status)) answered = undefined;
	}
	answered ??= await ask(context, baseUrl + protocol.taskPath + madeUpTaskId, key);
	const verdict = new Verdicts(protocol, new Redactor(key)).query(answered, madeUpTaskId);
	return problemIn(verdict, protocol, pages);
}

/** What an answer about a task that does not exist says is wrong; undefined where the key is good. */
function problemIn(verdict: QueryVerdict, { label, probe }: Protocol, pages: Pages) {
	const check = `Check the ${pages.address}`;
	const usual = probe.usualAddress ? `, which normally is ${probe.usualAddress}` : '';
	const checkAddress = check + usual;
	const notTheService = `An answer came, but not from ${label}: perhaps from a web page, a proxy or a redirect. ${checkAddress}`;
	const unchecked = 'so the API key could not be checked';
	switch (verdict.kind) {
		case 'gone':
			return probe.isAbsence(verdict.details)
				? undefined
				: `${label} keeps no tasks at this address. ${checkAddress}`;
		case 'denied': {
			const known = `${label} knows this API key, but its account`;
			const other = pages.otherKeys
				? `. Is it a key of ${pages.otherKeys}? Then it belongs into a credential of that service`
				: '';
			const words: Partial<Record<Refusal, string>> = {
				insecure: `No secure connection could be made. ${check}, and the certificate of a proxy in between`,
				key: `${label} does not accept this API key. Copy it again, or create a new one at ${pages.keys}${other}`,
				keyOrRegion: `${label} does not accept this API key here. ${check}: a key is good only where it was created. Then copy it again`,
				credits: `${known} has not enough credits, or is overdue. Add credits at ${pages.account}`,
				quota: `${known} has used up its quota. Check the account at ${pages.account}`,
				notAllowed: `${label} does not let this API key in. Check at ${pages.account} what the key may do, and that the account has credits`,
				notActivated: `${known} has not activated the models. Check the account at ${pages.account}`,
				redirect: notTheService,
			};
			const others = `${label} refused the test request, ${unchecked}. ${checkAddress}, then try again`;
			return words[verdict.reason] ?? others;
		}
		case 'trouble': {
			const { httpStatus, code } = verdict.details;
			if (verdict.busy)
				return `${label} is getting too many requests at the moment, ${unchecked}. Try again in a minute`;
			if (httpStatus === undefined)
				return `${label} could not be reached (${code}), ${unchecked}. ${checkAddress}, and the network`;
			if (httpStatus >= 500 || httpStatus === 408)
				return `${label} has a problem of its own at the moment, ${unchecked}. Try again later`;
			return notTheService;
		}
		default:
			return notTheService;
	}
}
