// Several links or names in one text, found in one pass.
import { tidy } from './text';

/** Characters before the colon of a link: no scheme that anybody uses is longer. */
const LONGEST_SCHEME = 20;

/** Characters of a field with names: more than any name of a field has. */
const LONGEST_NAMES = 100_000;

function isSchemeCharacter(text: string, at: number): boolean {
	return /[a-z\d+.-]/i.test(text.charAt(at));
}

/** A list that holds anything; one of blanks alone is none. */
function unlessBlank(entries: string[]): string[] {
	return entries.some((entry) => entry !== '') ? entries : [];
}

/** One entry, and a blank one where more than the one comma stands behind it that separates it from the next. */
function withGap(piece: string): string[] {
	const entry = tidy(piece, ',');
	const behind = piece.slice(piece.indexOf(entry) + entry.length);
	return behind.indexOf(',') === behind.lastIndexOf(',') ? [entry] : [entry, ''];
}

/** Where the link starts whose scheme ends with the colon at `colon`; undefined where that is no link's. */
function linkStart(text: string, colon: number): number | undefined {
	let start = colon;
	while (start > colon - LONGEST_SCHEME && isSchemeCharacter(text, start - 1)) start -= 1;
	const scheme = text.slice(start, colon).toLowerCase();
	const isLink = /^[a-z]/.test(scheme) && text.startsWith('//', colon + 1);
	return isLink || scheme === 'data' ? start : undefined;
}

/**
 * The links in a text, separated by line breaks, commas or, behind a link, blanks. All of these separate only where
 * another link follows, so neither a `data:` URL, whose base64 may come in lines, nor a link with commas or blanks in it
 * is cut. Blank where commas have nothing between them, or one stands first. Few more than `most`.
 */
export function separateLinks(text: string, most: number): string[] {
	const links = tidy(text);
	const starts = [0];
	let behindLink = false;
	let colon = links.indexOf(':');
	// No colon is in base64: a long `data:` URL is passed over at once
	for (; colon !== -1 && starts.length <= most; colon = links.indexOf(':', colon + 1)) {
		const start = linkStart(links, colon);
		if (start === undefined) continue;
		const separator = links.charAt(start - 1);
		const separates: boolean = /[\r\n,]/.test(separator) || (behindLink && /\s/.test(separator));
		if (separates) starts.push(start);
		behindLink ||= separates || start === 0;
	}
	return unlessBlank(starts.flatMap((start, n) => withGap(links.slice(start, starts[n + 1]))));
}

/** The names in a text, separated by commas or line breaks; blank ones as in {@link separateLinks}. */
export function separateNames(text: string, most: number): string[] {
	// Nobody means it: one name, which no field has
	if (text.length > LONGEST_NAMES) return [text];
	const pieces = tidy(text).split(',');
	const entries = pieces.flatMap((piece, n) => {
		const names = piece.split(/[\r\n]/).map((name) => tidy(name));
		const named = names.filter((name) => name !== '');
		return named.length > 0 || n === pieces.length - 1 ? named : [''];
	});
	return unlessBlank(entries).slice(0, most + 1);
}
