// Unusual contexts that n8n runs the node in: n8n 1, and a tool of an MCP Server Trigger.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { cpSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { IBinaryData, IExecuteFunctions, INodeParameters, INodeType } from 'n8n-workflow';
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node';
import { imageFile, mp4 } from '../../tools/images';
import type { Execution, ItemSpec } from '../../tools/engine/engine';
import { itemsNode, NODE_TYPE } from '../../tools/engine/engine';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 2 } });

type Changes = (context: IExecuteFunctions) => object;

/** `node` in a context with some parts replaced. */
function changed(node: INodeType, changes: Changes): INodeType {
	const { description } = node;
	return {
		description,
		async execute(this: IExecuteFunctions) {
			const context = Object.assign(Object.create(this), changes(this));
			return (await node.execute?.call(context)) ?? [];
		},
	};
}

function withoutBytes({ bytes, ...file }: IBinaryData): IBinaryData {
	expect(bytes).toBeDefined();
	return file;
}

/** n8n 1.123: contexts can't tell whether the node is a tool, and files don't have their length. */
const ofVersion1: Changes = ({ helpers }) => ({
	isToolExecution: undefined,
	helpers: {
		...helpers,
		prepareBinaryData: async (...args: Parameters<typeof helpers.prepareBinaryData>) =>
			withoutBytes(await helpers.prepareBinaryData(...args)),
	},
});

/** A tool of an MCP Server Trigger: it answers a web request, without an execution that could be stopped. */
const withoutExecution: Changes = () => ({
	getExecutionId: () => undefined,
	getExecutionCancelSignal: () => undefined,
});

const calls = [{ args: { prompt: 'A horse' } }];
const prompt = '={{ $fromAI("prompt", "", "string") }}';

const answerOf = ({ answers: [{ text }] }: Execution) => JSON.parse(text);
const taskIds = () => world.taskIds();

