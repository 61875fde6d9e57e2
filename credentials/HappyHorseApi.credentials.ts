// The credential: an API key, where to use it, and a test that tells what is wrong with them without costing credits.
import type {
	IAuthenticateGeneric,
	IAuthenticateRuleResponseSuccessBody,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { DEFAULT_BASE_URL, TASK_PATH } from '../nodes/HappyHorse/service/imini/address';

/** Looks like a task id and is none: the service says 404 about it to a good key, 401 to a bad one. */
const MADE_UP_TASK_ID = 'task_0000000000000000000';

const KEY_UNCHECKED = 'so the API key could not be checked';

/** Statuses of the service's errors that do not mean that the key works, and what to tell the user. */
const REFUSALS: ReadonlyArray<{ readonly statuses: readonly number[]; readonly message: string }> =
	[
		{
			statuses: [401],
			message:
				'HappyHorse does not accept this API key. Copy it again, or create a new one at https://imini.ai/api-keys',
		},
		{
			statuses: [402],
			message:
				'HappyHorse knows this API key, but its account has not enough credits. Add credits at https://imini.ai',
		},
		{
			statuses: [403],
			message:
				'HappyHorse does not let this API key in. Check at https://imini.ai what the key may do, and that the account has credits',
		},
		{
			statuses: [429],
			message: `HappyHorse is getting too many requests at the moment, ${KEY_UNCHECKED}. Try again in a minute`,
		},
		{
			statuses: [500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 529],
			message: `HappyHorse has a problem of its own at the moment, ${KEY_UNCHECKED}. Try again later`,
		},
		{
			statuses: [400, 405, 406, 408, 409, 410, 413, 415, 421, 422, 425, 426, 428, 431, 451],
			message: `HappyHorse refused the test request, ${KEY_UNCHECKED}. Check the Base URL, then try again`,
		},
	];

const NOT_THE_SERVICE = `An answer came, but not from the HappyHorse API: perhaps from a web page, a proxy or a redirect. Check the Base URL, which normally is ${DEFAULT_BASE_URL}`;

const NO_TASKS_HERE = 'HappyHorse keeps no tasks at this address. Check the Base URL';

/** The code that goes with 404 where only the task is missing: anything else is missing with another one. */
const TASK_NOT_FOUND = 'TASK_NOT_FOUND';

/** What the service's codes are made of. */
const CODE_CHARACTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-'];

/** Fails the test when `value` stands at `key` of the answer. */
function failure(
	key: string,
	value: unknown,
	message: string,
): IAuthenticateRuleResponseSuccessBody {
	return { type: 'responseSuccessBody', properties: { key, value, message } };
}

/**
 * Fails the test for every code but {@link TASK_NOT_FOUND}. A rule can't say "anything but", and a key may lead to a
 * single character of a text: so these are all others at each place, one too few, and one too many.
 */
function otherCodes(): IAuthenticateRuleResponseSuccessBody[] {
	const { length } = TASK_NOT_FOUND;
	const others = [...TASK_NOT_FOUND].flatMap((right, place) => {
		const characters = CODE_CHARACTERS.filter((character) => character !== right);
		const small = place === 0 ? CODE_CHARACTERS.map((character) => character.toLowerCase()) : [];
		return [...new Set([...characters, ...small])].map((character) => ({ place, character }));
	});
	const tooMany = CODE_CHARACTERS.map((character) => ({ place: length, character }));
	return [{ place: length - 1, character: undefined }, ...others, ...tooMany].map(
		({ place, character }) => failure(`error.code.${place}`, character, NO_TASKS_HERE),
	);
}

/** The credential type, as n8n loads it. */
export class HappyHorseApi implements ICredentialType {
	name = 'happyHorseApi';

	displayName = 'HappyHorse API';

	icon: Icon = {
		light: 'file:../icons/happyhorse.svg',
		dark: 'file:../icons/happyhorse.dark.svg',
	};

	documentationUrl = 'https://github.com/n8n-nodes-happyhorse/n8n-nodes-happyhorse#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description:
				'Create a key at <a href="https://imini.ai/api-keys" target="_blank">imini.ai/api-keys</a>',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: DEFAULT_BASE_URL,
			placeholder: `e.g. ${DEFAULT_BASE_URL}`,
			description:
				'Address of the HappyHorse API, to be changed only for a proxy or another region',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			headers: {
				// Without blanks and quotes around the key, and without the `Bearer` that it is documented with
				Authorization:
					'=Bearer {{$credentials.apiKey.trim().replace(/^["\']|["\']$/g, "").replace(/^Bearer\\s+/i, "").trim()}}',
			},
		},
	};

	// A rule can only say that the test fails, and sees only the body. So everything fails that is not an error of the
	// service, and of those all but the one of a task that is not there: only a key that works gets that far.
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.trim().replace(/\\/+$/, "")}}',
			url: `${TASK_PATH}${MADE_UP_TASK_ID}`,
			ignoreHttpStatusErrors: true,
			// The key goes to this host only
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
		},
		rules: [
			...REFUSALS.flatMap(({ statuses, message }) =>
				statuses.map((status) => failure('error.status', status, message)),
			),
			...['error.code', 'error.status'].flatMap((key) =>
				[undefined, null, ''].map((value) => failure(key, value, NOT_THE_SERVICE)),
			),
			...otherCodes(),
		],
	};
}
