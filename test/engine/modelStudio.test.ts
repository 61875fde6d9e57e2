// Model Studio: what is sent to it, what comes out, and where it differs from iMini.
import type { INodeParameters } from 'n8n-workflow';
import type { Execution } from '../../tools/engine/engine';
import { engineVersion } from '../../tools/engine/engine';
import type { Outcome } from '../../tools/simulator/simulator';
import { credentialOf, startWorld, useWorld } from './world';

const world = useWorld({
	simulator: { service: 'modelStudio', secondsPerTask: 4, extraParameters: ['style'] },
});

const submits = () => world.simulator.ofKind('submit');

async function run(parameters: INodeParameters, more: object = {}) {
	return await world.engine.runNode({
		parameters: { service: 'modelStudio', prompt: 'A horse', ...parameters },
		...more,
	});
}

const IMAGE = 'https://a.example/1.png';
const VIDEO = 'https://a.example/1.mp4';
const images = (count: number) => ({
	referenceImages: { image: [{ url: Array.from({ length: count }, () => IMAGE).join() }] },
});
const references = (count: number) => ({ operation: 'referenceToVideo', ...images(count) });
const edit = (count: number) => ({
	operation: 'editVideo',
	videoUrl: VIDEO,
	...(count > 0 && images(count)),
});
const usual = { resolution: '1080P', watermark: false };

it.each<[INodeParameters, object]>([
	[
		{},
		{
			model: 'happyhorse-1.1-t2v',
			input: { prompt: 'A horse' },
			parameters: { ...usual, ratio: '16:9', duration: 5 },
		},
	],
	[
		{ operation: 'imageToVideo', imageUrl: IMAGE, aspectRatio: '1:1' },
		{
			model: 'happyhorse-1.1-i2v',
			input: { prompt: 'A horse', media: [{ type: 'first_frame', url: IMAGE }] },
			parameters: { ...usual, duration: 5 },
		},
	],
	[
		{
			operation: 'referenceToVideo',
			// The newer pages' name of an image is the service's to judge
			prompt: 'character1 meets [Image 2]',
			...images(2),
		},
		{
			model: 'happyhorse-1.1-r2v',
			input: {
				prompt: 'character1 meets [Image 2]',
				media: [
					{ type: 'reference_image', url: IMAGE },
					{ type: 'reference_image', url: IMAGE },
				],
			},
			parameters: { ...usual, ratio: '16:9', duration: 5 },
		},
	],
	[
		// The one model that edits has no version, and takes neither ratio nor duration
		{
			...edit(1),
			audioSetting: 'origin',
			modelVersion: '1.1',
			aspectRatio: '1:1',
			duration: 9,
		},
		{
			model: 'happyhorse-1.0-video-edit',
			input: {
				prompt: 'A horse',
				media: [
					{ type: 'video', url: VIDEO },
					{ type: 'reference_image', url: IMAGE },
				],
			},
			parameters: { ...usual, audio_setting: 'origin' },
		},
	],
])('of %j comes the request that the service wants', async (parameters, body) => {
	const { status } = await run(parameters);
	expect(status).toBe('success');
	expect(submits().map((request) => request.body)).toStrictEqual([body]);
	expect(submits()[0].headers).toMatchObject({ 'x-dashscope-async': 'enable' });
	expect(submits()[0].headers).not.toHaveProperty('x-dashscope-ossresourceresolve');
});

it('what comes out is what the service tells, without cover and sizes', async () => {
	const { items } = await run({ duration: 7 });
	const [task] = world.simulator.tasks.values();
	expect(items[0].json).toEqual({
		video_url: expect.stringMatching(/\.mp4\?Expires=/),
		duration: 7,
		prompt: 'A horse',
		task_id: task.id,
		status: 'succeeded',
		operation: 'textToVideo',
		model: 'happyhorse-1.1-t2v',
		ordered_seconds: 7,
		billed_seconds: 7,
		created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/),
		completed_at: expect.any(String),
		elapsed_seconds: 4,
		request_id: expect.any(String),
	});
	expect(items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
});

it('an order that is not waited for has the model that was ordered', async () => {
	const { items } = await run({ waitForCompletion: false });
	const order = { operation: 'textToVideo', model: 'happyhorse-1.1-t2v', ordered_seconds: 5 };
	const request_id = expect.any(String);
	expect(items[0].json).toEqual({ task_id: world.taskIds()[0], ...order, request_id });
});

