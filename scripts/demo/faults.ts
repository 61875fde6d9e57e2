// Two faults of the service, and what a user sees of them: an order that is refused, and one that is retried.
import type { Engine,Execution } from '../../tools/engine/engine';
import type { Simulator } from '../../tools/simulator/simulator';
import type { ShownFault } from './page';

const PARAMETERS = { prompt: 'A paper boat on a lake', resolution: '720P', duration: 3 };

/** The error of a failed execution, as the editor shows it. */
function shownError({ error }: Execution) {
	return { message: error?.message, description: error?.description };
}

/** The json of an execution's items. */
function shownItems({ items }: Execution) {
	return items.map(({ json }) => json);
}

/** The content check refuses one of two orders; the other one goes on. */
async function refused(engine: Engine, simulator: Simulator): Promise<ShownFault> {
	simulator.faults.push({
		on: 'submit',
		times: 1,
		fault: {
			kind: 'status',
			status: 400,
			body: { code: 'INVALID_PROMPT', message: 'Prompt contains disallowed content' },
		},
	});
	const run = await engine.runNode({
		parameters: { ...PARAMETERS, options: { maxTasksInFlight: 1 } },
		items: [{ json: { row: 1 } }, { json: { row: 2 } }],
		onError: 'continueErrorOutput',
	});
	return {
		title: 'An order is refused',
		story:
			"The service's content check says no to the first of two items. With On Error set to Continue (using error output), its item comes out at the second output, and the other video is made.",
		steps: [
			{ label: 'At the error output', json: run.errorItems.map(({ json }) => json) },
			{ label: 'At the first output', json: shownItems(run) },
		],
	};
}

/** The key is refused in the middle of the wait; Retry goes on with what is paid for. */
async function retried(engine: Engine, simulator: Simulator): Promise<ShownFault> {
	const before = simulator.tasks.size;
	simulator.faults.push({ on: 'query', times: 1, fault: { kind: 'status', status: 401 } });
	const failed = await engine.runNode({ parameters: PARAMETERS });
	const retry = await engine.retry(failed);
	return {
		title: 'An execution is retried',
		story: `The video is ordered, and then the service refuses the key. Retry, in the list of executions, collects the video: ${simulator.tasks.size - before} task was paid for in both executions together.`,
		steps: [
			{ label: 'The error of the execution', json: shownError(failed) },
			{ label: 'What the retry puts out (ordered_seconds is 0)', json: shownItems(retry) },
			{ label: 'The hint beside it', json: retry.hints.map(({ message }) => message) },
		],
	};
}

/** Runs both against the simulator. */
export async function showFaults(engine: Engine, simulator: Simulator): Promise<ShownFault[]> {
	return [await refused(engine, simulator), await retried(engine, simulator)];
}
