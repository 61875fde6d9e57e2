// One run of the node, top to bottom: read all items, split off dry runs and failures, order, wait, deliver, join.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { yielder } from './util/clock';
import { choicesOf, labelOf, properties } from './description';
import { openDurableSet } from './n8n/durableSet';
import type { FailedItem, Outcome, PaidTasks, Result, RunResult } from './domain/failure';
import { Failure, failed, invalidInput, succeeded } from './domain/failure';
import type { Fingerprints, RunIdentity } from './n8n/identity';
import { fingerprintItems, requestParameters, runIdentity } from './n8n/identity';
import type { DryRun, Job } from './domain/order';
import { isDryRun } from './domain/order';
import { taskNotes } from './n8n/customData';
import { itemDelivery } from './output/deliver';
import { dryRunItem } from './output/dryRun';
import { costOf, outputOf, tellCost } from './output/summary';
import { reasonOf } from './util/unknown';
import { isFilm } from './request/clips';
import { inputItem } from './request/inputItem';
import { readJobs } from './request/readJobs';
import { parseChoice } from './request/values';
import type { ServiceEntry } from './service';
import { SERVICES } from './service';
import { CREDENTIAL_PROBLEMS } from './service/account';
import type { Service } from './service/service';
import { Budget } from './task/budget';
import { admitDryRuns } from './task/admit';
import { openIntents } from './task/intents';
import { Ledger } from './task/ledger';
import { joinVideos } from './joinVideos';
import { collect, runItems } from './task/run';

const REQUEST_PARAMETERS = requestParameters(properties);

/** What the steps of a run share. */
interface Run {
	readonly context: IExecuteFunctions;
	readonly identity: RunIdentity;
	readonly fingerprints: Fingerprints;
	readonly ledger: Ledger;
	readonly cancel: AbortSignal;
	readonly chosen: ServiceEntry;
	/** The service with the node's credential, which is read once, and only when it is needed. Sends nothing. */
	connect(): Promise<Result<Service>>;
}

/**
 * Runs the node for all of its input items.
 * @returns one item for each input item, in their order
 * @throws NodeOperationError when the execution was stopped, or with On Error = stop when an item has failed
 */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const identity = runIdentity(context);
	if (isFilm(context)) {
		const stopOnFailure = stopsOnFailure(context, identity);
		return finish(context, await joinVideos(context, identity.inTool, stopOnFailure));
	}
	const fingerprints = await fingerprintItems(context, REQUEST_PARAMETERS, identity.inTool);
	const opened = Ledger.open(context.getContext('node'), identity, (item) => fingerprints.of(item));
	if (!opened.ok)
		return finish(
			context,
			failAll(context, identity, () => opened.failure),
		);
	const ledger = opened.value;
	try {
		const chosen = chosenService(context);
		if (!chosen.ok) {
			const result = failAll(context, identity, (item) => {
				const task = ledger.find(item)?.task;
				return task === undefined ? chosen.failure : chosen.failure.ofPaidTask(task.taskId);
			});
			return finish(context, result, ledger.paidTasks());
		}
		// There is none where an MCP Server Trigger calls the node as a tool
		const cancel = context.getExecutionCancelSignal() ?? new AbortController().signal;
		const connect = connector(context, chosen.value, cancel);
		const run = { context, identity, fingerprints, ledger, cancel, chosen: chosen.value, connect };

		const { dryRuns, jobs, bad } = split(await readItems(run));
		// Before any order: with On Error = stop, a dry run that fails ends the run as well
		const dry = await carryOutDryRuns(run, dryRuns);
		const ordered = await orderAndDeliver(run, jobs, [...bad, ...dry.bad]);
		const paid = ledger.paidTasks();
		const prices = new Map(
			[...jobs, ...dryRuns].map(({ item, settings }) => [item, settings.pricePerSecond]),
		);
		tellCost(
			context,
			costOf(ledger, paid, dry.budget, (item) => prices.get(item) ?? 0),
		);
		return finish(context, joined(ordered, dry.good), paid);
	} finally {
		ledger.close();
	}
}

/** The service that the node is set to, by its first item: an expression could give each item another one. */
function chosenService(context: IExecuteFunctions): Result<ServiceEntry> {
	const [usual] = SERVICES;
	if (context.getInputData().length === 0) return succeeded(usual);
	try {
		const value = inputItem(context, 0, labelOf, choicesOf).value('service') ?? usual.name;
		const names = SERVICES.map(({ name }) => name);
		const name = parseChoice('Service', value, names);
		return succeeded(SERVICES.find((service) => service.name === name) ?? usual);
	} catch (error) {
		return failed(
			error instanceof Failure
				? error
				: invalidInput(
						`The input could not be read: ${reasonOf(error)}`,
						'Check the input of this node.',
					),
		);
	}
}