it.each([true, false])(
	'a dry run has the keys of a real one, and tells the request that a real one sends; waiting: %s',
	async (waitForCompletion) => {
		const real = await run({ waitForCompletion });
		const { items } = await run({ waitForCompletion, options: { dryRun: true } });
		const { dry_run, would_order_seconds, request, ...rest } = items[0].json;
		expect([dry_run, would_order_seconds]).toEqual([true, 5]);
		const keys = Object.keys({ status: '', ...real.items[0].json });
		expect(Object.keys(rest).sort()).toEqual(keys.sort());
		expect(submits().map(({ body }) => body)).toEqual([request]);
	},
);

it.each<[INodeParameters, RegExp]>([
	[{ modelVersion: '1.0', aspectRatio: '21:9' }, /^Aspect Ratio must be one of 16:9/],
	[{ ...edit(0), videoUrl: 'oss://mine/1.mp4' }, /^Video URL must be a URL/],
	[{ modelVersion: '1.2' }, /^Model Version must be one of 1\.1, 1\.0, but is "1\.2"/],
	[{ options: { seed: 2_147_483_648 } }, /^Seed must be a whole number from 0 to 2147483647, but/],
	[{ options: { seed: 1.5 } }, /^Seed must be/],
	[{ options: { extraParameters: '[1]' } }, /^Extra Parameters must be a JSON object/],
	[{ options: { extraParameters: '{"a":' } }, /^Extra Parameters must be a JSON object/],
	[{ options: { extraParameters: '' } }, /^Extra Parameters must be a JSON object .*but is empty/],
	[
		{ resource: 'task', operation: 'get', taskId: 'task 1' },
		/^Task ID must be the ID of a task, such as 0385dc79-[0-9a-f-]+, but is "task 1"/,
	],
	[{ service: 'else' }, /^Service must be one of imini, modelStudio.*, but is "else"/],
])('%j is refused, and nothing is sent', async (parameters, message) => {
	const { error } = await run(parameters);
	expect(error?.message).toMatch(message);
	expect(world.simulator.requests).toEqual([]);
});

it.each([
	['long', JSON.stringify({ a: 'x'.repeat(20_000) })],
	['deeply nested to be told from others', `${'{"a":'.repeat(2500)}1${'}'.repeat(2500)}`],
])('Extra Parameters that are too %s are refused by name', async (_what, extraParameters) => {
	const { error } = await run({ options: { extraParameters } });
	expect(error?.message).toMatch(/^Extra Parameters must be a JSON object of at most 20000 /);
});

it.each<[INodeParameters, object]>([
	[{ modelVersion: 1.1 }, { model: 'happyhorse-1.1-t2v' }],
	[{ aspectRatio: '4:5 (Portrait)' }, { parameters: { ratio: '4:5' } }],
	[{ options: { seed: 2_147_483_647 } }, { parameters: { seed: 2_147_483_647 } }],
	[references(9), { model: 'happyhorse-1.1-r2v' }],
	[edit(5), { model: 'happyhorse-1.0-video-edit' }],
	[{ options: { extraParameters: { style: 'x' } } }, { parameters: { style: 'x' } }],
	// Left over from iMini
	[{ options: { model: 'dashscope/happyhorse-1.0' } }, { model: 'happyhorse-1.1-t2v' }],
])('%j is taken as it is meant', async (parameters, body) => {
	expect((await run(parameters)).status).toBe('success');
	expect(submits()[0].body).toMatchObject(body);
});

// Newer n8n evaluates no expression in this field
(engineVersion.startsWith('2.8.') ? it : it.skip)(
	'a retry whose service is wrong by now tells which task is paid for, and takes it over once it is right',
	async () => {
		world.outcome({ result: 'never' });
		const failed = await run({
			service: '={{ $workflow.name === "Wrong" ? "nobody" : "modelStudio" }}',
			options: { timeout: 0.1 },
		});
		const [{ id }] = [...world.simulator.tasks.values()];
		const wrong = await world.engine.retry(failed, {
			workflow: { ...failed.workflow, name: 'Wrong' },
		});
		expect(wrong.error).toMatchObject({
			message: expect.stringContaining('Service must be one of imini, modelStudio'),
			description: expect.stringMatching(new RegExp(`is paid for.* Task ID: ${id}\\.$`)),
			context: { task_id: id },
		});
		expect(wrong.error?.description).not.toContain('Nothing was ordered');
		for (const task of world.simulator.tasks.values()) task.outcome = { afterSeconds: 0 };
		const parameters = { options: {} };
		const right = await world.engine.retry(wrong, { workflow: failed.workflow, parameters });
		expect(right.items.map(({ json }) => json.task_id)).toEqual([id]);
		expect(submits()).toHaveLength(1);
	},
);

