// Edit Video: the fields of its own.
import type { INodeProperties } from 'n8n-workflow';
import { AUDIO_SETTINGS, DEFAULTS, LIMITS } from '../service/contract';
import { choices } from './choices';
import { fileSource } from './fileSource';
import { referenceImage } from './referenceImages';
import { INPUT_FIELD, SIGNED_LINK_HOURS } from './settings';
import { IMAGE_FILE, PROMPT_LENGTH, ASPECT_RATIO_RANGE, VIDEO_BYTES } from './texts';

const { audioSetting } = DEFAULTS;

/** What the service takes as the video to edit, beyond what this node itself can check. */
const SOURCE = {
	/** Seconds. */
	duration: { min: 3, max: 60 },
	/** Pixels. */
	longSideMax: 2160,
	/** Pixels. */
	shortSideMin: 320,
	/** Frames a second; more than that. */
	framesAbove: 8,
} as const;

const LENGTH = `${SOURCE.duration.min} to ${SOURCE.duration.max} seconds (only the first ${LIMITS.editSeconds} are used)`;

const SOURCE_VIDEO = `MP4 or MOV, H.264 advised, ${LENGTH}, up to ${VIDEO_BYTES}, longer side up to ${SOURCE.longSideMax} and shorter side at least ${SOURCE.shortSideMin} pixels, aspect ratio from ${ASPECT_RATIO_RANGE}, more than ${SOURCE.framesAbove} frames a second; length and aspect ratio of the edited video follow it`;

/** The fields of Edit Video alone. */
export const editVideo: INodeProperties[] = [
	{
		displayName: 'Video Source',
		name: 'videoSource',
		type: 'options',
		options: fileSource('video'),
		default: 'url',
		description: 'Where the video comes from that is to be changed',
		displayOptions: { show: { resource: ['video'], operation: ['editVideo'] } },
	},
	{
		displayName: 'Video URL',
		name: 'videoUrl',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://example.com/video.mp4',
		hint: `MP4 or MOV, ${LENGTH}, up to ${VIDEO_BYTES}`,
		description: `The video to change, as a public http(s) link that opens without a login: ${SOURCE_VIDEO}`,
		displayOptions: {
			show: { resource: ['video'], operation: ['editVideo'], videoSource: ['url'] },
		},
	},
	{
		displayName: 'Input Binary Field',
		name: 'videoBinaryPropertyName',
		type: 'string',
		required: true,
		default: INPUT_FIELD,
		placeholder: `e.g. ${INPUT_FIELD}`,
		hint: 'The name of the input field that holds the video file',
		description: `The video to change: ${SOURCE_VIDEO}`,
		displayOptions: {
			show: { resource: ['video'], operation: ['editVideo'], videoSource: ['binary'] },
		},
	},
	{
		displayName: `HappyHorse fetches the file through a link to this n8n, good for ${SIGNED_LINK_HOURS} hours: n8n must be reachable from the internet. If it is not, upload the video somewhere public and use its URL.`,
		name: 'videoBinaryNotice',
		type: 'notice',
		default: '',
		displayOptions: {
			show: { resource: ['video'], operation: ['editVideo'], videoSource: ['binary'] },
		},
	},
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. Make it snow and give the man a red coat, keep everything else',
		description: `What to change in the video, and what to keep (${PROMPT_LENGTH})`,
		displayOptions: { show: { resource: ['video'], operation: ['editVideo'] } },
	},
	{
		displayName: 'Reference Images',
		name: 'referenceImages',
		type: 'fixedCollection',
		typeOptions: {
			multipleValues: true,
			multipleValueButtonText: 'Add Image',
			sortable: true,
			maxAllowedFields: LIMITS.editImages.max,
		},
		placeholder: 'Add Image',
		default: {},
		options: [referenceImage],
		description: `Up to ${LIMITS.editImages.max} images of what to put into the video (optional): ${IMAGE_FILE} each, at least ${LIMITS.frameSidePixels} × ${LIMITS.frameSidePixels} pixels, aspect ratio from ${ASPECT_RATIO_RANGE}`,
		displayOptions: { show: { resource: ['video'], operation: ['editVideo'] } },
	},
	{
		displayName: 'Audio',
		name: 'audioSetting',
		type: 'options',
		options: choices(AUDIO_SETTINGS, {
			auto: {
				name: 'Automatic',
				description: 'The model decides what the edited video sounds like',
			},
			origin: { name: 'Keep Original', description: 'Keep the sound of the source video' },
		}),
		default: audioSetting,
		description: 'What happens to the sound of the source video',
		displayOptions: { show: { resource: ['video'], operation: ['editVideo'] } },
	},
];
