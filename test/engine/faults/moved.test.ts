// A crashed execution is retried in a world that has moved: other rows, other executions beside it, a second click.
import type { ItemSpec, NodeRequest } from '../../../tools/engine/engine';
import { itemsNode } from '../../../tools/engine/engine';
import type { Running } from '../../../tools/engine/execution';
import { imageFile } from '../../../tools/images';
import { processMemory } from '../../../nodes/HappyHorse/task/intentNotes';
import { delivered, errorOf, here, logOf, order, scenes, until, useFaultWorld } from './scene';

const world = useFaultWorld();

/** The node asks for a task soon, and then not for a long time. */
const LONG_PAUSE = { pollInterval: 120 };

const rows = (...prompts: string[]): ItemSpec[] => prompts.map((prompt) => ({ json: { prompt } }));

/** Starts a run, and stops it once all its orders have been taken and noted. */
async function ended({ items = scenes(1), ...request }: NodeRequest): Promise<Running> {
	const isNoted = (running: Running) => logOf(running).split('is task').length === items.length + 1;
	const point = (running: Running) =>
		isNoted(running) && world.simulator.ofKind('query').length > 0;
	return await world.runUntil(point, { parameters: order(LONG_PAUSE), items, ...request });
}

/** The same where n8n is killed. */
async function killed(request: NodeRequest): Promise<Running> {
	const running = await ended(request);
	world.finishTasks();
	return running;
}

/** Another n8n goes on: it knows of no execution before. */
function restart(): void {
	processMemory.notes.clear();
}

/** What is retried, with other items from the node before. */
function withItems(running: Running, items: ItemSpec[]): Running {
	const nodeTypes = { 'test.items': itemsNode(items) };
	return { ...running, options: { ...running.options, nodeTypes } };
}

describe('between crash and retry the rows have', () => {
	it.each<[how: string, before: ItemSpec[], after: ItemSpec[], tasks: number]>([
		['a new one on top', rows('a', 'b', 'c'), rows('x', 'a', 'b', 'c'), 4],
		['one less', rows('a', 'b', 'c'), rows('b', 'c'), 3],
		['moved', rows('a', 'b', 'c'), rows('c', 'b', 'a'), 3],
		['one less of two equal ones', rows('a', 'b', 'a'), rows('a', 'b'), 3],
		['one more of two equal ones', rows('a', 'a'), rows('a', 'b', 'a', 'a'), 4],
		[
			'other numbers and counters beside the prompt',
			rows('a').map(({ json }) => ({ json: { ...json, row_number: 2, run: 1 } })),
			rows('a').map(({ json }) => ({ json: { ...json, row_number: 3, run: 2 } })),
			1,
		],
	])(
		'%s: what is paid for is delivered, and only what is new is ordered',
		async (_how, before, after, tasks) => {
			const running = await killed({ items: before });
			const ofPrompt = (prompt: unknown) =>
				[...world.simulator.tasks.values()].filter((task) => task.prompt === prompt);
			const run = await world.engine.retryCrashed(withItems(running, after), {
				parameters: order(),
			});
			expect(world.bill()).toEqual({ submits: tasks, tasks });
			expect(new Set(delivered(run)).size).toBe(after.length);
			for (const [item, { json }] of after.entries()) {
				expect(ofPrompt(json.prompt).map(({ id }) => id)).toContain(delivered(run)[item]);
			}
		},
	);
});

it('another image of the same name and shown size is another order', async () => {
	const png = await imageFile('png', 400, 400);
	const image = (size: number, fill: number): ItemSpec[] => {
		const content = Buffer.concat([png, Buffer.alloc(size, fill)]);
		const file = { content, fileName: 'image.png', mimeType: 'image/png' };
		return [{ json: {}, binary: { data: file } }];
	};
	const asked = { operation: 'imageToVideo', imageSource: 'binary' };
	const parameters = here({ ...asked, options: LONG_PAUSE });
	const running = await killed({ items: image(1_226_000, 1), parameters });
	const run = await world.engine.retryCrashed(withItems(running, image(1_231_000, 2)), {
		parameters: { options: {} },
	});
	expect(delivered(run)).toEqual([world.taskIds()[1]]);
	expect(world.bill().tasks).toBe(2);
});

