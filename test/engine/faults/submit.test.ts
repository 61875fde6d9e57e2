// Faults of a submit, one of each kind: what is sent again, what never is, and what a retry then does.
// service/verdict.test.ts has all answers, service/http/neverSent.test.ts all errors, task/submit.test.ts the rules.
import type { IDataObject } from 'n8n-workflow';
import { clock } from '../../../nodes/HappyHorse/util/clock';
import { noisyImage } from '../../../tools/images';
import type { Fault } from '../../../tools/simulator/simulator';
import { codeOf, perService } from '../service';
import {
	credentialsFor,
	delivered,
	errorOf,
	failedItem,
	goingOn,
	here,
	logOf,
	order,
	requestsSentWithin,
	scenes,
	useFaultWorld,
} from './scene';

const world = useFaultWorld();

/** The service turns a submit away, and asks for a pause of so many seconds. */
const pause = (seconds: number): Fault => ({
	kind: 'status',
	status: 429,
	headers: { 'retry-after': String(seconds) },
});

it.each<[name: string, fault: Fault, known: IDataObject]>([
	[
		'a 503 to an order that was taken',
		{ kind: 'status', status: 503, accepted: true },
		{ http_status: 503, code: codeOf(503) },
	],
	['no answer in time to one that was not', { kind: 'hang' }, {}],
	['200 without task_id', { kind: 'body', text: '{}', accepted: true }, { http_status: 200 }],
])('%s: is never sent again by itself, nor by a retry', async (_name, fault, known) => {
	world.fail('submit', fault);
	const failed = await world.run({ retryOnFail: true, maxTries: 2 });
	expect(failed.tries).toBe(2);
	expect(errorOf(failed)).toMatchObject({
		message: 'The video may have been ordered: the service gave no clear answer',
		description: expect.stringMatching(/usage records.*Order Again When Unsure/),
		context: { ...known, tasks: [] },
	});
	expect(logOf(failed)).toContain('warn: HappyHorse: item 0 may have been ordered');
	const tasks = fault.accepted ? 1 : 0;
	expect(world.bill()).toEqual({ submits: 1, tasks });
	expect(await requestsSentWithin(20)).toEqual([]);

	const retried = await world.engine.retry(failed);
	expect(errorOf(retried)?.message).toContain('may have been ordered');
	expect(world.bill().submits).toBe(1);

	const parameters = { options: { resubmitWhenUnsure: true } };
	world.fail('submit', 402, 4);
	const refused = await world.engine.retry(retried, { parameters });
	const goneOn = await world.engine.retry(retried, { parameters, workflow: goingOn(retried) });
	for (const told of [errorOf(refused)?.description, failedItem(goneOn, 0).description])
		expect(told).toMatch(/^This try ordered nothing, but an earlier one may have\. Add credits/);
	const wanted = await world.engine.retry(refused, { parameters });
	expect(wanted.status).toBe('success');
	expect(world.bill()).toEqual({ submits: 6, tasks: tasks + 1 });
	expect(delivered(wanted)).toEqual([world.taskIds().at(-1)]);
});

it('what was ordered is delivered where its answer is cut off behind the task id', async () => {
	world.fail('submit', { kind: 'truncate', bytes: 95, accepted: true });
	const run = await world.run();
	expect(run.status).toBe('success');
	expect(logOf(run)).toContain(`is task ${world.taskIds()[0]}`);
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
});

const REFUSED_CONTENT = perService({
	imini: 'INVALID_PROMPT',
	modelStudio: 'DataInspectionFailed',
});

it.each<[name: string, fault: Fault, message: string, known: IDataObject]>([
	[
		'400',
		{ kind: 'status', status: 400, body: { request_id: 'req_7' } },
		'refused the request',
		{ http_status: 400, code: codeOf(400), request_id: 'req_7' },
	],
	[
		'400 for the prompt',
		{ kind: 'status', status: 400, body: { code: REFUSED_CONTENT, message: 'It is canceled' } },
		'content check',
		{ code: REFUSED_CONTENT },
	],
	['a redirect', { kind: 'status', status: 307, headers: { location: '/x' } }, '(status 307)', {}],
])(
	'%s: nothing was ordered, and a retry is free to order',
	async (_name, fault, message, known) => {
		world.fail('submit', fault);
		const failed = await world.run();
		expect(failed.status).toBe('error');
		expect(errorOf(failed)).toMatchObject({
			message: expect.stringContaining(message),
			description: expect.stringMatching(/^Nothing was ordered for this item\./),
			context: { ...known, tasks: [] },
		});
		// n8n would take such a word for a stop of the execution
		expect(JSON.stringify(errorOf(failed))).not.toMatch(/canceled/i);
		expect(world.simulator.requests).toHaveLength(1);
		expect(await requestsSentWithin(20)).toEqual([]);
		expect(world.entries()).toEqual([]);
		expect((await world.engine.retry(failed)).status).toBe('success');
		expect(world.bill()).toEqual({ submits: 2, tasks: 1 });
	},
);

