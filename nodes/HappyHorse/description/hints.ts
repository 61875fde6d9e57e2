// What n8n tells of the node beside its fields: hints at its output, and what the AI builder and Assistant read.
import type { NodeHint } from 'n8n-workflow';
import { TASK_HOURS } from '../domain/task';
import { SERVICES } from '../service';

const chinesePromptCharacters = Math.min(
	...SERVICES.map(({ offer }) => offer.limits.chinesePromptCharacters),
);

/** The hints at the node's output. */
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

/**
 * A hint to n8n's AI builder for one field or operation, to be spread into it: the types of the oldest n8n that is supported do
 * not have the property, and n8n before 2.35 or so passes it over. No expressions in it: the builder would copy them.
 */
export function propertyHint(text: string): { builderHint: { propertyHint: string } } {
	return { builderHint: { propertyHint: text } };
}

/** The same for the whole node, and the nodes that go with it. */
export const nodeHint = {
	builderHint: {
		searchHint:
			'Makes videos with AI from text, a first frame, reference images, or another video. It orders, waits until each video is finished and downloads it by itself: never build a Wait node, a polling loop, an If on a status or an HTTP Request around it. All input items run at once: no Loop Over Items. Each video costs money: set options.dryRun to true while building, and tell the user to turn it off when all is ready. For one film of several clips, put a second node of this type behind it, with resource film and operation join.',
		relatedNodes: [
			{
				nodeType: 'n8n-nodes-base.splitOut',
				relationHint:
					'Makes one item of each prompt or shot in a list: each item becomes one video',
			},
			{
				nodeType: 'n8n-nodes-base.editImage',
				relationHint: 'Resize and Crop make an image fit what the models take',
			},
		],
	},
};