describe('constant input: the retry of a crashed execution delivers its own video', () => {
	const constant = { workflowId: 'constant', items: scenes(1) };

	it('while another one is under way', async () => {
		const crashed = await killed(constant);
		world.outcome({ afterSeconds: 60 }, 1);
		const live = world.start({ ...constant });
		await until(() => logOf(live).includes('is task'));
		const retried = await world.engine.retryCrashed(crashed, { parameters: order() });
		expect(delivered(retried)).toEqual([world.taskIds()[0]]);
		expect(delivered(await live.result)).toEqual([world.taskIds()[1]]);
	});

	it.each<[what: string, outcome: 'expired' | 'failed' | 'never', lives: boolean]>([
		['whose task lives', 'never', true],
		['whose task is gone', 'expired', true],
		['whose task is gone, in an earlier life of n8n', 'expired', false],
		['whose task has failed, in an earlier life of n8n', 'failed', false],
	])('after another one was stopped, %s', async (_what, result, lives) => {
		const crashed = await killed(constant);
		const [own] = world.taskIds();
		await ended(constant);
		for (const task of world.simulator.tasks.values()) {
			if (task.id !== own) task.outcome = { result, afterSeconds: 0 };
		}
		if (!lives) restart();
		const retried = await world.engine.retryCrashed(crashed, { parameters: order() });
		expect(delivered(retried)).toEqual([own]);
		expect(world.bill().tasks).toBe(2);
	});

	it('where its first Retry was killed, and another one with it', async () => {
		const crashed = await killed(constant);
		restart();
		const beside = await ended(constant);
		for (const task of world.simulator.tasks.values()) task.outcome = { result: 'never' };
		const asked = world.simulator.ofKind('query').length;
		const again = world.engine.startRetryCrashed(crashed, { parameters: order(LONG_PAUSE) });
		await until(() => world.simulator.ofKind('query').length > asked);
		again.cancel();
		await again.result;
		restart();
		world.finishTasks();
		const ids: unknown[] = [];
		for (const running of [again, beside]) {
			ids.push(...delivered(await world.engine.retryCrashed(running, { parameters: order() })));
		}
		expect(ids.sort()).toEqual(world.taskIds().sort());
	});

	it('after nine were stopped', async () => {
		for (let n = 0; n < 9; n += 1) await ended(constant);
		world.expireTasks();
		const crashed = await killed(constant);
		const retried = await world.engine.retryCrashed(crashed, { parameters: order() });
		expect(delivered(retried)).toEqual([world.taskIds()[9]]);
		expect(world.bill().tasks).toBe(10);
	});
});

it('an execution that never came to the node orders, whatever a stopped one has left', async () => {
	const constant = { workflowId: 'daily', items: scenes(1) };
	await ended(constant);
	world.expireTasks();
	// A Retry that brings no record
	const nothing = world.start({ ...constant });
	nothing.cancel();
	await nothing.result;
	const run = await world.engine.retryCrashed(nothing, { parameters: order() });
	expect(delivered(run)).toEqual([world.taskIds()[1]]);
});

describe('Retry of a crashed execution is clicked twice', () => {
	const items = scenes(3);

	it('nothing is ordered twice, and a further one delivers, of either', async () => {
		const parameters = order({ ...LONG_PAUSE, maxTasksInFlight: 1 });
		world.outcome({ result: 'never' }, 1);
		const crashed = world.start({ parameters, items });
		await until(() => world.simulator.ofKind('query').length > 0);
		crashed.cancel();
		await crashed.result;
		world.finishTasks();
		const clicks = [0, 1].map(() =>
			world.engine.startRetryCrashed(crashed, { parameters: order() }),
		);
		const ends = await Promise.all(clicks.map(async ({ result }) => await result));
		// Either may be the first to look
		const [first, second] = ends[0].status === 'success' ? ends : ends.reverse();
		expect(first.status).toBe('success');
		expect(errorOf(second)?.message).toContain('Another Retry is ordering this item');
		for (const run of [
			await world.engine.retryCrashed(crashed, { parameters: order() }),
			await world.engine.retry(second, { parameters: order() }),
		]) {
			expect(new Set(delivered(run))).toEqual(new Set(world.taskIds()));
		}
		expect(world.bill()).toEqual({ submits: 3, tasks: 3 });
	});

	it('and a Retry that failed before it looked is no new start', async () => {
		const crashed = await killed({ items });
		const failed = await world.engine.retryCrashed(crashed, {
			parameters: { prompt: '={{ undefined }}' },
		});
		expect(failed.status).toBe('error');
		const run = await world.engine.retry(failed, { parameters: order() });
		expect(new Set(delivered(run))).toEqual(new Set(world.taskIds()));
		expect(world.bill()).toEqual({ submits: 3, tasks: 3 });
	});
});

it('the order in place of one that is gone is read after a crash', async () => {
	const again = { ...LONG_PAUSE, resubmitWhenUnsure: true };
	const crashed = await killed({ items: scenes(1) });
	world.expireTasks();
	world.outcome({ result: 'never' }, Infinity);
	const second = world.engine.startRetryCrashed(crashed, { parameters: order(again) });
	await until(() => logOf(second).includes('is task'));
	const isNew = (path: string) => path.includes(world.taskIds()[1]);
	await until(() => world.simulator.ofKind('query').some(({ path }) => isNew(path)));
	second.cancel();
	await second.result;
	world.simulator.outcomes.length = 0;
	world.finishTasks();
	const run = await world.engine.retryCrashed(second, { parameters: order() });
	expect(delivered(run)).toEqual([world.taskIds()[1]]);
	expect(world.bill().tasks).toBe(2);
});
