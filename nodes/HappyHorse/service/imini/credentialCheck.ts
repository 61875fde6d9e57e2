// The Test of the credential: tells what is wrong with key, address or host, and costs nothing.
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { checkedBaseUrl, checkedKey } from '../account';
import { ask, testResult } from '../credentialCheck';
import { Redactor } from '../redact';
import type { QueryVerdict, Refusal } from '../service';
import { DEFAULT_BASE_URL, TASK_PATH } from './address';
import { queryVerdict } from './verdict';

/** Looks like a task id and is none: the service says 404 about it to a good key, 401 to a bad one. */
const MADE_UP_TASK_ID = 'task_0000000000000000000';

/** The code that the service gives with it. Anything else that is missing has another code. */
const TASK_NOT_FOUND = 'TASK_NOT_FOUND';

const KEY_UNCHECKED = 'so the API key could not be checked';

const PROBLEMS = {
	baseUrl: `The Base URL must start with https:// (or http://), as ${DEFAULT_BASE_URL} does`,
	userInUrl: 'The Base URL must not hold a user name or password before its @',
	key: 'The API key has a character in it that no API key has. Copy the whole key again',
};

const NOT_THE_SERVICE = `An answer came, but not from the HappyHorse API: perhaps from a web page, a proxy or a redirect. Check the Base URL, which normally is ${DEFAULT_BASE_URL}`;

const REFUSALS: Partial<Record<Refusal, string>> = {
	insecure:
		'No secure connection could be made. Check the Base URL, and the certificate of a proxy in between',
	proxy: 'The proxy that this n8n uses refuses to connect to the Base URL. Check the proxy',
	key: 'HappyHorse does not accept this API key. Copy it again, or create a new one at https://imini.ai/api-keys',
	credits:
		'HappyHorse knows this API key, but its account has not enough credits. Add credits at https://imini.ai',
	notAllowed:
		'HappyHorse does not let this API key in. Check at https://imini.ai what the key may do, and that the account has credits',
	redirect: NOT_THE_SERVICE,
};

/** What is wrong, by what the service said about a task that is not there; undefined: nothing. */
function problemIn(verdict: QueryVerdict): string | undefined {
	switch (verdict.kind) {
		case 'gone':
			return verdict.details.code === TASK_NOT_FOUND
				? undefined
				: 'HappyHorse keeps no tasks at this address. Check the Base URL';
		case 'denied':
			return (
				REFUSALS[verdict.reason] ??
				`HappyHorse refused the test request, ${KEY_UNCHECKED}. Check the Base URL, then try again`
			);
		case 'trouble':
			return troubleIn(verdict);
		// An answer about a task that does not exist
		case 'going':
		case 'succeeded':
		case 'failed':
			return NOT_THE_SERVICE;
	}
}

function troubleIn({ busy, details }: Extract<QueryVerdict, { kind: 'trouble' }>): string {
	const { httpStatus, code } = details;
	if (busy)
		return `HappyHorse is getting too many requests at the moment, ${KEY_UNCHECKED}. Try again in a minute`;
	if (httpStatus === undefined)
		return `HappyHorse could not be reached (${code}), ${KEY_UNCHECKED}. Check the Base URL and the network`;
	if (httpStatus >= 500 || httpStatus === 408)
		return `HappyHorse has a problem of its own at the moment, ${KEY_UNCHECKED}. Try again later`;
	return NOT_THE_SERVICE;
}

/** Tests a credential, as n8n's panel asks for it. */
export async function testIminiCredential(
	this: ICredentialTestFunctions,
	{ data = {} }: { data?: ICredentialDataDecryptedObject },
): Promise<INodeCredentialTestResult> {
	const baseUrl = checkedBaseUrl(data.baseUrl);
	const key = checkedKey(data.apiKey);
	if (!baseUrl.ok) return testResult(PROBLEMS[baseUrl.problem]);
	if (!key.ok) return testResult(PROBLEMS[key.problem]);
	const exchange = await ask(this, baseUrl.value + TASK_PATH + MADE_UP_TASK_ID, key.value);
	return testResult(
		problemIn(queryVerdict(exchange, new Redactor(key.value), Date.now(), MADE_UP_TASK_ID)),
	);
}
