// Durable intents in n8n's database: a map from intents to task ids, in one process and in two.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { openDurableSet } from '../../nodes/HappyHorse/n8n/durableSet';
import type { Intents, Written } from '../../nodes/HappyHorse/task/intents';
import { intentKeys, openIntents } from '../../nodes/HappyHorse/task/intents';
import { InMemoryDeduplication } from '../../tools/engine/deduplication';
import { useFakeClock } from '../../tools/fakeClock';
import type { StoreOptions } from '../n8n/durableStore';
import { contextOver, count, refusing } from '../n8n/durableStore';

useFakeClock({ advances: true });

const keyOf = (item: number) => `item ${item}`;

/** The intents of one run of an execution; without `chain`, of an agent's call. */
function open(
	store: InMemoryDeduplication | undefined,
	chain: string | undefined = 'e1',
	options?: StoreOptions,
): Intents {
	const { signal } = new AbortController();
	return openIntents(openDurableSet(contextOver(store, options), signal), keyOf, chain);
}

const openForTool = (store: InMemoryDeduplication) => {
	const { signal } = new AbortController();
	return openIntents(openDurableSet(contextOver(store), signal), keyOf, undefined);
};

const none = () => false;

async function writeAll(intents: Intents, items: number[]): Promise<Written[]> {
	return await Promise.all(items.map(async (item) => await intents.write(item, none)));
}

const written = (intent?: string) => ({ kind: 'written', intent });
const upTo = (length: number) => Array.from({ length }, (_, n) => n);
const idOf = (item: number) => `task_20${String(item).padStart(17, '0')}`;

/** Writes intents for items, and the task ids of their orders. */
async function order(intents: Intents, items: number[]): Promise<void> {
	await Promise.all(
		items.map(async (item) => {
			const one = await intents.write(item, none);
			if (one.kind !== 'written' || one.intent === undefined) throw new Error(`Item ${item}`);
			await intents.complete(one.intent, idOf(item));
		}),
	);
}

it('a key tells node, run, item and request apart', () => {
	const keys = [
		intentKeys('n', 0, () => 'p')(1),
		intentKeys('m', 0, () => 'p')(1),
		intentKeys('n', 1, () => 'p')(1),
		intentKeys('n', 0, () => 'p')(2),
		intentKeys('n', 0, (item) => `q ${item}`)(1),
	];
	expect(new Set(keys).size).toBe(5);
	expect(intentKeys('n', 0, () => 'p')(1)).toBe(keys[0]);
});

it('intents are written, told their tasks, found with them, and removed whole', async () => {
	const store = new InMemoryDeduplication();
	const intents = open(store);
	await order(intents, [0, 1]);
	expect(await intents.write(2, none)).toEqual(written('item 2.0'));
	expect(await open(store).find([0, 9, 2], true)).toEqual(
		new Map([
			[0, { intent: 'item 0.0', taskId: idOf(0) }],
			[2, { intent: 'item 2.0', taskId: undefined }],
		]),
	);
	expect(await open(store).read(['item 1.0', 'item 2.0', 'item 3.0'])).toEqual(
		new Map([['item 1.0', idOf(1)]]),
	);
	await intents.remove([
		{ intent: 'item 0.0', taskId: idOf(0) },
		{ intent: 'item 1.0', taskId: idOf(1) },
		{ intent: 'item 2.0' },
	]);
	expect(count(store)).toBe(0);
});

it('whatever was written, told and removed before, what is found is what stands', async () => {
	const step = fc.record({
		item: fc.nat(3),
		what: fc.constantFrom('write', 'complete', 'remove'),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
			const store = new InMemoryDeduplication();
			const intents = open(store);
			const model = new Map<number, string | undefined>();
			for (const { item, what } of steps) {
				const intent = `item ${item}.0`;
				if (what === 'write' && !model.has(item)) {
					await intents.write(item, none);
					model.set(item, undefined);
				} else if (what === 'complete' && model.has(item)) {
					await intents.complete(intent, idOf(item));
					model.set(item, idOf(item));
				} else if (what === 'remove' && model.has(item)) {
					await intents.remove([{ intent, taskId: model.get(item) }]);
					model.delete(item);
				}
			}
			const found = await open(store).find(upTo(4), true);
			expect(new Map([...found].map(([item, { taskId }]) => [item, taskId]))).toEqual(model);
		}),
		{ numRuns: 50 },
	);
});

