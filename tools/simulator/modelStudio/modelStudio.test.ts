// Model Studio as it is simulated: every row of its contract, and both sides of every limit.
import { dataUrl,imageFile,mp4 } from '../../images';
import { Simulator } from '../simulator';

const START = Date.parse('2026-04-27T10:11:12.123Z');
const CREATE = '/api/v1/services/aigc/video-generation/video-synthesis';
const LINK = 'https://files.example.com/horse.jpg';
const OUTSIDE = 'elsewhere/clip.mp4';
const VIDEO = 'https://files.example.com/horse.mp4';

let now = START;
let simulator: Simulator;

beforeAll(async () => {
	simulator = await Simulator.start({
		service: 'modelStudio',
		now: () => now,
		secondsPerTask: 100,
		apiKeys: ['other-key'],
		maxQueriesPerSecond: 20,
		maxSubmitsPerSecond: 5,
		maxProcessedAtOnce: 5,
	});
});

afterEach(() => {
	now = START;
	simulator.reset();
});

afterAll(async () => await simulator.stop());

interface Call {
	key?: string;
	headers?: Record<string, string>;
	body?: unknown;
	method?: string;
}

/** Calls the API; the answer is JSON whatever happens. */
async function call(path: string, { key = 'test-key', headers, body, method = 'GET' }: Call = {}) {
	const response = await fetch(simulator.baseUrl + path, {
		method,
		headers: { authorization: `Bearer ${key}`, ...headers },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	const answer = (await response.json()) as Record<string, unknown> & {
		output: Record<string, unknown>;
		data: Record<string, string>;
	};
	return { status: response.status, answer };
}

const HEADERS = { 'content-type': 'application/json', 'x-dashscope-async': 'enable' };

async function create(body: unknown, headers: Record<string, string> = HEADERS, key?: string) {
	return await call(CREATE, { method: 'POST', headers, body, key });
}

async function ordered(body: unknown = text()): Promise<string> {
	return String((await create(body)).answer.output.task_id);
}

const ask = async (id: string, key?: string) => await call(`/api/v1/tasks/${id}`, { key });

const cancel = async (id: string, key?: string) =>
	await call(`/api/v1/tasks/${id}/cancel`, { method: 'POST', key });

const text = (parameters: object = {}, model = 'happyhorse-1.1-t2v') => ({
	model,
	input: { prompt: 'A horse' },
	parameters,
});
const withMedia = (model: string, media: unknown, parameters: object = {}) => ({
	model,
	input: { prompt: 'A horse', media },
	parameters,
});
const frame = (url = LINK) => ({ type: 'first_frame', url });
const image = (url = LINK) => ({ type: 'reference_image', url });
const video = (url = VIDEO) => ({ type: 'video', url });
const edit = (...media: unknown[]) => withMedia('happyhorse-1.0-video-edit', media);
const many = <T>(count: number, one: T) => Array.from({ length: count }, () => one);

describe('a create', () => {
	test.each<[string, unknown]>([
		['text, 1.1', text()],
		['text, 1.0', text({}, 'happyhorse-1.0-t2v')],
		[
			'all parameters',
			text({ resolution: '720P', ratio: '9:16', duration: 3, watermark: true, seed: 0 }),
		],
		['the largest seed, the longest', text({ seed: 2_147_483_647, duration: 15 })],
		...['16:9', '9:16', '1:1', '4:3', '3:4', '4:5', '5:4', '9:21', '21:9'].map(
			(ratio): [string, unknown] => [`the ratio ${ratio}`, text({ ratio })],
		),
		['an image, 1.1', withMedia('happyhorse-1.1-i2v', [frame()])],
		['an image without a prompt', { model: 'happyhorse-1.0-i2v', input: { media: [frame()] } }],
		[
			'an image with all that it takes',
			withMedia('happyhorse-1.0-i2v', [frame()], {
				resolution: '720P',
				duration: 15,
				watermark: false,
				seed: 1,
			}),
		],
		['one reference', withMedia('happyhorse-1.1-r2v', [image()], { ratio: '1:1' })],
		['nine references', withMedia('happyhorse-1.0-r2v', many(9, image()))],
		['an edit', edit(video())],
		['an edit with five references', edit(video(), ...many(5, image()))],
		...['auto', 'origin'].map((audio_setting): [string, unknown] => [
			`an edit with the sound ${audio_setting}`,
			withMedia('happyhorse-1.0-video-edit', [video()], {
				audio_setting,
				resolution: '720P',
				watermark: true,
				seed: 1,
			}),
		]),
		['5000 characters', { ...text(), input: { prompt: '🐴'.repeat(5000) } }],
	])('takes %s', async (_what, body) => {
		const { status, answer } = await create(body);
		expect(answer).toEqual({
			output: { task_status: 'PENDING', task_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
			request_id: expect.any(String),
		});
		expect(status).toBe(200);
		expect([...simulator.tasks.values()][0].body).toEqual(body);
	});

	test.each<[parameter: string, what: string, body: unknown, code?: string]>([
		['body', 'no object', [text()]],
		['style', 'an unknown field', { ...text(), style: 1 }],
		['model', 'no such model', text({}, 'happyhorse-1.1-video-edit'), 'ModelNotFound'],
		['model', "iMini's name of it", text({}, 'dashscope/happyhorse-1.0'), 'ModelNotFound'],
		['input', 'no input', { model: 'happyhorse-1.1-t2v' }],
		['input.prompt', 'no prompt', { ...text(), input: {} }],
		[
			'input.prompt',
			'references without a prompt',
			{ model: 'happyhorse-1.1-r2v', input: { media: [image()] } },
		],
		[
			'input.prompt',
			'an edit without a prompt',
			{ model: 'happyhorse-1.0-video-edit', input: { media: [video()] } },
		],
		[
			'input.negative_prompt',
			'what is not documented',
			{ ...text(), input: { prompt: 'A horse', negative_prompt: 'x' } },
		],
		['input.prompt', 'a blank prompt', { ...text(), input: { prompt: ' ' } }],
		['input.prompt', '5001 characters', { ...text(), input: { prompt: 'x'.repeat(5001) } }],
		['input.media', 'media of a text', withMedia('happyhorse-1.1-t2v', [image()])],
		['input.media', 'no frame', withMedia('happyhorse-1.1-i2v', [])],
		['input.media', 'two frames', withMedia('happyhorse-1.1-i2v', many(2, frame()))],
		['input.media', 'a reference as a frame', withMedia('happyhorse-1.1-i2v', [image()])],
		['input.media', 'no reference', withMedia('happyhorse-1.1-r2v', [])],
		['input.media', 'ten references', withMedia('happyhorse-1.1-r2v', many(10, image()))],
		['input.media', 'a frame as a reference', withMedia('happyhorse-1.1-r2v', [frame()])],
		['input.media', 'no video', edit(image())],
		['input.media', 'two videos', edit(video(), video())],
		['input.media', 'a video behind an image', edit(image(), video())],
		['input.media', 'six references', edit(video(), ...many(6, image()))],
		[
			'input.media[0].type',
			'another type',
			withMedia('happyhorse-1.1-r2v', [{ type: 'x', url: LINK }]),
		],
		['input.media[0].url', 'no address', withMedia('happyhorse-1.1-r2v', [image('horse')])],
		['input.media[0].url', 'a private address', edit(video('http://10.0.0.1/a.mp4'))],
		['input.media[0].url', 'a video as data', edit(video('data:video/mp4;base64,AAAA'))],
		['parameters.resolution', '480P', text({ resolution: '480P' })],
		['parameters.ratio', 'an unknown ratio', text({ ratio: '2:1' })],
		['parameters.ratio', 'a ratio of 1.1 for 1.0', text({ ratio: '21:9' }, 'happyhorse-1.0-t2v')],
		[
			'parameters.ratio',
			'a ratio of an image',
			withMedia('happyhorse-1.1-i2v', [frame()], { ratio: '1:1' }),
		],
		['parameters.ratio', 'a ratio of an edit', { ...edit(video()), parameters: { ratio: '1:1' } }],
		['parameters.duration', '2 seconds', text({ duration: 2 })],
		['parameters.duration', '16 seconds', text({ duration: 16 })],
		['parameters.duration', 'a fraction', text({ duration: 5.5 })],
		['parameters.duration', 'text', text({ duration: '5' })],
		[
			'parameters.duration',
			'seconds of an edit',
			{ ...edit(video()), parameters: { duration: 5 } },
		],
		['parameters.watermark', 'a word', text({ watermark: 'false' })],
		['parameters.seed', 'a seed below 0', text({ seed: -1 })],
		['parameters.seed', 'a fraction of a seed', text({ seed: 1.5 })],
		['parameters.seed', 'a seed too large', text({ seed: 2_147_483_648 })],
		['parameters.audio_setting', 'a sound of a text', text({ audio_setting: 'auto' })],
		[
			'parameters.audio_setting',
			'a sound of an image',
			withMedia('happyhorse-1.1-i2v', [frame()], { audio_setting: 'auto' }),
		],
		[
			'parameters.audio_setting',
			'a sound of references',
			withMedia('happyhorse-1.1-r2v', [image()], { audio_setting: 'auto' }),
		],
		[
			'parameters.audio_setting',
			'another sound',
			{ ...edit(video()), parameters: { audio_setting: 'off' } },
		],
		['parameters.negative_prompt', 'what is not documented', text({ negative_prompt: 'x' })],
	])('refuses %s: %s', async (parameter, _what, body, code = 'InvalidParameter') => {
		const { status, answer } = await create(body);
		expect(answer).toEqual({
			code,
			message: expect.stringContaining(`${parameter}: `),
			request_id: expect.any(String),
		});
		expect(status).toBe(code === 'ModelNotFound' ? 404 : 400);
		expect(simulator.tasks.size).toBe(0);
	});

	test('looks at images, as iMini does', async () => {
		const small = dataUrl(await imageFile('png', 399, 400));
		const { answer } = await create(withMedia('happyhorse-1.1-r2v', [image(small)]));
		expect(answer.message).toContain('input.media[0].url: the image is 399x400 pixels');
	});

	test('may name a workspace', async () => {
		const { status } = await create(text(), { ...HEADERS, 'x-dashscope-workspace': 'llm-1' });
		expect(status).toBe(200);
	});

	test('has to be JSON', async () => {
		const { answer } = await create(text(), { ...HEADERS, 'content-type': 'text/plain' });
		expect(answer).toMatchObject({
			code: 'InvalidParameter',
			message: expect.stringContaining('Content-Type: '),
		});
	});

	test('has to be asynchronous', async () => {
		const { status, answer } = await create(text(), { 'content-type': 'application/json' });
		expect(status).toBe(403);
		expect(answer).toMatchObject({
			code: 'AccessDenied',
			message: expect.stringContaining('does not support synchronous calls'),
		});
	});

	test('needs a key that is known', async () => {
		const { status, answer } = await create(text(), HEADERS, 'of-nobody');
		expect([status, answer.code]).toEqual([401, 'InvalidApiKey']);
	});

	test('is taken five times a second', async () => {
		for (let n = 0; n < 5; n += 1) expect((await create(text())).status).toBe(200);
		const { status, answer } = await create(text());
		expect([status, answer.code]).toEqual([429, 'Throttling.RateQuota']);
		now += 1000;
		expect((await create(text())).status).toBe(200);
	});
});

describe('a query', () => {
	test('tells how a task goes on, in the service’s words', async () => {
		const id = await ordered();
		const words: unknown[] = [];
		for (const seconds of [0, 9.9, 10, 99.9, 100]) {
			now = START + seconds * 1000;
			words.push((await ask(id)).answer.output.task_status);
		}
		expect(words).toEqual(['PENDING', 'PENDING', 'RUNNING', 'RUNNING', 'SUCCEEDED']);
	});

	test('of a sixth task of a model waits for one of the first five, or for a place that a cancel frees', async () => {
		const first = await ordered();
		for (let n = 1; n < 5; n += 1) await ordered();
		now += 1000;
		const [sixth, seventh] = [await ordered(), await ordered()];
		const other = await ordered(text({}, 'happyhorse-1.0-t2v'));
		const words = async () =>
			await Promise.all(
				[first, sixth, seventh, other].map(async (id) => (await ask(id)).answer.output.task_status),
			);
		now = START + 99_000;
		expect(await words()).toEqual(['RUNNING', 'PENDING', 'PENDING', 'RUNNING']);
		expect((await cancel(sixth)).status).toBe(200);
		now = START + 150_000;
		expect(await words()).toEqual(['SUCCEEDED', 'CANCELED', 'RUNNING', 'SUCCEEDED']);
		now = START + 200_000;
		expect(await words()).toEqual(['SUCCEEDED', 'CANCELED', 'SUCCEEDED', 'SUCCEEDED']);
	});

	test('brings a video that can be downloaded, and what is billed', async () => {
		const id = await ordered(text({ duration: 7, resolution: '720P', ratio: '9:16' }));
		now = START + 100_000;
		const { answer } = await ask(id);
		expect(answer).toEqual({
			request_id: expect.any(String),
			output: {
				task_id: id,
				task_status: 'SUCCEEDED',
				submit_time: '2026-04-27 10:11:12.123',
				scheduled_time: '2026-04-27 10:11:12.123',
				end_time: '2026-04-27 10:12:52.123',
				orig_prompt: 'A horse',
				video_url: expect.stringMatching(/\.mp4\?Expires=\d+&Signature=\w+$/),
			},
			usage: {
				duration: 7,
				input_video_duration: 0,
				output_video_duration: 7,
				video_count: 1,
				SR: 720,
				ratio: '9:16',
			},
		});
		const file = await fetch(String(answer.output.video_url));
		expect(file.headers.get('content-type')).toBe('video/mp4');
	});

	test('of an edit bills what went in as well', async () => {
		const id = await ordered(edit(video()));
		now = START + 100_000;
		const { answer } = await ask(id);
		expect(answer.usage).toMatchObject({ duration: 10, input_video_duration: 5 });
	});

	test('of a failed task says why, with HTTP 200', async () => {
		simulator.outcomes.push({ outcome: { result: 'failed', error: { code: 'X', message: 'No' } } });
		const id = await ordered();
		now = START + 100_000;
		const { status, answer } = await ask(id);
		expect(status).toBe(200);
		expect(answer.output).toMatchObject({ task_status: 'FAILED', code: 'X', message: 'No' });
		expect(answer).not.toHaveProperty('usage');
	});

	test.each([
		['after 24 hours', 24 * 3_600_000, 'test-key'],
		['of another account', 0, 'other-key'],
	])('knows nothing of a task %s', async (_when, ms, key) => {
		const id = await ordered();
		now = START + ms;
		const { status, answer } = await ask(id, key);
		expect(status).toBe(200);
		expect(answer.output).toEqual({ task_id: id, task_status: 'UNKNOWN' });
	});

	test('is answered twenty times a second', async () => {
		const id = await ordered();
		for (let n = 0; n < 20; n += 1) expect((await ask(id)).status).toBe(200);
		expect((await ask(id)).answer.code).toBe('Throttling.RateQuota');
	});
});

describe('a cancel', () => {
	test('takes a task out of the queue', async () => {
		const id = await ordered();
		expect((await cancel(id)).status).toBe(200);
		now = START + 200_000;
		const { answer } = await ask(id);
		expect(answer.output).toMatchObject({ task_status: 'CANCELED' });
		expect(answer.output).not.toHaveProperty('video_url');
	});

	test.each([
		['of a task that runs', 50_000, 'test-key'],
		['of a finished one', 100_000, 'test-key'],
		["of another account's", 0, 'other-key'],
	])('%s is refused', async (_what, ms, key) => {
		const id = await ordered();
		now = START + ms;
		const { status, answer } = await cancel(id, key);
		expect([status, answer.code]).toEqual([400, 'UnsupportedOperation']);
		expect((await ask(id)).answer.output.task_status).not.toBe('CANCELED');
	});
});

test('the list of models tells a key from none, and costs nothing', async () => {
	const { status, answer } = await call('/compatible-mode/v1/models');
	expect(status).toBe(200);
	expect(answer.data).toContainEqual(expect.objectContaining({ id: 'happyhorse-1.1-t2v' }));
	expect((await call('/compatible-mode/v1/models', { key: 'x' })).answer.code).toBe(
		'InvalidApiKey',
	);
	expect(simulator.tasks.size).toBe(0);
});

describe('an upload', () => {
	const MODEL = 'happyhorse-1.0-video-edit';

	async function policy(key?: string, model = MODEL) {
		return await call(`/api/v1/uploads?action=getPolicy&model=${model}`, { key });
	}

	/** Uploads as the contract says, but for `changes` (null takes a field away); returns status and key. */
	async function upload(
		changes: Record<string, string | null> = {},
		{
			headers = {},
			file = mp4(1000),
			fileFirst = false,
			model = MODEL,
			policy: given = undefined as Record<string, string> | undefined,
		} = {},
	) {
		const data = given ?? (await policy(undefined, model)).answer.data;
		const fields: Record<string, string | null> = {
			OSSAccessKeyId: data.oss_access_key_id,
			Signature: data.signature,
			policy: data.policy,
			'x-oss-object-acl': data.x_oss_object_acl,
			'x-oss-forbid-overwrite': data.x_oss_forbid_overwrite,
			key: `${data.upload_dir}/clip.mp4`,
			success_action_status: '200',
			...changes,
		};
		const form = new FormData();
		if (fileFirst) form.append('file', new Blob([new Uint8Array(file)]), 'clip.mp4');
		for (const [name, value] of Object.entries(fields))
			if (value !== null) form.append(name, value);
		if (!fileFirst) form.append('file', new Blob([new Uint8Array(file)]), 'clip.mp4');
		const { status } = await fetch(data.upload_host, { method: 'POST', body: form, headers });
		return { status, key: String(fields.key), policy: data };
	}

	const resolving = { ...HEADERS, 'x-dashscope-ossresourceresolve': 'enable' };

	test('makes an address that an edit can name', async () => {
		const { status, key } = await upload();
		expect(status).toBe(200);
		expect((await create(edit(video(`oss://${key}`)), resolving)).status).toBe(200);
		const [task] = simulator.tasks.values();
		expect(task.sources).toEqual([
			{ parameter: 'input.media[0].url', from: 'upload', bytes: 1000 },
		]);
	});

	test.each<[string, () => Promise<{ status: number }>]>([
		[
			'a key in the header',
			async () => await upload({}, { headers: { authorization: 'Bearer test-key' } }),
		],
		['a file that does not come last', async () => await upload({}, { fileFirst: true })],
		['another signature', async () => await upload({ Signature: 'x' })],
		['a key outside of its folder', async () => await upload({ key: OUTSIDE })],
		...[
			'OSSAccessKeyId',
			'policy',
			'x-oss-object-acl',
			'x-oss-forbid-overwrite',
			'success_action_status',
		].map((name): [string, () => Promise<{ status: number }>] => [
			`no ${name}`,
			async () => await upload({ [name]: null }),
		]),
	])('refuses %s', async (_what, act) => {
		expect((await act()).status).toBe(403);
		expect(simulator.uploads.size).toBe(0);
	});

	test('is over when its policy is', async () => {
		const { data } = (await policy()).answer;
		now += 301_000;
		const form = new FormData();
		for (const [name, value] of Object.entries({
			OSSAccessKeyId: data.oss_access_key_id,
			Signature: data.signature,
			policy: data.policy,
			'x-oss-object-acl': data.x_oss_object_acl,
			'x-oss-forbid-overwrite': data.x_oss_forbid_overwrite,
			key: `${data.upload_dir}/clip.mp4`,
			success_action_status: '200',
		}))
			form.append(name, value);
		form.append('file', new Blob([new Uint8Array(mp4(100))]), 'clip.mp4');
		expect((await fetch(data.upload_host, { method: 'POST', body: form })).status).toBe(403);
	});

	test.each([
		['without the header that resolves it', HEADERS, 'input.media', 0, undefined],
		['of another account', resolving, 'input.media[0].url', 0, 'other-key'],
		['after 48 hours', resolving, 'input.media[0].url', 48 * 3_600_000 + 1, undefined],
	])('can not be named %s', async (_what, headers, parameter, ms, key) => {
		const uploaded = await upload();
		now += ms;
		const { status, answer } = await create(edit(video(`oss://${uploaded.key}`)), headers, key);
		expect(status).toBe(400);
		expect(answer.message).toContain(`${parameter}: `);
	});

	test('is no video when its file is none', async () => {
		const { key } = await upload({}, { file: Buffer.from('<html>no video</html>') });
		const { answer } = await create(edit(video(`oss://${key}`)), resolving);
		expect(answer.message).toContain('the file is not mp4 or mov');
	});

	test('is bound to the model that its policy was for', async () => {
		const { key } = await upload({}, { model: 'happyhorse-1.1-i2v' });
		const { status, answer } = await create(edit(video(`oss://${key}`)), resolving);
		expect(status).toBe(400);
		expect(answer.message).toContain('was uploaded for another model');
	});

	test('that was never made has no address', async () => {
		const { answer } = await create(edit(video('oss://dashscope-instant/x/1.mp4')), resolving);
		expect(answer.message).toContain('there is no such upload');
	});

	test('does not take the place of an earlier one', async () => {
		const { key, policy: first } = await upload();
		expect((await upload({ key }, { policy: first })).status).toBe(409);
	});

	test('has no more megabytes than its policy says', async () => {
		const { data } = (await policy()).answer;
		expect(data).toMatchObject({ max_file_size_mb: 100, expire_in_seconds: 300 });
		expect((await upload({}, { file: mp4(100 * 1024 * 1024 + 1) })).status).toBe(403);
	});

	test('needs a key, a model, and an action that are known', async () => {
		expect((await policy('of-nobody')).status).toBe(401);
		expect((await policy(undefined, 'nothing')).answer.code).toBe('ModelNotFound');
		expect((await call('/api/v1/uploads?model=happyhorse-1.0-video-edit')).status).toBe(400);
	});

	test('the header that resolves it means nothing without it', async () => {
		expect((await create(edit(video()), resolving)).status).toBe(400);
	});
});

test('what is not there, and what may not be asked there, is told in the same form', async () => {
	expect((await call('/v1/videos/generate', { method: 'POST', body: {} })).answer).toEqual({
		code: 'NotFound',
		message: expect.any(String),
		request_id: expect.any(String),
	});
	expect((await call(CREATE)).status).toBe(405);
});

test.each([
	[400, 'InvalidParameter'],
	[401, 'InvalidApiKey'],
	[403, 'AccessDenied'],
	[404, 'ModelNotFound'],
	[429, 'Throttling.RateQuota'],
	[500, 'InternalError'],
	[502, 'BadGateway'],
	[503, 'ModelServingError'],
	[504, 'ResponseTimeout'],
])('a fault of the status %i is told in the same form, as %s', async (status, code) => {
	simulator.faults.push({ on: 'submit', fault: { kind: 'status', status } });
	expect(await create(text())).toEqual({
		status,
		answer: { code, message: expect.any(String), request_id: expect.any(String) },
	});
});

test('a fault of a status may have a code of its own', async () => {
	const body = { code: 'Throttling.AllocationQuota', message: 'Used up' };
	simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 429, body } });
	expect((await create(text())).answer).toMatchObject(body);
});
