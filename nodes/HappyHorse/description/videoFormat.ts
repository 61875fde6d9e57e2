// What the finished video looks like: fields that several video operations share.
import type { INodeProperties } from 'n8n-workflow';
import { ASPECT_RATIOS, MODEL_VERSIONS, ORDER_DEFAULTS, RESOLUTIONS } from '../domain/limits';
import { IMINI_LIMITS } from '../service/imini/limits';
import { MODEL_STUDIO_LIMITS } from '../service/modelStudio/limits';
import { choices } from './fields';

const { aspectRatio, durationSeconds, modelVersion, resolution } = ORDER_DEFAULTS;
const { min, max } = IMINI_LIMITS.durationSeconds;

/** Aspect ratios that only the newer model has. */
const NEWER = ASPECT_RATIOS.filter((ratio) =>
	MODEL_STUDIO_LIMITS.aspectRatios['1.0'].every((one) => one !== ratio),
);

const NEWER_ONLY = { show: { '/service': ['modelStudio'], '/modelVersion': ['1.1'] } };

const ratioChoices = choices(ASPECT_RATIOS, {
	'16:9': { name: '16:9 (Landscape)', description: 'Television, YouTube' },
	'9:16': { name: '9:16 (Portrait)', description: 'Phones, Shorts, Reels, TikTok' },
	'1:1': { name: '1:1 (Square)' },
	'4:3': { name: '4:3 (Landscape)' },
	'3:4': { name: '3:4 (Portrait)' },
	'4:5': { name: '4:5 (Portrait)', description: 'Instagram' },
	'5:4': { name: '5:4 (Landscape)' },
	'9:21': { name: '9:21 (Tall)' },
	'21:9': { name: '21:9 (Wide)', description: 'Cinema' },
}).map((choice) =>
	NEWER.some((ratio) => ratio === choice.value)
		? { ...choice, displayOptions: NEWER_ONLY }
		: choice,
);

/** Model, resolution, aspect ratio and duration, each for the operations that take it. */
export const videoFormat: INodeProperties[] = [
	{
		displayName: 'Model Version',
		name: 'modelVersion',
		type: 'options',
		options: choices(MODEL_VERSIONS, {
			'1.0': { name: '1.0' },
			'1.1': { name: '1.1', description: 'The newer one' },
		}),
		default: modelVersion,
		description: 'Which HappyHorse model makes the video',
		displayOptions: {
			show: {
				service: ['modelStudio'],
				resource: ['video'],
				operation: ['textToVideo', 'imageToVideo', 'referenceToVideo'],
			},
		},
	},
	{
		displayName: 'Resolution',
		name: 'resolution',
		type: 'options',
		options: choices(RESOLUTIONS, {
			'720P': { name: '720p', description: 'HD' },
			'1080P': { name: '1080p', description: 'Full HD' },
		}),
		default: resolution,
		description: 'How sharp the video is',
		displayOptions: { show: { resource: ['video'] } },
	},
	{
		displayName: 'Aspect Ratio',
		name: 'aspectRatio',
		type: 'options',
		options: ratioChoices,
		default: aspectRatio,
		description: 'Width to height of the video',
		displayOptions: {
			show: { resource: ['video'], operation: ['textToVideo', 'referenceToVideo'] },
		},
	},
	{
		displayName: 'Duration (Seconds)',
		name: 'duration',
		type: 'number',
		default: durationSeconds,
		hint: `${min} to ${max} seconds`,
		description: 'Length of the video in whole seconds: each of them costs credits',
		displayOptions: {
			show: {
				resource: ['video'],
				operation: ['textToVideo', 'imageToVideo', 'referenceToVideo'],
			},
		},
	},
];
