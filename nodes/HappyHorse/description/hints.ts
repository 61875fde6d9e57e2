// Hints beside the output: what would cost a user a video, or a part of the prompt, when nobody said it in time.
import type { NodeHint } from 'n8n-workflow';
import { IMINI_LIMITS } from '../service/imini/limits';
import { TASK_HOURS } from '../videoTask';

const { chinesePromptCharacters } = IMINI_LIMITS;

/** All hints of the node. */
export const hints: NodeHint[] = [
	{
		type: 'info',
		location: 'outputPane',
		message: `Download Video is off: the link to the video lasts only about ${TASK_HOURS} hours`,
		// Undefined where the field is hidden
		displayCondition: '={{ $parameter.downloadVideo === false }}',
	},
	{
		type: 'info',
		location: 'outputPane',
		message: `Wait for Completion is off: collect the video with Task → Wait or Get within about ${TASK_HOURS} hours`,
		displayCondition: '={{ $parameter.waitForCompletion === false }}',
	},
	{
		type: 'warning',
		location: 'outputPane',
		message: `Of a Chinese prompt, the model reads only the first ${chinesePromptCharacters} characters: this one is longer`,
		displayCondition: `={{ /[\\u4e00-\\u9fff]/.test($parameter.prompt) && $parameter.prompt.length > ${chinesePromptCharacters} }}`,
	},
];