function connector(
	context: IExecuteFunctions,
	chosen: ServiceEntry,
	cancel: AbortSignal,
): Run['connect'] {
	let connecting: Promise<Result<Service>> | undefined;
	const connect = async () => {
		const connected = await chosen.connect(context, cancel);
		if (connected.ok) return succeeded(connected.service);
		const { message, fix } = CREDENTIAL_PROBLEMS[connected.problem];
		return failed<Service>(invalidInput(message, fix));
	};
	return async () => await (connecting ??= connect());
}

/** Step 1. */
async function readItems(run: Run): Promise<Array<Outcome<Job | DryRun>>> {
	const { context, identity, fingerprints, ledger, cancel, chosen } = run;
	const reading = {
		offer: chosen.offer,
		inTool: identity.inTool,
		paid: context.getInputData().map((_, item) => ledger.find(item)?.task),
		privateLinks: async () => {
			const connected = await run.connect();
			return connected.ok ? succeeded(connected.value.isPrivate) : connected;
		},
		labelOf,
		choicesOf,
	};
	const read = await readJobs(context, reading, cancel);
	return read.map((outcome) => {
		const failure = fingerprints.failureOf(outcome.item);
		return failure === undefined ? outcome : { item: outcome.item, result: failed<Job>(failure) };
	});
}

/** What was read, by what becomes of it. */
function split(read: ReadonlyArray<Outcome<Job | DryRun>>) {
	const dryRuns: DryRun[] = [];
	const jobs: Job[] = [];
	const bad: FailedItem[] = [];
	for (const { item, result } of read) {
		if (!result.ok) bad.push({ item, failure: result.failure });
		else if (isDryRun(result.value)) dryRuns.push(result.value);
		else jobs.push(result.value);
	}
	return { dryRuns, jobs, bad };
}

/** All steps for the items that have Dry Run on. Knows no service that it could order from. */
async function carryOutDryRuns(
	{ context, identity, ledger, cancel, chosen: { offer } }: Run,
	dryRuns: readonly DryRun[],
): Promise<{ good: Array<Outcome<INodeExecutionData>>; bad: FailedItem[]; budget: Budget }> {
	const { admitted, budget } = admitDryRuns(dryRuns, offer.limits, ledger.budget);
	const yieldNow = yielder();
	const good: Array<Outcome<INodeExecutionData>> = [];
	const bad: FailedItem[] = [];
	for (const { item, result } of admitted) {
		await yieldNow();
		if (cancel.aborted) break;
		const made = result.ok ? await dryRunItem(context, offer, result.value, identity) : result;
		if (made.ok) good.push({ item, result: made });
		else bad.push({ item, failure: made.failure });
	}
	return { good, bad, budget };
}

/** Steps 2 to 4 for the items that have Dry Run off. `bad`: items that have failed before. */
async function orderAndDeliver(
	{ context, identity, ledger, cancel, connect }: Run,
	jobs: readonly Job[],
	bad: readonly FailedItem[],
): Promise<RunResult<INodeExecutionData>> {
	if (cancel.aborted) return { kind: 'stopped' };
	const stopOnFailure = stopsOnFailure(context, identity);
	const connected = jobs.length > 0 ? await connect() : undefined;
	if (!connected?.ok) return collect([], bad, stopOnFailure);
	const { isRetry } = identity;
	const owner = {
		nodeId: context.getNode().id,
		executionId: identity.executionId,
		// The calls of a tool are orders of their own, also where they ask for the same
		chain: identity.inTool ? undefined : ledger.firstExecution,
		isBlindRetry: isRetry && !ledger.hasEarlierRecord,
	};
	const intents = openIntents(openDurableSet(context, cancel), owner);
	const setup = {
		service: connected.value,
		ledger,
		intents,
		log: context.logger,
		noteTask: taskNotes(context),
		cancel,
		stopOnFailure,
		isRetry,
		random: Math.random,
	};
	try {
		return await runItems(setup, jobs, bad, itemDelivery(context));
	} finally {
		intents.release();
	}
}

/** On Error = stop. A tool's failures are answers, so that an agent can read them. */
function stopsOnFailure(context: IExecuteFunctions, { inTool }: RunIdentity): boolean {
	return !context.continueOnFail() && !inTool;
}

/** A failure for every item: nothing could be begun. */
function failAll(
	context: IExecuteFunctions,
	identity: RunIdentity,
	failureOf: (item: number) => Failure,
): RunResult<INodeExecutionData> {
	const bad = context.getInputData().map((_, item) => ({ item, failure: failureOf(item) }));
	return collect([], bad, stopsOnFailure(context, identity));
}

/** A run with its dry runs. */
function joined(
	run: RunResult<INodeExecutionData>,
	dryRuns: ReadonlyArray<Outcome<INodeExecutionData>>,
): RunResult<INodeExecutionData> {
	return run.kind === 'finished' ? collect([...run.outcomes, ...dryRuns], [], false) : run;
}

/** The node's output. @throws NodeOperationError for a run that did not finish, with what it may have cost */
function finish(
	context: IExecuteFunctions,
	result: RunResult<INodeExecutionData>,
	paid: PaidTasks = { tasks: [], unsure: [] },
): INodeExecutionData[][] {
	return [outputOf(context, result, paid)];
}
