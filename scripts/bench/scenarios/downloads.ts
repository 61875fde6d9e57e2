// Large videos: streamed to disk a few at a time, and no order waits for a download.
import { emptySlots,median,most,mostAtOnce } from '../figures';
import { beside,loopRow,memoryRow } from '../rows';
import { byWay,limited,rounded,type Scenario } from '../scenario';

const MB = 1024 * 1024;

export const downloads: Scenario = {
	name: 'downloads',
	title: 'Large downloads',
	async loads(quick) {
		const load = {
			items: quick ? 8 : 20,
			inFlight: quick ? 4 : 10,
			secondsPerTask: 1,
			mediaBytes: (quick ? 20 : 100) * MB,
		};
		return [
			{ ...load, way: 'node' },
			{ ...load, way: 'oneByOne', items: quick ? 1 : 4 },
			{ ...load, way: 'byHand' },
		];
	},
	rows(measured) {
		const { ours, oneByOne, byHand } = byWay(measured);
		const { load, delivered, seconds, seen } = ours;
		const name = `${load.items} files of ${(load.mediaBytes ?? 0) / MB} MB`;
		const empty = emptySlots(seen, load.inFlight);
		return [
			{
				what: `${name}, ${load.inFlight} in flight, T = ${load.secondsPerTask} s: all out`,
				figure: `${delivered} in ${rounded(seconds)} s`,
				target: `${load.items} whole`,
				met: delivered === load.items,
				oneByOne: beside(ours, oneByOne),
				byHand: beside(ours, byHand),
			},
			memoryRow(name, ours, 120, oneByOne, byHand),
			loopRow(name, ours, 100, oneByOne, byHand),
			limited(`${name}: downloads at once`, mostAtOnce(seen.downloads), 3, '', {
				byHand: String(mostAtOnce(byHand.seen.downloads)),
			}),
			limited(`${name}: a place stood empty beside downloads: worst`, most(empty), 0.5, 's', {
				figure: `${rounded(most(empty))} s (median ${rounded(median(empty))})`,
			}),
		];
	},
};
