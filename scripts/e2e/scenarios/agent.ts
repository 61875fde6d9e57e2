// n8n's own AI agent calls the node as a tool.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match } from 'node:assert/strict';
import { example } from '../../../tools/n8n/furnish';
import { lastToolAnswer, type Message, type Turn } from '../../../tools/n8n/model';
import { errorOf, itemsOf, type WorkflowNode } from '../../../tools/n8n/workflow';
import type { Scenario, World } from '../world';

const ASKED = 'A short film about a horse, please';

/** Of the agent node: version 2 calls its tools itself, from 3 on n8n's engine does. */
export const AGENT_VERSIONS = [2.2, 3];

export const agent: Scenario = {
	name: 'agent',
	checks: AGENT_VERSIONS.flatMap((version) =>
		[answersWithLink, badDuration, retryOnFail, twoTools].map(
			(check) => async (world: World) => await check(world, version),
		),
	),
};

/** Sends a message to the chat of the example, and returns the execution and what the agent said. */
export async function chat(
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
	// What the chat would put out
	workflow.pinData = {
		Chat: [{ json: { chatInput: ASKED, sessionId: 'e2e', action: 'sendMessage' } }],
	};
	const execution = await rest.runToEnd(workflow, 'Chat');
	return { execution, text: String(itemsOf(execution, 'Agent')[0]?.json.output) };
}

/** The model's second turn: it repeats what the tool said. */
export const repeat = (messages: readonly Message[]) =>
	`The tool said: ${lastToolAnswer(messages)}`;

async function answersWithLink(world: World, version: number) {
	const { simulator, model } = world;
	const call = { prompt: 'A horse on a beach', duration: 4, aspect_ratio: '1:1' };
	const { execution, text } = await chat(world, version, [{ call }, repeat]);
	equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
	const [task] = simulator.tasks.values();
	equal(task.body.prompt, call.prompt);
	equal(task.body.duration, 4);
	equal(task.body.aspect_ratio, '1:1');
	match(text, new RegExp(`${simulator.mediaUrl}/file/.*\\.mp4`));
	equal(simulator.ofKind('media').length, 0, 'a tool call downloads nothing');
	const [{ function: tool }] = model.requests[0].tools;
	match(tool.description ?? '', /video/);
	equal(
		JSON.stringify(Object.keys(tool.parameters.properties).sort()),
		'["aspect_ratio","duration","prompt"]',
	);
}

/** Minutes are no seconds: the agent gets to know, and nothing is ordered. */
async function badDuration(world: World, version: number) {
	const call = { prompt: 'A horse on a beach', duration: 60, aspect_ratio: '16:9' };
	const { text } = await chat(world, version, [{ call }, repeat]);
	match(text, /60/);
	match(text, /3.*15/);
	equal(world.simulator.tasks.size, 0);
}

/** The first try of the tool can't download or ask any more; the second goes on with the task. */
async function retryOnFail(world: World, version: number) {
	const { simulator } = world;
	simulator.faults.push({ on: 'query', fault: { kind: 'status', status: 401 }, times: 1 });
	const call = { prompt: 'A horse on a beach', duration: 4, aspect_ratio: '16:9' };
	const retry = { onError: 'stopWorkflow', retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
	// A failure is the tool's answer: where the agent calls the tool itself, it is the model that tries again
	const calls = version < 3 ? [{ call }, { call }] : [{ call }];
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
	const order = { prompt: 'A horse on a beach', duration: 4, aspect_ratio: '1:1' };
	const script = [{ call: order, tool: 'Order' }, { call: taskIn, tool: 'Get' }, repeat];
	const { text } = await chat(world, version, script, {}, 'ai-agent-two-tools');
	match(text, new RegExp(`${simulator.mediaUrl}/file/.*\\.mp4`));
	equal(simulator.ofKind('submit').length, 1);
	equal(simulator.ofKind('query').length, 1);
	const told = model.requests[0].tools.map(({ function: { description = '' } }) => description);
	for (const words of [/Costs money/, /Costs nothing/]) match(told.join(), words);
}
