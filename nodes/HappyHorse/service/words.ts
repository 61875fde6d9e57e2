// The readable words of an answer that is no JSON.

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
