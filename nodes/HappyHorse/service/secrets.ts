// Keeps key, prompts and images out of every text that is shown, logged or saved.

/** Characters of quoted text, at most: a gateway's page may be long. */
const MOST = 500;

/** A run of base64 that is longer than any id or word. */
const BASE64_RUN = /(data:[\w/+.-]+;base64,)?[A-Za-z0-9+/]{120,}={0,2}/g;

/** What may stand between two words of a text after a page or another JSON has quoted it: its own marks, or escapes. */
const BETWEEN_WORDS = String.raw`(?:&#?\w{1,8};|\\u[\da-fA-F]{4}|\\[a-z]|[^\p{L}\p{N}])+`;

/** Finds a text also where its spaces, line breaks, quotes and the like were rewritten. */
function anyFormOf(secret: string): RegExp | string {
	const words = secret.match(/[\p{L}\p{N}]+/gu);
	return words === null ? secret : new RegExp(words.join(BETWEEN_WORDS), 'gu');
}

/** `text` without any of `secrets` (a blank one is ignored), however they were quoted. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
	return secrets
		.map((secret) => secret.trim())
		.filter((secret) => secret !== '')
		.reduce((rest, secret) => rest.replaceAll(anyFormOf(secret), '…'), text);
}

/** `text` fit to be shown: without any of `secrets`, without base64, at most 500 characters. */
export function cleanText(text: string, secrets: readonly string[]): string {
	const clean = withoutSecrets(text, secrets).replace(BASE64_RUN, '…').trim();
	return clean.length <= MOST ? clean : `${clean.slice(0, MOST)}…`;
}
