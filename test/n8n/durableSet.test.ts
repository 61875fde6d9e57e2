// The durable set over n8n's deduplication helpers: what it keeps, and what a database that is in trouble comes to.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { openDurableSet } from '../../nodes/HappyHorse/n8n/durableSet';
import { InMemoryDeduplication } from '../../tools/engine/deduplication';
import { useFakeClock } from '../../tools/fakeClock';
import type { StoreOptions } from './durableStore';
import { contextOver, count, refusing } from './durableStore';

const time = useFakeClock({ advances: true });

function open(store: InMemoryDeduplication | undefined, options?: StoreOptions) {
	return openDurableSet(contextOver(store, options), new AbortController().signal);
}

it('keeps what is added, says what is new, and forgets what is removed', async () => {
	const store = new InMemoryDeduplication();
	const set = open(store);
	expect(set.available).toBe(true);
	expect(await set.add(['a', 'b'])).toEqual(new Set(['a', 'b']));
	expect(await open(store).add(['b', 'c'])).toEqual(new Set(['c']));
	await set.remove(['a', 'b']);
	expect(await set.add(['a', 'c'])).toEqual(new Set(['a']));
});

it('removes the oldest first, since n8n looks for each from the beginning of all that it has', async () => {
	const store = new InMemoryDeduplication();
	const set = open(store);
	const removed = jest.spyOn(store, 'removeProcessed');
	await set.add(['a', 'c']);
	await set.add(['b', 'a', 'd']);
	await set.remove(['d', 'b', 'c', 'a']);
	expect(removed.mock.calls.map(([items]) => items)).toEqual([['a', 'c', 'b', 'd']]);
});

it('tells which entries it has, and keeps nothing of the question', async () => {
	const store = new InMemoryDeduplication();
	const set = open(store);
	expect(await set.test([])).toEqual(new Set());
	expect(await set.test(['a'])).toEqual(new Set());
	await set.add(['a', 'c']);
	expect(await set.test(['a', 'b', 'c', 'd'])).toEqual(new Set(['a', 'c']));
	expect(count(store)).toBe(2);
});

it('asks about thousands of entries piece by piece', async () => {
	const store = new InMemoryDeduplication();
	let accesses = 0;
	const set = open(store, { beforeAccess: () => void (accesses += 1) });
	const entries = Array.from({ length: 2500 }, (_, n) => `entry ${n}`);
	await set.add(entries.filter((_, n) => n % 2 === 0));
	accesses = 0;
	expect((await set.test(entries))?.size).toBe(1250);
	expect(count(store)).toBe(1250);
	expect(accesses).toBe(2 * 25);
});

describe('room in the set', () => {
	/** A store that says it holds so many entries. */
	function filled(there: number) {
		const store = new InMemoryDeduplication();
		jest.spyOn(store, 'getProcessedDataCount').mockResolvedValue(there);
		const warnings: string[] = [];
		return { store, warnings, set: open(store, { warnings }) };
	}

	it('is for 520,000 entries, and nothing is added, pushed out or begun beyond', async () => {
		const { store, set, warnings } = filled(519_990);
		await set.add(['old']);
		expect(await set.add(['a', 'b'], 9)).toBeUndefined();
		expect(await set.add(['a', 'b'], 7)).toEqual(new Set(['a', 'b']));
		expect(await set.test(['old', 'a', 'b'])).toEqual(new Set(['old', 'a', 'b']));
		expect(count(store)).toBe(3);
		expect(warnings).toEqual([
			'HappyHorse: n8n keeps 519990 notes of this node, and has no room for more',
		]);
	});

	it('is counted once for many writes', async () => {
		const { store, set } = filled(0);
		for (const entry of ['a', 'b', 'c']) await set.add([entry], 40);
		expect(jest.mocked(store).getProcessedDataCount).toHaveBeenCalledTimes(1);
	});

	it('is there for ever more, as far as n8n is told', async () => {
		const store = new InMemoryDeduplication();
		const told = jest.spyOn(store, 'checkProcessedAndRecord');
		await open(store).add(['a']);
		expect(told.mock.calls[0][3]).toEqual({ mode: 'entries' });
	});
});

