// Steps 2 and 3 for all items of a run at once: admit, carry out, stop in order, collect.
import pLimit from 'p-limit';
import { unlessAborted } from '../util/clock';
import type { FailedItem, Outcome, RunResult } from '../domain/failure';
import type { Job } from '../domain/order';
import { isOrder } from '../domain/order';
import { admit } from './admit';
import type { Delivery, RunContext, RunSetup } from './context';
import { runJob } from './job';
import { RunPace, paceOf } from './pace';
import { watchlistOf } from './watchlist';

/** Small requests that are sent at once, files that are downloaded at once: enough to keep a line busy. */
const SUBMITS_AT_ONCE = 10;
const DOWNLOADS_AT_ONCE = 3;

function runContext(setup: RunSetup, jobs: readonly Job[], signal: AbortSignal): RunContext {
	const { service, ledger, log, random } = setup;
	const inFlight = jobs.map(({ settings }) => settings.maxTasksInFlight);
	const account = paceOf(service.account, service.pace);
	return {
		...setup,
		signal,
		pace: new RunPace(account, { pauses: ledger.pausesOf(service.account), log, random }),
		watchlist: watchlistOf(account),
		phase: random(),
		slots: pLimit(inFlight.reduce((least, most) => Math.min(least, most))),
		heavySubmits: pLimit(1),
		lightSubmits: pLimit(SUBMITS_AT_ONCE),
		downloads: pLimit(DOWNLOADS_AT_ONCE),
		openSubmits: new Set(),
	};
}

/**
 * Carries all jobs out. With On Error = stop, ends with the first order that fails, but lets open submits finish. Tasks that
 * are looked up cost nothing: all are asked about.
 */
async function runJobs<T>(
	setup: RunSetup,
	jobs: readonly Job[],
	delivery: Delivery<T>,
): Promise<RunResult<T>> {
	const { cancel, stopOnFailure } = setup;
	const halting = new AbortController();
	const run = runContext(setup, jobs, AbortSignal.any([cancel, halting.signal]));
	let first: FailedItem | undefined;
	const all = Promise.all(
		jobs.map(async (job) => {
			const { item } = job;
			const outcomes = (await runJob(run, job, delivery)).map((result) => ({ item, result }));
			const [failure] = failuresOf(outcomes);
			if (failure !== undefined && stopOnFailure && isOrder(job) && !run.signal.aborted) {
				first = failure;
				halting.abort();
			}
			return outcomes;
		}),
	);
	try {
		await unlessAborted(all, run.signal);
		if (!cancel.aborted && first !== undefined)
			await unlessAborted(Promise.allSettled(run.openSubmits), cancel);
		if (cancel.aborted) return { kind: 'stopped' };
		return first === undefined
			? { kind: 'finished', outcomes: (await all).flat() }
			: { kind: 'failed', failures: [first] };
	} finally {
		run.pace.close();
		// Whoever still listens to the run's signal would be kept in memory with it
		halting.abort();
	}
}

/** What has failed of some outcomes. */
function failuresOf(outcomes: ReadonlyArray<Outcome<unknown>>): FailedItem[] {
	return outcomes.flatMap(({ item, result }) =>
		result.ok ? [] : [{ item, failure: result.failure }],
	);
}

/** Outcomes in item order; with On Error = stop, one failure ends the run. */
export function collect<T>(
	outcomes: ReadonlyArray<Outcome<T>>,
	stopOnFailure: boolean,
): RunResult<T> {
	const sorted = [...outcomes].sort((a, b) => a.item - b.item);
	const [first, ...others] = stopOnFailure ? failuresOf(sorted) : [];
	return first === undefined
		? { kind: 'finished', outcomes: sorted }
		: { kind: 'failed', failures: [first, ...others] };
}

/**
 * Carries out all items of a run. Those that can't be are known before the first order is sent: with On Error = stop
 * one of them is enough that nothing is ordered, else the others go on.
 * @param others what is known already of other items
 */
export async function runItems<T>(
	setup: RunSetup,
	jobs: readonly Job[],
	others: ReadonlyArray<Outcome<T>>,
	delivery: Delivery<T>,
): Promise<RunResult<T>> {
	const { ledger, intents, cancel, stopOnFailure } = setup;
	const admitted = await admit(setup, jobs);
	if (cancel.aborted) return { kind: 'stopped' };
	const good: Job[] = [];
	const known = [...others];
	for (const { item, result } of admitted) {
		if (result.ok) good.push(result.value);
		else known.push({ item, result });
	}
	const rejected = collect(known, stopOnFailure);
	if (rejected.kind !== 'finished' || good.length === 0) return rejected;
	const result = await runJobs(setup, good, delivery);
	if (result.kind !== 'finished') return result;
	const delivered = ledger.takeDeliveredIntents();
	const names = delivered.map(({ intent }) => intent);
	// The same execution may be retried once more: then what this retry has bought is delivered again
	if (ledger.run.isRetry) await intents.mark('delivered', names);
	else await intents.remove(delivered);
	// Where failures end a run, these are of tasks that were looked up: an order that failed has ended it before
	return collect([...known, ...result.outcomes], stopOnFailure);
}
