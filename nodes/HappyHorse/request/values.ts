// Values of parameters as they arrive from forms, expressions and AI agents: the same meaning in several types.
import { z } from 'zod';
import { mustBe } from './badValue';

/** A number, or its digits as text. Not NaN, not infinite. */
const numeric = z
	.union([
		z.number(),
		z
			.string()
			.trim()
			.regex(/^[+-]?(\d+\.?\d*|\.\d+)$/)
			.transform(Number),
	])
	.pipe(z.number().finite());

const truth = z.union([
	z.boolean(),
	z
		.string()
		.trim()
		.toLowerCase()
		.pipe(z.enum(['true', 'false']))
		.transform((text) => text === 'true'),
]);

/** Text; a number or a boolean from an expression counts as its text. */
const textual = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);

/** Where a file comes from: a link, or a binary field of the input item. */
export const SOURCES = ['url', 'binary'] as const;

/** Whether a parameter is as good as not set. */
export function isBlank(value: unknown): boolean {
	return (
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
	);
}

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

/**
 * The links in a field: an array, or text with several separated by line breaks or commas. These split only where
 * another link follows, so neither a `data:` URL, whose base64 may come in lines, nor a link with commas in it is cut.
 */
export function parseLinks(field: string, value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap((entry: unknown) => parseLinks(field, entry));
	return parseText(field, value)
		.split(/[\r\n,](?=\s*(?:[a-z][a-z\d+.-]*:\/\/|data:))/i)
		.map((link) => link.replace(/^[\s,]+|[\s,]+$/g, ''))
		.filter((link) => link !== '');
}

/** The names in a field, separated by commas or line breaks. */
export function parseNames(field: string, value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap((entry: unknown) => parseNames(field, entry));
	return parseText(field, value)
		.split(/[\r\n,]+/)
		.map((name) => name.trim())
		.filter((name) => name !== '');
}

/** Whether `text` is an http(s) address with a host. */
export function isWebAddress(text: string): boolean {
	return /^https?:\/\/[^/\s]\S*$/i.test(text) && URL.canParse(text);
}