describe('an item that its own execution, or the one that it retries, has intended', () => {
	it('is found when its intent is written, with its task where that is known', async () => {
		const store = new InMemoryDeduplication();
		await order(open(store), [0]);
		await open(store).write(1, none);
		expect(await writeAll(open(store), [0, 1, 2])).toEqual([
			{ kind: 'found', intent: 'item 0.0', taskId: idOf(0) },
			{ kind: 'found', intent: 'item 1.0', taskId: undefined },
			written('item 2.0'),
		]);
	});

	it('is free once its task has failed', async () => {
		const store = new InMemoryDeduplication();
		await order(open(store), [0]);
		const isSpent = (intent: string) => intent === 'item 0.0';
		expect(await open(store).write(0, isSpent)).toEqual(written('item 0.1'));
		expect(await open(store).write(0, isSpent)).toMatchObject({
			kind: 'found',
			intent: 'item 0.1',
		});
	});
});

describe('equal items of several executions', () => {
	const executions = ['e1', 'e2', 'e3'];

	it('have intents of their own, of which each removes its own', async () => {
		const store = new InMemoryDeduplication();
		const opened = executions.map((chain) => open(store, chain));
		const all = await Promise.all(opened.map(async (one) => await one.write(0, none)));
		expect(all).toEqual(['item 0.0', 'item 0.1', 'item 0.2'].map(written));
		await opened[1].remove([{ intent: 'item 0.1' }]);
		for (const [n, found] of [true, false, true].entries()) {
			expect((await opened[n].find([0], true)).has(0)).toBe(found);
		}
	});

	it('tell a retry with a record only of its own', async () => {
		const store = new InMemoryDeduplication();
		await order(open(store, 'a twin'), [0]);
		expect(await open(store).find([0], true)).toEqual(new Map());
		await order(open(store), [0]);
		const found = await open(store).find([0], true);
		expect(found).toEqual(new Map([[0, { intent: 'item 0.1', taskId: idOf(0) }]]));
	});

	it('tell retries without a record one task each, the newest first', async () => {
		const store = new InMemoryDeduplication();
		for (const chain of executions) {
			const intents = open(store, chain);
			await intents.write(0, none);
			await intents.complete(`item 0.${executions.indexOf(chain)}`, `task_${chain.slice(1)}`);
		}
		const found: unknown[] = [];
		for (const retry of ['r1', 'r2', 'r3', 'r4']) {
			found.push((await open(store, retry).find([0], false)).get(0)?.taskId);
		}
		// The fourth is a second retry of one of them: it gets what is there, and orders nothing
		expect(found).toEqual(['task_3', 'task_2', 'task_1', 'task_3']);
	});

	it('of a tool’s calls are orders of their own, in one execution too', async () => {
		const store = new InMemoryDeduplication();
		const all = [openForTool(store), openForTool(store)];
		expect(await Promise.all(all.map(async (one) => await one.write(0, none)))).toEqual(
			['item 0.0', 'item 0.1'].map(written),
		);
		expect(count(store)).toBe(2);
	});
});

it('a spent intent is not used again', async () => {
	const intents = open(new InMemoryDeduplication());
	const isSpent = (intent: string) => intent === 'item 0.0' || intent === 'item 0.2';
	const both = [intents.write(0, isSpent), intents.write(1, none)];
	expect(await Promise.all(both)).toEqual(['item 0.1', 'item 1.0'].map(written));
	expect(await intents.write(0, () => true)).toEqual(written());
});

it('beyond eight of one item there is no new intent, but the item still counts as intended', async () => {
	const store = new InMemoryDeduplication();
	const all: unknown[] = [];
	for (let n = 0; n < 10; n += 1) all.push(await open(store, `e${n}`).write(0, none));
	expect(all.slice(7)).toEqual([written('item 0.7'), written(), written()]);
	expect((await open(store, 'r').find([0], false)).has(0)).toBe(true);
});

it('two executions at once in one process lose nothing', async () => {
	const store = new InMemoryDeduplication();
	await Promise.all(['e1', 'e2'].map(async (chain) => await order(open(store, chain), upTo(50))));
	for (const chain of ['e1', 'e2']) {
		const found = await open(store, chain).find(upTo(50), true);
		expect([...found].map(([item, { taskId }]) => taskId === idOf(item))).toEqual(
			upTo(50).map(() => true),
		);
	}
});

