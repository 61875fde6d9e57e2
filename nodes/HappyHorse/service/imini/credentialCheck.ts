// The Test of iMini's credential: asks about a task that does not exist.
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { checkedBaseUrl, checkedKey } from '../account';
import { ask, resultOf, unusable } from '../credentialCheck';
import { Redactor } from '../redact';
import { DEFAULT_BASE_URL, PAGES, TASK_PATH } from './address';
import { queryVerdict } from './verdict';

/** Looks like a task id and is none: the service says 404 about it to a good key, 401 to a bad one. */
const MADE_UP_TASK_ID = 'task_0000000000000000000';

/** The code that the service gives with it. Anything else that is missing has another code. */
const TASK_NOT_FOUND = 'TASK_NOT_FOUND';

const TESTED = { name: 'iMini', pages: PAGES, usualAddress: DEFAULT_BASE_URL };

/** Tests a credential, as n8n's panel asks for it. */
export async function testIminiCredential(
	this: ICredentialTestFunctions,
	{ data = {} }: { data?: ICredentialDataDecryptedObject },
): Promise<INodeCredentialTestResult> {
	const baseUrl = checkedBaseUrl(data.baseUrl);
	if (!baseUrl.ok) return unusable(baseUrl.problem);
	const key = checkedKey(data.apiKey);
	if (!key.ok) return unusable(key.problem);
	const answered = await ask(this, baseUrl.value + TASK_PATH + MADE_UP_TASK_ID, key.value);
	const verdict = queryVerdict(answered, new Redactor(key.value), Date.now(), MADE_UP_TASK_ID);
	const isAbsent = verdict.kind === 'gone' && verdict.details.code === TASK_NOT_FOUND;
	return resultOf(verdict, isAbsent, TESTED);
}
