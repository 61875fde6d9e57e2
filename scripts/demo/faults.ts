// Two faults of the service, and what a user sees of them: an order that is refused, and five that are retried.
import type { Engine } from '../../tools/engine/engine';
import type { Simulator } from '../../tools/simulator/simulator';
import type { ShownFault } from './page';

const PARAMETERS = {
	prompt: '=A paper boat on lake {{ $json.row }}',
	resolution: '720P',
	duration: 3,
};

const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ json: { row: n + 1 } }));

/** The content check refuses one of two orders; the other one goes on. */
export async function refused(engine: Engine, { faults }: Simulator): Promise<ShownFault> {
	const body = { code: 'INVALID_PROMPT', message: 'Prompt contains disallowed content' };
	faults.push({ on: 'submit', fault: { kind: 'status', status: 400, body } });
	const run = await engine.runNode({
		parameters: { ...PARAMETERS, options: { maxTasksInFlight: 1 } },
		items: rows(2),
		onError: 'continueErrorOutput',
	});
	return {
		title: 'An order is refused',
		story:
			"The service's content check says no to the first of two items. With On Error set to Continue (using error output), its item comes out at the second output, and the other video is made.",
		steps: {
			'At the error output': run.errorItems.map(({ json }) => json),
			'At the first output': run.items.map(({ json }) => json),
		},
		figures: { videos: run.items.length, errors: run.errorItems.length, saved: 0 },
	};
}

/** The key is refused in the middle of the wait; Retry goes on with what is paid for. */
export async function retried(engine: Engine, { faults, tasks }: Simulator): Promise<ShownFault> {
	const count = 5;
	const paid = tasks.size + count;
	const fault = { kind: 'status', status: 401 } as const;
	faults.push({ on: 'query', match: () => tasks.size === paid, fault });
	const failed = await engine.runNode({ parameters: PARAMETERS, items: rows(count) });
	const retry = await engine.retry(failed);
	const { message, description } = failed.error ?? {};
	const saved = retry.items.length - (tasks.size - paid);
	return {
		title: 'An execution is retried',
		story: `${count} videos are ordered, and then the service refuses the key. Retry, in the list of executions, delivers ${retry.items.length} videos; ${tasks.size - paid} are paid for again.`,
		steps: {
			'The error of the execution': { message, description },
			'What the retry puts out (ordered_seconds is 0)': retry.items.map(({ json }) => json),
			'The hint beside it': retry.hints.map((hint) => hint.message),
		},
		figures: { videos: retry.items.length, errors: failed.error ? 1 : 0, saved },
	};
}
