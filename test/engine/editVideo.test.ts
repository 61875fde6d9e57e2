// Edit Video: from a URL, and from a file, which the service fetches from this n8n.
import { dataUrl, imageFile, mp4 } from '../../tools/images';
import { filmOf } from '../mp4/build';
import type { ItemSpec } from '../../tools/engine/engine';
import { startWorld, useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 4 } });

const MODEL = 'dashscope/happyhorse-1.0';
const VIDEO = 'https://a.example/1.mp4';
const IMAGE = 'https://a.example/1.png';
const parameters = { operation: 'editVideo', prompt: 'Make it snow' };

const submitted = () => world.simulator.ofKind('submit').map(({ body }) => body);

const fileItem = (content: Buffer): ItemSpec => ({
	json: {},
	binary: { data: { content, fileName: 'clip.mp4', mimeType: 'video/mp4' } },
});

const clip = fileItem(mp4(1000));

it('a link is handed on with images and sound, without ratio and duration', async () => {
	const content = await imageFile('png', 300, 300);
	const photo = { content, fileName: 'a.png', mimeType: 'image/png' };
	const image = [{ source: 'binary', binaryPropertyName: 'photo' }, { url: IMAGE }];
	const { status, items } = await world.engine.runNode({
		parameters: {
			...parameters,
			videoUrl: VIDEO,
			audioSetting: 'origin',
			referenceImages: { image },
			aspectRatio: '1:1',
			duration: 9,
		},
		items: [{ json: {}, binary: { photo } }],
	});
	expect(status).toBe('success');
	expect(items[0].json).toMatchObject({ operation: 'editVideo', status: 'succeeded' });
	expect(items[0].binary).toHaveProperty('data');
	const urls = [dataUrl(content), IMAGE];
	expect(submitted()).toStrictEqual([
		{
			model: MODEL,
			prompt: 'Make it snow',
			resolution: '1080P',
			extra_params: { audio_setting: 'origin' },
			reference_videos: [{ url: VIDEO }],
			reference_images: urls.map((url) => ({ url, reference_type: 'asset' })),
		},
	]);
});

describe('a file', () => {
	const fromFile = { ...parameters, videoSource: 'binary' };

	it('goes as a signed link of this n8n, good for two hours', async () => {
		const { status } = await world.engine.runNode({ parameters: fromFile, items: [clip] });
		expect(status).toBe('success');
		const [body] = submitted();
		const [{ url }] = Object(body).reference_videos;
		expect(url).toMatch(/^https:\/\/n8n\.example\.com\/rest\/binary-data\/signed\?token=/);
		const [, payload] = new URL(url).searchParams.get('token')?.split('.') ?? [];
		const { exp, iat } = JSON.parse(Buffer.from(payload, 'base64url').toString());
		expect(exp - iat).toBe(2 * 60 * 60);
		expect(JSON.stringify(body).length).toBeLessThan(2000);
	});

	it('can not go where n8n lives in a private network: the error says so, and what else to do', async () => {
		const home = await startWorld({ engine: { instanceUrl: 'http://192.168.1.5:5678' } });
		const { error } = await home.engine.runNode({ parameters: fromFile, items: [clip] });
		expect(error?.message).toBe(
			'The video "clip.mp4" (field "data") can\'t be fetched by the service: the address of this n8n, 192.168.1.5:5678, is not on the internet',
		);
		expect(error?.description).toBe(
			'Nothing was ordered for this item. Set WEBHOOK_URL to the public address of this n8n and restart it, or put the video somewhere public and use its URL.',
		);
		expect(home.simulator.requests).toEqual([]);
		await home.end();
	});

	it('is refused where nobody waits: the service might come for it when n8n has removed it', async () => {
		const { error } = await world.engine.runNode({
			parameters: { ...fromFile, waitForCompletion: false },
			items: [clip],
		});
		expect(error?.message).toBe(
			'The video to edit must not be a file while Wait for Completion is off: the service fetches it from this n8n, which may have removed it by then',
		);
		expect(error?.description).toMatch(/Turn Wait for Completion on, choose a Service to which/);
		expect(world.simulator.requests).toEqual([]);
	});

	it('is no matter where the user typed a URL: n8n may live anywhere', async () => {
		const home = await startWorld({ engine: { instanceUrl: 'http://localhost:5678' } });
		const videoUrl = 'http://localhost:9000/v.mp4';
		const { status } = await home.engine.runNode({
			parameters: { ...parameters, videoUrl, waitForCompletion: false },
		});
		expect(status).toBe('success');
		await home.end();
	});
});

describe('a film as it really is', () => {
	const UPRIGHT = {
		width: 640,
		height: 360,
		matrix: [0, 65536, 0, -65536, 0, 0, 0, 0, 0x40000000],
	};
	const editOf = async (content: Buffer, options = {}) =>
		await world.engine.runNode({
			parameters: { ...parameters, videoSource: 'binary', options },
			items: [fileItem(content)],
		});

	it('is upright where a phone was, and the log says what the service may do', async () => {
		const { items, logs } = await editOf(filmOf(5, 24, UPRIGHT), { dryRun: true });
		expect(items[0].json).toMatchObject({ width: 1080, height: 1920, duration: 5 });
		expect(logs.map(({ message }) => message).join()).toContain('the video is turned by a note');
	});

	it('is ordered where its index can not be read, and the log says so', async () => {
		const { status, logs } = await editOf(filmOf(5, 24, { more: Buffer.alloc(2 ** 23) }));
		expect(status).toBe('success');
		expect(logs.map(({ message }) => message).join()).toContain('were not checked');
	});
});
