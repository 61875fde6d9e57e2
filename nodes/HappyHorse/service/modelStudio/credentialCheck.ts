// The Test of Model Studio's credential: asks for the list of models, or, where there is none, about a task that does not exist.
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { ask, resultOf, success, unusable } from '../credentialCheck';
import type { Exchange } from '../http/http';
import { parseJson } from '../json';
import { Redactor } from '../redact';
import { isGood } from '../verdict';
import { checkedAccount } from './account';
import { MODELS_PATH, pagesOf, TASK_PATH } from './address';
import { modelList } from './contract';
import { queryVerdict } from './verdict';

/** Looks like a task id and is none: of it, a good key is told that nothing is known. */
const MADE_UP_TASK_ID = '00000000-0000-4000-8000-000000000000';

/** Statuses with which a gateway says that it has no list of models: it may speak the protocol all the same. */
const NO_LIST = new Set([404, 405, 501]);

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
	const usable = checkedAccount(data);
	if (!usable.ok) return unusable(usable.problem);
	const { baseUrl, key } = usable.account;
	const listed = await ask(this, baseUrl + MODELS_PATH, key);
	if (isModelList(listed)) return success();
	const hasNoList = listed.kind === 'answer' && NO_LIST.has(listed.status);
	const answered = hasNoList ? await ask(this, baseUrl + TASK_PATH + MADE_UP_TASK_ID, key) : listed;
	const verdict = queryVerdict(answered, new Redactor(key), Date.now(), MADE_UP_TASK_ID);
	// The service itself says so with a good status
	const isAbsent = verdict.kind === 'gone' && verdict.details.httpStatus === undefined;
	const pages = pagesOf(usable.region);
	return resultOf(verdict, isAbsent, { name: 'Model Studio', pages });
}
