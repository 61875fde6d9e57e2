// Faults of a download: tried again from a fresh link, and never a new order.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { promises } from 'node:fs';
import type { Fault } from '../../../tools/simulator/simulator';
import { makesSeveralFiles } from '../service';
import { API_KEY } from '../world';
import { bill, errorOf, order, requestsSentWithin, scenes, taskIds, useFaultWorld } from './scene';

const world = useFaultWorld();

/** One of each kind; output/fetchFile.test.ts has them all. */
const FAULTS: Array<[name: string, fault: Fault, why: string]> = [
	['416', { kind: 'status', status: 416 }, 'answered with status 416'],
	['a reset', { kind: 'reset', when: 'after-read' }, 'could not be reached'],
	['a short file', { kind: 'truncate' }, 'broke off'],
	['a file cut after its first bytes', { kind: 'truncate', bytes: 10 }, ''],
	[
		'a page called a video',
		{ kind: 'status', status: 200, body: 'html', headers: { 'content-type': 'video/mp4' } },
		'not an MP4',
	],
];

describe.each(FAULTS)('%s', (_name, fault, why) => {
	it('is tried again from a link asked for anew, as often as three times', async () => {
		world.simulator.outcomes.push({ outcome: { freshLinks: true } });
		world.simulator.faults.push({ on: 'media', times: 3, fault });
		const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		expect(run.status).toBe('success');
		expect(run.items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
		const paths = world.simulator.ofKind('media').map(({ path }) => path);
		expect(new Set(paths).size).toBe(4);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});

	it('four times: fails with task id and link, and a retry downloads the same task', async () => {
		world.simulator.faults.push({ on: 'media', times: 4, fault });
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		const [task_id] = taskIds(world);
		const link = `${world.simulator.mediaUrl}${world.simulator.ofKind('media')[0].path}`;
		expect(errorOf(failed)).toMatchObject({
			message: `The video of task ${task_id} could not be downloaded`,
			description: expect.stringContaining(link),
			context: { task_id, tasks: [{ item: 0, task_id }] },
		});
		expect(errorOf(failed)?.description).toContain(why);
		expect(await requestsSentWithin(10)).toEqual([]);
		const retried = await world.engine.retry(failed);
		expect(retried.items[0].json.task_id).toBe(task_id);
		expect(retried.items[0].binary?.data).toBeDefined();
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});
});

it('the timeout of an item holds for the download, too: a host that always hangs', async () => {
	const fault: Fault = { kind: 'hang', when: 'mid-body' };
	world.simulator.faults.push({ on: 'media', times: Infinity, fault });
	const began = world.clock.now();
	const failed = await world.engine.runNode({
		parameters: order({ timeout: 2 }),
		items: scenes(1),
	});
	expect(errorOf(failed)).toMatchObject({
		message: expect.stringMatching(/^The video of task .* could not be downloaded$/),
		description: expect.stringMatching(/It had not arrived when the item's Timeout was over\. /),
		context: { task_id: taskIds(world)[0] },
	});
	expect(world.clock.now() - began).toBeGreaterThanOrEqual(2 * 60_000);
	expect(world.clock.now() - began).toBeLessThan(4 * 60_000);
	expect(await requestsSentWithin(10)).toEqual([]);
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});

it('a disk that is full is said to be, and nothing is fetched again', async () => {
	const failWith = Object.assign(new Error('ENOSPC: no space left on device, write'), {
		code: 'ENOSPC',
	});
	const store = jest.spyOn(promises, 'writeFile').mockImplementation(async (_path, data) => {
		// As Node does it: what was read is lost, and the connection with it
		for await (const piece of data as AsyncIterable<Buffer>) {
			expect(piece.length).toBeGreaterThan(0);
			throw failWith;
		}
	});
	const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	store.mockRestore();
	expect(errorOf(failed)).toMatchObject({
		description: expect.stringMatching(
			/n8n could not store the file: ENOSPC: no space left on device, write\. Check its storage /,
		),
		context: { task_id: taskIds(world)[0] },
	});
	expect(world.simulator.ofKind('media')).toHaveLength(1);
	// Once there is room again
	expect((await world.engine.retry(failed)).status).toBe('success');
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});

it.each([403, 404, 503])('is waited for where the host has it only later: %i', async (status) => {
	world.simulator.faults.push({ on: 'media', times: 9, fault: { kind: 'status', status } });
	const began = world.clock.now();
	const run = await world.engine.runNode({
		parameters: order({ timeout: 1 }),
		items: scenes(1),
	});
	expect(run.status).toBe('success');
	expect(run.items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
	expect(world.simulator.ofKind('media')).toHaveLength(10);
	expect(world.clock.now() - began).toBeGreaterThan(60_000);
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});

it('Retry On Fail goes on with the same task', async () => {
	world.simulator.faults.push({ on: 'media', times: 7, fault: { kind: 'truncate' } });
	const run = await world.engine.runNode({
		parameters: order(),
		items: scenes(1),
		retryOnFail: true,
		maxTries: 2,
	});
	expect({ status: run.status, tries: run.tries }).toEqual({ status: 'success', tries: 2 });
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	expect(world.simulator.ofKind('media')).toHaveLength(8);
});

(makesSeveralFiles() ? it : it.skip)('of a cover is the same', async () => {
	const isCover = ({ path }: { path: string }) => path.includes('.jpg');
	const page = { kind: 'status', status: 200, body: 'html' } as const;
	world.simulator.faults.push({ on: 'media', match: isCover, fault: page });
	const run = await world.engine.runNode({
		parameters: order({ downloadCover: true }),
		items: scenes(1),
	});
	expect(run.items[0].binary?.cover).toMatchObject({ mimeType: 'image/jpeg' });
	expect(world.simulator.ofKind('media').filter(isCover)).toHaveLength(2);
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});

it('the media host never gets the key, also not along a redirect', async () => {
	const location = `${world.simulator.mediaUrl}/file/elsewhere.mp4`;
	world.simulator.faults.push({
		on: 'media',
		fault: { kind: 'status', status: 302, headers: { location } },
	});
	const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	expect(run.status).toBe('success');
	const media = world.simulator.ofKind('media');
	expect(media).toHaveLength(2);
	for (const request of media) expect(JSON.stringify(request)).not.toContain(API_KEY);
});
