// How far a run has come that rests and wakes up again: what the next part of it begins with.
import type { INodeExecutionData } from 'n8n-workflow';
import type { RunResult, UnfinishedRun } from './delivery';
import type { Outcome } from './failure';
import { succeeded } from './failure';
import { failedItem } from './output/errorItem';
import type { Ledger } from './task/ledger';
import { collect } from './task/run';

/** A run, when it is over or has to rest. */
export type RunEnd = RunResult<INodeExecutionData> | UnfinishedRun<INodeExecutionData>;

/** What a run that wakes up has behind it. */
export interface Progress {
	/** Items that are through, with what comes out for them. */
	readonly finished: ReadonlyMap<number, INodeExecutionData>;
	/** Seconds of video that the run has ordered, by item. */
	readonly orderedSeconds: ReadonlyMap<number, number>;
	/** The least seconds of the Spending Limit that the run has met; Infinity for none. */
	readonly limit: number;
	/** Items whose task an earlier try had paid for. */
	readonly takenOver: readonly number[];
	/** Items that may have been ordered. */
	readonly unsure: readonly number[];
}

/** That of a run which has not come to its first item. */
export const NO_PROGRESS: Progress = {
	finished: new Map(),
	orderedSeconds: new Map(),
	limit: Infinity,
	takenOver: [],
	unsure: [],
};

/** A run with what had come of it before: nothing of that is looked at again. */
export function withProgress(
	run: RunEnd,
	more: ReadonlyArray<Outcome<INodeExecutionData>>,
	before: Progress | undefined,
): RunEnd {
	const finished = [...(before?.finished ?? [])];
	const all = [...more, ...finished.map(([item, value]) => ({ item, result: succeeded(value) }))];
	switch (run.kind) {
		case 'finished':
			return collect([...run.outcomes, ...all], false);
		case 'unfinished':
			return { ...run, outcomes: [...run.outcomes, ...all] };
		default:
			return run;
	}
}

function unsureIn(run: RunEnd): number[] {
	const outcomes = 'outcomes' in run ? run.outcomes : [];
	return outcomes.flatMap(({ item, result }) =>
		!result.ok && result.failure.kind === 'unsure' ? [item] : [],
	);
}

/** How far a run has come, which had come as far as `before` when it woke up. `count`: items of its input. */
export function progressOf(
	run: RunEnd,
	{ budget, takenOver }: Ledger,
	before: Progress | undefined,
	count: number,
): Progress {
	const outcomes = 'outcomes' in run ? run.outcomes : [];
	const items = outcomes.map(({ item, result }): [number, INodeExecutionData] => [
		item,
		result.ok ? result.value : failedItem({ item, failure: result.failure }, count),
	]);
	return {
		finished: new Map(items),
		orderedSeconds: new Map(budget.items.map((item) => [item, budget.secondsOf(item)])),
		limit: budget.limit,
		takenOver: before?.takenOver ?? [...takenOver],
		unsure: [...(before?.unsure ?? []), ...unsureIn(run)],
	};
}
