// Keeps the key, signatures and files out of every text that is shown, logged or saved, and keeps every text short.
import { withBareLinks } from '../util/bareLinks';

/** Characters that are looked at, at most, before a text is cut to what is kept of it. */
const MOST_READ = 8_000;

/** Characters at the end of a text that was cut there: a secret may have been cut through. */
const UNCLEAR_END = 1_000;

/** Characters of the service's words that are kept. */
const MOST_WORDS = 500;

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

/** The one way in for texts of a service. There is one for a run: it knows the key, and what orders are signed with. */
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
	addLinks(links: ReadonlyArray<{ readonly url: string }>): void {
		for (const { url } of links) {
			const start = url.search(/[?#;]/);
			if (start > 0 && /^https?:/i.test(url)) this.add(url.slice(start + 1));
		}
	}

	/** The text with an ellipsis in place of the key. */
	withoutKey(text: string): string {
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
}
