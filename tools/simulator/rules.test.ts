// What the simulator refuses and accepts: every rule of the service's contract, and both sides of every limit.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { createServer,type Server } from 'node:http';
import { bmp,dataUrl,imageFile,noisyImage,padded,pdf,svg } from '../images';
import { close,listen,portOf } from './http';
import { Simulator } from './simulator';

const MODEL = 'dashscope/happyhorse-1.0';
const TEN_MB = 10_485_760;
const LINK = 'https://files.example.com/horse.jpg';

const firstFrame = (url: unknown) => ({ url, reference_type: 'first_frame' });
const asset = (url: unknown) => ({ url, reference_type: 'asset' });

const text = { model: MODEL, prompt: 'A horse' };
const image = (url: unknown) => ({ model: MODEL, reference_images: [firstFrame(url)] });
const images = (...reference_images: unknown[]) => ({ ...text, reference_images });
const reference = (...urls: unknown[]) => images(...urls.map(asset));
const video = (url: unknown) => ({ ...text, reference_videos: [{ url }] });
const edit = (...urls: unknown[]) => ({
	...video('https://files.example.com/horse.mp4'),
	...(urls.length > 0 && { reference_images: urls.map(asset) }),
});

/** A `data:` URL of an image; width and height in pixels. */
const inBody = async (width: number, height: number) =>
	dataUrl(await imageFile('png', width, height));
const ofSize = async (bytes: number) => dataUrl(padded(await imageFile('png', 400, 400), bytes));

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
type Rows = Array<[what: string, body: Make]>;

/** Rows for `test.each`, from a table whose keys are the expected results. */
function rowsOf(table: Record<string, Rows>): Array<[what: string, expected: string, body: Make]> {
	return Object.entries(table).flatMap(([expected, rows]) =>
		rows.map(([what, body]): [string, string, Make] => [what, expected, body]),
	);
}

