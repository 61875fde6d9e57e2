// The shapes of what the service answers: what must be there, and what may be missing, null, new or odd.
import {
	submitAnswer,
	taskAnswer,
	listedVideo,
} from '../../../nodes/HappyHorse/service/imini/contract';

const TASK = 'task_2044275355061448704';

describe('the answer to a submit', () => {
	it('is read as the service documents it', () => {
		const answer = {
			task_id: TASK,
			model: 'dashscope/happyhorse-1.0',
			created_at: '2026-04-27T10:43:20.233Z',
			request_id: '67e2e394-cf6f-4998-b293-ebf20d14dc26',
		};
		expect(submitAnswer.parse(answer)).toEqual(answer);
	});

	it.each([
		['alone', {}],
		['beside fields that are null', { model: null, created_at: null, request_id: null }],
		['beside fields that nobody knows', { queue: 3, nested: { a: [1] } }],
		['beside fields of another type', { model: 7, created_at: 1777286600233, request_id: {} }],
	])('never loses a task id that stands %s', (_where, more) => {
		expect(submitAnswer.parse({ task_id: TASK, ...more }).task_id).toBe(TASK);
	});

	it('shows a request id that is a number', () => {
		expect(submitAnswer.parse({ task_id: TASK, request_id: 42 }).request_id).toBe('42');
	});
});

describe('the answer to a query', () => {
	const video = {
		url: 'https://file.example/1.mp4',
		width: 1920,
		height: 1080,
		duration: 5,
		cover_url: 'https://file.example/1.jpg',
	};

	it.each([
		['as documented', { status: 'succeeded', videos: [video], created_at: 'c', request_id: 'r' }],
		['with the status alone', { status: 'queued' }],
		['with a word that nobody knows', { status: 'dreaming' }],
		['with a link alone', { status: 'succeeded', videos: [{ url: video.url }] }],
	])('is read %s', (_how, answer) => {
		expect(taskAnswer.parse(answer)).toMatchObject(answer);
	});

	it('is read with nulls, which are as good as nothing', () => {
		const nulls = { videos: null, error: null, completed_at: null, request_id: null };
		const { status, ...rest } = taskAnswer.parse({ task_id: TASK, status: 'queued', ...nulls });
		expect(status).toBe('queued');
		const given = Object.values(rest)
			.flat()
			.filter((value) => value ?? undefined);
		expect(given.filter((value) => typeof value !== 'object')).toEqual([TASK]);
	});

	it('never loses a link beside fields of another type', () => {
		const odd = { ...video, width: '1920', height: null, duration: '5s', cover_url: 7 };
		const { videos = [] } = taskAnswer.parse({ status: 'succeeded', videos: [odd], created_at: 0 });
		expect(listedVideo.parse(videos[0]).url).toBe(video.url);
	});

	it('is read of a failed task whose error has an odd shape', () => {
		expect(taskAnswer.parse({ status: 'failed', error: 'boom' }).status).toBe('failed');
		const { error } = taskAnswer.parse({ status: 'failed', error: { code: 9, status: '500' } });
		expect(error?.code).toBe('9');
	});

	it.each([[], null, 'x'])('is not one: %j', (value) =>
		expect(taskAnswer.safeParse(value).success).toBe(false),
	);
});
