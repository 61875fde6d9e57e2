// Reference to Video: the fields of its own.
import type { INodeProperties } from 'n8n-workflow';
import { LIMITS } from '../service/contract';
import { referenceImage } from './referenceImages';
import { IMAGE_FILE, PROMPT_LENGTH } from './texts';

/** The fields of Reference to Video alone. */
export const referenceToVideo: INodeProperties[] = [
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. character1 hands a red umbrella to character2 on a rainy street, cinematic',
		hint: 'Name the images by their place in the list below: character1, character2 and so on',
		description: `What the video shows; the words character1, character2 and so on stand for the first, second and further reference images (${PROMPT_LENGTH})`,
		displayOptions: { show: { resource: ['video'], operation: ['referenceToVideo'] } },
	},
	{
		displayName: 'Reference Images',
		name: 'referenceImages',
		type: 'fixedCollection',
		typeOptions: {
			multipleValues: true,
			multipleValueButtonText: 'Add Image',
			sortable: true,
			minRequiredFields: LIMITS.referenceImages.min,
			maxAllowedFields: LIMITS.referenceImages.max,
		},
		placeholder: 'Add Image',
		default: {},
		options: [referenceImage],
		description: `${LIMITS.referenceImages.min} to ${LIMITS.referenceImages.max} images of people, animals, objects or places to appear in the video: ${IMAGE_FILE} each, shorter side at least ${LIMITS.referenceShortSidePixels} pixels; their order makes them character1, character2 and so on in the prompt`,
		displayOptions: { show: { resource: ['video'], operation: ['referenceToVideo'] } },
	},
];
