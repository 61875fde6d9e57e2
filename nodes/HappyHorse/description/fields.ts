// Form fields that several operations have, each written once.
import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import type { Mode, Range } from '../domain/limits';
import { INPUT_FIELD } from '../domain/settings';

/** What differs from one field to the next of its kind. */
type Words = Pick<INodeProperties, 'description' | 'hint' | 'placeholder'>;

/**
 * `fields`, shown while other fields have one of the values in `show`, and those that they ask for themselves. In that order:
 * where one of them is an expression, n8n looks no further.
 */
export function shownWhen(
	show: Record<string, Array<string | boolean>>,
	fields: readonly INodeProperties[],
): INodeProperties[] {
	return fields.map((field) => {
		const displayOptions: IDisplayOptions = { show: { ...show, ...field.displayOptions?.show } };
		return { ...field, displayOptions };
	});
}

/** A field whose type follows from its default: a switch, a number or a text. */
export function option(
	displayName: string,
	name: string,
	preset: boolean | number | string,
	words: Words,
): INodeProperties {
	const other = typeof preset === 'number' ? 'number' : 'string';
	const type = typeof preset === 'boolean' ? 'boolean' : other;
	return { displayName, name, type, default: preset, ...words };
}

/** The fields of one video operation. */
export function ofOperation(
	operation: Mode,
	fields: readonly INodeProperties[],
): INodeProperties[] {
	return shownWhen({ resource: ['video'], operation: [operation] }, fields);
}

/** Prompt, of several rows. */
export function promptField(required: boolean, words: Words): INodeProperties {
	return { ...option('Prompt', 'prompt', '', words), required, typeOptions: { rows: 4 } };
}

/** Input Binary Field: where in the input item a file is. `hint`: how the sentence about it ends. */
export function inputBinaryField(
	file: 'image' | 'video',
	name: string,
	{ hint, description }: Words,
): INodeProperties {
	const words = {
		placeholder: `e.g. ${INPUT_FIELD}`,
		hint: `The name of the input field that holds the ${file} file, ${hint}`,
		description: `${description}; an expression may also return the file itself, from any node`,
	};
	return { ...option('Input Binary Field', name, INPUT_FIELD, words), required: true };
}

/** A file: where it comes from, and then its link or the binary field that holds it. */
export function fileFields(
	file: 'image' | 'video',
	source: Pick<INodeProperties, 'displayName' | 'name' | 'description'>,
	url: Words & Pick<INodeProperties, 'name'>,
	binary: Words & Pick<INodeProperties, 'name'>,
): INodeProperties[] {
	return [
		{
			...source,
			type: 'options',
			options: [
				{ name: 'URL', value: 'url', description: `A link to the ${file}` },
				{ name: 'Binary File', value: 'binary', description: 'A file in the input item' },
			],
			default: 'url',
		},
		...shownWhen({ [source.name]: ['url'] }, [
			{
				...option(`${file === 'image' ? 'Image' : 'Video'} URL`, url.name, '', url),
				required: true,
			},
		]),
		...shownWhen({ [source.name]: ['binary'] }, [inputBinaryField(file, binary.name, binary)]),
	];
}

/** Reference Images: a sortable list of `count` images. `limits`: what an image must be, in short. */
export function referenceImagesField(
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
		// Where at least one is needed, the first row stands open
		...(count.min > 0 && { default: { image: [{ source: 'url', url: '' }] } }),
		options: [
			{
				displayName: 'Image',
				name: 'image',
				values: fileFields(
					'image',
					{ displayName: 'Source', name: 'source', description: 'Where the image comes from' },
					{
						name: 'url',
						placeholder: 'e.g. https://example.com/character.jpg',
						hint: limits.charAt(0).toUpperCase() + limits.slice(1),
						description:
							'A public http(s) link or a data:image/…;base64, URL; several at once (a list from an expression or as JSON, or separated by commas or line breaks) become one reference image each',
					},
					{
						name: 'binaryPropertyName',
						hint: limits,
						description: 'Several names, separated by commas, become one reference image each',
					},
				),
			},
		],
		description,
	};
}
