// Answers to queries: statuses by the clock, every outcome that can be chosen, and whose task it is.
import { Simulator,type Outcome,type RecordedRequest } from './simulator';

const START = Date.parse('2026-04-27T10:43:20.233Z');
const HOUR = 3_600_000;

let now = START;
let simulator: Simulator;

beforeAll(async () => {
	simulator = await Simulator.start({
		now: () => now,
		secondsPerTask: 100,
		apiKeys: ['other-key'],
	});
});

afterEach(() => {
	now = START;
	simulator.reset();
});

afterAll(async () => {
	await simulator.stop();
});

interface TaskAnswer {
	task_id: string;
	status: string;
	model: string;
	created_at: string;
	completed_at: string | null;
	videos: Array<Record<string, unknown>> | null;
	error: Record<string, unknown> | null;
	request_id: string;
}

async function order(fields: object = {}): Promise<string> {
	const response = await fetch(`${simulator.baseUrl}/v1/videos/generate`, {
		method: 'POST',
		headers: { authorization: 'Bearer test-key', 'content-type': 'application/json' },
		body: JSON.stringify({ model: 'dashscope/happyhorse-1.0', prompt: 'A horse', ...fields }),
	});
	return ((await response.json()) as { task_id: string }).task_id;
}

async function ask(id: string, authorization: string | undefined = 'Bearer test-key') {
	const response = await fetch(`${simulator.baseUrl}/v1/videos/tasks/${id}`, {
		headers: authorization === '' ? {} : { authorization },
	});
	return { status: response.status, body: (await response.json()) as TaskAnswer };
}

/** The status of a task, `seconds` after the test's start. */
async function statusAfter(id: string, seconds: number): Promise<string> {
	now = START + seconds * 1000;
	return (await ask(id)).body.status;
}

async function answerTo(outcome: Outcome, seconds = 100): Promise<TaskAnswer> {
	simulator.outcomes.push({ outcome });
	const id = await order();
	now = START + seconds * 1000;
	return (await ask(id)).body;
}

describe('a task moves by the clock', () => {
	test('queued, processing, succeeded', async () => {
		const id = await order();
		expect(await statusAfter(id, 0)).toBe('queued');
		expect(await statusAfter(id, 9.9)).toBe('queued');
		expect(await statusAfter(id, 10)).toBe('processing');
		expect(await statusAfter(id, 99.9)).toBe('processing');
		expect(await statusAfter(id, 100)).toBe('succeeded');
	});

	test('and answers as the contract says while it is going', async () => {
		const id = await order();
		expect((await ask(id)).body).toEqual({
			task_id: id,
			status: 'queued',
			model: 'dashscope/happyhorse-1.0',
			created_at: '2026-04-27T10:43:20.233Z',
			completed_at: null,
			videos: null,
			error: null,
			request_id: expect.stringMatching(/^req_/),
		});
	});

	test('and when it is done, with a video and a cover that can be downloaded', async () => {
		const id = await order({ duration: 7 });
		now = START + 500_000;
		const { body } = await ask(id);
		expect(body).toMatchObject({ completed_at: '2026-04-27T10:45:00.233Z', error: null });
		expect(body.videos).toEqual([
			{
				url: expect.stringMatching(/\/file\/2026\/04\/27\/\d{19}\.mp4$/),
				width: 1920,
				height: 1080,
				duration: 7,
				cover_url: expect.stringMatching(/\/file\/2026\/04\/27\/\d{19}\.jpg$/),
			},
		]);
		const [{ url, cover_url }] = body.videos ?? [];
		const video = await fetch(String(url));
		expect(video.headers.get('content-type')).toBe('video/mp4');
		const bytes = Buffer.from(await video.arrayBuffer());
		expect(bytes).toHaveLength(Number(video.headers.get('content-length')));
		expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
		const cover = await fetch(String(cover_url));
		expect(cover.headers.get('content-type')).toBe('image/jpeg');
		expect(Buffer.from(await cover.arrayBuffer()).readUInt16BE()).toBe(0xffd8);
		expect(simulator.ofKind('media').map(({ taskId }) => taskId)).toEqual([id, id]);
	});

	test('and is known for 24 hours', async () => {
		const id = await order();
		expect(await statusAfter(id, (24 * HOUR) / 1000 - 0.001)).toBe('succeeded');
		now = START + 24 * HOUR;
		expect(await ask(id)).toMatchObject({
			status: 404,
			body: { error: { code: 'TASK_NOT_FOUND' } },
		});
		expect(simulator.tasks.has(id)).toBe(true);
	});

	test.each([
		[{ resolution: '720P' }, 1280, 720],
		[{ resolution: '720P', aspect_ratio: '9:16' }, 720, 1280],
		[{ aspect_ratio: '1:1' }, 1080, 1080],
		[{ aspect_ratio: '4:3' }, 1440, 1080],
	])('and comes out in the size ordered: %j', async (fields, width, height) => {
		const id = await order(fields);
		now += 100_000;
		expect((await ask(id)).body.videos).toEqual([expect.objectContaining({ width, height })]);
	});
});

