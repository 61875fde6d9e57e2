// More items than slots: one that becomes free is filled at once.
import { emptySlots,median,most } from '../figures';
import { lagRows,queryRows,timeRow } from '../rows';
import { byWay,limited,rounded,type Scenario } from '../scenario';

export const inTurn: Scenario = {
	name: 'in-turn',
	title: 'More items than tasks in flight',
	async loads(quick) {
		const load = {
			items: quick ? 20 : 60,
			inFlight: quick ? 8 : 20,
			secondsPerTask: quick ? 3 : 5,
		};
		return [
			{ ...load, way: 'node' },
			{ ...load, way: 'oneByOne', items: quick ? 1 : 4 },
			{ ...load, way: 'byHand' },
		];
	},
	rows(measured) {
		const { ours, oneByOne, byHand } = byWay(measured);
		const { items, inFlight, secondsPerTask } = ours.load;
		const rounds = Math.ceil(items / inFlight);
		const empty = emptySlots(ours.seen, inFlight);
		const byHandEmpty = emptySlots(byHand.seen, inFlight);
		return [
			timeRow(ours, rounds * secondsPerTask + 6, oneByOne, byHand),
			limited('a place that got free stood empty: worst', most(empty), 0.5, 's', {
				figure: `${rounded(most(empty))} s (median ${rounded(median(empty))})`,
				byHand: `${rounded(most(byHandEmpty))} s`,
			}),
			...lagRows([ours], oneByOne, byHand),
			...queryRows(ours, oneByOne, byHand),
		];
	},
};
