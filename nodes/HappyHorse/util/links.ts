// Links: whether a service on the internet can fetch one, and how people may read it.

/** IPv4 ranges that are not on the internet: RFC 1918, 5737, 6598, 6890 and 7526, multicast and beyond. */
const PRIVATE_IPV4 =
	/^(0|10|127|169\.254|192\.168|192\.0\.[02]|192\.88\.99|198\.1[89]|198\.51\.100|203\.0\.113|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|22[4-9]|2[34]\d|25[0-5])\./;

/**
 * IPv6 but for global unicast, which begins with 2 or 3 (RFC 4291): loopback, IPv4 in all its forms, unique and link local,
 * multicast. Of that, Teredo and other protocols, 6to4, documentation (RFC 6890, 7526, 9637).
 */
const PRIVATE_IPV6 = /^\[(?![23][\da-f]{3}:)|^\[(2001:(:|(1?[\da-f]{1,2}|db8):)|2002:|3fff:)/i;

/** Names that never leave a network: RFC 2606, 6761, 6762, 7686, 8375, and those of networks at home and in clusters. */
const PRIVATE_NAMES =
	/(?:^|\.)(?:corp|fritz\.box|home|home\.arpa|internal|intranet|invalid|lan|local|localdomain|localhost|onion|private|test)$/;

/** Whether the host of `url` looks like one on the internet: false for private addresses and names without a dot. */
export function isPublicAddress(url: string): boolean {
	if (!URL.canParse(url)) return false;
	// A dot at the end only says that the name is complete
	const hostname = new URL(url).hostname.toLowerCase().replace(/\.$/, '');
	if (hostname.startsWith('[')) return !PRIVATE_IPV6.test(hostname);
	if (/^[\d.]+$/.test(hostname)) return !PRIVATE_IPV4.test(hostname);
	return hostname.includes('.') && !PRIVATE_NAMES.test(hostname);
}

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

/** A text that is one link, or is meant to be, fit to be shown. */
export function bareLink(link: string): string {
	const host = link.search(/(?<=[:/\\][/\\])[^/\\]/);
	return host < 0 ? link : link.slice(0, host) + bare(link.slice(host));
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
