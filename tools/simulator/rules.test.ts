// What the simulator refuses and what it accepts: every rule of the service's contract, and both sides of every limit.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import sharp from 'sharp';
import { close, listen, portOf } from './http';
import { Simulator } from './simulator';

const MODEL = 'dashscope/happyhorse-1.0';
const TEN_MB = 10_485_760;

type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';

async function picture(width: number, height: number, format: Format = 'png'): Promise<Buffer> {
	const background = { r: 200, g: 120, b: 40 };
	const image = sharp({ create: { width, height, channels: 3, background } });
	return await image[format]().toBuffer();
}

function dataUrl(file: Buffer, type = 'image/png'): string {
	return `data:${type};base64,${file.toString('base64')}`;
}

/** A file of so many bytes: what follows the end of an image does not matter to it. */
function padded(file: Buffer, bytes: number): Buffer {
	return Buffer.concat([file, Buffer.alloc(bytes - file.length)]);
}

const firstFrame = (url: unknown) => ({ url, reference_type: 'first_frame' });
const asset = (url: unknown) => ({ url, reference_type: 'asset' });

const text = { model: MODEL, prompt: 'A horse' };
const image = (url: unknown) => ({ model: MODEL, reference_images: [firstFrame(url)] });
const reference = (...urls: unknown[]) => ({ ...text, reference_images: urls.map(asset) });
const edit = (...images: unknown[]) => ({
	...text,
	reference_videos: [{ url: 'https://files.example.com/horse.mp4' }],
	...(images.length > 0 && { reference_images: images.map(asset) }),
});

const LINK = 'https://files.example.com/horse.jpg';

let simulator: Simulator;

beforeAll(async () => {
	simulator = await Simulator.start();
});

afterEach(() => {
	simulator.reset();
});

afterAll(async () => {
	await simulator.stop();
});

