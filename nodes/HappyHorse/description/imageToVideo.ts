// Image to Video: the fields of its own.
import type { INodeProperties } from 'n8n-workflow';
import { fileFields, ofOperation, promptField } from './fields';
import { ASPECT_RATIO_RANGE, FIRST_FRAME_FILE, FRAME_SIZE, PROMPT_LENGTH } from './texts';

const FIRST_FRAME = `${FIRST_FRAME_FILE}, ${FRAME_SIZE}, aspect ratio from ${ASPECT_RATIO_RANGE}; the video takes the aspect ratio of the image`;

/** The fields of Image to Video alone. */
export const imageToVideo: INodeProperties[] = ofOperation('imageToVideo', [
	...fileFields(
		'image',
		{
			displayName: 'Image Source',
			name: 'imageSource',
			description: 'Where the first frame comes from',
		},
		{
			name: 'imageUrl',
			placeholder: 'e.g. https://example.com/first-frame.jpg',
			hint: `${FIRST_FRAME_FILE}, ${FRAME_SIZE}`,
			description: `The first frame of the video, as a public http(s) link or a data:image/…;base64, URL: ${FIRST_FRAME}`,
		},
		{
			name: 'binaryPropertyName',
			hint: FRAME_SIZE,
			description: `The first frame of the video: ${FIRST_FRAME}`,
		},
	),
	promptField(false, {
		placeholder: 'e.g. She turns to the camera and smiles, wind in her hair, slow zoom in',
		description: `What happens after the first frame: action, camera and mood (optional, ${PROMPT_LENGTH})`,
	}),
]);
