// What the notes of orders in n8n's database cost: of long runs, and where many others have left theirs.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a benchmark: it runs in Node, never in n8n */
import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { openDurableSet } from '../../nodes/HappyHorse/n8n/durableSet';
import { openIntents } from '../../nodes/HappyHorse/task/intents';
import { InMemoryDeduplication } from '../../tools/engine/deduplication';
import { contextOver } from '../../test/n8n/durableStore';
import { limited, rounded, type Row } from './rows';

/** Orders that are sent at the same time. */
const AT_ONCE = 200;

/** Orders that a retry of a crashed execution looks for. */
const RETRIED = 20;

interface Notes {
	/** Seconds: for writing intents and IDs, for removing them, and for a retry that looks for some. */
	readonly written: number;
	readonly removed: number;
	readonly found: number;
	/** Ms: the longest stretch of the event loop. */
	readonly stretch: number;
	/** Orders that the retry has found. */
	readonly known: number;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
	const start = performance.now();
	await work();
	return (performance.now() - start) / 1000;
}

/** Notes so many orders over so many entries that others have left; then looks for some, as a retry does, and removes all. */
async function noteOrders(orders: number, idOf: () => string, old: number): Promise<Notes> {
	const store = new InMemoryDeduplication();
	const { signal } = new AbortController();
	const open = (executionId: string, isRetry: boolean) => {
		const owner = { nodeId: 'n', executionId, chain: executionId, isRetry, isBlindRetry: false };
		return openIntents(openDurableSet(contextOver(store), signal), owner);
	};
	const left = Array.from({ length: old }, (_, n) => `left ${n}`);
	const set = openDurableSet(contextOver(store), signal);
	for (let at = 0; at < left.length; at += 50_000) await set.add(left.slice(at, at + 50_000));

	const intents = open('run', false);
	const keyOf = (n: number) => intents.keyOf({ identity: `order ${n}`, ordinal: 0 });
	const noted: Array<{ intent: string; taskId: string }> = [];
	const order = async (n: number) => {
		const written = await intents.write(keyOf(n), () => false);
		if (written.kind !== 'written' || written.intent === undefined) throw new Error(written.kind);
		const taskId = idOf();
		await intents.complete(written.intent, taskId);
		noted.push({ intent: written.intent, taskId });
	};
	const delays = monitorEventLoopDelay({ resolution: 5 });
	delays.enable();
	const written = await seconds(async () => {
		for (let at = 0; at < orders; at += AT_ONCE) {
			const some = Array.from({ length: Math.min(AT_ONCE, orders - at) }, (_, n) => at + n);
			await Promise.all(some.map(order));
		}
	});
	let known = 0;
	const found = await seconds(async () => {
		const keys = Array.from({ length: RETRIED }, (_, n) => keyOf(n));
		const all = await open('run', true).find(keys, true);
		known = [...all.values()].filter(([first]) => first.taskId !== undefined).length;
	});
	const removed = await seconds(async () => await intents.remove(noted));
	delays.disable();
	return { written, removed, found, known, stretch: Math.max(0, delays.max / 1e6 - 5) };
}

const LOADS = [
	{ what: '1,000 orders (iMini)', orders: 1000, kind: 'imini', old: 0 },
	{
		what: '1,000 orders (iMini) over 100,000 old notes',
		orders: 1000,
		kind: 'imini',
		old: 100_000,
	},
	{ what: '10,000 orders (iMini)', orders: 10_000, kind: 'imini', old: 0 },
	{ what: '10,000 orders (UUIDs)', orders: 10_000, kind: 'uuid', old: 0 },
] as const;

/** The rows about the notes of orders. `quick`: a tenth of all. */
export async function storeRows(quick: boolean): Promise<Row[]> {
	const rows: Row[] = [];
	for (const { what, orders, kind, old } of LOADS) {
		const part = quick ? 0.1 : 1;
		let n = 0;
		const idOf = () =>
			kind === 'uuid' ? randomUUID() : `task_20${String((n += 1)).padStart(17, '0')}`;
		const { written, removed, found, known, stretch } = await noteOrders(
			orders * part,
			idOf,
			old * part,
		);
		const figure = `${rounded(written)} s to note, ${rounded(removed)} s to remove, ${rounded(found)} s to find ${RETRIED}`;
		rows.push({
			what: `notes of ${what}`,
			figure,
			target: `${RETRIED} found`,
			met: known === RETRIED,
			oneByOne: '',
			byHand: '',
		});
		rows.push(limited(`notes of ${what}: longest stretch of the event loop`, stretch, 500, 'ms'));
	}
	return rows;
}
