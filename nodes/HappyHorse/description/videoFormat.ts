// What the finished video looks like: fields that several video operations share.
import type { INodeProperties } from 'n8n-workflow';
import { ASPECT_RATIOS, ORDER_DEFAULTS, RESOLUTIONS } from '../order';
import { IMINI_LIMITS } from '../service/imini/limits';
import { choices } from './choices';

const { aspectRatio, durationSeconds, resolution } = ORDER_DEFAULTS;
const { min, max } = IMINI_LIMITS.durationSeconds;

/** Resolution, aspect ratio and duration, each for the operations that take it. */
export const videoFormat: INodeProperties[] = [
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
		options: choices(ASPECT_RATIOS, {
			'16:9': { name: '16:9 (Landscape)', description: 'Television, YouTube' },
			'9:16': { name: '9:16 (Portrait)', description: 'Phones, Shorts, Reels, TikTok' },
			'1:1': { name: '1:1 (Square)' },
			'4:3': { name: '4:3 (Landscape)' },
			'3:4': { name: '3:4 (Portrait)' },
		}),
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
