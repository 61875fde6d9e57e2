// Durable intents in n8n's database: a map from intents to task ids, in one process and in two.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { openDurableSet } from '../../nodes/HappyHorse/n8n/durableSet';
import type { Intents, Written } from '../../nodes/HappyHorse/task/intents';
import { processMemory } from '../../nodes/HappyHorse/task/intentNotes';
import { openIntents } from '../../nodes/HappyHorse/task/intents';
import { InMemoryDeduplication } from '../../tools/engine/deduplication';
import { useFakeClock } from '../../tools/fakeClock';
import type { StoreOptions } from '../n8n/durableStore';
import { contextOver, count, refusing } from '../n8n/durableStore';

const time = useFakeClock({ advances: true });

/** Of the order of an item. */
const keyOf = (item: number) => `item ${item}`;

interface Opened extends StoreOptions {
	/** A Retry that knows nothing of what it retries. */
	isBlindRetry?: boolean;
	/** Of an agent's call. */
	inTool?: boolean;
}

/** The intents of one run of the execution that is the first of `chain`. */
function open(
	store: InMemoryDeduplication | undefined,
	chain = 'e1',
	{ isBlindRetry = false, inTool = false, ...options }: Opened = {},
): Intents {
	const set = openDurableSet(contextOver(store, options), new AbortController().signal);
	const owner = { nodeId: 'n', executionId: chain, isBlindRetry };
	return openIntents(set, { ...owner, chain: inTool ? undefined : chain });
}

/** n8n is started anew. */
function restart(): void {
	processMemory.notes.clear();
	processMemory.claims.clear();
}

beforeEach(restart);

const none = () => false;

async function write(
	intents: Intents,
	item: number,
	isSpent: (intent: string) => boolean = none,
): Promise<Written> {
	return await intents.write(keyOf(item), isSpent);
}

async function writeAll(intents: Intents, items: number[]): Promise<Written[]> {
	return await Promise.all(items.map(async (item) => await write(intents, item)));
}

const written = (intent?: string) => ({ kind: 'written', intent });
const upTo = (length: number) => Array.from({ length }, (_, n) => n);
const idOf = (item: number) => `task_20${String(item).padStart(17, '0')}`;

/** Writes intents for items, and the task ids of their orders. */
async function order(intents: Intents, items: number[], id = idOf): Promise<void> {
	await Promise.all(
		items.map(async (item) => {
			const one = await write(intents, item);
			if (one.kind !== 'written' || one.intent === undefined) throw new Error(`Item ${item}`);
			await intents.complete(one.intent, id(item));
		}),
	);
}

/** What is found of each of these items, the first that counts: its task, or none. */
async function foundOf(intents: Intents, items: number[]) {
	const found = await intents.find(items.map(keyOf));
	return items.flatMap((item) => {
		const [first] = found.get(keyOf(item)) ?? [];
		return first === undefined ? [] : [[item, first.taskId] as const];
	});
}

it('a key tells node, order, and which of equal ones it is, apart', () => {
	const keys = ['n', 'm'].flatMap((nodeId) => {
		const set = openDurableSet(contextOver(undefined), new AbortController().signal);
		const owner = { nodeId, executionId: 'e', chain: 'e', isBlindRetry: false };
		const { keyOf: key } = openIntents(set, owner);
		return ['p', 'q'].flatMap((identity) =>
			[0, 1].map((ordinal) => [key({ identity, ordinal }), key({ identity, ordinal })]),
		);
	});
	expect(new Set(keys.flat()).size).toBe(8);
	for (const [one, other] of keys) expect(one).toBe(other);
});

