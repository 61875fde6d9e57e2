// Model Studio as it is simulated, met by a client that others wrote and that speaks its protocol in production: Vercel's
// AI SDK. What agrees with it is not only our own reading of the contract.
import { createAlibaba } from '@ai-sdk/alibaba';
import { Simulator } from '../simulator';

let now = Date.parse('2026-04-27T10:11:12.123Z');
let simulator: Simulator;

beforeAll(async () => {
	simulator = await Simulator.start({
		service: 'modelStudio',
		now: () => now,
		secondsPerTask: 60,
		ordersPerSecond: 1,
	});
});

afterEach(() => simulator.reset());

afterAll(async () => await simulator.stop());

function client(apiKey = 'test-key', model = 'happyhorse-1.1-t2v') {
	const video = createAlibaba({ apiKey, videoBaseURL: simulator.baseUrl }).video(model);
	const { doStart, doStatus } = video;
	if (doStart === undefined || doStatus === undefined) throw new Error('It has no such calls');
	return {
		order: async (parameters: { duration?: number; resolution?: `${number}x${number}` } = {}) =>
			await doStart.call(video, {
				prompt: 'A horse in the surf',
				n: 1,
				aspectRatio: undefined,
				duration: 7,
				resolution: undefined,
				fps: undefined,
				seed: 42,
				generateAudio: undefined,
				image: undefined,
				frameImages: undefined,
				inputReferences: undefined,
				providerOptions: { alibaba: { watermark: false } },
				...parameters,
			}),
		ask: async (operation: unknown) =>
			await doStatus.call(video, { operation: operation as { taskId: string } }),
	};
}

it('it orders a video from text, follows its task, and gets a link that can be downloaded', async () => {
	const { order, ask } = client();
	const { operation, warnings } = await order();
	expect(warnings).toEqual([]);
	const [task] = simulator.tasks.values();
	expect(operation).toEqual({ taskId: task.id });
	expect(task).toMatchObject({
		mode: 'text-to-video',
		body: {
			model: 'happyhorse-1.1-t2v',
			input: { prompt: 'A horse in the surf' },
			parameters: { duration: 7, seed: 42, watermark: false },
		},
	});
	for (const seconds of [0, 30]) {
		now += seconds * 1000;
		expect(await ask(operation)).toMatchObject({ status: 'pending' });
	}
	now += 30_000;
	const done = await ask(operation);
	if (done.status !== 'completed') throw new Error(`It is ${done.status}`);
	expect(done.providerMetadata?.alibaba).toMatchObject({
		taskId: task.id,
		usage: { duration: 7, outputVideoDuration: 7, inputVideoDuration: 0, resolution: 1080 },
	});
	const [video] = done.videos;
	const file = await fetch(video.type === 'url' ? video.url : '');
	expect(file.headers.get('content-type')).toBe('video/mp4');
});

it.each([
	[
		'has failed',
		'failed',
		{ code: 'DataInspectionFailed', message: 'Not allowed here' },
		/failed.*Not allowed/,
	],
	['was canceled', 'canceled', undefined, /canceled/],
] as const)('it reads that a task %s', async (_what, result, error, told) => {
	simulator.outcomes.push({ outcome: { result, error, afterSeconds: 0 } });
	const { order, ask } = client();
	const { operation } = await order();
	expect(await ask(operation)).toMatchObject({
		status: 'error',
		error: expect.stringMatching(told),
	});
});

it.each<[what: string, act: () => Promise<unknown>, refused: object]>([
	[
		'of a parameter',
		async () => await client().order({ duration: 16 }),
		{ statusCode: 400, isRetryable: false, data: { code: 'InvalidParameter' } },
	],
	[
		// For this model it speaks as for older ones of the Wan family, which take pixels in place of 720P
		'of pixels in place of a resolution',
		async () => await client().order({ resolution: '1280x720' }),
		{ statusCode: 400, message: expect.stringContaining('parameters.size') },
	],
	[
		'of a key',
		async () => await client('of-nobody').order(),
		{ statusCode: 401, isRetryable: false, data: { code: 'InvalidApiKey' } },
	],
	[
		'of a model',
		async () => await client('test-key', 'happyhorse-9-t2v').order(),
		{ statusCode: 404, data: { code: 'ModelNotFound' } },
	],
	[
		'for now, of a second order at once',
		async () => {
			await client().order();
			await client().order();
		},
		{ statusCode: 429, isRetryable: true, data: { code: 'Throttling.RateQuota' } },
	],
])('it understands a refusal %s', async (_what, act, refused) => {
	await expect(act()).rejects.toMatchObject({
		name: 'AI_APICallError',
		message: expect.stringMatching(/./),
		...refused,
	});
});
