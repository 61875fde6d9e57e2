// What n8n says of an input item: values that can't be read, and files without what n8n usually tells of them.
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { inputItem } from '../../nodes/HappyHorse/request/inputItem';

/** The first item of a run in which n8n throws `thrown` for every parameter. */
function unreadable(thrown: unknown) {
	const context = {
		getNodeParameter: () => {
			throw thrown;
		},
	};
	return inputItem(context as unknown as IExecuteFunctions, 0);
}

function fileOf(binary: Omit<IBinaryData, 'mimeType'>) {
	const helpers = {
		assertBinaryData: () => ({ mimeType: 'video/mp4', ...binary }),
		getBinaryMetadata: async (id: string) => ({ fileSize: id === 'filesystem-v2:1' ? 1234 : 0 }),
	};
	return inputItem({ helpers } as unknown as IExecuteFunctions, 0).file('clip', 'Field');
}

it.each([
	['an error', new Error('It is odd')],
	['a text', 'It is odd'],
	['lines and escape codes', new Error('It\n\u001bis\u2028\u202eodd')],
])('an expression that ends with %s is said to have failed, and why', (_what, thrown) => {
	expect(() => unreadable(thrown).value('imageUrl')).toThrow(
		'The expression of the field "Image URL" failed: It is odd',
	);
});

it.each([null, '', ' \u200b'])('a value that was cleared is empty, not unset: %j', (value) => {
	const context = { getNodeParameter: () => value } as unknown as IExecuteFunctions;
	expect(inputItem(context, 0).value('options.maxTotalSeconds')).toBe('');
});

it.each([0, 1, 2, 3, 4, 1000])('a file of %i bytes in memory has as many', async (bytes) => {
	const data = Buffer.alloc(bytes, 7).toString('base64');
	await expect(fileOf({ data }).size()).resolves.toBe(bytes);
});

it('a file in storage is as long as n8n says, or as its storage says where n8n does not', async () => {
	const stored = { id: 'filesystem-v2:1', data: 'filesystem-v2' };
	await expect(fileOf({ ...stored, bytes: 99 }).size()).resolves.toBe(99);
	await expect(fileOf(stored).size()).resolves.toBe(1234);
});

it.each([
	['its name and its field', 'a.mp4', '"a.mp4" (field "clip")'],
	['its field where it has no name', undefined, 'in field "clip"'],
])('a message calls a file by %s', (_what, fileName, name) => {
	expect(fileOf({ data: '', fileName }).name).toBe(name);
});
