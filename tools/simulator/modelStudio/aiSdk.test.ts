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

const NOT_ALLOWED = { code: 'DataInspectionFailed', message: 'Not allowed here' };

it.each([
	['has failed', 'failed', NOT_ALLOWED, /failed.*Not allowed/],
	['was canceled', 'canceled', undefined, /canceled/],
] as const)('it reads that a task %s', async (_what, result, error, told) => {
	simulator.outcomes.push({ outcome: { result, error, afterSeconds: 0 } });
	const { order, ask } = client();
	const { operation } = await order();
	const answer = { status: 'error', error: expect.stringMatching(told) };
	expect(await ask(operation)).toMatchObject(answer);
});

const refused = (statusCode: number, code: string, isRetryable = false) => ({
	name: 'AI_APICallError',
	message: expect.stringMatching(/./),
	statusCode,
	isRetryable,
	data: { code },
});

it.each([
	['of a parameter', { duration: 16 }, [], refused(400, 'InvalidParameter')],
	['of a key', {}, ['of-nobody'], refused(401, 'InvalidApiKey')],
	['of a model', {}, ['test-key', 'happyhorse-9-t2v'], refused(404, 'ModelNotFound')],
])('it understands a refusal %s', async (_what, parameters, [key, model], refusal) => {
	await expect(client(key, model).order(parameters)).rejects.toMatchObject(refusal);
});

it('it understands a refusal for now, of a second order at once', async () => {
	await client().order();
	const refusal = refused(429, 'Throttling.RateQuota', true);
	await expect(client().order()).rejects.toMatchObject(refusal);
});

// For this model it speaks as for older ones of the Wan family, which take pixels in place of 720P
it('it understands a refusal of pixels in place of a resolution', async () => {
	const ordering = client().order({ resolution: '1280x720' });
	const message = expect.stringContaining('parameters.size');
	await expect(ordering).rejects.toMatchObject({ ...refused(400, 'InvalidParameter'), message });
});
