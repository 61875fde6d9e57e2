// `data:` URLs with a base64 image: what they hold.
import type { Failure } from '../domain/failure';
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

/** Characters that are decoded at once: about a millisecond of work. */
const SLICE = 256 * 1024;

/**
 * The bytes of the base64 in `text` from `from` on, in pieces. Blanks and line breaks in it do no harm. `invalid` makes
 * the failure that is thrown for anything else, also for characters that are missing; without, such text is read as far as it
 * can be.
 */
export function* decodeBase64(
	text: string,
	from = 0,
	invalid?: () => Failure,
): Generator<Buffer, void> {
	let rest = '';
	let ended = false;
	for (let at = from; at < text.length; at += SLICE) {
		const characters = rest + text.slice(at, at + SLICE).replace(/\s/g, '');
		// The alphabet of URLs too, then the padding, with which it ends
		const wrong = !/^[\w+/-]*=*$/.test(characters) || (ended && /[^=]/.test(characters));
		if (wrong && invalid !== undefined) throw invalid();
		ended ||= characters.endsWith('=');
		const even = characters.length - (characters.length % 4);
		rest = characters.slice(even);
		yield Buffer.from(characters.slice(0, even), 'base64');
	}
	// One character alone makes no byte
	if (rest.length === 1 && invalid !== undefined) throw invalid();
	yield Buffer.from(rest, 'base64');
}
