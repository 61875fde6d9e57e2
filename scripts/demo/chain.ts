// The workflow of the demo: four videos from iMini and two from Model Studio, one after the other.
import type { INodeParameters } from 'n8n-workflow';
import { connect, NODE_TYPE } from '../../tools/engine/engine';
import type { NodeSpec, WorkflowSpec } from '../../tools/engine/engine';

/** A file that an earlier video was delivered with. */
export interface Input {
	/** The name of its node. */
	readonly from: string;
	readonly field: 'data' | 'cover';
}

/** A video: the name of its node, and what goes into it. */
export interface Step {
	readonly name: string;
	readonly inputs: readonly Input[];
	readonly parameters: INodeParameters;
}

/** What a field for a file takes. */
const fileOf = ({ from, field }: Input) => `={{ $('${from}').first().binary.${field} }}`;

const coverOf = (from: string): Input => ({ from, field: 'cover' });
const videoOf = (from: string): Input => ({ from, field: 'data' });

/** What all have in common. Simulated tasks take seconds: a failure shows within a minute. */
const USUAL = { resolution: '1080P', options: { downloadCover: true, timeout: 1 } };
const MODEL_STUDIO = { ...USUAL, service: 'modelStudio', options: { seed: 42, timeout: 1 } };

const TEXT = '1 Text to Video';
const IMAGE = '2 Image to Video';
const STUDIO_TEXT = '5 Text to Video at Model Studio';

/** The videos, in order. */
export const STEPS: readonly Step[] = [
	{
		name: TEXT,
		inputs: [],
		parameters: {
			...USUAL,
			duration: 5,
			prompt:
				'A foal gallops across a green meadow at sunset, with soft hills and small pines behind it.',
		},
	},
	{
		name: IMAGE,
		inputs: [coverOf(TEXT)],
		parameters: {
			...USUAL,
			operation: 'imageToVideo',
			imageSource: 'binary',
			binaryPropertyName: fileOf(coverOf(TEXT)),
			duration: 4,
			prompt: 'The foal runs on towards the hills, and the camera keeps up with it.',
		},
	},
	{
		name: '3 Reference to Video',
		inputs: [coverOf(TEXT), coverOf(IMAGE)],
		parameters: {
			...USUAL,
			operation: 'referenceToVideo',
			referenceImages: {
				image: [TEXT, IMAGE].map((name) => ({
					source: 'binary',
					binaryPropertyName: fileOf(coverOf(name)),
				})),
			},
			duration: 6,
			prompt:
				'The foal of character1 crosses the meadow of character2 in the last light of the day.',
		},
	},
	{
		name: '4 Edit Video',
		inputs: [videoOf(TEXT)],
		parameters: {
			...USUAL,
			operation: 'editVideo',
			videoUrl: `={{ $('${TEXT}').first().json.video_url }}`,
			prompt: 'Let it snow over the meadow, and keep everything else as it is.',
		},
	},
	{
		name: STUDIO_TEXT,
		inputs: [],
		parameters: {
			...MODEL_STUDIO,
			duration: 5,
			prompt: 'A foal runs along a quiet river in the morning, seen from the other bank.',
		},
	},
	{
		name: '6 Edit Video at Model Studio',
		inputs: [videoOf(STUDIO_TEXT)],
		parameters: {
			...MODEL_STUDIO,
			operation: 'editVideo',
			videoSource: 'binary',
			videoBinaryPropertyName: fileOf(videoOf(STUDIO_TEXT)),
			options: { timeout: 1 },
			prompt: 'Make it a pencil drawing, and keep everything else as it is.',
		},
	},
];

/** The workflow of these steps. */
export function chainOf(steps: readonly Step[]): WorkflowSpec {
	const nodes: NodeSpec[] = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		...steps.map(({ name, parameters }) => ({ name, type: NODE_TYPE, parameters })),
	];
	return { nodes, connections: connect(nodes.map(({ name }) => name)) };
}
