// Durable marks over n8n's deduplication helpers: what they carry, in one process and in two.
import type { IExecuteFunctions } from 'n8n-workflow';
import { markBase, openMarks } from '../../nodes/HappyHorse/task/marks';
import { InMemoryDeduplication } from '../../tools/engine/deduplication';
import { useFakeClock } from '../../tools/fakeClock';

const time = useFakeClock({ advances: true });

/** A node's view of n8n's store. `process`: a copy of the node's module, with a queue of its own. */
function context(
	store: InMemoryDeduplication | undefined,
	warnings: string[] = [],
	workflowId = 'w',
	beforeAccess = () => {},
): IExecuteFunctions {
	const where = { workflow: { id: workflowId }, node: { id: 'n' } } as never;
	const helpers = store && {
		checkProcessedAndRecord: async (items: string[], scope: 'node', options: never) => {
			beforeAccess();
			return await store.checkProcessedAndRecord(items, scope, where, options);
		},
		removeProcessed: async (items: string[], scope: 'node') => {
			beforeAccess();
			await store.removeProcessed(items, scope, where);
		},
	};
	return {
		helpers: helpers ?? {},
		logger: { warn: (line: string) => void warnings.push(line) },
		// n8n has no id for a workflow that was never saved
		getWorkflow: () => ({ id: workflowId === '' ? undefined : workflowId }),
		getNode: () => ({ id: 'n' }),
	} as unknown as IExecuteFunctions;
}

const { signal } = new AbortController();
const none = () => false;
const count = (store: InMemoryDeduplication) => store.rows.flatMap(({ entries }) => entries).length;

it('a base tells node, run, item and request apart', () => {
	const bases = [
		markBase('n', 0, 1, 'p'),
		markBase('m', 0, 1, 'p'),
		markBase('n', 1, 1, 'p'),
		markBase('n', 0, 2, 'p'),
		markBase('n', 0, 1, 'q'),
	];
	expect(new Set(bases).size).toBe(5);
	expect(markBase('n', 0, 1, 'p')).toBe(bases[0]);
});

it('marks are placed, found and removed', async () => {
	const store = new InMemoryDeduplication();
	const marks = openMarks(context(store), signal);
	const placed = await Promise.all(
		['a', 'b', 'c'].map(async (base) => await marks.place(base, none)),
	);
	expect(placed).toEqual(['a.0', 'b.0', 'c.0']);
	expect(count(store)).toBe(3);
	expect(await marks.findMarked(['a', 'x', 'c'])).toEqual(new Set(['a', 'c']));
	expect(count(store)).toBe(3);
	await marks.remove(['a.0']);
	expect(await marks.findMarked(['a', 'b'])).toEqual(new Set(['b']));
});

it('equal items of several executions have marks of their own', async () => {
	const store = new InMemoryDeduplication();
	const executions = [1, 2, 3].map(() => openMarks(context(store), signal));
	const placed = await Promise.all(executions.map(async (marks) => await marks.place('a', none)));
	expect([...placed].sort()).toEqual(['a.0', 'a.1', 'a.2']);
	await executions[0].remove(['a.1']);
	expect(await executions[0].findMarked(['a'])).toEqual(new Set(['a']));
});

it('a spent mark is not used again', async () => {
	const store = new InMemoryDeduplication();
	const marks = openMarks(context(store), signal);
	const isSpent = (mark: string) => mark === 'a.0' || mark === 'a.2';
	const both = [marks.place('a', isSpent), marks.place('b', none)];
	expect(await Promise.all(both)).toEqual(['a.1', 'b.0']);
	expect(await marks.place('a', isSpent)).toBe('a.3');
	expect(await marks.place('a', () => true)).toBeUndefined();
});

it('beyond eight of one item there is no new mark, but the item still counts as marked', async () => {
	const store = new InMemoryDeduplication();
	const placed: unknown[] = [];
	for (let n = 0; n < 10; n += 1)
		placed.push(await openMarks(context(store), signal).place('a', none));
	expect(placed.slice(7)).toEqual(['a.7', undefined, undefined]);
	expect(await openMarks(context(store), signal).findMarked(['a'])).toEqual(new Set(['a']));
});

it('two executions at once in one process lose nothing', async () => {
	const store = new InMemoryDeduplication();
	const both = [openMarks(context(store), signal), openMarks(context(store), signal)];
	await Promise.all(
		both.flatMap((marks, n) =>
			Array.from({ length: 50 }, async (_, item) => await marks.place(`${n} ${item}`, none)),
		),
	);
	expect(count(store)).toBe(100);
});

it('an execution that joins while others stand in line loses nothing either', async () => {
	const store = new InMemoryDeduplication();
	const place = async (base: string) => await openMarks(context(store), signal).place(base, none);
	await place('first');
	const one = place('a');
	const two = place('b');
	await one;
	const three = place('c');
	expect(await Promise.all([two, three])).toEqual(['b.0', 'c.0']);
	expect(count(store)).toBe(4);
});

