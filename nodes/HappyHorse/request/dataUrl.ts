// `data:` URLs with a base64 image: what they hold.
import { invalidInput } from '../domain/failure';
import { mustBe } from './badValue';

/** Characters before the comma of a `data:` URL: far more than any type and its parameters take. */
const LONGEST_HEAD = 1000;

/** What a link must be: completes "must be …". */
export const WEB_LINK = 'a URL that starts with https:// or http://';

/** What a link to an image must be. */
export const IMAGE_LINK = `${WEB_LINK}, or a data URL with a base64 image (data:image/…;base64,…)`;

/** Whether a link is, or is meant to be, a `data:` URL. */
export function isDataUrl(text: string): boolean {
	return text.slice(0, 'data:'.length).toLowerCase() === 'data:';
}

/** base64 without blanks: its own letters or those for URLs, then the padding. */
const BASE64 = /^[\w+/-]*={0,2}$/;

/**
 * The bytes of a base64 `data:` URL; blanks and line breaks in it do no harm. The work of a moment only where it is not
 * longer than an image may be. @throws Failure when it is none, of no image, or its content is not base64, or lacks a letter.
 */
export function dataUrlBytes(field: string, url: string): Buffer {
	const comma = url.slice(0, LONGEST_HEAD).indexOf(',');
	const head = url.slice(0, Math.max(comma, 0)).toLowerCase();
	if (!head.startsWith('data:image/') || !head.endsWith(';base64')) {
		throw mustBe(field, IMAGE_LINK, url);
	}
	const base64 = url.slice(comma + 1).replace(/\s+/g, '');
	// A letter alone makes no byte
	if (!BASE64.test(base64) || base64.replace(/=+$/, '').length % 4 === 1) {
		throw invalidInput(
			`${field} is a data URL whose content is not base64`,
			'Its content was cut or changed on its way: look at what the node before gives.',
		);
	}
	return Buffer.from(base64, 'base64');
}
