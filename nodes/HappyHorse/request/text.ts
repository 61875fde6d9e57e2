// Text as people paste it: with blanks, line ends and invisible characters around what they mean. All of it linear.

/** What nobody sees: soft hyphen, zero-width spaces and joiners, marks of writing direction, byte order mark. */
const INVISIBLE =
	'\\u00ad\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ufeff';

const UNSEEN = new RegExp(`[\\s${INVISIBLE}]`);
const EVERY_UNSEEN = new RegExp(`[\\s${INVISIBLE}]`, 'g');
const EVERY_INVISIBLE = new RegExp(`[${INVISIBLE}]`, 'g');

/** `text` without blanks and invisible characters around it; `more`: other characters that are left out there. */
export function tidy(text: string, more = ''): string {
	// Most characters are printable ASCII: no pattern has to look at them
	const isPrintable = (character: string) => character > ' ' && character < '\u007f';
	const leftOut = (at: number) =>
		isPrintable(text[at]) ? more.includes(text[at]) : UNSEEN.test(text[at]);
	let [start, end] = [0, text.length];
	while (start < end && leftOut(start)) start += 1;
	while (end > start && leftOut(end - 1)) end -= 1;
	return text.slice(start, end);
}

/** What two spellings of a word have in common, whatever their case and their blanks. */
export function spelling(text: string): string {
	return text.replace(EVERY_UNSEEN, '').toLowerCase();
}

/** Whether a parameter is as good as not set. */
export function isBlank(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && tidy(value) === '');
}

/** Control characters, which would break a message into lines. */
const EVERY_CONTROL = /[\p{Cc}\u2028\u2029]/gu;

/** The first `most` characters of `text` on one line, fit for a message. */
export function shortened(text: string, most: number): string {
	// A character has at most two units, and a few may be left out
	const looked = text.slice(0, 4 * most);
	const characters = [...looked.replace(EVERY_INVISIBLE, '').replace(EVERY_CONTROL, ' ')];
	const cut = characters.length > most || text.length > looked.length;
	return cut ? `${characters.slice(0, most).join('')}…` : characters.join('');
}
