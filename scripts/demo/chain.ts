// The workflow of the demo: four videos from iMini and two from Model Studio, one after the other.
import type { INodeParameters } from 'n8n-workflow';
import { connect,itemsNode,NODE_TYPE } from '../../tools/engine/engine';
import type { NodeSpec,WorkflowSpec } from '../../tools/engine/engine';
import type { ServiceName } from '../../tools/simulator/simulator';
import { drawImages } from './images';

/** What all steps have in common. */
export interface Format {
	resolution: '720P' | '1080P';
	/** Seconds of each generated video. */
	duration: number;
	/** Minutes to wait for one. */
	timeout: number;
}

/** The steps in order: the name of the node, and of the files that it leaves, and the service that it orders from. */
const STEPS = [
	{ name: 'Text to Video', file: '1-text-to-video', service: 'imini' },
	{ name: 'Image to Video', file: '2-image-to-video', service: 'imini' },
	{ name: 'Reference to Video', file: '3-reference-to-video', service: 'imini' },
	{ name: 'Edit Video', file: '4-edit-video', service: 'imini' },
	{ name: 'Model Studio: Text', file: '5-model-studio-text-to-video', service: 'modelStudio' },
	{ name: 'Model Studio: Edit', file: '6-model-studio-edit-video', service: 'modelStudio' },
] as const satisfies ReadonlyArray<{ name: string; file: string; service: ServiceName }>;

/** The steps that order from these services. */
export function stepsAt(services: readonly ServiceName[]) {
	return STEPS.filter(({ service }) => services.includes(service));
}

function step(name: (typeof STEPS)[number]['name'], parameters: INodeParameters): NodeSpec {
	return { name, type: NODE_TYPE, parameters };
}

/** A video from text with the newer model, and an edit of its file, which is uploaded to the service. */
function modelStudioNodes({ resolution, duration, timeout }: Format): NodeSpec[] {
	const service = 'modelStudio';
	return [
		step('Model Studio: Text', {
			service,
			prompt: 'A paper lantern drifts down a quiet canal at dusk.',
			resolution,
			duration,
			options: { seed: 42, timeout },
		}),
		step('Model Studio: Edit', {
			service,
			operation: 'editVideo',
			videoSource: 'binary',
			videoBinaryPropertyName: "={{ $('Model Studio: Text').first().binary.data }}",
			prompt: 'Make it a pencil drawing, and keep everything else as it is.',
			resolution,
			options: { timeout },
		}),
	];
}

/** Four videos, of all kinds, and two node types of their own that put out images, as a file node would. */
async function iminiNodes({ resolution, duration, timeout }: Format) {
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
	return { nodes, nodeTypes };
}

/** The workflow of the steps that order from these services, and the node types that are its own. */
export async function buildChain(format: Format, services: readonly ServiceName[]) {
	const imini = await iminiNodes(format);
	const nodes: NodeSpec[] = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		...(services.includes('imini') ? imini.nodes : []),
		...(services.includes('modelStudio') ? modelStudioNodes(format) : []),
	];
	const workflow: WorkflowSpec = { nodes, connections: connect(nodes.map(({ name }) => name)) };
	return { workflow, nodeTypes: imini.nodeTypes };
}
