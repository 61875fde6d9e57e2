// Keeps key, prompts, signed links and files out of every text that is shown, logged or saved, and every text short.

/** Characters that are looked at, at most, before a text is cut to what is kept of it. */
const MOST_READ = 8_000;

/** Characters of the service's words that are kept. */
const MOST_WORDS = 500;

/** Characters of a secret, at least: a shorter one would be found in every text, and is not looked for. */
export const LEAST_SECRET = 8;

/** As many letters of a secret in a row are never chance: they count anywhere, a shorter secret as whole words. */
const TELLING = 20;

/** One word with a digit in it, as keys are: never a part of another word by chance. */
const LIKE_A_KEY = /^[^\s\d]*\d\S*$/;

/** A run of base64, plain or for URLs, that is longer than any id or word. */
const BASE64_RUN = /(?:data:[\w/+.-]{1,100};base64,)?[\w+/-]{120,}={0,2}/g;

/** Where a link stands, and what ends it, in a sentence, a page or a JSON. */
const LINK = /(?::|%3a)(?:\\?\/|%2f){2}/gi;
const AFTER_LINK = /[\s"'<>)]|\\(?![/u])/g;

/** What a link's query begins with: also as a page, a URL or a JSON writes it. */
const QUERY = /\?|%3f|&#63;|\\u003f/i;

/** A piece of a text, from its first index to behind its last. */
type Piece = readonly [from: number, to: number];

/** What of a list of secrets is looked for. Its order does not matter. */
interface Wanted {
	/** Shorter than {@link TELLING}: letters and digits alone, in lower case. */
	readonly words: ReadonlySet<string>;
	/** Every run of {@link TELLING} letters of the others. */
	readonly runs: ReadonlySet<string>;
	/** Looked for as they are, anywhere: what has no letter, and what looks like a key. */
	readonly marks: readonly string[];
}

const wantedOf = new WeakMap<readonly string[], Wanted>();

/** Made once for each list of secrets: that of a long prompt takes some ms. */
function wanted(secrets: readonly string[]): Wanted {
	const known = wantedOf.get(secrets);
	if (known !== undefined) return known;
	const words = new Set<string>();
	const runs = new Set<string>();
	const marks: string[] = [];
	for (const secret of secrets.map((text) => text.trim())) {
		if (secret.length < LEAST_SECRET) continue;
		if (LIKE_A_KEY.test(secret)) marks.push(secret);
		for (const { letters } of plainLetters(secret)) {
			if (letters === '') marks.push(secret);
			else if (letters.length < TELLING) words.add(letters);
			for (let at = 0; at + TELLING <= letters.length; at += 1)
				runs.add(letters.slice(at, at + TELLING));
		}
	}
	const made = { words, runs, marks };
	wantedOf.set(secrets, made);
	return made;
}

/** The pieces of a text that are, or have much of, a secret, in one reading of it; they may overlap. */
function secretPieces({ letters, starts, ends }: PlainLetters, { words, runs }: Wanted): Piece[] {
	const pieces: Piece[] = [];
	if (runs.size > 0) {
		for (let at = 0; at + TELLING <= letters.length; at += 1) {
			if (runs.has(letters.slice(at, at + TELLING)))
				pieces.push([starts[at], ends[at + TELLING - 1]]);
		}
	}
	// Whether a word begins or ends there
	const edge = (at: number) => at <= 0 || at >= letters.length || ends[at - 1] < starts[at];
	for (const word of words) {
		for (let at = letters.indexOf(word); at >= 0; at = letters.indexOf(word, at + word.length)) {
			const end = at + word.length;
			if (edge(at) && edge(end)) pieces.push([starts[at], ends[end - 1]]);
		}
	}
	return pieces;
}

/** The text with an ellipsis in place of each of the pieces, whatever their order. */
function withoutPieces(text: string, pieces: readonly Piece[]): string {
	let clean = '';
	let at = 0;
	for (const [from, to] of [...pieces].sort(([a], [b]) => a - b)) {
		if (from > at || at === 0) clean += `${text.slice(at, from)}…`;
		at = Math.max(at, to);
	}
	return clean + text.slice(at);
}

/** The text with an ellipsis in place of what stands behind the question mark of each link: it may be a signature. */
function withoutQueries(text: string): string {
	let clean = '';
	let at = 0;
	for (const { index } of text.matchAll(LINK)) {
		if (index < at) continue;
		AFTER_LINK.lastIndex = index;
		const end = AFTER_LINK.exec(text)?.index ?? text.length;
		const link = text.slice(index, end);
		const query = QUERY.exec(link);
		const kept = query === null ? link : `${link.slice(0, query.index + query[0].length)}…`;
		clean += text.slice(at, index) + kept;
		at = end;
	}
	return clean + text.slice(at);
}

/** Characters before the end of what is read that may be the beginning of a secret: each letter may be an escape of six. */
const UNCLEAR_END = 6 * TELLING;

/**
 * `text` without any of `secrets`, however they were quoted, also where only a part of them was. Of a text of more than
 * `most` characters only the beginning is looked at and left. A secret of fewer than 8 characters is not looked for.
 */
export function withoutSecrets(text: string, secrets: readonly string[], most = MOST_READ): string {
	const read = text.slice(0, most);
	const end = text.length <= most ? most : most - UNCLEAR_END;
	const looked = wanted(secrets);
	const pieces = plainLetters(read)
		.flatMap((reading) => secretPieces(reading, looked))
		.filter(([from]) => from < end);
	const clean = withoutPieces(read.slice(0, end), pieces);
	return looked.marks.reduce((rest, mark) => rest.split(mark).join('…'), clean);
}

/**
 * `text` fit to be shown: without any of `secrets`, without signatures of links, without base64, at most `most`
 * characters (500) and an ellipsis.
 */
export function cleanText(
	text: string,
	secrets: readonly string[],
	most: number = MOST_WORDS,
): string {
	const clean = withoutQueries(withoutSecrets(text, secrets).replace(BASE64_RUN, '…')).trim();
	const whole = clean.length <= most && text.length <= MOST_READ;
	return whole ? clean : `${clean.slice(0, most)}…`;
}

/** What a link is signed with, to be kept out of texts like a prompt; undefined where it is not signed, or no web link. */
export function querySecret(link: string): string | undefined {
	const start = link.indexOf('?');
	return /^https?:/i.test(link) && start > 0 ? link.slice(start + 1) : undefined;
}

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

/** What links are signed with. */
export function signaturesOf(links: ReadonlyArray<{ readonly url: string }>): string[] {
	return links.flatMap(({ url }) => querySecret(url) ?? []);
}

/** What no text may quote, by the list of a job: always the same one, since it is compiled once. */
export class OrderSecrets {
	private readonly all = new WeakMap<readonly string[], readonly string[]>();

	constructor(private readonly key: string) {}

	/** The key, the job's own, and what was added to them. */
	of(secrets: readonly string[]): readonly string[] {
		return this.all.get(secrets) ?? this.add(secrets, []);
	}

	/** Adds what an order is sent with, for its answer and all queries about its task. */
	add(secrets: readonly string[], more: readonly string[]): readonly string[] {
		const all = [this.key, ...secrets, ...more];
		this.all.set(secrets, all);
		return all;
	}
}