describe('Task → Cancel', () => {
	const cancel = async (taskId: string) =>
		await run({ resource: 'task', operation: 'cancel', taskId });

	async function ordered(statuses: string[]): Promise<string> {
		world.outcome({ result: 'never', statuses });
		return String((await run({ waitForCompletion: false })).items[0].json.task_id);
	}

	it.each([
		['RUNNING', 'processing'],
		['PENDING', 'canceled'],
	])('of one that is %s tells that it is %s', async (word, told) => {
		const taskId = await ordered([word]);
		const { json } = (await cancel(taskId)).items[0];
		expect(json).toMatchObject({ task_id: taskId, status: told, canceled: told === 'canceled' });
		expect(json).not.toHaveProperty('error');
		expect(json).not.toHaveProperty('failure');
	});

	it('of a finished one brings its video’s link, and no file', async () => {
		const taskId = String((await run({})).items[0].json.task_id);
		const { items } = await cancel(taskId);
		expect(items[0].json).toMatchObject({ status: 'succeeded', canceled: false });
		expect(items[0].json.video_url).toBeDefined();
		expect(items[0].binary).toBeUndefined();
	});

	it('is tried again when it got no clear answer, since that does no harm', async () => {
		const taskId = await ordered(['PENDING']);
		world.fail('cancel', 500);
		expect((await cancel(taskId)).items[0].json).toMatchObject({ canceled: true });
		expect(world.simulator.ofKind('cancel')).toHaveLength(2);
	});

	it('frees the item that waits for the task: a retry orders anew', async () => {
		world.outcome({ result: 'canceled', afterSeconds: 1 });
		const failed = await run({});
		expect(failed.error?.message).toMatch(/^Task .* was cancelled before its video was made/);
		expect(failed.status).toBe('error');
		const retried = await world.engine.retry(failed);
		expect(retried.status).toBe('success');
		expect(world.simulator.tasks.size).toBe(2);
	});
});

describe('a task belongs to the host that took it', () => {
	it.each([
		['says so in place of "not found"', {}],
		['orders nothing there with Order Again When Unsure', { resubmitWhenUnsure: true }],
	])('a retry with a credential for another %s', async (_what, options) => {
		world.outcome({ result: 'never' });
		const failed = await run({ options: { timeout: 0.1, ...options } });
		const there = new URL(world.simulator.baseUrl).host;
		const other = await startWorld({ simulator: { service: 'modelStudio' } });
		const credentials = { happyHorse: credentialOf('modelStudio', other.simulator.baseUrl) };
		const retried = await world.engine.retry(failed, { credentials });
		const here = new URL(other.simulator.baseUrl).host;
		expect(other.simulator.ofKind('submit')).toEqual([]);
		expect(retried.error?.message).toContain(
			`was ordered at ${there} and is known only there, but the credential leads to ${here}`,
		);
		expect(other.simulator.tasks.size).toBe(0);
		await other.end();
	});
});

describe('refusals in the service’s codes', () => {
	it.each<[number, string, RegExp]>([
		[400, 'InvalidParameter', /refused the request.*Correct what it complains about/],
		[400, 'BadRequest.TooLarge', /refused the request.*Correct/],
		[400, 'DataInspectionFailed', /content check.*Change the prompt/],
		[403, 'Arrearage', /not enough credits.*your provider/],
		[401, 'InvalidApiKey', /does not accept the API key here.*Base URL of the credential/],
		[403, 'AccessDenied', /not allowed.*what the key may do/],
		[403, 'AccessDenied.Unpurchased', /not activated the model.*Activate it/],
		[404, 'ModelNotFound', /no such model at this address.*Check the Base URL/],
		[404, 'NotFound', /no such model at this address.*Check the Base URL/],
		[429, 'Throttling.AllocationQuota', /quota.*used up.*sending again does not help/],
	])('%i %s', async (status, code, told) => {
		const body = { code, message: 'As it came', request_id: 'req-7' };
		world.fail('submit', { kind: 'status', status, body });
		const { error } = await run({});
		expect(`${error?.message} ${error?.description}`).toMatch(told);
		const context = { code, request_id: 'req-7', http_status: status, tasks: [] };
		expect(error).toMatchObject({ context });
		expect(submits()).toHaveLength(1);
	});

	it.each<[string, RegExp]>([
		['DataInspectionFailed', /content check/],
		['InvalidParameter', /Correct/],
		['InternalError.Algo', /could not make the video/],
	])('of a task that has failed: %s', async (code, told) => {
		world.outcome({ result: 'failed', afterSeconds: 0, error: { code, message: 'As it came' } });
		const { error } = await run({});
		expect(`${error?.message} ${error?.description}`).toMatch(told);
		expect(error).toMatchObject({
			description: expect.stringContaining('As it came'),
			context: { code, task_id: world.taskIds()[0] },
		});
	});

	it('429 Throttling.RateQuota is sent again later', async () => {
		const body = { code: 'Throttling.RateQuota' };
		world.fail('submit', { kind: 'status', status: 429, body });
		expect((await run({})).status).toBe('success');
		expect(world.bill()).toEqual({ submits: 2, tasks: 1 });
	});
});

