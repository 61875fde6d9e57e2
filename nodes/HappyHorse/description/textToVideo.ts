// Text to Video: the fields of its own.
import type { INodeProperties } from 'n8n-workflow';
import { ofOperation, promptField } from './fields';
import { PROMPT_LENGTH } from './texts';

/** The fields of Text to Video alone. */
export const textToVideo: INodeProperties[] = ofOperation('textToVideo', [
	promptField(true, {
		placeholder:
			'e.g. A cardboard city comes alive at night as a tiny lit train rolls past, slow tracking shot',
		description: `What the video shows: subject, action, setting, camera and style (${PROMPT_LENGTH})`,
	}),
]);
