// Nothing is ordered that is given up on already: deadlines, and pauses that the service asks for.
import { noisyImage } from '../../../tools/images';
import type { Fault } from '../../../tools/simulator/simulator';
import { bill, errorOf, failedItem, here, order, scenes, taskIds, useFaultWorld } from './scene';

const world = useFaultWorld();

const MINUTE = 60_000;

/** The service turns a submit away, and asks for a pause of so many seconds. */
const pause = (seconds: number): Fault => ({
	kind: 'status',
	status: 429,
	headers: { 'retry-after': String(seconds) },
});

it('over a slow line, many items with images are all ordered and delivered: each has its own timeout', async () => {
	const content = await noisyImage('jpeg');
	const file = { content, fileName: 'a.jpg', mimeType: 'image/jpeg' };
	const items = Array.from({ length: 6 }, (_, n) => ({ json: { n }, binary: { data: file } }));
	world.simulator.faults.push({ on: 'submit', times: 6, fault: { kind: 'slow', ms: 30_000 } });
	const run = await world.engine.runNode({
		parameters: here({
			operation: 'imageToVideo',
			imageSource: 'binary',
			options: { timeout: 1 },
		}),
		items,
	});
	expect(errorOf(run)).toBeUndefined();
	expect(run.items.map(({ json, binary }) => [json.status, binary?.data.mimeType])).toEqual(
		items.map(() => ['succeeded', 'video/mp4']),
	);
	const submits = world.simulator.ofKind('submit').map(({ at }) => at);
	expect(submits[5] - submits[0]).toBeGreaterThan(2 * MINUTE);
	expect(bill(world)).toEqual({ submits: 6, tasks: 6 });
});

it('an item whose turn comes late is not given up on before', async () => {
	world.simulator.outcomes.push({ outcome: { afterSeconds: 50 } });
	const run = await world.engine.runNode({
		parameters: order({ timeout: 1, maxTasksInFlight: 1 }),
		items: scenes(3),
	});
	expect(run.items.map(({ json }) => json.task_id)).toEqual(taskIds(world));
});

describe('a pause that the service asks for', () => {
	it('holds for every try of Retry On Fail: nothing is sent within it', async () => {
		world.simulator.faults.push({ on: 'submit', times: Infinity, fault: pause(600) });
		const failed = await world.engine.runNode({
			parameters: order({ timeout: 5 }),
			items: scenes(1),
			retryOnFail: true,
			maxTries: 4,
		});
		expect(failed.tries).toBe(4);
		expect(errorOf(failed)).toMatchObject({
			message: 'The HappyHorse service had no room for this order within 5 minutes',
			description: expect.stringMatching(/It asks to be left alone for another [\d.]+ minutes\./),
		});
		expect(bill(world)).toEqual({ submits: 1, tasks: 0 });
	});

	it('holds for the next try, also for items that it had not come to', async () => {
		world.simulator.faults.push(
			{ on: 'submit', fault: pause(30) },
			{ on: 'submit', fault: { kind: 'status', status: 402 } },
		);
		const run = await world.engine.runNode({
			parameters: order({ maxTasksInFlight: 1 }),
			items: scenes(2),
			retryOnFail: true,
			maxTries: 2,
		});
		expect({ status: run.status, tries: run.tries }).toEqual({ status: 'success', tries: 2 });
		const times = world.simulator.ofKind('submit').map(({ at }) => at);
		expect(times[1] - times[0]).toBeGreaterThanOrEqual(30_000);
		expect(bill(world)).toEqual({ submits: 4, tasks: 2 });
	});

	it('counts against the timeout also where nothing is waited for', async () => {
		world.simulator.faults.push({ on: 'submit', times: Infinity, fault: pause(20) });
		const failed = await world.engine.runNode({
			parameters: order({ timeout: 1 }, { waitForCompletion: false }),
			items: scenes(1),
			onError: 'continueRegularOutput',
		});
		expect(failedItem(failed, 0)).toMatchObject({
			message: 'The HappyHorse service had no room for this order within 1 minute',
			http_status: 429,
		});
		const times = world.simulator.ofKind('submit').map(({ at }) => at);
		expect(times.length).toBeGreaterThanOrEqual(2);
		expect((times.at(-1) ?? 0) - times[0]).toBeLessThan(MINUTE);
	});
});