describe('refuses with 400 and the parameter’s name', () => {
	const addresses = [
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
	];
	const rows = rowsOf({
		body: [
			['no object', () => [text]],
			['null', () => null],
			['no JSON', () => '{"model":'],
		],
		seed: [['an unknown field', () => ({ ...text, seed: 1 })]],
		model: [
			['no model', () => ({ prompt: 'A horse' })],
			['another model', () => ({ ...text, model: 'happyhorse-1.0' })],
		],
		prompt: [
			['no prompt', () => ({ model: MODEL })],
			['no prompt beside references', () => ({ ...reference(LINK), prompt: undefined })],
			['no prompt beside a video', () => ({ ...edit(), prompt: undefined })],
			['an empty prompt', () => ({ ...text, prompt: '' })],
			['a blank prompt', () => ({ ...text, prompt: ' \n\t' })],
			['a blank prompt beside a first frame', () => ({ ...image(LINK), prompt: ' ' })],
			['a prompt that is no string', () => ({ ...text, prompt: 5 })],
			['null for a prompt', () => ({ ...image(LINK), prompt: null })],
			['5001 characters', () => ({ ...text, prompt: 'x'.repeat(5001) })],
			['5001 emoji', () => ({ ...text, prompt: '🐴'.repeat(5001) })],
		],
		resolution: [
			['an unknown resolution', () => ({ ...text, resolution: '480P' })],
			['a resolution in lower case', () => ({ ...text, resolution: '720p' })],
		],
		aspect_ratio: [
			['an unknown ratio', () => ({ ...text, aspect_ratio: '21:9' })],
			['a ratio beside a first frame', () => ({ ...image(LINK), aspect_ratio: '16:9' })],
			['a ratio beside a video', () => ({ ...edit(), aspect_ratio: '16:9' })],
		],
		duration: [
			...[2, 16, 5.5, '5', null].map((duration): Rows[0] => [
				`${JSON.stringify(duration)} seconds`,
				() => ({ ...text, duration }),
			]),
			['seconds beside a video', () => ({ ...edit(), duration: 5 })],
		],
		reference_images: [
			['images in no array', () => ({ ...text, reference_images: asset(LINK) })],
			['two first frames', () => images(firstFrame(LINK), firstFrame(LINK))],
			['a first frame and a reference', () => images(firstFrame(LINK), asset(LINK))],
			['ten references', () => reference(...Array(10).fill(LINK))],
			['six references beside a video', () => edit(...Array(6).fill(LINK))],
		],
		'reference_images[0]': [['a bare URL', () => images(LINK)]],
		'reference_images[0].reference_type': [
			['no type', () => images({ url: LINK })],
			['a first frame beside a video', () => ({ ...edit(), ...image(LINK), prompt: 'A horse' })],
		],
		'reference_images[1].reference_type': [
			['an unknown type', () => images(asset(LINK), { url: LINK, reference_type: 'style' })],
		],
		'reference_images[0].weight': [
			['an unknown field of an image', () => images({ ...asset(LINK), weight: 1 })],
		],
		reference_videos: [
			['an empty list of videos', () => ({ ...text, reference_videos: [] })],
			['two videos', () => ({ ...text, reference_videos: [{ url: LINK }, { url: LINK }] })],
			['a video in no array', () => ({ ...text, reference_videos: { url: LINK } })],
		],
		'reference_videos[0].type': [
			[
				'an unknown field of a video',
				() => ({ ...text, reference_videos: [{ url: LINK, type: 'x' }] }),
			],
		],
		'reference_videos[0].url': addresses.map((url) => [
			`the video address "${url}"`,
			() => video(url),
		]),
		'extra_params.seed': [['other extras', () => ({ ...edit(), extra_params: { seed: 1 } })]],
		extra_params: [['extras in no object', () => ({ ...text, extra_params: 'auto' })]],
		'extra_params.audio_setting': [
			['an unknown one', () => ({ ...edit(), extra_params: { audio_setting: 'off' } })],
			['one without a video', () => ({ ...text, extra_params: { audio_setting: 'auto' } })],
		],
		'reference_images[0].url': [
			['no URL', () => reference(undefined)],
			['an image address that is none', () => image('horse.jpg')],
			['another kind of data', () => image('data:text/plain;base64,AAAA')],
			['data that is not base64', () => image('data:image/png,AAAA')],
			[
				'base64 with rubbish in it',
				async () => image((await inBody(400, 400)).replace(/(.{200})./, '$1!')),
			],
			[
				'URL-safe base64',
				async () => {
					const [head, base64] = dataUrl(await noisyImage('png')).split(',');
					return image(`${head},${base64.replaceAll('+', '-').replaceAll('/', '_')}`);
				},
			],
			['base64 cut in a group', async () => image((await inBody(400, 400)).replace(/.$/, ''))],
			['an empty file', () => image(dataUrl(Buffer.alloc(0)))],
			['a pdf', () => image(dataUrl(pdf()))],
			['a bmp', () => image(dataUrl(bmp()))],
			['an svg', () => image(dataUrl(svg()))],
			...(['gif', 'tiff', 'avif'] as const).map((format): Rows[0] => [
				`a ${format} that says it is a png`,
				async () => image(dataUrl(await imageFile(format, 400, 400))),
			]),
			...(['jpeg', 'png', 'webp'] as const).map((format): Rows[0] => [
				`half of a ${format}`,
				async () => {
					const file = await imageFile(format, 400, 400);
					return image(dataUrl(file.subarray(0, file.length / 2)));
				},
			]),
			['a first frame 299 wide', async () => image(await inBody(299, 400))],
			['a first frame 299 high', async () => image(await inBody(400, 299))],
			['a first frame 1:2.6', async () => image(await inBody(300, 780))],
			['a first frame a pixel beyond 2.5:1', async () => image(await inBody(751, 300))],
			['a reference 299 wide beside a video', async () => edit(await inBody(299, 400))],
			['a reference a pixel beyond 1:2.5 beside one', async () => edit(await inBody(300, 751))],
			['10 MB and a byte', async () => image(await ofSize(TEN_MB + 1))],
		],
		'reference_images[1].url': [
			['a private image address', () => reference(LINK, 'http://10.1.2.3/x.jpg')],
			['a reference 399 high', async () => reference(LINK, await inBody(800, 399))],
		],
	});

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
			const { answer } = await submit(images(...mixed));
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
	const addresses = [
		'http://127.0.0.1:8080/x',
		'http://localhost:5678/x',
		'http://[::1]:80/x',
		'HTTPS://FILES.example.com',
		'http://172.32.0.1/x',
		'https://files.example.com/x?a=b#c',
	];
	const rows = rowsOf({
		'text-to-video': [
			['a prompt', () => text],
			['5000 characters', () => ({ ...text, prompt: 'x'.repeat(5000) })],
			['5000 emoji', () => ({ ...text, prompt: '🐴'.repeat(5000) })],
			['3 seconds', () => ({ ...text, duration: 3 })],
			['15 seconds', () => ({ ...text, duration: 15 })],
			['720P', () => ({ ...text, resolution: '720P' })],
			['1080P', () => ({ ...text, resolution: '1080P' })],
			...['16:9', '9:16', '1:1', '4:3', '3:4'].map((aspect_ratio): Rows[0] => [
				`the ratio ${aspect_ratio}`,
				() => ({ ...text, aspect_ratio }),
			]),
			['an empty list of images', () => images()],
			['extras without anything', () => ({ ...text, extra_params: {} })],
		],
		'image-to-video': [
			['a first frame alone', () => image(LINK)],
			[
				'a first frame with everything',
				() => ({ ...image(LINK), prompt: 'A horse', duration: 15, resolution: '720P' }),
			],
			...(['jpeg', 'png', 'webp'] as const).map((format): Rows[0] => [
				`a ${format}, whatever it calls itself`,
				async () => image(dataUrl(await imageFile(format, 400, 400), 'image/x-other')),
			]),
			['a first frame of 300x300', async () => image(await inBody(300, 300))],
			['a first frame of 1:2.5', async () => image(await inBody(300, 750))],
			['a first frame of 2.5:1', async () => image(await inBody(750, 300))],
			['a first frame of 10 MB', async () => image(await ofSize(TEN_MB))],
		],
		'reference-to-video': [
			['one reference', () => ({ ...reference(LINK), aspect_ratio: '1:1', duration: 3 })],
			['nine references', () => reference(...Array(9).fill(LINK))],
			['a reference of 400x400', async () => reference(await inBody(400, 400))],
			['a reference of any shape', async () => reference(await inBody(400, 2000))],
		],
		'video-edit': [
			['a video', () => ({ ...edit(), resolution: '720P' })],
			['a video with five references', () => edit(...Array(5).fill(LINK))],
			['a video with a reference of 300x750', async () => edit(await inBody(300, 750))],
			...['origin', 'auto'].map((audio_setting): Rows[0] => [
				`the audio setting ${audio_setting}`,
				() => ({ ...edit(), extra_params: { audio_setting } }),
			]),
			...addresses.map((url): Rows[0] => [`the video address ${url}`, () => video(url)]),
		],
	});

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
		const { status } = await submit(reference(...Array(9).fill(await ofSize(TEN_MB))));
		expect(status).toBe(200);
	}, 20_000);

	test('and keeps what the images turned out to be', async () => {
		const file = await imageFile('webp', 400, 500);
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
		files['/small.png'] = await imageFile('png', 399, 399);
		files['/page.mp4'] = Buffer.from('<!doctype html><title>No</title>');
		files['/empty.mp4'] = Buffer.alloc(0);
		files['/large.mp4'] = padded(Buffer.from('....ftypisom'), 104_857_601);
		files['/large.png'] = padded(await imageFile('png', 400, 400), TEN_MB + 1);
	});

	afterAll(async () => {
		await Promise.all([fetching.stop(), close(host)]);
	});

	test('accepts the simulator’s own video and cover, and keeps what came', async () => {
		const clip = `${fetching.mediaUrl}/file/a.mp4`.replace('127.0.0.1', 'n8n.test');
		const cover = `${fetching.mediaUrl}/file/a.jpg`.replace('127.0.0.1', 'n8n');
		const { answer } = await submit(
			{ ...edit(cover), reference_videos: [{ url: clip }] },
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
		const { status, answer } = await submit(video(url), fetching);
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
		const { answer } = await submit(video(url), fetching);
		expect(answer.error?.message).toContain('ECONNREFUSED');
	});
});
