// A killed n8n: "Retry" resumes what is paid for, orders what is not, and names what it does not know.

import type { IDataObject } from 'n8n-workflow';
import { imageFile } from '../../../tools/images';
import { itemsNode, type Execution, type NodeRequest } from '../../../tools/engine/engine';
import type { Running } from '../../../tools/engine/execution';
import type { Fault } from '../../../tools/simulator/simulator';
import { perService } from '../service';
import {
	delivered,
	errorOf,
	failedItem,
	goingOn,
	here,
	logOf,
	order,
	scenes,
	until,
	useFaultWorld,
} from './scene';

const world = useFaultWorld();

afterEach(() => jest.restoreAllMocks());

const UNSURE = 'may have been ordered by an earlier run';

/** The node asks for a task once, and then not for a long time. */
const LONG_PAUSE = { pollInterval: 900 };

/** Entries of one order: its intent, whose it is, and the id of its task, as long as the service makes them. */
const ENTRIES = 2 + perService({ imini: 22, modelStudio: 39 });

const areNoted =
	(count: number, more = 0) =>
	() =>
		world.entries().length === count * ENTRIES + more;

/** Starts a run of two scenes, and kills n8n as soon as `point` holds. */
async function killed(
	point: (running: Running) => boolean,
	request: NodeRequest = {},
): Promise<Running> {
	return await world.runUntilKilled(point, {
		parameters: order(LONG_PAUSE),
		items: scenes(2),
		...request,
	});
}

/** The task that was ordered for each scene. */
function tasksOfScenes(): string[] {
	return [...world.simulator.tasks.values()]
		.sort((a, b) => String(a.prompt).localeCompare(String(b.prompt)))
		.map(({ id }) => id);
}

