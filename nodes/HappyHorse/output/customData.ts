// What n8n shows with an execution, also with one that failed or was stopped: the ids of its tasks.
import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';

/** The one key that this node uses of the ten that an execution has. */
const KEY = 'happyhorse_tasks';

/** Characters that n8n keeps of a value. */
const MOST = 512;

/** n8n's `$execution.customData`, as far as it is used here. */
const customData = z.object({
	get: z.function().args(z.string()).returns(z.unknown()),
	set: z.function().args(z.string(), z.string()).returns(z.unknown()),
});

/** `ids`, the newest last, as far as they fit, after how many more there are. */
function listOf(ids: readonly string[]): string {
	for (let from = 0; from < ids.length; from += 1) {
		const more = from === 0 ? '' : `${from} more, `;
		const list = more + ids.slice(from).join(', ');
		if (list.length <= MOST) return list;
	}
	return '';
}

/** Returns what adds a task id to the custom data of the execution. All nodes of the execution share the one value. */
export function taskNotes(context: IExecuteFunctions): (taskId: string) => void {
	const ids: string[] = [];
	return (taskId) => {
		ids.push(taskId);
		try {
			const { $execution } = context.getWorkflowDataProxy(0);
			const data = customData.parse($execution.customData);
			const before = String(data.get(KEY) ?? '');
			const others = before.split(', ').filter((id) => id !== '' && !ids.includes(id));
			data.set(KEY, listOf([...others, ...ids]));
		} catch {
			// Where there is no execution, there is nothing to show it with; the id is in n8n's log
		}
	};
}
