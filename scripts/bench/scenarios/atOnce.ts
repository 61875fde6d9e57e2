// N items at once with a slot for each: only the service takes time.
import type { Way } from '../load';
import { lagRows,queryRows,timeRow } from '../rows';
import { only,type Scenario } from '../scenario';

export const atOnce: Scenario = {
	name: 'at-once',
	title: 'N items at once',
	async loads(quick) {
		const secondsPerTask = quick ? 4 : 20;
		const load = (way: Way, items: number) => ({
			way,
			items,
			inFlight: items,
			secondsPerTask,
		});
		const counts = quick ? [1, 20] : [1, 10, 20];
		return [
			...counts.map((items) => load('node', items)),
			load('oneByOne', 2),
			...counts.map((items) => load('byHand', items)),
		];
	},
	rows(measured) {
		const oneByOne = only(measured, 'oneByOne');
		const by = (way: Way) => measured.filter(({ load }) => load.way === way);
		const [ours, byHand] = [by('node'), by('byHand')];
		return [
			...ours.map((one, n) => timeRow(one, one.load.secondsPerTask + 2.5, oneByOne, byHand.at(n))),
			...lagRows(ours, oneByOne, byHand.at(-1)),
			...ours.slice(-1).flatMap((most) => queryRows(most, oneByOne, byHand.at(-1))),
		];
	},
};
