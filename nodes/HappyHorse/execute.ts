// One run of the node, top to bottom: read all items, carry out dry runs, order, wait, deliver, tell what it cost.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { properties } from './description';
import type { Failure, Outcome, PaidTasks, Result, RunResult } from './domain/failure';
import { failed, invalidInput } from './domain/failure';
import type { DryRun, Job } from './domain/order';
import { joinVideos } from './joinVideos';
import { taskNotes } from './n8n/customData';
import { openDurableSet } from './n8n/durableSet';
import { fingerprintItems, requestParameters, runIdentity } from './n8n/identity';
import { tell } from './n8n/tell';
import { itemDelivery } from './output/deliver';
import { dryRunItem } from './output/dryRun';
import { failedItem, runError, stoppedError } from './output/errorItem';
import { summary } from './output/summary';
import { resultOf } from './request/badValue';
import { isFilm } from './request/clips';
import { inputItem } from './request/inputItem';
import type { ReadContext } from './request/readJobs';
import { readJobs } from './request/readJobs';
import { readChoice } from './request/values';
import { SERVICES } from './service';
import { CredentialProblem } from './service/account';
import type { Service } from './service/service';
import { admitDryRuns } from './task/admit';
import { openIntents } from './task/intents';
import { Ledger } from './task/ledger';
import { collect, runItems } from './task/run';
import { openLedgerData } from './task/savedLedger';
import { yieldNow } from './util/clock';

const REQUEST_PARAMETERS = requestParameters(properties);

/** What the steps of a run share. */
interface Run {
	readonly context: IExecuteFunctions;
	readonly stopOnFailure: boolean;
	readonly cancel: AbortSignal;
	readonly ledger: Ledger;
	readonly chosen: ReturnType<typeof chosenService>;
}

/** An output item, or why there is none. */
type Made = Outcome<INodeExecutionData>;

/**
 * Runs the node for all of its input items.
 * @returns one item for each input item, in their order
 * @throws NodeOperationError when the execution was stopped, or with On Error = stop when an item has failed
 */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const inputs = context.getInputData();
	if (inputs.length === 0) return [[]];
	const identity = runIdentity(context);
	// A tool's failures are answers, so that an agent can read them
	const stopOnFailure = !context.continueOnFail() && !identity.inTool;
	// There is none where an MCP Server Trigger calls the node as a tool
	const cancel = context.getExecutionCancelSignal() ?? new AbortController().signal;
	if (isFilm(context))
		return finish(context, await joinVideos(context, identity.inTool, stopOnFailure, cancel));
	const failAll = (failureOf: (item: number) => Failure, paid?: PaidTasks) => {
		const made = inputs.map((_, item): Made => ({ item, result: failed(failureOf(item)) }));
		return finish(context, collect(made, stopOnFailure), paid);
	};
	const fingerprints = await fingerprintItems(context, REQUEST_PARAMETERS, identity.inTool);
	const opened = openLedgerData(context.getContext('node'), identity);
	if (!opened.ok) return failAll(() => opened.failure);
	const ledger = new Ledger(opened.value, identity, (item) => {
		// A record of a retried execution may be of an item that is no longer there
		const made = fingerprints.at(item);
		return made?.ok ? made.value : '';
	});
	try {
		const choice = await resultOf(() => chosenService(context, cancel));
		if (!choice.ok) {
			const ofItem = (item: number) => choice.failure.ofPaidTask(ledger.find(item)?.task?.taskId);
			return failAll(ofItem, ledger.paidTasks());
		}
		const run: Run = { context, stopOnFailure, cancel, ledger, chosen: choice.value };

		const { dryRuns, jobs, bad } = await readItems(run, fingerprints);
		// Before any order: with On Error = stop, a dry run that fails ends the run as well
		const dry = await carryOutDryRuns(run, dryRuns);
		const result = await orderAndDeliver(run, jobs, [...bad, ...dry.made]);
		const paid = ledger.paidTasks();
		const cost = summary(ledger, paid, dry.budget, [...jobs, ...dryRuns]);
		if (cost !== undefined) tell(context, 'info', cost);
		return finish(context, result, paid);
	} finally {
		ledger.close();
	}
}