it('an access that hangs counts as failed, and holds up nothing that follows', async () => {
	jest.useFakeTimers();
	try {
		const store = new InMemoryDeduplication();
		const warnings: string[] = [];
		const set = open(store, { warnings });
		jest.spyOn(store, 'checkProcessedAndRecord').mockReturnValueOnce(new Promise(() => {}));
		const hanging = set.alone(async () => await set.add(['a']));
		const next = open(store).alone(async () => 'next');
		await jest.advanceTimersByTimeAsync(31_000);
		expect([await hanging, await next]).toEqual([undefined, 'next']);
		expect(warnings).toEqual(["HappyHorse: n8n's database did not answer"]);
	} finally {
		jest.useRealTimers();
	}
});

it('lets one piece of work at a time write to a node’s set, also after one that failed', async () => {
	const store = new InMemoryDeduplication();
	const order: string[] = [];
	const work = async (name: string, ms: number) =>
		await open(store).alone(async () => {
			order.push(`${name} begins`);
			await time.sleep(ms);
			order.push(`${name} ends`);
			if (name === 'one') throw new Error('No');
			return name;
		});
	const failing = work('one', 200).catch(() => 'failed');
	expect(await Promise.all([failing, work('two', 100), work('three', 1)])).toEqual([
		'failed',
		'two',
		'three',
	]);
	const turns = ['one', 'two', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`]);
	expect(order).toEqual(turns);
});

it.each<[what: string, store: InMemoryDeduplication | undefined, known: boolean]>([
	['an old n8n', undefined, true],
	[
		'a workflow that was never saved',
		refusing(new InMemoryDeduplication(), { name: 'AssertionError' }),
		false,
	],
	[
		'the same from a bundled n8n',
		refusing(new InMemoryDeduplication(), { code: 'ERR_ASSERTION' }),
		false,
	],
])('is not available, which is no trouble: %s', async (_what, store, known) => {
	const warnings: string[] = [];
	const set = open(store, { warnings, workflowId: undefined });
	expect(set.available).toBe(!known);
	expect(await set.add(['a'])).toBeUndefined();
	expect(set.available).toBe(false);
	expect(await set.add(['a'])).toBeUndefined();
	await set.remove(['a']);
	expect(await set.test(['a'])).toBeUndefined();
	expect(warnings).toEqual([]);
});

it.each<[what: string, failure: unknown, name: string]>([
	['with an error', new Error('SQLITE_BUSY: secret words'), 'Error'],
	[
		'with its own kind of error',
		Object.assign(new Error('secret words'), { name: 'QueryFailedError' }),
		'QueryFailedError',
	],
	['with anything else', 'secret words', 'error'],
])('a store that is down %s: nothing is added, and removing does not fail', async (...row) => {
	const [, failure, name] = row;
	const store = new InMemoryDeduplication();
	const warnings: string[] = [];
	const set = open(store, { warnings });
	store.failWith = failure as Error;
	expect(await set.add(['a'])).toBeUndefined();
	await set.remove(['a']);
	expect(await set.test(['a'])).toBeUndefined();
	expect(set.available).toBe(true);
	const warning = `HappyHorse: n8n's database did not take an intent: ${name}`;
	// Of the count of what there is, the write, the removal, and the question
	expect(warnings).toEqual([warning, warning, warning, warning]);
	store.failWith = undefined;
	expect(await set.add(['a'])).toEqual(new Set(['a']));
});

describe('a write that fails', () => {
	/** A store that refuses its first `failures` writes; `tries`: when each was tried, in ms from the start. */
	function shaky(failures: number) {
		const tries: number[] = [];
		const start = time.now();
		const beforeAccess = () => {
			tries.push(time.now() - start);
			if (tries.length <= failures) throw new Error('SQLITE_BUSY');
		};
		return { set: open(new InMemoryDeduplication(), { beforeAccess }), tries };
	}

	it('is tried again twice, a moment apart', async () => {
		const { set, tries } = shaky(2);
		expect(await set.add(['a'])).toEqual(new Set(['a']));
		expect(tries).toEqual([0, 100, 200]);
	});

	it('is given up on after that, and the next one is tried as often', async () => {
		const { set, tries } = shaky(5);
		expect(await set.add(['a'])).toBeUndefined();
		expect(tries).toHaveLength(3);
		expect(await set.add(['a'])).toEqual(new Set(['a']));
		expect(tries).toHaveLength(6);
	});

	it('since it collides with the first of another process is tried again', async () => {
		const store = new InMemoryDeduplication();
		const where = { workflow: { id: 'w' }, node: { id: 'n' } } as never;
		const outside = store.checkProcessedAndRecord(['x'], 'node', where, { mode: 'entries' });
		const [added] = await Promise.all([open(store).add(['a']), outside.catch(() => undefined)]);
		expect(added).toEqual(new Set(['a']));
		expect(count(store)).toBe(2);
	});
});

describe('two processes that write at the same instant', () => {
	const processes = (store: InMemoryDeduplication) =>
		['worker 1', 'worker 2'].map((process) => open(store, { process }));

	it('lose nothing for good: what one has undone, the other writes again', async () => {
		const store = new InMemoryDeduplication();
		const [one, two] = processes(store);
		await one.add(['0']);
		await Promise.all([one.add(['a']), two.add(['b'])]);
		// One of the two is gone: so it is with n8n's store
		expect(count(store)).toBe(2);
		await Promise.all([one.add(['c']), two.add(['d'])]);
		expect(await one.test(['a', 'b', 'c', 'd'])).toEqual(new Set(['a', 'b', 'c', 'd']));
	});

	it('lose nothing for good, whatever else they add and remove, and when', async () => {
		const step = fc.record({ ticks: fc.nat(6), removes: fc.boolean() });
		const steps = fc.array(step, { minLength: 1, maxLength: 8 });
		await fc.assert(
			fc.asyncProperty(steps, steps, async (...plans) => {
				const store = new InMemoryDeduplication();
				const sets = processes(store);
				const kept = await Promise.all(
					plans.map(async (plan, process) => {
						const standing: string[] = [];
						for (const [n, { ticks, removes }] of plan.entries()) {
							for (let tick = 0; tick < ticks; tick += 1) await setImmediate();
							const entry = `${process} ${n}`;
							await sets[process].add([entry, `${entry}, for a moment`]);
							if (removes) await sets[process].remove([`${entry}, for a moment`]);
							standing.push(entry);
						}
						return standing;
					}),
				);
				for (const [process, set] of sets.entries()) await set.add([`end of ${process}`]);
				const all = kept.flat();
				expect(await open(store).test(all)).toEqual(new Set(all));
			}),
			{ numRuns: 60 },
		);
	});

	it('write no more often than alone, as long as nothing is lost', async () => {
		const store = new InMemoryDeduplication();
		let accesses = 0;
		const set = open(store, { beforeAccess: () => void (accesses += 1) });
		const other = open(store, { process: 'worker 2' });
		for (const entry of ['a', 'b', 'c']) {
			await set.add([entry]);
			await other.add([`other ${entry}`]);
		}
		expect(accesses).toBe(3);
	});

	it('say again what they added in the last 200 ms, and nothing else', async () => {
		const store = new InMemoryDeduplication();
		const told = jest.spyOn(store, 'checkProcessedAndRecord');
		const set = open(store);
		for (const [entry, pauseMs] of [['a', 199] as const, ['b', 1] as const, ['c', 0] as const]) {
			await set.add([entry]);
			await time.sleep(pauseMs);
		}
		await set.add(['d']);
		const said = told.mock.calls.map(([items]) => items.join(''));
		expect(said).toEqual(['a', 'ab', 'abc', 'bcd']);
	});

	it.each([
		['is found at the next look', [2], [], ['a', 'ab', 'ab']],
		['is undone again', [2, 3], [], ['a', 'ab', 'ab', 'ab']],
		['cannot be looked for', [2], [3, 4, 5, 6, 7, 8], ['a', 'ab']],
	])('write again what was undone, until it %s', async (_what, undone, failing, writes) => {
		const store = new InMemoryDeduplication();
		const told = jest.spyOn(store, 'checkProcessedAndRecord');
		let accesses = 0;
		const beforeAccess = () => {
			accesses += 1;
			if (undone.includes(accesses)) store.clear();
			if (failing.includes(accesses)) throw new Error('SQLITE_BUSY');
		};
		const set = open(store, { beforeAccess });
		await set.add(['a']);
		expect(await set.add(['b'])).toEqual(new Set(['b']));
		expect(told.mock.calls.map(([items]) => items.join(''))).toEqual(writes);
	});

	it('do not write again what was removed meanwhile', async () => {
		const store = new InMemoryDeduplication();
		const set = open(store);
		await set.add(['a', 'b']);
		await set.remove(['a']);
		await set.add(['c']);
		expect(await set.test(['a', 'b', 'c'])).toEqual(new Set(['b', 'c']));
	});
});
