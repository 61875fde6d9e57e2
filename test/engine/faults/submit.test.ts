// Faults of a submit: what is sent again, what never is, and what a retry then does.
import type { IDataObject } from 'n8n-workflow';
import { clock } from '../../../nodes/HappyHorse/util/clock';
import type { FaultHeaders } from '../../../tools/simulator/request';
import type { Fault } from '../../../tools/simulator/simulator';
import { codeOf, perService } from '../service';
import {
	bill,
	credentialsFor,
	errorOf,
	failedItem,
	logOf,
	order,
	requestsSentWithin,
	scenes,
	taskIds,
	useFaultWorld,
} from './scene';

const world = useFaultWorld();

/** Answers that leave it open whether the order was taken, one of each kind; the verdict tables have them all. */
const UNSURE: Array<[name: string, fault: Fault, known: IDataObject]> = [
	['503', { kind: 'status', status: 503 }, { http_status: 503, code: codeOf(503) }],
	['a reset after the body was read', { kind: 'reset', when: 'after-read' }, {}],
	['no answer in time', { kind: 'hang' }, {}],
	['an answer cut short', { kind: 'truncate', bytes: 20 }, {}],
	[
		'502 with a header that proxies have',
		{ kind: 'status', status: 502, headers: { 'proxy-authenticate': 'Negotiate' } },
		{ http_status: 502 },
	],
	['200 without task_id', { kind: 'body', text: '{"request_id":"r1"}' }, { http_status: 200 }],
];

describe.each(UNSURE)('%s', (_name, fault, known) => {
	it.each([false, true])(
		'is never sent again by itself, nor by a retry (the service took it: %s)',
		async (accepted) => {
			world.simulator.faults.push({ on: 'submit', fault: { ...fault, accepted } });
			const failed = await world.engine.runNode({
				parameters: order(),
				items: scenes(1),
				retryOnFail: true,
				maxTries: 2,
			});
			expect(failed.tries).toBe(2);
			expect(errorOf(failed)).toMatchObject({
				message: 'The video may have been ordered: the service gave no clear answer',
				description: expect.stringMatching(/usage records.*Order Again When Unsure/),
				context: { ...known, tasks: [] },
			});
			expect(logOf(failed)).toContain('warn: HappyHorse: item 0 may have been ordered');
			expect(bill(world)).toEqual({ submits: 1, tasks: accepted ? 1 : 0 });
			expect(await requestsSentWithin(20)).toEqual([]);

			const retried = await world.engine.retry(failed);
			expect(errorOf(retried)?.message).toContain('may have been ordered');
			expect(bill(world).submits).toBe(1);

			const wanted = await world.engine.retry(retried, {
				parameters: { options: { resubmitWhenUnsure: true } },
			});
			expect(wanted.status).toBe('success');
			expect(bill(world)).toEqual({ submits: 2, tasks: accepted ? 2 : 1 });
			expect(wanted.items[0].json.task_id).toBe(taskIds(world).at(-1));
		},
	);
});

/** Answers that name the task, though something is odd about them. */
const ODD: Array<[name: string, fault: Fault]> = [
	['a header that proxies have', { kind: 'headers', headers: { 'proxy-authenticate': 'Basic' } }],
	['a task id deep inside', { kind: 'reshaped', as: (answer) => ({ data: [{ deep: answer }] }) }],
	['an answer cut off behind the task id', { kind: 'truncate', bytes: 95, accepted: true }],
];

it.each(ODD)(
	'with %s, what was ordered is delivered, and not bought again',
	async (_name, fault) => {
		world.simulator.faults.push({ on: 'submit', fault });
		const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		expect(run.status).toBe('success');
		expect(logOf(run)).toContain(`is task ${taskIds(world)[0]}`);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	},
);

const REFUSED_CONTENT = perService({
	imini: 'INVALID_PROMPT',
	modelStudio: 'DataInspectionFailed',
});

