// The json of an output item.
import { acceptedJson, taskJson } from '../../nodes/HappyHorse/output/item';
import type { Task } from '../../nodes/HappyHorse/service/contract';

const video = {
	url: 'https://file.example/1.mp4',
	width: 1920,
	height: 1080,
	duration: 5,
	cover_url: 'https://file.example/1.jpg',
};

const succeeded: Task = {
	task_id: 'task_1',
	status: 'succeeded',
	model: 'dashscope/happyhorse-1.0',
	created_at: '2026-04-27T10:43:20.233Z',
	completed_at: '2026-04-27T10:45:39.844Z',
	videos: [video],
	error: null,
	request_id: 'req_abc123',
};

it('an order that is not waited for shows its task', () => {
	const task = { task_id: 'task_1', model: 'm', created_at: 'c', request_id: 'r' };
	expect(acceptedJson('imageToVideo', task)).toEqual({ ...task, operation: 'imageToVideo' });
	expect(acceptedJson('editVideo', { task_id: 'task_1', created_at: null })).toEqual({
		task_id: 'task_1',
		operation: 'editVideo',
		model: 'dashscope/happyhorse-1.0',
	});
});

it('a finished task shows its first video beside all of them', () => {
	expect(taskJson('textToVideo', 'task_1', succeeded)).toEqual({
		task_id: 'task_1',
		status: 'succeeded',
		operation: 'textToVideo',
		model: 'dashscope/happyhorse-1.0',
		video_url: video.url,
		cover_url: video.cover_url,
		width: 1920,
		height: 1080,
		duration: 5,
		videos: [video],
		created_at: '2026-04-27T10:43:20.233Z',
		completed_at: '2026-04-27T10:45:39.844Z',
		elapsed_seconds: 139.6,
		request_id: 'req_abc123',
	});
});

it('its keys stand in the documented order', () => {
	expect(Object.keys(taskJson('textToVideo', 'task_1', succeeded))).toEqual([
		'task_id',
		'status',
		'operation',
		'model',
		'video_url',
		'cover_url',
		'width',
		'height',
		'duration',
		'videos',
		'created_at',
		'completed_at',
		'elapsed_seconds',
		'request_id',
	]);
});

it('a task that is looked up has no operation', () => {
	expect(taskJson(undefined, 'task_1', succeeded)).not.toHaveProperty('operation');
});

it('what is not known is not there, instead of being null', () => {
	const bare = { ...succeeded, videos: [{ url: video.url, cover_url: null }], completed_at: null };
	const json = taskJson(undefined, 'task_1', bare);
	expect(json).not.toHaveProperty('cover_url');
	expect(json).not.toHaveProperty('completed_at');
	expect(json).not.toHaveProperty('width');
	expect(json.videos).toEqual([{ url: video.url }]);
});

describe('the seconds that a task took, by the clock of the service,', () => {
	const from = '2026-04-27T10:43:20.000Z';

	it.each<[string, Pick<Task, 'created_at' | 'completed_at'>, number | undefined]>([
		[
			'are told of a finished one',
			{ created_at: from, completed_at: '2026-04-27T10:45:20.040Z' },
			120,
		],
		[
			'are told in any time zone',
			{ created_at: from, completed_at: '2026-04-27T12:43:50+02:00' },
			30,
		],
		['may be none', { created_at: from, completed_at: from }, 0],
		['are not known while it goes on', { created_at: from, completed_at: null }, undefined],
		['are not known without its beginning', { completed_at: from }, undefined],
		[
			'are not known of times that are no times',
			{ created_at: 'soon', completed_at: from },
			undefined,
		],
		[
			'are not known where it ended before it began',
			{ created_at: from, completed_at: '2026-04-27T10:43:19Z' },
			undefined,
		],
	])('%s', (_what, times, expected) => {
		const { created_at, completed_at } = times;
		const json = taskJson('textToVideo', 'task_1', { ...succeeded, created_at, completed_at });
		expect(json.elapsed_seconds).toBe(expected);
		expect('elapsed_seconds' in json).toBe(expected !== undefined);
	});
});

it('a size of zero is known', () => {
	const json = taskJson(undefined, 'task_1', { ...succeeded, videos: [{ ...video, duration: 0 }] });
	expect(json.duration).toBe(0);
});

it('several videos are all there, and the first one leads', () => {
	const second = { ...video, url: 'https://file.example/2.mp4' };
	const json = taskJson(undefined, 'task_1', { ...succeeded, videos: [video, second] });
	expect(json).toMatchObject({ video_url: video.url, videos: [video, second] });
});

it.each(['queued', 'processing', 'pending', 'dreaming'])(
	'a task that is %s has no videos yet',
	(status) => {
		expect(taskJson(undefined, 'task_1', { status, videos: null, error: null })).toEqual({
			task_id: 'task_1',
			status,
			model: 'dashscope/happyhorse-1.0',
			videos: [],
		});
	},
);

describe('a task that failed', () => {
	const error = { code: 'X', message: 'No luck', status: 500, request_id: 'req_1' };

	it('says why', () => {
		expect(taskJson(undefined, 'task_1', { status: 'failed', error })).toMatchObject({
			status: 'failed',
			videos: [],
			failure: { code: 'X', message: 'No luck', request_id: 'req_1' },
		});
	});

	it('has the request id of the answer where its error has none', () => {
		const task = { status: 'failed', error: { code: 'X' }, request_id: 'req_2' };
		expect(taskJson(undefined, 'task_1', task).failure).toEqual({ code: 'X', request_id: 'req_2' });
	});

	it('has a reason also where the service gave none', () => {
		expect(taskJson(undefined, 'task_1', { status: 'failed' }).failure).toEqual({});
	});
});

it.each(['queued', 'succeeded', 'failed'])(
	'never has the key "error", which n8n takes for a failed item: %s',
	(status) => {
		const error = { code: 'X', message: 'No luck' };
		expect(taskJson('textToVideo', 'task_1', { ...succeeded, status, error })).not.toHaveProperty(
			'error',
		);
	},
);
