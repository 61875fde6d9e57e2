// A text as its letters and digits alone, however its blanks, quotes and special characters were written.

/** Letters and digits of a text, in lower case, and where each of them came from. */
export interface PlainLetters {
	readonly letters: string;
	/** For each UTF-16 unit of `letters`: where it begins and ends in the text. */
	readonly starts: readonly number[];
	readonly ends: readonly number[];
}

/** One character of a text: as it is meant, and its length as it is written. */
interface Written {
	/** Undefined for what separates words. */
	readonly meant: string | undefined;
	readonly length: number;
}

const LETTER = /^[\p{L}\p{N}\p{M}]$/u;

/** ASCII, which most texts are, without the regular expression. */
function isLetter(character: string): boolean {
	const code = character.charCodeAt(0);
	if (code >= 128) return LETTER.test(character);
	return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** Each begins at its first character and has one bounded run: `\u00e9`, `\n`, `%20`, `&#39;`, `&#x27;`, `&amp;`. */
const ESCAPES: ReadonlyArray<[form: RegExp, meant: (digits: string) => string | undefined]> = [
	[/\\{1,4}u([\da-f]{4})/iy, (digits) => String.fromCharCode(parseInt(digits, 16))],
	[/\\{1,4}[a-z"'/]?/y, () => undefined],
	[/%([\da-f]{2})/iy, (digits) => String.fromCharCode(parseInt(digits, 16))],
	[/&#x([\da-f]{1,4});/iy, (digits) => String.fromCharCode(parseInt(digits, 16))],
	[/&#(\d{1,5});/y, (digits) => String.fromCharCode(Number(digits))],
	[/&[a-z]{2,8};/iy, () => undefined],
];

/** The characters that an escape begins with. */
const MAY_HAVE_ESCAPES = /[\\&%]/;

function escaped(text: string, at: number): Written | undefined {
	const character = text[at];
	if (character !== '\\' && character !== '&' && character !== '%') return undefined;
	for (const [form, meant] of ESCAPES) {
		form.lastIndex = at;
		const found = form.exec(text);
		if (found !== null) return { meant: meant(found[1] ?? ''), length: found[0].length };
	}
	return undefined;
}

function letter(text: string, at: number): Written {
	const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
	return { meant: character, length: character.length };
}

/** Each reading looks at each character once. */
function read(text: string, writtenAt: (text: string, at: number) => Written): PlainLetters {
	let letters = '';
	const starts: number[] = [];
	const ends: number[] = [];
	for (let at = 0; at < text.length; ) {
		const { meant, length } = writtenAt(text, at);
		if (meant !== undefined && isLetter(meant)) {
			const lower = meant.toLowerCase();
			letters += lower;
			for (let unit = 0; unit < lower.length; unit += 1) {
				starts.push(at);
				ends.push(at + length);
			}
		}
		at += length;
	}
	return { letters, starts, ends };
}

/**
 * What a page, a URL or another JSON makes of a text changes nothing about its letters. There are two readings of a text
 * that has what looks like escapes: as they are meant, and as they stand there.
 */
export function plainLetters(text: string): PlainLetters[] {
	const plain = read(text, letter);
	if (!MAY_HAVE_ESCAPES.test(text)) return [plain];
	return [plain, read(text, (from, at) => escaped(from, at) ?? letter(from, at))];
}
