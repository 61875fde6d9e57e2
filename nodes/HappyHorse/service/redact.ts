// The one way in for what a service says: without the key, signatures and files, short, and in one line.
import { withBareLinks } from '../util/bareLinks';

/** Characters that are looked at, at most, before a text is cut to what is kept of it. */
const MOST_READ = 8_000;

/** Characters at the end of a text that was cut there: a secret may have been cut through. */
const UNCLEAR_END = 1_000;

/** Characters of the service's words that are kept. */
const MOST_WORDS = 500;

/** Characters of a code, a time or a model that are kept, at most. */
const MOST_LABEL = 100;

/** Characters of a link, at most: browsers and CDNs take about 8,000. */
const MOST_LINK = 8_000;

/** What an id may be made of: it stands in addresses, messages, log lines and file names. */
const ID = /^[\w.:~@=+-]{1,200}$/;

/** Characters of a key, at least: a shorter one would be found in every text, and is not looked for. */
const SHORTEST_KEY = 8;

/** What a signature is made of, and how long it is at least: shorter ones may be words. */
const SIGNATURE = /[\w+/%-]{12,}/g;

/** A run of base64, plain or for URLs, that is longer than any id or word. */
const BASE64_RUN = /(?:data:[\w/+.-]{1,100};base64,)?[\w+/-]{120,}={0,2}/g;

/** Line breaks, what steers a terminal, and what turns or hides letters. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** There is one for a run: it knows the key, and what orders are signed with. */
export class Redactor {
	private readonly signatures = new Set<string>();

	constructor(private readonly key: string) {}

	/** Adds what is found in no text from now on, e.g. the fields that an upload is signed with. */
	add(...secrets: readonly string[]): void {
		for (const secret of secrets.flatMap((text) => [text, decoded(text)])) {
			for (const [run] of secret.matchAll(SIGNATURE)) this.signatures.add(run);
		}
	}

	/** Adds what web links are signed with. */
	addLinks(...urls: readonly string[]): void {
		for (const url of urls) {
			const start = url.search(/[?#;]/);
			if (start > 0 && /^https?:/i.test(url)) this.add(url.slice(start + 1));
		}
	}

	private withoutKey(text: string): string {
		return this.key.length < SHORTEST_KEY ? text : text.replaceAll(this.key, '…');
	}

	/**
	 * `text` in one line, fit to be shown: without key, signatures, queries of links, base64 and control characters; at
	 * most `most` characters and an ellipsis. Undefined where nothing is left.
	 */
	shown(text: string | undefined, most = MOST_WORDS): string | undefined {
		if (text === undefined) return undefined;
		const isCut = text.length > MOST_READ;
		const line = text.slice(0, MOST_READ).replace(CONTROL, ' ');
		const redacted = withBareLinks(this.withoutKey(line).replace(BASE64_RUN, '…'))
			.replace(SIGNATURE, (run) => (this.signatures.has(run) ? '…' : run))
			.trim();
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
