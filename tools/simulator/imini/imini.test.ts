// iMini as it is simulated: what its contract says of bodies, images, tasks, keys and errors.
import { dataUrl, imageFile, padded } from '../../images';
import { Simulator } from '../simulator';

const START = Date.parse('2026-04-27T10:43:20.233Z');
const MODEL = 'dashscope/happyhorse-1.0';
const LINK = 'https://files.example.com/horse.jpg';
const TEN_MB = 10_485_760;

/** Where parameters stand in a body. */
const IMAGE_TYPE = 'reference_images[0].reference_type';
const IMAGE_URL = 'reference_images[0].url';
const SOUND = 'extra_params.audio_setting';

let now = START;
let simulator: Simulator;

beforeAll(async () => {
	simulator = await Simulator.start({
		now: () => now,
		secondsPerTask: 100,
		apiKeys: ['other-key'],
		queriesPerSecond: 20,
	});
});

afterEach(() => {
	now = START;
	simulator.reset();
});

afterAll(async () => await simulator.stop());

interface Answer {
	task_id?: string;
	status?: string;
	videos?: Array<Record<string, unknown>> | null;
	error?: { message: string } | null;
}

async function call(path: string, body?: unknown, key = 'test-key') {
	const response = await fetch(simulator.baseUrl + path, {
		method: body === undefined ? 'GET' : 'POST',
		headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	return { status: response.status, answer: (await response.json()) as Answer };
}

const submit = async (body: unknown) => await call('/v1/videos/generate', body);
const ask = async (id = '', key?: string) => await call(`/v1/videos/tasks/${id}`, undefined, key);

const text = { model: MODEL, prompt: 'A horse' };
const first = (url: unknown) => ({ url, reference_type: 'first_frame' });
const asset = (url: unknown) => ({ url, reference_type: 'asset' });
const image = (url: unknown = LINK) => ({ model: MODEL, reference_images: [first(url)] });
const images = (...reference_images: unknown[]) => ({ ...text, reference_images });
const references = (count: number) => images(...Array(count).fill(asset(LINK)));
const video = (url: unknown = LINK) => ({ ...text, reference_videos: [{ url }] });
const withSound = (audio_setting: unknown) => ({ ...video(), extra_params: { audio_setting } });

type File = () => Promise<Buffer>;
const file =
	(width: number, height: number, format: 'png' | 'gif' = 'png'): File =>
	async () =>
		await imageFile(format, width, height);
const SQUARE = file(400, 400);

const refused: Array<[what: string, parameter: string, body: unknown]> = [
	['no object', 'body', [text]],
	['no JSON', 'body', '{"model":'],
	['an unknown field', 'seed', { ...text, seed: 1 }],
	['another model', 'model', { ...text, model: 'happyhorse-1.0' }],
	['no prompt', 'prompt', { model: MODEL }],
	['no prompt beside references', 'prompt', { ...references(1), prompt: undefined }],
	['no prompt beside a video', 'prompt', { ...video(), prompt: undefined }],
	['a blank prompt', 'prompt', { ...image(), prompt: ' \n' }],
	['5001 emoji', 'prompt', { ...text, prompt: '🐴'.repeat(5001) }],
	['an unknown resolution', 'resolution', { ...text, resolution: '480P' }],
	['an unknown ratio', 'aspect_ratio', { ...text, aspect_ratio: '21:9' }],
	['a ratio beside a first frame', 'aspect_ratio', { ...image(), aspect_ratio: '16:9' }],
	['a ratio beside a video', 'aspect_ratio', { ...video(), aspect_ratio: '16:9' }],
	...[2, 16, 5.5, '5', null].map((duration): [string, string, unknown] => [
		`${JSON.stringify(duration)} seconds`,
		'duration',
		{ ...text, duration },
	]),
	['seconds beside a video', 'duration', { ...video(), duration: 5 }],
	['two first frames', 'reference_images', images(first(LINK), first(LINK))],
	['a first frame and a reference', 'reference_images', images(first(LINK), asset(LINK))],
	['ten references', 'reference_images', references(10)],
	['six beside a video', 'reference_images', { ...references(6), ...video() }],
	['no type', IMAGE_TYPE, images({ url: LINK })],
	['a first frame beside a video', IMAGE_TYPE, { ...image(), ...video() }],
	['no video', 'reference_videos', { ...text, reference_videos: [] }],
	['two videos', 'reference_videos', { ...text, reference_videos: [{ url: LINK }, { url: LINK }] }],
	...['horse.mp4', 'data:video/mp4;base64,AA', 'http://10.0.0.1/a', 'http://nas.local/a'].map(
		(url): [string, string, unknown] => [`the video ${url}`, 'reference_videos[0].url', video(url)],
	),
	['another kind of data', IMAGE_URL, image('data:text/plain;base64,AAAA')],
	['URL-safe base64', IMAGE_URL, image('data:image/png;base64,-_-_')],
	['unknown extras', 'extra_params.seed', { ...text, extra_params: { seed: 1 } }],
	['an unknown sound', SOUND, withSound('off')],
	['a sound without a video', SOUND, { ...withSound('auto'), reference_videos: undefined }],
];

it.each(refused)('refuses %s, by the name of %s', async (_what, parameter, body) => {
	const { status, answer } = await submit(body);
	const message = expect.stringContaining(`${parameter}: `);
	const request_id = expect.stringMatching(/^req_/);
	expect(answer).toEqual({
		error: { code: 'INVALID_PARAMETER', message, status: 400, request_id },
	});
	expect([status, simulator.tasks.size]).toEqual([400, 0]);
});

it.each<[what: string, mode: string, body: unknown]>([
	['5000 emoji', 'text-to-video', { ...text, prompt: '🐴'.repeat(5000) }],
	...['16:9', '9:16', '1:1', '4:3', '3:4'].map((aspect_ratio): [string, string, unknown] => [
		aspect_ratio,
		'text-to-video',
		{ ...text, aspect_ratio, duration: 3, resolution: '720P' },
	]),
	['15 seconds of a first frame', 'image-to-video', { ...image(), duration: 15 }],
	['nine references', 'reference-to-video', references(9)],
	['an edit with five, and its sound', 'video-edit', { ...references(5), ...withSound('origin') }],
	['loopback, which stands for the internet', 'video-edit', video('http://127.0.0.1:8080/x')],
])('takes %s', async (_what, mode, body) => {
	const { status, answer } = await submit(body);
	expect(answer).toEqual({
		task_id: expect.stringMatching(/^task_\d{19}$/),
		model: MODEL,
		created_at: '2026-04-27T10:43:20.233Z',
		request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
	});
	expect(status).toBe(200);
	const [task] = simulator.tasks.values();
	expect(task).toMatchObject({ mode, body: JSON.parse(JSON.stringify(body)) });
});

it.each<[what: string, as: typeof first, file: File, problem: string | undefined]>([
	['a first frame of 300x750', first, file(300, 750), undefined],
	['a first frame 299 wide', first, file(299, 400), 'is 299x400 pixels'],
	['a first frame a pixel beyond 2.5:1', first, file(751, 300), 'is 751x300 pixels, beyond'],
	['a reference of 400x2000', asset, file(400, 2000), undefined],
	['a reference 399 high', asset, file(800, 399), 'is 800x399 pixels'],
	['10 MB', asset, async () => padded(await SQUARE(), TEN_MB), undefined],
	['a byte more', asset, async () => padded(await SQUARE(), TEN_MB + 1), 'has more than'],
	['a GIF that says it is a PNG', first, file(400, 400, 'gif'), 'is of format gif'],
	['half a PNG', first, async () => (await SQUARE()).subarray(0, 500), "can't be read"],
])('looks into an image: %s', async (_what, as, made, problem) => {
	const { answer } = await submit(images(as(dataUrl(await made()))));
	if (problem === undefined) expect(answer.task_id).toBeDefined();
	else expect(answer.error?.message).toMatch(`${IMAGE_URL}: the image ${problem}`);
});

it('tells how a task goes on, by the clock, until it is forgotten after 24 hours', async () => {
	const { task_id: id } = (await submit({ ...text, aspect_ratio: '9:16', duration: 7 })).answer;
	const answers = [];
	for (const seconds of [0, 10, 100, 86_400]) {
		now = START + seconds * 1000;
		answers.push((await ask(id)).answer);
	}
	const common = { task_id: id, model: MODEL, error: null };
	expect(answers).toMatchObject([
		{ ...common, status: 'queued', videos: null, completed_at: null },
		{ ...common, status: 'processing', videos: null },
		{
			...common,
			status: 'succeeded',
			completed_at: '2026-04-27T10:45:00.233Z',
			videos: [
				{
					url: expect.stringMatching(/\/file\/2026\/04\/27\/\d{19}\.mp4$/),
					width: 1080,
					height: 1920,
					duration: 7,
					cover_url: expect.stringMatching(/\d{19}\.jpg$/),
				},
			],
		},
		{ error: { code: 'TASK_NOT_FOUND', status: 404 } },
	]);
	const film = await fetch(String(answers[2].videos?.[0].url));
	expect(film.headers.get('content-type')).toBe('video/mp4');
	expect(simulator.ofKind('media')).toMatchObject([{ taskId: id }]);
});

it('tells that a task failed with HTTP 200, and why', async () => {
	const error = { code: 'INVALID_PROMPT', message: 'No', status: 400, request_id: 'req_1' };
	simulator.outcomes.push({ outcome: { result: 'failed', afterSeconds: 0, error } });
	const { task_id: id } = (await submit(text)).answer;
	expect(await ask(id)).toMatchObject({
		status: 200,
		answer: { status: 'failed', videos: null, error },
	});
});

it('knows a task for the key that ordered it only, and no key but its own', async () => {
	const { task_id: id } = (await submit(text)).answer;
	expect((await ask(id)).status).toBe(200);
	expect((await ask(id, 'other-key')).status).toBe(404);
	expect((await ask(id, 'of-nobody')).status).toBe(401);
	expect((await call('/v1/videos/generate', text, 'of-nobody')).status).toBe(401);
});

it('takes twenty queries in any second', async () => {
	for (let n = 0; n < 20; n += 1) expect((await ask('task_1')).status).toBe(404);
	now += 999;
	expect(await ask('task_1')).toMatchObject({
		status: 429,
		answer: { error: { code: 'RATE_LIMITED' } },
	});
	now += 1;
	expect((await ask('task_1')).status).toBe(404);
});

it.each([
	['/v1/videos/tasks', 404],
	['/v1/videos/tasks/task_1/videos', 404],
	['/v1/videos/generate', 405],
])('has nothing to get at %s', async (path, status) => {
	expect(await call(path)).toMatchObject({ status, answer: { error: { status } } });
});
