// Figures computed from what the service saw.
import type { RecordedRequest, Simulator } from '../../tools/simulator/simulator';
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

/** What a simulator has seen of tasks that took so many seconds. */
export function seenBy(simulator: Simulator, secondsPerTask: number): Seen {
	const submits = simulator.ofKind('submit');
	const queries = simulator.ofKind('query');
	const lists = simulator.ofKind('list');
	const isRefused = ({ status }: RecordedRequest) => status === 429;
	const tasks = [...simulator.tasks.values()].map((task) => {
		const doneAt = task.createdAt + secondsPerTask * 1000;
		const notices = ({ taskId, at, status }: RecordedRequest) =>
			taskId === task.id && status === 200 && at >= doneAt;
		const { prompt = '', createdAt: orderedAt } = task;
		const noticedAt = queries.find(notices)?.at;
		return { prompt, orderedAt, doneAt, noticedAt, queries: task.queries };
	});
	return {
		tasks,
		submits: submits.map(({ at }) => at),
		queries: queries.map(({ at }) => at),
		lists: lists.length,
		refusedQueries: [...queries, ...lists].filter(isRefused).length,
		refusedOrders: submits.filter(isRefused).length,
		downloads: simulator
			.ofKind('media')
			.map(({ at, endedAt = Date.now() }) => ({ from: at, to: endedAt })),
	};
}

/** Seconds from "done" at the service to the poll that noticed it, for each task. */
export function lags({ tasks }: Pick<Seen, 'tasks'>): number[] {
	return tasks.flatMap(({ doneAt, noticedAt }) =>
		noticedAt === undefined ? [] : [(noticedAt - doneAt) / 1000],
	);
}

/** The largest number of `times` (ms, in order) within any window of `ms`. */
export function mostInWindow(times: readonly number[], ms: number): number {
	return most(times.map((end, n) => times.slice(0, n + 1).filter((at) => at > end - ms).length));
}

/** Seconds that each slot stood empty: from the poll that found its task done to the next order. */
export function emptySlots({ tasks, submits }: Seen, inFlight: number): number[] {
	const freed = tasks.flatMap(({ noticedAt }) => noticedAt ?? []).sort((a, b) => a - b);
	return submits.slice(inFlight).map((at, index) => Math.max(0, at - freed[index]) / 1000);
}

/** The largest number of downloads under way at once. */
export function mostAtOnce({ downloads }: Seen): number {
	return most(
		downloads.map(
			({ from }) => downloads.filter((one) => one.from <= from && one.to > from).length,
		),
	);
}
