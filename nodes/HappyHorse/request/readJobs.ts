// Step 1: every input item becomes a checked job, or a failure, before anything is sent for any of them.
import type { IExecuteFunctions } from 'n8n-workflow';
import type { Outcome } from '../domain/failure';
import { failed, invalidInput, succeeded } from '../domain/failure';
import type { Limits } from '../domain/limits';
import { MODES } from '../domain/limits';
import type { Action, DryRun, Job } from '../domain/order';
import type { AcceptedTask } from '../domain/task';
import { LIST_LIMIT } from '../domain/settings';
import { DRY_RUN_ID, TASK_STATUSES } from '../domain/task';
import { tell } from '../n8n/tell';
import type { Offer } from '../service/service';
import { yieldNow } from '../util/clock';
import { mustBe, readFailure, resultOf } from './badValue';
import type { InputItem } from './inputItem';
import { inputItem } from './inputItem';
import { parseNames } from './lists';
import { readOrder } from './readOrder';
import { readSettings } from './readSettings';
import { isBlank } from './text';
import { readBoolean, readChoice, readNumber, readText } from './values';
import type { Reach } from './webLink';

/** What may be a task id: none has what would change the URL of a query. Those of the services have some 40 characters. */
const TASK_ID = /^(?!.*\.\.)[^\s\p{Cc}\p{Cf}\p{Cs}/\\?#%]{1,200}$/u;

/** What the items of a run are read with. */
export interface ReadContext {
	readonly offer: Offer;
	/** An AI agent calls the node. */
	readonly inTool: boolean;
	/** The tasks that earlier tries have paid for, by item: their orders are not looked at again. */
	readonly paid: ReadonlyArray<AcceptedTask | undefined>;
	/** Reads the credential: never called for an item with Dry Run on. @throws Failure where that can't be used */
	reach(): Promise<Reach>;
}

/** Task IDs of one item, at most. */
const MOST_IDS = 100;

/** The tasks that an item names, each once. @throws Failure for the first that can be none */
function readTaskIds(item: InputItem, { exampleTaskId }: Limits): string[] {
	const value = item.value('taskId');
	const ids = [...new Set(parseNames('Task ID', value))];
	if (ids.length > MOST_IDS) throw mustBe('Task ID', `a list of at most ${MOST_IDS} IDs`, value);
	for (const id of ids.length === 0 ? [''] : ids) {
		if (!TASK_ID.test(id))
			throw mustBe('Task ID', `the ID of a task, such as ${exampleTaskId}`, id);
		if (id.startsWith(DRY_RUN_ID)) {
			throw invalidInput(
				'Task ID is that of a dry run, so there is no task to look up',
				'Turn Dry Run off in the node that it comes from. While you build with it, leave Wait for Completion on: then the sample comes out at once.',
			);
		}
	}
	return ids;
}

/** Which tasks Get Many lists, and how many at most. @throws Failure */
function readList(item: InputItem): Action {
	const isCount = (n: number) => Number.isInteger(n) && n >= 1;
	const [model, status] = ['filters.model', 'filters.status'].map((filter) => item.value(filter));
	if (model !== undefined && isBlank(model)) throw mustBe('Model', 'the name of a model', model);
	return {
		kind: 'list',
		filter: {
			model: model === undefined ? undefined : readText(item, 'filters.model').trim(),
			status: status === undefined ? undefined : readChoice(item, 'filters.status', TASK_STATUSES),
		},
		limit: readBoolean(item, 'returnAll')
			? Infinity
			: readNumber(item, 'limit', LIST_LIMIT, 'a whole number from 1', isCount),
	};
}

/** The tasks that an item names, and what is to be done with them. @throws Failure */
async function readLookups(item: InputItem, index: number, context: ReadContext): Promise<Job[]> {
	const { inTool, offer } = context;
	const kind = readChoice(item, 'operation', ['get', 'getMany', 'wait', 'cancel']);
	if ((kind === 'cancel' || kind === 'getMany') && !offer.managesTasks) {
		throw invalidInput(
			`Operation is ${kind === 'cancel' ? 'Cancel' : 'Get Many'}, which the chosen service does not have`,
			'Its tasks can be looked up by their IDs only: choose Get or Wait.',
		);
	}
	const read = readSettings(item, 'task', inTool);
	const settings = { ...read, download: kind !== 'cancel' && read.download };
	const job = { item: index, mode: undefined, prompt: undefined, settings };
	const actions: Action[] =
		kind === 'getMany'
			? [readList(item)]
			: readTaskIds(item, offer.limits).map((taskId) => ({ kind, taskId }));
	await context.reach();
	return actions.map((action) => ({ ...job, action }));
}

/** What an item asks for: one order, or the tasks that it names. @throws Failure */
async function readJob(
	item: InputItem,
	index: number,
	context: ReadContext,
): Promise<Array<Job | DryRun>> {
	const { inTool, offer, paid } = context;
	const resource = readChoice(item, 'resource', ['video', 'task']);
	if (resource === 'task') {
		try {
			return await readLookups(item, index, context);
		} catch (error) {
			// A look at a task has never to do with an order
			throw readFailure(error).with({ cost: undefined });
		}
	}
	const mode = readChoice(item, 'operation', MODES);
	const settings = readSettings(item, resource, inTool);
	const checked = { item: index, mode, settings };
	const task = paid[index];
	const isDry = readBoolean(item, 'options.dryRun');
	if (isDry && task !== undefined) {
		throw invalidInput(
			'Dry Run is on, but an earlier try has ordered the video of this item',
			'Turn Dry Run off, and retry.',
		);
	}
	const reach = isDry ? 'dryRun' : await context.reach();
	const source = isDry ? item : item.lasting();
	const rules = { ...offer, reach, waits: settings.wait };
	const read = async () => await readOrder(mode, source, rules);
	if (task !== undefined) {
		const readOrderAgain = async () => await resultOf(read);
		const told = await resultOf(() => readText(item, 'prompt'));
		const prompt = (!inTool && told.ok && told.value) || undefined;
		return [{ ...checked, prompt, action: { kind: 'resume', task, readOrder: readOrderAgain } }];
	}
	const order = await read();
	const ordered = { ...checked, prompt: inTool ? undefined : order.prompt };
	return [isDry ? { ...ordered, order } : { ...ordered, action: { kind: 'create', order } }];
}

/** Says in the log what a service may do otherwise than a viewer of images or a player, and what was not checked. */
function warnOf(item: number, read: Job | DryRun, context: IExecuteFunctions): void {
	const action = 'order' in read ? read : read.action;
	if (!('order' in action)) return;
	const { images, video } = action.order;
	const warn = (text: string): void => context.logger.warn(`Item ${item}: ${text}`);
	const warnOfTurn = (what: string) =>
		warn(
			`${what} is turned by a note in its file (or mirrored), as phones write it, and the service may show it without that: apply it before this node`,
		);
	if (images.some((image) => image.kind === 'bytes' && image.rotated)) warnOfTurn('an image');
	if (video?.kind !== 'file') return;
	if (video.rotated) warnOfTurn('the video');
	if (video.pixels === undefined)
		warn('what the video says of itself could not be read: its length and size were not checked');
}

/**
 * Reads and checks all input items, one at a time, so that at most one file is open. Aborting `signal` ends it early, and
 * leaves the remaining items out.
 */
export async function readJobs(
	context: IExecuteFunctions,
	reading: ReadContext,
	signal: AbortSignal,
): Promise<Array<Outcome<Job | DryRun>>> {
	const outcomes: Array<Outcome<Job | DryRun>> = [];
	const gaps = new Set<string>();
	const count = context.getInputData().length;
	for (let item = 0; item < count && !signal.aborted; item += 1) {
		await yieldNow();
		const input = inputItem(context, item, (field) => {
			gaps.add(`Item ${item}: an expression in the middle of the field "${field}" gives nothing`);
		});
		try {
			const jobs = await readJob(input, item, reading);
			const isNumbered = jobs.length > 1 || (count > 1 && !input.isExpression('options.fileName'));
			for (const job of jobs) {
				warnOf(item, job, context);
				const fileNumber = isNumbered ? outcomes.length + 1 : undefined;
				const numbered = { ...job, settings: { ...job.settings, fileNumber } };
				outcomes.push({ item, result: succeeded(numbered) });
			}
		} catch (error) {
			const failure = readFailure(error);
			outcomes.push({ item, result: failed(failure.ofPaidTask(reading.paid[item]?.taskId)) });
		}
	}
	const [gap] = gaps;
	if (gap !== undefined) {
		const more = gaps.size > 1 ? ` And ${gaps.size - 1} more: see the log.` : '';
		tell(context, 'warning', `${gap}.${more}`, [...gaps]);
	}
	return outcomes;
}
