// What makes two items the same order: the fingerprints that records and intents go by. And which run an item is in.
import type { IExecuteFunctions, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { properties } from '../../nodes/HappyHorse/description';
import {
	fingerprintItems,
	requestParameters,
	runIdentity,
} from '../../nodes/HappyHorse/n8n/identity';

const NAMES = requestParameters(properties);
const BESIDE = 'taskId returnAll limit filters waitForCompletion downloadVideo options'.split(' ');

const base: INodeParameters = { operation: 'textToVideo', prompt: '={{ $json.x }} {{ $now }}' };

interface Asked {
	json?: INodeExecutionData['json'];
	file?: object;
	/** The field of the item that holds the file. */
	field?: string;
	parameters?: INodeParameters;
	inTool?: boolean;
}

/** What n8n hands to a node with one item. */
function contextOf({
	json = { x: 1 },
	file,
	field = 'data',
	parameters,
}: Asked): IExecuteFunctions {
	const binary = file && { [field]: { mimeType: 'image/png', data: '', ...file } };
	return {
		getNode: () => ({ parameters: { ...base, ...parameters } }),
		getInputData: () => [{ json, binary }],
	} as unknown as IExecuteFunctions;
}

async function fingerprint(asked: Asked): Promise<string> {
	const { inTool = false } = asked;
	const [made] = await fingerprintItems(contextOf(asked), NAMES, inTool);
	if (!made.ok) throw made.failure;
	return made.value;
}

/** The fingerprints of these, in their order. */
async function fingerprints(all: readonly Asked[]): Promise<string[]> {
	return await Promise.all(all.map(fingerprint));
}

/** What a workflow holds that has a parameter, or an option by its path, and nothing else. */
function held(path: string, value: string): INodeParameters {
	const [name, option] = path.split('.');
	return { [name]: option === undefined ? value : { [option]: value } };
}

describe('a parameter of the form', () => {
	it('is part of the request, or beside it, and no notice is either', () => {
		const inputs =
			'prompt imageSource imageUrl binaryPropertyName referenceImages videoSource videoUrl';
		const words =
			'service resource operation modelVersion resolution aspectRatio duration audioSetting';
		const options = ['extraParameters', 'model', 'seed', 'watermark'].map(
			(one) => `options.${one}`,
		);
		expect([...NAMES].sort()).toEqual(
			[...`${inputs} ${words} videoBinaryPropertyName`.split(' '), ...options].sort(),
		);
		const others = properties.filter(({ name }) => !NAMES.includes(name));
		const notices = others.filter(({ type }) => type === 'notice');
		expect(notices).not.toEqual([]);
		const rest = others.filter((one) => !notices.includes(one)).map(({ name }) => name);
		expect(new Set(rest)).toEqual(new Set(BESIDE));
	});

	it.each(NAMES)('makes another order: %s', async (name) => {
		const values = [{}, held(name, 'one'), held(name, 'other'), held(name, 'one')];
		const [none, one, other, oneAgain] = await fingerprints(
			values.map((parameters) => ({ parameters })),
		);
		expect(new Set([none, one, other]).size).toBe(3);
		expect(oneAgain).toBe(one);
	});

	it.each([...BESIDE, 'costNotice'])('may change without another order: %s', async (name) => {
		expect(await fingerprint({ parameters: { [name]: 'one' } })).toBe(await fingerprint({}));
	});

	it('makes another order than any other one with the same value', async () => {
		const all = await fingerprints(NAMES.map((name) => ({ parameters: held(name, 'one') })));
		expect(new Set(all).size).toBe(NAMES.length);
	});
});

const stored = (id: string, changes: object = {}) => ({
	file: { id, data: 'filesystem-v2', fileName: 'a.png', fileSize: '5 kB', ...changes },
});
const inMemory = (data: string, changes: object = {}) => ({ file: { data, ...changes } });
const long = 'x'.repeat(100_000);
const replaced = (at: number) => `${long.slice(0, at)}y${long.slice(at + 1)}`;

it.each<[what: string, one: Asked, other: Asked, same: boolean]>([
	['the same', {}, {}, true],
	['keys in another order', { json: { a: 1, b: 2 } }, { json: { b: 2, a: 1 } }, true],
	['another input', { json: { x: 1 } }, { json: { x: 2 } }, false],
	['another file', stored('1'), stored('2'), false],
	['a file in memory in place of a stored one', stored('1'), inMemory(long), false],
	['the same file in another field', stored('1'), { ...stored('1'), field: 'image' }, false],
	['no file', stored('1'), {}, false],
	['a file in memory', inMemory(long), inMemory(long), true],
	['another in memory, from its start', inMemory(long), inMemory(replaced(0)), false],
	['another in memory, up to there', inMemory(long), inMemory(replaced(4095)), false],
	['another in memory, in its middle', inMemory(long), inMemory(replaced(50_000)), false],
	['another in memory, before that', inMemory(long), inMemory(replaced(47_952)), false],
	['another in memory, after that', inMemory(long), inMemory(replaced(52_047)), false],
	['another in memory, near its end', inMemory(long), inMemory(replaced(95_904)), false],
	['another in memory, at its end', inMemory(long), inMemory(replaced(99_999)), false],
	['a longer one in memory', inMemory(long), inMemory(`${long}x`), false],
	['another short one in memory', inMemory('abc'), inMemory('abd'), false],
	['one in memory of another name', inMemory('a'), inMemory('a', { fileName: 'b' }), false],
	['one in memory of another type', inMemory('a'), inMemory('a', { mimeType: 'b' }), false],
	[
		'another call of a tool',
		{ json: { q: 1, toolCallId: 'a' }, inTool: true },
		{ json: { q: 1, toolCallId: 'b' }, inTool: true },
		true,
	],
	['another question to a tool', { json: { q: 1 }, inTool: true }, { json: { q: 2 } }, false],
	[
		'the same field outside of a tool',
		{ json: { toolCallId: 'a' } },
		{ json: { toolCallId: 'b' } },
		false,
	],
])('%s', async (_what, one, other, same) => {
	expect((await fingerprint(one)) === (await fingerprint(other))).toBe(same);
});

it('a file in memory is looked at in three places, however large it is', async () => {
	expect(await fingerprint(inMemory(long))).toBe(await fingerprint(inMemory(replaced(20_000))));
});

describe('a run', () => {
	const runOf = (node: object, more: object = {}) =>
		runIdentity({
			getNode: () => ({ type: 'n8n-nodes-happyhorse.happyHorse', ...node }),
			getExecutionId: () => '7',
			getWorkflowDataProxy: () => ({ $thisRunIndex: 3 }),
			getMode: () => 'retry',
			...more,
		} as unknown as IExecuteFunctions);
	const asTool = { type: 'n8n-nodes-happyhorse.happyHorseTool' };

	it.each([
		['of a workflow', {}, { isToolExecution: () => false }, false],
		['of an agent, in a context of its own', {}, { isToolExecution: () => true }, true],
		['of an agent, through the engine', { rewireOutputLogTo: 'ai_tool' }, {}, true],
		['of a workflow in n8n 1, whose contexts can not tell', {}, {}, false],
		['of an agent in n8n 1', asTool, {}, true],
		['that is logged elsewhere', { rewireOutputLogTo: 'main' }, {}, false],
		[
			'of a tool, where the context says that it is none',
			asTool,
			{ isToolExecution: () => false },
			false,
		],
	])('%s knows whether it is in a tool', (_what, node, more, inTool) => {
		const run = { executionId: '7', runIndex: 3, isRetry: true, inTool };
		expect(runOf(node, more)).toEqual(run);
	});

	it('outside of any execution has an empty id', () => {
		const outside = { getExecutionId: () => undefined, getMode: () => 'webhook' };
		expect(runOf({}, outside)).toMatchObject({ executionId: '', isRetry: false });
	});
});

describe('the items of a run', () => {
	/** What n8n hands to a node with items of this JSON. */
	const contextOfAll = (jsons: unknown[]) =>
		({
			getNode: () => ({ parameters: base }),
			getInputData: () => jsons.map((json) => ({ json })),
		}) as unknown as IExecuteFunctions;

	it('may hold anything but themselves: such an item fails by itself, and the others have fingerprints', async () => {
		const circular: Record<string, unknown> = {};
		circular.back = { of: [circular] };
		const others = [{ n: 5n }, { at: new Date(0) }, { file: new URL('https://a.test') }, { x: 1 }];
		const made = await fingerprintItems(contextOfAll([circular, ...others]), NAMES, false);
		expect(made.shift()).toMatchObject({
			failure: {
				kind: 'input',
				message: expect.stringMatching(
					/^The input item contains itself, or is nested too deeply, so /,
				),
				description: expect.stringMatching(/^Nothing was ordered for this item\. ./),
			},
		});
		expect(made.every(({ ok }) => ok)).toBe(true);
		expect(new Set(made.map((one) => one.ok && one.value)).size).toBe(others.length);
	});
});
