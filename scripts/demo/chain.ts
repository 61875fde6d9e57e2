// The workflow of the demo: four videos, one after the other.
import type { INodeParameters } from 'n8n-workflow';
import { connect, itemsNode, NODE_TYPE } from '../../tools/engine/engine';
import type { NodeSpec, WorkflowSpec } from '../../tools/engine/engine';
import { drawImages } from './images';

/** What all steps have in common. */
export interface Format {
	resolution: '720P' | '1080P';
	/** Seconds of each generated video. */
	duration: number;
	/** Minutes to wait for one. */
	timeout: number;
}

/** The steps in order: the name of the node, and of the files that it leaves. */
export const STEPS = [
	{ name: 'Text to Video', file: '1-text-to-video' },
	{ name: 'Image to Video', file: '2-image-to-video' },
	{ name: 'Reference to Video', file: '3-reference-to-video' },
	{ name: 'Edit Video', file: '4-edit-video' },
] as const;

function step(name: (typeof STEPS)[number]['name'], parameters: INodeParameters): NodeSpec {
	return { name, type: NODE_TYPE, parameters };
}

/** The workflow, and two node types of its own that put out images, as a file node would. */
export async function buildChain({ resolution, duration, timeout }: Format) {
	const { lake, robot, bird } = await drawImages();
	const file = (content: Buffer, fileName: string, mimeType: string) => ({
		content,
		fileName,
		mimeType,
	});
	const nodeTypes = {
		'demo.firstFrame': itemsNode([
			{ json: {}, binary: { data: file(lake, 'lake.jpg', 'image/jpeg') } },
		]),
		'demo.characters': itemsNode([
			{
				json: {},
				binary: {
					robot: file(robot, 'robot.png', 'image/png'),
					bird: file(bird, 'bird.png', 'image/png'),
				},
			},
		]),
	};
	const options = { downloadCover: true, timeout };
	const nodes: NodeSpec[] = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		step('Text to Video', {
			prompt:
				'A miniature city built from cardboard and bottle caps comes alive at night, with a cardboard train rolling past lit by tiny string lights.',
			resolution,
			duration,
			options,
		}),
		{ name: 'First Frame', type: 'demo.firstFrame' },
		step('Image to Video', {
			operation: 'imageToVideo',
			imageSource: 'binary',
			prompt: 'The boat sails slowly across the lake while the sun goes down.',
			resolution,
			duration,
			options,
		}),
		{ name: 'Characters', type: 'demo.characters' },
		step('Reference to Video', {
			operation: 'referenceToVideo',
			prompt: 'character1 waters a flower, and character2 lands on its shoulder and sings.',
			referenceImages: {
				image: [
					{ source: 'binary', binaryPropertyName: 'robot' },
					{ source: 'binary', binaryPropertyName: 'bird' },
				],
			},
			resolution,
			duration,
			options,
		}),
		step('Edit Video', {
			operation: 'editVideo',
			videoUrl: "={{ $('Text to Video').first().json.video_url }}",
			prompt: 'Let it snow over the city, and keep everything else as it is.',
			resolution,
			options,
		}),
	];
	const workflow: WorkflowSpec = { nodes, connections: connect(nodes.map(({ name }) => name)) };
	return { workflow, nodeTypes };
}
