// What a credential holds, checked before anything is sent with it.
import type { CredentialProblem } from './service';
import { textOf } from './http/stream';

/** A field of a credential, fit for use, or what is wrong with it. */
export type Checked<
	Problem extends CredentialProblem = 'baseUrl' | 'userInUrl' | 'page' | 'noKey' | 'key',
> =
	| { readonly ok: true; readonly value: string }
	| { readonly ok: false; readonly problem: Problem };

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

/** `text` without the slashes at its end. */
function withoutEndSlashes(text: string): string {
	let end = text.length;
	while (text[end - 1] === '/') end -= 1;
	return text.slice(0, end);
}

/** The base URL without slashes at its end. */
export function checkedBaseUrl(value: unknown): Checked {
	const text = withoutEndSlashes(typeof value === 'string' ? value.trim() : '');
	if (!/^https?:\/\/[^/\s]/i.test(text) || !URL.canParse(text))
		return { ok: false, problem: 'baseUrl' };
	const { username, password } = new URL(text);
	// The HTTP client would send these in place of the key
	if (username !== '' || password !== '') return { ok: false, problem: 'userInUrl' };
	if (/[?#]/.test(text)) return { ok: false, problem: 'page' };
	return { ok: true, value: text };
}

/** The key, fit for a header. */
export function checkedKey(value: unknown): Checked {
	const key = bareKey(value);
	if (key === '') return { ok: false, problem: 'noKey' };
	return KEY.test(key) ? { ok: true, value: key } : { ok: false, problem: 'key' };
}
