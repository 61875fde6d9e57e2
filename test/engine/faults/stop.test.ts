// Stops, at each point of a run: by a person, by the workflow's timeout, or because the run gives up.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { setTimeout as pause } from 'node:timers/promises';
import { clock } from '../../../nodes/HappyHorse/util/clock';
import { imageFile } from '../../../tools/images';
import type { Running } from '../../../tools/engine/engine';
import {
	bill,
	entriesOf,
	errorOf,
	here,
	logOf,
	order,
	requestsSentDuring,
	requestsSentWithin,
	scenes,
	taskIds,
	until,
	useFaultWorld,
} from './scene';

/** Real ms that a stop may take. */
const AT_ONCE = 1000;

const world = useFaultWorld();

afterEach(() => jest.restoreAllMocks());

const unsure = 'may have been ordered: the execution was stopped while it was sent';

async function seen(kind: string, extra: (status?: number, body?: object) => boolean = () => true) {
	await world.simulator.waitFor((all) =>
		all.some((request) => request.kind === kind && extra(request.status, request.body)),
	);
}

/** Stops an execution, waits for its end, and checks what holds for every stop. */
async function judge(running: Running, stop: () => void = running.cancel) {
	const before = Date.now();
	stop();
	const execution = await running.result;
	expect(Date.now() - before).toBeLessThan(AT_ONCE);
	expect(execution.status).toBe('canceled');
	expect(await requestsSentWithin(100)).toEqual([]);
	await world.simulator.waitFor((all) => all.every(({ open }) => !open));
	expect(logOf(running)).not.toMatch(/canceled/i);
	expect(JSON.stringify(errorOf(execution) ?? '')).not.toMatch(/canceled/i);
	return execution;
}