describe('the film of a task', () => {
	/** Width and height in the header of the first picture track. */
	function pixelsOf(film: Buffer): [width: number, height: number] {
		const end = film.indexOf('tkhd', 0, 'latin1') + 4 + 84;
		return [film.readUInt16BE(end - 8), film.readUInt16BE(end - 4)];
	}

	test.each([
		['16:9', 848, 480],
		['9:16', 324, 576],
		['1:1', 400, 400],
		['4:3', 480, 360],
		['3:4', 360, 480],
	])('has the shape that was ordered: %s', async (aspect_ratio, width, height) => {
		const id = await order({ aspect_ratio });
		now += 100_000;
		const [{ url }] = (await ask(id)).body.videos ?? [];
		const film = Buffer.from(await (await fetch(String(url))).arrayBuffer());
		expect(pixelsOf(film)).toEqual([width, height]);
	});
});

describe('an outcome that was asked for', () => {
	const atOnce = { result: 'failed', afterSeconds: 0 } as const;
	const error = { code: 'INVALID_PROMPT', message: 'No', status: 400, request_id: 'req_1' };

	test.each<[what: string, outcome: Outcome, seconds: number, expected: object]>([
		[
			'failed, by default at the end',
			{ result: 'failed' },
			100,
			{
				status: 'failed',
				videos: null,
				completed_at: '2026-04-27T10:45:00.233Z',
				error: {
					code: 'GENERATION_FAILED',
					message: expect.any(String),
					status: 500,
					request_id: expect.stringMatching(/^req_/),
				},
			},
		],
		['failed at once, with an error', { ...atOnce, error }, 0, { status: 'failed', error }],
		['never', { result: 'never' }, 80_000, { status: 'processing' }],
		[
			'an unknown status for ever',
			{ result: 'never', afterSeconds: 0, statuses: ['pending'] },
			0,
			{ status: 'pending' },
		],
		['videos: null', { videos: null }, 100, { status: 'succeeded', videos: null }],
		['no video', { videos: 0 }, 100, { status: 'succeeded', videos: [] }],
	])('%s', async (_what, outcome, seconds, expected) => {
		expect(await answerTo(outcome, seconds)).toMatchObject(expected);
	});

	test('expired', async () => {
		simulator.outcomes.push({ outcome: { result: 'expired', afterSeconds: 50 } });
		const id = await order();
		expect(await statusAfter(id, 49)).toBe('processing');
		now = START + 50_000;
		expect((await ask(id)).status).toBe(404);
	});

	test('unknown statuses, for equal times', async () => {
		simulator.outcomes.push({ outcome: { statuses: ['pending', 'reviewing'] } });
		const id = await order();
		expect(await statusAfter(id, 0)).toBe('pending');
		expect(await statusAfter(id, 49)).toBe('pending');
		expect(await statusAfter(id, 50)).toBe('reviewing');
		expect(await statusAfter(id, 100)).toBe('succeeded');
	});

	test('three videos, each with a file of its own', async () => {
		const { videos } = await answerTo({ videos: 3 });
		expect(new Set(videos?.map(({ url }) => url)).size).toBe(3);
		await Promise.all((videos ?? []).map(async ({ url }) => await fetch(String(url))));
		const [task] = simulator.tasks.keys();
		expect(simulator.ofKind('media').map(({ taskId }) => taskId)).toEqual([task, task, task]);
	});

	test('no cover, and other numbers', async () => {
		const video = { cover_url: undefined, width: 1, height: 2, duration: 3 };
		const { videos } = await answerTo({ video });
		expect(videos).toEqual([{ url: expect.any(String), width: 1, height: 2, duration: 3 }]);
	});

	test('a new link at every query', async () => {
		const first = (await answerTo({ freshLinks: true })).videos?.[0].url;
		const [id] = simulator.tasks.keys();
		const second = (await ask(id)).body.videos?.[0].url;
		expect(second).not.toBe(first);
		expect((await fetch(String(second))).status).toBe(200);
		expect(simulator.ofKind('media')[0].taskId).toBe(id);
	});

	test('is chosen by the order, so many times, in the order of the rules', async () => {
		simulator.outcomes.push(
			{ match: ({ body }) => body.duration === 3, outcome: atOnce, times: 2 },
			{ outcome: ({ mode }) => (mode === 'image-to-video' ? atOnce : undefined) },
		);
		const image = {
			reference_images: [{ url: 'https://a.example/x.png', reference_type: 'first_frame' }],
		};
		const ids = [
			await order({ duration: 3 }),
			await order({ duration: 4 }),
			await order(image),
			await order(image),
			await order({ duration: 3 }),
			await order({ duration: 3 }),
		];
		const answers = await Promise.all(ids.map(async (id) => (await ask(id)).body.status));
		expect(answers).toEqual(['failed', 'queued', 'failed', 'queued', 'failed', 'queued']);
	});

	test('can change while the task is under way', async () => {
		const id = await order();
		const task = simulator.tasks.get(id);
		if (task) task.outcome = { result: 'failed', afterSeconds: 1 };
		expect(await statusAfter(id, 1)).toBe('failed');
	});
});

