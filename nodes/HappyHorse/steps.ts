// The four steps, tied together for one run of the node.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { pacer } from './clock';
import type { ServiceChoice } from './chosenService';
import { chosenService } from './chosenService';
import { choicesOf, labelOf, properties } from './description';
import { costOf } from './cost';
import type { Bill, RunResult } from './delivery';
import { openDurableSet } from './durableSet';
import type { Failure, Outcome, Result } from './failure';
import { failed, invalidCredential, succeeded } from './failure';
import type { Fingerprints, RunIdentity } from './identity';
import { fingerprintItems, requestParameters } from './identity';
import type { DryRun, Job } from './order';
import { isDryRun } from './order';
import { taskNotes } from './output/customData';
import { itemDelivery } from './output/deliver';
import { dryRunItem } from './output/dryRun';
import type { RunCost } from './output/summary';
import type { Progress, RunEnd } from './progress';
import { NO_PROGRESS, progressOf, withProgress } from './progress';
import { readJobs } from './request/readJobs';
import type { Offer, Service } from './service/service';
import type { Budget } from './task/budget';
import { admitDryRuns } from './task/dryRun';
import { intentKeys, openIntents } from './task/intents';
import { Ledger } from './task/ledger';
import { collect, runItems } from './task/run';

const REQUEST_PARAMETERS = requestParameters(properties);

/** One run of the node, when it is over, or has to rest. */
export interface NodeRun {
	readonly result: RunEnd;
	/** What it may have cost, for the error that ends it. */
	readonly bill: Bill;
	/** What it has ordered; undefined where it did not get that far. */
	readonly cost: RunCost | undefined;
	/** For the next part of a run that rests. */
	readonly progress: Progress;
}

/** What a run begins with. */
interface Beginning {
	readonly identity: RunIdentity;
	/** When the run began, before all its rests, in ms since 1970. */
	readonly startedAt: number;
	/** Undefined for a run that has not rested. */
	readonly woken: Progress | undefined;
	/** Why it can't rest; undefined where it can. */
	restProblem(): Failure | undefined;
}

/** What the steps of a run share. */
interface Run extends Beginning {
	readonly context: IExecuteFunctions;
	readonly fingerprints: Fingerprints;
	readonly ledger: Ledger;
	readonly cancel: AbortSignal;
	/** What the chosen service offers. */
	readonly offer: Offer;
	/** The service with the node's credential, which is read once, and only when it is needed. Sends nothing. */
	connect(): Promise<Result<Service>>;
}

/** Runs all four steps for all input items, or for those that are not through when the run wakes up. */
export async function runSteps(context: IExecuteFunctions, beginning: Beginning): Promise<NodeRun> {
	const { identity, woken } = beginning;
	const fingerprints = await fingerprintItems(context, REQUEST_PARAMETERS, identity.inTool);
	const opened = Ledger.open(context.getContext('node'), identity, (item) => fingerprints.of(item));
	if (!opened.ok) {
		const result = failAll(context, identity, () => opened.failure);
		const bill = { tasks: [], unsure: [] };
		return { result, bill, cost: undefined, progress: NO_PROGRESS };
	}
	const ledger = opened.value;
	const chosen = chosenService(context);
	if (!chosen.ok) {
		const result = failAll(context, identity, (item) => {
			const task = ledger.find(item)?.task;
			return task === undefined ? chosen.failure : chosen.failure.ofPaidTask(task.taskId);
		});
		const bill = ledger.bill();
		ledger.close();
		return { result, bill, cost: undefined, progress: NO_PROGRESS };
	}
	// There is none where an MCP Server Trigger calls the node as a tool
	const cancel = context.getExecutionCancelSignal() ?? new AbortController().signal;
	if (woken !== undefined) ledger.budget.goOn(woken.orderedSeconds, woken.limit);
	const run = {
		...beginning,
		context,
		fingerprints,
		ledger,
		cancel,
		offer: chosen.value.offer,
		connect: connector(context, chosen.value, cancel),
	};
	try {
		const read = await readItems(run);
		const dry = await carryOutDryRuns(run, read);
		// Before any order: with On Error = stop, a dry run that fails ends the run as well
		const ordered = await orderAndDeliver(run, [...jobsIn(read), ...failuresIn<Job>(dry.outcomes)]);
		const good = dry.outcomes.filter(({ result: { ok } }) => ok);
		const result = withProgress(ordered, good, woken);
		const progress = progressOf(result, ledger, woken, context.getInputData().length);
		const cost = costOf(progress, ledger.budget, dry.budget);
		return { result, bill: ledger.bill(), cost, progress };
	} finally {
		ledger.close();
	}
}

