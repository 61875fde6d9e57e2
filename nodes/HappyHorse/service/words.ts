// The readable words of an answer that is no JSON.

/** The text of a page without its tags, e.g. a gateway's error page; undefined when there is none. */
export function plainWords(text: string): string | undefined {
	const words = text
		.replace(/<(script|style)[^]*?<\/\1>/gi, ' ')
		.replace(/<[^>]*>/g, ' ')
		.replace(/\s+/g, ' ')
		.trim();
	return words === '' ? undefined : words;
}