it('two processes that order at the same instant lose no intent, and never mistake an id', async () => {
	const items = upTo(3);
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat(4), { minLength: 12, maxLength: 12 }), async (ticks) => {
			const store = new InMemoryDeduplication();
			await open(store, 'before').write(99, none);
			const executions = ['e1', 'e2'];
			await Promise.all(
				executions.map(async (chain, process) => {
					const intents = open(store, chain, { process: `worker ${process}` });
					for (const item of items) {
						for (let n = ticks[2 * item + process]; n > 0; n -= 1) await setImmediate();
						await order(intents, [10 * process + item]);
					}
				}),
			);
			for (const [process, chain] of executions.entries()) {
				const own = items.map((item) => 10 * process + item);
				const found = await open(store, chain).find(own, true);
				for (const item of own) {
					expect(found.has(item)).toBe(true);
					expect([undefined, idOf(item)]).toContain(found.get(item)?.taskId);
				}
			}
		}),
		{ numRuns: 30 },
	);
});

it('an id that can not be spelled leaves the intent without one', async () => {
	const store = new InMemoryDeduplication();
	const intents = open(store);
	await intents.write(0, none);
	await intents.complete('item 0.0', 'an id with blanks');
	expect(count(store)).toBe(2);
});

describe('n8n is asked', () => {
	/** The intents of a run, and how often n8n is asked by `work`. */
	function counted(store: InMemoryDeduplication, chain?: string) {
		let accesses = 0;
		const intents = open(store, chain, { beforeAccess: () => void (accesses += 1) });
		const during = async (work: (intents: Intents) => Promise<unknown>) => {
			accesses = 0;
			await work(intents);
			return accesses;
		};
		return during;
	}

	it('nothing where there is nothing to ask', async () => {
		const during = counted(new InMemoryDeduplication());
		expect(await during(async ({ find }) => await find([], true))).toBe(0);
		expect(await during(async ({ read }) => await read([]))).toBe(0);
		expect(await during(async ({ remove }) => await remove([]))).toBe(0);
		expect(await during(async ({ write }) => await write(0, () => true))).toBe(0);
	});

	it('once for many intents, once for the tasks of many orders, once to remove them', async () => {
		const during = counted(new InMemoryDeduplication());
		const items = upTo(20);
		expect(await during(async (intents) => await writeAll(intents, items))).toBe(1);
		const complete = async (intents: Intents) =>
			await Promise.all(items.map(async (n) => await intents.complete(`item ${n}.0`, idOf(n))));
		expect(await during(complete)).toBe(1);
		const all = items.map((n) => ({ intent: `item ${n}.0`, taskId: idOf(n) }));
		expect(await during(async ({ remove }) => await remove(all))).toBe(1);
	});
});

it('looking for intents pushes none out, with thousands of items', async () => {
	const store = new InMemoryDeduplication();
	await writeAll(open(store), upTo(1500));
	const before = count(store);
	expect((await open(store).find(upTo(2000), true)).size).toBe(1500);
	expect(count(store)).toBe(before);
});

it.each<[what: string, store: InMemoryDeduplication | undefined]>([
	['an old n8n', undefined],
	['one that says so', refusing(new InMemoryDeduplication(), { name: 'AssertionError' })],
])('where n8n has no place for intents, items have none: %s', async (_what, store) => {
	const intents = open(store);
	expect(await writeAll(intents, [0, 1])).toEqual([written(), written()]);
	for (const one of [intents, open(store)]) {
		await one.complete('item 0.0', idOf(0));
		expect(await one.find([0], false)).toEqual(new Map());
		expect(await one.read(['item 0.0'])).toEqual(new Map());
		await one.remove([{ intent: 'item 0.0' }]);
	}
});

it('a store that is down: nothing is written, everything counts as intended, without a task', async () => {
	const store = new InMemoryDeduplication();
	await order(open(store), [0]);
	const intents = open(store);
	store.failWith = new Error('SQLITE_BUSY');
	expect(await writeAll(intents, [0, 1])).toEqual([{ kind: 'failed' }, { kind: 'failed' }]);
	for (const inChain of [true, false]) {
		const found = await intents.find([0, 1], inChain);
		expect([...found.values()].map(({ taskId }) => taskId)).toEqual([undefined, undefined]);
	}
	expect(await intents.read(['item 0.0'])).toEqual(new Map());
	await intents.complete('item 0.0', idOf(0));
	await intents.remove([{ intent: 'item 0.0' }]);
	store.failWith = undefined;
	expect(await intents.read(['item 0.0'])).toEqual(new Map([['item 0.0', idOf(0)]]));
});