function connector(
	context: IExecuteFunctions,
	{ connect: connectWith }: ServiceChoice,
	cancel: AbortSignal,
): Run['connect'] {
	let connecting: Promise<Result<Service>> | undefined;
	const connect = async () => {
		const connected = await connectWith(context, cancel);
		return connected.ok
			? succeeded(connected.service)
			: failed<Service>(invalidCredential(connected.problem));
	};
	return async () => await (connecting ??= connect());
}

/** Step 1. */
async function readItems(run: Run): Promise<Array<Outcome<Job | DryRun>>> {
	const { context, identity, fingerprints, ledger, cancel, offer, restProblem, woken } = run;
	const reading = {
		restProblem,
		finished: new Set(woken?.finished.keys()),
		limits: offer.limits,
		uploadsVideos: offer.uploadsVideos,
		canCancel: offer.canCancel,
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

/** The outcomes that are failures. */
function failuresIn<T>(outcomes: ReadonlyArray<Outcome<unknown>>): Array<Outcome<T>> {
	return outcomes.flatMap(({ item, result }) => (result.ok ? [] : [{ item, result }]));
}

/** What was read for items that have Dry Run off, and why some could not be. */
function jobsIn(read: ReadonlyArray<Outcome<Job | DryRun>>): Array<Outcome<Job>> {
	return read.flatMap(({ item, result }): Array<Outcome<Job>> => {
		if (!result.ok) return [{ item, result }];
		return isDryRun(result.value) ? [] : [{ item, result: succeeded(result.value) }];
	});
}

/** All steps for the items that have Dry Run on. Knows no service that it could order from. */
async function carryOutDryRuns(
	{ context, identity, ledger, cancel, offer }: Run,
	read: ReadonlyArray<Outcome<Job | DryRun>>,
): Promise<{ outcomes: Array<Outcome<INodeExecutionData>>; budget: Budget }> {
	const dryRuns = read.flatMap(({ result }) =>
		result.ok && isDryRun(result.value) ? [result.value] : [],
	);
	const { admitted, budget } = admitDryRuns(dryRuns, offer.limits, ledger.budget);
	const giveWay = pacer();
	const outcomes: Array<Outcome<INodeExecutionData>> = [];
	for (const { item, result } of admitted) {
		await giveWay();
		if (cancel.aborted) break;
		outcomes.push({
			item,
			result: result.ok ? await dryRunItem(context, offer, result.value, identity) : result,
		});
	}
	return { outcomes, budget };
}

/** Steps 2 to 4 for the items that have Dry Run off. */
async function orderAndDeliver(
	{ context, identity, startedAt, fingerprints, ledger, cancel, connect }: Run,
	read: ReadonlyArray<Outcome<Job>>,
): Promise<RunEnd> {
	if (cancel.aborted) return { kind: 'stopped' };
	const stopOnFailure = stopsOnFailure(context, identity);
	const connected = read.some(({ result }) => result.ok) ? await connect() : undefined;
	if (!connected?.ok) return collect(failuresIn(read), stopOnFailure);
	// A crashed execution is retried from its start: the nodes before run again
	const intentKey = intentKeys(context.getNode().id, identity.runIndex, (item) =>
		fingerprints.acrossRuns(item),
	);
	// The calls of a tool are orders of their own, also where they ask for the same
	const chain = identity.inTool ? undefined : ledger.firstExecution;
	const setup = {
		service: connected.value,
		ledger,
		intents: openIntents(openDurableSet(context, cancel), intentKey, chain),
		log: context.logger,
		noteTask: taskNotes(context),
		cancel,
		stopOnFailure,
		startedAt,
		isRetry: context.getMode() === 'retry',
		random: Math.random,
	};
	return await runItems(setup, read, itemDelivery(context));
}

/** On Error = stop. A tool's failures are answers, so that an agent can read them. */
function stopsOnFailure(context: IExecuteFunctions, { inTool }: RunIdentity): boolean {
	return !context.continueOnFail() && !inTool;
}

/** A failure for every item: nothing could be begun. */
function failAll(
	context: IExecuteFunctions,
	run: RunIdentity,
	failureOf: (item: number) => Failure,
): RunResult<INodeExecutionData> {
	const outcomes = context
		.getInputData()
		.map((_, item) => ({ item, result: failed<INodeExecutionData>(failureOf(item)) }));
	return collect(outcomes, stopsOnFailure(context, run));
}
