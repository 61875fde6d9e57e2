// Values of parameters as they arrive from forms, expressions and AI agents: the same meaning in several types.
import { z } from 'zod';
import { emptyEntry, mustBe } from './badValue';
import { separateLinks, separateNames } from './lists';
import { isBlank, tidy } from './text';

export { isBlank } from './text';

/** Characters of a number, at most. */
const LONGEST_NUMBER = 40;

/** A number, or its digits as text. Not NaN, not infinite. */
const numeric = z
	.union([
		z.number(),
		z
			.string()
			.transform((text) => tidy(text))
			.pipe(
				z
					.string()
					.max(LONGEST_NUMBER)
					.regex(/^[+-]?[\d.]+$/),
			)
			.transform(Number),
	])
	.pipe(z.number().finite());

const truth = z.union([
	z.boolean(),
	z
		.string()
		.transform((text) => tidy(text).toLowerCase())
		.pipe(z.enum(['true', 'false']))
		.transform((text) => text === 'true'),
]);

/** Text; a number or a boolean from an expression counts as its text. */
const textual = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);

/** Where a file comes from: a link, or a binary field of the input item. */
export const SOURCES = ['url', 'binary'] as const;

/**
 * A number of `field`. `rule` completes "must be …"; `holds` says which numbers do.
 * @throws Failure for anything else.
 */
export function parseNumber(
	field: string,
	value: unknown,
	rule: string,
	holds: (n: number) => boolean,
): number {
	const parsed = numeric.safeParse(value);
	if (!parsed.success || !holds(parsed.data)) throw mustBe(field, rule, value);
	return parsed.data;
}

/** A boolean of `field`. @throws Failure for anything that is neither true nor false. */
export function parseBoolean(field: string, value: unknown): boolean {
	const parsed = truth.safeParse(value);
	if (!parsed.success) throw mustBe(field, 'true or false', value);
	return parsed.data;
}

/** Text of `field`, '' where it is not set. @throws Failure for a list or an object. */
export function parseText(field: string, value: unknown): string {
	if (isBlank(value)) return '';
	const parsed = textual.safeParse(value);
	if (!parsed.success) throw mustBe(field, 'text', value);
	return parsed.data;
}

/** One word of `allowed`. @throws Failure for any other. */
export function parseChoice<const T extends readonly string[]>(
	field: string,
	value: unknown,
	allowed: T,
): T[number] {
	const found = allowed.find((word) => word === value);
	if (found === undefined) throw mustBe(field, `one of ${allowed.join(', ')}`, value);
	return found;
}

/** The links in a field: a list, also one written as JSON, or text with several: see {@link separateLinks}. */
export function parseLinks(field: string, value: unknown): string[] {
	return [...entries(field, value, separateLinks)];
}

/** The names in a field: a list, also one written as JSON, or text, separated by commas or line breaks. */
export function parseNames(field: string, value: unknown): string[] {
	return [...entries(field, value, separateNames)];
}

/** Lists in lists that are looked into. */
const MOST_DEPTH = 8;

/** Entries that are looked at, blank ones too: far more than any order takes. */
const MOST_ENTRIES = 1000;

/** The list that a text is, if it is one in JSON. */
function jsonList(value: unknown): unknown[] | undefined {
	if (typeof value !== 'string' || !tidy(value).startsWith('[')) return undefined;
	try {
		const list: unknown = JSON.parse(tidy(value));
		return Array.isArray(list) ? list : undefined;
	} catch {
		return undefined;
	}
}

function withoutGaps(field: string, found: string[]): string[] {
	const gap = found.indexOf('');
	if (gap !== -1) throw emptyEntry(field, gap);
	return found;
}

/** What a value holds, in order. @throws Failure when it is too much, or anything but text. */
function entries(
	field: string,
	value: unknown,
	separate: (text: string, most: number) => string[],
	depth = 0,
	count = { seen: 0 },
): string[] {
	const list = Array.isArray(value) ? value : jsonList(value);
	if (list === undefined)
		return withoutGaps(field, separate(parseText(field, value), MOST_ENTRIES));
	if (depth === MOST_DEPTH) throw mustBe(field, 'a list without lists in it', value);
	const found: string[] = [];
	for (const [at, entry] of list.entries()) {
		if (isBlank(entry)) throw emptyEntry(field, at);
		found.push(...entries(field, entry, separate, depth + 1, count));
		count.seen += 1;
		if (count.seen + found.length > MOST_ENTRIES) {
			throw mustBe(field, `a list of at most ${MOST_ENTRIES}`, value);
		}
	}
	return found;
}

/** Whether `text` is an http(s) address with a host, and without blanks. */
export function isWebAddress(text: string): boolean {
	return /^https?:\/\/[^/\s]/i.test(text) && !/\s/.test(text) && URL.canParse(text);
}