describe('the key', () => {
	test.each(['', 'Bearer wrong', 'test-key', 'Basic test-key', 'Bearer '])(
		'"%s" is refused by both endpoints, before anything else',
		async (authorization) => {
			const id = await order();
			const refusal = {
				status: 401,
				body: {
					error: {
						code: expect.any(String),
						message: expect.any(String),
						status: 401,
						request_id: expect.stringMatching(/^req_/),
					},
				},
			};
			expect(await ask(id, authorization)).toEqual(refusal);
			expect(await ask('task_1', authorization)).toEqual(refusal);
			const response = await fetch(`${simulator.baseUrl}/v1/videos/generate`, {
				method: 'POST',
				headers: authorization === '' ? {} : { authorization },
				body: '{}',
			});
			expect({ status: response.status, body: await response.json() }).toEqual(refusal);
			expect(simulator.tasks.size).toBe(1);
		},
	);

	test('of somebody else finds no task', async () => {
		const id = await order();
		expect((await ask(id, 'Bearer other-key')).status).toBe(404);
		expect((await ask(id, 'bearer test-key')).status).toBe(200);
	});

	test('can be revoked, until the next reset', async () => {
		const id = await order();
		simulator.apiKeys.delete('test-key');
		expect((await ask(id)).status).toBe(401);
		simulator.reset();
		expect((await ask(id)).status).toBe(404);
	});
});

describe('what is not there', () => {
	test('an unknown task is 404 in the envelope', async () => {
		expect(await ask('task_2044275355061448704')).toEqual({
			status: 404,
			body: {
				error: {
					code: 'TASK_NOT_FOUND',
					message: expect.any(String),
					status: 404,
					request_id: expect.stringMatching(/^req_/),
				},
			},
		});
	});

	test.each([
		['GET', '/v1/videos/generate', 405],
		['POST', '/v1/videos/tasks/task_1', 405],
		['DELETE', '/v1/videos/tasks/task_1', 405],
		['GET', '/v1/videos/tasks', 404],
		['GET', '/v1/videos/tasks/', 404],
		['GET', '/v1/videos/tasks/task_1/videos', 404],
		['GET', '//v1/videos/tasks/task_1', 404],
		['GET', '/', 404],
	])('%s %s is %d in the envelope', async (method, path, status) => {
		const response = await fetch(`${simulator.baseUrl}${path}`, {
			method,
			headers: { authorization: 'Bearer test-key' },
		});
		expect(response.status).toBe(status);
		expect(await response.json()).toMatchObject({ error: { status } });
		expect(simulator.requests).toMatchObject([{ kind: 'other', method, status }]);
	});

	test('a task id is taken out of its path as it was', async () => {
		await ask(encodeURIComponent('a/../b?c'));
		expect(simulator.requests).toMatchObject([{ kind: 'query', taskId: 'a/../b?c', status: 404 }]);
	});
});

describe('the record', () => {
	test('holds every request in order, with what it was and what became of it', async () => {
		const id = await order({ duration: 3 });
		now += 100_000;
		const { body } = await ask(id);
		await fetch(String(body.videos?.[0].url), { headers: { authorization: 'Bearer leaked' } });
		await simulator.waitFor((requests) => requests.every(({ open }) => !open));
		const ended = { endedAt: expect.any(Number), open: false, aborted: false };
		const common = { method: 'GET', status: 200, taskId: id, ...ended };
		const headers = expect.objectContaining({ authorization: 'Bearer test-key' });
		expect(simulator.requests).toEqual<RecordedRequest[]>([
			{
				...common,
				kind: 'submit',
				prompt: 'A horse',
				method: 'POST',
				path: '/imini/router/v1/videos/generate',
				headers,
				body: { model: 'dashscope/happyhorse-1.0', prompt: 'A horse', duration: 3 },
				at: START,
			},
			{
				...common,
				kind: 'query',
				path: `/imini/router/v1/videos/tasks/${id}`,
				headers,
				at: START + 100_000,
			},
			{
				...common,
				kind: 'media',
				path: expect.stringMatching(/^\/file\/.*\.mp4$/),
				headers: expect.objectContaining({ authorization: 'Bearer leaked' }),
				at: START + 100_000,
			},
		]);
	});
});

test('a key that asks too often is told to wait', async () => {
	const busy = await Simulator.start({ now: () => now, maxQueriesPerSecond: 2 });
	const query = async () =>
		await fetch(`${busy.baseUrl}/v1/videos/tasks/task_1`, {
			headers: { authorization: 'Bearer test-key' },
		});
	const [first, second, third] = [await query(), await query(), await query()];
	expect([first.status, second.status, third.status]).toEqual([404, 404, 429]);
	expect(third.headers.get('retry-after')).toBe('1');
	expect(await third.json()).toMatchObject({ error: { code: 'RATE_LIMITED', status: 429 } });
	now += 1000;
	expect((await query()).status).toBe(404);
	await busy.stop();
});
