// Pieces of help text that several fields share, with the service's limits in them.
import type { NodeHint } from 'n8n-workflow';
import { TASK_HOURS } from '../domain/task';
import { SERVICES } from '../service';
import { limit } from './services';

/** Bytes as megabytes, the way the service counts them. */
function megabytes(bytes: number): string {
	return `${bytes / 1024 / 1024} MB`;
}

/** The aspect ratios that an image or a video to edit may have, width to height. */
export const ASPECT_RATIO_RANGE = limit(({ sideRatio }) => `1:${sideRatio} to ${sideRatio}:1`);

/** What an image file may be. */
export const IMAGE_FILE = `JPG, PNG or WebP, up to ${limit(({ imageBytes }) => megabytes(imageBytes))}`;

/** What the file of a first frame may be. */
export const FIRST_FRAME_FILE = `JPG, PNG or WebP, up to ${limit(({ firstFrameBytes }) => megabytes(firstFrameBytes))}`;

/** Size of a first frame, and of an image that goes with an edit. */
export const FRAME_SIZE = limit(
	({ frameSidePixels }) => `at least ${frameSidePixels} × ${frameSidePixels} pixels`,
);

/** Size in bytes of a video to edit. */
export const VIDEO_BYTES = limit(({ videoBytes }) => megabytes(videoBytes));

/** What a prompt may be. */
export const PROMPT_LENGTH = limit(
	({ promptCharacters, chinesePromptCharacters }) =>
		`any language, up to ${promptCharacters} characters; of a Chinese prompt, the model reads only the first ${chinesePromptCharacters}`,
);

const chinesePromptCharacters = Math.min(
	...SERVICES.map(({ offer }) => offer.limits.chinesePromptCharacters),
);

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
