// Values of parameters as they arrive from forms, expressions and AI agents: the same meaning in several types.
import { labelOf } from '../description/form';
import { invalidInput } from '../domain/failure';
import { mustBe } from './badValue';
import { excerpt, isBlank, tidy } from './text';

/** A number as text: nothing that only a programmer takes for one, and short. */
const NUMBER = /^[+-]?[\d.]{1,40}$/;

/** What JavaScript writes for an object in the middle of a text, and how an expression begins that n8n has not evaluated. */
const OBJECT = /\[object [A-Z]\w*\]/;
const EXPRESSION = /\{\{[^{}$]*\$/;

/** The parameters of one item. */
export interface ParameterReader {
	/**
	 * The value of a parameter, undefined where the workflow does not hold it, '' where it is left empty. Of a parameter
	 * with a list of choices, also where it was given by its label. A field inside a collection is named by its path:
	 * `options.timeout`, `referenceImages.image[0].url`.
	 * @param mayBeBlank whether an expression may give nothing
	 * @throws Failure when its expression fails, or gives nothing.
	 */
	value(parameter: string, mayBeBlank?: boolean): unknown;
}

/**
 * A number, or its digits as text; `usual` where the workflow does not hold the parameter. `rule` completes "must be …";
 * `holds` says which numbers do. @throws Failure for anything else.
 */
export function readNumber(
	item: ParameterReader,
	parameter: string,
	usual: number | undefined,
	rule: string,
	holds: (n: number) => boolean,
): number {
	const value = item.value(parameter) ?? usual;
	const text = typeof value === 'string' ? tidy(value) : undefined;
	const number = text !== undefined && NUMBER.test(text) ? Number(text) : value;
	if (typeof number !== 'number' || !Number.isFinite(number) || !holds(number))
		throw mustBe(labelOf(parameter), rule, value);
	return number;
}

/** A boolean, or its word; `usual` as in {@link readNumber}. @throws Failure for anything that is neither true nor false. */
export function readBoolean(item: ParameterReader, parameter: string, usual = false): boolean {
	const value = item.value(parameter) ?? usual;
	const word = typeof value === 'string' ? tidy(value).toLowerCase() : value;
	if (word === true || word === 'true') return true;
	if (word === false || word === 'false') return false;
	throw mustBe(labelOf(parameter), 'true or false', value);
}

/** One word of `allowed`, or a number that is one; `usual` as in {@link readNumber}. @throws Failure for any other. */
export function readChoice<const T extends readonly string[]>(
	item: ParameterReader,
	parameter: string,
	allowed: T,
	usual?: string,
): T[number] {
	const value = item.value(parameter) ?? usual;
	const choice = typeof value === 'number' ? String(value) : value;
	const found = allowed.find((word) => word === choice);
	if (found === undefined) throw mustBe(labelOf(parameter), `one of ${allowed.join(', ')}`, value);
	return found;
}

/** The text of a parameter: see {@link parseText}. */
export function readText(item: ParameterReader, parameter: string): string {
	return parseText(labelOf(parameter), item.value(parameter));
}

/**
 * Text of `field`, '' where it is not set; a number or a boolean counts as its text.
 * @throws Failure for a list or an object, also one in the middle of a text, or an expression that was not evaluated.
 */
export function parseText(field: string, value: unknown): string {
	if (isBlank(value)) return '';
	if (Number.isFinite(value) || typeof value === 'boolean') return String(value);
	if (typeof value !== 'string') throw mustBe(field, 'text', value);
	const start = value.search(EXPRESSION);
	const end = value.indexOf('}}', start);
	if (start >= 0 && end > start) {
		const fix = `Turn the field "${field}" from Fixed to Expression, or fill the text in before this node.`;
		const message = `${field} contains ${excerpt(value.slice(start, end + 2))}, in whose place there must be a value`;
		throw invalidInput(message, fix);
	}
	const [found] = OBJECT.exec(value) ?? [];
	if (found === undefined) return value;
	throw invalidInput(
		`${field} contains ${found}: an expression in it gives an object, not text`,
		`Name the part of the object that you mean, such as $json.scene.title in place of $json.scene, or write JSON.stringify(…) around it. Correct the field "${field}".`,
	);
}
