// Values of parameters as they arrive from forms, expressions and AI agents: the same meaning in several types.
import { invalidInput } from '../domain/failure';
import { mustBe } from './badValue';
import { isBlank, tidy } from './text';

/** Where a file comes from: a link, or a binary field of the input item. */
export const SOURCES = ['url', 'binary'] as const;

/** A number as text: nothing that only a programmer takes for one, and short. */
const NUMBER = /^[+-]?[\d.]{1,40}$/;

/** What JavaScript writes where an object stands in the middle of a text. */
const OBJECT_IN_TEXT = /\[object [A-Z]\w*\]/;

/**
 * A number of `field`, or its digits as text. `rule` completes "must be …"; `holds` says which numbers do.
 * @throws Failure for anything else.
 */
export function parseNumber(
	field: string,
	value: unknown,
	rule: string,
	holds: (n: number) => boolean,
): number {
	const text = typeof value === 'string' ? tidy(value) : undefined;
	const number = text !== undefined && NUMBER.test(text) ? Number(text) : value;
	if (typeof number !== 'number' || !Number.isFinite(number) || !holds(number)) {
		throw mustBe(field, rule, value);
	}
	return number;
}

/** A boolean of `field`, or its word. @throws Failure for anything that is neither true nor false. */
export function parseBoolean(field: string, value: unknown): boolean {
	const word = typeof value === 'string' ? tidy(value).toLowerCase() : value;
	if (word === true || word === 'true') return true;
	if (word === false || word === 'false') return false;
	throw mustBe(field, 'true or false', value);
}

/**
 * Text of `field`, '' where it is not set; a number or a boolean counts as its text.
 * @throws Failure for a list or an object, also one in the middle of a text.
 */
export function parseText(field: string, value: unknown): string {
	if (isBlank(value)) return '';
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	if (typeof value !== 'string') throw mustBe(field, 'text', value);
	const [object] = OBJECT_IN_TEXT.exec(value) ?? [];
	if (object === undefined) return value;
	throw invalidInput(
		`${field} contains ${object}: an expression in it gives an object, not text`,
		`Name the part of the object that you mean, such as $json.scene.title in place of $json.scene, or write JSON.stringify(…) around it. Correct the field "${field}".`,
	);
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
