// What a credential holds, checked before anything is sent with it.
import type { Failure, Result } from '../failure';
import { failed, invalidCredential, invalidInput, succeeded } from '../failure';
import { textOf } from './stream';

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
		.replace(/^Bearer\s+/i, '')
		.trim();
}

/** `text` without the slashes at its end. */
function withoutEndSlashes(text: string): string {
	let end = text.length;
	while (text[end - 1] === '/') end -= 1;
	return text.slice(0, end);
}

/** Why a Base URL is none. */
function badBaseUrl(what: string): Failure {
	return invalidCredential(`The Base URL of the HappyHorse credential ${what}`);
}

/** The base URL without slashes at its end. */
export function checkedBaseUrl(value: unknown): Result<string> {
	const text = withoutEndSlashes(typeof value === 'string' ? value.trim() : '');
	if (!/^https?:\/\/[^/\s]/i.test(text) || !URL.canParse(text))
		return failed(badBaseUrl('is not a valid URL'));
	const { username, password } = new URL(text);
	// The HTTP client would send these in place of the key
	if (username !== '' || password !== '')
		return failed(badBaseUrl('holds a user name or password before its @, which is not supported'));
	return succeeded(text);
}

/** The key, fit for a header; an empty one is the service's to judge. */
export function checkedKey(value: unknown): Result<string> {
	const key = bareKey(value);
	if (KEY.test(key)) return succeeded(key);
	return failed(
		invalidInput(
			'The API key of the HappyHorse credential has a character in it that no API key has',
			'Copy the whole key again into the credential: a shortened one with dots in it, a blank or a line break is not the key.',
		),
	);
}