/** Definite refusals: what the service answers, and what the user is told. */
const REFUSED: Array<[name: string, fault: Fault, message: string, known: IDataObject]> = [
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
	['402', { kind: 'status', status: 402 }, 'not enough credits', { http_status: 402 }],
	['404 with a page', { kind: 'status', status: 404, body: 'html' }, '(status 404)', {}],
];

describe.each(REFUSED)('%s', (_name, fault, message, known) => {
	it('fails at once: nothing was ordered, and a retry is free to order', async () => {
		world.simulator.faults.push({ on: 'submit', fault });
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		expect(failed.status).toBe('error');
		expect(errorOf(failed)).toMatchObject({
			message: expect.stringContaining(message),
			description: expect.stringMatching(/^Nothing was ordered for this item\./),
			context: { ...known, tasks: [] },
		});
		expect(JSON.stringify(errorOf(failed))).not.toMatch(/canceled/i);
		expect(bill(world)).toEqual({ submits: 1, tasks: 0 });
		expect(await requestsSentWithin(20)).toEqual([]);
		expect(world.engine.deduplication.rows.flatMap(({ entries }) => entries)).toEqual([]);

		const retried = await world.engine.retry(failed);
		expect(retried.status).toBe('success');
		expect(bill(world)).toEqual({ submits: 2, tasks: 1 });
	});
});

it.each([302, 307])('a redirect (%i) is never followed', async (status) => {
	const location = `${world.simulator.mediaUrl}/file/x.mp4`;
	world.simulator.faults.push({
		on: 'submit',
		fault: { kind: 'status', status, headers: { location } },
	});
	const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	expect(errorOf(failed)).toMatchObject({
		message: expect.stringContaining(`redirect (status ${status})`),
	});
	expect(world.simulator.requests).toHaveLength(1);
});

/** Values of Retry-After, and the shortest pause that must follow, in ms by the clock. */
const RETRY_AFTER: Array<[header: string | undefined, least: number]> = [
	['20', 20_000],
	// A date has whole seconds: up to one of the 20 is lost
	['date', 18_000],
	[undefined, perService({ imini: 5000, modelStudio: 1000 })],
];

it.each(RETRY_AFTER)('429 with Retry-After %s is sent again after it', async (value, least) => {
	const date = (now: number) => new Date(now + 20_000).toUTCString();
	const headers: FaultHeaders =
		value === undefined ? {} : { 'retry-after': value === 'date' ? date : value };
	world.simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 429, headers } });
	const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	expect(run.status).toBe('success');
	expect(bill(world)).toEqual({ submits: 2, tasks: 1 });
	const [first, second] = world.simulator.ofKind('submit');
	expect(second.at - first.at).toBeGreaterThanOrEqual(least);
});

it('429 with a pause beyond the timeout: nothing is sent within it, so it gives up at once', async () => {
	const fault: Fault = { kind: 'status', status: 429, headers: { 'retry-after': '86400' } };
	world.simulator.faults.push({ on: 'submit', times: Infinity, fault });
	const began = world.clock.now();
	const failed = await world.engine.runNode({
		parameters: order({ timeout: 1, maxTasksInFlight: 3 }),
		items: scenes(3),
		onError: 'continueRegularOutput',
	});
	expect(failed.items.map((_, index) => failedItem(failed, index))).toEqual(
		['Item 0 (the 1st)', 'Item 1 (the 2nd)', 'Item 2 (the 3rd)'].map((item) =>
			expect.objectContaining({
				message: `${item}: The HappyHorse service had no room for this order within 1 minute`,
				description: expect.stringMatching(
					/^Nothing was ordered for this item\. It asks to be left alone for another /,
				),
			}),
		),
	);
	expect(failed.items[0].json.error).toMatchObject({
		code: codeOf(429),
		http_status: 429,
		request_id: expect.any(String),
	});
	// What was sent before the answer came
	expect(bill(world).submits).toBeLessThanOrEqual(3);
	expect(bill(world).tasks).toBe(0);
	expect(world.clock.now() - began).toBeLessThan(60_000);
	expect(await requestsSentWithin(60)).toEqual([]);
});

