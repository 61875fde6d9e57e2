// Answers without bounds and in odd shapes: n8n goes on, the paid video comes, and no text is long.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test: it runs in Node, never in n8n */
import { filmOf } from '../../../tools/simulator/media';
import { stringify } from 'flatted';
import type { IDataObject } from 'n8n-workflow';
import { SUBJECT, type Execution } from '../../../tools/engine/engine';
import type { Fault } from '../../../tools/simulator/simulator';
import { bill, errorOf, logOf, order, scenes, taskIds, useFaultWorld } from './scene';

const world = useFaultWorld();

const MEGABYTE = 1024 * 1024;

/** Memory of this process that a run takes at most, in bytes, while it is under way. */
async function growthOf(run: () => Promise<unknown>): Promise<number> {
	const before = process.memoryUsage().rss;
	let most = before;
	const timer = setInterval(() => {
		most = Math.max(most, process.memoryUsage().rss);
	}, 10);
	await run();
	clearInterval(timer);
	return most - before;
}

function traces({ data, logs }: Execution): string {
	const { runData, error } = data.resultData;
	return stringify([runData[SUBJECT], error, data.executionData?.contextData, logs]);
}

const run = async (options: IDataObject = {}) =>
	await world.engine.runNode({ parameters: order(options), items: scenes(1) });

/** Queries that say nothing, whatever they do. */
const QUERY: Array<[name: string, fault: Fault]> = [
	['300 MB of JSON', { kind: 'huge', bytes: 300 * MEGABYTE }],
	['a page of 400 kB of <', { kind: 'body', status: 502, text: '<'.repeat(400_000) }],
	['an answer that drips', { kind: 'drip', ms: 5 }],
	['an answer about another task', { kind: 'reshaped', as: (a) => ({ ...a, task_id: 'task_2' }) }],
	['a list of nulls', { kind: 'reshaped', as: () => [null, null] }],
];

it.each(QUERY)('a query answered by %s is asked again', async (_name, fault) => {
	world.simulator.faults.push({ on: 'query', fault });
	let execution: Execution | undefined;
	const growth = await growthOf(async () => {
		execution = await run();
	});
	expect(execution?.status).toBe('success');
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	expect(growth).toBeLessThan(100 * MEGABYTE);
});

/** Shapes in which the video is to be seen all the same. */
const SHAPES: Array<[name: string, as: (answer: Record<string, unknown>) => unknown]> = [
	['capitals', ({ status, ...rest }) => ({ ...rest, status: String(status).toUpperCase() })],
	[
		'a bad entry beside the video',
		({ videos, ...rest }) => ({
			...rest,
			videos: Array.isArray(videos) ? [null, {}, ...videos] : videos,
		}),
	],
];

it.each(SHAPES)('every answer in another shape: %s', async (_name, as) => {
	const fault: Fault = { kind: 'reshaped', as };
	world.simulator.faults.push({ on: 'submit', fault }, { on: 'query', times: Infinity, fault });
	const { status, items } = await run();
	expect(status).toBe('success');
	expect(items[0].json).toMatchObject({ status: 'succeeded', task_id: taskIds(world)[0] });
	expect(items[0].binary?.data).toBeDefined();
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});

describe('an answer that is packed', () => {
	it.each(['submit', 'query'] as const)('is read: %s', async (on) => {
		world.simulator.faults.push({ on, times: Infinity, fault: { kind: 'gzip' } });
		expect((await run()).status).toBe('success');
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});

	it('is a file like others: the promised length is of the packed bytes', async () => {
		world.simulator.faults.push({ on: 'media', fault: { kind: 'gzip' } });
		const { status, items } = await run();
		expect(status).toBe('success');
		const { data } = items[0].binary ?? {};
		expect(await world.engine.readBinary(data)).toHaveLength((await filmOf(undefined)).length);
		expect(world.simulator.ofKind('media')).toHaveLength(1);
	});

	it('need not be: it is asked for as it is', async () => {
		await run();
		for (const { headers } of world.simulator.requests)
			expect(headers['accept-encoding']).toBe('identity');
	});
});

describe('a submit', () => {
	it('that is accepted by an answer which does not end is accepted', async () => {
		world.simulator.faults.push({ on: 'submit', fault: { kind: 'hang', when: 'after-body' } });
		const { status, items } = await run();
		expect(status).toBe('success');
		expect(items[0].json.task_id).toBe(taskIds(world)[0]);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});

	it.each([400])('that is refused by an answer which breaks off is refused: %i', async (status) => {
		world.simulator.faults.push({
			on: 'submit',
			fault: { kind: 'status', status, broken: true },
		});
		const failed = await run();
		expect(errorOf(failed)).toMatchObject({
			description: expect.stringMatching(/^Nothing was ordered for this item\./),
			context: { http_status: status, code: 'ECONNRESET' },
		});
		expect((await world.engine.retry(failed)).status).toBe('success');
		expect(bill(world)).toEqual({ submits: 2, tasks: 1 });
	});

	it.each<[string, Fault]>([
		['300 MB', { kind: 'huge', bytes: 300 * MEGABYTE }],
		['an answer that drips', { kind: 'drip', ms: 5 }],
		[
			'a task id of 200 kB',
			{ kind: 'reshaped', as: (a) => ({ ...a, task_id: 'x'.repeat(200_000) }) },
		],
		['a task id with a path in it', { kind: 'reshaped', as: (a) => ({ ...a, task_id: '../x' }) }],
	])('answered by %s may have been ordered', async (_name, fault) => {
		world.simulator.faults.push({ on: 'submit', fault });
		const failed = await run();
		expect(errorOf(failed)?.message).toContain('may have been ordered');
		expect(bill(world).submits).toBe(1);
		expect(traces(failed).length).toBeLessThan(20_000);
	});

	it('whose answer has 200 kB in every field is accepted, and all is kept short', async () => {
		const long = 'x1 '.repeat(70_000);
		const as = ({ task_id }: Record<string, unknown>) => ({
			task_id,
			model: long,
			created_at: long,
			request_id: long,
		});
		world.simulator.faults.push({ on: 'submit', fault: { kind: 'reshaped', as } });
		const accepted = await run();
		expect(accepted.status).toBe('success');
		expect(logOf(accepted).length).toBeLessThan(1000);
		expect(traces(accepted).length).toBeLessThan(20_000);
	});
});
