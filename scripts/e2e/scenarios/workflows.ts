// The node among n8n's own: sub-workflow, loop, two of them in a row, Execute Once, pinned data, expressions everywhere.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual,equal } from 'node:assert/strict';
import {
baseNode,
chain,
chainFrom,
errorOf,
itemsOf,
type Execution,
type Workflow,
type WorkflowNode,
} from '../../../tools/n8n/workflow';
import type { Scenario,World } from '../world';

const SHORT = { resolution: '720P', duration: 3 };

export const workflows: Scenario = {
	name: 'workflows',
	async run(world) {
		for (const check of [
			inSubWorkflow,
			inRetriedSubWorkflow,
			inLoop,
			twice,
			executeOnce,
			pinned,
			allExpressions,
		]) {
			world.simulator.reset();
			await check(world);
		}
	},
};

/** Runs a workflow to its end, which has to be good. */
async function succeed({ rest }: World, workflow: Workflow): Promise<Execution> {
	const execution = await rest.runToEnd(workflow);
	equal(execution.status, 'success', `${workflow.name}: ${JSON.stringify(errorOf(execution))}`);
	return execution;
}

/** A node that puts out the given items. */
function list(name: string, items: readonly object[]): WorkflowNode {
	return baseNode(name, 'set', 3.4, { mode: 'raw', jsonOutput: JSON.stringify({ items }) });
}

const split = () => baseNode('Split', 'splitOut', 1, { fieldToSplitOut: 'items' });

const prompts = (count: number) =>
	Array.from({ length: count }, (_, item) => ({ prompt: `Prompt ${item}` }));

function promptsOf({ simulator }: World) {
	return [...simulator.tasks.values()].map(({ body }) => body.prompt).sort();
}

/** A node that calls a sub-workflow with the node in it. */
async function callOfSubWorkflow(world: World): Promise<WorkflowNode> {
	const trigger = baseNode('Start', 'executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' });
	const video = world.horse('Video', { prompt: '={{ $json.prompt }}', ...SHORT });
	const inner = chainFrom(trigger, 'Inner', video);
	const { id } = await world.rest.createWorkflow(inner);
	// From 2.x on, only what is published can be called from outside of the editor
	return baseNode('Call', 'executeWorkflow', 1.2, {
		workflowId: { __rl: true, mode: 'id', value: id },
		workflowInputs: { mappingMode: 'defineBelow', value: {} },
		options: {},
	});
}

async function inSubWorkflow(world: World): Promise<void> {
	const call = await callOfSubWorkflow(world);
	const outer = chain('Outer', list('List', prompts(2)), split(), call);
	const items = itemsOf(await succeed(world, outer), 'Call');
	deepEqual(promptsOf(world), ['Prompt 0', 'Prompt 1']);
	equal(items.length, 2);
	for (const { json, binary } of items) {
		equal(
			world.simulator.tasks.get(String(json.task_id))?.body.prompt,
			`Prompt ${items.findIndex((one) => one.json === json)}`,
		);
		equal(binary.data.mimeType, 'video/mp4');
	}
}

