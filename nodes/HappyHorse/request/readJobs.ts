// Step 1: every input item becomes a checked job, or a failure, before anything is sent for any of them.
import type { IExecuteFunctions } from 'n8n-workflow';
import type { Outcome, Result } from '../failure';
import { Failure, failed, invalidInput, succeeded } from '../failure';
import type { Action, Job, Limits, Mode, Order } from '../order';
import { MODES } from '../order';
import { reasonOf } from '../reason';
import type { AcceptedTask } from '../videoTask';
import { mustBe } from './badValue';
import type { InputItem } from './inputItem';
import { inputItem } from './inputItem';
import { readOrder } from './readOrder';
import { readSettings } from './readSettings';
import { parseChoice, parseText } from './values';

const RESOURCES = ['video', 'task'] as const;
const TASK_OPERATIONS = ['get', 'wait'] as const;

/** Characters that no task id has and that would change the address that is asked. */
const UNSAFE_IN_ID = /[\s/\\?#%]|\.\./;

/** What the items of a run are read with. */
export interface ReadContext {
	readonly limits: Limits;
	/** An AI agent calls the node. */
	readonly inTool: boolean;
	/** The tasks that earlier tries have paid for, by item: their orders are not looked at again. */
	readonly paid: ReadonlyArray<AcceptedTask | undefined>;
	/** What the editor calls a parameter, for messages. */
	labelOf(parameter: string): string;
}

function readTaskId(item: InputItem): string {
	const id = parseText('Task ID', item.value('taskId')).trim();
	if (id === '' || UNSAFE_IN_ID.test(id)) {
		throw mustBe('Task ID', 'the ID of a task, such as task_2044275355061448704', id);
	}
	return id;
}

/** The prompt of an item, as far as it can be read. */
function readSecrets(item: InputItem): string[] {
	try {
		return [parseText('Prompt', item.value('prompt'))];
	} catch {
		return [];
	}
}

/** Why an item could not be read: the failure that was thrown, or n8n's own reason. */
function failureOf(error: unknown): Failure {
	if (error instanceof Failure) return error;
	return invalidInput(
		`The input could not be read: ${reasonOf(error)}`,
		'Check the input of this node.',
	);
}

async function tryToReadOrder(mode: Mode, item: InputItem, limits: Limits): Promise<Result<Order>> {
	try {
		return succeeded(await readOrder(mode, item, limits));
	} catch (error) {
		return failed(failureOf(error));
	}
}

async function readJob(item: InputItem, index: number, context: ReadContext): Promise<Job> {
	const { limits, inTool } = context;
	const resource = parseChoice('Resource', item.value('resource'), RESOURCES);
	const operation = item.value('operation');
	if (resource === 'task') {
		const kind = parseChoice('Operation', operation, TASK_OPERATIONS);
		const settings = readSettings(item, resource, inTool);
		const action: Action = { kind, taskId: readTaskId(item) };
		return { item: index, mode: undefined, action, settings, secrets: [] };
	}
	const mode = parseChoice('Operation', operation, MODES);
	const settings = readSettings(item, resource, inTool);
	const task = context.paid[index];
	const action: Action =
		task === undefined
			? { kind: 'create', order: await readOrder(mode, item, limits) }
			: {
					kind: 'resume',
					task,
					readOrder: async () => await tryToReadOrder(mode, item, limits),
				};
	return { item: index, mode, action, settings, secrets: readSecrets(item) };
}

/**
 * Reads and checks all input items, one after another, so that at most one file is being looked at. `signal` ends it
 * early: the items that were not looked at are missing.
 */
export async function readJobs(
	context: IExecuteFunctions,
	reading: ReadContext,
	signal: AbortSignal,
): Promise<Array<Outcome<Job>>> {
	const outcomes: Array<Outcome<Job>> = [];
	const count = context.getInputData().length;
	for (let item = 0; item < count && !signal.aborted; item += 1) {
		try {
			const input = inputItem(context, item, (parameter) => reading.labelOf(parameter));
			outcomes.push({ item, result: succeeded(await readJob(input, item, reading)) });
		} catch (error) {
			const failure = failureOf(error);
			const task = reading.paid[item];
			outcomes.push({
				item,
				result: failed(task === undefined ? failure : failure.ofPaidTask(task.taskId)),
			});
		}
	}
	return outcomes;
}
