// Figures computed from measurements: pure functions of plain values.
import type { Seen } from './load';

/** The middle of some numbers; NaN of none. */
export function median(numbers: readonly number[]): number {
	const sorted = [...numbers].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The largest; 0 of none. */
export function most(numbers: readonly number[]): number {
	return numbers.reduce((largest, number) => Math.max(largest, number), 0);
}

/** Seconds from "done" at the service to the poll that noticed it, for each task. */
export function lags({ tasks }: Seen): number[] {
	return tasks.flatMap(({ doneAt, noticedAt }) =>
		noticedAt === undefined ? [] : [(noticedAt - doneAt) / 1000],
	);
}

/** The largest number of `times` (ms, in order) within any window of `ms`. */
export function mostInWindow(times: readonly number[], ms: number): number {
	let start = 0;
	let largest = 0;
	for (const [end, time] of times.entries()) {
		while (times[start] <= time - ms) start += 1;
		largest = Math.max(largest, end - start + 1);
	}
	return largest;
}

/** Seconds that each slot stood empty: from the poll that found its task done to the next order. */
export function emptySlots({ tasks, submits }: Seen, inFlight: number): number[] {
	const freed = tasks.flatMap(({ noticedAt }) => noticedAt ?? []).sort((a, b) => a - b);
	return submits.slice(inFlight).map((at, index) => Math.max(0, at - freed[index]) / 1000);
}

/** The largest number of downloads under way at once. */
export function mostAtOnce(spans: ReadonlyArray<{ from: number; to: number }>): number {
	return most(
		spans.map(({ from }) => spans.filter((one) => one.from <= from && one.to > from).length),
	);
}
