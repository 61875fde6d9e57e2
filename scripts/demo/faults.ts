// Two faults of the service, and what a user sees of them: an order that is refused, and one that is retried.
import type { Engine } from '../../tools/engine/engine';
import type { Simulator } from '../../tools/simulator/simulator';
import type { ShownFault } from './page';

const PARAMETERS = { prompt: 'A paper boat on a lake', resolution: '720P', duration: 3 };

/** The content check refuses one of two orders; the other one goes on. */
async function refused(engine: Engine, { faults }: Simulator): Promise<ShownFault> {
	const body = { code: 'INVALID_PROMPT', message: 'Prompt contains disallowed content' };
	faults.push({ on: 'submit', fault: { kind: 'status', status: 400, body } });
	const run = await engine.runNode({
		parameters: { ...PARAMETERS, options: { maxTasksInFlight: 1 } },
		items: [{ json: { row: 1 } }, { json: { row: 2 } }],
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
	};
}

/** The key is refused in the middle of the wait; Retry goes on with what is paid for. */
async function retried(engine: Engine, { faults, tasks }: Simulator): Promise<ShownFault> {
	const before = tasks.size;
	faults.push({ on: 'query', fault: { kind: 'status', status: 401 } });
	const failed = await engine.runNode({ parameters: PARAMETERS });
	const retry = await engine.retry(failed);
	const { message, description } = failed.error ?? {};
	return {
		title: 'An execution is retried',
		story: `The video is ordered, and then the service refuses the key. Retry, in the list of executions, collects the video: ${tasks.size - before} task was paid for in both executions together.`,
		steps: {
			'The error of the execution': { message, description },
			'What the retry puts out (ordered_seconds is 0)': retry.items.map(({ json }) => json),
			'The hint beside it': retry.hints.map((hint) => hint.message),
		},
	};
}

/** Runs both against the simulator. */
export async function showFaults(engine: Engine, simulator: Simulator): Promise<ShownFault[]> {
	return [await refused(engine, simulator), await retried(engine, simulator)];
}