/** The service that the node is set to, by its first item: an expression could give each item another one. */
function chosenService(context: IExecuteFunctions, cancel: AbortSignal) {
	const [usual] = SERVICES;
	const names = SERVICES.map(({ name }) => name);
	const name = readChoice(inputItem(context, 0), 'service', names, usual.name);
	const service = SERVICES.find((one) => one.name === name) ?? usual;
	let connecting: Promise<Service> | undefined;
	const refused = (error: unknown): never => {
		throw error instanceof CredentialProblem ? invalidInput(error.message, error.fix) : error;
	};
	return {
		offer: service.offer,
		/** Reads the node's credential, once, and only when it is needed; sends nothing. @throws Failure */
		connect: async () => await (connecting ??= service.connect(context, cancel).catch(refused)),
	};
}

/** Step 1: what the items ask for, by what becomes of it. */
async function readItems(
	{ context, cancel, ledger, chosen }: Run,
	fingerprints: ReadonlyArray<Result<string>>,
): Promise<{ dryRuns: DryRun[]; jobs: Job[]; bad: Made[] }> {
	const reading: ReadContext = {
		offer: chosen.offer,
		inTool: ledger.run.inTool,
		paid: context.getInputData().map((_, item) => ledger.find(item)?.task),
		reach: async () => ((await chosen.connect()).isPrivate ? 'anywhere' : 'internet'),
	};
	const dryRuns: DryRun[] = [];
	const jobs: Job[] = [];
	const bad: Made[] = [];
	for (const { item, result } of await readJobs(context, reading, cancel)) {
		const fingerprint = fingerprints[item];
		if (!fingerprint.ok) bad.push({ item, result: fingerprint });
		else if (!result.ok) bad.push({ item, result });
		else if ('order' in result.value) dryRuns.push(result.value);
		else jobs.push(result.value);
	}
	return { dryRuns, jobs, bad };
}

/** All steps for the items that have Dry Run on. Has no service that it could order from. */
async function carryOutDryRuns(
	{ context, cancel, ledger, chosen: { offer } }: Run,
	dryRuns: readonly DryRun[],
) {
	const { admitted, budget } = admitDryRuns(dryRuns, offer.limits, ledger.budget);
	const made: Made[] = [];
	for (const { item, result } of admitted) {
		await yieldNow();
		if (cancel.aborted) break;
		const carriedOut = result.ok ? dryRunItem(context, offer, result.value, ledger.run) : result;
		made.push({ item, result: await carriedOut });
	}
	return { made, budget };
}

/** Steps 2 to 4 for the items that have Dry Run off. `others`: what is known already of other items. */
async function orderAndDeliver(
	{ context, stopOnFailure, cancel, ledger, chosen }: Run,
	jobs: readonly Job[],
	others: readonly Made[],
): Promise<RunResult<INodeExecutionData>> {
	if (cancel.aborted) return { kind: 'stopped' };
	if (jobs.length === 0) return collect(others, stopOnFailure);
	// Not for the first time: all that is no dry run is read with what it tells
	const service = await chosen.connect();
	const { executionId, isRetry, inTool } = ledger.run;
	const owner = {
		nodeId: context.getNode().id,
		executionId,
		// The calls of a tool are orders of their own, also where they ask for the same
		chain: inTool ? undefined : ledger.firstExecution,
		isBlindRetry: isRetry && !ledger.hasEarlierRecord,
	};
	const intents = openIntents(openDurableSet(context, cancel), owner);
	const setup = {
		service,
		ledger,
		intents,
		log: context.logger,
		noteTask: taskNotes(context),
		cancel,
		stopOnFailure,
		random: Math.random,
	};
	try {
		return await runItems(setup, jobs, others, itemDelivery(context));
	} finally {
		intents.release();
	}
}

/** The node's output. @throws NodeOperationError for a run that did not finish, with what it may have cost */
function finish(
	context: IExecuteFunctions,
	run: RunResult<INodeExecutionData>,
	paid: PaidTasks = { tasks: [], unsure: [] },
): INodeExecutionData[][] {
	const count = context.getInputData().length;
	if (run.kind === 'stopped') throw stoppedError(context.getNode(), paid);
	if (run.kind === 'failed') throw runError(context.getNode(), run.failures, count, paid);
	const items = run.outcomes.map(({ item, result }) =>
		result.ok ? result.value : failedItem({ item, failure: result.failure }, count, paid),
	);
	return [items];
}
