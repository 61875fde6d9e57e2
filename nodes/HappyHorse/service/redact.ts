// The one way in for what a service says: without the key, signatures and files, short, and in one line.
import { withBareLinks } from '../util/links';

/** Characters that are looked at, at most, and those at the end of them in which a secret may have been cut through. */
const MOST_READ = 8_000;
const UNCLEAR_END = 1_000;

/** Characters that are kept, at most: of the service's words, and of a code, a time or a model. */
const MOST_WORDS = 500;
const MOST_LABEL = 100;

/** Characters of a link, at most: browsers and CDNs take about 8,000. */
const MOST_LINK = 8_000;

/** What an id may be made of: it stands in addresses, messages, log lines and file names. */
const ID = /^[\w.:~@=+-]{1,200}$/;

/** Characters of a key, at least: a shorter one would be found in every text; and of one that is found in any spelling. */
const SHORTEST_KEY = 8;
const SHORTEST_SPELLED = 12;

/** Letters by which a secret is looked for. */
const HEAD = 6;

/** What a signature is made of, and how many letters it has at least: shorter ones may be words. */
const SIGNATURE = /[\w+/%-]+/g;
const SHORTEST_SIGNATURE = 12;

/** A run of base64, plain or for URLs, that is longer than any id or word. */
const BASE64_RUN = /(?:data:[\w/+.-]{1,100};base64,)?[\w+/-]{120,}={0,2}/g;

/** Line breaks, what steers a terminal, and what turns or hides letters. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** A letter or digit, or any character as a URL (at any depth), a JSON or a page may write it. */
const CHARACTER = /(?:%(?:25)*|\\u00|&#x0*)([\da-f]{2});?|&#0*(\d{1,3});|[a-z\d]/gi;

/** The letters and digits of a text, whatever encodes or splits them, and where each begins and ends. */
function lettersOf(text: string) {
	let letters = '';
	const places: Array<readonly [start: number, end: number]> = [];
	for (const { index, 0: written, 1: hex, 2: decimal = NaN } of text.matchAll(CHARACTER)) {
		const code = hex ? parseInt(hex, 16) : Number(decimal);
		const letter = Number.isNaN(code) ? written : String.fromCharCode(code);
		if (!/[a-z\d]/i.test(letter)) continue;
		letters += letter;
		places.push([index, index + written.length]);
	}
	return { letters, places };
}

/** Texts to be found in others, however they are written there. Looks at each character of those a few times. */
class Secrets {
	/** The letters of each, and how many those have that begin alike: tens of thousands may. */
	private readonly known = new Set<string>();
	private readonly lengths = new Map<string, Set<number>>();

	/** Adds a text that has at least `least` letters. */
	add(text: string, least = HEAD): void {
		const { letters } = lettersOf(text);
		if (letters.length < least) return;
		const head = letters.slice(0, HEAD);
		this.known.add(letters);
		this.lengths.set(head, (this.lengths.get(head) ?? new Set()).add(letters.length));
	}

	/** `text` with an ellipsis in place of each. */
	hide(text: string): string {
		const { letters, places } = lettersOf(text);
		let [clean, from] = ['', 0];
		for (let at = 0; at + HEAD <= letters.length; at += 1) {
			const lengths = [...(this.lengths.get(letters.slice(at, at + HEAD)) ?? [])];
			lengths.sort((a, b) => b - a);
			const found = lengths.map((one) => letters.slice(at, at + one));
			const secret = found.find((one) => this.known.has(one));
			if (secret === undefined) continue;
			clean += `${text.slice(from, places[at][0])}…`;
			at += secret.length - 1;
			from = places[at][1];
		}
		return clean + text.slice(from);
	}
}

/** There is one for a run: it knows the key, and what orders are signed with. */
export class Redactor {
	private readonly keys = new Secrets();
	private readonly signatures = new Secrets();

	constructor(private readonly key: string) {
		if (key.length < SHORTEST_SPELLED) return;
		for (const one of [key, Buffer.from(key).toString('hex')]) this.keys.add(one);
		for (const before of [0, 1, 2]) {
			const base64 = Buffer.from(' '.repeat(before) + key).toString('base64');
			// Without the letters in which what stands around it has a part
			this.keys.add(base64.slice(before && before + 1).replace(/.={1,2}$/, ''));
		}
	}

	/** Adds what is found in no text from now on, e.g. the fields that an upload is signed with. */
	add(...secrets: readonly string[]): void {
		for (const [run] of secrets.flatMap((secret) => [...secret.matchAll(SIGNATURE)])) {
			// An ID among them is told alone, too; what is digits may be a time
			const parts = [run, ...run.split(/\/|%2f/i)].filter((one) => /[^\dTZ]/.test(one));
			for (const one of parts) this.signatures.add(one, SHORTEST_SIGNATURE);
		}
	}

	/** Adds what web links are signed with: the values of their parameters. */
	addLinks(...urls: readonly string[]): void {
		for (const url of urls) {
			const start = url.search(/[?#;]/);
			const values = url.slice(start + 1).replace(/(?<![^&#?;])[\w-]+=(?=[^=&])/g, '');
			if (start > 0 && /^https?:/i.test(url)) this.add(values);
		}
	}

	private withoutKey(text: string): string {
		return this.keys.hide(this.key.length < SHORTEST_KEY ? text : text.replaceAll(this.key, '…'));
	}

	/**
	 * `text` in one line, fit to be shown: without key, signatures, queries of links, base64 and control characters; at
	 * most `most` characters and an ellipsis. Undefined where nothing is left.
	 */
	shown(text: string | undefined, most = MOST_WORDS): string | undefined {
		if (text === undefined) return undefined;
		const isCut = text.length > MOST_READ;
		const line = text.slice(0, MOST_READ).replace(CONTROL, ' ');
		const bare = withBareLinks(this.withoutKey(line).replace(BASE64_RUN, '…'));
		const redacted = this.signatures.hide(bare).trim();
		const clean = isCut ? redacted.slice(0, -UNCLEAR_END) : redacted;
		return clean.length > most || isCut ? `${clean.slice(0, most)}…` : clean || undefined;
	}

	/** A code, a time or the name of a model, {@link shown} as a short text. */
	label(text: string | undefined): string | undefined {
		return this.shown(text, MOST_LABEL);
	}

	/** An id of the service; undefined where there is none, or it is too long, made of other characters, or holds the key. */
	id(id: string | undefined): string | undefined {
		const bare = id?.trim() ?? '';
		const isSafe = ID.test(bare) && !bare.includes('..') && this.withoutKey(bare) === bare;
		return isSafe ? bare : undefined;
	}

	/** An http(s) link without the key; undefined where a value is none. Relative ones lead nowhere. */
	link(value: unknown): string | undefined {
		if (typeof value !== 'string' || value.length > MOST_LINK) return undefined;
		const text = value.trim();
		if (!/^https?:\/\/[^/\s]/i.test(text) || !URL.canParse(text)) return undefined;
		return this.withoutKey(/^[\x21-\x7e]+$/.test(text) ? text : new URL(text).href);
	}
}
