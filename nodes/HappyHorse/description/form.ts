// What the form says of a parameter, by its path as n8n writes it: `prompt`, `options.timeout`, `referenceImages.image[0].url`.
import type { INodeProperties } from 'n8n-workflow';
import { properties } from './index';

/** The fields in a collection or in the rows of a fixed collection, with those of rows one level down the path. */
function fieldsIn({ options = [] }: INodeProperties, [section]: string[]): INodeProperties[] {
	return options.flatMap((entry) => {
		if ('values' in entry) return entry.name === section ? entry.values : [];
		return 'type' in entry ? [entry] : [];
	});
}

/** All fields with the path `path`: a name may stand for several, each shown for other operations. */
function fieldsAt(path: string): INodeProperties[] {
	const [name, ...rest] = path.replace(/\[\d+\]/g, '').split('.');
	const fields = properties.filter((field) => field.name === name);
	const last = rest.at(-1);
	if (last === undefined) return fields;
	return fields.flatMap((field) => fieldsIn(field, rest)).filter((field) => field.name === last);
}

/** What the editor calls the parameter `path`; where that is a part of a field, what it calls the field. */
export function labelOf(path: string): string {
	const [name] = path.split('.');
	const [field = properties.find((one) => one.name === name)] = fieldsAt(path);
	return field?.displayName ?? path;
}

/** The entries of the drop-down list of the parameter `path`, with their labels; none where it has no list. */
export function choicesOf(path: string): Array<{ value: string; label: string }> {
	return fieldsAt(path)
		.flatMap(({ options = [] }) => options)
		.flatMap((entry) =>
			'value' in entry && typeof entry.value === 'string'
				? [{ value: entry.value, label: entry.name }]
				: [],
		);
}
