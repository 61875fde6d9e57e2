// The adapter to n8n's input: the parameters of one item, evaluated, and its binary fields.
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { choicesOf, labelOf } from '../description/form';
import { invalidInput } from '../domain/failure';
import type { ByteSource } from '../domain/order';
import { INPUT_FIELD, SIGNED_LINK_HOURS } from '../domain/settings';
import { lastingFile, storedBytes, openStored } from '../n8n/storedFile';
import { shortReasonOf } from '../util/unknown';
import { LOOK_AT_INPUT, quotedName, RUN_FROM_START } from './badValue';
import { isFile, parseFiles, parseLinks } from './lists';
import { excerpt, isBlank, spelling, tidy } from './text';
import type { ParameterReader } from './values';
import { readChoice } from './values';

/** A file in a binary field of the input item. */
export interface InputFile {
	/** How a message calls it, e.g. `"photo.png" (field "data")`. */
	readonly name: string;
	/** Its own name, where it has one. */
	readonly fileName: string | undefined;
	/** Under which n8n stores it; undefined where n8n holds it in memory. */
	readonly id: string | undefined;
	/** Bytes, as n8n counted them. */
	size(): Promise<number>;
	/** Its bytes from the first on; may be called again. */
	open(): Promise<ByteSource>;
	/**
	 * A link of this n8n, under which anybody can fetch the file for some hours. Of the copy where there is one, so only
	 * after the file was read.
	 * @throws Failure where n8n keeps its files in memory, and so can't serve them.
	 */
	signedLink(): string;
}

/** One input item, as far as step 1 looks at it. */
export interface InputItem extends ParameterReader {
	/** Whether the workflow holds an expression for a parameter, which may give each item another value. */
	isExpression(parameter: string): boolean;
	/** The same item, whose files are there until the execution ends: n8n removes some before, so these are copied. */
	lasting(): InputItem;
	/**
	 * The file in a binary field, or one that an expression has given. `label`: what the editor calls the parameter that
	 * names it. @throws Failure when there is none.
	 */
	file(field: string | IBinaryData, label: string): InputFile;
}

/** Names of fields that a message lists, at most. */
const MOST_NAMES = 5;

/** What to do where a field holds no file: `names` are those that do. */
function filesNote(names: readonly string[]): string {
	if (names.length === 0) return `The item holds no file at all. ${LOOK_AT_INPUT}`;
	const listed = names.slice(0, MOST_NAMES).map(quotedName).join(', ');
	return `Name a field that holds a file: ${listed}${names.length > MOST_NAMES ? ', …' : ''}.`;
}

/** Returned in place of a parameter that the workflow does not hold. */
const NOT_HELD = {};

/** Characters of a choice, at most: any that is longer is none. */
const LONGEST_CHOICE = 100;

/** How messages call a file; `field` is undefined for one that an expression has given. */
function labelOfFile({ fileName }: IBinaryData, field: string | undefined): string {
	const name = fileName && quotedName(fileName);
	if (field === undefined) return name || 'that the expression gives';
	return name ? `${name} (field ${quotedName(field)})` : `in field ${quotedName(field)}`;
}

/** `copies`: whether a file is copied when it is read, which n8n would remove before the execution ends. */
function inputFile(
	context: IExecuteFunctions,
	name: string,
	given: IBinaryData,
	copies: boolean,
): InputFile {
	let binary = given;
	const stored = async () => {
		try {
			return (binary = copies ? await lastingFile(context, given) : given);
		} catch (error) {
			throw invalidInput(
				`The file ${name} could not be copied: ${shortReasonOf(error)}`,
				'n8n removes what a Webhook or a Form has received before the service is done with it. Check its storage (N8N_DEFAULT_BINARY_DATA_MODE) and the disk, then run the workflow from its start.',
			);
		}
	};
	const gone = (error: unknown): never => {
		const message = `The input could not be read: n8n no longer has the file ${name} (${shortReasonOf(error)})`;
		throw invalidInput(message, RUN_FROM_START);
	};
	return {
		name,
		fileName: given.fileName || undefined,
		id: given.id,
		async size() {
			const file = await stored();
			return await storedBytes(context, file).catch(gone);
		},
		open: async () => await openStored(context, await stored()).catch(gone),
		signedLink() {
			if (binary.id === undefined) {
				throw invalidInput(
					`The video ${name} can't be handed to the service: this n8n keeps files in memory and can't serve them`,
					'Set N8N_DEFAULT_BINARY_DATA_MODE to filesystem, or put the video somewhere public and use its URL.',
				);
			}
			return context.helpers.createBinarySignedUrl(binary, `${SIGNED_LINK_HOURS} hours`);
		},
	};
}

/** The choice of a parameter that `value` means by its value or its label; anything else comes back as it is. */
function choiceMeant(parameter: string, value: unknown): unknown {
	const text = typeof value === 'string' ? tidy(value) : undefined;
	if (text === undefined || text.length > LONGEST_CHOICE) return value;
	const isMeant = (one: string) => spelling(one) === spelling(text);
	const found = choicesOf(parameter).find((one) => isMeant(one.value) || isMeant(one.label));
	return found?.value ?? value;
}

