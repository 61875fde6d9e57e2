// Keeps key, prompts and pictures out of every text that is shown, logged or saved.

/** Characters of quoted text, at most: a gateway's page may be long. */
const MOST = 500;

/** A run of base64 that is longer than any id or word. */
const BASE64_RUN = /(data:[\w/+.-]+;base64,)?[A-Za-z0-9+/]{120,}={0,2}/g;

/**
 * `text` fit to be shown: without any of `secrets` (a blank one is ignored), without base64, at most 500 characters.
 */
export function cleanText(text: string, secrets: readonly string[]): string {
	const withoutSecrets = secrets
		.map((secret) => secret.trim())
		.filter((secret) => secret !== '')
		.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
	const clean = withoutSecrets.replace(BASE64_RUN, '…').trim();
	return clean.length <= MOST ? clean : `${clean.slice(0, MOST)}…`;
}
