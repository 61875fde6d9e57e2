// A failed item, and the error of a failed node.
import { Failure } from '../../nodes/HappyHorse/failure';
import { failedItem, runError, stoppedError } from '../../nodes/HappyHorse/output/errorItem';
import { nodeWith } from '../description/editor';

const node = nodeWith({});

const full = new Failure(
	'taskFailed',
	'It failed',
	{ next: 'Do something.', details: { code: 'X', requestId: 'req_1', httpStatus: 400 } },
	'task_1',
);

const bare = new Failure('input', 'It failed', { next: 'Do something.' });

describe('a failed item', () => {
	it('has all that is known, under one key, and names its input item', () => {
		expect(failedItem(3, full)).toStrictEqual({
			json: {
				error: {
					message: 'Item 3: It failed',
					description: full.description,
					task_id: 'task_1',
					code: 'X',
					request_id: 'req_1',
					http_status: 400,
				},
			},
			pairedItem: { item: 3 },
		});
	});

	it('leaves out what is not known', () => {
		expect(failedItem(0, bare).json).toStrictEqual({
			error: { message: 'It failed', description: 'Do something.' },
		});
	});
});

describe('the error of a node', () => {
	const tasks = [
		{ item: 0, taskId: 'task_1' },
		{ item: 2, taskId: 'task_3' },
	];
	const listed = tasks.map(({ item, taskId }) => ({ item, task_id: taskId }));

	it('names the item, and lists every task that is paid for', () => {
		const error = runError(node, 2, full, tasks);
		expect(error.message).toBe('Item 2: It failed');
		expect(error.description).toBe(
			`${full.description} Tasks of this run that are paid for (a retry goes on with them): item 0: task_1, item 2: task_3.`,
		);
		expect(error.context).toMatchObject({
			item: 2,
			task_id: 'task_1',
			code: 'X',
			request_id: 'req_1',
			http_status: 400,
			tasks: listed,
		});
	});

	it('lists no tasks where there are none', () => {
		const error = runError(node, 0, bare, []);
		expect(error.description).toBe('Do something.');
		expect(error.context.tasks).toEqual([]);
	});

	it('lists them also when the execution is stopped', () => {
		const error = stoppedError(node, tasks);
		expect(error.message).toBe('The execution was stopped');
		expect(error.description).toContain('task_3');
		expect(error.context.tasks).toEqual(listed);
	});
});

it('no text has the word that n8n takes for a stop of the whole execution', () => {
	const failure = new Failure('refused', 'canceled', { next: 'Canceled, or canceled' });
	const error = runError(node, 0, failure, []);
	const { json } = failedItem(0, failure);
	for (const text of [error.message, error.description ?? '', JSON.stringify(json)]) {
		expect(text).not.toMatch(/canceled/i);
		expect(text).toMatch(/cancelled/i);
	}
});
