// Files that n8n keeps in memory: the mode is chosen once for a process.
import { mp4, imageFile } from '../../tools/images';
import { filmOf } from '../../tools/simulator/media';
import { film } from '../mp4/films';
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

it('an image is sent, and the files of a video come out whole, inside the item', async () => {
	const content = await imageFile('jpeg', 400, 300);
	world.outcome({ videos: 2 });
	// A connection that breaks off halfway is tried again
	world.fail('media', { kind: 'reset', when: 'mid-body' });
	const { status, items } = await world.engine.runNode({
		parameters: {
			operation: 'imageToVideo',
			imageSource: 'binary',
			options: { downloadCover: true },
		},
		items: [item(content)],
	});
	expect(status).toBe('success');
	const [{ body }] = world.simulator.ofKind('submit');
	expect(body).toMatchObject({
		reference_images: [{ url: `data:image/jpeg;base64,${content.toString('base64')}` }],
	});
	const [{ binary = {} }] = items;
	expect(Object.keys(binary)).toEqual(['data', 'data_1', 'cover']);
	for (const file of Object.values(binary)) expect(file.id).toBeUndefined();
	const whole = await filmOf([...world.simulator.tasks.values()][0]);
	for (const file of [binary.data, binary.data_1])
		expect(whole.equals(await world.engine.readBinary(file))).toBe(true);
	expect(world.simulator.ofKind('media')).toHaveLength(4);
});

it('clips become a film, inside the item', async () => {
	const clip = (name: string) => ({
		json: {},
		binary: { data: { content: film(name), fileName: name, mimeType: 'video/mp4' } },
	});
	const { items } = await world.engine.runNode({
		parameters: { resource: 'film', operation: 'join', options: { soundField: 'data' } },
		items: [clip('plain.mp4'), clip('silent.mp4')],
	});
	expect(items[0].json).toMatchObject({ duration: 4, clips: [{ item: 0 }, { item: 1 }] });
	const file = items[0].binary?.data;
	expect(file?.id).toBeUndefined();
	const bytes = await world.engine.readBinary(file ?? { data: '', mimeType: '' });
	expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
});