it('before a stop the requests that are counted after it are seen', async () => {
	world.simulator.outcomes.push({ outcome: { result: 'never' } });
	const running = world.engine.startNode({ parameters: order(), items: scenes(1) });
	const sent = await requestsSentDuring(async () => await seen('query'));
	expect(sent).toContainEqual(expect.stringMatching(/^GET .*tasks\//));
	await judge(running);
});

describe('a stop', () => {
	it('while files are checked: nothing is ordered', async () => {
		const content = await imageFile('png', 1200, 1200);
		const items = Array.from({ length: 100 }, () => ({
			json: {},
			binary: { data: { content, fileName: 'a.png', mimeType: 'image/png' } },
		}));
		const running = world.engine.startNode({
			parameters: here({ operation: 'imageToVideo', imageSource: 'binary' }),
			items,
		});
		await pause(5);
		await judge(running);
		expect(world.simulator.requests).toEqual([]);
		expect(entriesOf(world)).toEqual([]);
	});

	it('while an intent is written: nothing is ordered, and the intent goes again', async () => {
		const { deduplication } = world.engine;
		const record = deduplication.checkProcessedAndRecord.bind(deduplication);
		let go = () => {};
		const gate = new Promise<void>((resolve) => (go = resolve));
		const asked = new Promise<void>((resolve) =>
			jest.spyOn(deduplication, 'checkProcessedAndRecord').mockImplementation(async (...all) => {
				resolve();
				await gate;
				return await record(...all);
			}),
		);
		const running = world.engine.startNode({ parameters: order(), items: scenes(3) });
		await asked;
		await judge(running);
		go();
		expect(await requestsSentWithin(50)).toEqual([]);
		expect(bill(world).submits).toBe(0);
		expect(entriesOf(world)).toEqual([]);
	});

	it.each([true, false])(
		'while a submit is open: it is logged as perhaps ordered (taken: %s)',
		async (accepted) => {
			world.simulator.faults.push({ on: 'submit', times: 2, fault: { kind: 'hang', accepted } });
			const running = world.engine.startNode({ parameters: order(), items: scenes(2) });
			await world.simulator.waitFor(
				(all) =>
					all.filter(({ kind, body, fault }) => kind === 'submit' && body && fault).length === 2,
			);
			await judge(running);
			expect(logOf(running)).toContain(`warn: HappyHorse: item 0 ${unsure}`);
			expect(logOf(running)).toContain(`warn: HappyHorse: item 1 ${unsure}`);
			// What may have been ordered keeps its intent, and the note of whose it is
			expect(entriesOf(world)).toHaveLength(4);
			expect(bill(world)).toEqual({ submits: 2, tasks: accepted ? 2 : 0 });
		},
	);

	it('in the pause after a 429: nothing is ordered', async () => {
		const headers = { 'retry-after': '900' };
		world.simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 429, headers } });
		const running = world.engine.startNode({ parameters: order(), items: scenes(1) });
		await seen('submit', (status) => status === 429);
		await judge(running);
		expect(bill(world)).toEqual({ submits: 1, tasks: 0 });
	});

	it('in the pause after a refused connection: nothing is ordered', async () => {
		await world.simulator.goOffline();
		const sleep = clock.sleep;
		const sleeping = new Promise<void>((resolve) =>
			jest.spyOn(clock, 'sleep').mockImplementation(async (_ms, signal) => {
				resolve();
				await sleep(600_000, signal);
			}),
		);
		const running = world.engine.startNode({ parameters: order(), items: scenes(1) });
		await sleeping;
		await judge(running);
		await world.simulator.goOnline();
		expect(await requestsSentWithin(50)).toEqual([]);
	});

	it('between two queries', async () => {
		world.simulator.outcomes.push({ outcome: { result: 'never' } });
		const running = world.engine.startNode({
			parameters: order({ pollInterval: 900 }),
			items: scenes(1),
		});
		// By then the answer was read, and the task is known
		await until(() => logOf(running).includes('is task'));
		const { data } = await judge(running);
		expect(logOf(running)).toContain(taskIds(world)[0]);
		expect(world.simulator.ofKind('query')).toEqual([]);
		expect(data.resultData.error?.message ?? '').not.toMatch(/canceled/i);
	});

	it('while a query is open', async () => {
		world.simulator.faults.push({ on: 'query', fault: { kind: 'hang' } });
		const running = world.engine.startNode({ parameters: order(), items: scenes(1) });
		await seen('query');
		await judge(running);
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
		expect(world.simulator.ofKind('query')[0].aborted).toBe(true);
	});

	it('in the pause after a query went wrong', async () => {
		const headers = { 'retry-after': '900' };
		world.simulator.faults.push({ on: 'query', fault: { kind: 'status', status: 503, headers } });
		const running = world.engine.startNode({ parameters: order(), items: scenes(1) });
		await seen('query', (status) => status === 503);
		await judge(running);
		expect(world.simulator.ofKind('query')).toHaveLength(1);
	});

	it.each(['before-answer', 'mid-body'] as const)('while a file comes (%s)', async (when) => {
		world.simulator.faults.push({ on: 'media', fault: { kind: 'hang', when } });
		const running = world.engine.startNode({ parameters: order(), items: scenes(1) });
		await seen('media', (status) => when === 'before-answer' || status === 200);
		await judge(running);
	});

	it('in the pause after a file did not come', async () => {
		world.simulator.faults.push({ on: 'media', fault: { kind: 'status', status: 500 } });
		const sleep = clock.sleep;
		let paused = () => {};
		const inPause = new Promise<void>((resolve) => (paused = resolve));
		jest.spyOn(clock, 'sleep').mockImplementation(async (ms, signal) => {
			if (world.simulator.ofKind('media').some(({ status }) => status === 500) && ms < 2000) {
				paused();
				await sleep(600_000, signal);
			} else await sleep(ms, signal);
		});
		const running = world.engine.startNode({ parameters: order(), items: scenes(1) });
		await inPause;
		await judge(running);
		expect(world.simulator.ofKind('media')).toHaveLength(1);
	});

	it('with On Error = continue and Retry On Fail: no further try sends anything', async () => {
		world.simulator.outcomes.push({ times: Infinity, outcome: { result: 'never' } });
		const running = world.engine.startNode({
			parameters: order({ pollInterval: 900 }),
			items: scenes(3),
			onError: 'continueRegularOutput',
			retryOnFail: true,
			maxTries: 3,
		});
		await until(() => logOf(running).split('is task').length === 4);
		await judge(running);
		expect(bill(world)).toEqual({ submits: 3, tasks: 3 });
		for (const id of taskIds(world)) expect(logOf(running)).toContain(id);
	});

	it('leaves no record: the workflow orders when it is run again, and the log has what it takes to collect', async () => {
		world.simulator.outcomes.push({ outcome: { result: 'never' } });
		const workflowId = 'stopped once';
		const running = world.engine.startNode({
			parameters: order({ pollInterval: 900 }),
			items: scenes(1),
			workflowId,
		});
		await until(() => logOf(running).includes('is task'));
		await judge(running);
		const run = await world.engine.runNode({ parameters: order(), items: scenes(1), workflowId });
		expect(run.items.map(({ json }) => json.task_id)).toEqual([taskIds(world)[1]]);
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });

		for (const task of world.simulator.tasks.values()) task.outcome = { afterSeconds: 0 };
		const [, taskId] = /is task (\S+)/.exec(logOf(running)) ?? [];
		const parameters = here({ resource: 'task', operation: 'wait', taskId });
		const collected = await world.engine.runNode({ parameters });
		expect(collected.items[0].json).toMatchObject({ task_id: taskIds(world)[0] });
		expect(collected.items[0].binary?.data.mimeType).toBe('video/mp4');
		expect(bill(world)).toEqual({ submits: 2, tasks: 2 });
	});

	it('of many items: those that wait for a place are never ordered', async () => {
		world.simulator.outcomes.push({ times: Infinity, outcome: { result: 'never' } });
		const running = world.engine.startNode({
			parameters: order({ maxTasksInFlight: 4 }),
			items: scenes(40),
		});
		await world.simulator.waitFor(() => world.simulator.tasks.size === 4);
		await judge(running);
		expect(bill(world)).toEqual({ submits: 4, tasks: 4 });
	});
});

