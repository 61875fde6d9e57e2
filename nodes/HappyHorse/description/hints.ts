// Hints beside the output: what would cost a user a video, or a part of the prompt, when nobody said it in time.
import type { NodeHint } from 'n8n-workflow';
import { LIMITS } from '../service/contract';

const { chinesePromptCharacters, linkHours } = LIMITS;

/** All hints of the node. */
export const hints: NodeHint[] = [
	{
		type: 'info',
		location: 'outputPane',
		message: `Download Video is off: the link to the video lasts only about ${linkHours} hours`,
		// Undefined where the field is hidden
		displayCondition: '={{ $parameter.downloadVideo === false }}',
	},
	{
		type: 'info',
		location: 'outputPane',
		message: `Wait for Completion is off: collect the video with Task → Wait or Get within about ${linkHours} hours`,
		displayCondition: '={{ $parameter.waitForCompletion === false }}',
	},
	{
		type: 'warning',
		location: 'outputPane',
		message: `Of a Chinese prompt, the model reads only the first ${chinesePromptCharacters} characters: this one is longer`,
		displayCondition: `={{ /[\\u4e00-\\u9fff]/.test($parameter.prompt) && $parameter.prompt.length > ${chinesePromptCharacters} }}`,
	},
];