it('n8n is asked nothing where there is nothing to ask', async () => {
	let accesses = 0;
	const store = new InMemoryDeduplication();
	const marks = openMarks(
		context(store, [], 'w', () => {
			accesses += 1;
		}),
		signal,
	);
	expect(await marks.findMarked([])).toEqual(new Set());
	await marks.remove([]);
	expect(await marks.place('a', () => true)).toBeUndefined();
	expect(accesses).toBe(0);
	expect(await marks.place('a', none)).toBe('a.0');
	expect(accesses).toBe(1);
});

it('looking for marks pushes none out, with thousands of items', async () => {
	const store = new InMemoryDeduplication();
	const marks = openMarks(context(store), signal);
	const bases = Array.from({ length: 2000 }, (_, n) => `item ${n}`);
	await Promise.all(bases.slice(0, 1500).map(async (base) => await marks.place(base, none)));
	expect((await marks.findMarked(bases)).size).toBe(1500);
	expect((await marks.findMarked(bases)).size).toBe(1500);
	expect(count(store)).toBe(1500);
});

describe('where n8n has no place for marks', () => {
	/** A store of which n8n says so: with the name of an assertion, or with its code. */
	function refusing(words: object) {
		const store = new InMemoryDeduplication();
		store.failWith = Object.assign(new Error('no store'), words);
		return store;
	}

	it.each<[what: string, store: InMemoryDeduplication | undefined]>([
		['an old n8n', undefined],
		['a workflow that was never saved', refusing({ name: 'AssertionError' })],
		['the same from a bundled n8n', refusing({ code: 'ERR_ASSERTION' })],
	])('items have no marks, and count as not marked: %s', async (_what, store) => {
		const warnings: string[] = [];
		const where = context(store, warnings, '');
		const placing = openMarks(where, signal);
		expect(await placing.place('a', none)).toBeUndefined();
		expect(await placing.place('b', none)).toBeUndefined();
		expect(await placing.findMarked(['a'])).toEqual(new Set());
		await placing.remove(['a.0']);
		expect(await openMarks(where, signal).findMarked(['a'])).toEqual(new Set());
		await openMarks(where, signal).remove(['a.0']);
		expect(warnings).toEqual([]);
	});
});

it.each<[what: string, failure: unknown, name: string]>([
	['with an error', new Error('SQLITE_BUSY: secret words'), 'Error'],
	[
		'with its own kind of error',
		Object.assign(new Error('secret words'), { name: 'QueryFailedError' }),
		'QueryFailedError',
	],
	['with anything else', 'secret words', 'error'],
])(
	'a store that is down %s: no mark is placed, every item counts as marked, removing does not fail',
	async (_what, failure, name) => {
		const store = new InMemoryDeduplication();
		const warnings: string[] = [];
		const marks = openMarks(context(store, warnings), signal);
		store.failWith = failure as Error;
		expect(await marks.place('a', none)).toBe('failed');
		expect(await marks.findMarked(['a', 'b'])).toEqual(new Set(['a', 'b']));
		await marks.remove(['a.0']);
		const warning = `HappyHorse: n8n's database did not take a mark: ${name}`;
		expect(warnings).toEqual([warning, warning, warning]);
		store.failWith = undefined;
		expect(await marks.place('a', none)).toBe('a.0');
	},
);

describe('a write that fails', () => {
	/** A store that refuses its first `failures` writes; `tries`: when each was tried, in ms from the start. */
	function shaky(failures: number) {
		const store = new InMemoryDeduplication();
		const tries: number[] = [];
		const start = time.now();
		const marks = openMarks(
			context(store, [], 'w', () => {
				tries.push(time.now() - start);
				if (tries.length <= failures) throw new Error('SQLITE_BUSY');
			}),
			signal,
		);
		return { marks, tries };
	}

	it('is tried again twice, a moment apart', async () => {
		const { marks, tries } = shaky(2);
		expect(await marks.place('a', none)).toBe('a.0');
		expect(tries).toEqual([0, 100, 200]);
	});

	it('is given up on after that, and the next one is tried as often', async () => {
		const { marks, tries } = shaky(5);
		expect(await marks.place('a', none)).toBe('failed');
		expect(tries).toHaveLength(3);
		expect(await marks.place('a', none)).toBe('a.0');
		expect(tries).toHaveLength(6);
	});
});

it('a first write that collides with that of another process is tried again', async () => {
	const store = new InMemoryDeduplication();
	const other = openMarks(context(store, [], 'w'), signal);
	const outside = store.checkProcessedAndRecord(
		['x'],
		'node',
		{ workflow: { id: 'w' }, node: { id: 'n' } } as never,
		{
			mode: 'entries',
		},
	);
	const [placed] = await Promise.all([other.place('a', none), outside.catch(() => undefined)]);
	expect(placed).toBe('a.0');
});

it('two processes that write at once: one may lose its mark (n8n has no lock)', async () => {
	const store = new InMemoryDeduplication();
	const [one] = [openMarks(context(store), signal)];
	let openMarksOfTheOther = openMarks;
	await jest.isolateModulesAsync(async () => {
		({ openMarks: openMarksOfTheOther } = await import('../../nodes/HappyHorse/task/marks'));
	});
	const two = openMarksOfTheOther(context(store), signal);
	await one.place('first', none);
	await Promise.all([one.place('a', none), two.place('b', none)]);
	expect(count(store)).toBe(2);
	expect((await one.findMarked(['a', 'b'])).size).toBe(1);
});