describe("the workflow's timeout", () => {
	it.each(['submit', 'query', 'media'] as const)('is a stop: with a %s open', async (on) => {
		world.simulator.faults.push({ on, fault: { kind: 'hang', accepted: true } });
		const running = world.engine.startNode({
			parameters: order(),
			items: scenes(1),
			settings: { executionTimeout: 0.5 },
		});
		await seen(on);
		await judge(running, () => {});
		expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
		if (on === 'submit') expect(logOf(running)).toContain(unsure);
		else expect(logOf(running)).toContain(taskIds(world)[0]);
	});
});

describe('a run that gives up', () => {
	const slow = { kind: 'slow', ms: 60_000, accepted: true } as const;
	// Late enough for the others to be sent before
	const refusal = { kind: 'status', status: 400, afterMs: 5000 } as const;
	const isFirst = ({ prompt }: { prompt?: string }) => prompt === 'scene 0';

	it('waits for its open submits, lists every task, and asks for none', async () => {
		world.simulator.faults.push({ on: 'submit', match: isFirst, fault: refusal });
		world.simulator.faults.push({ on: 'submit', times: 4, fault: slow });
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(5) });
		const tasks = [...world.simulator.tasks.values()]
			.map(({ id, prompt }) => ({ item: Number(String(prompt).slice(6)), task_id: id }))
			.sort((a, b) => a.item - b.item);
		expect(tasks).toHaveLength(4);
		expect(errorOf(failed)).toMatchObject({
			message: 'Item 0 (the 1st): The HappyHorse service refused the request',
			context: { tasks },
		});
		const ids = tasks.map(({ task_id }) => task_id).join(', ');
		expect(errorOf(failed)?.description).toContain(`Task IDs: ${ids}.`);
		expect(world.simulator.ofKind('query')).toEqual([]);
		expect(await requestsSentWithin(60)).toEqual([]);

		const retried = await world.engine.retry(failed);
		expect(retried.status).toBe('success');
		expect(retried.items.slice(1).map(({ json }) => json.task_id)).toEqual(
			tasks.map(({ task_id }) => task_id),
		);
		expect(bill(world)).toEqual({ submits: 6, tasks: 5 });
	});

	it('and is stopped while it waits: ends at once', async () => {
		world.simulator.faults.push({ on: 'submit', match: isFirst, fault: refusal });
		world.simulator.faults.push({ on: 'submit', times: 2, fault: { kind: 'hang' } });
		const running = world.engine.startNode({ parameters: order(), items: scenes(3) });
		await world.simulator.waitFor(
			(all) =>
				all.filter(({ fault }) => fault?.kind === 'hang').length === 2 &&
				all.some(({ status }) => status === 400),
		);
		await judge(running);
		expect(logOf(running)).toContain(`item 1 ${unsure}`);
		expect(logOf(running)).toContain(`item 2 ${unsure}`);
	});

	it('with one bad item orders nothing at all', async () => {
		const items = [...(scenes(3) ?? []), { json: { prompt: ' ' } }];
		const failed = await world.engine.runNode({ parameters: order(), items });
		expect(errorOf(failed)?.message).toMatch(/^Item 3 \(the 4th\): /);
		expect(world.simulator.requests).toEqual([]);
	});

	it('in the middle of 100 items: sends no more, and a retry picks all up', async () => {
		const bad = ({ prompt }: { prompt?: string }) => prompt === 'scene 50';
		world.simulator.faults.push({ on: 'submit', match: bad, fault: refusal });
		const failed = await world.engine.runNode({ parameters: order(), items: scenes(100) });
		const paid = taskIds(world);
		expect(paid.length).toBeLessThan(75);
		expect((errorOf(failed)?.context.tasks as object[]).length).toBe(paid.length);
		const retried = await world.engine.retry(failed);
		expect(retried.items).toHaveLength(100);
		expect(bill(world)).toEqual({ submits: 101, tasks: 100 });
		expect(new Set(retried.items.map(({ json }) => json.task_id))).toEqual(new Set(taskIds(world)));
		expect(retried.items.map(({ pairedItem }) => pairedItem)).toEqual(
			scenes(100)?.map((_, item) => ({ item })),
		);
	});
});
