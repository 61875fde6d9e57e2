// A language model on loopback that answers from a script, by the protocol of OpenAI's chat completions.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a tool: it runs in Node, never in n8n */
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { serve } from '../simulator/http';

const messageShape = z.object({ role: z.string(), content: z.unknown() });

/** A request of n8n's chat model, as far as it is looked at. */
const requestShape = z.object({
	model: z.string(),
	stream: z.boolean().optional(),
	messages: z.array(messageShape).nonempty(),
	tools: z
		.array(
			z.object({
				function: z.object({
					name: z.string(),
					description: z.string().optional(),
					parameters: z.object({ properties: z.record(z.unknown()) }),
				}),
			}),
		)
		.default([]),
});

export type Message = z.infer<typeof messageShape>;
export type ModelRequest = z.infer<typeof requestShape>;

/** What a tool is called with, or what makes that of the conversation so far. */
type Arguments = Record<string, unknown>;

/**
 * How one request is answered: by a call of the tool whose name begins with `tool` (the first on offer where none is
 * named), or by a text made of the conversation so far.
 */
export type Turn =
	| { call: Arguments | ((messages: readonly Message[]) => Arguments); tool?: string }
	| ((messages: readonly Message[]) => string);

export interface Model {
	/** The turns to come; push to it. */
	readonly script: Turn[];
	/** What was asked so far. */
	readonly requests: ModelRequest[];
	readonly url: string;
	stop(): Promise<void>;
}

interface Answer {
	role: 'assistant';
	content: string | null;
	tool_calls?: Array<{
		id: string;
		type: 'function';
		function: { name: string; arguments: string };
	}>;
}

/** What the last tool said. */
export function lastToolAnswer(messages: readonly Message[]): string {
	return String(messages.filter(({ role }) => role === 'tool').at(-1)?.content);
}

/** What happens in the scenes that it writes. */
const ACTIONS = [
	'leaves the forest',
	'runs down a dune',
	'sees the sea',
	'tastes the salt water',
	'jumps over a wave',
	'meets a crab',
	'digs a hole in the sand',
	'finds a shell',
	'sleeps under a boat',
	'watches the sun go down',
	'follows the gulls',
	'walks home in the moonlight',
];

/** What it writes where there is no tool: the scenes asked for, in the form that n8n's structured output parser wants. */
function scenes(messages: readonly Message[]): string {
	const [, count = '3'] = /exactly (\d+) scenes/.exec(JSON.stringify(messages)) ?? [];
	const written = Array.from({ length: Number(count) }, (_, index) => ({
		prompt: `character1 ${ACTIONS[index % ACTIONS.length]}`,
	}));
	return JSON.stringify({ output: { scenes: written } });
}

/**
 * Where the script has ended: calls the tool that takes a prompt with the words of the user, then repeats what the tool
 * said; where there is no tool, writes scenes.
 */
function simpleTurn({ messages, tools }: ModelRequest): Turn {
	if (tools.length === 0) return scenes;
	const { role, content } = messages.at(-1) ?? messages[0];
	if (role === 'tool') return () => `The tool said: ${lastToolAnswer(messages)}`;
	const orders = tools.find((tool) => 'prompt' in tool.function.parameters.properties);
	const call = { prompt: content, duration: 5, aspect_ratio: '16:9' };
	return { call, tool: orders?.function.name };
}

export async function startModel(port = 0): Promise<Model> {
	const script: Turn[] = [];
	const requests: ModelRequest[] = [];
	const { url, stop } = await serve(async (incoming, response) => {
		const body = await text(incoming);
		if (!incoming.url?.endsWith('/chat/completions')) {
			return sendJson(response, { object: 'list', data: [] });
		}
		const request = requestShape.parse(JSON.parse(body));
		requests.push(request);
		const answer = answerTo(request, script.shift() ?? simpleTurn(request), requests.length);
		if (request.stream) return sendStream(response, request, answer);
		sendJson(response, completion(request, 'chat.completion', answer, { message: answer }));
	}, port);
	return { script, requests, url: `${url}/v1`, stop };
}

function answerTo({ messages, tools }: ModelRequest, turn: Turn, number: number): Answer {
	if (typeof turn === 'function') return { role: 'assistant', content: turn(messages) };
	const { call, tool = '' } = turn;
	const [chosen = tools[0]] = tools.filter(({ function: { name } }) => name.startsWith(tool));
	const values = typeof call === 'function' ? call(messages) : call;
	const called = { name: chosen.function.name, arguments: JSON.stringify(values) };
	const calls = [{ id: `call_${number}`, type: 'function' as const, function: called }];
	return { role: 'assistant', content: null, tool_calls: calls };
}

function completion(
	{ model }: ModelRequest,
	object: string,
	{ tool_calls }: Answer,
	content: { message: Answer } | { delta: object },
): object {
	const finish_reason = tool_calls ? 'tool_calls' : 'stop';
	const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
	const choices = [{ index: 0, finish_reason, ...content }];
	return { id: 'chatcmpl-1', object, created: 1, model, choices, usage };
}

function sendJson(response: ServerResponse, body: object): void {
	response.writeHead(200, { 'content-type': 'application/json' });
	response.end(JSON.stringify(body));
}

/** The whole answer in one chunk. */
function sendStream(response: ServerResponse, request: ModelRequest, answer: Answer): void {
	const tool_calls = answer.tool_calls?.map((call, index) => ({ index, ...call }));
	const delta = { ...answer, tool_calls };
	const chunk = completion(request, 'chat.completion.chunk', answer, { delta });
	response.writeHead(200, { 'content-type': 'text/event-stream' });
	response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
}
