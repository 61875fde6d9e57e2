// What a run may have cost, for the error that ends it.
import type { Bill } from '../delivery';
import type { SavedRecord } from './ledgerData';

/** The bill of items with records, and of items that only an intent speaks for (`intended`), in item order. */
export function billOf(
	records: ReadonlyArray<{ readonly item: number; readonly record: Readonly<SavedRecord> }>,
	intended: ReadonlySet<number>,
): Bill {
	const sorted = [...records].sort((a, b) => a.item - b.item);
	const sent = sorted.filter(({ record }) => record.task === undefined).map(({ item }) => item);
	const known = new Set(records.map(({ item }) => item));
	const unknown = [...intended].filter((item) => !known.has(item));
	return {
		tasks: sorted.flatMap(({ item, record: { task } }) =>
			task === undefined ? [] : [{ item, taskId: task.taskId }],
		),
		unsure: [...sent, ...unknown].sort((a, b) => a - b),
	};
}
