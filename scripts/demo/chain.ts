// The workflow of the demo: four videos from iMini and two from Model Studio, one after the other.
import type { INodeParameters } from 'n8n-workflow';
import { connect, NODE_TYPE } from '../../tools/engine/engine';
import type { NodeSpec, WorkflowSpec } from '../../tools/engine/engine';
import type { ServiceName } from '../../tools/simulator/simulator';

/** What all steps have in common. */
export interface Format {
	resolution: '720P' | '1080P';
	/** Seconds of each generated video. */
	duration: number;
	/** Minutes to wait for one. */
	timeout: number;
}

/** A video: the name of its node, and that of its files. */
export interface Step {
	readonly name: string;
	readonly file: string;
	readonly service: ServiceName;
	readonly parameters: INodeParameters;
}

/** What a field of images takes: the cover of an earlier video. */
const coverOf = (name: string) => `={{ $('${name}').first().binary.cover }}`;

function step(service: ServiceName, name: string, parameters: INodeParameters): Step {
	return { service, name, file: name.toLowerCase().replaceAll(/\W+/g, '-'), parameters };
}

/** The videos, in order, from these services. */
export function stepsAt(
	services: readonly ServiceName[],
	{ resolution, duration, timeout }: Format,
): Step[] {
	const usual = { resolution, duration, options: { downloadCover: true, timeout } };
	const edit = { operation: 'editVideo', resolution };
	const all = [
		step('imini', '1 Text to Video', {
			...usual,
			prompt:
				'A miniature city built from cardboard and bottle caps comes alive at night, with a cardboard train rolling past lit by tiny string lights.',
		}),
		step('imini', '2 Image to Video', {
			...usual,
			operation: 'imageToVideo',
			imageSource: 'binary',
			binaryPropertyName: coverOf('1 Text to Video'),
			prompt: 'Morning comes: the lights go out one by one, and the train stops at a station.',
		}),
		step('imini', '3 Reference to Video', {
			...usual,
			operation: 'referenceToVideo',
			prompt: 'The city of character1 at night, seen from a window in the city of character2.',
			referenceImages: {
				image: ['1 Text to Video', '2 Image to Video'].map((name) => ({
					source: 'binary',
					binaryPropertyName: coverOf(name),
				})),
			},
		}),
		step('imini', '4 Edit Video', {
			...edit,
			videoUrl: "={{ $('1 Text to Video').first().json.video_url }}",
			prompt: 'Let it snow over the city, and keep everything else as it is.',
			options: usual.options,
		}),
		step('modelStudio', '5 Model Studio Text to Video', {
			service: 'modelStudio',
			resolution,
			duration,
			prompt: 'A paper lantern drifts down a quiet canal at dusk.',
			options: { seed: 42, timeout },
		}),
		step('modelStudio', '6 Model Studio Edit Video', {
			...edit,
			service: 'modelStudio',
			videoSource: 'binary',
			videoBinaryPropertyName: "={{ $('5 Model Studio Text to Video').first().binary.data }}",
			prompt: 'Make it a pencil drawing, and keep everything else as it is.',
			options: { timeout },
		}),
	];
	return all.filter(({ service }) => services.includes(service));
}

/** The workflow of these steps. */
export function chainOf(steps: readonly Step[]): WorkflowSpec {
	const nodes: NodeSpec[] = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		...steps.map(({ name, parameters }) => ({ name, type: NODE_TYPE, parameters })),
	];
	return { nodes, connections: connect(nodes.map(({ name }) => name)) };
}
