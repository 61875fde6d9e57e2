// What is measured of many executions that share one account: loads, and the rows that come of them.
import { lags, median, most } from './figures';
import type { Crowd, Load, Measured } from './load';
import { limited, rounded, type Row } from './rows';
import type { Scenario } from './scenarios';

type Executions = Crowd['executions'];

/** Executions of so many items, begun within two seconds. */
function together(count: number, items: number): Executions {
	return Array.from({ length: count }, (_, n) => ({ at: (2 * ((n * 7) % count)) / count, items }));
}

/** A run of 200, and ten of one beside it. */
function beside(many: number): Executions {
	const small = Array.from({ length: 10 }, (_, n) => ({ at: 10 + 3 * n, items: 1 }));
	return [{ at: 0, items: many }, ...small];
}

function crowdOf(
	executions: Executions,
	secondsPerTask: number,
	changes: Partial<Crowd & Pick<Load, 'inFlight'>> = {},
): Load {
	const { inFlight = 1000, ...others } = changes;
	const items = executions.reduce((sum, one) => sum + one.items, 0);
	const crowd = {
		service: 'modelStudio',
		executions,
		processes: 1,
		hasList: true,
		...others,
	} as const;
	return { way: 'node', items, inFlight, secondsPerTask, crowd };
}

function nameOf({ load: { crowd, secondsPerTask, inFlight, items } }: Measured): string {
	const sizes = new Map<number, number>();
	for (const one of crowd?.executions ?? []) sizes.set(one.items, (sizes.get(one.items) ?? 0) + 1);
	const runs = [...sizes].map(([size, count]) => `${count} x ${size}`).join(' beside ');
	const where = crowd?.service === 'imini' ? ', iMini' : crowd?.hasList ? '' : ', no list';
	const processes = crowd?.processes === 1 ? '' : `, ${crowd?.processes} processes`;
	const slots = inFlight < items ? `, ${inFlight} in flight` : '';
	return `${runs}${slots}, T = ${secondsPerTask} s${where}${processes}`;
}

/** What a crowd may come to. */
interface Targets {
	refused: number;
	refusedOrders: number;
	lastOrder: number;
	lag: number;
	worstLag: number;
}

const percent = (part: number, of: number) => (of === 0 ? 0 : (100 * part) / of);

function crowdRows(measured: Measured, targets: Targets): Row[] {
	const { seen, delivered, load, begun } = measured;
	const name = nameOf(measured);
	const { submits, queries, lists, refusedOrders, refusedQueries } = seen;
	const refused = percent(refusedOrders + refusedQueries, submits.length + queries.length + lists);
	const last = (most(seen.tasks.map(({ orderedAt }) => orderedAt)) - Math.min(...begun)) / 1000;
	const each = lags(seen);
	return [
		{
			what: `${name}: delivered`,
			figure: `${delivered} (${queries.length} queries, ${lists} lists)`,
			target: String(load.items),
			met: delivered === load.items && seen.tasks.length === load.items,
			oneByOne: '',
			byHand: '',
		},
		limited(`${name}: refused`, refused, targets.refused, '%'),
		limited(
			`${name}: orders refused`,
			percent(refusedOrders, submits.length),
			targets.refusedOrders,
			'%',
		),
		limited(`${name}: last order`, last, targets.lastOrder, 's'),
		limited(`${name}: lag, median`, median(each), targets.lag, 's'),
		limited(`${name}: lag, worst`, most(each), targets.worstLag, 's', {
			figure: `${rounded(most(each))} s`,
		}),
	];
}

/** The runs of one beside a large one. */
function smallRows(measured: Measured): Row[] {
	const { load, seen, begun } = measured;
	const sizes = load.crowd?.executions ?? [];
	const small = sizes.flatMap(({ items }, n) => {
		const task = seen.tasks.find(({ prompt }) => prompt === `Run ${n}`);
		return items === 1 && task ? [{ task, begun: begun[n] }] : [];
	});
	const waits = small.map(({ task, begun: from }) => (task.orderedAt - from) / 1000);
	const late = lags({ ...seen, tasks: small.map(({ task }) => task) });
	return [
		limited(`${nameOf(measured)}: a run of one waits to order`, most(waits), 1, 's'),
		limited(`${nameOf(measured)}: lag of a run of one`, most(late), 2.5, 's'),
	];
}

const ONE = { refused: 1, refusedOrders: 5, lag: 2, worstLag: 5 };
const SEVERAL = { refused: 5, refusedOrders: 15, lag: 3, worstLag: 10 };

/** When the last of `n` is ordered, in s: as fast as an account may. */
const lastOf = (n: number) => n / 4.5 + 4;

/** Many executions at once. */
export const CROWDS: Scenario = {
	name: 'crowd',
	loads(quick) {
		const n = quick ? 20 : 80;
		const seconds = quick ? 5 : 30;
		return [
			crowdOf(together(n, 1), seconds),
			crowdOf(together(n, 1), seconds, { hasList: false }),
			crowdOf(together(n, 1), seconds, { service: 'imini' }),
			crowdOf(together(n, 1), seconds, { processes: 2 }),
			crowdOf(together(5, quick ? 4 : 40), seconds),
			crowdOf(beside(quick ? 20 : 200), quick ? 5 : 60),
			crowdOf(beside(quick ? 20 : 200), quick ? 5 : 60, { hasList: false }),
			crowdOf([{ at: 0, items: quick ? 40 : 1000 }], quick ? 5 : 40, {
				inFlight: quick ? 20 : 200,
			}),
		];
	},
	rows([listed, single, imini, two, five, besideListed, besideSingle, thousand]) {
		const targets = ({ load: { items } }: Measured) => ({ ...ONE, lastOrder: lastOf(items) });
		const withList = (measured: Measured) => ({ ...targets(measured), worstLag: 4 });
		return [
			...crowdRows(listed, targets(listed)),
			...crowdRows(single, targets(single)),
			...crowdRows(imini, { ...ONE, lastOrder: 32, lag: 3, worstLag: 6 }),
			...crowdRows(two, { ...SEVERAL, lastOrder: two.load.items / 4 + 25 }),
			...crowdRows(five, withList(five)),
			...crowdRows(besideListed, withList(besideListed)),
			...smallRows(besideListed),
			// 200 tasks at 18 queries a second
			...crowdRows(besideSingle, { ...targets(besideSingle), lag: 8, worstLag: 15 }),
			...smallRows(besideSingle),
			...crowdRows(thousand, withList(thousand)),
			limited(`${nameOf(thousand)}: longest stretch`, thousand.loop.most, 50, 'ms'),
		];
	},
};
