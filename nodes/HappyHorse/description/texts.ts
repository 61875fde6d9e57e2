// Pieces of help text that several fields share, with the service's limits in them.
import type { NodeHint } from 'n8n-workflow';
import type { ImageFormat } from '../domain/limits';
import { IMAGE_FORMATS } from '../domain/limits';
import { TASK_HOURS } from '../domain/task';
import { IMINI_LIMITS } from '../service/imini/limits';

const FORMAT_NAMES: Record<ImageFormat, string> = { jpeg: 'JPG', png: 'PNG', webp: 'WebP' };

/** "A, B or C". */
function either(words: readonly string[]): string {
	return [words.slice(0, -1).join(', '), ...words.slice(-1)].join(' or ');
}

/** Bytes as megabytes, the way the service counts them. */
function megabytes(bytes: number): string {
	return `${bytes / 1024 / 1024} MB`;
}

/** The aspect ratios that an image or a video to edit may have, width to height. */
export const ASPECT_RATIO_RANGE = `1:${IMINI_LIMITS.sideRatio} to ${IMINI_LIMITS.sideRatio}:1`;

/** What an image file may be. */
export const IMAGE_FILE = `${either(IMAGE_FORMATS.map((format) => FORMAT_NAMES[format]))}, up to ${megabytes(IMINI_LIMITS.imageBytes)}`;

/** Size in bytes of a video to edit. */
export const VIDEO_BYTES = megabytes(IMINI_LIMITS.videoBytes);

/** What a prompt may be. */
export const PROMPT_LENGTH = `any language, up to ${IMINI_LIMITS.promptCharacters} characters; of a Chinese prompt, the model reads only the first ${IMINI_LIMITS.chinesePromptCharacters}`;

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