it.each([
	['is there', undefined],
	['is not there, as at a gateway', { kind: 'status', status: 404, body: 'html' } as const],
])('sixty tasks are all noticed where the list %s', async (_what, fault) => {
	if (fault !== undefined) world.fail('list', fault, Infinity);
	world.outcome({ afterSeconds: 120 }, Infinity);
	const options = { maxTasksInFlight: 60 };
	const items = Array.from({ length: 60 }, () => ({ json: {} }));
	const { status, items: videos } = await run({ downloadVideo: false, options }, { items });
	expect([status, videos.length, world.simulator.tasks.size]).toEqual(['success', 60, 60]);
	const lists = world.simulator.ofKind('list').map(({ status: answered }) => answered);
	if (fault === undefined) expect(lists).toContain(200);
	else expect(new Set(lists)).toEqual(new Set([404]));
});

describe('Get Many', () => {
	const list = async (more: INodeParameters = {}, items: number = 1) =>
		await world.engine.runNode({
			parameters: { service: 'modelStudio', resource: 'task', operation: 'getMany', ...more },
			items: Array.from({ length: items }, () => ({ json: {} })),
		});
	const ids = ({ items }: Execution) => items.map(({ json }) => json.task_id);

	async function ordered(...outcomes: Outcome[]): Promise<string[]> {
		const made: string[] = [];
		for (const outcome of outcomes) {
			world.outcome(outcome);
			const { items } = await run({ waitForCompletion: false });
			made.unshift(String(items[0].json.task_id));
		}
		return made;
	}

	it('lists what the account has ordered, once per input item, with our words', async () => {
		const made = await ordered({ result: 'never' }, { afterSeconds: 0 });
		const listed = await list({}, 2);
		expect(ids(listed).sort()).toEqual([...made, ...made].sort());
		const done = listed.items.find(({ json }) => json.task_id === made[0]);
		expect(done).toEqual({
			json: {
				task_id: made[0],
				status: 'succeeded',
				model: 'happyhorse-1.1-t2v',
				created_at: expect.stringMatching(/Z$/),
				completed_at: expect.stringMatching(/Z$/),
				request_id: expect.any(String),
			},
			pairedItem: { item: 0 },
		});
		expect(listed.items.map(({ pairedItem }) => Object(pairedItem).item)).toEqual([0, 0, 1, 1]);
	});

	it('takes filters and a limit', async () => {
		const [done, going] = await ordered({ result: 'never' }, { afterSeconds: 0 });
		expect(ids(await list({ filters: { status: 'succeeded' } }))).toEqual([done]);
		expect(ids(await list({ limit: 1 }))).toHaveLength(1);
		expect(ids(await list({ filters: { model: 'happyhorse-1.0-t2v' } }))).toEqual([]);
		expect((await list({ filters: { model: ' ' } })).error?.message).toMatch(/Model must be/);
		expect(ids(await list({ returnAll: true, limit: 1 })).sort()).toEqual([done, going].sort());
	});

	it.each([
		[
			404,
			'The HappyHorse service gave no list of its tasks',
			/Task → Get looks tasks up by their IDs/,
		],
		[
			401,
			"The HappyHorse service does not accept the API key here, so the list of its tasks can't be looked at",
			/key/,
		],
		[
			429,
			'The HappyHorse service gave no list of its tasks',
			/^It asks to be left alone for another .* Code: Throttling/,
		],
	])('where there is no list (%i), says what to do instead', async (status, message, advice) => {
		world.fail('list', { kind: 'status', status, headers: { 'retry-after': '600' } });
		const { error } = await list();
		expect(error?.message).toBe(message);
		expect(error?.description).toMatch(advice);
	});
});

it('an order without a clear answer names the tasks that it may have become, and takes none of them over', async () => {
	world.fail('submit', { kind: 'reset', when: 'after-read', accepted: true });
	const unsure = await run({});
	const [{ id }] = [...world.simulator.tasks.values()];
	expect(unsure.error?.description).toContain(`may have become: ${id}. Task → Get`);
	expect((await world.engine.retry(unsure)).status).toBe('error');
	expect(world.simulator.tasks.size).toBe(1);
});
