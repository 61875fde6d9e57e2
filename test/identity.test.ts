// What makes two items the same order: the fingerprints that records and intents go by. And which run an item is in.
import type { IExecuteFunctions, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { properties } from '../nodes/HappyHorse/description';
import { fingerprintsOf, requestParameters, runIdentity } from '../nodes/HappyHorse/identity';

const NAMES = requestParameters(properties);
const BESIDE = ['taskId', 'waitForCompletion', 'downloadVideo', 'options'];

const base: INodeParameters = { operation: 'textToVideo', prompt: '={{ $json.x }} {{ $now }}' };

interface Asked {
	json?: INodeExecutionData['json'];
	file?: object;
	/** The field of the item that holds the file. */
	field?: string;
	parameters?: INodeParameters;
	inTool?: boolean;
	acrossRuns?: boolean;
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

function fingerprint(asked: Asked): string {
	const { inTool = false, acrossRuns } = asked;
	return fingerprintsOf(contextOf(asked), NAMES, inTool, acrossRuns)(0);
}

describe('a parameter of the form', () => {
	it('is part of the request, or beside it, and no notice is either', () => {
		expect([...NAMES].sort()).toEqual([
			'aspectRatio',
			'audioSetting',
			'binaryPropertyName',
			'duration',
			'imageSource',
			'imageUrl',
			'operation',
			'prompt',
			'referenceImages',
			'resolution',
			'resource',
			'videoBinaryPropertyName',
			'videoSource',
			'videoUrl',
		]);
		const others = properties.filter(({ name }) => !NAMES.includes(name));
		const notices = others.filter(({ type }) => type === 'notice');
		expect(notices).not.toEqual([]);
		const rest = others.filter((one) => !notices.includes(one)).map(({ name }) => name);
		expect(new Set(rest)).toEqual(new Set(BESIDE));
	});

	it.each(NAMES)('makes another order: %s', (name) => {
		const [none, one, other] = [{}, { [name]: 'one' }, { [name]: 'other' }].map((parameters) =>
			fingerprint({ parameters: { ...parameters } }),
		);
		expect(new Set([none, one, other]).size).toBe(3);
		expect(fingerprint({ parameters: { [name]: 'one' } })).toBe(one);
	});

	it.each(BESIDE)('may change without another order: %s', (name) => {
		expect(fingerprint({ parameters: { [name]: 'one' } })).toBe(fingerprint({}));
	});

	it('makes another order than any other one with the same value', () => {
		const all = NAMES.map((name) => fingerprint({ parameters: { [name]: 'one' } }));
		expect(new Set(all).size).toBe(NAMES.length);
	});
});

const stored = (id: string, changes: object = {}) => ({
	file: { id, data: 'filesystem-v2', fileName: 'a.png', fileSize: '5 kB', ...changes },
});
const anew = (changes: object = {}) => ({ ...stored('2', changes), acrossRuns: true });
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
	['a file stored anew', { ...stored('1'), acrossRuns: true }, anew(), true],
	['a file of another size', anew(), anew({ fileSize: '6 kB' }), false],
	['a file of another name', anew(), anew({ fileName: 'b.png' }), false],
	['a file of another type', anew(), anew({ mimeType: 'image/webp' }), false],
	['a file in memory', inMemory(long), inMemory(long), true],
	[
		'a file in memory, in another run',
		inMemory(long),
		{ ...inMemory(long), acrossRuns: true },
		true,
	],
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
])('%s', (_what, one, other, same) => {
	expect(fingerprint(one) === fingerprint(other)).toBe(same);
});

it('a file in memory is looked at in three places, however large it is', () => {
	expect(fingerprint(inMemory(long))).toBe(fingerprint(inMemory(replaced(20_000))));
});

it('an item that is not there has a fingerprint of its own', () => {
	const fingerprintOf = fingerprintsOf(contextOf({ json: {} }), NAMES, false);
	expect(fingerprintOf(5)).not.toBe(fingerprintOf(0));
});

describe('a run', () => {
	const runOf = (node: object, more: object = {}) =>
		runIdentity({
			getNode: () => ({ type: 'n8n-nodes-happyhorse.happyHorse', ...node }),
			getExecutionId: () => '7',
			getWorkflowDataProxy: () => ({ $thisRunIndex: 3 }),
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
		expect(runOf(node, more)).toEqual({ executionId: '7', runIndex: 3, inTool });
	});

	it('outside of any execution has an empty id', () => {
		expect(runOf({}, { getExecutionId: () => undefined }).executionId).toBe('');
	});
});
