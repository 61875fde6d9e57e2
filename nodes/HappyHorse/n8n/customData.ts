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

/** The first part of a list that does not name them all. */
const MORE = / more$/;

interface Listed {
	/** The newest last. */
	readonly ids: readonly string[];
	/** Tasks before those, which the list does not name. */
	readonly more: number;
}

function readList(text: string): Listed {
	const parts = text.split(', ').filter((part) => part !== '');
	const isCut = parts.length > 0 && MORE.test(parts[0]);
	return { ids: isCut ? parts.slice(1) : parts, more: isCut ? parseInt(parts[0], 10) : 0 };
}

/** The newest tasks, as many as fit, after how many more there are. */
function writeList({ ids, more }: Listed): string {
	for (let from = 0; from < ids.length; from += 1) {
		const unnamed = more + from;
		const list = (unnamed === 0 ? '' : `${unnamed} more, `) + ids.slice(from).join(', ');
		if (list.length <= MOST) return list;
	}
	return '';
}

/** Returns what adds a task id to the custom data of the execution. All nodes of the execution share the one value. */
export function taskNotes(context: IExecuteFunctions): (taskId: string) => void {
	const noted = new Set<string>();
	return (taskId) => {
		if (noted.has(taskId)) return;
		noted.add(taskId);
		try {
			const { $execution } = context.getWorkflowDataProxy(0);
			const data = customData.parse($execution.customData);
			const { ids, more } = readList(String(data.get(KEY) ?? ''));
			if (!ids.includes(taskId)) data.set(KEY, writeList({ ids: [...ids, taskId], more }));
		} catch {
			// Where there is no execution, there is nothing to show it with; the id is in n8n's log
		}
	};
}
