// Text to Video: the fields of its own.
import type { INodeProperties } from 'n8n-workflow';
import { PROMPT_LENGTH } from './texts';

/** The fields of Text to Video alone. */
export const textToVideo: INodeProperties[] = [
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder:
			'e.g. A cardboard city comes alive at night as a tiny lit train rolls past, slow tracking shot',
		description: `What the video shows: subject, action, setting, camera and style (${PROMPT_LENGTH})`,
		displayOptions: { show: { resource: ['video'], operation: ['textToVideo'] } },
	},
];
