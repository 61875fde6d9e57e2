// What is measured of single executions: loads, and the rows that come of them.
import { emptySlots, median, most, mostAtOnce } from './figures';
import type { Load, Measured, Way } from './load';
import {
	allOut,
	burdenRows,
	lagRows,
	limited,
	nameOf,
	queryRows,
	rounded,
	type Row,
	type Ways,
} from './rows';

/** One scenario, by its name on the command line. */
export interface Scenario {
	name: string;
	loads: Load[];
	rows(measured: readonly Measured[]): Row[];
}

const MB = 1024 * 1024;

/** The same work by the node, by the node with few items one after the other, and by hand, where some of it may differ. */
function inThreeWays(
	name: string,
	work: Omit<Load, 'way'>,
	byHand: Partial<Load>,
	rows: (ways: Required<Ways>, load: Load) => Row[],
): Scenario {
	return {
		name,
		loads: [
			{ ...work, way: 'node' },
			{ ...work, way: 'oneByOne', items: 4 },
			{ ...work, way: 'byHand', ...byHand },
		],
		rows: ([ours, oneByOne, byHand]) => rows({ ours, oneByOne, byHand }, ours.load),
	};
}

/** How long a place that got free stood empty, in s. */
function emptyRow(what: string, { ours, byHand }: Ways): Row {
	const empty = (one: Measured) => emptySlots(one.seen, ours.load.inFlight);
	return limited(what, most(empty(ours)), 0.5, 's', {
		figure: `${rounded(most(empty(ours)))} s (median ${rounded(median(empty(ours)))})`,
		byHand: byHand ? `${rounded(most(empty(byHand)))} s` : '',
	});
}

/** N items with a slot for each: only the service takes time. */
const atOnce = (way: Way, ...counts: number[]) =>
	counts.map((items) => ({ way, items, inFlight: items, secondsPerTask: 20 }));

export const SCENARIOS: Scenario[] = [
	{
		name: 'at-once',
		loads: [...atOnce('node', 1, 10, 20), ...atOnce('oneByOne', 2), ...atOnce('byHand', 1, 10, 20)],
		rows(measured) {
			const [one, ten, twenty, oneByOne, ...byHand] = measured;
			const all = [one, ten, twenty].map(
				(ours, n): Ways => ({ ours, oneByOne, byHand: byHand[n] }),
			);
			return [
				...all.map((ways) => {
					const { load } = ways.ours;
					return allOut(`${nameOf(load)}: all out`, ways, load.secondsPerTask + 2.5);
				}),
				...lagRows(all[2], [one, ten]),
				...queryRows(all[2]),
			];
		},
	},
	// More items than slots: one that becomes free is filled at once
	inThreeWays('in-turn', { items: 60, inFlight: 20, secondsPerTask: 5 }, {}, (ways, load) => {
		const limit = Math.ceil(load.items / load.inFlight) * load.secondsPerTask + 6;
		return [
			allOut(`${nameOf(load)}: all out`, ways, limit),
			emptyRow('a place that got free stood empty: worst', ways),
			...lagRows(ways),
			...queryRows(ways),
		];
	}),
	// They all get done, and n8n stays responsive and small meanwhile
	inThreeWays(
		'thousand',
		{ items: 1000, inFlight: 200, secondsPerTask: 5 },
		// One batch: the service takes 20 polls a second, so that the last are answered in the third round
		{ items: 60 },
		(ways, load) => [
			allOut(`${nameOf(load)}: finishes`, ways),
			...burdenRows(nameOf(load), ways, 150, 50),
			...lagRows(ways),
			...queryRows(ways),
		],
	),
	// Large videos: streamed to disk a few at a time, and no order waits for a download
	inThreeWays(
		'downloads',
		{ items: 20, inFlight: 10, secondsPerTask: 1, mediaBytes: 100 * MB },
		{},
		(ways, { items, inFlight, secondsPerTask, mediaBytes = 0 }) => {
			const name = `${items} files of ${mediaBytes / MB} MB`;
			return [
				allOut(`${name}, ${inFlight} in flight, T = ${secondsPerTask} s: all out`, ways),
				...burdenRows(name, ways, 120, 100),
				limited(`${name}: downloads at once`, mostAtOnce(ways.ours.seen), 3, '', {
					byHand: String(mostAtOnce(ways.byHand.seen)),
				}),
				emptyRow(`${name}: a place stood empty beside downloads: worst`, { ours: ways.ours }),
			];
		},
	),
	// Orders with many large images: the node holds one body at a time, and drops it once accepted
	inThreeWays(
		'images',
		{ items: 50, inFlight: 10, secondsPerTask: 5, images: 9 },
		{ items: 4, inFlight: 4 },
		(ways, { items, inFlight, secondsPerTask, images }) => {
			const name = `${items} items with ${images} images of 5 MB`;
			return [
				allOut(`${name}, ${inFlight} in flight, T = ${secondsPerTask} s: all out`, ways),
				...burdenRows(name, ways, 200, 100),
			];
		},
	),
];
