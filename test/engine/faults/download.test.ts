// Faults of a download, one of each kind: tried again from a fresh link, and never a new order.
// output/fetchFile.test.ts and output/deliver.test.ts have them all.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { promises } from 'node:fs';
import type { Fault } from '../../../tools/simulator/simulator';
import { makesSeveralFiles } from '../service';
import { API_KEY } from '../world';
import { delivered, errorOf, order, requestsSentWithin, useFaultWorld } from './scene';

const world = useFaultWorld();

describe.each<[name: string, fault: Fault, why: string]>([
	['a short file', { kind: 'truncate' }, 'broke off'],
	[
		'a page called a video',
		{ kind: 'status', status: 200, body: 'html', headers: { 'content-type': 'video/mp4' } },
		'not an MP4',
	],
])('%s', (_name, fault, why) => {
	it('is tried again from a link asked for anew, as often as three times', async () => {
		world.outcome({ freshLinks: true });
		world.fail('media', fault, 3);
		const run = await world.run();
		expect(run.items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
		const paths = world.simulator.ofKind('media').map(({ path }) => path);
		expect(new Set(paths).size).toBe(4);
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});

	it('four times: fails with task id and link, and Retry On Fail downloads the same task, and so does a retry', async () => {
		world.fail('media', fault, 8);
		const failed = await world.run({ retryOnFail: true, maxTries: 2 });
		const [task_id] = world.taskIds();
		const link = `${world.simulator.mediaUrl}${world.simulator.ofKind('media')[0].path}`;
		expect(failed.tries).toBe(2);
		expect(errorOf(failed)).toMatchObject({
			message: `The video of task ${task_id} could not be downloaded`,
			description: expect.stringContaining(link),
			context: { task_id, tasks: [{ item: 0, task_id }] },
		});
		expect(errorOf(failed)?.description).toContain(why);
		expect(await requestsSentWithin(10)).toEqual([]);
		const retried = await world.engine.retry(failed);
		expect(delivered(retried)).toEqual([task_id]);
		expect(retried.items[0].binary?.data).toBeDefined();
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});
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
	const failed = await world.run();
	store.mockRestore();
	expect(errorOf(failed)).toMatchObject({
		description: expect.stringMatching(
			/n8n could not store the file: ENOSPC: no space left on device, write\. Check its storage /,
		),
		context: { task_id: world.taskIds()[0] },
	});
	expect(world.simulator.ofKind('media')).toHaveLength(1);
	// Once there is room again
	expect((await world.engine.retry(failed)).status).toBe('success');
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
});

it('is waited for where the host has it only later', async () => {
	world.fail('media', 404, 9);
	const began = world.clock.now();
	const run = await world.run({ parameters: order({ timeout: 1 }) });
	expect(run.items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
	expect(world.simulator.ofKind('media')).toHaveLength(10);
	expect(world.clock.now() - began).toBeGreaterThan(60_000);
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
});

(makesSeveralFiles() ? it : it.skip)('of a cover is the same', async () => {
	const isCover = ({ path }: { path: string }) => path.includes('.jpg');
	const page = { kind: 'status', status: 200, body: 'html' } as const;
	world.simulator.faults.push({ on: 'media', match: isCover, fault: page });
	const run = await world.run({ parameters: order({ downloadCover: true }) });
	expect(run.items[0].binary?.cover).toMatchObject({ mimeType: 'image/jpeg' });
	expect(world.simulator.ofKind('media').filter(isCover)).toHaveLength(2);
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
});

it('the media host never gets the key, also not along a redirect', async () => {
	const location = `${world.simulator.mediaUrl}/file/elsewhere.mp4`;
	world.fail('media', { kind: 'status', status: 302, headers: { location } });
	expect((await world.run()).status).toBe('success');
	const media = world.simulator.ofKind('media');
	expect(media).toHaveLength(2);
	for (const request of media) expect(JSON.stringify(request)).not.toContain(API_KEY);
});
