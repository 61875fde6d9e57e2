// `data:` URLs with a base64 image: what they hold.
import { invalidInput } from '../failure';
import { mustBe } from './badValue';
import { decodeBase64 } from './base64';

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

/**
 * The bytes of a base64 `data:` URL, in pieces. @throws Failure when it is none, or of no image; while it is read, also
 * when its content is not base64.
 */
export function dataUrlBytes(field: string, url: string): Iterable<Buffer> {
	const comma = url.slice(0, LONGEST_HEAD).indexOf(',');
	const head = url.slice(0, Math.max(comma, 0)).toLowerCase();
	if (!head.startsWith('data:image/') || !head.endsWith(';base64')) {
		throw mustBe(field, IMAGE_LINK, url);
	}
	return decodeBase64(url, comma + 1, () =>
		invalidInput(
			`${field} is a data URL whose content is not base64`,
			'Its content was cut or changed on its way: look at what the node before gives.',
		),
	);
}
