// Stops, at each point of a run: by a person, by the workflow's timeout, or because the run gives up.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { setTimeout as pause } from 'node:timers/promises';
import { imageFile } from '../../../tools/images';
import type { Running } from '../../../tools/engine/engine';
import type { Fault, Outcome } from '../../../tools/simulator/simulator';
import {
	delivered,
	errorOf,
	here,
	logOf,
	order,
	requestsSentDuring,
	requestsSentWithin,
	scenes,
	until,
	useFaultWorld,
} from './scene';

/** Real ms that a stop may take. */
const AT_ONCE = 1000;

const world = useFaultWorld();

const unsure = 'may have been ordered: the execution was stopped while it was sent';
const forever: Outcome = { result: 'never' };

/** The node asks for a task once, and then not for a long time. */
const LONG_PAUSE = { pollInterval: 900 };

const hangs: Fault = { kind: 'hang', accepted: true };
const comeLater = (status: number): Fault => ({
	kind: 'status',
	status,
	headers: { 'retry-after': '900' },
});

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

const ofTask = (running: Running) => logOf(running).split('is task').length - 1;
const has = (kind: string, status?: number) =>
	world.simulator.requests.some((one) => one.kind === kind && (!status || one.status === status));

describe('a stop', () => {
	it('while files are checked: nothing is ordered', async () => {
		const content = await imageFile('png', 1200, 1200);
		const data = { content, fileName: 'a.png', mimeType: 'image/png' };
		const running = world.start({
			parameters: here({ operation: 'imageToVideo', imageSource: 'binary' }),
			items: Array.from({ length: 100 }, () => ({ json: {}, binary: { data } })),
		});
		await pause(5);
		await judge(running);
		expect(world.simulator.requests).toEqual([]);
		expect(world.entries()).toEqual([]);
	});

	it('while submits are open: they are logged as perhaps ordered, and keep their intents', async () => {
		world.fail('submit', { kind: 'hang' }, 2);
		const running = world.start({ items: scenes(2) });
		await world.simulator.waitFor(
			(all) => all.filter(({ body, fault }) => body && fault).length === 2,
		);
		await judge(running);
		for (const item of [0, 1])
			expect(logOf(running)).toContain(`warn: HappyHorse: item ${item} ${unsure}`);
		// The intents, and the notes of whose they are
		expect(world.entries()).toHaveLength(4);
		expect(world.bill()).toEqual({ submits: 2, tasks: 0 });
	});

	it.each<[at: string, spoil: () => void, reached: (running: Running) => boolean, tasks: number]>([
		[
			'in the pause after a 429',
			() => world.fail('submit', comeLater(429)),
			() => has('submit', 429),
			0,
		],
		['between two queries', () => world.outcome(forever), (running) => ofTask(running) === 1, 1],
		['while a query is open', () => world.fail('query', hangs), () => has('query'), 1],
		[
			'in the pause after a query went wrong',
			() => world.fail('query', comeLater(503)),
			() => has('query', 503),
			1,
		],
		['before a file comes', () => world.fail('media', hangs), () => has('media'), 1],
		[
			'while a file comes',
			() => world.fail('media', { kind: 'hang', when: 'mid-body' }),
			() => has('media', 200),
			1,
		],
	])('%s: nothing more is sent', async (at, spoil, reached, tasks) => {
		spoil();
		const running = world.start({
			parameters: order(at === 'between two queries' ? LONG_PAUSE : {}),
		});
		const sent = await requestsSentDuring(async () => await until(() => reached(running)));
		expect(sent).not.toEqual([]);
		await judge(running);
		expect(world.bill()).toEqual({ submits: 1, tasks });
		for (const id of world.taskIds()) expect(logOf(running)).toContain(id);
	});

	it('of many items with On Error = continue and Retry On Fail: no further try sends anything, and who waits for a place is never ordered', async () => {
		world.outcome(forever, Infinity);
		const running = world.start({
			parameters: order({ ...LONG_PAUSE, maxTasksInFlight: 4 }),
			items: scenes(40),
			onError: 'continueRegularOutput',
			retryOnFail: true,
			maxTries: 3,
		});
		await until(() => ofTask(running) === 4);
		await judge(running);
		expect(world.bill()).toEqual({ submits: 4, tasks: 4 });
	});

	it('leaves no record: the workflow orders when it is run again, and the log has what it takes to collect', async () => {
		world.outcome(forever);
		const workflowId = 'stopped once';
		const running = world.start({ parameters: order(LONG_PAUSE), workflowId });
		await until(() => ofTask(running) === 1);
		await judge(running);
		expect(delivered(await world.run({ workflowId }))).toEqual([world.taskIds()[1]]);

		world.finishTasks();
		const [, taskId] = /is task (\S+)/.exec(logOf(running)) ?? [];
		const parameters = here({ resource: 'task', operation: 'wait', taskId });
		const collected = await world.engine.runNode({ parameters });
		expect(delivered(collected)).toEqual([world.taskIds()[0]]);
		expect(collected.items[0].binary?.data.mimeType).toBe('video/mp4');
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});

	it.each(['submit', 'query'] as const)(
		"by the workflow's timeout is one: with a %s open",
		async (on) => {
			world.fail(on, hangs);
			const running = world.start({ settings: { executionTimeout: 0.5 } });
			await until(() => has(on));
			await judge(running, () => {});
			expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
			expect(logOf(running)).toContain(on === 'submit' ? unsure : world.taskIds()[0]);
		},
	);
});

describe('a run that gives up', () => {
	/** `afterMs`: late enough for the others to be sent before, on a busy machine too. */
	const refuse = (scene: string, afterMs: number) =>
		world.simulator.faults.push({
			on: 'submit',
			match: ({ prompt }) => prompt === scene,
			fault: { kind: 'status', status: 400, afterMs },
		});

	it('waits for its open submits, lists every task, and asks for none', async () => {
		refuse('scene 0', 120_000);
		world.fail('submit', { kind: 'slow', ms: 180_000, accepted: true }, 4);
		const failed = await world.run({ items: scenes(5) });
		const tasks = [...world.simulator.tasks.values()]
			.map(({ id, prompt }) => ({ item: Number(String(prompt).slice(6)), task_id: id }))
			.sort((a, b) => a.item - b.item);
		expect(tasks).toHaveLength(4);
		expect(errorOf(failed)).toMatchObject({
			message: 'Item 0 (the 1st): The HappyHorse service refused the request',
			context: { tasks },
		});
		const ids = tasks.map(({ task_id }) => task_id);
		expect(errorOf(failed)?.description).toContain(`Task IDs: ${ids.join(', ')}.`);
		expect(world.simulator.ofKind('query')).toEqual([]);
		expect(await requestsSentWithin(60)).toEqual([]);

		const retried = await world.engine.retry(failed);
		expect(delivered(retried).slice(1)).toEqual(ids);
		expect(world.bill()).toEqual({ submits: 6, tasks: 5 });
	});

	it('in the middle of 60 items: sends no more, and a retry picks all up', async () => {
		refuse('scene 20', 5000);
		const failed = await world.run({ items: scenes(60) });
		const paid = world.taskIds();
		expect(paid.length).toBeLessThan(50);
		expect(errorOf(failed)?.context.tasks).toHaveLength(paid.length);
		const retried = await world.engine.retry(failed);
		expect(world.bill()).toEqual({ submits: 61, tasks: 60 });
		expect(delivered(retried).sort()).toEqual(world.taskIds().sort());
		expect(retried.items.map(({ pairedItem }) => pairedItem)).toEqual(
			scenes(60).map((_, item) => ({ item })),
		);
	});
});
