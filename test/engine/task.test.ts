// Task Get and Task Wait, for a task in every status that the service has, and some that it hasn't.
import type { IDataObject } from 'n8n-workflow';
import type { Outcome } from '../../tools/simulator/simulator';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 4 } });

/** Orders a video, and returns the id of its task. */
async function order(outcome: Outcome): Promise<string> {
	world.outcome(outcome);
	const { items } = await world.engine.runNode({
		parameters: { prompt: 'A horse', waitForCompletion: false },
	});
	return String(items[0].json.task_id);
}

const waiting = { resource: 'task', operation: 'wait' };

const ask = async (operation: 'get' | 'wait', taskId: unknown, more: object = {}) =>
	await world.engine.runNode({
		parameters: { resource: 'task', operation, taskId: '={{ $json.id }}', ...more },
		items: [{ json: { id: taskId } as IDataObject }],
	});

const never = (...statuses: string[]): Outcome => ({ result: 'never', statuses });

describe('Get', () => {
	it.each(['queued', 'a word that nobody knows'])(
		'of a task that is %s says so, and asks once',
		async (word) => {
			const id = await order(never(word));
			const { status, items } = await ask('get', id);
			expect(status).toBe('success');
			expect(items).toStrictEqual([
				{
					json: {
						task_id: id,
						status: word,
						finished: false,
						model: 'dashscope/happyhorse-1.0',
						created_at: expect.stringMatching(/Z$/),
						request_id: expect.stringMatching(/^req_/),
					},
					pairedItem: { item: 0 },
				},
			]);
			expect(world.simulator.ofKind('query')).toHaveLength(1);
		},
	);

	it('of a task that has succeeded gives the video, with its file', async () => {
		const id = await order({ afterSeconds: 0 });
		const { status, items } = await ask('get', ` ${id}\n`);
		expect(status).toBe('success');
		const [{ json, binary }] = items;
		expect(json).toMatchObject({
			task_id: id,
			status: 'succeeded',
			video_url: expect.stringMatching(/\.mp4$/),
			width: 1920,
			height: 1080,
			completed_at: expect.stringMatching(/Z$/),
		});
		expect(json).not.toHaveProperty('operation');
		expect(binary).toMatchObject({ data: { fileName: `${id}.mp4`, mimeType: 'video/mp4' } });
	});

	it('of a task that has failed says why, and is no failure itself', async () => {
		const error = { code: 'BRAND_NEW', message: 'No luck', request_id: 'req_1' };
		const id = await order({ result: 'failed', afterSeconds: 0, error });
		const { status, items, tries } = await ask('get', id);
		expect({ status, tries }).toEqual({ status: 'success', tries: 1 });
		expect(items[0].json).toMatchObject({
			status: 'failed',
			failure: { code: 'BRAND_NEW', message: 'No luck', request_id: 'req_1' },
		});
		expect(items[0].json).not.toHaveProperty('error');
		expect(items[0].binary).toBeUndefined();
	});

	it('of a task that has expired fails, and says what that means', async () => {
		const id = await order({ result: 'expired', afterSeconds: 0 });
		const { error } = await ask('get', id);
		expect(error?.message).toBe(
			`Task ${id} was not found: it has expired, was ordered with another API key, or never existed`,
		);
		expect(error?.context).toMatchObject({
			task_id: id,
			code: 'TASK_NOT_FOUND',
			http_status: 404,
			request_id: expect.stringMatching(/^req_/),
		});
	});
});

it.each([
	['get', 403, 'refused to answer'],
	['wait', 404, 'was not found'],
] as const)('%s: an answer of %i is no matter of an order', async (operation, status, message) => {
	world.fail('query', status, Infinity);
	const { error } = await ask(operation, 'task_1');
	expect(error?.message).toContain(message);
	expect(error?.description).toMatch(/Check the (ID|API key)/);
	expect(error?.description).not.toMatch(/is ordered|was ordered|paid for|Order Again|retry/);
});

describe('Wait', () => {
	it('for a task asks until it has succeeded, whatever it is called until then', async () => {
		const statuses = ['queued', 'pending', 'dreaming', 'processing'];
		const id = await order({ afterSeconds: 12, statuses });
		const { status, items } = await ask('wait', id);
		expect(status).toBe('success');
		expect(items[0].json).toMatchObject({ task_id: id, status: 'succeeded' });
		expect(items[0].json).not.toHaveProperty('operation');
		expect(items[0].binary).toHaveProperty('data');
		expect(world.simulator.ofKind('query').length).toBeGreaterThan(3);
		expect(world.simulator.ofKind('submit')).toHaveLength(1);
	});

	it('for a task that fails, fails as a generation does', async () => {
		const error = { code: 'BRAND_NEW', message: 'No luck', request_id: 'req_1' };
		const id = await order({ result: 'failed', afterSeconds: 3, error });
		const { status, error: thrown } = await ask('wait', id);
		expect(status).toBe('error');
		expect(thrown?.message).toContain(`task ${id} failed`);
		expect(thrown?.description).toContain('No luck');
		expect(thrown?.context).toMatchObject({
			task_id: id,
			code: 'BRAND_NEW',
			request_id: 'req_1',
		});
	});
});

it('an id is escaped in the address that is asked', async () => {
	await ask('get', 'tâsk&1');
	expect(world.simulator.requests.map(({ path }) => path)).toEqual([
		'/imini/router/v1/videos/tasks/t%C3%A2sk%261',
	]);
});

describe('several IDs in one item', () => {
	const gone = (n: number) => `task_${String(n).repeat(19)}`;

	it('are one output item each, in order, with files of their own', async () => {
		const ids = [await order({ afterSeconds: 0 }), await order({ afterSeconds: 0 })];
		const written = [...ids, ids[0]].join(', ');
		const { items } = await ask('get', written, { options: { fileName: 'clip' } });
		expect(items.map(({ json, pairedItem }) => [json.task_id, pairedItem])).toEqual(
			ids.map((id) => [id, { item: 0 }]),
		);
		expect(items.map(({ binary }) => binary?.data.fileName)).toEqual(['clip.mp4', 'clip_2.mp4']);
	});

	it('with On Error = stop are all asked about, and the error names each that failed', async () => {
		const id = await order({ afterSeconds: 0 });
		const { status, error } = await ask('get', [gone(1), id, gone(2)]);
		expect(status).toBe('error');
		expect(world.simulator.ofKind('query')).toHaveLength(3);
		const { message, description } = Object(error) as Error & { description: string };
		for (const one of [gone(1), gone(2)]) expect(`${message} ${description}`).toContain(one);
	});

	it('with On Error = continue, one that fails is an error item of its own', async () => {
		const id = await order({ afterSeconds: 0 });
		const { items } = await world.engine.runNode({
			parameters: { ...waiting, taskId: `${gone(1)},${id}` },
			onError: 'continueRegularOutput',
			items: [{ json: {} }],
		});
		expect(items.map(({ json }) => json.task_id ?? Object(json.error).task_id)).toEqual([
			gone(1),
			id,
		]);
	});

	it('are at most 100', async () => {
		const ids = Array.from({ length: 101 }, (_, n) => `task_${n}`);
		expect((await ask('get', ids)).error?.message).toContain('a list of at most 100 IDs');
		expect(world.simulator.requests).toEqual([]);
	});
});
