// A failed item, and the error of a failed node; their words stay ours.
import { NodeOperationError } from 'n8n-workflow';
import { Failure, invalidInput } from '../../nodes/HappyHorse/domain/failure';
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
const NO_BILL = { tasks: [], unsure: [] };

describe('a failed item', () => {
	it('has all that is known, under one key, and names its input item', () => {
		expect(failedItem({ item: 3, failure: full }, 5)).toStrictEqual({
			json: {
				error: {
					message: 'Item 3 (the 4th): It failed',
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

	it('leaves out what is not known, and its place where it is the only one', () => {
		expect(failedItem({ item: 0, failure: bare }, 1).json).toStrictEqual({
			error: { message: 'It failed', description: 'Do something.' },
		});
	});

	const PLACES = '1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 111th 1001st'.split(' ');
	it.each(PLACES)('is the %s for people, who do not count from 0', (place) => {
		const item = parseInt(place, 10) - 1;
		const message = `Item ${item} (the ${place}): It failed`;
		expect(failedItem({ item, failure: bare }, 2000).json.error).toMatchObject({ message });
		expect(runError(node, [{ item, failure: bare }], 2000, NO_BILL).message).toBe(message);
	});
});

describe('the error of a node', () => {
	const tasks = [
		{ item: 0, taskId: 'task_1' },
		{ item: 2, taskId: 'task_3' },
	];
	const listed = tasks.map(({ item, taskId }) => ({ item, task_id: taskId }));
	const PRESS = 'Press Retry in the list of executions: it delivers';

	it('begins with what brings the videos that are paid for, and names each task once', () => {
		const error = runError(node, [{ item: 2, failure: full }], 3, { tasks, unsure: [] });
		expect(error.message).toBe('Item 2 (the 3rd): It failed');
		expect(error.description).toBe(
			`The videos are paid for and still being made. ${PRESS} them and orders only what is not paid for. Or use Task → Wait. Task IDs: task_1, task_3. ${full.description}`,
		);
		expect(error.context).toMatchObject({
			item: 2,
			task_id: 'task_1',
			code: 'X',
			request_id: 'req_1',
			http_status: 400,
			tasks: listed,
		});
		expect(error.context.itemIndex).toBeUndefined();
	});

	it.each([
		['making', 'paid for and still being made'],
		['made', 'paid for and made'],
	] as const)('says of one video that is paid for how far it is: %s', (paid, words) => {
		const failure = new Failure('timeout', 'Task task_1 took too long', { paid }, 'task_1');
		const one = { tasks: [{ item: 0, taskId: 'task_1' }], unsure: [] };
		expect(runError(node, [{ item: 0, failure }], 1, one).description).toBe(
			`The video is ${words}. ${PRESS} it and orders nothing. Or use Task → Wait.`,
		);
		// Where nothing failed, there is no Retry
		expect(failure.description).toBe(
			`The task is ${words}: Task → Wait with its ID brings the video, for about 24 hours.`,
		);
	});

	it('says what has to be mended before a retry helps, and promises nothing of a task that is gone', () => {
		const one = { tasks: [{ item: 0, taskId: 'task_1' }], unsure: [] };
		const told = (kind: 'denied' | 'gone') =>
			runError(
				node,
				[{ item: 0, failure: new Failure(kind, 'It failed', { next: 'Do it.' }, 'task_1') }],
				1,
				one,
			).description;
		expect(told('denied')).toMatch(/^Do it\. The video is paid for .* Task ID: task_1\.$/);
		expect(told('gone')).toBe('Do it.');
	});

	it('says that none of several items was ordered', () => {
		const failure = invalidInput('It is wrong', 'Do it.');
		expect(runError(node, [{ item: 3, failure }], 20, NO_BILL).description).toBe(
			'None of the 20 items was ordered. Do it.',
		);
		expect(runError(node, [{ item: 3, failure }], 20, { tasks, unsure: [] }).description).toMatch(
			/Nothing was ordered for this item\. Do it\.$/,
		);
	});

	it('lists no tasks where there are none', () => {
		const error = runError(node, [{ item: 0, failure: bare }], 1, NO_BILL);
		expect(error.description).toBe('Do something.');
		expect(error.context.tasks).toEqual([]);
	});

	it('names other items that may have been ordered', () => {
		const error = runError(node, [{ item: 1, failure: bare }], 9, { tasks: [], unsure: [1, 4, 7] });
		expect(error.description).toBe(
			'Do something. Items that may have been ordered, without a known task ID: 4, 7.',
		);
		expect(error.context.unsure).toEqual([1, 4, 7]);
	});

	it('lists them also when the execution is stopped', () => {
		const error = stoppedError(node, { tasks, unsure: [5] });
		expect(error.message).toBe('The execution was stopped');
		expect(error.description).toMatch(
			/Task → Wait brings them\. Task IDs: task_1, task_3\. .* known task ID: 5\.$/,
		);
		expect(error.context).toMatchObject({ tasks: listed, unsure: [5] });
	});

	it.each([
		[2, 1, ''],
		[10, 9, ''],
		[11, 9, '<br>\nAnd 1 more item.'],
		[12, 9, '<br>\nAnd 2 more items.'],
	])('with %i bad items names %i others', (count, named, more) => {
		const [first, ...others] = Array.from({ length: count }, (_, item) => ({
			item,
			failure: new Failure('input', `Bad ${item}`, { next: 'Do something.' }),
		}));
		const error = runError(node, [first, ...others], count, NO_BILL);
		const list = others.slice(0, named).map(({ item }) => {
			const place = ['1st', '2nd', '3rd'][item] ?? `${item + 1}th`;
			return `<br>\nItem ${item} (the ${place}): Bad ${item}.`;
		});
		expect(error.message).toBe('Item 0 (the 1st): Bad 0');
		expect(error.description).toBe(`Do something.${list.join('')}${more}`);
		expect(error.context.item).toBe(0);
	});
});

describe('words that n8n takes for its own', () => {
	/** What n8n's NodeError looks for in a message, whatever its case: COMMON_ERRORS in n8n-workflow. */
	const REPLACED = [
		...'ECONNREFUSED ECONNRESET ENOTFOUND ETIMEDOUT ERRADDRINUSE EADDRNOTAVAIL ECONNABORTED'.split(
			' ',
		),
		...'EHOSTUNREACH EAI_AGAIN ENOENT EISDIR ENOTDIR EACCES EEXIST EPERM GETADDRINFO'.split(' '),
	];

	const messages = [
		...REPLACED.map((word) => `It says ${word}`),
		...REPLACED.map((word) => `The image "x${word.toLowerCase()}.png" is bad`),
	];

	it.each(REPLACED)('n8n does replace a message with %s', (word) => {
		expect(new NodeOperationError(node, `It says ${word}`).message).not.toContain(word);
	});

	it.each(messages)('stay as they are: %s', (message) => {
		const failure = invalidInput(message, 'Use another one.');
		const error = runError(node, [{ item: 3, failure }], 1, { tasks: [], unsure: [] });
		const expected = {
			message,
			description: 'Nothing was ordered for this item. Use another one.',
		};
		expect(error).toMatchObject(expected);
		expect(failedItem({ item: 3, failure }, 1).json.error).toMatchObject(expected);
	});

	it.each([
		['canceled', 'cancelled'],
		['Canceled', 'Cancelled'],
	])('but n8n takes "%s" for a stop of the execution', (word, written) => {
		const failure = invalidInput(`The file "${word}.png" is bad`, `It was ${word}.`);
		const item = { item: 0, failure };
		const error = runError(node, [item, item], 2, { tasks: [], unsure: [] });
		for (const { message, description } of [error, Object(failedItem(item, 2).json.error)]) {
			expect(`${message} ${description}`).not.toContain(word);
			expect(`${message} ${description}`).toContain(written);
		}
	});
});
