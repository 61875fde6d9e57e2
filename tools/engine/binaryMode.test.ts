// An engine that keeps binary data in memory: the mode is chosen once for a process.
import type { IExecuteFunctions,INodeType } from 'n8n-workflow';
import { startEngine } from './engine';

const node: INodeType = {
	description: {
		displayName: 'Copy',
		name: 'happyHorse',
		group: ['transform'],
		version: 1,
		description: 'Copies a file',
		defaults: { name: 'Copy' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	},
	async execute(this: IExecuteFunctions) {
		const bytes = await this.helpers.getBinaryDataBuffer(0, 'data');
		const data = await this.helpers.prepareBinaryData(bytes, 'b.png', 'image/png');
		return [[{ json: {}, binary: { data } }]];
	},
};

it('keeps files inside the items', async () => {
	const engine = await startEngine({ node, binaryMode: 'default' });
	const content = Buffer.from('not an image');
	const { items } = await engine.runNode({
		items: [{ json: {}, binary: { data: { content, fileName: 'a.png', mimeType: 'image/png' } } }],
	});
	const [{ binary }] = items;
	expect(binary).toMatchObject({ data: { fileName: 'b.png', data: content.toString('base64') } });
	expect(binary?.data.id).toBeUndefined();
	if (binary) expect(await engine.readBinary(binary.data)).toEqual(content);
	await expect(startEngine({ node, binaryMode: 'filesystem' })).rejects.toThrow(/"default" by now/);
	engine.close();
});
