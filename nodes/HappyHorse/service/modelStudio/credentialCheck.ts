// The Test of the credential: tells what is wrong with key, region, address or host, and costs nothing.
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { ask, testResult } from '../credentialCheck';
import type { Exchange } from '../http/exchange';
import { parseJson } from '../json';
import { Redactor } from '../redact';
import type { CredentialProblem, QueryVerdict, Refusal } from '../service';
import { isGood } from '../verdict';
import { checkedAccount } from './account';
import { MODELS_PATH, TASK_PATH } from './address';
import { modelList } from './contract';
import { queryVerdict } from './verdict';

/** Looks like a task id and is none: of it, a good key is told that nothing is known. */
const MADE_UP_TASK_ID = '00000000-0000-4000-8000-000000000000';

/** Statuses with which a gateway says that it has no list of models: it may speak the protocol all the same. */
const NO_LIST = new Set([404, 405, 501]);

const KEY_UNCHECKED = 'so the API key could not be checked';

const PROBLEMS: Record<CredentialProblem, string> = {
	missing: 'The credential could not be read',
	baseUrl: 'The Base URL must start with https:// (or http://)',
	userInUrl: 'The Base URL must not hold a user name or password before its @',
	key: 'The API key has a character in it that no API key has. Copy the whole key again',
	region: 'The Region is none of those that can be chosen. Choose one',
	workspace:
		'The Workspace ID is missing, or has a character in it that none has. Copy it from the console of Model Studio',
};

const NOT_THE_SERVICE =
	'An answer came, but not from Model Studio: perhaps from a web page, a proxy or a redirect. Check the Region and the Base URL';

const REFUSALS: Partial<Record<Refusal, string>> = {
	insecure:
		'No secure connection could be made. Check the Base URL, and the certificate of a proxy in between',
	proxy: 'The proxy that this n8n uses refuses to connect to Model Studio. Check the proxy',
	keyOrRegion:
		'Model Studio does not accept this API key here. Check that it was created in the chosen Region, and copy it again',
	credits:
		'Model Studio knows this API key, but its account is overdue, or has not enough credits. Check the account',
	quota: 'Model Studio knows this API key, but its quota is used up. Check the account',
	notAllowed:
		'Model Studio does not let this API key in. Check what the key may do, and to which workspace it belongs',
	notActivated:
		'Model Studio knows this API key, but its account has not activated the models. Check the account',
	redirect: NOT_THE_SERVICE,
};

/** What is wrong, by an answer; undefined: nothing. `verdict` reads it as one about a task. */
function problemIn(verdict: QueryVerdict): string | undefined {
	switch (verdict.kind) {
		case 'gone':
			return verdict.details.httpStatus === undefined ? undefined : NOT_THE_SERVICE;
		case 'denied':
			return (
				REFUSALS[verdict.reason] ??
				`Model Studio refused the test request, ${KEY_UNCHECKED}. Check the Region and the Base URL, then try again`
			);
		case 'trouble':
			return troubleIn(verdict);
		case 'going':
		case 'succeeded':
		case 'failed':
			return NOT_THE_SERVICE;
	}
}

function troubleIn({ busy, details }: Extract<QueryVerdict, { kind: 'trouble' }>): string {
	const { httpStatus, code } = details;
	if (busy)
		return `Model Studio is getting too many requests at the moment, ${KEY_UNCHECKED}. Try again in a minute`;
	if (httpStatus === undefined)
		return `Model Studio could not be reached (${code}), ${KEY_UNCHECKED}. Check the Region, the Base URL and the network`;
	if (httpStatus >= 500 || httpStatus === 408)
		return `Model Studio has a problem of its own at the moment, ${KEY_UNCHECKED}. Try again later`;
	return NOT_THE_SERVICE;
}

function isModelList(answered: Exchange): boolean {
	return (
		answered.kind === 'answer' &&
		isGood(answered.status) &&
		modelList.safeParse(parseJson(answered.text)).success
	);
}

/** Tests a credential, as n8n's panel asks for it. */
export async function testModelStudioCredential(
	this: ICredentialTestFunctions,
	{ data = {} }: { data?: ICredentialDataDecryptedObject },
): Promise<INodeCredentialTestResult> {
	const checked = checkedAccount(data);
	if (!checked.ok) return testResult(PROBLEMS[checked.problem]);
	const { baseUrl, key } = checked.account;
	const listed = await ask(this, baseUrl + MODELS_PATH, key);
	if (isModelList(listed)) return testResult(undefined);
	const hasNoList = listed.kind === 'answer' && NO_LIST.has(listed.status);
	const answered = hasNoList ? await ask(this, baseUrl + TASK_PATH + MADE_UP_TASK_ID, key) : listed;
	return testResult(
		problemIn(queryVerdict(answered, new Redactor(key), Date.now(), MADE_UP_TASK_ID)),
	);
}
