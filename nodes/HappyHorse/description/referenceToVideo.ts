// Reference to Video: the fields of its own.
import type { INodeProperties } from 'n8n-workflow';
import { ofOperation, promptField, referenceImagesField } from './fields';
import { limit, widest } from './services';
import { IMAGE_FILE, PROMPT_LENGTH } from './texts';

const COUNT = widest(({ referenceImages }) => referenceImages);

const SIZE = limit(
	({ referenceShortSidePixels }) => `shorter side at least ${referenceShortSidePixels} pixels`,
);

const NAMES = limit(({ namesImagesInBrackets }) =>
	namesImagesInBrackets ? 'character1 or [Image 1] and so on' : 'character1, character2 and so on',
);

/** The fields of Reference to Video alone. */
export const referenceToVideo: INodeProperties[] = ofOperation('referenceToVideo', [
	promptField(true, {
		placeholder: 'e.g. character1 hands a red umbrella to character2 on a rainy street, cinematic',
		hint: 'Name the images by their place in the list below: character1, character2 and so on',
		description: `What the video shows; the reference images are named by their place in the list: ${NAMES} (${PROMPT_LENGTH})`,
	}),
	referenceImagesField(
		COUNT,
		SIZE,
		`${COUNT.min} to ${COUNT.max} images of people, animals, objects or places to appear in the video: ${IMAGE_FILE} each, ${SIZE}; their order makes them character1, character2 and so on in the prompt`,
	),
]);