/** A sub-workflow that is started again is a new execution: its items are ordered again. */
async function inRetriedSubWorkflow(world: World): Promise<void> {
	const call = await callOfSubWorkflow(world);
	// The first video can't be downloaded, in all four tries: the sub-workflow fails with a task that is paid for
	world.simulator.faults.push({ on: 'media', times: 4, fault: { kind: 'status', status: 503 } });
	const retried = { ...call, retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
	await succeed(world, chain('Retried', list('List', prompts(1)), split(), retried));
	deepEqual(promptsOf(world), ['Prompt 0', 'Prompt 0']);
}

async function inLoop(world: World): Promise<void> {
	const loop = baseNode('Loop', 'splitInBatches', 3, { batchSize: 1, options: {} });
	const video = world.horse('Video', { prompt: '={{ $json.prompt }}', ...SHORT });
	const workflow = chain('Loop', list('List', prompts(3)), split(), loop, video);
	const to = (node: string) => [{ node, type: 'main', index: 0 }];
	workflow.connections.Loop = { main: [[], to('Video')] };
	workflow.connections.Video = { main: [to('Loop')] };
	const items = itemsOf(await succeed(world, workflow), 'Loop');
	deepEqual(promptsOf(world), ['Prompt 0', 'Prompt 1', 'Prompt 2']);
	deepEqual(
		items.map(({ json }) => json.task_id),
		[...world.simulator.tasks.keys()],
	);
}

async function twice(world: World): Promise<void> {
	const first = world.horse('First', { prompt: 'A horse', ...SHORT });
	const second = world.horse('Second', {
		operation: 'editVideo',
		videoUrl: '={{ $json.video_url }}',
		prompt: 'Make it snow',
		resolution: '720P',
	});
	const execution = await succeed(world, chain('Two', first, second));
	const modes = [...world.simulator.tasks.values()].map(({ mode }) => mode);
	deepEqual(modes, ['text-to-video', 'video-edit']);
	equal(itemsOf(execution, 'Second')[0].json.operation, 'editVideo');
}

async function executeOnce(world: World): Promise<void> {
	const video = world.horse(
		'Video',
		{ prompt: '={{ $json.prompt }}', ...SHORT },
		{ executeOnce: true },
	);
	const execution = await succeed(world, chain('Once', list('List', prompts(3)), split(), video));
	equal(itemsOf(execution, 'Video').length, 1);
	deepEqual(promptsOf(world), ['Prompt 0']);
}

async function pinned(world: World): Promise<void> {
	const pinnedVideo = world.horse('Pinned', { prompt: 'Never ordered', ...SHORT });
	const edit = world.horse('Edit', {
		operation: 'editVideo',
		videoUrl: '={{ $json.video_url }}',
		prompt: 'Make it snow',
	});
	const video_url = `${world.simulator.mediaUrl}/file/pinned.mp4`;
	const pinData = { Pinned: [{ json: { video_url } }] };
	await succeed(world, { ...chain('Pinned', pinnedVideo, edit), pinData });
	deepEqual(promptsOf(world), ['Make it snow']);
	const [{ body }] = world.simulator.tasks.values();
	deepEqual(body.reference_videos, [{ url: video_url }]);
}

async function allExpressions(world: World): Promise<void> {
	const item = {
		prompt: 'character1 meets character2',
		images: ['one', 'two'].map((name) => `${world.simulator.mediaUrl}/file/${name}.jpg`),
		resolution: '720P',
		ratio: '1:1',
		seconds: '4',
		yes: 'true',
		field: 'film',
		file: 'meeting.mp4',
		number: '3',
	};
	const video = world.horse('Video', {
		operation: 'referenceToVideo',
		prompt: '={{ $json.prompt }}',
		referenceImages: { image: [{ source: 'url', url: '={{ $json.images }}' }] },
		resolution: '={{ $json.resolution }}',
		aspectRatio: '={{ $json.ratio }}',
		duration: '={{ $json.seconds }}',
		waitForCompletion: '={{ $json.yes }}',
		downloadVideo: '={{ $json.yes }}',
		options: {
			binaryPropertyNameOutput: '={{ $json.field }}',
			fileName: '={{ $json.file }}',
			downloadCover: '={{ $json.yes }}',
			pollInterval: '={{ $json.number }}',
			timeout: '={{ $json.number }}',
			maxTasksInFlight: '={{ $json.number }}',
			maxTotalSeconds: '={{ $json.seconds }}',
			resubmitWhenUnsure: '={{ $json.yes }}',
		},
	});
	const execution = await succeed(world, chain('All', list('List', [item]), split(), video));
	const [{ binary }] = itemsOf(execution, 'Video');
	deepEqual(Object.keys(binary).sort(), ['cover', 'film']);
	equal(binary.film.fileName, 'meeting.mp4');
	const [{ body }] = world.simulator.tasks.values();
	deepEqual(body, {
		model: 'dashscope/happyhorse-1.0',
		prompt: item.prompt,
		resolution: '720P',
		aspect_ratio: '1:1',
		duration: 4,
		reference_images: item.images.map((url) => ({ url, reference_type: 'asset' })),
	});
}
