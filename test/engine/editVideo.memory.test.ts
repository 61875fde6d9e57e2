// Files that n8n keeps in memory: the mode is chosen once for a process.
import { mp4, imageFile } from '../../tools/images';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 2 }, engine: { binaryMode: 'default' } });

const item = (content: Buffer) => ({
	json: {},
	binary: { data: { content, fileName: 'a.bin', mimeType: 'application/octet-stream' } },
});

it('a video file can not be handed on: the error says so, and what else to do', async () => {
	const { error } = await world.engine.runNode({
		parameters: { operation: 'editVideo', prompt: 'Make it snow', videoSource: 'binary' },
		items: [item(mp4())],
	});
	expect(error?.message).toBe(
		'The video "a.bin" (field "data") can\'t be handed to the service: this n8n keeps files in memory and can\'t serve them',
	);
	expect(error?.description).toBe(
		'Nothing was ordered for this item. Set N8N_DEFAULT_BINARY_DATA_MODE to filesystem, or put the video somewhere public and use its URL.',
	);
	expect(world.simulator.requests).toEqual([]);
});

it.each([
	['empty', Buffer.alloc(0), 'is empty'],
	['no video', Buffer.from('this is only text'), 'is not an MP4 or MOV file'],
])('a video file that is %s is called so', async (_what, content, message) => {
	const { error } = await world.engine.runNode({
		parameters: { operation: 'editVideo', prompt: 'Make it snow', videoSource: 'binary' },
		items: [item(content)],
	});
	expect(error?.message).toBe(`The video "a.bin" (field "data") ${message}`);
});

it('an image is sent, and the video comes out as a file', async () => {
	const content = await imageFile('jpeg', 400, 300);
	const { status, items } = await world.engine.runNode({
		parameters: { operation: 'imageToVideo', imageSource: 'binary' },
		items: [item(content)],
	});
	expect(status).toBe('success');
	const [{ body }] = world.simulator.ofKind('submit');
	expect(body).toMatchObject({
		reference_images: [{ url: `data:image/jpeg;base64,${content.toString('base64')}` }],
	});
	expect(items[0].binary?.data.mimeType).toBe('video/mp4');
	const bytes = items[0].binary && (await world.engine.readBinary(items[0].binary.data));
	expect(bytes).toHaveLength(47_895);
});
