// What a credential holds, checked before anything is sent with it.
import { textOf } from './http/answer';

/** What can be wrong with a credential before anything is sent with it, and what to do about it. */
export const CREDENTIAL_PROBLEMS = {
	missing: {
		message: 'No HappyHorse credential was chosen when this ran, or it could not be read',
		fix: 'Open the node, choose the credential, and run it again.',
	},
	baseUrl: {
		message: 'The Base URL of the HappyHorse credential is not a valid URL',
		fix: 'Correct it in the credential: it must start with https:// (or http://).',
	},
	userInUrl: {
		message:
			'The Base URL of the HappyHorse credential holds a user name or password before its @, which is not supported',
		fix: 'Remove that from the Base URL: the API key alone says who you are.',
	},
	page: {
		message:
			'The Base URL of the HappyHorse credential has a ? or # in it, as the address of a web page has',
		fix: 'Correct it in the credential: it is the address of the service, not that of a page in the browser.',
	},
	noKey: {
		message: 'The API key of the HappyHorse credential is empty',
		fix: 'Put the API key into the credential.',
	},
	key: {
		message: 'The API key of the HappyHorse credential has a character in it that no API key has',
		fix: 'Copy the whole key again into the credential: a shortened one with dots in it, a blank or a line break is not the key.',
	},
	region: {
		message: 'The Region of the HappyHorse credential is none of those that can be chosen',
		fix: 'Choose one in the credential.',
	},
	workspace: {
		message:
			'The Workspace ID of the HappyHorse credential is missing, or has a character in it that none has',
		fix: 'Copy it from the console of Model Studio into the credential: hosts of this Region begin with it.',
	},
} as const;

/** One of {@link CREDENTIAL_PROBLEMS}. */
export type CredentialProblem = keyof typeof CREDENTIAL_PROBLEMS;

/** What is made of a credential or of a field of it, or what is wrong with that. */
export type Checked<T> =
	| { readonly ok: true; readonly value: T }
	| { readonly ok: false; readonly problem: CredentialProblem };

/** What an HTTP header takes of a key: printable ASCII without blanks. */
const KEY = /^[\x21-\x7e]*$/;

/**
 * The key as it is meant: without blanks and quotes around it, and without the `Bearer` that it is documented with. The
 * credential's own expressions do the same.
 */
function bareKey(value: unknown): string {
	return textOf(value)
		.trim()
		.replace(/^["']|["']$/g, '')
		.replace(/^Bearer(?:\s+|$)/i, '')
		.trim();
}

/** The base URL without slashes at its end. */
export function checkedBaseUrl(value: unknown): Checked<string> {
	const text = typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
	if (!/^https?:\/\/[^/\s]/i.test(text) || !URL.canParse(text))
		return { ok: false, problem: 'baseUrl' };
	const { username, password } = new URL(text);
	// The HTTP client would send these in place of the key
	if (username !== '' || password !== '') return { ok: false, problem: 'userInUrl' };
	if (/[?#]/.test(text)) return { ok: false, problem: 'page' };
	return { ok: true, value: text };
}

/** The key, fit for a header. */
export function checkedKey(value: unknown): Checked<string> {
	const key = bareKey(value);
	if (key === '') return { ok: false, problem: 'noKey' };
	return KEY.test(key) ? { ok: true, value: key } : { ok: false, problem: 'key' };
}
