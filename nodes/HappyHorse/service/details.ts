// What is kept of an answer beside its meaning: every text of a service is cleaned and cut here, where it enters.
import type { Details } from '../domain/task';
import type { Exchange } from './http/exchange';
import { NO_CODE } from './http/neverLeft';
import { LEAST_SECRET, cleanText, withoutSecrets } from './redact';

/** Characters of a code, an id, a time or a model that are kept, at most. */
const MOST_CODE = 100;
const MOST_ID = 200;

/** Characters of a link, at most: browsers and CDNs take about 8,000. */
const MOST_LINK = 8_000;

/** Characters of a page that are searched for secrets before its tags are taken away. */
const MOST_PAGE = 32_000;

/** What an id may be made of: it stands in an address, in messages and in file names. */
const ID = /^[\w.:~@=+-]{1,200}$/;

/** A code of the service, fit to be shown; undefined where there is none. */
export function cleanCode(text: string | undefined, secrets: readonly string[]) {
	return cleanText(text ?? '', secrets, MOST_CODE) || undefined;
}

/** An id of the service that is only shown; undefined where there is none. */
export function cleanId(text: string | undefined, secrets: readonly string[]) {
	return cleanText(text ?? '', secrets, MOST_ID) || undefined;
}

/** Words of the service, fit to be shown; undefined where there are none. */
export function cleanWords(text: string | undefined, secrets: readonly string[]) {
	return cleanText(text ?? '', secrets) || undefined;
}

/** A task id that can be asked about; undefined where it is too long, is made of other characters, or holds the key. */
export function usableId(id: string, key: string | undefined): string | undefined {
	const hasKey = key !== undefined && key.length >= LEAST_SECRET && id.includes(key);
	return ID.test(id) && !id.includes('..') && !hasKey ? id : undefined;
}

/** An http(s) link without the key; undefined where a value is none. Relative ones lead nowhere. */
export function usableLink(value: unknown, key: string | undefined): string | undefined {
	if (typeof value !== 'string' || value.length > MOST_LINK) return undefined;
	const text = value.trim();
	if (!/^https?:\/\/[^/\s]/i.test(text) || !URL.canParse(text)) return undefined;
	const link = /\s/.test(text) ? new URL(text).href : text;
	return key !== undefined && key.length >= LEAST_SECRET ? link.replaceAll(key, '…') : link;
}

/** What is known of an exchange that brought nothing in the service's own form. */
export function detailsOfExchange(exchange: Exchange, secrets: readonly string[]): Details {
	if (exchange.kind === 'proxy') return { httpStatus: exchange.status };
	if (exchange.kind === 'unsendable') {
		const code = exchange.code === NO_CODE ? undefined : exchange.code;
		return { code, text: cleanWords(exchange.text, secrets) };
	}
	if (exchange.kind !== 'answer') return { code: exchange.code };
	// First the secrets: what looks like a tag in a prompt would go with the tags, and the rest would stay
	const words = plainWords(withoutSecrets(exchange.text, secrets, MOST_PAGE));
	return {
		httpStatus: exchange.status,
		code: exchange.broken,
		text: cleanWords(words, secrets),
	};
}

/** Characters of an answer that are looked at, at most: what a gateway has to say stands at the beginning. */
const MOST_READ = 32_000;

/** Elements whose content is not for reading. */
const UNREADABLE = ['script', 'style'];

/** The index behind the tag that begins at `start` of `lower`, with what is not for reading; -1 where it never ends. */
function endOfTag(lower: string, start: number): number {
	const element = UNREADABLE.find((name) => lower.startsWith(name, start + 1));
	const from = element === undefined ? start : lower.indexOf(`</${element}`, start);
	const end = from < 0 ? -1 : lower.indexOf('>', from);
	return end < 0 ? -1 : end + 1;
}

/**
 * The text of a page without its tags, e.g. a gateway's error page; undefined when there is none. Looks at each
 * character once, and at the first 32,000 of them.
 */
export function plainWords(text: string): string | undefined {
	const page = text.slice(0, MOST_READ);
	const lower = page.toLowerCase();
	const parts: string[] = [];
	let at = 0;
	// Lower case may be longer, e.g. of a dotted capital I: then its places are not the page's
	for (const source = lower.length === page.length ? lower : page; at < page.length; ) {
		const start = source.indexOf('<', at);
		const end = start < 0 ? -1 : endOfTag(source, start);
		if (end < 0) break;
		parts.push(page.slice(at, start));
		at = end;
	}
	const words = [...parts, page.slice(at)].join(' ').replace(/\s+/g, ' ').trim();
	return words === '' ? undefined : words;
}
