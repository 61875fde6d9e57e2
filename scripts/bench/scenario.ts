// What a scenario is: loads to measure, and the rows of the table that come of them.
import type { Load,Measured } from './load';

/** One row of the table. */
export interface Row {
	what: string;
	/** The measured figure, in words. */
	figure: string;
	target: string;
	/** Undefined where there is no target: a figure for comparison. */
	met: boolean | undefined;
	/** The same work one item after another, and by hand, in words; empty where that compares to nothing. */
	oneByOne: string;
	byHand: string;
}

/** One scenario, by its name on the command line. */
export interface Scenario {
	name: string;
	/** What is measured, for the table's head. */
	title: string;
	/** @param quick smaller loads: they show that it works, and prove nothing */
	loads(quick: boolean, folder: string): Promise<Load[]>;
	rows(measured: readonly Measured[]): Row[];
}

/** The measurement of one way. Throws where it is missing. */
export function only(measured: readonly Measured[], way: Load['way']): Measured {
	const found = measured.find(({ load }) => load.way === way);
	if (found === undefined) throw new Error(`Nothing was measured for ${way}`);
	return found;
}

/** The measurements of a scenario that has one load for each way. */
export function byWay(measured: readonly Measured[]) {
	return {
		ours: only(measured, 'node'),
		oneByOne: only(measured, 'oneByOne'),
		byHand: only(measured, 'byHand'),
	};
}

/** A row about a value that must not exceed `limit`, both in `unit`. */
export function limited(
	what: string,
	value: number,
	limit: number,
	unit: string,
	beside: Partial<Pick<Row, 'figure' | 'oneByOne' | 'byHand'>> = {},
): Row {
	return {
		what,
		figure: `${rounded(value)} ${unit}`.trim(),
		target: `<= ${rounded(limit)} ${unit}`.trim(),
		met: value <= limit,
		oneByOne: '',
		byHand: '',
		...beside,
	};
}

/** Two digits behind the point below 10, one below 100, none above. */
export function rounded(value: number): string {
	const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
	return String(Number(value.toFixed(digits)));
}
