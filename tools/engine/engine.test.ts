// The engine harness, with a node that does what its parameters say.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
	IAuthenticateGeneric,
	ICredentialType,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError, sleep } from 'n8n-workflow';
import {
	connect,
	engineVersion,
	itemsNode,
	NODE_TYPE,
	notInitialized,
	startEngine,
	SUBJECT,
} from './engine';
import type { Engine } from './engine';

class KeyCredential implements ICredentialType {
	name = 'happyHorseApi';
	displayName = 'Key';
	properties: ICredentialType['properties'] = [
		{
			displayName: 'Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
		},
		{ displayName: 'Base URL', name: 'baseUrl', type: 'string', default: 'http://nowhere' },
	];
	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};
}

const description: INodeTypeDescription = {
	displayName: 'Probe',
	name: 'happyHorse',
	group: ['transform'],
	version: 1,
	description: 'Does what its parameters say',
	defaults: { name: 'Probe' },
	inputs: [NodeConnectionTypes.Main],
	outputs: [NodeConnectionTypes.Main],
	usableAsTool: true,
	credentials: [{ name: 'happyHorseApi', required: false }],
	properties: [
		{ displayName: 'Do', name: 'do', type: 'string', default: 'pass' },
		{ displayName: 'Prompt', name: 'prompt', type: 'string', default: '', required: true },
	],
};

type Action = (node: IExecuteFunctions, argument: string) => Promise<INodeExecutionData[]>;

const memoryOf = (node: IExecuteFunctions) => node.getContext('node') as { count?: number };

/** What the node can be told to do: the first word of its parameter `do`; the second is the argument. */
const ACTIONS: Record<string, Action> = {
	pass: async (node) => node.getInputData(),
	async prompts(node) {
		node.addExecutionHints({ message: 'a hint' });
		const prompts = node.getInputData().map((_, item) => node.getNodeParameter('prompt', item));
		return prompts.map((prompt) => ({ json: { prompt } }));
	},
	async bytes(node) {
		const bytes = await node.helpers.getBinaryDataBuffer(0, 'data');
		const data = await node.helpers.prepareBinaryData(bytes, 'out.mp4', 'video/mp4');
		const input = { ...node.getInputData()[0].binary };
		return [{ json: { length: bytes.length, input }, binary: { data } }];
	},
	odd: async (node) =>
		node.getInputData().map((_, item) => ({
			json: item % 2 ? { error: { message: 'odd' } } : {},
			pairedItem: { item },
		})),
	/** Fails until it was executed as often as the argument says, by n8n's node context. */
	async fail(node, argument) {
		const memory = memoryOf(node);
		const seen = (memory.count = (memory.count ?? 0) + 1);
		if (seen >= Number(argument)) return [{ json: { seen } }];
		const error = new NodeOperationError(node.getNode(), `seen ${seen}`);
		error.context.tasks = [{ item: 0, task_id: 'task_1' }];
		throw error;
	},
	async wait(node) {
		const signal = node.getExecutionCancelSignal();
		while (!signal?.aborted) await sleep(10);
		node.logger.warn('stopped');
		return [];
	},
	async get(node) {
		const { baseUrl } = await node.getCredentials('happyHorseApi');
		const { httpRequestWithAuthentication } = node.helpers;
		const request = { url: String(baseUrl), json: true };
		return [{ json: await httpRequestWithAuthentication.call(node, 'happyHorseApi', request) }];
	},
	async mark(node, argument) {
		const options = { mode: 'entries' } as const;
		const result = await node.helpers.checkProcessedAndRecord([argument], 'node', options);
		return [{ json: { processed: result.processed } }];
	},
	async unmark(node, argument) {
		await node.helpers.removeProcessed([argument], 'node', { mode: 'entries' });
		return [];
	},
	async link(node) {
		const { data } = Object(node.getInputData()[0].binary);
		return [{ json: { link: node.helpers.createBinarySignedUrl(data) } }];
	},
	async tool(node, argument) {
		const memory = memoryOf(node);
		const calls = (memory.count = (memory.count ?? 0) + 1);
		const prompt = node.getNodeParameter('prompt', 0);
		if (calls <= Number(argument)) {
			throw new NodeOperationError(node.getNode(), `failed on ${prompt}`);
		}
		return [{ json: { prompt, tool: node.isToolExecution(), calls } }];
	},
};

class Probe implements INodeType {
	description = description;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const [action, argument = ''] = String(this.getNodeParameter('do', 0)).split(' ');
		this.logger.info('executed', { action, run: this.getMode() });
		return [await ACTIONS[action](this, argument)];
	}
}

let engine: Engine;

beforeAll(async () => {
	engine = await startEngine({ node: new Probe(), credentialTypes: [new KeyCredential()] });
});

afterEach(() => engine.deduplication.clear());

