// Form fields that several operations have, each written once.
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';
import type { Mode, Range } from '../domain/limits';
import { INPUT_FIELD } from '../domain/settings';

/** What differs from one operation to the next. */
type Words = Pick<INodeProperties, 'description' | 'hint' | 'placeholder'>;

/** The values of other fields for which a field is shown. */
type Shown = Record<string, Array<string | boolean>>;

/** The display options of a field of one video operation. */
export function shownFor(operation: Mode, also: Shown = {}): INodeProperties['displayOptions'] {
	return { show: { resource: ['video'], operation: [operation], ...also } };
}

/** Prompt, of several rows. */
export function promptField(operation: Mode, required: boolean, words: Words): INodeProperties {
	return {
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		...(required ? { required } : {}),
		default: '',
		...words,
		displayOptions: shownFor(operation),
	};
}

/** Entries of a drop-down list that asks where a file comes from. */
export function fileSource(file: 'image' | 'video'): INodePropertyOptions[] {
	return [
		{ name: 'URL', value: 'url', description: `A link to the ${file}` },
		{ name: 'Binary File', value: 'binary', description: 'A file in the input item' },
	];
}

/** Input Binary Field: where in the input item a file is. */
export function inputBinaryField(
	file: 'image' | 'video',
	name: string,
	limits: string,
	description: string,
	displayOptions: INodeProperties['displayOptions'],
): INodeProperties {
	return {
		displayName: 'Input Binary Field',
		name,
		type: 'string',
		required: true,
		default: INPUT_FIELD,
		placeholder: `e.g. ${INPUT_FIELD}`,
		hint: `The name of the input field that holds the ${file} file, ${limits}`,
		description: `${description}; an expression may also give the file itself, of any node`,
		displayOptions,
	};
}

/** A row of the list of reference images; `limits`: what an image must be, in short. */
function referenceImage(limits: string): INodePropertyCollection {
	return {
		displayName: 'Image',
		name: 'image',
		values: [
			{
				displayName: 'Source',
				name: 'source',
				type: 'options',
				options: fileSource('image'),
				default: 'url',
				description: 'Where the image comes from',
			},
			{
				displayName: 'Image URL',
				name: 'url',
				type: 'string',
				required: true,
				default: '',
				placeholder: 'e.g. https://example.com/character.jpg',
				hint: limits.charAt(0).toUpperCase() + limits.slice(1),
				description:
					'A public http(s) link or a data:image/…;base64, URL; several at once (a list from an expression or as JSON, or separated by commas or line breaks) become one reference image each',
				displayOptions: { show: { source: ['url'] } },
			},
			inputBinaryField(
				'image',
				'binaryPropertyName',
				limits,
				'Several names, separated by commas, become one reference image each',
				{ show: { source: ['binary'] } },
			),
		],
	};
}

/** Reference Images: a sortable list of `count` images. */
export function referenceImagesField(
	operation: Mode,
	count: Range,
	limits: string,
	description: string,
): INodeProperties {
	return {
		displayName: 'Reference Images',
		name: 'referenceImages',
		type: 'fixedCollection',
		typeOptions: {
			multipleValues: true,
			multipleValueButtonText: 'Add Image',
			sortable: true,
			...(count.min > 0 ? { minRequiredFields: count.min } : {}),
			maxAllowedFields: count.max,
		},
		placeholder: 'Add Image',
		default: {},
		options: [referenceImage(limits)],
		description,
		displayOptions: shownFor(operation),
	};
}

/** The entries of a drop-down list for `values`, in the order of their labels. */
export function choices<Value extends string>(
	values: readonly Value[],
	labels: Record<Value, Pick<INodePropertyOptions, 'name' | 'description'>>,
): INodePropertyOptions[] {
	return (
		values
			.map((value) => ({ ...labels[value], value }))
			// Labels are ASCII, and the first comparison by locale would cost 20 ms of n8n's start
			.sort((one, other) => (one.name < other.name ? -1 : 1))
	);
}