it('intents are written, told their tasks, found with them, and removed whole', async () => {
	const store = new InMemoryDeduplication();
	const intents = open(store);
	await order(intents, [0, 1]);
	expect(await write(intents, 2)).toEqual(written('item 2.0'));
	expect(await open(store).find([0, 9, 2].map(keyOf))).toEqual(
		new Map([
			['item 0', [{ intent: 'item 0.0', taskId: idOf(0) }]],
			['item 9', []],
			['item 2', [{ intent: 'item 2.0', taskId: undefined }]],
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
	expect([count(store), processMemory.notes.size]).toEqual([0, 0]);
});

it('what others had of other orders costs nothing', async () => {
	const intents = open(new InMemoryDeduplication());
	await write(intents, 0, (intent) => Number(intent.split('.')[1]) < 300);
	await order(intents, [1]);
	const get = jest.spyOn(processMemory.notes, 'get');
	await intents.remove([{ intent: 'item 1.0', taskId: idOf(1) }]);
	expect(get.mock.calls.length).toBeLessThan(10);
	get.mockRestore();
});

it('whatever was written, told and removed before, what is found is what stands', async () => {
	const step = fc.record({
		item: fc.nat(3),
		what: fc.constantFrom('write', 'complete', 'remove'),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
			restart();
			const store = new InMemoryDeduplication();
			const intents = open(store);
			const model = new Map<number, string | undefined>();
			for (const { item, what } of steps) {
				const intent = `item ${item}.0`;
				if (what === 'write' && !model.has(item)) {
					await write(intents, item);
					model.set(item, undefined);
				} else if (what === 'complete' && model.has(item)) {
					await intents.complete(intent, idOf(item));
					model.set(item, idOf(item));
				} else if (what === 'remove' && model.has(item)) {
					await intents.remove([{ intent, taskId: model.get(item) }]);
					model.delete(item);
				}
			}
			expect(new Map(await foundOf(open(store), upTo(4)))).toEqual(model);
		}),
		{ numRuns: 50 },
	);
});

describe('an order that its own execution, or the one that it retries, has intended', () => {
	it('is found when its intent is written, with its task where that is known', async () => {
		const store = new InMemoryDeduplication();
		await order(open(store), [0]);
		await write(open(store), 1);
		restart();
		expect(await writeAll(open(store), [0, 1, 2])).toEqual([
			{ kind: 'found', intent: 'item 0.0', taskId: idOf(0) },
			{ kind: 'found', intent: 'item 1.0', taskId: undefined },
			written('item 2.0'),
		]);
	});

	it.each([0, 1, 2])('is free once its task has failed, above %i of others', async (slot) => {
		const store = new InMemoryDeduplication();
		for (const other of upTo(slot)) await order(open(store, `other ${other}`), [0]);
		await order(open(store), [0]);
		restart();
		const isSpent = (intent: string) => intent === `item 0.${slot}`;
		const intent = `item 0.${slot + 1}`;
		expect(await write(open(store), 0, isSpent)).toEqual(written(intent));
		expect(await write(open(store), 0, isSpent)).toMatchObject({ kind: 'found', intent });
	});

	it('is found after a restart though the task that it ordered first has failed', async () => {
		const store = new InMemoryDeduplication();
		const first = open(store);
		await order(first, [0]);
		await first.remove([{ intent: 'item 0.0', taskId: idOf(0) }]);
		await write(first, 0, (intent) => intent === 'item 0.0');
		restart();
		expect(await write(open(store), 0)).toMatchObject({ kind: 'found', intent: 'item 0.1' });
	});

	it.each([
		['as long as n8n runs', () => {}],
		['after n8n was killed', restart],
	])('is found also where the slots below its own are free again, %s', async (_when, meanwhile) => {
		const store = new InMemoryDeduplication();
		const others = [open(store, 'e0'), open(store, 'e1')];
		for (const other of others) await write(other, 0);
		await order(open(store, 'e2'), [0]);
		await others[0].remove([{ intent: 'item 0.0' }]);
		meanwhile();
		const found = { kind: 'found', intent: 'item 0.2', taskId: idOf(0) };
		expect(await write(open(store, 'e2'), 0)).toEqual(found);
		await others[1].remove([{ intent: 'item 0.1' }]);
		expect(await write(open(store, 'e2'), 0)).toEqual(found);
		expect(await foundOf(open(store, 'e2'), [0])).toEqual([[0, idOf(0)]]);
		// Others have those slots
		expect(await write(open(store, 'e3'), 0)).toEqual(written('item 0.0'));
		await open(store, 'e3').remove([{ intent: 'item 0.0' }]);
		await open(store, 'e2').remove([{ intent: 'item 0.2', taskId: idOf(0) }]);
		expect(count(store)).toBe(0);
		expect(await write(open(store, 'e2'), 0)).toEqual(written('item 0.0'));
	});
});

describe('equal orders of several executions', () => {
	const executions = ['e1', 'e2', 'e3'];

	it('have intents of their own, of which each removes its own', async () => {
		const store = new InMemoryDeduplication();
		const opened = executions.map((chain) => open(store, chain));
		const all = await Promise.all(opened.map(async (one) => await write(one, 0)));
		expect(all).toEqual(['item 0.0', 'item 0.1', 'item 0.2'].map(written));
		await opened[1].remove([{ intent: 'item 0.1' }]);
		for (const [n, isThere] of [true, false, true].entries()) {
			expect(await foundOf(opened[n], [0])).toHaveLength(isThere ? 1 : 0);
		}
	});

	it.each([true, false])(
		'are not removed for the failed task of one that had their slot before (same n8n: %s)',
		async (lives) => {
			const store = new InMemoryDeduplication();
			const gone = { intent: 'item 0.0', taskId: idOf(1) };
			await order(open(store, 'e1'), [0], () => idOf(1));
			if (!lives) restart();
			await time.sleep(26 * 60 * 60_000);
			expect(await open(store, 'e1').remove([gone])).toBe(true);
			await order(open(store, 'e2'), [0], () => idOf(2));
			if (!lives) restart();
			expect(await open(store, 'e1').remove([gone])).toBe(false);
			expect(await foundOf(open(store, 'e2'), [0])).toEqual([[0, idOf(2)]]);
		},
	);

	it('tell a retry with a record only of its own', async () => {
		const store = new InMemoryDeduplication();
		await order(open(store, 'a twin'), [0]);
		expect(await foundOf(open(store), [0])).toEqual([]);
		await order(open(store), [0]);
		expect(await open(store).find(['item 0'])).toEqual(
			new Map([['item 0', [{ intent: 'item 0.1', taskId: idOf(0) }]]]),
		);
	});

	const blind = { isBlindRetry: true };

	it('tell retries without a record one task each, the newest first, and all others after it', async () => {
		const store = new InMemoryDeduplication();
		for (const chain of executions) await order(open(store, chain), [0], () => `task_${chain[1]}`);
		restart();
		const found: unknown[] = [];
		for (const retry of ['r1', 'r2', 'r3', 'r4']) {
			const intents = open(store, retry, blind);
			const all = (await intents.find(['item 0'])).get('item 0') ?? [];
			found.push(all.map(({ taskId }) => taskId?.slice(5)).join(' '));
			await intents.mark(
				'taken',
				all.slice(0, 1).flatMap(({ intent }) => intent ?? []),
			);
		}
		// The fourth is a second retry of one of them: it gets what is there, and orders nothing
		expect(found).toEqual(['3 2 1', '2 1 3', '1 3 2', '3 2 1']);
	});

	it('are left alone by a retry as long as n8n runs that has written them, but for those of Retries', async () => {
		const store = new InMemoryDeduplication();
		await order(open(store, 'under way, or stopped'), [0]);
		await order(open(store, 'a Retry with a record'), [0]);
		expect(await foundOf(open(store, 'r1', blind), [0])).toEqual([]);
		await order(open(store, 'r1', blind), [0], () => 'task_1');
		// Perhaps of the same crashed execution: nobody can tell
		expect(await foundOf(open(store, 'r2', blind), [0])).toEqual([[0, 'task_1']]);
		restart();
		const found = await open(store, 'r3', blind).find(['item 0']);
		expect(found.get('item 0')).toHaveLength(3);
	});

	it('of a tool’s calls are orders of their own, in one execution too', async () => {
		const store = new InMemoryDeduplication();
		const all = upTo(2).map(() => open(store, 'e1', { inTool: true }));
		expect(await Promise.all(all.map(async (one) => await write(one, 0)))).toEqual(
			['item 0.0', 'item 0.1'].map(written),
		);
		expect(count(store)).toBe(2);
	});

	it('are noted however many were stopped before, and found again', async () => {
		const store = new InMemoryDeduplication();
		for (const n of upTo(70)) {
			await order(open(store, `e${n}`), [0], () => idOf(n));
			if (n % 9 === 0) restart();
		}
		const one = new InMemoryDeduplication();
		await order(open(one), [0]);
		expect(count(store)).toBeLessThan(70 * (count(one) + 2));
		restart();
		for (const n of [0, 7, 8, 9, 64, 69]) {
			expect(await foundOf(open(store, `e${n}`), [0])).toEqual([[0, idOf(n)]]);
		}
		const found = await open(store, 'r', blind).find(['item 0']);
		expect(found.get('item 0')?.map(({ taskId }) => taskId)).toEqual(upTo(70).reverse().map(idOf));
	}, 120_000);
});

it('intents of tasks older than a day go when others order the same, or when their n8n orders again', async () => {
	const store = new InMemoryDeduplication();
	await order(open(store, 'e1'), [0]);
	await write(open(store, 'e1'), 1);
	const before = count(store);
	await time.sleep(3 * 24 * 60 * 60_000);
	await order(open(store, 'e2'), [5]);
	expect(count(store)).toBe(before);
	restart();
	await order(open(store, 'e3'), [1]);
	expect(await foundOf(open(store, 'e1'), [0, 1])).toEqual([[1, undefined]]);
	await open(store, 'e3').mark('taken', [`${keyOf(1)}.1`]);
	await time.sleep(3 * 24 * 60 * 60_000);
	restart();
	await write(open(store, 'e4'), 1);
	expect(await foundOf(open(store, 'e5', { isBlindRetry: true }), [1])).toEqual([[1, undefined]]);
	const set = openDurableSet(contextOver(store), new AbortController().signal);
	expect(await set.test([`${keyOf(1)}.1!`])).toEqual(new Set());
});

it('of an order that the database took in part, nothing stays', async () => {
	const store = new InMemoryDeduplication();
	await write(open(store, 'e0'), 0);
	restart();
	let accesses = 0;
	const beforeAccess = () => {
		if ((accesses += 1) > 1 && accesses < 5) throw new Error('It is away');
	};
	expect(await write(open(store, 'e1', { beforeAccess }), 0)).toEqual({ kind: 'failed' });
	expect(await write(open(store), 0)).toEqual(written('item 0.1'));
});

it('without room for an order and its task, nothing is written, and that fails', async () => {
	const store = new InMemoryDeduplication();
	jest.spyOn(store, 'getProcessedDataCount').mockResolvedValue(519_950);
	expect(await write(open(store), 0)).toEqual({ kind: 'failed' });
	expect(count(store)).toBe(0);
});

describe('an order that a Retry is working on', () => {
	const claim = (intents: Intents) => intents.claim('item 0');
	const retry = (chain: string, isBlindRetry = true) =>
		open(new InMemoryDeduplication(), chain, { isBlindRetry });

	it('is not for another one until that has ended; for its own runs it is', () => {
		const [one, two] = [retry('r1'), retry('r2')];
		expect([claim(one), claim(two), claim(one), claim(retry('r1'))]).toEqual([
			true,
			false,
			true,
			true,
		]);
		two.release();
		expect(claim(two)).toBe(false);
		one.release();
		expect(claim(two)).toBe(true);
		two.release();
		expect(processMemory.claims.size).toBe(0);
	});

	it('is another one in another chain of executions', () => {
		expect([claim(retry('r1', false)), claim(retry('r2', false))]).toEqual([true, true]);
	});
});

it('two executions at once in one process lose nothing', async () => {
	const store = new InMemoryDeduplication();
	await Promise.all(['e1', 'e2'].map(async (chain) => await order(open(store, chain), upTo(50))));
	for (const chain of ['e1', 'e2']) {
		const found = await foundOf(open(store, chain), upTo(50));
		expect(found).toEqual(upTo(50).map((item) => [item, idOf(item)]));
	}
});

it('two processes that order at the same instant lose no intent, and never mistake an id', async () => {
	const items = upTo(3);
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat(4), { minLength: 12, maxLength: 12 }), async (ticks) => {
			const store = new InMemoryDeduplication();
			await write(open(store, 'before'), 99);
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
				const found = new Map(await foundOf(open(store, chain), own));
				for (const item of own) {
					expect(found.has(item)).toBe(true);
					expect([undefined, idOf(item)]).toContain(found.get(item));
				}
			}
		}),
		{ numRuns: 30 },
	);
});

