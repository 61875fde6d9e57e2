// Whether a run can rest in n8n's database: what it needs of n8n, and of the place where the node stands.
import * as n8nWorkflow from 'n8n-workflow';
import type { IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../clock';
import type { Failure } from '../failure';
import { invalidInput } from '../failure';
import type { RunIdentity } from '../identity';
import { startBefore } from './rest';

/** What n8n calls a workflow that was never saved. */
const UNSAVED = '__EMPTY__';

/** The n8n that runs the node. Tests replace it. */
export const host = {
	/**
	 * Whether n8n never calls executions crashed that wait. n8n 2.8.4 does so when it is killed twice in a row, or when its
	 * queue is recovered; 2.41.1 has a list of those that it may call so (n8n's pull request 32316).
	 */
	keepsWaiting(): boolean {
		const crashable: unknown = Reflect.get(n8nWorkflow, 'CRASHABLE_EXECUTION_STATUSES');
		return Array.isArray(crashable) && !crashable.includes('waiting');
	},
};

/**
 * Ms after its start in which n8n looks for executions that were running when it was killed. It mistakes those for such that it
 * has just woken up, and calls them crashed; whatever an execution saves after that prevails.
 */
const STARTING_MS = 20_000;

/** When n8n loaded this file, in ms since 1970: at its start. */
const loadedAt = clock.now();

/** Resolves when n8n has started, or `signal` aborts. */
export async function started(signal: AbortSignal): Promise<void> {
	const ms = loadedAt + STARTING_MS - clock.now();
	if (ms > 0) await clock.sleep(ms, signal);
}

function cannot(why: string, fix: string): Failure {
	return invalidInput(`Survive Restarts is on, but ${why}`, fix);
}

/** Why a run can't rest here; undefined where it can. */
export function restProblem(
	context: IExecuteFunctions,
	{ inTool, executionId }: RunIdentity,
): Failure | undefined {
	if (inTool) {
		return cannot(
			'an AI agent waits for the answer of its tool',
			'Turn it off in the node that is the tool.',
		);
	}
	if (!host.keepsWaiting()) {
		return cannot(
			'this n8n is too old for it: it may lose executions that wait when it is restarted',
			'Update n8n to 2.41 or newer, or turn the option off.',
		);
	}
	const { id } = context.getWorkflow();
	if (id === undefined || id === '' || id === UNSAVED || executionId === '') {
		return cannot('the workflow is not saved', 'Save it, and run it again.');
	}
	const { executionOrder, saveExecutionProgress } = context.getWorkflowSettings();
	if (executionOrder !== 'v1') {
		return cannot(
			'the Execution Order of this workflow is v0',
			'Set it to v1 in the settings of the workflow, or turn the option off.',
		);
	}
	if (saveExecutionProgress === true) {
		return cannot(
			'this workflow saves its execution progress: after a crash in that moment, a retry could pass the node by',
			'Turn "Save execution progress" off in the settings of the workflow, or turn the option off.',
		);
	}
	const { previousNode } = context.getExecuteData().source?.main?.[0] ?? {};
	if (previousNode === undefined || startBefore(context) === undefined) {
		return cannot(
			'no trigger before this node has run',
			'Put a trigger before it, and run the workflow from that.',
		);
	}
	return undefined;
}
