// What a run may have cost, for the error that ends it.
import type { SavedRecord } from './ledgerData';

/** What a run may have cost. */
export interface Bill {
	/** Tasks that are paid for, and the items they belong to. */
	readonly tasks: ReadonlyArray<{ readonly item: number; readonly taskId: string }>;
	/** Items that may have been ordered: no task id is known. */
	readonly unsure: readonly number[];
}

/** The bill of items with records, in item order. `leftAlone`: more items that an earlier try may have ordered. */
export function billOf(
	records: ReadonlyArray<{ readonly item: number; readonly record: Readonly<SavedRecord> }>,
	leftAlone: ReadonlySet<number>,
): Bill {
	const sorted = [...records].sort((a, b) => a.item - b.item);
	const unclear = sorted.filter(({ record }) => record.task === undefined).map(({ item }) => item);
	return {
		tasks: sorted.flatMap(({ item, record: { task } }) =>
			task === undefined ? [] : [{ item, taskId: task.taskId }],
		),
		unsure: [...new Set([...unclear, ...leftAlone])].sort((a, b) => a - b),
	};
}
