// Where the engine is ours and not n8n's: what stands in for n8n's server, its editor and its own nodes.
import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { NodeOperationError, sleep } from 'n8n-workflow';
import {
	connect,
	describeNode,
	engineVersion,
	itemsNode,
	NODE_TYPE,
	startEngine,
	SUBJECT,
} from './engine';
import type { Engine } from './engine';

const description = describeNode('Probe', {
	usableAsTool: true,
	properties: [
		{ displayName: 'Do', name: 'do', type: 'string', default: 'pass' },
		{ displayName: 'Prompt', name: 'prompt', type: 'string', default: '', required: true },
	],
});

type Action = (node: IExecuteFunctions, argument: string) => Promise<INodeExecutionData[]>;

/** What the node can be told to do: the first word of its parameter `do`; the second is the argument. */
const ACTIONS: Record<string, Action> = {
	pass: async (node) => node.getInputData(),
	/** Fails so many times, by n8n's node context. */
	async fail(node, argument) {
		const memory = node.getContext('node') as { calls?: number };
		const calls = (memory.calls = (memory.calls ?? 0) + 1);
		const prompt = node.getNodeParameter('prompt', 0);
		if (calls <= Number(argument)) throw new NodeOperationError(node.getNode(), `failed ${calls}`);
		return [{ json: { prompt, tool: node.isToolExecution(), calls } }];
	},
	async wait(node) {
		while (!node.getExecutionCancelSignal()?.aborted) await sleep(10);
		node.logger.warn('stopped');
		return [];
	},
	async mark(node, argument) {
		const options = { mode: 'entries' } as const;
		const { processed } = await node.helpers.checkProcessedAndRecord([argument], 'node', options);
		return [{ json: { processed } }];
	},
	async unmark(node, argument) {
		await node.helpers.removeProcessed([argument], 'node', { mode: 'entries' });
		return [];
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
	engine = await startEngine({ node: new Probe() });
});

afterEach(() => engine.deduplication.clear());

afterAll(() => engine.close());

const doing = (action: string, prompt = 'p') => ({ do: action, prompt });

it('a loop hands its items on in batches, and all of them at its end', async () => {
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
	expect(execution.output(0, 'Done').map(({ json }) => json.n)).toEqual([1, 2, 3]);
});

describe('a retry by hand', () => {
	it('goes on with the context of the failed execution, each time from the same point', async () => {
		const failed = await engine.runNode({ parameters: doing('fail 1'), mode: 'trigger' });
		const retries = [await engine.retry(failed), await engine.retry(failed)];
		for (const retried of retries) {
			expect(retried.items[0].json).toMatchObject({ calls: 2 });
			expect(retried.executeCalls.has('Items')).toBe(false);
			expect(retried.runs()).toHaveLength(1);
			expect(retried.logs[0].metadata).toMatchObject({ run: 'retry' });
			expect(retried.workflow.id).toBe(failed.workflow.id);
		}
		expect(new Set([failed, ...retries].map(({ id }) => id)).size).toBe(3);
	});

	it('takes a workflow that was changed since', async () => {
		const items = [{ json: { n: 7 } }];
		const failed = await engine.runNode({ parameters: doing('fail 9'), items });
		const parameters = doing('fail 0', '={{ $json.n }}');
		expect((await engine.retry(failed, { parameters })).items[0].json.prompt).toBe(7);
		const workflow = { ...failed.workflow, nodes: failed.workflow.nodes.slice(0, 2) };
		await expect(engine.retry(failed, { workflow })).rejects.toThrow(/Could not find the node/);
	});

	it('is not there for an execution that succeeded', async () => {
		const succeeded = await engine.runNode({ parameters: doing('pass') });
		await expect(engine.retry(succeeded)).rejects.toThrow(/no retry/);
	});

	it('of a crashed execution starts over without the context', async () => {
		const failed = await engine.runNode({ parameters: doing('fail 1') });
		const retried = await engine.retryCrashed(failed);
		expect(retried.error?.message).toBe('failed 1');
		expect(retried.executeCalls.get('Items')).toBe(1);
	});
});

