// Image to Video: the fields of its own.
import type { INodeProperties } from 'n8n-workflow';
import { fileSource, inputBinaryField, promptField, shownFor } from './fields';
import { limit } from './services';
import { ASPECT_RATIO_RANGE, FIRST_FRAME_FILE, PROMPT_LENGTH } from './texts';

const LIMITS = limit(
	({ frameSidePixels }) => `at least ${frameSidePixels} × ${frameSidePixels} pixels`,
);

const FIRST_FRAME = `${FIRST_FRAME_FILE}, ${LIMITS}, aspect ratio from ${ASPECT_RATIO_RANGE}; the video takes the aspect ratio of the image`;

/** The fields of Image to Video alone. */
export const imageToVideo: INodeProperties[] = [
	{
		displayName: 'Image Source',
		name: 'imageSource',
		type: 'options',
		options: fileSource('image'),
		default: 'url',
		description: 'Where the image comes from that the video starts with',
		displayOptions: shownFor('imageToVideo'),
	},
	{
		displayName: 'Image URL',
		name: 'imageUrl',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://example.com/first-frame.jpg',
		hint: `${FIRST_FRAME_FILE}, ${LIMITS}`,
		description: `The first frame of the video, as a public http(s) link or a data:image/…;base64, URL: ${FIRST_FRAME}`,
		displayOptions: shownFor('imageToVideo', { imageSource: ['url'] }),
	},
	inputBinaryField(
		'image',
		'binaryPropertyName',
		LIMITS,
		`The first frame of the video: ${FIRST_FRAME}`,
		shownFor('imageToVideo', { imageSource: ['binary'] }),
	),
	promptField('imageToVideo', false, {
		placeholder: 'e.g. She turns to the camera and smiles, wind in her hair, slow zoom in',
		description: `What happens after the first frame: action, camera and mood (optional, ${PROMPT_LENGTH})`,
	}),
];
