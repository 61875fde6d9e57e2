// Step 1: every input item becomes a checked job, or a fault, before anything is sent for any of them.
import type { IExecuteFunctions } from 'n8n-workflow';
import { COVER_FIELD, OPTION_DEFAULTS, OPTION_MINIMUMS } from '../description/settings';
import type { Fault } from '../fault';
import { invalidInput, invalidInputOfPaid } from '../fault';
import { reasonOf } from '../reason';
import type { Mode } from '../service/contract';
import { checkOrder } from './checkOrder';
import { InputError, mustBe } from './inputError';
import type { InputItem } from './inputItem';
import { inputItem } from './inputItem';
import type { Job, Order, Settings, Wish } from './order';
import { booleanOf, isBlank, numberOf, oneOf, textOf } from './values';

const RESOURCES = ['video', 'task'] as const;
const MODES = [
	'textToVideo',
	'imageToVideo',
	'referenceToVideo',
	'editVideo',
] as const satisfies Mode[];
const TASK_OPERATIONS = ['get', 'wait'] as const;

/** Characters that no task id has and that would change the address that is asked. */
const UNSAFE_IN_ID = /[\s/\\?#%]|\.\./;

/** A job, or why the item can't be one. */
export type CheckedItem = { readonly job: Job } | { readonly item: number; readonly fault: Fault };

function taskIdOf(item: InputItem): string {
	const id = textOf('Task ID', item.value('taskId')).trim();
	if (id === '' || UNSAFE_IN_ID.test(id)) {
		throw mustBe('Task ID', 'the ID of a task, such as task_2044275355061448704', id);
	}
	return id;
}

/** Settings of the node itself, each of its own default where it is not set. */
function settingsOf(item: InputItem, resource: 'video' | 'task', inTool: boolean): Settings {
	// n8n makes a collection of it, whatever the workflow holds
	const options: object = Object(item.value('options'));
	const given = (name: string): unknown => Reflect.get(options, name) ?? undefined;
	const option = (name: keyof typeof OPTION_DEFAULTS) => given(name) ?? OPTION_DEFAULTS[name];
	const atLeast = (name: keyof typeof OPTION_MINIMUMS) => (n: number) => n >= OPTION_MINIMUMS[name];

	const pollSeconds = numberOf(
		'Poll Interval (Seconds)',
		option('pollInterval'),
		`a number of seconds, at least ${OPTION_MINIMUMS.pollInterval}`,
		atLeast('pollInterval'),
	);
	const minutes = numberOf(
		'Timeout (Minutes)',
		option('timeout'),
		'a number of minutes above 0',
		(n) => n > 0,
	);
	const inFlight = numberOf(
		'Tasks in Flight',
		option('maxTasksInFlight'),
		`a whole number, at least ${OPTION_MINIMUMS.maxTasksInFlight}`,
		(n) => Number.isInteger(n) && atLeast('maxTasksInFlight')(n),
	);
	const totalSeconds = numberOf(
		'Spending Limit (Seconds of Video)',
		option('maxTotalSeconds'),
		'a number of seconds, 0 for no limit',
		atLeast('maxTotalSeconds'),
	);
	const outputField = textOf('Put Output File in Field', option('binaryPropertyNameOutput')).trim();
	const downloadCover = booleanOf('Download Cover Image', given('downloadCover') ?? false);
	if (outputField === '' || (downloadCover && outputField === COVER_FIELD)) {
		const rule = `the name of a field${downloadCover ? ` other than "${COVER_FIELD}", which takes the cover` : ''}`;
		throw mustBe('Put Output File in Field', rule, outputField);
	}
	const fileName = given('fileName');
	return {
		wait:
			resource === 'task' ||
			booleanOf('Wait for Completion', item.value('waitForCompletion') ?? true),
		download: booleanOf('Download Video', item.value('downloadVideo') ?? true) && !inTool,
		downloadCover,
		outputField,
		fileName: isBlank(fileName) ? undefined : textOf('File Name', fileName).trim(),
		pollIntervalMs: pollSeconds * 1000,
		timeoutMs: minutes * 60_000,
		maxTasksInFlight: inFlight,
		maxTotalSeconds: totalSeconds === 0 ? Infinity : totalSeconds,
		resubmitWhenUnsure: booleanOf('Order Again When Unsure', given('resubmitWhenUnsure') ?? false),
	};
}

/** What the items of a run are read with. */
interface Reading {
	readonly inTool: boolean;
	/** The task of an item that an earlier try has paid for: its request is not looked at again. */
	paidTask(item: number): string | undefined;
}

async function readJob(item: InputItem, index: number, reading: Reading): Promise<Job> {
	const resource = oneOf('Resource', item.value('resource'), RESOURCES);
	const operation = item.value('operation');
	if (resource === 'task') {
		const kind = oneOf('Operation', operation, TASK_OPERATIONS);
		const settings = settingsOf(item, resource, reading.inTool);
		const wish: Wish = { kind, taskId: taskIdOf(item) };
		return { item: index, operation: undefined, wish, settings, secrets: [] };
	}
	const mode = oneOf('Operation', operation, MODES);
	const settings = settingsOf(item, resource, reading.inTool);
	const wish: Wish =
		reading.paidTask(index) === undefined
			? { kind: 'order', order: await checkOrder(mode, item) }
			: { kind: 'paid', readOrder: async () => await readOrder(mode, item) };
	return { item: index, operation: mode, wish, settings, secrets: promptsOf(item) };
}

/** The prompt of an item, as far as it can be read. */
function promptsOf(item: InputItem): string[] {
	try {
		return [textOf('Prompt', item.value('prompt'))];
	} catch {
		return [];
	}
}

/** The fault of an item whose input can't be used. */
function faultOf(error: unknown, paidTask: string | undefined): Fault {
	const { message, fix } =
		error instanceof InputError
			? error
			: {
					message: `The input could not be read: ${reasonOf(error)}`,
					fix: 'Check the input of this node.',
				};
	return paidTask === undefined
		? invalidInput(message, fix)
		: invalidInputOfPaid(message, fix, paidTask);
}

async function readOrder(mode: Mode, item: InputItem): Promise<Order | Fault> {
	try {
		return await checkOrder(mode, item);
	} catch (error) {
		return faultOf(error, undefined);
	}
}

/**
 * Reads and checks all input items, one after another, so that at most one file is being looked at. `signal` ends it
 * early: the items that were not looked at are missing.
 */
export async function readJobs(
	context: IExecuteFunctions,
	reading: Reading,
	signal: AbortSignal,
): Promise<CheckedItem[]> {
	const items: CheckedItem[] = [];
	const count = context.getInputData().length;
	for (let item = 0; item < count && !signal.aborted; item += 1) {
		try {
			items.push({ job: await readJob(inputItem(context, item), item, reading) });
		} catch (error) {
			items.push({ item, fault: faultOf(error, reading.paidTask(item)) });
		}
	}
	return items;
}