async function submit(body: unknown, to = simulator, type = 'application/json') {
	const response = await fetch(`${to.baseUrl}/v1/videos/generate`, {
		method: 'POST',
		headers: { authorization: 'Bearer test-key', 'content-type': type },
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	const answer = (await response.json()) as {
		task_id?: string;
		error?: { code: string; message: string; status: number; request_id: string };
	};
	return { status: response.status, answer };
}

type Make = () => unknown | Promise<unknown>;

describe('refuses with 400 and the parameter’s name', () => {
	const rows: Array<[what: string, parameter: string, body: Make]> = [
		['no object', 'body', () => [text]],
		['null', 'body', () => null],
		['no JSON', 'body', () => '{"model":'],
		['an unknown field', 'seed', () => ({ ...text, seed: 1 })],
		['no model', 'model', () => ({ prompt: 'A horse' })],
		['another model', 'model', () => ({ ...text, model: 'happyhorse-1.0' })],

		['no prompt', 'prompt', () => ({ model: MODEL })],
		['no prompt beside references', 'prompt', () => ({ ...reference(LINK), prompt: undefined })],
		['no prompt beside a video', 'prompt', () => ({ ...edit(), prompt: undefined })],
		['an empty prompt', 'prompt', () => ({ ...text, prompt: '' })],
		['a blank prompt', 'prompt', () => ({ ...text, prompt: ' \n\t' })],
		['a blank prompt beside a first frame', 'prompt', () => ({ ...image(LINK), prompt: ' ' })],
		['a prompt that is no string', 'prompt', () => ({ ...text, prompt: 5 })],
		['null for a prompt', 'prompt', () => ({ ...image(LINK), prompt: null })],
		['5001 characters', 'prompt', () => ({ ...text, prompt: 'x'.repeat(5001) })],
		['5001 emoji', 'prompt', () => ({ ...text, prompt: '🐴'.repeat(5001) })],

		['an unknown resolution', 'resolution', () => ({ ...text, resolution: '480P' })],
		['a resolution in lower case', 'resolution', () => ({ ...text, resolution: '720p' })],
		['an unknown ratio', 'aspect_ratio', () => ({ ...text, aspect_ratio: '21:9' })],
		[
			'a ratio beside a first frame',
			'aspect_ratio',
			() => ({ ...image(LINK), aspect_ratio: '16:9' }),
		],
		['a ratio beside a video', 'aspect_ratio', () => ({ ...edit(), aspect_ratio: '16:9' })],
		['2 seconds', 'duration', () => ({ ...text, duration: 2 })],
		['16 seconds', 'duration', () => ({ ...text, duration: 16 })],
		['5.5 seconds', 'duration', () => ({ ...text, duration: 5.5 })],
		['seconds as text', 'duration', () => ({ ...text, duration: '5' })],
		['null seconds', 'duration', () => ({ ...text, duration: null })],
		['seconds beside a video', 'duration', () => ({ ...edit(), duration: 5 })],

		['images in no array', 'reference_images', () => ({ ...text, reference_images: asset(LINK) })],
		['a bare URL', 'reference_images[0]', () => ({ ...text, reference_images: [LINK] })],
		['no URL', 'reference_images[0].url', () => reference(undefined)],
		[
			'no type',
			'reference_images[0].reference_type',
			() => ({ ...text, reference_images: [{ url: LINK }] }),
		],
		[
			'an unknown type',
			'reference_images[1].reference_type',
			() => ({ ...text, reference_images: [asset(LINK), { url: LINK, reference_type: 'style' }] }),
		],
		[
			'an unknown field of an image',
			'reference_images[0].weight',
			() => ({ ...text, reference_images: [{ ...asset(LINK), weight: 1 }] }),
		],
		[
			'two first frames',
			'reference_images',
			() => ({ ...text, reference_images: [firstFrame(LINK), firstFrame(LINK)] }),
		],
		[
			'a first frame and a reference',
			'reference_images',
			() => ({ ...text, reference_images: [firstFrame(LINK), asset(LINK)] }),
		],
		['ten references', 'reference_images', () => reference(...Array(10).fill(LINK))],
		['six references beside a video', 'reference_images', () => edit(...Array(6).fill(LINK))],
		[
			'a first frame beside a video',
			'reference_images[0].reference_type',
			() => ({ ...edit(), reference_images: [firstFrame(LINK)] }),
		],

		['an empty list of videos', 'reference_videos', () => ({ ...text, reference_videos: [] })],
		[
			'two videos',
			'reference_videos',
			() => ({ ...text, reference_videos: [{ url: LINK }, { url: LINK }] }),
		],
		[
			'a video in no array',
			'reference_videos',
			() => ({ ...text, reference_videos: { url: LINK } }),
		],
		[
			'an unknown field of a video',
			'reference_videos[0].type',
			() => ({ ...text, reference_videos: [{ url: LINK, type: 'x' }] }),
		],
		...[
			'',
			' ',
			'horse.mp4',
			'ftp://files.example.com/horse.mp4',
			'data:video/mp4;base64,AAAA',
			'https://',
			'http:///horse.mp4',
			'https://files.example.com/a horse.mp4',
			'https:files.example.com/horse.mp4',
			'http://10.0.0.1/horse.mp4',
			'http://172.20.0.1/x.mp4',
			'http://192.168.1.5/horse.mp4',
			'http://169.254.169.254/x',
			'http://[fd00::1]/horse.mp4',
			'http://n8n:5678/horse.mp4',
			'http://nas.local/horse.mp4',
		].map((url): [string, string, Make] => [
			`the video address "${url}"`,
			'reference_videos[0].url',
			() => ({ ...text, reference_videos: [{ url }] }),
		]),

		['other extras', 'extra_params.seed', () => ({ ...edit(), extra_params: { seed: 1 } })],
		['extras in no object', 'extra_params', () => ({ ...text, extra_params: 'auto' })],
		[
			'an unknown audio setting',
			'extra_params.audio_setting',
			() => ({ ...edit(), extra_params: { audio_setting: 'off' } }),
		],
		[
			'an audio setting without a video',
			'extra_params.audio_setting',
			() => ({ ...text, extra_params: { audio_setting: 'auto' } }),
		],

		['an image address that is none', 'reference_images[0].url', () => image('horse.jpg')],
		[
			'a private image address',
			'reference_images[1].url',
			() => reference(LINK, 'http://10.1.2.3/x.jpg'),
		],
		['another kind of data', 'reference_images[0].url', () => image('data:text/plain;base64,AAAA')],
		['data that is not base64', 'reference_images[0].url', () => image('data:image/png,AAAA')],
		[
			'base64 with rubbish in it',
			'reference_images[0].url',
			async () => image(dataUrl(await picture(400, 400)).replace(/(.{200})./, '$1!')),
		],
		[
			'URL-safe base64',
			'reference_images[0].url',
			async () => {
				const file = await sharp(randomBytes(400 * 400 * 3), {
					raw: { width: 400, height: 400, channels: 3 },
				})
					.png()
					.toBuffer();
				return image(
					`data:image/png;base64,${file.toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`,
				);
			},
		],
		[
			'base64 cut in a group',
			'reference_images[0].url',
			async () => image(dataUrl(await picture(400, 400)).replace(/.$/, '')),
		],
		['an empty file', 'reference_images[0].url', () => image(dataUrl(Buffer.alloc(0)))],
		['a pdf', 'reference_images[0].url', () => image(dataUrl(Buffer.from('%PDF-1.7\n%horse')))],
		[
			'a bmp',
			'reference_images[0].url',
			() => image(dataUrl(Buffer.concat([Buffer.from('BM'), Buffer.alloc(200)]))),
		],
		[
			'an svg',
			'reference_images[0].url',
			() =>
				image(
					dataUrl(
						Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"/>'),
					),
				),
		],
		...(['gif', 'tiff', 'avif'] as const).map((format): [string, string, Make] => [
			`a ${format} that says it is a png`,
			'reference_images[0].url',
			async () => image(dataUrl(await picture(400, 400, format))),
		]),
		...(['jpeg', 'png', 'webp'] as const).map((format): [string, string, Make] => [
			`half of a ${format}`,
			'reference_images[0].url',
			async () => {
				const file = await picture(400, 400, format);
				return image(dataUrl(file.subarray(0, file.length / 2)));
			},
		]),
		[
			'a first frame 299 wide',
			'reference_images[0].url',
			async () => image(dataUrl(await picture(299, 400))),
		],
		[
			'a first frame 299 high',
			'reference_images[0].url',
			async () => image(dataUrl(await picture(400, 299))),
		],
		[
			'a first frame 1:2.6',
			'reference_images[0].url',
			async () => image(dataUrl(await picture(300, 780))),
		],
		[
			'a first frame a pixel beyond 2.5:1',
			'reference_images[0].url',
			async () => image(dataUrl(await picture(751, 300))),
		],
		[
			'a reference 399 high',
			'reference_images[1].url',
			async () => reference(LINK, dataUrl(await picture(800, 399))),
		],
		[
			'a reference 299 wide beside a video',
			'reference_images[0].url',
			async () => edit(dataUrl(await picture(299, 400))),
		],
		[
			'a reference a pixel beyond 1:2.5 beside a video',
			'reference_images[0].url',
			async () => edit(dataUrl(await picture(300, 751))),
		],
		[
			'10 MB and a byte',
			'reference_images[0].url',
			async () => image(dataUrl(padded(await picture(400, 400), TEN_MB + 1))),
		],
	];

	test.each(rows)('%s: %s', async (_what, parameter, body) => {
		const { status, answer } = await submit(await body());
		expect(answer.error?.message?.split(': ')[0]).toBe(parameter);
		expect(answer.error).toEqual({
			code: 'INVALID_PARAMETER',
			message: expect.any(String),
			status: 400,
			request_id: expect.stringMatching(/^req_/),
		});
		expect(status).toBe(400);
		expect(simulator.tasks.size).toBe(0);
	});

	test('a first frame beside a reference, and says that they do not mix', async () => {
		for (const mixed of [
			[firstFrame(LINK), asset(LINK)],
			[asset(LINK), firstFrame(LINK)],
		]) {
			const { answer } = await submit({ ...text, reference_images: mixed });
			expect(answer.error?.message).toContain('must not be mixed');
		}
	});

	test('a body that does not say it is JSON', async () => {
		const { status, answer } = await submit(text, simulator, 'text/plain');
		expect(status).toBe(400);
		expect(answer.error?.message).toMatch(/^Content-Type: /);
	});
});

describe('accepts', () => {
	const rows: Array<[what: string, mode: string, body: Make]> = [
		['a prompt', 'text-to-video', () => text],
		['5000 characters', 'text-to-video', () => ({ ...text, prompt: 'x'.repeat(5000) })],
		['5000 emoji', 'text-to-video', () => ({ ...text, prompt: '🐴'.repeat(5000) })],
		['3 seconds', 'text-to-video', () => ({ ...text, duration: 3 })],
		['15 seconds', 'text-to-video', () => ({ ...text, duration: 15 })],
		['720P', 'text-to-video', () => ({ ...text, resolution: '720P' })],
		['1080P', 'text-to-video', () => ({ ...text, resolution: '1080P' })],
		...['16:9', '9:16', '1:1', '4:3', '3:4'].map((aspect_ratio): [string, string, Make] => [
			`the ratio ${aspect_ratio}`,
			'text-to-video',
			() => ({ ...text, aspect_ratio }),
		]),
		['an empty list of images', 'text-to-video', () => ({ ...text, reference_images: [] })],
		['extras without anything', 'text-to-video', () => ({ ...text, extra_params: {} })],

		['a first frame alone', 'image-to-video', () => image(LINK)],
		[
			'a first frame with everything',
			'image-to-video',
			() => ({ ...image(LINK), prompt: 'A horse', duration: 15, resolution: '720P' }),
		],
		...(['jpeg', 'png', 'webp'] as const).map((format): [string, string, Make] => [
			`a ${format}, whatever it calls itself`,
			'image-to-video',
			async () => image(dataUrl(await picture(400, 400, format), 'image/x-picture')),
		]),
		[
			'a first frame of 300x300',
			'image-to-video',
			async () => image(dataUrl(await picture(300, 300))),
		],
		[
			'a first frame of 1:2.5',
			'image-to-video',
			async () => image(dataUrl(await picture(300, 750))),
		],
		[
			'a first frame of 2.5:1',
			'image-to-video',
			async () => image(dataUrl(await picture(750, 300))),
		],
		[
			'a first frame of 10 MB',
			'image-to-video',
			async () => image(dataUrl(padded(await picture(400, 400), TEN_MB))),
		],

		[
			'one reference',
			'reference-to-video',
			() => ({ ...reference(LINK), aspect_ratio: '1:1', duration: 3 }),
		],
		['nine references', 'reference-to-video', () => reference(...Array(9).fill(LINK))],
		[
			'a reference of 400x400',
			'reference-to-video',
			async () => reference(dataUrl(await picture(400, 400))),
		],
		[
			'a reference of any shape',
			'reference-to-video',
			async () => reference(dataUrl(await picture(400, 2000))),
		],

		['a video', 'video-edit', () => ({ ...edit(), resolution: '720P' })],
		['a video with five references', 'video-edit', () => edit(...Array(5).fill(LINK))],
		[
			'a video with a reference of 300x750',
			'video-edit',
			async () => edit(dataUrl(await picture(300, 750))),
		],
		[
			'the sound left as it was',
			'video-edit',
			() => ({ ...edit(), extra_params: { audio_setting: 'origin' } }),
		],
		[
			'the sound left to the model',
			'video-edit',
			() => ({ ...edit(), extra_params: { audio_setting: 'auto' } }),
		],
		...[
			'http://127.0.0.1:8080/x',
			'http://localhost:5678/x',
			'http://[::1]:80/x',
			'HTTPS://FILES.example.com',
			'http://172.32.0.1/x',
			'https://files.example.com/x?a=b#c',
		].map((url): [string, string, Make] => [
			`the video address ${url}`,
			'video-edit',
			() => ({ ...text, reference_videos: [{ url }] }),
		]),
	];

	test.each(rows)('%s: %s', async (_what, mode, make) => {
		const body = await make();
		const { status, answer } = await submit(body);
		expect(answer).toEqual({
			task_id: expect.stringMatching(/^task_\d{19}$/),
			model: MODEL,
			created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
			request_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
		});
		expect(status).toBe(200);
		const task = simulator.tasks.get(answer.task_id ?? '');
		expect(task?.mode).toBe(mode);
		expect(task?.body).toStrictEqual(JSON.parse(JSON.stringify(body)));
	});

	test('nine references of 10 MB', async () => {
		const url = dataUrl(padded(await picture(400, 400), TEN_MB));
		const { status } = await submit(reference(...Array(9).fill(url)));
		expect(status).toBe(200);
	}, 20_000);

	test('and keeps what the images turned out to be', async () => {
		const file = await picture(400, 500, 'webp');
		const { answer } = await submit(reference(LINK, dataUrl(file)));
		expect(simulator.tasks.get(answer.task_id ?? '')?.sources).toEqual([
			{ parameter: 'reference_images[0].url', from: 'address' },
			{
				parameter: 'reference_images[1].url',
				from: 'body',
				contentType: 'image/png',
				bytes: file.length,
				image: { format: 'webp', width: 400, height: 500, bytes: file.length },
			},
		]);
	});
});

describe('fetching what is named by address', () => {
	const files: Record<string, Buffer> = {};
	let fetching: Simulator;
	let host: Server;

	beforeAll(async () => {
		fetching = await Simulator.start({
			fetchSources: true,
			resolveHosts: { 'n8n.test': '127.0.0.1', n8n: '127.0.0.1' },
		});
		host = createServer((request, response) => {
			const file = files[request.url ?? ''];
			if (request.url === '/moved') response.writeHead(302, { location: '/horse.mp4' });
			else if (file === undefined) response.writeHead(404);
			response.end(file);
		});
		await listen(host, 0);
		files['/small.png'] = await picture(399, 399);
		files['/page.mp4'] = Buffer.from('<!doctype html><title>No</title>');
		files['/empty.mp4'] = Buffer.alloc(0);
		files['/large.mp4'] = padded(Buffer.from('....ftypisom'), 104_857_601);
		files['/large.png'] = padded(await picture(400, 400), TEN_MB + 1);
	});

	afterAll(async () => {
		await Promise.all([fetching.stop(), close(host)]);
	});

	test('accepts the simulator’s own film and cover, and keeps what came', async () => {
		const film = `${fetching.mediaUrl}/file/a.mp4`.replace('127.0.0.1', 'n8n.test');
		const cover = `${fetching.mediaUrl}/file/a.jpg`.replace('127.0.0.1', 'n8n');
		const { answer } = await submit(
			{ ...edit(cover), reference_videos: [{ url: film }] },
			fetching,
		);
		expect(fetching.tasks.get(answer.task_id ?? '')?.sources).toEqual([
			{
				parameter: 'reference_images[0].url',
				from: 'fetched',
				contentType: 'image/jpeg',
				bytes: 53_235,
				image: { format: 'jpeg', width: 848, height: 480, bytes: 53_235 },
			},
			{
				parameter: 'reference_videos[0].url',
				from: 'fetched',
				contentType: 'video/mp4',
				bytes: 188_569,
			},
		]);
		expect(fetching.ofKind('media')).toMatchObject([
			{ headers: { 'user-agent': 'happyhorse-simulator' } },
			{ headers: { 'user-agent': 'happyhorse-simulator' } },
		]);
		const viaReference = await submit(reference(`${fetching.mediaUrl}/file/a.jpg`), fetching);
		expect(viaReference.status).toBe(200);
	});

	test.each([
		['/missing.mp4', 'answered 404'],
		['/moved', 'answered 302'],
		['/page.mp4', 'not mp4 or mov'],
		['/empty.mp4', 'not mp4 or mov'],
		['/large.mp4', 'more than 104857600 bytes'],
	])('refuses the video %s', async (path, why) => {
		const url = `http://localhost:${portOf(host)}${path}`;
		const { status, answer } = await submit({ ...text, reference_videos: [{ url }] }, fetching);
		expect(status).toBe(400);
		expect(answer.error?.message).toMatch(/^reference_videos\[0\]\.url: /);
		expect(answer.error?.message).toContain(why);
	});

	test.each([
		['/small.png', '399x399'],
		['/large.png', 'more than 10485760 bytes'],
		['/missing.png', 'answered 404'],
	])('refuses the image %s', async (path, why) => {
		const url = `http://127.0.0.1:${portOf(host)}${path}`;
		const { status, answer } = await submit(reference(url), fetching);
		expect(status).toBe(400);
		expect(answer.error?.message).toContain(why);
	});

	test('refuses a file whose host is away', async () => {
		const gone = createServer();
		await listen(gone, 0);
		const url = `http://127.0.0.1:${portOf(gone)}/horse.mp4`;
		await close(gone);
		const { answer } = await submit({ ...text, reference_videos: [{ url }] }, fetching);
		expect(answer.error?.message).toContain('ECONNREFUSED');
	});
});