describe('in n8n 1', () => {
	const nodeTypes = { [NODE_TYPE]: changed(new HappyHorse(), ofVersion1) };
	const edit = { operation: 'editVideo', prompt: 'Make it snow', videoSource: 'binary' };

	/** An earlier node, with files as n8n 1 stores them. */
	const before = (content: Buffer) => {
		const file = { content, fileName: 'clip.mp4', mimeType: 'video/mp4' };
		const items: ItemSpec[] = [{ json: {}, binary: { data: file } }];
		return { 'test.items': changed(itemsNode(items), ofVersion1) };
	};

	it('the video comes out as a file', async () => {
		const { items } = await world.engine.runNode({ nodeTypes, parameters: { prompt: 'A horse' } });
		expect(items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
		expect(items[0].binary?.data).not.toHaveProperty('bytes');
	});

	it('a video file goes as a link, and one that is empty is said to be', async () => {
		const run = await world.engine.runNode({
			nodeTypes: { ...nodeTypes, ...before(mp4(1000)) },
			parameters: edit,
		});
		expect(run.status).toBe('success');
		const empty = await world.engine.runNode({
			nodeTypes: { ...nodeTypes, ...before(Buffer.alloc(0)) },
			parameters: edit,
		});
		expect(empty.error?.message).toBe('The video "clip.mp4" (field "data") is empty');
		expect(taskIds()).toHaveLength(1);
	});
});

describe('as a tool of an MCP Server Trigger', () => {
	const tool = {
		nodeTypes: { [NODE_TYPE]: changed(new HappyHorse(), withoutExecution) },
		agent: 'invoking' as const,
		parameters: { prompt },
		calls,
	};

	it('the video is ordered and waited for', async () => {
		const run = await world.engine.callTool(tool);
		expect(answerOf(run)).toMatchObject([{ task_id: taskIds()[0], status: 'succeeded' }]);
	});

	it('a task that is paid for is named in the answer, and nothing is tried again', async () => {
		world.fail('query', 401);
		const run = await world.engine.callTool({ ...tool, retryOnFail: true, maxTries: 2 });
		expect(answerOf(run)).toMatchObject([{ error: { task_id: taskIds()[0] } }]);
		expect(world.simulator.ofKind('submit')).toHaveLength(1);
	});
});

describe('a file that a Webhook or a Form has received', () => {
	const film = mp4(1000);
	/** Where n8n keeps it until an execution ends. */
	let temp: string;

	/** Stores what comes in as a Webhook does: under `executions/temp/`. */
	const received: Changes = ({ helpers }) => ({
		helpers: {
			...helpers,
			prepareBinaryData: async (...args: Parameters<typeof helpers.prepareBinaryData>) => {
				const file = await helpers.prepareBinaryData(...args);
				const inTemp = (path = '') => path.replace(/executions\/[^/]+/, 'executions/temp');
				const path = helpers.getBinaryPath(String(file.id));
				temp = dirname(inTemp(path));
				cpSync(dirname(path), temp, { recursive: true });
				return { ...file, id: inTemp(file.id) };
			},
		},
	});

	/** The node, which notes the copies that it makes; `full`: on a disk that takes none. */
	function run(
		content: Buffer,
		parameters: INodeParameters,
		{
			full = false,
			...settings
		}: { full?: boolean; retryOnFail?: boolean; maxTries?: number } = {},
	) {
		const file = { content, fileName: 'a.bin', mimeType: 'application/octet-stream' };
		const items: ItemSpec[] = [1, 2].map(() => ({ json: {}, binary: { data: file } }));
		const copies: unknown[] = [];
		const counting: Changes = ({ helpers }) => ({
			helpers: {
				...helpers,
				prepareBinaryData: async (...args: Parameters<typeof helpers.prepareBinaryData>) => {
					copies.push(args[1]);
					if (full) throw new Error('ENOSPC: no space left on device, write');
					return await helpers.prepareBinaryData(...args);
				},
			},
		});
		const nodeTypes = {
			[NODE_TYPE]: changed(new HappyHorse(), counting),
			'test.items': changed(itemsNode(items), received),
		};
		const result = world.engine.runNode({ nodeTypes, parameters, ...settings });
		return { result, copies };
	}

	const edit = { operation: 'editVideo', prompt: 'x', videoSource: 'binary', downloadVideo: false };

	it('goes as a link to a copy, which is there when n8n has removed the file', async () => {
		const { result, copies } = run(film, edit);
		expect((await result).error?.message).toBeUndefined();
		expect(copies).toEqual(['a.bin', 'a.bin']);
		rmSync(temp, { recursive: true });
		for (const { body } of world.simulator.ofKind('submit')) {
			const [{ url }] = Object(body).reference_videos;
			const [, payload] = new URL(url).searchParams.get('token')?.split('.') ?? [];
			const { id } = JSON.parse(Buffer.from(payload, 'base64url').toString());
			expect(id).not.toContain('/temp/');
			const read = await world.engine.readBinary({ id, data: '', mimeType: '' });
			expect(read.equals(film)).toBe(true);
		}
	});

	it('is copied once, however often the node is tried, and read from there when its turn comes', async () => {
		const fault = { kind: 'status', status: 400, body: { code: 'X', message: 'no' } } as const;
		world.fail('submit', fault, 2);
		const content = await imageFile('png', 400, 400);
		const options = { maxTasksInFlight: 1 };
		const image = { operation: 'imageToVideo', imageSource: 'binary' };
		const parameters = { ...image, downloadVideo: false, options };
		const { result, copies } = run(content, parameters, { retryOnFail: true, maxTries: 3 });
		await world.simulator.waitFor(() => world.simulator.ofKind('submit').length > 0);
		rmSync(temp, { recursive: true });
		expect((await result).error?.message).toBeUndefined();
		expect(world.simulator.ofKind('submit')).toHaveLength(4);
		expect(copies).toHaveLength(2);
	});

	it('that can not be copied is said to be, with the reason, and nothing is ordered', async () => {
		const { error } = await run(film, edit, { full: true }).result;
		expect(error?.message).toBe(
			'Item 0 (the 1st): The file "a.bin" (field "data") could not be copied: ENOSPC: no space left on device, write',
		);
		expect(error?.description).toMatch(/^None of the 2 items was ordered\..*the disk/);
		expect(world.simulator.ofKind('submit')).toEqual([]);
	});

	it('is not copied in a dry run', async () => {
		const { result, copies } = run(film, { ...edit, options: { dryRun: true } });
		expect((await result).status).toBe('success');
		expect(copies).toEqual([]);
	});
});
