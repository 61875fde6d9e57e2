// What n8n shows with an execution, also with one that failed or was stopped: the ids of its tasks.
import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';

/** The keys that this node uses of the ten that an execution has: the other five stay the user's. */
const KEYS = ['', '_2', '_3', '_4', '_5'].map((end) => `happyhorse_tasks${end}`);

/** Characters of a value: of more, n8n warns with each call. */
const MOST = 255;

/** Characters that the last value keeps free, to say how many more there are. */
const ROOM_FOR_MORE = ', 100000 more'.length;

/** n8n's `$execution.customData`, as far as it is used here. */
const customData = z.object({
	get: z.function().args(z.string()).returns(z.unknown()),
	set: z.function().args(z.string(), z.string()).returns(z.unknown()),
});

/** The end of the last value, where not all tasks have found room. */
const MORE = /(?:^|, )(\d+) more$/;

/** The values with one more id: in the first that has room, else counted at the end of the last. */
export function withTask(values: readonly string[], taskId: string): string[] {
	if (values.some((value) => value.split(', ').includes(taskId))) return [...values];
	const added = values.map((value) => (value === '' ? taskId : `${value}, ${taskId}`));
	const last = values.length - 1;
	const hasMore = MORE.exec(values[last]);
	const at = added.findIndex(({ length }, n) =>
		n < last ? length <= MOST : !hasMore && length <= MOST - ROOM_FOR_MORE,
	);
	if (at !== -1) return values.map((value, n) => (n === at ? added[n] : value));
	const named = values[last].replace(MORE, '');
	const more = `${Number(hasMore?.[1] ?? 0) + 1} more`;
	const end = named === '' ? more : `${named}, ${more}`;
	return values.map((value, n) => (n === last ? end : value));
}

/** Returns what adds a task id to the custom data of the execution. All nodes of the execution share its values. */
export function taskNotes(context: IExecuteFunctions): (taskId: string) => void {
	const noted = new Set<string>();
	return (taskId) => {
		if (noted.has(taskId)) return;
		noted.add(taskId);
		try {
			const { $execution } = context.getWorkflowDataProxy(0);
			const data = customData.parse($execution.customData);
			const before = KEYS.map((key) => String(data.get(key) ?? ''));
			for (const [n, value] of withTask(before, taskId).entries())
				if (value !== before[n]) data.set(KEYS[n], value);
		} catch {
			// Where there is no execution, there is nothing to show it with; the id is in n8n's log
		}
	};
}
