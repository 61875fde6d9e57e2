// n8n's own AI agent calls the node as a tool.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { example } from '../../../tools/n8n/furnish';
import { lastToolAnswer, type Message, type Turn } from '../../../tools/n8n/model';
import { itemsOf, type WorkflowNode } from '../../../tools/n8n/workflow';
import { CHAT, good } from '../runs';
import type { Scenario, World } from '../world';

/** Of the agent node: version 2 calls its tools itself, from 3 on n8n's engine does. */
export const AGENT_VERSIONS = [2.2, 3];

export const agent: Scenario = {
	name: 'agent',
	checks: AGENT_VERSIONS.flatMap((version) =>
		[answersWithLink, retryOnFail, twoTools].map(
			(check) => async (world: World) => await check(world, version),
		),
	),
};

/** Sends a message to the chat of the example, and returns the execution and what the agent said. */
async function chat(
	{ rest, model }: World,
	version: number,
	script: Turn[],
	change: Partial<WorkflowNode> = {},
	name = 'ai-agent',
) {
	model.script.splice(0, model.script.length, ...script);
	const workflow = example(name);
	for (const node of workflow.nodes) {
		if (node.name === 'Agent') node.typeVersion = version;
		if (node.name === 'Generate a Video') Object.assign(node, change);
	}
	const execution = await rest.runToEnd({ ...workflow, pinData: CHAT }, 'Chat');
	return { execution, text: String(itemsOf(execution, 'Agent')[0]?.json.output) };
}

/** The model's second turn: it repeats what the tool said. */
const repeat = (messages: readonly Message[]) => `The tool said: ${lastToolAnswer(messages)}`;

/** The prompt that a model calls the tool with, and what else it says. */
const CALL = { prompt: 'A horse on a beach', duration: 4, aspect_ratio: '1:1' };

/** `change`: of the tool, as the example has it. */
export async function answersWithLink(
	world: World,
	version: number,
	change: Partial<WorkflowNode> = {},
) {
	const { simulator, model } = world;
	const { execution, text } = await chat(world, version, [{ call: CALL }, repeat], change);
	good(execution, 'agent');
	const [task] = simulator.tasks.values();
	equal(task.prompt, CALL.prompt);
	for (const value of ['4', '"1:1"']) ok(JSON.stringify(task.body).includes(`:${value}`), value);
	match(text, new RegExp(`${simulator.mediaUrl}/file/.*\\.mp4`));
	equal(simulator.ofKind('media').length, 0, 'a tool call downloads nothing');
	const [{ function: tool }] = model.requests[0].tools;
	match(tool.description ?? '', /video/);
	deepEqual(Object.keys(tool.parameters.properties).sort(), Object.keys(CALL).sort());
}

/** The first try of the tool can't download or ask any more; the second goes on with the task. */
async function retryOnFail(world: World, version: number) {
	const { simulator } = world;
	simulator.faults.push({ on: 'query', fault: { kind: 'status', status: 401 }, times: 1 });
	const retry = { onError: 'stopWorkflow', retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
	// A failure is the tool's answer: where the agent calls the tool itself, it is the model that tries again
	const calls = Array.from({ length: version < 3 ? 2 : 1 }, () => ({ call: CALL }));
	const { text } = await chat(world, version, [...calls, repeat], retry);
	equal(simulator.ofKind('submit').length, 1, 'ordered once');
	match(text, /\.mp4/);
}

/** Ordered with one tool and collected with the other, in one turn. */
async function twoTools(world: World, version: number) {
	const { simulator, model } = world;
	simulator.outcomes.push({ outcome: { afterSeconds: 0 } });
	const taskIn = (messages: readonly Message[]) => ({
		task_id: /task_\d+/.exec(lastToolAnswer(messages))?.[0],
	});
	const script = [{ call: CALL, tool: 'Order' }, { call: taskIn, tool: 'Get' }, repeat];
	const { text } = await chat(world, version, script, {}, 'ai-agent-two-tools');
	match(text, new RegExp(`${simulator.mediaUrl}/file/.*\\.mp4`));
	equal(simulator.ofKind('submit').length, 1);
	equal(simulator.ofKind('query').length, 1);
	const told = model.requests[0].tools.map(({ function: { description = '' } }) => description);
	for (const words of [/Costs money/, /Costs nothing/]) match(told.join(), words);
}