/** Expressions in the text of a parameter: n8n, too, takes the first `}}` for the end of one, else the end of the text. */
const EXPRESSIONS = /\{\{[^]*?(?:\}\}|$)/g;

/** What JavaScript writes into a text where a value is missing, and characters of a text that are searched for it. */
const NOTHING = /\b(?:undefined|null|NaN|Invalid Date(?:Time)?)\b/;
const LONGEST_TEXT = 20_000;

/** Expressions of one field that are looked at, at most. */
const MOST_EXPRESSIONS = 100;

/**
 * The input item with index `item`, from 0. `noteGap`: is told the label of a parameter that is read, and in which an
 * expression in the middle of the text evaluates to nothing.
 */
export function inputItem(
	context: IExecuteFunctions,
	item: number,
	noteGap: (field: string) => void = () => {},
): InputItem {
	/** The value of a parameter, and the text of its expression; undefined where the workflow does not hold it. */
	const look = (parameter: string): { expression?: string; value: unknown } | undefined => {
		try {
			const held: unknown = context.getNodeParameter(parameter, item, NOT_HELD, {
				rawExpressions: true,
			});
			if (held === NOT_HELD) return undefined;
			const isExpression = typeof held === 'string' && held.startsWith('=');
			return {
				expression: isExpression ? held.slice(1) : undefined,
				value: context.getNodeParameter(parameter, item, null),
			};
		} catch (error) {
			throw invalidInput(
				`The expression of the field "${labelOf(parameter)}" failed: ${shortReasonOf(error)}`,
				'Correct the expression.',
			);
		}
	};

	/** Whether a part of `expression`, which gives `text`, gives nothing; one that is the whole field is not looked at. */
	const hasGap = (expression: string, text: string): boolean => {
		if (/[+`]/.test(expression) && NOTHING.test(text) && !NOTHING.test(expression)) return true;
		const parts = expression.match(EXPRESSIONS)?.slice(0, MOST_EXPRESSIONS) ?? [];
		if (parts.length === 1 && tidy(expression) === parts[0]) return false;
		return parts.some((part) => {
			try {
				// As n8n puts it between other words: an empty list, and what is no number, are nothing there
				return isBlank(String(context.evaluateExpression(`_${part}`, item)).slice(1));
			} catch {
				return false;
			}
		});
	};

	const valueOf = (parameter: string, mayBeBlank = false): unknown => {
		const found = look(parameter);
		if (found === undefined) return undefined;
		const { expression, value } = found;
		if (!isBlank(value)) {
			const text = typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : '';
			if (expression !== undefined && hasGap(expression, text)) noteGap(labelOf(parameter));
			return choiceMeant(parameter, value);
		}
		if (!mayBeBlank && expression !== undefined) {
			throw invalidInput(
				`The expression of the field "${labelOf(parameter)}" gives nothing for this item: ${excerpt(tidy(expression))}`,
				'Correct the expression, or what it reads: look at the input of this node for the names that are there.',
			);
		}
		// Left empty in the form: whoever needs a value complains
		return '';
	};

	const withFiles = (copies: boolean): InputItem => ({
		value: valueOf,
		isExpression: (parameter) => look(parameter)?.expression !== undefined,
		lasting: () => withFiles(true),
		file(given, label) {
			const isName = typeof given === 'string';
			const binary = isName ? fileIn(context, item, given) : given;
			if (binary === undefined) {
				throw invalidInput(
					`The input item has no file in the field ${quotedName(String(given))} (${label})`,
					filesNote(Object.keys(context.getInputData().at(item)?.binary ?? {})),
				);
			}
			return inputFile(context, labelOfFile(binary, isName ? given : undefined), binary, copies);
		},
	});
	return withFiles(false);
}

/** The file in a binary field of an item, where there is one. */
function fileIn(context: IExecuteFunctions, item: number, field: string): IBinaryData | undefined {
	try {
		const found: unknown = context.helpers.assertBinaryData(item, field);
		// n8n looks the name up as it is, and so finds "constructor" in every item
		return isFile(found) ? found : undefined;
	} catch {
		return undefined;
	}
}

/**
 * The files that a parameter means, see {@link parseFiles}; that of the field `usual` where the workflow does not hold it.
 * @throws Failure when it holds anything else, or one of them is not there.
 */
export function givenFiles(item: InputItem, parameter: string, usual?: string): InputFile[] {
	const label = labelOf(parameter);
	return parseFiles(label, item.value(parameter) ?? usual).map((one) => item.file(one, label));
}

/** Parameters by which an item gives files: the choice of how, and those that hold links and names of binary fields. */
export type SourceParameters = readonly [source: string, links: string, files: string];

/** The links or files that an item gives, and what the editor calls the parameter that holds them. @throws Failure */
export function givenSources(
	item: InputItem,
	[source, links, files]: SourceParameters,
): { field: string; given: Array<string | InputFile> } {
	const areFiles = readChoice(item, source, ['url', 'binary'], 'url') === 'binary';
	const field = labelOf(areFiles ? files : links);
	const given = areFiles
		? givenFiles(item, files, INPUT_FIELD)
		: parseLinks(field, item.value(links));
	return { field, given };
}
