// Faults of a download: tried again from a fresh link, and never a new order.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { promises } from 'node:fs';
import type { Fault } from '../../../tools/simulator/simulator';
import { makesSeveralFiles } from '../service';
import { bill, errorOf, order, requestsSentWithin, scenes, taskIds, useFaultWorld } from './scene';

const world = useFaultWorld();

const FAULTS: Array<[name: string, fault: Fault, why: string]> = [
	['403', { kind: 'status', status: 403 }, 'answered with status 403'],
	['404', { kind: 'status', status: 404 }, 'answered with status 404'],
	['429', { kind: 'status', status: 429 }, 'answered with status 429'],
	['500', { kind: 'status', status: 500 }, 'answered with status 500'],
	['503', { kind: 'status', status: 503, body: 'empty' }, 'answered with status 503'],
	['206', { kind: 'status', status: 206 }, 'answered with status 206'],
	['a reset', { kind: 'reset', when: 'after-read' }, 'could not be reached'],
	['a reset halfway', { kind: 'reset', when: 'mid-body' }, 'broke off'],
	['a short file', { kind: 'truncate' }, 'broke off'],
	['a file cut after its first bytes', { kind: 'truncate', bytes: 10 }, ''],
	['an empty file', { kind: 'body', text: '', contentType: 'video/mp4' }, 'not an MP4'],
	['a page in place of the video', { kind: 'notVideo' }, 'not an MP4'],
	['a page called a video', { kind: 'notVideo', contentType: 'video/mp4' }, 'not an MP4'],
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

it('a host that does not say how long the file is', async () => {
	const headers = { 'content-length': null };
	world.simulator.faults.push({ on: 'media', fault: { kind: 'headers', headers } });
	const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	expect(run.status).toBe('success');
	const { data } = run.items[0].binary ?? {};
	expect(await world.engine.readBinary(data)).toHaveLength(188_569);
	expect(world.simulator.ofKind('media')).toHaveLength(1);
});

const onlySeveral = makesSeveralFiles() ? describe : describe.skip;

onlySeveral('a file that the service no longer names when it is asked again', () => {
	/** Two videos, the second of which fails; the next `times` answers name only the first. */
	function loseSecond(times: number) {
		world.simulator.outcomes.push({ outcome: { videos: 2 } });
		let asked = 0;
		world.simulator.faults.push(
			{
				on: 'media',
				match: () => world.simulator.ofKind('media').length > 1,
				fault: { kind: 'status', status: 500 },
			},
			{
				on: 'query',
				times,
				match: () => world.simulator.ofKind('media').length > 1,
				fault: () => {
					asked += 1;
					const url = `${world.simulator.mediaUrl}/file/only-${asked}.mp4`;
					const text = JSON.stringify({ status: 'succeeded', videos: [{ url }] });
					return { kind: 'body', text };
				},
			},
		);
	}

	it('is waited for, and comes when it is named once more', async () => {
		loseSecond(2);
		const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		expect(Object.keys(run.items[0].binary ?? {})).toEqual(['data', 'data_1']);
		expect(world.simulator.ofKind('media')).toHaveLength(3);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});

	it('comes from the link that it had', async () => {
		loseSecond(3);
		const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		expect(Object.keys(run.items[0].binary ?? {})).toEqual(['data', 'data_1']);
		const [, second, again] = world.simulator.ofKind('media').map(({ path }) => path);
		expect(again).toBe(second);
	});

	it('fails in the end, with the link that was tried', async () => {
		loseSecond(4);
		world.simulator.faults.push({
			on: 'media',
			times: 4,
			match: () => world.simulator.ofKind('media').length > 1,
			fault: { kind: 'status', status: 500 },
		});
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		const [, second] = world.simulator.ofKind('media');
		expect(errorOf(failed)?.description).toContain(
			`Its link is ${world.simulator.mediaUrl}${second.path} `,
		);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});
});

it.each(['before-answer', 'mid-body'] as const)('a host that hangs (%s)', async (when) => {
	world.simulator.faults.push({ on: 'media', fault: { kind: 'hang', when } });
	const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	expect(run.status).toBe('success');
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});

describe('the timeout of an item', () => {
	it.each(makesSeveralFiles() ? [1, 3] : [1])(
		'holds for the download, too: a host that always hangs (videos: %d)',
		async (videos) => {
			world.simulator.outcomes.push({ outcome: { videos } });
			world.simulator.faults.push({
				on: 'media',
				times: Infinity,
				// The first of several comes
				match: ({ path }) => videos === 1 || path !== world.simulator.ofKind('media')[0].path,
				fault: { kind: 'hang', when: 'mid-body' },
			});
			const began = world.clock.now();
			const failed = await world.engine.runNode({
				parameters: order({ timeout: 2 }),
				items: scenes(1),
			});
			expect(errorOf(failed)).toMatchObject({
				message: expect.stringMatching(/^The video of task .* could not be downloaded$/),
				description: expect.stringMatching(
					/^It had not arrived when the item's Timeout was over\. /,
				),
				context: { task_id: taskIds(world)[0] },
			});
			expect(world.clock.now() - began).toBeGreaterThanOrEqual(2 * 60_000);
			expect(world.clock.now() - began).toBeLessThan(4 * 60_000);
			expect(await requestsSentWithin(10)).toEqual([]);
			expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
		},
	);
});

it('more than 2 GB is not fetched at all, nor tried again', async () => {
	const headers = { 'content-length': String(2 * 1024 ** 3 + 1) };
	world.simulator.faults.push({ on: 'media', fault: { kind: 'headers', headers } });
	const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	expect(errorOf(failed)?.description).toMatch(/^The file is larger than 2 GB, so it is not a /);
	expect(world.simulator.ofKind('media')).toHaveLength(1);
});

it('a disk that is full is said to be, and nothing is fetched again', async () => {
	const failWith = Object.assign(new Error('ENOSPC: no space left on device, write'), {
		code: 'ENOSPC',
	});
	const store = jest.spyOn(promises, 'writeFile').mockRejectedValue(failWith);
	const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	store.mockRestore();
	expect(errorOf(failed)).toMatchObject({
		description: expect.stringMatching(
			/^n8n could not store the file: ENOSPC: no space left on device, write\. Check its storage /,
		),
		context: { task_id: taskIds(world)[0] },
	});
	expect(world.simulator.ofKind('media')).toHaveLength(1);
	// Once there is room again
	expect((await world.engine.retry(failed)).status).toBe('success');
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});

it('Retry On Fail goes on with the same task', async () => {
	world.simulator.faults.push({ on: 'media', times: 7, fault: { kind: 'status', status: 500 } });
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
	world.simulator.faults.push({ on: 'media', match: isCover, fault: { kind: 'notVideo' } });
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
	for (const { headers } of media) expect(headers.authorization).toBeUndefined();
});
