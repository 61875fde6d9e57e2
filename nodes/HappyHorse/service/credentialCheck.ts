// The Tests of all credentials: a question that costs nothing, and what its answer tells about key, address and network.
import type {
	ICredentialTestFunction,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { fieldOf } from '../util/unknown';
import { CREDENTIAL_PROBLEMS } from './account';
import { textOf } from './http/answer';
import type { Exchange } from './http/http';
import { exchangeOfError } from './http/neverSent';
import type { Protocol } from './httpService';
import { checkedAccount } from './httpService';
import { parseJson } from './json';
import { Redactor } from './redact';
import type { Pages, QueryVerdict, Refusal } from './service';
import { isGood, Verdicts } from './verdict';

/** Characters of an answer that are looked at: the services' have some hundred, a list of models some thousand. */
const MOST_CHARACTERS = 100_000;

/** Ms until the answer must be there. */
const TIMEOUT_MS = 30_000;

/** Asks the service with a key. Never rejects. */
async function ask(
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

/** Statuses with which a gateway says that it has no such list: it may speak the protocol all the same. */
const NO_LIST = new Set([404, 405, 501]);

/**
 * The Test of a service's credential, as n8n's panel asks for it: asks for a list that a good key may read, or, where there
 * is none, about a task that does not exist.
 */
export function credentialTest(protocol: Protocol): ICredentialTestFunction {
	return async function (this: ICredentialTestFunctions, { data = {} }) {
		const checked = checkedAccount(protocol, data);
		if (!checked.ok) {
			const { message, fix } = CREDENTIAL_PROBLEMS[checked.problem];
			return problem(`${message}. ${fix}`);
		}
		const { baseUrl, key } = checked.account;
		const { list, madeUpTaskId, ...probe } = protocol.probe;
		let answered = list && (await ask(this, baseUrl + list.path, key));
		if (answered?.kind === 'answer') {
			if (isGood(answered.status) && list?.isList(parseJson(answered.text))) return success();
			if (NO_LIST.has(answered.status)) answered = undefined;
		}
		answered ??= await ask(this, baseUrl + protocol.taskPath + madeUpTaskId, key);
		const verdict = new Verdicts(protocol, new Redactor(key)).query(answered, madeUpTaskId);
		return resultOf(verdict, { ...probe, pages: checked.pages });
	};
}

/** What the messages of one service name. */
type Tested = Pick<Protocol['probe'], 'name' | 'usualAddress' | 'isAbsence'> & {
	readonly pages: Pages;
};

const KEY_UNCHECKED = 'so the API key could not be checked';

/** What to check where the service is not found. */
function addressOf({ pages, usualAddress }: Tested): string {
	return `the ${pages.address}${usualAddress === undefined ? '' : `, which normally is ${usualAddress}`}`;
}

function notTheService(tested: Tested): string {
	return `An answer came, but not from ${tested.name}: perhaps from a web page, a proxy or a redirect. Check ${addressOf(tested)}`;
}

/** Words for the refusals that a question can get; undefined for the others. */
function refusalWords(reason: Refusal, tested: Tested): string | undefined {
	const { name, pages } = tested;
	const address = `the ${pages.address}`;
	const other =
		pages.otherKeys === undefined
			? ''
			: `. Is it a key of ${pages.otherKeys}? Then it belongs into a credential of that service`;
	const known = `${name} knows this API key, but its account`;
	const words: Partial<Record<Refusal, string>> = {
		insecure: `No secure connection could be made. Check ${address}, and the certificate of a proxy in between`,
		proxy: `The proxy that this n8n uses refuses to connect to ${name}. Check the proxy, and ${address}`,
		key: `${name} does not accept this API key. Copy it again, or create a new one at ${pages.keys}${other}`,
		keyOrRegion: `${name} does not accept this API key here. Check the ${pages.address}: a key is good only where it was created. Then copy it again`,
		credits: `${known} has not enough credits, or is overdue. Add credits at ${pages.credits}`,
		quota: `${known} has used up its quota. Check the account at ${pages.usage}`,
		notAllowed: `${name} does not let this API key in. Check at ${pages.credits} what the key may do, and that the account has credits`,
		notActivated: `${known} has not activated the models. Check the account at ${pages.usage}`,
		redirect: notTheService(tested),
	};
	return words[reason];
}

function troubleWords(
	{ busy, details: { httpStatus, code } }: Extract<QueryVerdict, { kind: 'trouble' }>,
	tested: Tested,
): string {
	const { name } = tested;
	if (busy)
		return `${name} is getting too many requests at the moment, ${KEY_UNCHECKED}. Try again in a minute`;
	if (httpStatus === undefined)
		return `${name} could not be reached (${code}), ${KEY_UNCHECKED}. Check ${addressOf(tested)}, and the network`;
	if (httpStatus >= 500 || httpStatus === 408)
		return `${name} has a problem of its own at the moment, ${KEY_UNCHECKED}. Try again later`;
	return notTheService(tested);
}

/** What an answer about a task that does not exist tells. */
function resultOf(verdict: QueryVerdict, tested: Tested): INodeCredentialTestResult {
	const { name } = tested;
	switch (verdict.kind) {
		case 'gone':
			if (tested.isAbsence(verdict.details)) return success();
			return problem(`${name} keeps no tasks at this address. Check ${addressOf(tested)}`);
		case 'denied':
			return problem(
				refusalWords(verdict.reason, tested) ??
					`${name} refused the test request, ${KEY_UNCHECKED}. Check ${addressOf(tested)}, then try again`,
			);
		case 'trouble':
			return problem(troubleWords(verdict, tested));
		case 'going':
		case 'succeeded':
		case 'failed':
			return problem(notTheService(tested));
	}
}

function success(): INodeCredentialTestResult {
	return { status: 'OK', message: 'Connection successful!' };
}

function problem(message: string): INodeCredentialTestResult {
	return { status: 'Error', message };
}