it('an id that can not be encoded leaves the intent without one', async () => {
	const store = new InMemoryDeduplication();
	const intents = open(store);
	await write(intents, 0);
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

	it('once for many intents, once for the tasks of many orders, in pieces to remove them', async () => {
		const during = counted(new InMemoryDeduplication());
		const items = upTo(20);
		expect(await during(async (intents) => await writeAll(intents, items))).toBe(1);
		const complete = async (intents: Intents) =>
			await Promise.all(items.map(async (n) => await intents.complete(`item ${n}.0`, idOf(n))));
		expect(await during(complete)).toBe(1);
		const all = items.map((n) => ({ intent: `item ${n}.0`, taskId: idOf(n) }));
		expect(await during(async ({ remove }) => await remove(all))).toBe(5);
	});
});

it('looking for intents pushes none out, with thousands of items', async () => {
	const store = new InMemoryDeduplication();
	await writeAll(open(store), upTo(1500));
	const before = count(store);
	expect(await foundOf(open(store), upTo(2000))).toHaveLength(1500);
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
		expect(await one.find([keyOf(0)])).toEqual(new Map());
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
	for (const isBlindRetry of [true, false]) {
		const found = await open(store, 'e1', { isBlindRetry }).find([0, 1].map(keyOf));
		const unknown = [{ intent: undefined, taskId: undefined }];
		expect([...found.values()]).toEqual([unknown, unknown]);
	}
	expect(await intents.read(['item 0.0'])).toEqual(new Map());
	await intents.complete('item 0.0', idOf(0));
	await intents.remove([{ intent: 'item 0.0' }]);
	store.failWith = undefined;
	expect(await intents.read(['item 0.0'])).toEqual(new Map([['item 0.0', idOf(0)]]));
});
