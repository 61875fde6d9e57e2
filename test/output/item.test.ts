// The json of an output item.
import type { IExecuteFunctions } from 'n8n-workflow';
import { dryRunJson, itemOf, taskJson } from '../../nodes/HappyHorse/output/item';
import type { KnownTask } from '../../nodes/HappyHorse/domain/task';
import { jobOf } from '../task/scriptedRun';

const video = {
	url: 'https://file.example/1.mp4',
	width: 1920,
	height: 1080,
	durationSeconds: 5,
	coverUrl: 'https://file.example/1.jpg',
};

const { durationSeconds: duration, coverUrl: cover_url, ...others } = video;
const videoJson = { ...others, duration, cover_url };

const generated = jobOf(0);
const lookedUp = { ...generated, mode: undefined, prompt: undefined };

const succeeded: KnownTask = {
	taskId: 'task_1',
	state: 'succeeded',
	status: 'succeeded',
	model: 'dashscope/happyhorse-1.0',
	createdAt: '2026-04-27T10:43:20.233Z',
	completedAt: '2026-04-27T10:45:39.844Z',
	videos: [video],
	requestId: 'req_abc123',
};

it('an accepted order shows its task, and nothing that the service did not tell', () => {
	expect(taskJson({ ...generated, mode: 'editVideo' }, { taskId: 'task_1' }, 0)).toStrictEqual({
		task_id: 'task_1',
		operation: 'editVideo',
		ordered_seconds: 0,
	});
});

it('a finished task shows its video, in the documented order', () => {
	const json = taskJson(generated, succeeded, 5);
	const documented = {
		video_url: video.url,
		cover_url,
		width: 1920,
		height: 1080,
		duration: 5,
		prompt: 'A horse',
		task_id: 'task_1',
		status: 'succeeded',
		operation: 'textToVideo',
		model: 'dashscope/happyhorse-1.0',
		ordered_seconds: 5,
		created_at: '2026-04-27T10:43:20.233Z',
		completed_at: '2026-04-27T10:45:39.844Z',
		elapsed_seconds: 139.6,
		request_id: 'req_abc123',
	};
	expect(Object.entries(json)).toEqual(Object.entries(documented));
});

it('a task that is looked up has no operation, and tells nothing of an order', () => {
	const json = taskJson(lookedUp, succeeded, 0);
	for (const key of ['operation', 'prompt', 'ordered_seconds'])
		expect(json).not.toHaveProperty(key);
});

it.each([
	['going', false],
	['succeeded', true],
	['failed', true],
	['canceled', true],
] as const)('a task that is looked up says whether it is finished: %s', (state, finished) => {
	expect(taskJson(lookedUp, { ...succeeded, state }, 0).finished).toBe(finished);
	expect(taskJson(generated, { ...succeeded, state }, 0)).not.toHaveProperty('finished');
});

it('there is a list of videos where there are several', () => {
	const two = { ...succeeded, videos: [video, { url: video.url }] };
	expect(taskJson(generated, two, 5).videos).toEqual([videoJson, { url: video.url }]);
});

it('what is not known is not there', () => {
	const bare = { ...succeeded, videos: [{ url: video.url }], completedAt: undefined };
	const json = taskJson(lookedUp, bare, 0);
	expect(json).not.toHaveProperty('cover_url');
	expect(json).not.toHaveProperty('completed_at');
	expect(json).not.toHaveProperty('width');
	expect(json.video_url).toBe(video.url);
});

describe('the seconds that a task took, by the clock of the service,', () => {
	const from = '2026-04-27T10:43:20.000Z';

	it.each<[string, string | undefined, string | undefined, number | undefined]>([
		['are told of a finished one', from, '2026-04-27T10:45:20.040Z', 120],
		['are told in any time zone', from, '2026-04-27T12:43:50+02:00', 30],
		['may be none', from, from, 0],
		['are not known while it goes on', from, undefined, undefined],
		['are not known without its beginning', undefined, from, undefined],
		['are not known of times that are no times', 'soon', from, undefined],
		['are not known where it ended before it began', from, '2026-04-27T10:43:19Z', undefined],
	])('%s', (_what, createdAt, completedAt, expected) => {
		const json = taskJson(generated, { ...succeeded, createdAt, completedAt }, 5);
		expect(json.elapsed_seconds).toBe(expected);
		expect('elapsed_seconds' in json).toBe(expected !== undefined);
	});
});

describe('what a video cost, by the price that the user gave', () => {
	const priced = jobOf(0, { pricePerSecond: 0.14 });
	const lookedUpPriced = { ...priced, mode: undefined };
	const billed = { ...succeeded, billedSeconds: 10 };

	it.each([
		['counts the seconds that are billed', taskJson(priced, billed, 5), 1.4],
		['else those that were ordered', taskJson(priced, succeeded, 5), 0.7],
		['is nothing for a video that an earlier try ordered', taskJson(priced, succeeded, 0), 0],
		['is told of an order', taskJson(priced, { taskId: 't' }, 5), 0.7],
		['is told of a task that is billed', taskJson(lookedUpPriced, billed, 0), 1.4],
		['is not known of another task', taskJson(lookedUpPriced, succeeded, 0), undefined],
		['is not told without a price', taskJson(generated, billed, 5), undefined],
		['is told of a dry run', dryRunJson(taskJson(priced, succeeded, 5), {}), 0.7],
	])('%s', (_what, json, cost) => {
		expect(json.estimated_cost).toBe(cost);
		expect('estimated_cost' in json).toBe(cost !== undefined);
	});
});

it('a dry run says what it would have ordered, and that it has not', () => {
	const json = dryRunJson(taskJson(generated, succeeded, 5), { prompt: 'A horse' });
	expect(json).toMatchObject({ ordered_seconds: 0, would_order_seconds: 5, dry_run: true });
});

it('fields of the input item never stand in the place of any that this node may write', () => {
	const json = taskJson(generated, succeeded, 5);
	const input = {
		title: 'Row 7',
		error: 'old',
		canceled: true,
		task_id: 'old',
		failure: {},
		clips: [],
	};
	const context = { getInputData: () => [{ json: input }] } as unknown as IExecuteFunctions;
	const itemWith = (includeInput: boolean) => itemOf(context, jobOf(0, { includeInput }), json);
	expect(itemWith(true)).toStrictEqual({
		json: { ...json, title: 'Row 7' },
		pairedItem: { item: 0 },
	});
	expect(itemWith(false).json).toStrictEqual(json);
});

describe('a task that failed', () => {
	const failed: KnownTask = { taskId: 'task_1', state: 'failed', status: 'failed', videos: [] };

	it('says why', () => {
		const error = { code: 'X', text: 'No luck', httpStatus: 500, requestId: 'req_1' };
		expect(taskJson(lookedUp, { ...failed, error }, 0)).toStrictEqual({
			task_id: 'task_1',
			status: 'failed',
			finished: true,
			failure: { code: 'X', message: 'No luck', request_id: 'req_1' },
		});
	});

	it('has a reason also where the service gave none', () => {
		expect(taskJson(lookedUp, failed, 0).failure).toEqual({});
	});
});

it.each(['going', 'succeeded', 'failed'] as const)(
	'never has the key "error", which n8n takes for a failed item: %s',
	(state) => {
		const task = { ...succeeded, state, error: { code: 'X', text: 'No luck' } };
		expect(taskJson(generated, task, 5)).not.toHaveProperty('error');
	},
);
