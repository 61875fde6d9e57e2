// Fields that take several links, names or files: as a list, as JSON, or as text with separators.
import type { IBinaryData } from 'n8n-workflow';
import { invalidInput } from '../domain/failure';
import { fieldOf } from '../util/unknown';
import { mustBe } from './badValue';
import { isBlank, tidy } from './text';
import { parseText } from './values';

/** Entries that are looked at, at most: far more than any order takes. */
const MOST_ENTRIES = 1000;

/** Lists in lists that are looked into. */
const MOST_DEPTH = 8;

/** Separators and brackets in a text, at most of each kind: work is done for every one of them. */
const MOST_SIGNS = 10_000;

/** Characters before the colon of a link: no scheme that anybody uses is longer. */
const LONGEST_SCHEME = 20;

/**
 * The links in a field: a list, also one written as JSON, or text with several, see {@link separateLinks}. An attachment
 * of a table counts as its link. @throws Failure when it holds anything else, or an entry is blank.
 */
export const parseLinks = parserOf('[{,:', separateLinks, linkOfAttachment);

/** The names in a field: a list, also one written as JSON, or text, separated by commas or line breaks. @throws Failure */
export const parseNames = parserOf('[{,\n\r', separateNames, (field, value): never => {
	throw mustBe(field, 'text', value);
});

/** The files in a field: by their names as {@link parseNames} takes them, as they are, or both. @throws Failure */
export const parseFiles = parserOf('[{,\n\r', separateNames, (field, value) => {
	if (isFile(value)) return value;
	throw mustBe(field, 'the name of a binary field, or a file', value);
});

/**
 * What reads a field of several. `signs`: characters of which a text has {@link MOST_SIGNS} at most. `ofObject`: what an
 * object stands for; throws a Failure where that is nothing.
 */
function parserOf<T>(
	signs: string,
	separate: (text: string) => string[],
	ofObject: (field: string, value: object) => T,
) {
	const parse = (field: string, value: unknown, depth = 0, count = { seen: 0 }) => {
		const emptyEntry = (at: number) =>
			// To leave it out would number those behind it anew
			invalidInput(
				`${field} holds a list whose entry ${at + 1} is empty`,
				`Fill it in, or take it out of the list. Correct the field "${field}".`,
			);
		const tooMany = () => mustBe(field, `a list of at most ${MOST_ENTRIES}`, value);
		const isFrequent = (sign: string) =>
			String(value).split(sign, MOST_SIGNS + 2).length > MOST_SIGNS + 1;
		if (typeof value === 'string' && [...signs].some(isFrequent)) throw tooMany();
		const list = Array.isArray(value) ? value : jsonList(value);
		if (list === undefined) {
			if (typeof value === 'object' && value !== null) return [ofObject(field, value)];
			const entries = separate(tidy(parseText(field, value)));
			const filled = entries.filter((entry) => entry !== '');
			// A list of blanks alone is none
			const hasGap = filled.length > 0 && filled.length < entries.length;
			if (hasGap) throw emptyEntry(entries.indexOf(''));
			return filled;
		}
		if (depth === MOST_DEPTH) throw mustBe(field, 'a list without lists in it', value);
		const found: Array<string | T> = [];
		for (const [at, entry] of list.entries()) {
			if (isBlank(entry)) throw emptyEntry(at);
			found.push(...parse(field, entry, depth + 1, count));
			count.seen += 1;
			if (Math.max(count.seen, found.length) > MOST_ENTRIES) throw tooMany();
		}
		return found;
	};
	return (field: string, value: unknown): Array<string | T> => parse(field, value);
}

/** The list that a text is, if it is one in JSON. */
function jsonList(value: unknown): unknown[] | undefined {
	if (typeof value !== 'string' || !tidy(value).startsWith('[')) return undefined;
	try {
		const list: unknown = JSON.parse(tidy(value));
		return Array.isArray(list) ? list : undefined;
	} catch {
		return undefined;
	}
}

/** Whether a value is a file as n8n hands it from node to node, in its storage or as base64: not one of Google Drive. */
export function isFile(value: unknown): value is IBinaryData {
	const [type, data, id] = ['mimeType', 'data', 'id'].map((key) => fieldOf(value, key));
	return typeof type === 'string' && (typeof data === 'string' || /^[\w-]+:/.test(String(id)));
}

/** The link of an attachment as NocoDB, Airtable, Baserow, and Notion (with its two kinds) put it out. */
function linkOfAttachment(field: string, value: object): string {
	if (isFile(value)) {
		throw invalidInput(
			`${field} must be a link, but is a file`,
			'Choose Binary File as the source: the field "Input Binary Field" takes the same expression.',
		);
	}
	const holders = [value, fieldOf(value, 'file'), fieldOf(value, 'external')];
	const links = [fieldOf(value, 'signedUrl'), ...holders.map((one) => fieldOf(one, 'url'))];
	const link = links.find((one) => typeof one === 'string' && !isBlank(one));
	if (typeof link === 'string') return tidy(link);
	const fix = `Name the part of it that is the link, such as $json.photo.src. Correct the field "${field}".`;
	throw mustBe(field, 'text', value, fix);
}

/** Where the link starts whose scheme ends with the colon at `colon`; undefined where that is no link's. */
function linkStart(text: string, colon: number): number | undefined {
	const [scheme = ''] =
		/[a-z\d+.-]*$/i.exec(text.slice(Math.max(0, colon - LONGEST_SCHEME), colon)) ?? [];
	const isLink = /^[a-z]/i.test(scheme) && text.startsWith('//', colon + 1);
	return isLink || scheme.toLowerCase() === 'data' ? colon - scheme.length : undefined;
}

/** One entry, followed by a blank one if more than the one separating comma follows it. */
function withGap(piece: string): string[] {
	let [entry, commas] = [tidy(piece), 0];
	for (; entry.endsWith(','); commas += 1) entry = tidy(entry.slice(0, -1));
	return commas > 1 ? [entry, ''] : [entry];
}

/**
 * The links in a text, separated by line breaks, commas or, behind a link, blanks. All of these separate only where
 * another link follows, so neither a `data:` URL, whose base64 may come in lines, nor a link with commas or blanks in it
 * is cut. Blank where commas have nothing between them, or one stands first.
 */
function separateLinks(text: string): string[] {
	const starts = [0];
	let isBehindLink = false;
	// No colon is in base64: a long `data:` URL is passed over at once
	for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
		const start = linkStart(text, colon);
		if (start === undefined) continue;
		const separator = text.charAt(start - 1);
		const separates: boolean = /[\r\n,]/.test(separator) || (isBehindLink && /\s/.test(separator));
		if (separates) starts.push(start);
		isBehindLink ||= separates || start === 0;
	}
	return starts.flatMap((start, n) => withGap(text.slice(start, starts[n + 1])));
}

/** The names in a text, separated by commas or line breaks; blank ones as in {@link separateLinks}. */
function separateNames(text: string): string[] {
	const pieces = text.split(',');
	return pieces.flatMap((piece, n) => {
		const names = piece.split(/[\r\n]/).map(tidy);
		const named = names.filter((name) => name !== '');
		return named.length > 0 || n === pieces.length - 1 ? named : [''];
	});
}
