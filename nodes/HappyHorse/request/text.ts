// Text as people paste it: with blanks, line ends and invisible characters around what they mean.

/** What nobody sees: blanks, soft hyphen, zero-width spaces and joiners, marks of writing direction, byte order mark. */
const UNSEEN = /[\s\p{Cf}]/u;
const EVERY_UNSEEN = /[\s\p{Cf}]/gu;
const EVERY_INVISIBLE = /\p{Cf}/gu;

/** Control characters, which would break a message into lines. */
const EVERY_CONTROL = /[\p{Cc}\u2028\u2029]/gu;

/** Invisible characters that are taken off an end, at most: far more than anybody pastes. */
const MOST_UNSEEN = 1000;

/** `text` without blanks and invisible characters around it. */
export function tidy(text: string): string {
	// Blanks, of which there may be megabytes, by the fast way
	const trimmed = text.trim();
	let [start, end] = [0, trimmed.length];
	while (start < end && start < MOST_UNSEEN && UNSEEN.test(trimmed[start])) start += 1;
	const least = Math.max(start, end - MOST_UNSEEN);
	while (end > least && UNSEEN.test(trimmed[end - 1])) end -= 1;
	return trimmed.slice(start, end);
}

/** What two spellings of a word have in common, whatever their case and their blanks. */
export function spelling(text: string): string {
	return text.replace(EVERY_UNSEEN, '').toLowerCase();
}

/** Whether a parameter is as good as not set. */
export function isBlank(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && tidy(value) === '');
}

/** Characters of a text that a message shows. */
const MOST_SHOWN = 60;

/** The beginning of `text` on one line, fit for a message. */
export function excerpt(text: string): string {
	// A character has at most two units, and a few may be left out
	const start = text.slice(0, 4 * MOST_SHOWN);
	const characters = [...start.replace(EVERY_INVISIBLE, '').replace(EVERY_CONTROL, ' ')];
	const isCut = characters.length > MOST_SHOWN || text.length > start.length;
	return isCut ? `${characters.slice(0, MOST_SHOWN).join('')}…` : characters.join('');
}
