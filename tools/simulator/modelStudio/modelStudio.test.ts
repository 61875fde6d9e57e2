// Model Studio as it is simulated: every row of its contract, and both sides of every limit.
import { mp4 } from '../../images';
import { Simulator } from '../simulator';

const START = Date.parse('2026-04-27T10:11:12.123Z');
const CREATE = '/api/v1/services/aigc/video-generation/video-synthesis';
const LINK = 'https://files.example.com/horse';

const ANY = expect.any(String);

let now = START;
let simulator: Simulator;

const OPTIONS = {
	service: 'modelStudio',
	now: () => now,
	secondsPerTask: 100,
	apiKeys: ['other-key'],
	queriesPerSecond: 20,
	ordersPerSecond: 5,
} as const;

beforeAll(async () => {
	simulator = await Simulator.start(OPTIONS);
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

const RESOLVING = { 'x-dashscope-ossresourceresolve': 'enable' };
const HEADERS = { 'content-type': 'application/json', 'x-dashscope-async': 'enable' };

async function create(body: unknown, headers: Record<string, string> = HEADERS, key?: string) {
	return await call(CREATE, { method: 'POST', headers, body, key });
}

async function ordered(body: unknown = text()): Promise<string> {
	return String((await create(body)).answer.output.task_id);
}

const ask = async (id: string, key?: string) => await call(`/api/v1/tasks/${id}`, { key });
const list = async (query = '', key?: string) => await call(`/api/v1/tasks/${query}`, { key });
const cancel = async (id: string, key?: string) =>
	await call(`/api/v1/tasks/${id}/cancel`, { method: 'POST', key });

/** An order of a model, named without its first word. */
const of = (model: string, media?: unknown, parameters?: object) => ({
	model: `happyhorse-${model}`,
	input: { prompt: 'A horse', media },
	parameters,
});
const text = (parameters?: object) => of('1.1-t2v', undefined, parameters);
const words = (prompt?: string) => ({ ...text(), input: { prompt } });
const frame = { type: 'first_frame', url: LINK };
const image = (url = LINK) => ({ type: 'reference_image', url });
const video = (url = LINK) => ({ type: 'video', url });
const edit = (...media: unknown[]) => of('1.0-video-edit', media);
const edited = (parameters: object) => of('1.0-video-edit', [video()], parameters);
const images = (count: number) => Array.from({ length: count }, () => image());

it.each<[what: string, body: unknown]>([
	['all parameters', text({ resolution: '720P', duration: 3, watermark: true, seed: 0 })],
	['the largest seed, the longest', text({ seed: 2_147_483_647, duration: 15 })],
	...['16:9', '9:16', '1:1', '4:3', '3:4', '4:5', '5:4', '9:21', '21:9'].map(
		(ratio): [string, unknown] => [`the ratio ${ratio}`, text({ ratio })],
	),
	['an image without a prompt', { model: 'happyhorse-1.0-i2v', input: { media: [frame] } }],
	['nine references', of('1.0-r2v', images(9))],
	['an edit with five', edit(video(), ...images(5))],
	['an edit with its sound', edited({ audio_setting: 'origin' })],
	['5000 emoji', words('🐴'.repeat(5000))],
])('takes %s', async (_what, body) => {
	const { status, answer } = await create(body);
	expect(answer).toEqual({
		output: { task_status: 'PENDING', task_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
		request_id: expect.any(String),
	});
	expect(status).toBe(200);
	expect([...simulator.tasks.values()][0].body).toEqual(body);
});

const refusals: Record<string, Array<[what: string, body: unknown]>> = {
	style: [['an unknown field', { ...text(), style: 1 }]],
	model: [
		['no such model', of('1.1-video-edit')],
		["iMini's name of it", { ...text(), model: 'dashscope/happyhorse-1.0' }],
	],
	input: [['no input', { model: 'happyhorse-1.1-t2v' }]],
	'input.prompt': [
		['no prompt', words()],
		['a blank prompt', words(' ')],
		['5001 characters', words('x'.repeat(5001))],
		['an edit without a prompt', { ...edit(), input: { media: [video()] } }],
	],
	'input.negative_prompt': [
		['a field', { ...text(), input: { prompt: 'A', negative_prompt: 'x' } }],
	],
	'input.media': [
		['media of a text', of('1.1-t2v', images(1))],
		['no frame', of('1.1-i2v', [])],
		['two frames', of('1.1-i2v', [frame, frame])],
		['a reference as a frame', of('1.1-i2v', images(1))],
		['no reference', of('1.1-r2v', [])],
		['ten references', of('1.1-r2v', images(10))],
		['no video', edit(image())],
		['two videos', edit(video(), video())],
		['a video behind an image', edit(image(), video())],
		['six references', edit(video(), ...images(6))],
	],
	'input.media[0].type': [['another type', edit({ type: 'x', url: LINK })]],
	'input.media[0].url': [
		['no address', of('1.1-r2v', [image('horse')])],
		['a private address', edit(video('http://10.0.0.1/a.mp4'))],
		['a video as data', edit(video('data:video/mp4;base64,AAAA'))],
	],
	'parameters.resolution': [['480P, of 1.0', of('1.0-t2v', undefined, { resolution: '480P' })]],
	'parameters.ratio': [
		['an unknown ratio', text({ ratio: '2:1' })],
		['a ratio of 1.1 for 1.0', of('1.0-t2v', undefined, { ratio: '21:9' })],
		['a ratio of an image', of('1.1-i2v', [frame], { ratio: '1:1' })],
		['a ratio of an edit', edited({ ratio: '1:1' })],
	],
	'parameters.duration': [
		...[2, 16, 5.5, '5'].map((duration): [string, unknown] => [
			`${JSON.stringify(duration)} seconds`,
			text({ duration }),
		]),
		['seconds of an edit', edited({ duration: 5 })],
	],
	'parameters.watermark': [['a word', text({ watermark: 'false' })]],
	'parameters.seed': [-1, 1.5, 2_147_483_648].map((seed) => [`the seed ${seed}`, text({ seed })]),
	'parameters.audio_setting': [
		['a sound of a text', text({ audio_setting: 'auto' })],
		['one of an image', of('1.1-i2v', [frame], { audio_setting: 'auto' })],
		['one of references', of('1.1-r2v', images(1), { audio_setting: 'auto' })],
	],
};

describe.each(Object.entries(refusals))('refuses %s', (parameter, rows) => {
	test.each(rows)('%s', async (_what, body) => {
		const [status, code] =
			parameter === 'model' ? [404, 'ModelNotFound'] : [400, 'InvalidParameter'];
		const message = expect.stringContaining(`${parameter}: `);
		const answer = { code, message, request_id: ANY };
		expect(await create(body)).toEqual({ status, answer });
		expect(simulator.tasks.size).toBe(0);
	});
});

it.each<[what: string, headers: object, key: string, status: number, code: string]>([
	['JSON', { 'content-type': 'text/plain' }, 'test-key', 400, 'InvalidParameter'],
	['an upload where it says so', RESOLVING, 'test-key', 400, 'InvalidParameter'],
	['to be asynchronous', { 'x-dashscope-async': '' }, 'test-key', 403, 'AccessDenied'],
	['a key', {}, 'of-nobody', 401, 'InvalidApiKey'],
])('a create needs %s', async (_what, headers, key, status, code) => {
	const answer = await create(text(), { ...HEADERS, ...headers }, key);
	expect(answer).toMatchObject({ status, answer: { code } });
});

it.each([
	['sliding', 1000],
	['fixed', 877],
] as const)('takes 5 creates a second, and 20 of all else together: %s', async (window, ms) => {
	await simulator.stop();
	simulator = await Simulator.start({ ...OPTIONS, window });
	const id = await ordered();
	for (let n = 1; n < 5; n += 1) await ordered();
	const kinds = [async () => await ask(id), async () => await list(), async () => await cancel(id)];
	for (let n = 0; n < 20; n += 1) expect((await kinds[n % 3]()).status).not.toBe(429);
	now += ms - 1;
	for (const kind of [async () => await create(text()), ...kinds])
		expect(await kind()).toMatchObject({ status: 429, answer: { code: 'Throttling.RateQuota' } });
	now += 1;
	for (const kind of [async () => await create(text()), ...kinds])
		expect((await kind()).status).not.toBe(429);
});

describe('a query', () => {
	test('brings a video that can be downloaded, and what is billed, of an edit the source too', async () => {
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
		const edits = await ordered(edit(video()));
		now += 100_000;
		const billed = { duration: 10, input_video_duration: 5 };
		expect((await ask(edits)).answer.usage).toMatchObject(billed);
		const file = await fetch(String(answer.output.video_url));
		expect(file.headers.get('content-type')).toBe('video/mp4');
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
});

test('a cancel takes a task out of the queue, and nobody else’s, and none that runs', async () => {
	const [id, other] = [await ordered(), await ordered()];
	expect((await cancel(id)).status).toBe(200);
	const refused = { status: 400, answer: { code: 'UnsupportedOperation' } };
	expect(await cancel(other, 'other-key')).toMatchObject(refused);
	now = START + 50_000;
	expect(await cancel(other)).toMatchObject(refused);
	const status = async (task: string) => (await ask(task)).answer.output.task_status;
	expect([await status(id), await status(other)]).toEqual(['CANCELED', 'RUNNING']);
});

describe('the list', () => {
	const idsOf = (answer: Record<string, unknown>) =>
		(answer.data as Array<{ task_id: string }>).map(({ task_id }) => task_id);

	test('tells all tasks of the account, with no prompt and no link', async () => {
		const id = await ordered();
		const foreign = simulator.addForeign(1, { afterSeconds: 5 });
		now += 50_000;
		const { status, answer } = await list();
		expect(status).toBe(200);
		expect(answer).toMatchObject({ total: 2, total_page: 1, page_no: 1, page_size: 10 });
		expect(idsOf(answer).sort()).toEqual([id, ...foreign].sort());
		expect(answer.data).toContainEqual({
			task_id: id,
			status: 'RUNNING',
			model_name: 'happyhorse-1.1-t2v',
			gmt_create: START,
			start_time: START,
			request_id: expect.any(String),
			region: 'cn-beijing',
			user_api_unique_key: expect.any(String),
		});
		expect(answer.data).toContainEqual(
			expect.objectContaining({ status: 'SUCCEEDED', end_time: START + 5000 }),
		);
		expect((await ask(foreign[0])).answer.output.task_status).toBe('SUCCEEDED');
		expect((await list('', 'other-key')).answer).toMatchObject({ total: 0, data: [] });
		now += 86_400_000;
		expect((await list()).answer.total).toBe(0);
	});

	test('comes in pages, in an order that is not that of time', async () => {
		const ids = simulator.addForeign(250);
		const pages = await Promise.all(
			[1, 2, 3, 4].map(async (page) => (await list(`?page_no=${page}&page_size=100`)).answer),
		);
		expect(pages[0]).toMatchObject({ total: 250, total_page: 3, page_size: 100 });
		const listed = pages.flatMap(idsOf);
		expect(listed).not.toEqual(ids);
		expect(listed.sort()).toEqual(ids.sort());
		simulator.list.order = 'reshuffled';
		const again = (await list('?page_no=1&page_size=100')).answer;
		expect(idsOf(again)).not.toEqual(idsOf(pages[0]));
	});

	test('can be late, and lack tasks', async () => {
		const [finished, omitted] = simulator.addForeign(2, { afterSeconds: 10 });
		now += 12_000;
		simulator.addForeign(1);
		simulator.list.staleSeconds = 5;
		simulator.list.omits = ({ id }) => id === omitted;
		const { data } = (await list()).answer;
		expect(data).toMatchObject([{ task_id: finished, status: 'RUNNING' }]);
	});

	test.each([
		['?status=SUCCEEDED', 1],
		['?status=PENDING', 1],
		['?model_name=happyhorse-1.1-i2v', 1],
		// 18:11:12 in Beijing
		['?start_time=20260427181100&end_time=20260427181200', 1],
	])('is filtered by %s', async (query, count) => {
		simulator.addForeign(1, { afterSeconds: 0 });
		now += 60_000;
		simulator.addForeign(1, {}, 'happyhorse-1.1-i2v');
		expect((await list(query)).answer.total).toBe(count);
	});

	test.each([
		'page_no=0',
		'page_size=101',
		'page_size=x',
		'status=DONE',
		'start_time=2026-04-27',
		'start_time=20260427000000&end_time=20260428000001',
		'start_time=20260427000002&end_time=20260427000001',
		'task_id=1',
	])('refuses %s', async (query) => {
		const { status, answer } = await list(`?${query}`);
		expect([status, answer.code]).toEqual([400, 'InvalidParameter']);
		expect(answer.message).toContain(`${query.split('=')[0]}: `);
	});

	test('is for known keys, and has its one address', async () => {
		expect((await list('', 'of-nobody')).status).toBe(401);
		expect((await call('/api/v1/tasks')).status).toBe(404);
	});
});

describe('an upload', () => {
	const MODEL = 'happyhorse-1.0-video-edit';
	const resolving = { ...HEADERS, ...RESOLVING };

	const policy = async (key?: string, model = MODEL) =>
		await call(`/api/v1/uploads?action=getPolicy&model=${model}`, { key });

	interface Upload {
		changes?: Record<string, string>;
		headers?: Record<string, string>;
		file?: Buffer;
		model?: string;
		later?: number;
	}

	/** Uploads as the contract says, but for other fields or headers, or so many ms after the policy. */
	async function upload({ changes, headers, file = mp4(2000), model, later = 0 }: Upload = {}) {
		const { data } = (await policy(undefined, model)).answer;
		now += later;
		const fields = {
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
		for (const [name, value] of Object.entries(fields)) form.append(name, value);
		form.append('file', new Blob([new Uint8Array(file)]), 'clip.mp4');
		const response = await fetch(data.upload_host, { method: 'POST', body: form, headers });
		return { status: response.status, text: await response.text(), key: fields.key, data };
	}

	test('makes an address that an edit can name', async () => {
		const { status, key, data } = await upload();
		expect(status).toBe(200);
		expect(data).toMatchObject({ max_file_size_mb: 100, expire_in_seconds: 300 });
		expect((await create(edit(video(`oss://${key}`)), resolving)).status).toBe(200);
		const [{ sources }] = simulator.tasks.values();
		expect(sources).toEqual([{ parameter: 'input.media[0].url', from: 'upload', bytes: 2000 }]);
	});

	test.each<[what: string, upload: Upload]>([
		['a key in the header', { headers: { authorization: 'Bearer test-key' } }],
		['another signature', { changes: { Signature: 'x' } }],
		['a key outside of its folder', { changes: { key: 'a/b.mp4' } }],
		['a policy of 301 seconds ago', { later: 301_000 }],
		['more megabytes than its policy says', { file: mp4(100 * 1024 * 1024 + 1) }],
		...['OSSAccessKeyId', 'policy', 'x-oss-object-acl', 'success_action_status'].map(
			(name): [string, Upload] => [`no ${name}`, { changes: { [name]: '' } }],
		),
	])('is refused with %s', async (_what, wrong) => {
		expect((await upload(wrong)).status).toBe(403);
		expect(simulator.uploads.size).toBe(0);
	});

	test('is refused as OSS does it: quoting what the form was signed with', async () => {
		const { text, data } = await upload({ changes: { Signature: 'mine' } });
		for (const quoted of ['mine', data.policy, data.oss_access_key_id])
			expect(text).toContain(quoted);
	});

	const OTHER = { model: 'happyhorse-1.1-i2v' };
	const PAGE = { file: Buffer.from('<html>no') };

	test.each<[what: string, headers: object, key: string, upload: Upload, ms: number, why: string]>([
		['without the header that resolves it', HEADERS, 'test-key', {}, 0, 'OssResourceResolve'],
		['of another account', resolving, 'other-key', {}, 0, 'there is no such upload'],
		['after 48 hours', resolving, 'test-key', {}, 48 * 3_600_000 + 1, 'has expired'],
		['of another model', resolving, 'test-key', OTHER, 0, 'another model'],
		['that is no video', resolving, 'test-key', PAGE, 0, 'not mp4'],
	])('can not be named %s', async (_what, headers, key, given, ms, why) => {
		const body = edit(video(`oss://${(await upload(given)).key}`));
		now += ms;
		const { status, answer } = await create(body, { ...headers }, key);
		expect([status, answer.message]).toEqual([400, expect.stringContaining(why)]);
	});
});

test('errors are flat, also where nothing is, and those of a fault', async () => {
	const flat = (code: string) => ({ code, message: ANY, request_id: ANY });
	expect((await call('/v1/videos/generate')).answer).toEqual(flat('NotFound'));
	expect((await call(CREATE)).status).toBe(405);
	const policy = '/api/v1/uploads?action=getPolicy&model=';
	expect((await call(`${policy}nothing`)).answer).toEqual(flat('ModelNotFound'));
	simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 503 } });
	expect(await create(text())).toEqual({ status: 503, answer: flat('ModelServingError') });
});
