// What the finished video looks like: fields that several video operations share.
import type { INodeProperties } from 'n8n-workflow';
import { ORDER_DEFAULTS } from '../domain/limits';
import { propertyHint } from './builderHints';
import { choicesByVersion, forEachService, limit } from './services';

const { aspectRatio, durationSeconds, resolution } = ORDER_DEFAULTS;

const RATIOS = {
	'16:9': { name: '16:9 (Landscape)', description: 'Television, YouTube' },
	'9:16': { name: '9:16 (Portrait)', description: 'Phones, Shorts, Reels, TikTok' },
	'1:1': { name: '1:1 (Square)' },
	'4:3': { name: '4:3 (Landscape)' },
	'3:4': { name: '3:4 (Portrait)' },
	'4:5': { name: '4:5 (Portrait)', description: 'Instagram' },
	'5:4': { name: '5:4 (Landscape)' },
	'9:21': { name: '9:21 (Tall)' },
	'21:9': { name: '21:9 (Wide)', description: 'Cinema' },
};

const RESOLUTION_NAMES = {
	'480P': { name: '480p', description: 'For drafts, where your account offers it' },
	'720P': { name: '720p', description: 'HD' },
	'1080P': { name: '1080p', description: 'Full HD' },
};

/** The operations that make a video from nothing or from images: an edit takes its length from its source. */
const GENERATIONS = ['textToVideo', 'imageToVideo', 'referenceToVideo'];

/** Model Version, of a service that has several. */
function modelVersionField(service: string, versions: readonly string[]): INodeProperties {
	const [usual] = versions;
	return {
		displayName: 'Model Version',
		name: 'modelVersion',
		type: 'options',
		options: versions.map((version) => ({ name: version, value: version })),
		default: usual,
		description: 'Which HappyHorse model makes the video: the first is the newest',
		displayOptions: {
			show: {
				service: [service],
				resource: ['video'],
				operation: GENERATIONS,
			},
		},
	};
}

/** Model Version: it belongs to the service, and stands below it. */
export const modelVersion: INodeProperties[] = forEachService(
	({ modelVersions }) => (modelVersions.length > 1 ? modelVersions : undefined),
	(versions, { name }) => modelVersionField(name, versions),
);

/** Resolution, aspect ratio and duration, each for the operations that take it. */
export const videoFormat: INodeProperties[] = [
	{
		displayName: 'Resolution',
		name: 'resolution',
		type: 'options',
		options: choicesByVersion(({ resolutions }) => resolutions, RESOLUTION_NAMES, GENERATIONS),
		default: resolution,
		description: 'How sharp the video is: 1080p costs more',
		displayOptions: { show: { resource: ['video'] } },
	},
	{
		displayName: 'Aspect Ratio',
		name: 'aspectRatio',
		type: 'options',
		options: choicesByVersion(({ aspectRatios }) => aspectRatios, RATIOS, GENERATIONS),
		default: aspectRatio,
		description: 'Width to height of the video',
		...propertyHint('At iMini only 16:9, 9:16, 1:1, 4:3 and 3:4'),
		displayOptions: {
			show: { resource: ['video'], operation: ['textToVideo', 'referenceToVideo'] },
		},
	},
	{
		displayName: 'Duration (Seconds)',
		name: 'duration',
		type: 'number',
		default: durationSeconds,
		hint: limit(({ durationSeconds: { min, max } }) => `${min} to ${max} seconds`),
		description: 'Length of the video in whole seconds: each of them costs credits',
		displayOptions: {
			show: {
				resource: ['video'],
				operation: GENERATIONS,
			},
		},
	},
];
