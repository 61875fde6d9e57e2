// What is measured of many executions that share one account: loads, their targets, and the rows that come of them.
import { lags, median, most } from './figures';
import type { Load, Measured } from './load';
import { counted, limited, rounded, type Row } from './rows';
import type { Scenario } from './scenarios';

type Executions = NonNullable<Load['executions']>;

/** What a crowd may come to at most: percent, and seconds. */
interface Targets {
	refused: number;
	refusedOrders: number;
	lastOrder: number;
	lag: number;
	worstLag: number;
}

/** Executions of so many items, begun within two seconds. */
const together = (count: number, each: number): Executions =>
	Array.from({ length: count }, (_, n) => ({ at: (2 * ((n * 7) % count)) / count, items: each }));

const EIGHTY = together(80, 1);

/** A large run, and ten of one beside it. */
const BESIDE: Executions = [
	{ at: 0, items: 200 },
	...Array.from({ length: 10 }, (_, n) => ({ at: 10 + 3 * n, items: 1 })),
];

function crowd(executions: Executions, secondsPerTask: number, more: Partial<Load> = {}): Load {
	const items = executions.reduce((sum, one) => sum + one.items, 0);
	const usual = { way: 'node', service: 'modelStudio', inFlight: 1000 } as const;
	return { ...usual, executions, items, secondsPerTask, ...more };
}

/** The same by hand, which knows no list. */
const byHand = { way: 'byHand', service: 'imini' } as const;

const TWO = { refused: 5, refusedOrders: 15, lastOrder: 45, lag: 3, worstLag: 10 };

/** Of 200 tasks that are asked for one by one, at 18 queries a second. */
const ONE_BY_ONE = { lag: 8, worstLag: 15 };

/** Loads of the node with their targets, each after the load by hand that it is compared to. */
const LOADS: Array<[Load, Partial<Targets>?]> = [
	[crowd(EIGHTY, 30, byHand)],
	[crowd(EIGHTY, 30), {}],
	[crowd(EIGHTY, 30, { withoutList: true }), {}],
	[crowd(EIGHTY, 30, { service: 'imini' }), { lastOrder: 32, lag: 3, worstLag: 6 }],
	[crowd(EIGHTY, 30, { processes: 2 }), TWO],
	[crowd(EIGHTY, 30, { processes: 2, withoutList: true }), TWO],
	[crowd(together(5, 40), 30, byHand)],
	[crowd(together(5, 40), 30), { worstLag: 4 }],
	[crowd(together(5, 40), 30, { withoutList: true }), ONE_BY_ONE],
	[crowd(BESIDE, 60, byHand)],
	[crowd(BESIDE, 60), { worstLag: 4 }],
	[crowd(BESIDE, 60, { withoutList: true }), ONE_BY_ONE],
	// One batch: each takes as long
	[crowd([{ at: 0, items: 200 }], 40, { ...byHand, inFlight: 200 })],
	[crowd([{ at: 0, items: 1000 }], 40, { inFlight: 200 }), { worstLag: 4 }],
	[crowd([{ at: 0, items: 1000 }], 40, { inFlight: 200, withoutList: true }), ONE_BY_ONE],
];

function nameOf(load: Load): string {
	const sizes = new Map<number, number>();
	for (const { items } of load.executions ?? []) sizes.set(items, (sizes.get(items) ?? 0) + 1);
	const runs = [...sizes].map(([size, count]) => `${count} x ${size}`).join(' beside ');
	return [
		runs,
		...(load.inFlight < load.items ? [`${load.inFlight} in flight`] : []),
		`T = ${load.secondsPerTask} s`,
		...(load.service === 'imini' ? ['iMini'] : load.withoutList ? ['no list'] : []),
		...(load.processes ? [`${load.processes} processes`] : []),
	].join(', ');
}

const percent = (part: number, of: number) => (of === 0 ? 0 : (100 * part) / of);

type Figure = [what: string, value: number, limit: number, unit: string];

function figuresOf(measured: Measured, given: Partial<Targets> = {}): Figure[] {
	const { seen, load, begun } = measured;
	// The last is ordered as fast as an account may
	const usual = { refused: 1, refusedOrders: 5, lastOrder: load.items / 4.5 + 4, lag: 2 };
	const targets = { ...usual, worstLag: 5, ...given };
	const { submits, queries, lists, refusedOrders, refusedQueries } = seen;
	const last = (most(seen.tasks.map(({ orderedAt }) => orderedAt)) - Math.min(...begun)) / 1000;
	const requests = submits.length + queries.length + lists;
	return [
		['refused', percent(refusedOrders + refusedQueries, requests), targets.refused, '%'],
		['orders refused', percent(refusedOrders, submits.length), targets.refusedOrders, '%'],
		['last order', last, targets.lastOrder, 's'],
		['lag, median', median(lags(seen)), targets.lag, 's'],
		['lag, worst', most(lags(seen)), targets.worstLag, 's'],
		...ofSmallRuns(measured),
	];
}

function rowsOf(measured: Measured, targets: Partial<Targets>, hand: Measured): Row[] {
	const { seen, delivered, load } = measured;
	const name = nameOf(load);
	const byHands = figuresOf(hand);
	const isWhole = delivered === load.items && seen.tasks.length === load.items;
	const asked = `${delivered} (${seen.queries.length} queries, ${seen.lists} lists)`;
	const handed = `${hand.delivered} of ${hand.load.items}, ${hand.seen.tasks.length} paid for`;
	return [
		{ ...counted(`${name}: delivered`, asked, String(load.items), isWhole), byHand: handed },
		...figuresOf(measured, targets).map(([what, ...figure], n) =>
			limited(`${name}: ${what}`, ...figure, {
				byHand: `${rounded(byHands[n][1])} ${byHands[n][3]}`,
			}),
		),
	];
}

/** Of the runs of one beside a large one; and how long a large one by itself holds the event loop. */
function ofSmallRuns({ load: { executions = [] }, seen, begun, loop }: Measured): Figure[] {
	if (executions.length === 1) return [['longest stretch', loop.most, 50, 'ms']];
	if (executions.every((one) => one.items === executions[0].items)) return [];
	const small = executions.flatMap(({ items }, n) => {
		const task = seen.tasks.find(({ prompt }) => prompt === `Run ${n}`);
		return items === 1 && task ? [{ task, begun: begun[n] }] : [];
	});
	const waits = small.map(({ task, begun: from }) => (task.orderedAt - from) / 1000);
	const late = lags({ tasks: small.map(({ task }) => task) });
	return [
		['a run of one waits to order', most(waits), 1, 's'],
		['lag of a run of one', most(late), 2.5, 's'],
	];
}

/** Many executions at once. */
export const CROWDS: Scenario = {
	name: 'crowd',
	loads: LOADS.map(([load]) => load),
	rows: (measured) =>
		LOADS.flatMap(([, targets], n) => {
			const hand = measured
				.slice(0, n)
				.filter(({ load }) => load.way === 'byHand')
				.at(-1);
			return targets && hand ? rowsOf(measured[n], targets, hand) : [];
		}),
};
