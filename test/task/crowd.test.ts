// What an account's pace brings when many runs share it: the targets of the benchmark, simulated. See crowd.ts.
import { IMINI } from '../../nodes/HappyHorse/service/imini/imini';
import { MODEL_STUDIO } from '../../nodes/HappyHorse/service/modelStudio/modelStudio';
import { useFakeClock } from '../../tools/fakeClock';
import { chance } from '../../tools/chance';
import type { Crowd, CrowdEnd, SimulatedRun } from './crowd';
import { simulate } from './crowd';

useFakeClock({ advances: true });

const allowed = { queries: 20, orders: 5 };

/** Runs of one item that all begin within two seconds, in so many processes. */
function executions(count: number, processes: number, seed: number): SimulatedRun[] {
	return Array.from({ length: count }, (_, n) => ({
		at: 2000 * chance('begin', seed, n),
		items: 1,
		process: n % processes,
	}));
}

/** The mean of what came of some crowds; `worstLagMs` is the mean of their worst. */
function figures(ends: readonly CrowdEnd[]) {
	const mean = (of: (end: CrowdEnd) => number) =>
		ends.reduce((sum, end) => sum + of(end), 0) / ends.length;
	const lags = ({ runs }: CrowdEnd) => runs.flatMap((run) => run.lags).sort((a, b) => a - b);
	return {
		refused: mean(({ refused: no, arrived: { orders, queries } }) => {
			return (no.orders + no.queries) / (orders.length + queries.length);
		}),
		refusedOrders: mean(({ refused: no, arrived }) => no.orders / arrived.orders.length),
		lastOrderMs: mean(({ runs }) => Math.max(...runs.map((run) => run.lastOrderMs))),
		lagMs: mean((end) => lags(end)[Math.floor(lags(end).length / 2)]),
		worstLagMs: mean((end) => Math.max(...lags(end))),
	};
}
type Figures = ReturnType<typeof figures>;

/** The most that fall into any one second. */
function busiestSecond(times: readonly number[]): number {
	return Math.max(
		...times.map((at) => times.filter((other) => at <= other && other < at + 1000).length),
	);
}

const halfAMinute = () => 30_000;
const upTo5Minutes = (random: number) => 60_000 * 5 ** random;
const crowd = { limits: MODEL_STUDIO.pace, allowed, taskMs: halfAMinute };

/** The targets for one process, and for several. */
const ONE = {
	refused: 0.01,
	refusedOrders: 0.03,
	lastOrderMs: 21_800,
	lagMs: 2000,
	worstLagMs: 5000,
};
const SEVERAL = {
	refused: 0.05,
	refusedOrders: 0.15,
	lastOrderMs: 45_000,
	lagMs: 3000,
	worstLagMs: 10_000,
};

describe('80 executions of one item, begun within two seconds', () => {
	it.each<[string, number, Partial<Crowd>, Figures]>([
		['in one process', 1, {}, ONE],
		['that take one to five minutes', 1, { taskMs: upTo5Minutes }, ONE],
		['in two processes', 2, {}, SEVERAL],
		['in four processes', 4, {}, SEVERAL],
		['in four, told how long to wait', 4, { retryAfterMs: 1000 }, SEVERAL],
		[
			'at a service whose limits nobody knows',
			1,
			{ limits: IMINI.pace, taskMs: upTo5Minutes },
			{ refused: 0.01, refusedOrders: 0.03, lastOrderMs: 32_000, lagMs: 3000, worstLagMs: 8000 },
		],
		[
			'that is out for half a minute, twice',
			1,
			{
				taskMs: upTo5Minutes,
				outages: [
					[10_000, 40_000],
					[100_000, 130_000],
				],
			},
			{ refused: 0.02, refusedOrders: 0.1, lastOrderMs: 70_000, lagMs: 3000, worstLagMs: 60_000 },
		],
	])('%s', async (_what, processes, special, most) => {
		const ends: CrowdEnd[] = [];
		for (const seed of [1, 2, 3]) {
			const runs = executions(80, processes, seed);
			ends.push(await simulate({ ...crowd, ...special, runs, seed }));
		}
		const found = figures(ends);
		const over = Object.entries(found).filter(
			([name, value]) => value > Number(Reflect.get(most, name)),
		);
		expect(over).toEqual([]);
	});
});

it('a run of one beside a run of 200 is ordered at once and noticed soon', async () => {
	const runs = [
		{ at: 0, items: 200 },
		{ at: 30_000, items: 1 },
	];
	const end = await simulate({ ...crowd, taskMs: upTo5Minutes, runs, seed: 1 });
	const [many, one] = end.runs;
	expect(many.lags).toHaveLength(200);
	expect(one.lastOrderMs).toBeLessThanOrEqual(1000);
	expect(one.lags[0]).toBeLessThanOrEqual(2500);
});

it('a run of 20 spreads its first polls', async () => {
	const unlimited = { first: 1000, most: 1000, least: 1, pauseMs: 1000, longestPauseMs: 8000 };
	const end = await simulate({
		...crowd,
		limits: { ...MODEL_STUDIO.pace, orders: unlimited },
		allowed: { orders: 1000, queries: 20 },
		runs: [{ at: 0, items: 20 }],
		seed: 1,
	});
	expect(end.runs[0].firstPolls).toHaveLength(20);
	expect(busiestSecond(end.runs[0].firstPolls)).toBeLessThanOrEqual(11);
});

it('the figures of a run are in the log', async () => {
	const runs = [{ at: 0, items: 4 }];
	const allowed = { orders: 1, queries: 20 };
	const { log } = await simulate({ ...crowd, runs, allowed, seed: 1 });
	expect(log).toEqual([
		'HappyHorse: 7 orders sent, 3 of them refused, the longest wait 3.3 s; now 0.9 a second',
		expect.stringMatching(/^HappyHorse: \d+ queries sent, 0 of them refused/),
	]);
});
