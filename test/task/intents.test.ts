// Durable intents in n8n's database: what they carry, in one process and in two.
import { openDurableSet } from '../../nodes/HappyHorse/durableSet';
import type { Intents } from '../../nodes/HappyHorse/task/intents';
import { intentKeys, openIntents } from '../../nodes/HappyHorse/task/intents';
import { InMemoryDeduplication } from '../../tools/engine/deduplication';
import { useFakeClock } from '../../tools/fakeClock';
import type { StoreOptions } from '../durableStore';
import { contextOver, count, refusing } from '../durableStore';

useFakeClock({ advances: true });

const keyOf = (item: number) => `item ${item}`;

/** The intents of one run. */
function open(store: InMemoryDeduplication | undefined, options?: StoreOptions): Intents {
	const { signal } = new AbortController();
	return openIntents(openDurableSet(contextOver(store, options), signal), keyOf);
}

const none = () => false;

async function writeAll(intents: Intents, items: number[]) {
	return await Promise.all(items.map(async (item) => await intents.write(item, none)));
}

const upTo = (length: number) => Array.from({ length }, (_, n) => n);

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

it('intents are written, found and removed', async () => {
	const store = new InMemoryDeduplication();
	const intents = open(store);
	expect(await writeAll(intents, [0, 1, 2])).toEqual(['item 0.0', 'item 1.0', 'item 2.0']);
	expect(count(store)).toBe(3);
	expect(await intents.find([0, 9, 2])).toEqual(new Set([0, 2]));
	expect(count(store)).toBe(3);
	await intents.remove(['item 0.0']);
	expect(await intents.find([0, 1])).toEqual(new Set([1]));
});

it('equal items of several executions have intents of their own', async () => {
	const store = new InMemoryDeduplication();
	const executions = [1, 2, 3].map(() => open(store));
	const written = await Promise.all(executions.map(async (one) => await one.write(0, none)));
	expect([...written].sort()).toEqual(['item 0.0', 'item 0.1', 'item 0.2']);
	await executions[0].remove(['item 0.1']);
	expect(await executions[0].find([0])).toEqual(new Set([0]));
});

it('a spent intent is not used again', async () => {
	const intents = open(new InMemoryDeduplication());
	const isSpent = (intent: string) => intent === 'item 0.0' || intent === 'item 0.2';
	const both = [intents.write(0, isSpent), intents.write(1, none)];
	expect(await Promise.all(both)).toEqual(['item 0.1', 'item 1.0']);
	expect(await intents.write(0, isSpent)).toBe('item 0.3');
	expect(await intents.write(0, () => true)).toBeUndefined();
});

it('beyond eight of one item there is no new intent, but the item still counts as intended', async () => {
	const store = new InMemoryDeduplication();
	const written: unknown[] = [];
	for (let n = 0; n < 10; n += 1) written.push(await open(store).write(0, none));
	expect(written.slice(7)).toEqual(['item 0.7', undefined, undefined]);
	expect(await open(store).find([0])).toEqual(new Set([0]));
});

it('two executions at once in one process lose nothing', async () => {
	const store = new InMemoryDeduplication();
	await Promise.all([writeAll(open(store), upTo(50)), writeAll(open(store), upTo(50))]);
	expect(count(store)).toBe(100);
});

it('an execution that joins while others wait for their turn loses nothing either', async () => {
	const store = new InMemoryDeduplication();
	const write = async (item: number) => await open(store).write(item, none);
	await write(0);
	const one = write(1);
	const two = write(2);
	await one;
	expect(await Promise.all([two, write(3)])).toEqual(['item 2.0', 'item 3.0']);
	expect(count(store)).toBe(4);
});

it('n8n is asked nothing where there is nothing to ask, and once for many', async () => {
	let accesses = 0;
	const beforeAccess = () => void (accesses += 1);
	const intents = open(new InMemoryDeduplication(), { beforeAccess });
	expect(await intents.find([])).toEqual(new Set());
	await intents.remove([]);
	expect(await intents.write(0, () => true)).toBeUndefined();
	expect(accesses).toBe(0);
	expect(await writeAll(intents, [0, 1])).toEqual(['item 0.0', 'item 1.0']);
	expect(accesses).toBe(1);
});

it('looking for intents pushes none out, with thousands of items', async () => {
	const store = new InMemoryDeduplication();
	const intents = open(store);
	await writeAll(intents, upTo(1500));
	for (let tries = 0; tries < 2; tries += 1) {
		expect((await intents.find(upTo(2000))).size).toBe(1500);
	}
	expect(count(store)).toBe(1500);
});

it.each<[what: string, store: InMemoryDeduplication | undefined]>([
	['an old n8n', undefined],
	['one that says so', refusing(new InMemoryDeduplication(), { name: 'AssertionError' })],
])('where n8n has no place for intents, items have none: %s', async (_what, store) => {
	const intents = open(store);
	expect(await writeAll(intents, [0, 1])).toEqual([undefined, undefined]);
	expect(await intents.write(0, none)).toBeUndefined();
	for (const one of [intents, open(store)]) {
		expect(await one.find([0])).toEqual(new Set());
		await one.remove(['item 0.0']);
	}
});

it('a store that is down: no intent is written, every item counts as intended, removing does not fail', async () => {
	const store = new InMemoryDeduplication();
	const intents = open(store);
	store.failWith = new Error('SQLITE_BUSY');
	expect(await writeAll(intents, [0, 1])).toEqual(['failed', 'failed']);
	expect(await intents.find([0, 1])).toEqual(new Set([0, 1]));
	await intents.remove(['item 0.0']);
	store.failWith = undefined;
	expect(await intents.write(0, none)).toBe('item 0.0');
});

it('two processes that write at once: one may lose its intent (n8n has no lock)', async () => {
	const store = new InMemoryDeduplication();
	const one = open(store);
	// Another copy of the module has a queue of its own
	let openInTheOther = openDurableSet;
	await jest.isolateModulesAsync(async () => {
		({ openDurableSet: openInTheOther } = await import('../../nodes/HappyHorse/durableSet'));
	});
	const { signal } = new AbortController();
	const two = openIntents(openInTheOther(contextOver(store), signal), keyOf);
	await one.write(0, none);
	await Promise.all([one.write(1, none), two.write(2, none)]);
	expect(count(store)).toBe(2);
	expect((await one.find([1, 2])).size).toBe(1);
});
