// The workflow of the demo: four videos from iMini and two from Model Studio, one after the other, and a film of them all.
import type { INodeParameters } from 'n8n-workflow';
import { connect, NODE_TYPE } from '../../tools/engine/engine';
import type { NodeSpec, WorkflowSpec } from '../../tools/engine/engine';

const first = (name: string) => `$('${name}').first()`;
/** What a field of images takes: the cover of an earlier video. */
const coverOf = (name: string) => `={{ ${first(name)}.binary.cover }}`;

const referenceOf = (name: string) => ({ source: 'binary', binaryPropertyName: coverOf(name) });

/** Simulated tasks take seconds: with a timeout of one minute, a failure shows soon. */
const USUAL = { resolution: '1080P', options: { downloadCover: true, timeout: 1 } };
const MODEL_STUDIO = { ...USUAL, service: 'modelStudio', options: { timeout: 1 } };

const TEXT = '1 Text to Video';
const IMAGE = '2 Image to Video';
const STUDIO_TEXT = '5 Text to Video at Model Studio';

/** The videos, in order: the name of each node, and what that is told. */
export const ORDERS: Readonly<Record<string, INodeParameters>> = {
	[TEXT]: {
		...USUAL,
		duration: 5,
		prompt: 'A foal gallops across a meadow at sunset, with soft hills and small pines behind it.',
	},
	[IMAGE]: {
		...USUAL,
		operation: 'imageToVideo',
		imageSource: 'binary',
		binaryPropertyName: coverOf(TEXT),
		duration: 4,
		prompt: 'The foal runs on towards the hills, and the camera keeps up with it.',
	},
	'3 Reference to Video': {
		...USUAL,
		operation: 'referenceToVideo',
		referenceImages: { image: [TEXT, IMAGE].map(referenceOf) },
		duration: 6,
		prompt: 'The foal of character1 crosses the meadow of character2 in the last light of the day.',
	},
	'4 Edit Video': {
		...USUAL,
		operation: 'editVideo',
		videoUrl: `={{ ${first(TEXT)}.json.video_url }}`,
		prompt: 'Let it snow over the meadow, and keep everything else as it is.',
	},
	[STUDIO_TEXT]: {
		...MODEL_STUDIO,
		duration: 5,
		prompt: 'A foal runs along a quiet river in the morning, seen from the other bank.',
	},
	'6 Edit Video at Model Studio': {
		...MODEL_STUDIO,
		operation: 'editVideo',
		videoSource: 'binary',
		videoBinaryPropertyName: `={{ ${first(STUDIO_TEXT)}.binary.data }}`,
		prompt: 'Make it a pencil drawing, and keep everything else as it is.',
	},
};

const CLIPS = Object.keys(ORDERS).map((name) => `${first(name)}.binary.data`);

/** The film, like the videos. */
export const FILM = 'Film';
const JOIN = {
	resource: 'film',
	operation: 'join',
	binaryPropertyName: `={{ [${CLIPS.join()}] }}`,
};

/** The earlier files that a video is made of: those that its parameters point to. */
export function inputsOf(parameters: INodeParameters): Array<{ from: string; field: string }> {
	const pointers = /\$\('([^']+)'\)\.first\(\)\.(?:binary\.(\w+)|json)/g;
	const found = JSON.stringify(parameters).matchAll(pointers);
	return [...found].map(([, from, field = 'data']) => ({ from, field }));
}

const NODES: NodeSpec[] = [
	{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
	...Object.entries({ ...ORDERS, [FILM]: JOIN }).map(([name, parameters]) => ({
		name,
		type: NODE_TYPE,
		parameters,
	})),
];

/** All of it. */
export const CHAIN: WorkflowSpec = {
	nodes: NODES,
	connections: connect(NODES.map(({ name }) => name)),
};
