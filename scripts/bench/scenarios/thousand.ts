// A thousand items: they all get done, and n8n stays responsive and small meanwhile.
import { beside,lagRows,loopRow,memoryRow,queryRows } from '../rows';
import { byWay,rounded,type Scenario } from '../scenario';

export const thousand: Scenario = {
	name: 'thousand',
	title: 'A thousand items',
	async loads(quick) {
		const load = { items: quick ? 100 : 1000, inFlight: quick ? 40 : 200, secondsPerTask: 5 };
		return [
			{ ...load, way: 'node' },
			{ ...load, way: 'oneByOne', items: quick ? 1 : 4 },
			// One batch: the service takes 20 polls a second, so that the last are answered in the third round
			{ ...load, way: 'byHand', items: quick ? 20 : 60 },
		];
	},
	rows(measured) {
		const { ours, oneByOne, byHand } = byWay(measured);
		const { load, delivered, seconds, warnings } = ours;
		const name = `${load.items} items, ${load.inFlight} in flight, T = ${load.secondsPerTask} s`;
		return [
			{
				what: `${name}: finishes`,
				figure: `${delivered} delivered in ${rounded(seconds)} s`,
				target: `${load.items} delivered`,
				met: delivered === load.items && warnings.length === 0,
				oneByOne: beside(ours, oneByOne),
				byHand: beside(ours, byHand),
			},
			loopRow(name, ours, 50, oneByOne, byHand),
			memoryRow(name, ours, 150, oneByOne, byHand),
			...lagRows([ours], oneByOne, byHand),
			...queryRows(ours, oneByOne, byHand),
		];
	},
};
