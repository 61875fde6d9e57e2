// Image to Video: the fields of its own.
import type { INodeProperties } from 'n8n-workflow';
import { LIMITS } from '../service/contract';
import { fileSource } from './fileSource';
import { INPUT_FIELD } from './settings';
import { IMAGE_FILE, PROMPT_LENGTH, ASPECT_RATIO_RANGE } from './texts';

const FIRST_FRAME = `${IMAGE_FILE}, at least ${LIMITS.frameSidePixels} × ${LIMITS.frameSidePixels} pixels, aspect ratio from ${ASPECT_RATIO_RANGE}; the video takes the aspect ratio of the image`;

/** The fields of Image to Video alone. */
export const imageToVideo: INodeProperties[] = [
	{
		displayName: 'Image Source',
		name: 'imageSource',
		type: 'options',
		options: fileSource('image'),
		default: 'url',
		description: 'Where the image comes from that the video starts with',
		displayOptions: { show: { resource: ['video'], operation: ['imageToVideo'] } },
	},
	{
		displayName: 'Image URL',
		name: 'imageUrl',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://example.com/first-frame.jpg',
		hint: IMAGE_FILE,
		description: `The first frame of the video, as a public http(s) link or a data:image/…;base64, URL: ${FIRST_FRAME}`,
		displayOptions: {
			show: { resource: ['video'], operation: ['imageToVideo'], imageSource: ['url'] },
		},
	},
	{
		displayName: 'Input Binary Field',
		name: 'binaryPropertyName',
		type: 'string',
		required: true,
		default: INPUT_FIELD,
		placeholder: `e.g. ${INPUT_FIELD}`,
		hint: 'The name of the input field that holds the image file',
		description: `The first frame of the video: ${FIRST_FRAME}`,
		displayOptions: {
			show: { resource: ['video'], operation: ['imageToVideo'], imageSource: ['binary'] },
		},
	},
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		placeholder: 'e.g. She turns to the camera and smiles, wind in her hair, slow zoom in',
		description: `What happens after the first frame: action, camera and mood (optional, ${PROMPT_LENGTH})`,
		displayOptions: { show: { resource: ['video'], operation: ['imageToVideo'] } },
	},
];
