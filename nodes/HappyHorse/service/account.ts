// What a credential holds, checked before anything is sent with it.
import type { IAuthenticateGeneric } from 'n8n-workflow';

/** Characters of a Base URL, at most: what browsers and proxies take for sure. */
const MOST_URL_LENGTH = 2000;

/** What can be wrong with a credential before anything is sent with it, and what to do about it. */
const PROBLEMS = {
	missing: {
		message: 'No HappyHorse credential was chosen when this ran, or it could not be read',
		fix: 'Open the node, choose the credential, and run it again.',
	},
	baseUrl: {
		message: 'The Base URL of the HappyHorse credential is not a valid URL',
		fix: `Correct it in the credential: it must start with https:// (or http://), have at most ${MOST_URL_LENGTH} characters, and hold no blank or invisible one.`,
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
		message: 'The API key of the HappyHorse credential has a character or length that no key has',
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

/** A credential that nothing can be sent with. As a text, it says what to do as well. */
export class CredentialProblem extends Error {
	/** What to do about it, a whole sentence. */
	readonly fix: string;

	constructor(problem: keyof typeof PROBLEMS) {
		super(PROBLEMS[problem].message);
		this.fix = PROBLEMS[problem].fix;
	}

	override toString(): string {
		return `${this.message}. ${this.fix}`;
	}
}

/** What an HTTP header takes of a key: printable ASCII without blanks, and not more than servers read. */
const KEY = /^[\x21-\x7e]{0,4000}$/;

/** The base URL without slashes at its end. @throws CredentialProblem */
export function parseBaseUrl(value: unknown): string {
	const isText = typeof value === 'string' && value.length <= MOST_URL_LENGTH;
	const text = isText ? value.trim().replace(/\/+$/, '') : '';
	if (!/^https?:\/\/[^/\s\p{C}][^\s\p{C}]*$/iu.test(text) || !URL.canParse(text))
		throw new CredentialProblem('baseUrl');
	const { username, password } = new URL(text);
	// The HTTP client would send these in place of the key
	if (username !== '' || password !== '') throw new CredentialProblem('userInUrl');
	if (/[?#]/.test(text)) throw new CredentialProblem('page');
	return text;
}

/**
 * The key as it is meant: without blanks and quotes around it, and without the `Bearer` that it is documented with.
 * @throws CredentialProblem where it does not fit a header
 */
export function parseKey(value: unknown): string {
	const key = String(value ?? '')
		.trim()
		.replace(/^["']|["']$/g, '')
		.replace(/^Bearer(?:\s+|$)/i, '')
		.trim();
	if (key === '') throw new CredentialProblem('noKey');
	if (!KEY.test(key)) throw new CredentialProblem('key');
	return key;
}

/** How n8n adds the key of a credential to a request: as {@link parseKey} reads it. */
export const AUTHENTICATE: IAuthenticateGeneric = {
	type: 'generic',
	properties: {
		headers: {
			Authorization:
				'=Bearer {{$credentials.apiKey.trim().replace(/^["\']|["\']$/g, "").replace(/^Bearer\\s+/i, "").trim()}}',
		},
	},
};