afterAll(() => engine.close());

const doing = (action: string, more: object = {}) => ({ do: action, prompt: 'p', ...more });

describe('a run', () => {
	it('gives the items of the node, with expressions evaluated, and its hints', async () => {
		const { status, items, hints, tries, error } = await engine.runNode({
			parameters: doing('prompts', { prompt: '={{ $json.n }} of {{ $input.all().length }}' }),
			items: [{ json: { n: 1 } }, { json: { n: 2 } }],
		});
		expect({ status, tries, error }).toEqual({ status: 'success', tries: 1, error: undefined });
		expect(items.map(({ json }) => json.prompt)).toEqual(['1 of 2', '2 of 2']);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(hints).toEqual([{ message: 'a hint' }]);
	});

	it('is refused when a required parameter is missing, as n8n does', async () => {
		await expect(engine.runNode({ parameters: { do: 'pass' } })).rejects.toThrow(/issues/);
	});

	it('takes a workflow of several nodes, also with a loop', async () => {
		const execution = await engine.run(
			{
				nodes: [
					{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
					{ name: 'Three', type: 'test.three' },
					{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches', parameters: { batchSize: 2 } },
					{ name: SUBJECT, type: NODE_TYPE, parameters: doing('pass') },
					{ name: 'Done', type: 'n8n-nodes-base.noOp' },
				],
				connections: connect(
					['Start', 'Three', 'Loop', 'Done'],
					{ from: 'Loop', output: 1, to: SUBJECT },
					[SUBJECT, 'Loop'],
				),
			},
			{ nodeTypes: { 'test.three': itemsNode([1, 2, 3].map((n) => ({ json: { n } }))) } },
		);
		expect(execution.runs().map(({ data }) => data?.main[0]?.length)).toEqual([2, 1]);
		expect(execution.tries).toBe(2);
		expect(execution.output(0, 'Done').map(({ json }) => json.n)).toEqual([1, 2, 3]);
	});

	it('has the mode and execution id asked for, and settings of the node', async () => {
		const { logs, id, tries, items } = await engine.runNode({
			parameters: doing('pass'),
			items: [{ json: { n: 1 } }, { json: { n: 2 } }],
			mode: 'trigger',
			executionId: '4711',
			executeOnce: true,
		});
		expect({ id, tries, items: items.length }).toEqual({ id: '4711', tries: 1, items: 1 });
		expect(logs[0]).toMatchObject({ executionId: '4711', metadata: { run: 'trigger' } });
	});
});

describe('files', () => {
	it('are stored by the engine on the way in, and can be read on the way out', async () => {
		const content = Buffer.from('not an image');
		const { items } = await engine.runNode({
			parameters: doing('bytes'),
			items: [
				{ json: {}, binary: { data: { content, fileName: 'a.png', mimeType: 'image/png' } } },
			],
		});
		expect(items[0].json).toMatchObject({
			length: content.length,
			input: { data: { fileName: 'a.png', mimeType: 'image/png', id: expect.any(String) } },
		});
		const [{ binary }] = items;
		if (!binary) throw new Error('no file');
		expect(binary.data.mimeType).toBe('video/mp4');
		expect(await engine.readBinary(binary.data)).toEqual(content);
	});

	it('can be linked to at the address of the instance', async () => {
		const file = { content: Buffer.from('x'), fileName: 'a.mp4', mimeType: 'video/mp4' };
		const { items } = await engine.runNode({
			parameters: doing('link'),
			items: [{ json: {}, binary: { data: file } }],
		});
		expect(items[0].json.link).toMatch(
			/^https:\/\/n8n\.example\.com\/rest\/binary-data\/signed\?token=./,
		);
	});
});

describe('failure', () => {
	it('sends failed items to the error output, with the input item merged in', async () => {
		const { status, items, errorItems } = await engine.runNode({
			parameters: doing('odd'),
			items: [{ json: { n: 0 } }, { json: { n: 1 } }],
			onError: 'continueErrorOutput',
		});
		expect(status).toBe('success');
		expect(items).toHaveLength(1);
		expect(errorItems.map(({ json }) => json)).toEqual([{ n: 1, error: { message: 'odd' } }]);
	});

	it('is tried again with Retry On Fail, and the context survives', async () => {
		const { items, tries } = await engine.runNode({
			parameters: doing('fail 3'),
			retryOnFail: true,
			maxTries: 3,
		});
		expect(items[0].json).toEqual({ seen: 3 });
		expect(tries).toBe(3);
	});

	it('ends the execution with the error, its context included', async () => {
		const { status, error, tries } = await engine.runNode({ parameters: doing('fail 9') });
		expect({ status, tries, message: error?.message }).toEqual({
			status: 'error',
			tries: 1,
			message: 'seen 1',
		});
		expect(error).toMatchObject({ context: { tasks: [{ item: 0, task_id: 'task_1' }] } });
	});
});

describe('a retry by hand', () => {
	it('goes on with the context of the failed execution, each time from the same point', async () => {
		const failed = await engine.runNode({ parameters: doing('fail 2'), mode: 'trigger' });
		const first = await engine.retry(failed);
		const second = await engine.retry(failed);
		for (const retried of [first, second]) {
			expect(retried.status).toBe('success');
			expect(retried.items[0].json).toEqual({ seen: 2 });
			expect(retried.tries).toBe(1);
			expect(retried.executeCalls.has('Items')).toBe(false);
			expect(retried.logs[0].metadata).toMatchObject({ run: 'retry' });
			expect(retried.workflow.id).toBe(failed.workflow.id);
		}
		expect(new Set([failed.id, first.id, second.id]).size).toBe(3);
	});

	it('can itself fail and be retried', async () => {
		const failed = await engine.runNode({ parameters: doing('fail 3') });
		const again = await engine.retry(failed);
		expect(again.error?.message).toBe('seen 2');
		expect((await engine.retry(again)).items[0].json).toEqual({ seen: 3 });
	});

	it('takes changed parameters', async () => {
		const failed = await engine.runNode({
			parameters: doing('fail 9'),
			items: [{ json: { n: 7 } }],
		});
		const parameters = { do: 'prompts', prompt: '={{ $json.n }}' };
		const { items } = await engine.retry(failed, { parameters });
		expect(items[0].json).toEqual({ prompt: 7 });
	});

	it('takes a changed workflow, and fills in its defaults', async () => {
		const failed = await engine.runNode({
			parameters: doing('fail 9'),
			items: [{ json: { n: 7 } }],
		});
		const [start, items, node] = failed.workflow.nodes;
		const changed = {
			...failed.workflow,
			nodes: [start, items, { ...node, parameters: { prompt: 'p' } }],
		};
		expect((await engine.retry(failed, { workflow: changed })).items[0].json).toEqual({ n: 7 });
		const workflow = { ...failed.workflow, nodes: [start, items] };
		await expect(engine.retry(failed, { workflow })).rejects.toThrow(/Could not find the node/);
	});

	it('is not there for one that succeeded', async () => {
		const succeeded = await engine.runNode({ parameters: doing('pass') });
		await expect(engine.retry(succeeded)).rejects.toThrow(/no retry/);
	});

	it('of a crashed execution starts over without the context', async () => {
		const failed = await engine.runNode({ parameters: doing('fail 2') });
		const retried = await engine.retryCrashed(failed);
		expect(retried.error?.message).toBe('seen 1');
		expect(retried.executeCalls.get('Items')).toBe(1);
		expect(retried.logs[0].metadata).toMatchObject({ run: 'retry' });
	});
});

describe('a stop', () => {
	it('reaches the node within a second', async () => {
		const running = engine.startNode({ parameters: doing('wait') });
		await sleep(50);
		const before = Date.now();
		running.cancel();
		const { status, logs } = await running.result;
		expect(Date.now() - before).toBeLessThan(1000);
		expect(status).toBe('canceled');
		expect(logs.at(-1)).toMatchObject({
			level: 'warn',
			message: 'stopped',
			executionId: running.id,
		});
	});

	it("comes by itself at the workflow's timeout", async () => {
		const settings = { executionTimeout: 0.1 };
		const { status } = await engine.runNode({ parameters: doing('wait'), settings });
		expect(status).toBe('canceled');
	});
});

describe('a tool', () => {
	const parameters = doing('tool', { prompt: "={{ $fromAI('prompt', 'What to show') }}" });
	const calls = [{ args: { prompt: 'one' } }, { args: { prompt: 'two' } }];

	it('is called by an agent that invokes it, each call a run of its own', async () => {
		const execution = await engine.callTool({ agent: 'invoking', parameters, calls });
		expect(execution.answers.map(({ text }) => JSON.parse(text))).toEqual([
			[{ prompt: 'one', tool: true, calls: 1 }],
			[{ prompt: 'two', tool: true, calls: 2 }],
		]);
		expect(execution.runs()).toHaveLength(2);
	});

	it('is tried again by that agent in a new run, and fails for the agent only', async () => {
		const once = await engine.callTool({
			agent: 'invoking',
			parameters: { ...parameters, do: 'tool 1' },
			calls: calls.slice(0, 1),
			retryOnFail: true,
		});
		expect(once.answers).toEqual([
			{ text: '[{"prompt":"one","tool":true,"calls":2}]', failed: false },
		]);
		expect(once.runs().map(({ executionStatus }) => executionStatus)).toEqual(['error', 'success']);
		const failing = await engine.callTool({
			agent: 'invoking',
			parameters: { ...parameters, do: 'tool 1' },
			calls,
		});
		expect(failing.status).toBe('success');
		expect(failing.answers).toEqual([
			{ text: 'failed on one', failed: true },
			{ text: '[{"prompt":"two","tool":true,"calls":2}]', failed: false },
		]);
	});

	it.each([true, false])(
		'is run by the engine at an agent’s request (together: %s)',
		async (together) => {
			const execution = await engine.callTool({ agent: 'requesting', parameters, calls, together });
			expect(execution.answers.map(({ text }) => JSON.parse(text)[0].prompt)).toEqual([
				'one',
				'two',
			]);
			expect(execution.runs()).toHaveLength(2);
			expect(execution.runs()[0].data).toHaveProperty('ai_tool');
		},
	);

	it('is tried again by the engine in the same run', async () => {
		const execution = await engine.callTool({
			agent: 'requesting',
			parameters: { ...parameters, do: 'tool 1' },
			calls: calls.slice(0, 1),
			retryOnFail: true,
		});
		expect(JSON.parse(execution.answers[0].text)).toMatchObject([{ prompt: 'one', calls: 2 }]);
		expect(execution.runs()).toHaveLength(1);
		expect(execution.tries).toBe(2);
	});

	it('that fails at an agent’s request: 2.8 ends the execution, 2.41 tells the agent', async () => {
		const { status, answers } = await engine.callTool({
			agent: 'requesting',
			parameters: { ...parameters, do: 'tool 1' },
			calls: calls.slice(0, 1),
		});
		expect({ status, answers }).toEqual(
			engineVersion.startsWith('2.8.')
				? { status: 'error', answers: [] }
				: { status: 'success', answers: [{ text: '[{"error":"failed on one"}]', failed: true }] },
		);
	});
});

describe('credentials', () => {
	let server: Server;
	const seen: IncomingHttpHeaders[] = [];

	beforeAll(async () => {
		server = createServer((request, response) => {
			seen.push(request.headers);
			response.setHeader('content-type', 'application/json').end('{"ok":true}');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	});

	afterAll(() => server.close());

	it('are applied to requests by their type', async () => {
		const { port } = server.address() as AddressInfo;
		const data = { apiKey: 'secret', baseUrl: `http://127.0.0.1:${port}/` };
		const { items } = await engine.runNode({
			parameters: doing('get'),
			credentials: { key: { type: 'happyHorseApi', data } },
		});
		expect(items[0].json).toEqual({ ok: true });
		expect(seen[0].authorization).toBe('Bearer secret');
	});
});

describe('the log', () => {
	it('is kept by execution, also when two run at once', async () => {
		const both = await Promise.all([
			engine.runNode({ parameters: doing('pass'), mode: 'trigger' }),
			engine.runNode({ parameters: doing('odd'), mode: 'webhook' }),
		]);
		const [{ logs: first }, { logs: second }] = both;
		const line = { level: 'info', message: 'executed' };
		expect(first).toEqual([
			{ ...line, executionId: both[0].id, metadata: { action: 'pass', run: 'trigger' } },
		]);
		expect(second).toEqual([
			{ ...line, executionId: both[1].id, metadata: { action: 'odd', run: 'webhook' } },
		]);
	});
});

describe('the deduplication store', () => {
	const mark = async (workflowId: string, value = 'a', action = 'mark') =>
		await engine.runNode({ parameters: doing(`${action} ${value}`), workflowId });

	it('keeps values by workflow and node, across executions, until they are removed', async () => {
		expect((await mark('w1')).items[0].json).toEqual({ processed: [] });
		expect((await mark('w1')).items[0].json).toEqual({ processed: ['a'] });
		expect((await mark('w2')).items[0].json).toEqual({ processed: [] });
		expect(engine.deduplication.rows).toMatchObject([
			{ workflowId: 'w1', context: `n:id of ${SUBJECT}`, mode: 'entries' },
			{ workflowId: 'w2' },
		]);
		await mark('w1', 'a', 'unmark');
		expect(engine.deduplication.rows[0].entries).toEqual([]);
		expect((await mark('w1')).items[0].json).toEqual({ processed: [] });
	});

	it('loses one of two changes at once, and fails one of two first ones, like the real one', async () => {
		const first = await Promise.all([mark('w1', 'a'), mark('w1', 'b')]);
		expect(first.map(({ status }) => status).sort()).toEqual(['error', 'success']);
		await Promise.all([mark('w1', 'c'), mark('w1', 'd')]);
		expect(engine.deduplication.rows[0].entries).toHaveLength(2);
	});

	it('can be down, or not there at all', async () => {
		engine.deduplication.failWith = notInitialized;
		expect((await mark('w1')).error?.message).toMatch(/needs to initialized/);
	});
});
