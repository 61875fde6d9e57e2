// Form fields that several operations have, each written once.
import type { IDisplayOptions, INodeProperties, NodePropertyTypes } from 'n8n-workflow';
import { INPUT_FIELD } from '../domain/settings';

/** What differs from one field to the next of its kind. */
export type Words = Pick<INodeProperties, 'description' | 'hint' | 'placeholder'>;

/** Other fields, and the values of theirs that show a field. */
type Show = Record<string, Array<string | boolean>>;

/** A field: a switch, a number or a text by its default, a drop-down list with `options`; `rest` may say another type. */
export function field(
	displayName: string,
	name: string,
	preset: INodeProperties['default'],
	rest: Partial<INodeProperties>,
): INodeProperties {
	let type: NodePropertyTypes = typeof preset === 'boolean' ? 'boolean' : 'string';
	if (typeof preset === 'number') type = 'number';
	if (rest.options !== undefined) type = 'options';
	return { displayName, name, type, default: preset, ...rest };
}

/** A text between the fields. */
export function notice(name: string, show: Show, text: string): INodeProperties {
	return field(text, name, '', { type: 'notice', displayOptions: { show } });
}

/**
 * `fields`, shown while other fields have one of the values in `show`, and those that they ask for themselves. In that order:
 * where one of them is an expression, n8n looks no further.
 */
export function shownWhen(show: Show, fields: readonly INodeProperties[]): INodeProperties[] {
	return fields.map((one) => {
		const displayOptions: IDisplayOptions = { show: { ...show, ...one.displayOptions?.show } };
		return { ...one, displayOptions };
	});
}

/** For `sort`. Labels are ASCII, and the first comparison by locale would cost 20 ms of n8n's start. */
export function byName(one: { readonly name: string }, other: { readonly name: string }): number {
	return one.name < other.name ? -1 : 1;
}

/** With a capital first letter. */
export function capitalized(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Input Binary Field: where in the input item a file is. `hint`: how the sentence about it ends. */
export function inputBinaryField(
	file: 'image' | 'video',
	name: string,
	{ hint, description }: Words,
): INodeProperties {
	return field('Input Binary Field', name, INPUT_FIELD, {
		required: true,
		placeholder: `e.g. ${INPUT_FIELD}`,
		hint: `The name of the input field that holds the ${file} file, ${hint}`,
		description: `${description}; an expression may also return the file itself, from any node`,
	});
}
