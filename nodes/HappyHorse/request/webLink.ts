// The links of an order: those that the service is to fetch, checked before money is spent on them, and `data:` URLs.
import { invalidInput } from '../domain/failure';
import { DRY_RUN_HOST } from '../domain/task';
import { isPublicAddress } from '../util/links';
import { mustBe } from './badValue';
import { sharePage } from './sharePages';
import { excerpt } from './text';

/** What a link must be: completes "must be …". */
const WEB_LINK = 'a URL that starts with https:// or http://';

/** Characters of a link: more is taken by hardly any server (nginx and Apache stop at 8 kB). */
const LONGEST_LINK = 8192;

/** What to do about a link that the service can't fetch. */
const ELSEWHERE =
	'Choose Binary File as the source, with the file in the input item (the node HTTP Request can fetch it), or put the file somewhere public.';

/** A file itself in place of its link: how n8n names one that it keeps, by where it keeps it; or the content in base64. */
const FILE_ITSELF = /^((filesystem|filesystem-v2|s3|database|azure|default):(?!\/\/)|[\w+/=-]{64})/;
const USE_FILE =
	'This is a file as n8n keeps it, or its content in base64. Choose Binary File as the source, and name the binary field that holds the file; or put data:image/png;base64, before the content of an image.';

/** The link in ASCII: what is ASCII stays byte for byte, since it may be signed. Undefined where it is no link. */
function inAscii(text: string): string | undefined {
	// `new URL` would take `https:///a` for `https://a`, and leave line breaks out
	if (!/^https?:\/\/[^/\\]/i.test(text) || /\p{Cc}/u.test(text)) return undefined;
	try {
		const { href } = new URL(text);
		return /^[\x21-\x7e]*$/.test(text) ? text : href;
	} catch {
		return undefined;
	}
}

/** Which hosts a link may lead to. Anywhere: the service is on a network of its own. A dry run takes links of others. */
export type Reach = 'internet' | 'anywhere' | 'dryRun';

/**
 * The link in a field, as it is to be sent: blanks and letters beyond ASCII percent-encoded. `text` has no blanks around it.
 * @throws Failure when it is no http(s) link, leads to a host beyond `reach`, or opens a page that is known to be about a
 * file.
 */
export function parseWebLink(field: string, text: string, reach: Reach): string {
	if (/^https?:\/\//i.test(text) && text.length > LONGEST_LINK)
		throw mustBe(field, `a URL of at most ${LONGEST_LINK} characters`, text);
	const link = text.length > LONGEST_LINK ? undefined : inAscii(text);
	if (link === undefined)
		throw mustBe(field, WEB_LINK, text, FILE_ITSELF.test(text) ? USE_FILE : undefined);
	const { username, password, host, hostname } = new URL(link);
	if (username !== '' || password !== '') {
		throw invalidInput(
			`${field} holds a user name or password before its @, which is not supported`,
			ELSEWHERE,
		);
	}
	const isOfDryRun = hostname === DRY_RUN_HOST;
	if (isOfDryRun && reach !== 'dryRun') {
		throw invalidInput(
			`${field} comes from a dry run, and leads nowhere`,
			'Turn Dry Run off in the node that the link comes from, or on in this one.',
		);
	}
	if (reach !== 'anywhere' && !isOfDryRun && !isPublicAddress(link)) {
		throw invalidInput(
			`${field} can't be fetched by the service: its host, ${excerpt(host)}, is not on the internet`,
			ELSEWHERE,
		);
	}
	const page = sharePage(link);
	if (page !== undefined)
		throw invalidInput(`${field} opens a page of ${page.site}, not the file itself`, page.advice);
	return link;
}

/** Characters before the comma of a `data:` URL: far more than any type and its parameters take. */
const LONGEST_HEAD = 1000;

/** Whether a link is, or is meant to be, a `data:` URL. */
export const isDataUrl = (text: string): boolean => /^data:/i.test(text);

/**
 * The bytes of a base64 `data:` URL; blanks and line breaks in it do no harm. The work of a moment only where it is not
 * longer than an image may be. @throws Failure when it is none, of no image, or its content is not base64, or lacks a letter.
 */
export function dataUrlBytes(field: string, url: string): Buffer {
	const comma = url.slice(0, LONGEST_HEAD).indexOf(',');
	const head = url.slice(0, Math.max(comma, 0)).toLowerCase();
	if (!head.startsWith('data:image/') || !head.endsWith(';base64')) {
		const rule = `${WEB_LINK}, or a data URL with a base64 image (data:image/…;base64,…)`;
		throw mustBe(field, rule, url);
	}
	const base64 = url.slice(comma + 1).replace(/\s+/g, '');
	const letters = base64.length - (base64.slice(-2).split('=').length - 1);
	const bytes = Buffer.from(base64, 'base64');
	// What is not base64 is left out, and a letter alone makes no byte
	if (letters % 4 === 1 || bytes.length !== Math.floor((letters * 3) / 4)) {
		throw invalidInput(
			`${field} is a data URL whose content is not base64`,
			'Its content was cut or changed on its way: look at what the node before gives.',
		);
	}
	return bytes;
}
