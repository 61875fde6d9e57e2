// What is kept of an answer beside its meaning: every text of a service is cleaned and cut here, where it enters.
import type { Details } from '../domain/task';
import type { Exchange } from './http/http';
import { NO_CODE } from './http/neverSent';
import type { Redactor } from './redact';

/** Characters of a code, a time or a model that are kept, at most. */
export const MOST_CODE = 100;

/** Characters of a link, at most: browsers and CDNs take about 8,000. */
const MOST_LINK = 8_000;

/** What an id may be made of: it stands in addresses, messages, log lines and file names. */
const ID = /^[\w.:~@=+-]{1,200}$/;

/** An id of the service; undefined where there is none, or it is too long, made of other characters, or holds the key. */
export function validId(id: string | undefined, redactor: Redactor): string | undefined {
	const bare = id?.trim() ?? '';
	const isSafe = ID.test(bare) && !bare.includes('..') && redactor.withoutKey(bare) === bare;
	return isSafe ? bare : undefined;
}

/** An http(s) link without the key; undefined where a value is none. Relative ones lead nowhere. */
export function validLink(value: unknown, redactor: Redactor): string | undefined {
	if (typeof value !== 'string' || value.length > MOST_LINK) return undefined;
	const text = value.trim();
	if (!/^https?:\/\/[^/\s]/i.test(text) || !URL.canParse(text)) return undefined;
	return redactor.withoutKey(/^[\x21-\x7e]+$/.test(text) ? text : new URL(text).href);
}

/** What is known of an exchange that brought nothing in the service's own form. */
export function detailsOfExchange(exchange: Exchange, redactor: Redactor): Details {
	if (exchange.kind === 'proxy') return { httpStatus: exchange.status };
	if (exchange.kind === 'unsendable') {
		const code = exchange.code === NO_CODE ? undefined : exchange.code;
		return { code, text: redactor.shown(exchange.text) };
	}
	if (exchange.kind !== 'answer') return { code: exchange.code };
	const text = redactor.shown(pageText(exchange.text));
	return { httpStatus: exchange.status, code: exchange.broken, text };
}

/** Characters of an answer that are looked at, at most: what a gateway has to say stands at the beginning. */
const MOST_READ = 32_000;

/** What a page says, e.g. a gateway's error page: its title, or its text without tags; undefined when there is none. */
export function pageText(text: string): string | undefined {
	const page = text.slice(0, MOST_READ);
	const [, title] = /<title[^<>]*>([^<]+)/i.exec(page) ?? [];
	const words = (title ?? page.replace(/<[^<>]*>/g, ' ')).replace(/\s+/g, ' ').trim();
	return words === '' ? undefined : words;
}