it.each<[when: string, point: () => boolean, fault: Fault | undefined]>([
	['while tasks are polled', areNoted(2), undefined],
	[
		'while a query is open',
		() => areNoted(2)() && world.simulator.ofKind('query').length > 0,
		{ kind: 'hang' },
	],
])('%s: a retry goes on with the tasks, also a second time', async (_when, point, fault) => {
	if (fault) world.fail('query', fault);
	const running = await killed(point);
	world.simulator.faults.length = 0;
	for (let tries = 0; tries < 2; tries += 1) {
		const run = await world.engine.retryCrashed(running, { parameters: order() });
		expect(delivered(run)).toEqual(tasksOfScenes());
	}
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

it('while files are downloaded: a retry downloads them, and orders nothing', async () => {
	world.fail('media', { kind: 'hang', when: 'mid-body' }, 2);
	const running = world.start({ items: scenes(2) });
	await until(() => world.simulator.ofKind('media').length === 2);
	running.cancel();
	await running.result;
	const run = await world.engine.retryCrashed(running);
	expect(delivered(run)).toEqual(tasksOfScenes());
	expect(run.items.map(({ binary }) => binary?.data.mimeType)).toEqual(['video/mp4', 'video/mp4']);
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

it('between an order and its answer: a retry says that it may have been ordered; once more only where that is wanted', async () => {
	world.fail('submit', { kind: 'hang', accepted: true });
	const running = await killed(() => world.simulator.tasks.size === 1, { items: scenes(1) });
	for (let tries = 0; tries < 2; tries += 1) {
		const run = await world.engine.retryCrashed(running);
		expect(errorOf(run)?.message).toContain(UNSURE);
	}
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	const parameters = { options: { resubmitWhenUnsure: true } };
	const run = await world.engine.retryCrashed(running, { parameters });
	expect(delivered(run)).toEqual([world.taskIds()[1]]);
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

describe('between the answer and its note in the database', () => {
	/** From now on, the store `answers` what spells a task id. */
	function spellingMeets(answer: () => Promise<never>): void {
		const { deduplication } = world.engine;
		const record = deduplication.checkProcessedAndRecord.bind(deduplication);
		jest
			.spyOn(deduplication, 'checkProcessedAndRecord')
			.mockImplementation(async (entries, ...more) =>
				entries.length > 10 ? await answer() : await record(entries, ...more),
			);
	}

	it('n8n is killed: a retry says that it may have been ordered, and the id is in the log', async () => {
		let tries = 0;
		spellingMeets(async () => {
			tries += 1;
			throw new Error('It never came to that');
		});
		const running = await killed((begun) => logOf(begun).includes('is task'), { items: scenes(1) });
		await until(() => tries === 3);
		expect(logOf(running)).toContain(world.taskIds()[0]);
		jest.restoreAllMocks();
		const run = await world.engine.retryCrashed(running);
		expect(errorOf(run)?.message).toContain(UNSURE);
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});

	it('the database is down: the paid task goes on, and its id is in the log', async () => {
		spellingMeets(async () => await Promise.reject(new Error('SQLITE_BUSY')));
		const run = await world.run();
		expect(delivered(run)).toEqual(world.taskIds());
		expect(logOf(run)).toContain(world.taskIds()[0]);
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});
});

it('the database can not be read in the retry: everything counts as perhaps ordered', async () => {
	const running = await killed(areNoted(2));
	world.engine.deduplication.failWith = new Error('SQLITE_BUSY');
	const run = await world.engine.retryCrashed(running, { workflow: goingOn(running) });
	for (const item of [0, 1]) expect(failedItem(run, item).message).toContain(UNSURE);
	world.engine.deduplication.failWith = undefined;
	const later = await world.engine.retryCrashed(running, { parameters: order() });
	expect(delivered(later)).toEqual(tasksOfScenes());
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

it('what was never intended is ordered, and the retry says what it has done', async () => {
	const running = await killed(areNoted(1), {
		items: scenes(3),
		parameters: order({ ...LONG_PAUSE, maxTasksInFlight: 1 }),
	});
	const run = await world.engine.retryCrashed(running, { parameters: order() });
	expect(delivered(run)).toEqual(tasksOfScenes());
	const said = 'Ordered 2 videos, 10 seconds of video; 1 video taken over from an earlier try';
	expect(run.hints).toEqual([expect.objectContaining({ message: expect.stringContaining(said) })]);
	expect(logOf(run)).toContain(said);
	expect(run.items.map(({ json }) => json.ordered_seconds)).toEqual([0, 5, 5]);
	expect(world.bill()).toEqual({ submits: 3, tasks: 3 });
});

it('with On Error = continue: what may have been ordered is left alone, and the rest is delivered', async () => {
	const isFirst = ({ prompt }: { prompt?: string }) => prompt === 'scene 0';
	world.simulator.faults.push({ on: 'submit', match: isFirst, fault: { kind: 'hang' } });
	const running = await killed(
		() => world.entries().length === 2 + ENTRIES && world.simulator.ofKind('submit').length === 2,
	);
	const run = await world.engine.retryCrashed(running, {
		workflow: goingOn(running),
		parameters: order(),
	});
	expect(failedItem(run, 0).message).toContain(UNSURE);
	expect(delivered(run)[1]).toBe(world.taskIds()[0]);
	expect(logOf(run)).toContain('1 video skipped that may have been ordered before');
	expect(world.bill()).toEqual({ submits: 2, tasks: 1 });
});

it('with On Error = stop, the error of the retry names every item that may have been ordered', async () => {
	world.fail('submit', { kind: 'hang', accepted: true }, 2);
	const running = await killed(() => world.simulator.tasks.size === 2);
	const run = await world.engine.retryCrashed(running);
	expect(errorOf(run)?.message).toBe(`Item 0 (the 1st): The video ${UNSURE} of this item`);
	expect(errorOf(run)?.description).toContain('without a known task ID: 1.');
	expect(errorOf(run)?.context.unsure).toEqual([0, 1]);
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

it('an image that a node before stores anew is the same image', async () => {
	const content = await imageFile('png', 400, 400);
	const data = { content, fileName: 'a.png', mimeType: 'image/png' };
	const request = { operation: 'imageToVideo', imageSource: 'binary' };
	const running = await killed(areNoted(1), {
		items: [{ json: {}, binary: { data } }],
		parameters: here({ ...request, options: LONG_PAUSE }),
	});
	const run = await world.engine.retryCrashed(running, { parameters: { options: {} } });
	expect(delivered(run)).toEqual(world.taskIds());
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
});

it('where the nodes before give another prompt in the retry, that is another order', async () => {
	const running = await killed(areNoted(1), { items: scenes(1) });
	const items = itemsNode([{ json: { prompt: 'scene 0 at another time of the day' } }]);
	const options = { ...running.options, nodeTypes: { 'test.items': items } };
	const run = await world.engine.retryCrashed({ ...running, options }, { parameters: order() });
	expect(delivered(run)).toEqual([world.taskIds()[1]]);
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

it('after the node had finished, no intent is left: a retry orders again', async () => {
	const finished = await world.run();
	expect(finished.status).toBe('success');
	expect(world.entries()).toEqual([]);
	const run = await world.engine.retryCrashed(finished);
	expect(delivered(run)).toEqual([world.taskIds()[1]]);
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

it('the intent stands before the first byte of the order leaves', async () => {
	world.fail('submit', { kind: 'reset', when: 'before-read' });
	const running = world.start();
	await world.simulator.waitFor((all) => all.length === 1);
	expect(world.entries()).toHaveLength(2);
	await running.result;
});

it('a retry that dies as well: the next one has what both have ordered', async () => {
	const parameters = order({ ...LONG_PAUSE, maxTasksInFlight: 1 });
	const running = await world.runUntil(areNoted(1), { items: scenes(2), parameters });
	world.outcome({ result: 'never' }, Infinity);
	const second = world.engine.startRetryCrashed(running, { parameters: order(LONG_PAUSE) });
	// One entry more: that the retry goes on with what it has found
	await until(() => world.entries().length === 2 * ENTRIES + 1);
	second.cancel();
	await second.result;
	world.finishTasks();
	for (const crashed of [running, second]) {
		const run = await world.engine.retryCrashed(crashed, { parameters: order() });
		expect(delivered(run)).toEqual(tasksOfScenes());
	}
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

it('two equal executions at once: a retry of each goes on with tasks of its own', async () => {
	const items = scenes(3);
	const workflowId = 'shared';
	world.outcome({ result: 'never' }, 6);
	const start = () => world.start({ parameters: order(LONG_PAUSE), items, workflowId });
	const both = [start(), start()];
	// The second one is noted in the slots of the first as well
	const allNoted = areNoted(6, 3);
	await until(allNoted);
	for (const running of both) running.cancel();
	await Promise.all(both.map(async ({ result }) => await result));
	world.finishTasks();
	// A third one orders and delivers the same, and removes only its own intents
	const third = await world.run({ items, workflowId });
	expect(third.status).toBe('success');
	expect(allNoted()).toBe(true);
	const runs: Execution[] = [third];
	for (const running of both) {
		runs.push(await world.engine.retryCrashed(running, { parameters: order() }));
	}
	expect(new Set(runs.flatMap(delivered))).toEqual(new Set(world.taskIds()));
	expect(world.bill()).toEqual({ submits: 9, tasks: 9 });
});

describe('n8n runs the job of a dead worker again, under the same execution id', () => {
	const same = { executionId: '4711', workflowId: 'in a queue' };

	it('goes on with the task that its intent names', async () => {
		await killed(areNoted(2), same);
		const run = await world.run({ items: scenes(2), ...same });
		expect(delivered(run)).toEqual(tasksOfScenes());
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});

	const items = scenes(1);

	async function killedWhileOrdering(): Promise<void> {
		world.fail('submit', { kind: 'hang', accepted: true });
		await killed(() => world.simulator.tasks.size === 1, { items, ...same });
	}

	it('orders nothing where no answer is known', async () => {
		await killedWhileOrdering();
		const run = await world.run({ items, ...same });
		expect(errorOf(run)?.message).toContain(UNSURE);
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});

	it('orders once more where that is wanted, however often it is tried', async () => {
		await killedWhileOrdering();
		world.fail('submit', { kind: 'reset', when: 'after-read', accepted: true }, 2);
		const run = await world.run({
			parameters: order({ resubmitWhenUnsure: true }),
			items,
			...same,
			retryOnFail: true,
			maxTries: 3,
		});
		expect(errorOf(run)?.message).toContain('not ordered a third time');
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});

	it('delivers what it has ordered once more', async () => {
		await killedWhileOrdering();
		const parameters = order({ resubmitWhenUnsure: true });
		const run = await world.run({ parameters, items, ...same });
		expect(delivered(run)).toEqual([world.taskIds()[1]]);
		expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
	});
});

it('a task that the service does not know any more is gone: ordered anew only where that is wanted', async () => {
	const running = await killed(areNoted(1), { items: scenes(1) });
	world.expireTasks();
	const run = await world.engine.retryCrashed(running, { parameters: order() });
	expect(errorOf(run)?.message).toContain(`Task ${world.taskIds()[0]} was not found`);
	expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	const parameters = order({ resubmitWhenUnsure: true });
	const anew = await world.engine.retry(run, { parameters });
	expect(delivered(anew)).toEqual([world.taskIds()[1]]);
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

describe('the custom data of an execution', () => {
	function shown({ data }: Execution): string {
		return String((data.resultData.metadata as IDataObject | undefined)?.happyhorse_tasks);
	}

	it('names the tasks of one that is done, that has failed, and that was stopped', async () => {
		const done = await world.run({ items: scenes(2) });
		expect(shown(done).split(', ').sort()).toEqual(world.taskIds().sort());
		world.simulator.reset();

		world.outcome({ result: 'failed', afterSeconds: 0 });
		const failed = await world.run();
		expect(failed.status).toBe('error');
		expect(shown(failed)).toBe(world.taskIds()[0]);
		world.simulator.reset();

		const running = await world.runUntil((begun) => logOf(begun).includes('is task'));
		const stopped = await running.result;
		expect(stopped.status).toBe('canceled');
		expect(shown(stopped)).toBe(world.taskIds()[0]);
	});

	it('names many in several values, none of which n8n warns of', async () => {
		const parameters = order({}, { waitForCompletion: false });
		const run = await world.run({ parameters, items: scenes(50) });
		const values = Object.values(run.data.resultData.metadata ?? {}).map(String);
		expect(values).toHaveLength(5);
		for (const { length } of values) expect(length).toBeLessThanOrEqual(255);
		const [more, ...ids] = values.join(', ').split(', ').reverse();
		expect(more).toBe(`${50 - ids.length} more`);
		expect(ids.length).toBeGreaterThanOrEqual(30);
		for (const id of ids) expect(world.taskIds()).toContain(id);
	});

	it('names the tasks that a retry has taken over', async () => {
		const running = await killed(areNoted(1), { items: scenes(1) });
		const run = await world.engine.retryCrashed(running, { parameters: order() });
		expect(shown(run)).toBe(world.taskIds()[0]);
	});
});

it('behind an order that is not waited for: a retry puts out its task ID again, and orders nothing', async () => {
	const parameters = order({}, { waitForCompletion: false });
	const ended = await world.run({ parameters, items: scenes(2) });
	const run = await world.engine.retryCrashed(ended);
	expect(delivered(run)).toEqual(delivered(ended));
	expect(world.bill()).toEqual({ submits: 2, tasks: 2 });
});

it('a retry of a crashed execution that fails too passes on what may have been ordered: it is never bought twice', async () => {
	world.fail('submit', { kind: 'hang', accepted: true });
	const running = await killed(() => world.simulator.tasks.size === 2);
	const first = await world.engine.retryCrashed(running);
	expect(first.status).toBe('error');
	const before = world.bill();
	const second = await world.engine.retry(first);
	expect(second.status).toBe('error');
	expect(errorOf(second)?.message).toContain('may have been ordered');
	expect(world.bill()).toEqual(before);
});
