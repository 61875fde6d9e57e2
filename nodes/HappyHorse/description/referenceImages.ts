// One row of the list of reference images, the same in Reference to Video and in Edit Video.
import type { INodePropertyCollection } from 'n8n-workflow';
import { fileSource } from './fileSource';
import { INPUT_FIELD } from './settings';

/** A row of the list "Reference Images". */
export const referenceImage: INodePropertyCollection = {
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
			description:
				'A public http(s) link or a data:image/…;base64, URL; several at once (an array from an expression, or separated by commas or line breaks) become one reference image each',
			displayOptions: { show: { source: ['url'] } },
		},
		{
			displayName: 'Input Binary Field',
			name: 'binaryPropertyName',
			type: 'string',
			required: true,
			default: INPUT_FIELD,
			placeholder: `e.g. ${INPUT_FIELD}`,
			hint: 'The name of the input field that holds the image file',
			description: 'Several names, separated by commas, become one reference image each',
			displayOptions: { show: { source: ['binary'] } },
		},
	],
};
