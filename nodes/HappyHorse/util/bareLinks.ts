// Links as people may read them: without a user and a password, and without what they may be signed with.

/** What stands before a link's host, and what ends a link, in a sentence, a page or a JSON. */
const START = /(?::|%3a)(?:\\?\/|%2f){2}/gi;
const END = /[\s"'<>)]|\\(?![/u])/g;

/** A user and a password before a host. */
const USER = /^(?:(?![/?#\\]|%2f).)*(?:@|%40)/i;

/** What a link's query, fragment or parameters begin with: also as a page, a URL or a JSON writes it. */
const QUERY = /[?#;]|%3f|%23|%3b|\\u003f/i;

/** What follows `://`, with an ellipsis in place of a user, and of what may be a signature. */
function bare(rest: string): string {
	const query = QUERY.exec(rest);
	const kept = query === null ? rest : `${rest.slice(0, query.index + query[0].length)}…`;
	return kept.replace(USER, '…@');
}

/** A text that is one link, fit to be shown. */
export function bareLink(link: string): string {
	const host = link.indexOf('://') + 3;
	return link.slice(0, host) + bare(link.slice(host));
}

/** The text with each of its links fit to be shown. Looks at each character a few times. */
export function withBareLinks(text: string): string {
	let clean = '';
	let at = 0;
	for (const { index, 0: start } of text.matchAll(START)) {
		if (index < at) continue;
		const host = index + start.length;
		END.lastIndex = host;
		const end = END.exec(text)?.index ?? text.length;
		clean += text.slice(at, host) + bare(text.slice(host, end));
		at = end;
	}
	return clean + text.slice(at);
}
