// N items at once, with room for all of them: bound by the service only.
import { lagRows, queryRows, timeRow } from '../rows';
import { only, type Scenario } from '../scenario';

export const atOnce: Scenario = {
	name: 'at-once',
	title: 'N items at once',
	async loads(quick) {
		const secondsPerTask = quick ? 4 : 20;
		const load = (way: 'node' | 'oneByOne' | 'byHand', items: number) => ({
			way,
			items,
			inFlight: items,
			secondsPerTask,
		});
		return [
			...(quick ? [1, 20] : [1, 10, 20]).map((items) => load('node', items)),
			load('oneByOne', 2),
			load('byHand', 20),
		];
	},
	rows(measured) {
		const [oneByOne, byHand] = [only(measured, 'oneByOne'), only(measured, 'byHand')];
		const ours = measured.filter(({ load }) => load.way === 'node');
		return [
			...ours.map((one) => {
				const comparable = one.load.items === byHand.load.items ? byHand : undefined;
				return timeRow(one, one.load.secondsPerTask + 2.5, oneByOne, comparable);
			}),
			...lagRows(ours, oneByOne, byHand),
			...ours.flatMap((one) => queryRows(one, oneByOne, byHand)),
		];
	},
};
