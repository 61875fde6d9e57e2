// What the notes of orders in n8n's database cost: of long runs, and where many others have left theirs.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a benchmark: it runs in Node, never in n8n */
import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { openDurableSet } from '../../nodes/HappyHorse/n8n/durableSet';
import { openIntents } from '../../nodes/HappyHorse/task/intents';
import { InMemoryDeduplication } from '../../tools/engine/deduplication';
import { contextOver } from '../../test/n8n/durableStore';
import { counted, limited, rounded, type Row } from './rows';

/** Orders that are sent at the same time. */
const AT_ONCE = 200;

/** Orders that a retry of a crashed execution looks for. */
const RETRIED = 20;

/** Orders whose entries leave, since they are delivered. */
const DELIVERED = 200;

/** Entries that are added at once. */
const ADDED = 50_000;

async function seconds(work: () => Promise<unknown>): Promise<string> {
	const start = performance.now();
	await work();
	return `${rounded((performance.now() - start) / 1000)} s`;
}

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);

/** Notes so many orders over so many entries that others have left; then looks for some, as a retry does, and removes some. */
async function noteOrders(what: string, orders: number, idOf: (n: number) => string, old: number) {
	const store = new InMemoryDeduplication();
	const open = () => openDurableSet(contextOver(store), new AbortController().signal);
	const intentsOf = (executionId: string) =>
		openIntents(open(), { nodeId: 'n', executionId, chain: executionId, isBlindRetry: false });
	for (let at = 0; at < old; at += ADDED) {
		await open().add(upTo(Math.min(ADDED, old - at), at).map((n) => `left ${n}`));
	}
	const intents = intentsOf('run');
	const keyOf = (n: number) => intents.keyOf({ identity: `order ${n}`, ordinal: 0 });
	const noted: Array<{ intent: string; taskId: string }> = [];
	const order = async (n: number) => {
		const written = await intents.write(keyOf(n), () => false);
		if (written.kind !== 'written' || written.intent === undefined) throw new Error(written.kind);
		await intents.complete(written.intent, idOf(n));
		noted.push({ intent: written.intent, taskId: idOf(n) });
	};
	const delays = monitorEventLoopDelay({ resolution: 5 });
	delays.enable();
	const written = await seconds(async () => {
		for (let at = 0; at < orders; at += AT_ONCE) {
			await Promise.all(upTo(Math.min(AT_ONCE, orders - at), at).map(order));
		}
	});
	let known = 0;
	const found = await seconds(async () => {
		const all = await intentsOf('run').find(upTo(RETRIED).map(keyOf));
		known = [...all.values()].filter(([first]) => first.taskId !== undefined).length;
	});
	const removed = await seconds(async () => await intents.remove(noted.slice(0, DELIVERED)));
	delays.disable();
	const figure = `${written} to note, ${found} to find ${RETRIED}, ${removed} to remove ${DELIVERED}`;
	const stretch = Math.max(0, delays.max / 1e6 - 5);
	return [
		counted(`notes of ${what}`, figure, `${RETRIED} found`, known === RETRIED),
		limited(`notes of ${what}: longest stretch of the event loop`, stretch, 500, 'ms'),
	];
}

const iminiId = (n: number) => `task_20${String(n).padStart(17, '0')}`;
const uuids = upTo(10_000).map(() => randomUUID());

const LOADS: Array<[what: string, orders: number, idOf: (n: number) => string, old: number]> = [
	['1,000 orders (iMini)', 1000, iminiId, 0],
	['1,000 orders (iMini) over 100,000 old notes', 1000, iminiId, 100_000],
	['10,000 orders (iMini)', 10_000, iminiId, 0],
	['10,000 orders (UUIDs)', 10_000, (n) => uuids[n], 0],
];

/** The rows about the notes of orders. `quick`: a tenth of all. */
export async function storeRows(quick: boolean): Promise<Row[]> {
	const part = quick ? 0.1 : 1;
	const rows: Row[] = [];
	for (const [what, orders, idOf, old] of LOADS) {
		rows.push(...(await noteOrders(what, orders * part, idOf, old * part)));
	}
	return rows;
}
