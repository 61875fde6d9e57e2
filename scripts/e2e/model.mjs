// A language model on loopback that answers from a script, by the protocol of OpenAI's chat completions.
import { createServer } from 'node:http';

/** What the last tool said. */
export function lastToolAnswer(messages) {
	return messages.filter(({ role }) => role === 'tool').at(-1)?.content;
}

/** Without a script: calls the tool with the words of the user, then repeats what the tool said. */
function simpleTurn(messages) {
	const { role, content } = messages.at(-1);
	if (role === 'tool') return () => `The tool said: ${lastToolAnswer(messages)}`;
	return { call: { prompt: content, duration: 5, aspect_ratio: '16:9' } };
}

/**
 * Starts the model. Push turns to `script`: each answers one request, and is either `{ call: arguments }`, a call of
 * the first tool that is offered, or a function from the conversation so far to a text.
 */
export async function startModel(port = 0) {
	const script = [];
	const requests = [];
	const server = createServer(async (request, response) => {
		let text = '';
		for await (const chunk of request) text += chunk;
		if (!request.url.endsWith('/chat/completions')) {
			response.writeHead(200, { 'content-type': 'application/json' });
			return response.end(JSON.stringify({ object: 'list', data: [] }));
		}
		const body = JSON.parse(text);
		requests.push(body);
		const turn = script.shift() ?? simpleTurn(body.messages);
		const message = messageOf(turn, body, requests.length);
		if (body.stream) return stream(response, body.model, message);
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify(completion(body.model, { message }, 'chat.completion')));
	});
	await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
	return {
		script,
		requests,
		url: `http://127.0.0.1:${server.address().port}/v1`,
		close() {
			server.closeAllConnections();
			server.close();
		},
	};
}

function messageOf(turn, { messages, tools }, number) {
	if (typeof turn === 'function') return { role: 'assistant', content: turn(messages) };
	const { name } = tools[0].function;
	const called = { name, arguments: JSON.stringify(turn.call) };
	const calls = [{ id: `call_${number}`, type: 'function', function: called }];
	return { role: 'assistant', content: null, tool_calls: calls };
}

function completion(model, choice, object) {
	const { tool_calls } = choice.message ?? choice.delta;
	const finished = tool_calls ? 'tool_calls' : 'stop';
	const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
	const choices = [{ index: 0, finish_reason: finished, ...choice }];
	return { id: 'chatcmpl-1', object, created: 1, model, choices, usage };
}

function stream(response, model, message) {
	const { tool_calls, ...rest } = message;
	const calls = tool_calls?.map((call, index) => ({ index, ...call }));
	const delta = calls ? { ...rest, tool_calls: calls } : rest;
	const chunk = completion(model, { delta }, 'chat.completion.chunk');
	response.writeHead(200, { 'content-type': 'text/event-stream' });
	response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
}