it('429 all the time: gives up at the timeout with the last answer, and a retry orders', async () => {
	let times = 0;
	world.simulator.faults.push({
		on: 'submit',
		times: Infinity,
		fault: () => ({ kind: 'status', status: 429, body: { request_id: `req_${(times += 1)}` } }),
	});
	const failed = await world.engine.runNode({
		parameters: order({ timeout: 1 }),
		items: scenes(1),
	});
	expect(times).toBeGreaterThan(2);
	expect(errorOf(failed)?.context).toMatchObject({ request_id: `req_${times}` });
	world.simulator.faults.length = 0;
	expect((await world.engine.retry(failed)).status).toBe('success');
	expect(bill(world).tasks).toBe(1);
});

it('429 all the time: the tries of Retry On Fail share one timeout, and a retry by hand has its own', async () => {
	const fault: Fault = { kind: 'status', status: 429, headers: { 'retry-after': '20' } };
	world.simulator.faults.push({ on: 'submit', times: Infinity, fault });
	const failed = await world.engine.runNode({
		parameters: order({ timeout: 1 }),
		items: scenes(1),
		retryOnFail: true,
	});
	expect(failed.tries).toBe(3);
	const times = world.simulator.ofKind('submit').map(({ at }) => at);
	// At 0, 20 and 40 seconds: the next would be at the deadline, and the other tries begin after it
	expect(times).toHaveLength(3);
	expect(times[2] - times[0]).toBeLessThan(60_000);
	world.simulator.reset();
	world.simulator.faults.push({ on: 'submit', fault });
	expect((await world.engine.retry(failed)).status).toBe('success');
	expect(bill(world)).toEqual({ submits: 2, tasks: 1 });
});

describe('no connection', () => {
	afterEach(() => jest.restoreAllMocks());

	it('refused: tries again a few times, then says that nothing was ordered', async () => {
		const pauses = jest.spyOn(clock, 'sleep');
		await world.simulator.goOffline();
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		await world.simulator.goOnline();
		expect(errorOf(failed)).toMatchObject({
			message: 'The HappyHorse service could not be reached',
			description: expect.stringMatching(/^Nothing was ordered for this item\..*ECONNREFUSED/),
			context: { code: 'ECONNREFUSED' },
		});
		const lengths = pauses.mock.calls.map(([ms]) => ms);
		expect(lengths).toHaveLength(4);
		expect(lengths[3]).toBeGreaterThan(lengths[0]);
		expect((await world.engine.retry(failed)).status).toBe('success');
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});

	it('refused, then not: is ordered once', async () => {
		const sleep = clock.sleep;
		await world.simulator.goOffline();
		const back = jest.spyOn(clock, 'sleep').mockImplementationOnce(async (ms, signal) => {
			await world.simulator.goOnline();
			await sleep(ms, signal);
		});
		const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
		expect(back).toHaveBeenCalled();
		expect(run.status).toBe('success');
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
	});

	it('to a host that does not exist: nothing was ordered', async () => {
		const failed = await world.engine.runNode({
			parameters: order(),
			items: scenes(1),
			credentials: credentialsFor('http://no-such-host.invalid/router'),
		});
		expect(errorOf(failed)?.description).toMatch(/^Nothing was ordered for this item\./);
		expect(world.simulator.requests).toEqual([]);
	});
});

it('an intent that n8n does not take: nothing is ordered', async () => {
	world.engine.deduplication.failWith = new Error('SQLITE_BUSY: database is locked');
	const failed = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	expect(errorOf(failed)).toMatchObject({
		message: 'The order could not be noted in the n8n database',
		description: expect.stringMatching(/^Nothing was ordered for this item\./),
	});
	expect(bill(world)).toEqual({ submits: 0, tasks: 0 });
	world.engine.deduplication.failWith = undefined;
	expect((await world.engine.retry(failed)).status).toBe('success');
});