describe('429', () => {
	it('is sent again after the pause that it asks for', async () => {
		world.fail('submit', pause(20));
		expect((await world.run()).status).toBe('success');
		const [first, second] = world.simulator.ofKind('submit');
		expect(second.at - first.at).toBeGreaterThanOrEqual(20_000);
		expect(world.bill()).toEqual({ submits: 2, tasks: 1 });
	});

	it('with a pause beyond the timeout: nothing is sent within it, so it gives up at once', async () => {
		world.fail('submit', pause(86_400), Infinity);
		const began = world.clock.now();
		const failed = await world.run({
			parameters: order({ timeout: 1, maxTasksInFlight: 3 }),
			items: scenes(3),
			onError: 'continueRegularOutput',
		});
		for (const [index, item] of ['0 (the 1st)', '1 (the 2nd)', '2 (the 3rd)'].entries())
			expect(failedItem(failed, index)).toMatchObject({
				message: `Item ${item}: The HappyHorse service had no room for this order within 1 minute`,
				description: expect.stringMatching(
					/^Nothing was ordered for this item\. It asks to be left alone for another /,
				),
			});
		expect(failedItem(failed, 0)).toMatchObject({ code: codeOf(429), http_status: 429 });
		// What was sent before the answer came
		expect(world.bill().submits).toBeLessThanOrEqual(3);
		expect(world.clock.now() - began).toBeLessThan(60_000);
		expect(await requestsSentWithin(60)).toEqual([]);
	});

	it('all the time: the tries of Retry On Fail share one timeout, and a retry by hand has its own', async () => {
		world.fail('submit', pause(20), Infinity);
		const failed = await world.run({ parameters: order({ timeout: 1 }), retryOnFail: true });
		expect(failed.tries).toBe(3);
		const times = world.simulator.ofKind('submit').map(({ at }) => at);
		// At 0, 20 and 40 seconds: the next would be at the deadline, and the other tries begin after it
		expect(times).toHaveLength(3);
		expect(times[2] - times[0]).toBeLessThan(60_000);
		world.simulator.reset();
		world.fail('submit', pause(20));
		expect((await world.engine.retry(failed)).status).toBe('success');
		expect(world.bill()).toEqual({ submits: 2, tasks: 1 });
	});

	it('holds for the next try, also for items that it had not come to', async () => {
		world.fail('submit', pause(30));
		world.fail('submit', 402);
		const parameters = order({ maxTasksInFlight: 1 });
		const again = { retryOnFail: true, maxTries: 2 };
		const run = await world.run({ parameters, items: scenes(2), ...again });
		expect({ status: run.status, tries: run.tries }).toEqual({ status: 'success', tries: 2 });
		const times = world.simulator.ofKind('submit').map(({ at }) => at);
		expect(times[1] - times[0]).toBeGreaterThanOrEqual(30_000);
		expect(world.bill()).toEqual({ submits: 4, tasks: 2 });
	});

	it.each([
		[429, '{"task_id":"task_1"}'],
		[503, ''],
	])('or %i: an order that may have been taken asks for a pause, too: %s', async (status, text) => {
		const headers = { 'retry-after': '30' };
		world.fail('submit', { kind: 'body', status, text, headers });
		const parameters = order({ maxTasksInFlight: 1 });
		await world.run({ parameters, items: scenes(2), onError: 'continueRegularOutput' });
		const times = world.simulator.ofKind('submit').map(({ at }) => at);
		expect(times).toHaveLength(2);
		expect(times[1] - times[0]).toBeGreaterThanOrEqual(30_000);
	});

	it('holds for its account: a retry with the key of another one orders at once', async () => {
		world.fail('submit', pause(3600));
		const failed = await world.run({ parameters: order({ timeout: 1 }) });
		world.simulator.apiKeys.add('sk-key-of-another-account');
		const other = credentialsFor(world.simulator.baseUrl, 'sk-key-of-another-account');
		expect((await world.engine.retry(failed)).status).toBe('error');
		expect((await world.engine.retry(failed, { credentials: other })).status).toBe('success');
		expect(world.bill()).toEqual({ submits: 2, tasks: 1 });
	});
});

it('over a slow line, many items with images are all ordered and delivered: each has its own timeout', async () => {
	const data = { content: await noisyImage('jpeg'), fileName: 'a.jpg', mimeType: 'image/jpeg' };
	world.fail('submit', { kind: 'slow', ms: 40_000 }, 6);
	const run = await world.run({
		parameters: here({ operation: 'imageToVideo', imageSource: 'binary', options: { timeout: 3 } }),
		items: scenes(6).map((item) => ({ ...item, binary: { data } })),
	});
	expect(errorOf(run)).toBeUndefined();
	expect(run.items.map(({ binary }) => binary?.data.mimeType)).toEqual(Array(6).fill('video/mp4'));
	const submits = world.simulator.ofKind('submit').map(({ at }) => at);
	expect(submits[5] - submits[0]).toBeGreaterThan(3 * 60_000);
	expect(world.bill()).toEqual({ submits: 6, tasks: 6 });
});

it('a refused connection: tries again a few times, then says that nothing was ordered', async () => {
	const pauses = jest.spyOn(clock, 'sleep');
	await world.simulator.goOffline();
	const failed = await world.run();
	await world.simulator.goOnline();
	const lengths = pauses.mock.calls.map(([ms]) => ms).filter((ms) => ms < 60_000);
	pauses.mockRestore();
	expect(errorOf(failed)).toMatchObject({
		message: 'The HappyHorse service could not be reached',
		description: expect.stringMatching(/^Nothing was ordered for this item\..*ECONNREFUSED/),
		context: { code: 'ECONNREFUSED' },
	});
	expect(lengths).toHaveLength(4);
	expect(lengths[3]).toBeGreaterThan(lengths[0]);
	expect((await world.engine.retry(failed)).status).toBe('success');
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
});

it('an intent that n8n does not take: nothing is ordered', async () => {
	world.engine.deduplication.failWith = new Error('SQLITE_BUSY: database is locked');
	const failed = await world.run();
	expect(errorOf(failed)).toMatchObject({
		message: 'The order could not be noted in the n8n database',
		description: expect.stringMatching(/^Nothing was ordered for this item\./),
	});
	expect(world.bill()).toEqual({ submits: 0, tasks: 0 });
	world.engine.deduplication.failWith = undefined;
	expect((await world.engine.retry(failed)).status).toBe('success');
});
