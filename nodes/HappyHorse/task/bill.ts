// What a run may have cost, for the error that ends it.
import type { SavedRecord } from './ledgerData';

/** What a run may have cost. */
export interface Bill {
	/** Tasks that are paid for, and the items they belong to. */
	readonly tasks: ReadonlyArray<{ readonly item: number; readonly taskId: string }>;
	/** Items that may have been ordered: no task id is known. */
	readonly unsure: readonly number[];
}

/** The bill of items with records, in item order. */
export function billOf(
	records: ReadonlyArray<{ readonly item: number; readonly record: Readonly<SavedRecord> }>,
): Bill {
	const sorted = [...records].sort((a, b) => a.item - b.item);
	return {
		tasks: sorted.flatMap(({ item, record: { task } }) =>
			task === undefined ? [] : [{ item, taskId: task.taskId }],
		),
		unsure: sorted.filter(({ record }) => record.task === undefined).map(({ item }) => item),
	};
}
