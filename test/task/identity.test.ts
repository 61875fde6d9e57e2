// What makes two items the same order: the fingerprints that records and marks go by.
import type { IExecuteFunctions, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { printsOf } from '../../nodes/HappyHorse/identity';

const base: INodeParameters = { operation: 'textToVideo', prompt: '={{ $json.x }} {{ $now }}' };

interface Print {
	json?: INodeExecutionData['json'];
	file?: object;
	parameters?: INodeParameters;
	inTool?: boolean;
	acrossRuns?: boolean;
}

function print({
	json = { x: 1 },
	file,
	parameters,
	inTool = false,
	acrossRuns = false,
}: Print = {}) {
	const binary = file && { data: { mimeType: 'image/png', data: '', ...file } };
	const context = {
		getNode: () => ({ parameters: { ...base, ...parameters } }),
		getInputData: () => [{ json, binary }],
	} as unknown as IExecuteFunctions;
	return printsOf(context, inTool, acrossRuns)(0);
}

const stored = (id: string) => ({ id, data: 'filesystem-v2', fileName: 'a.png', fileSize: '5 kB' });
const long = 'x'.repeat(100_000);

it.each<[what: string, one: Print, other: Print, same: boolean]>([
	['the same', {}, {}, true],
	['keys in another order', { json: { a: 1, b: 2 } }, { json: { b: 2, a: 1 } }, true],
	['another input', { json: { x: 1 } }, { json: { x: 2 } }, false],
	['another prompt', {}, { parameters: { prompt: 'else' } }, false],
	['another operation', {}, { parameters: { operation: 'imageToVideo' } }, false],
	['another duration', {}, { parameters: { duration: 7 } }, false],
	['other options', {}, { parameters: { options: { timeout: 9 } } }, true],
	['not waiting', {}, { parameters: { waitForCompletion: false } }, true],
	['another file', { file: stored('1') }, { file: stored('2') }, false],
	['no file', { file: stored('1') }, {}, false],
	[
		'a file stored anew',
		{ file: stored('1'), acrossRuns: true },
		{ file: stored('2'), acrossRuns: true },
		true,
	],
	[
		'a file of another size',
		{ file: stored('1'), acrossRuns: true },
		{ file: { ...stored('2'), fileSize: '6 kB' }, acrossRuns: true },
		false,
	],
	['a file in memory', { file: { data: long } }, { file: { data: long } }, true],
	['another in memory', { file: { data: long } }, { file: { data: `${long.slice(1)}y` } }, false],
	[
		'another call of a tool',
		{ json: { q: 1, toolCallId: 'a' }, inTool: true },
		{ json: { q: 1, toolCallId: 'b' }, inTool: true },
		true,
	],
	[
		'the same field outside of a tool',
		{ json: { toolCallId: 'a' } },
		{ json: { toolCallId: 'b' } },
		false,
	],
])('%s', (_what, one, other, same) => {
	expect(print(one) === print(other)).toBe(same);
});

it('an item that is not there has a fingerprint of its own', () => {
	const context = {
		getNode: () => ({ parameters: base }),
		getInputData: () => [{ json: {} }],
	} as unknown as IExecuteFunctions;
	const printOf = printsOf(context, false);
	expect(printOf(5)).not.toBe(printOf(0));
});
