// Base64 decoded in slices, so that megabytes are never turned over in one stretch.
import type { Failure } from '../failure';

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
