// The node in a sub-workflow and in a loop of n8n's own.
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
import { checksOf, film, type Run } from '../runs';
import type { Scenario, World } from '../world';

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

/** A node that calls a sub-workflow with the node in it. */
async function call(world: World, more: Partial<WorkflowNode> = {}): Promise<WorkflowNode> {
	const trigger = baseNode('Start', 'executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' });
	// From 2.x on, only what is published can be called from outside of the editor
	const { id } = await world.rest.createWorkflow(chainFrom(trigger, 'Inner', film(world, PROMPT)));
	const parameters = {
		workflowId: { __rl: true, mode: 'id', value: id },
		workflowInputs: { mappingMode: 'defineBelow', value: {} },
		options: {},
	};
	return baseNode('Call', 'executeWorkflow', 1.2, parameters, more);
}

const PROMPT = { prompt: '={{ $json.prompt }}' };

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
			const workflow = chain('Loop', ...prompts(3), loop, film(world, PROMPT));
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
};

export const workflows: Scenario = { name: 'workflows', checks: checksOf(RUNS) };
