// What the form says of a parameter, by its path as n8n writes it: `prompt`, `options.timeout`, `referenceImages.image[0].url`.
import type { INodeProperties } from 'n8n-workflow';
import { properties } from './index';

/** A field, a kind of rows that one has, or an entry of its list. */
type Part = NonNullable<INodeProperties['options']>[number];

function childrenOf(part: Part): Part[] {
	if ('values' in part) return part.values;
	return 'options' in part ? (part.options ?? []) : [];
}

/** All with the path `path`: a name may stand for several fields, each shown for other operations. */
function partsAt(path: string, parts: Part[] = properties): Part[] {
	const [name, ...rest] = path.replace(/\[\d+\]/g, '').split('.');
	const named = parts.filter((part) => part.name === name);
	return rest.length === 0 ? named : partsAt(rest.join('.'), named.flatMap(childrenOf));
}

/** What the editor calls the parameter `path`; where that is a part of a field, what it calls the field. */
export function labelOf(path: string): string {
	const [name] = path.split('.');
	const field = [...partsAt(path), ...partsAt(name)].find((part) => 'type' in part);
	return field?.displayName ?? path;
}

/** The entries of the drop-down list of the parameter `path`, with their labels; none where it has no list. */
export function choicesOf(path: string): Array<{ value: string; label: string }> {
	return partsAt(path)
		.flatMap(childrenOf)
		.flatMap((entry) =>
			'value' in entry && typeof entry.value === 'string'
				? [{ value: entry.value, label: entry.name }]
				: [],
		);
}
