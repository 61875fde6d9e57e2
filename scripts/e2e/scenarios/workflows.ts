// The node among n8n's own: sub-workflow, loop, two of them in a row, Execute Once, pinned data, expressions everywhere.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal } from 'node:assert/strict';
import { connect } from '../../../tools/engine/workflow';
import {
	baseNode,
	chain,
	chainFrom,
	itemsOf,
	type WorkflowNode,
} from '../../../tools/n8n/workflow';
import { checksOf, type Run } from '../runs';
import type { Scenario, World } from '../world';

const SHORT = { resolution: '720P', duration: 3 };

/** Two nodes: the first puts out a list, the second its items. */
export function listed(items: readonly object[]): WorkflowNode[] {
	return [
		baseNode('List', 'set', 3.4, { mode: 'raw', jsonOutput: JSON.stringify({ items }) }),
		baseNode('Split', 'splitOut', 1, { fieldToSplitOut: 'items' }),
	];
}

const prompts = (count: number) =>
	listed(Array.from({ length: count }, (_, item) => ({ prompt: `Prompt ${item}` })));

function promptsOf({ simulator }: World) {
	return [...simulator.tasks.values()].map(({ body }) => body.prompt).sort();
}

const film = ({ horse }: World, name = 'Video', more: Partial<WorkflowNode> = {}) =>
	horse(name, { prompt: '={{ $json.prompt }}', ...SHORT }, more);

const snow = ({ horse }: World) =>
	horse('Snow', {
		operation: 'editVideo',
		videoUrl: '={{ $json.video_url }}',
		prompt: 'Make it snow',
		resolution: '720P',
	});

/** A node that calls a sub-workflow with the node in it. */
async function call(world: World, more: Partial<WorkflowNode> = {}): Promise<WorkflowNode> {
	const trigger = baseNode('Start', 'executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' });
	// From 2.x on, only what is published can be called from outside of the editor
	const { id } = await world.rest.createWorkflow(chainFrom(trigger, 'Inner', film(world)));
	const parameters = {
		workflowId: { __rl: true, mode: 'id', value: id },
		workflowInputs: { mappingMode: 'defineBelow', value: {} },
		options: {},
	};
	return baseNode('Call', 'executeWorkflow', 1.2, parameters, more);
}

/** Every field of an item of {@link RUNS.expressions}, as a sheet has them: texts. */
const ROW = {
	prompt: 'character1 meets character2',
	resolution: '720P',
	ratio: '1:1',
	seconds: '4',
	yes: 'true',
	field: 'film',
	file: 'meeting.mp4',
	number: '3',
};

const RUNS: Record<string, Run> = {
	subWorkflow: {
		workflow: async (world) => chain('Outer', ...prompts(2), await call(world)),
		check(execution, world) {
			const items = itemsOf(execution, 'Call');
			deepEqual(promptsOf(world), ['Prompt 0', 'Prompt 1']);
			equal(items.length, 2);
			for (const [index, { json, binary }] of items.entries()) {
				const task = world.simulator.tasks.get(String(json.task_id));
				equal(task?.body.prompt, `Prompt ${index}`);
				equal(binary.data.mimeType, 'video/mp4');
			}
		},
	},
	// A sub-workflow that is started again is a new execution: its items are ordered again
	retriedSubWorkflow: {
		async workflow(world) {
			// The first video can't be downloaded, in all four tries: the sub-workflow fails with a task that is paid for
			const fault = { kind: 'status', status: 410 } as const;
			world.simulator.faults.push({ on: 'media', times: 4, fault });
			const retries = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
			return chain('Retried', ...prompts(1), await call(world, retries));
		},
		check: (_, world) => deepEqual(promptsOf(world), ['Prompt 0', 'Prompt 0']),
	},
	loop: {
		workflow(world) {
			const loop = baseNode('Loop', 'splitInBatches', 3, { batchSize: 1, options: {} });
			const round = { from: 'Loop', to: 'Video', output: 1 };
			const workflow = chain('Loop', ...prompts(3), loop, film(world));
			return {
				...workflow,
				connections: { ...workflow.connections, ...connect(round, ['Video', 'Loop']) },
			};
		},
		check(execution, world) {
			deepEqual(promptsOf(world), ['Prompt 0', 'Prompt 1', 'Prompt 2']);
			const ids = itemsOf(execution, 'Loop').map(({ json }) => json.task_id);
			deepEqual(ids, [...world.simulator.tasks.keys()]);
		},
	},
	twoInARow: {
		workflow: (world) =>
			chain('Two', world.horse('First', { prompt: 'A horse', ...SHORT }), snow(world)),
		check(execution, { simulator }) {
			const modes = [...simulator.tasks.values()].map(({ mode }) => mode);
			deepEqual(modes, ['text-to-video', 'video-edit']);
			equal(itemsOf(execution, 'Snow')[0].json.operation, 'editVideo');
		},
	},
	executeOnce: {
		workflow: (world) => chain('Once', ...prompts(3), film(world, 'Video', { executeOnce: true })),
		check(execution, world) {
			equal(itemsOf(execution, 'Video').length, 1);
			deepEqual(promptsOf(world), ['Prompt 0']);
		},
	},
	pinned: {
		workflow(world) {
			const video_url = `${world.simulator.mediaUrl}/file/pinned.mp4`;
			const pinData = { Pinned: [{ json: { video_url } }] };
			return { ...chain('Pinned', film(world, 'Pinned'), snow(world)), pinData };
		},
		check(_, world) {
			deepEqual(promptsOf(world), ['Make it snow']);
			const [{ body }] = world.simulator.tasks.values();
			deepEqual(body.reference_videos, [{ url: `${world.simulator.mediaUrl}/file/pinned.mp4` }]);
		},
	},
	expressions: {
		workflow({ horse, simulator }) {
			const of = (field: string) => `={{ $json.${field} }}`;
			const images = imagesOf(simulator);
			const video = horse('Video', {
				operation: 'referenceToVideo',
				prompt: of('prompt'),
				referenceImages: { image: [{ source: 'url', url: of('images') }] },
				resolution: of('resolution'),
				aspectRatio: of('ratio'),
				duration: of('seconds'),
				waitForCompletion: of('yes'),
				downloadVideo: of('yes'),
				options: {
					binaryPropertyNameOutput: of('field'),
					fileName: of('file'),
					downloadCover: of('yes'),
					pollInterval: of('number'),
					timeout: of('number'),
					maxTasksInFlight: of('number'),
					maxTotalSeconds: of('seconds'),
					resubmitWhenUnsure: of('yes'),
				},
			});
			return chain('All', ...listed([{ ...ROW, images }]), video);
		},
		check(execution, { simulator }) {
			const [{ binary }] = itemsOf(execution, 'Video');
			deepEqual(Object.keys(binary).sort(), ['cover', 'film']);
			equal(binary.film.fileName, 'meeting.mp4');
			const [{ body }] = simulator.tasks.values();
			deepEqual(body, {
				model: 'dashscope/happyhorse-1.0',
				prompt: ROW.prompt,
				resolution: '720P',
				aspect_ratio: '1:1',
				duration: 4,
				reference_images: imagesOf(simulator).map((url) => ({ url, reference_type: 'asset' })),
			});
		},
	},
};

function imagesOf({ mediaUrl }: World['simulator']): string[] {
	return ['one', 'two'].map((name) => `${mediaUrl}/file/${name}.jpg`);
}

export const workflows: Scenario = { name: 'workflows', checks: checksOf(RUNS) };
