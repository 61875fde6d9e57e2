// Answers without bounds and in odd shapes: n8n goes on, the paid video comes, and no text is long.
// service/hostile.test.ts and service/imini/imini.test.ts have all shapes.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test: it runs in Node, never in n8n */
import { stringify } from 'flatted';
import type { Execution } from '../../../tools/engine/engine';
import { SUBJECT } from '../../../tools/engine/engine';
import { filmOf } from '../../../tools/simulator/media';
import type { Fault } from '../../../tools/simulator/simulator';
import { delivered, errorOf, logOf, useFaultWorld } from './scene';

const world = useFaultWorld();

const MEGABYTE = 1024 * 1024;

const HUGE: Fault = { kind: 'huge', bytes: 300 * MEGABYTE };
const DRIP: Fault = { kind: 'drip', ms: 5 };

/** Memory of this process that `work` takes at most, in bytes, while it is under way. */
async function growthOf(work: () => Promise<unknown>): Promise<number> {
	const before = process.memoryUsage().rss;
	let most = before;
	const timer = setInterval(() => {
		most = Math.max(most, process.memoryUsage().rss);
	}, 10);
	await work();
	clearInterval(timer);
	return most - before;
}

function traces({ data, logs }: Execution): string {
	const { runData, error } = data.resultData;
	return stringify([runData[SUBJECT], error, data.executionData?.contextData, logs]);
}

it.each<[name: string, fault: Fault]>([
	['300 MB of JSON', HUGE],
	['a page of 400 kB of <', { kind: 'body', status: 502, text: '<'.repeat(400_000) }],
	['an answer that drips', DRIP],
])('a query answered by %s is asked again', async (_name, fault) => {
	world.fail('query', fault);
	const growth = await growthOf(async () => {
		expect((await world.run()).status).toBe('success');
	});
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	expect(growth).toBeLessThan(100 * MEGABYTE);
});

it('every answer in another shape, and packed: the video is delivered', async () => {
	const as = ({ status, videos, ...rest }: Record<string, unknown>) => ({
		...rest,
		status: String(status).toUpperCase(),
		videos: Array.isArray(videos) ? [null, {}, ...videos] : videos,
	});
	world.fail('submit', { kind: 'gzip' });
	world.fail('query', { kind: 'gzip' });
	world.fail('query', { kind: 'reshaped', as }, Infinity);
	const run = await world.run();
	expect(run.items[0].json).toMatchObject({ status: 'succeeded', task_id: world.taskIds()[0] });
	expect(run.items[0].binary?.data).toBeDefined();
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
});

it('a packed file is one like others, and is not asked for', async () => {
	world.fail('media', { kind: 'gzip' });
	const { items } = await world.run();
	const { data } = items[0].binary ?? {};
	// The promised length is of the packed bytes
	expect(await world.engine.readBinary(data)).toHaveLength((await filmOf(undefined)).length);
	expect(world.simulator.ofKind('media')).toHaveLength(1);
	for (const { headers } of world.simulator.requests)
		expect(headers['accept-encoding']).toBe('identity');
});

describe('a submit', () => {
	it('that is accepted by an answer which does not end is accepted', async () => {
		world.fail('submit', { kind: 'hang', when: 'after-body' });
		expect(delivered(await world.run())).toEqual(world.taskIds());
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});

	it('that is refused by an answer which breaks off is refused', async () => {
		world.fail('submit', { kind: 'status', status: 400, broken: true });
		const failed = await world.run();
		expect(errorOf(failed)).toMatchObject({
			description: expect.stringMatching(/^Nothing was ordered for this item\./),
			context: { http_status: 400, code: 'ECONNRESET' },
		});
		expect((await world.engine.retry(failed)).status).toBe('success');
		expect(world.bill()).toEqual({ submits: 2, tasks: 1 });
	});

	it.each<[string, Fault]>([
		['300 MB', HUGE],
		['an answer that drips', DRIP],
	])('answered by %s may have been ordered', async (_name, fault) => {
		world.fail('submit', fault);
		const failed = await world.run();
		expect(errorOf(failed)?.message).toContain('may have been ordered');
		expect(world.bill().submits).toBe(1);
		expect(traces(failed).length).toBeLessThan(20_000);
	});

	it('whose answer has 200 kB in every field is accepted, and all is kept short', async () => {
		const long = 'x1 '.repeat(70_000);
		const fields = { model: long, created_at: long, request_id: long };
		world.fail('submit', { kind: 'reshaped', as: ({ task_id }) => ({ task_id, ...fields }) });
		const accepted = await world.run();
		expect(accepted.status).toBe('success');
		expect(logOf(accepted).length).toBeLessThan(1000);
		expect(traces(accepted).length).toBeLessThan(20_000);
	});
});