it('a stop reaches the node, and what it logs then belongs to the execution', async () => {
	const running = engine.startNode({ parameters: doing('wait') });
	await sleep(50);
	running.cancel();
	const { status, logs } = await running.result;
	expect(status).toBe('canceled');
	expect(logs.at(-1)).toMatchObject({ message: 'stopped', executionId: running.id });
	const settings = { executionTimeout: 0.1 };
	expect((await engine.runNode({ parameters: doing('wait'), settings })).status).toBe('canceled');
});

describe('a tool', () => {
	const parameters = doing('fail 1', "={{ $fromAI('prompt', 'What to show') }}");
	const calls = [{ args: { prompt: 'one' } }, { args: { prompt: 'two' } }];
	const two = { text: '[{"prompt":"two","tool":true,"calls":2}]', failed: false };

	it('fails for the agent that invokes it, and for nobody else; each call is a run', async () => {
		const execution = await engine.callTool({ agent: 'invoking', parameters, calls });
		expect(execution.status).toBe('success');
		expect(execution.answers).toEqual([{ text: 'failed 1', failed: true }, two]);
		expect(execution.runs()).toHaveLength(2);
	});

	it.each([
		['invoking', 2],
		['requesting', 1],
	] as const)('is tried again for an agent %s it: %d runs', async (agent, runs) => {
		const one = calls.slice(1);
		const execution = await engine.callTool({ agent, parameters, calls: one, retryOnFail: true });
		expect(execution.answers[0].text).toContain('"prompt":"two"');
		expect(execution.runs()).toHaveLength(runs);
		expect(execution.tries).toBe(2);
	});

	it.each([true, false])('is run at an agent’s request (together: %s)', async (together) => {
		const good = { ...parameters, do: 'fail 0' };
		const request = { agent: 'requesting', parameters: good, calls, together } as const;
		const execution = await engine.callTool(request);
		expect(execution.answers.map(({ text }) => JSON.parse(text)[0].prompt)).toEqual(['one', 'two']);
		expect(execution.runs()[0].data).toHaveProperty('ai_tool');
	});

	it('that fails at an agent’s request: 2.8 ends the execution, 2.41 tells the agent', async () => {
		const { status, answers } = await engine.callTool({ agent: 'requesting', parameters, calls });
		if (engineVersion.startsWith('2.8.'))
			expect({ status, answers }).toEqual({ status: 'error', answers: [] });
		else expect(answers[0]).toEqual({ text: '[{"error":"failed 1"}]', failed: true });
	});
});

it('the log is kept by execution, also when two run at once', async () => {
	const both = await Promise.all([
		engine.runNode({ parameters: doing('pass'), mode: 'trigger' }),
		engine.runNode({ parameters: doing('fail 0'), mode: 'webhook' }),
	]);
	expect(both.map(({ logs }) => logs)).toMatchObject([
		[{ level: 'info', executionId: both[0].id, metadata: { action: 'pass', run: 'trigger' } }],
		[{ level: 'info', executionId: both[1].id, metadata: { action: 'fail', run: 'webhook' } }],
	]);
});

describe('the deduplication store', () => {
	const mark = async (workflowId: string, value = 'a', action = 'mark') =>
		await engine.runNode({ parameters: doing(`${action} ${value}`), workflowId });

	it('keeps values by workflow and node, across executions, until they are removed', async () => {
		const processed = [];
		for (const workflow of ['w1', 'w1', 'w2'])
			processed.push((await mark(workflow)).items[0].json.processed);
		expect(processed).toEqual([[], ['a'], []]);
		expect(engine.deduplication.rows).toMatchObject([
			{ workflowId: 'w1', context: `n:id of ${SUBJECT}`, mode: 'entries' },
			{ workflowId: 'w2' },
		]);
		await mark('w1', 'a', 'unmark');
		expect((await mark('w1')).items[0].json).toEqual({ processed: [] });
	});

	it('loses one of two changes at once, and fails one of two first ones, like the real one', async () => {
		const first = await Promise.all([mark('w1', 'a'), mark('w1', 'b')]);
		expect(first.map(({ status }) => status).sort()).toEqual(['error', 'success']);
		await Promise.all([mark('w1', 'c'), mark('w1', 'd')]);
		expect(engine.deduplication.rows[0].entries).toHaveLength(2);
	});
});
