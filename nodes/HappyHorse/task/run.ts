// Steps 2 and 3 for all items of a run at once: admit, carry out, stop in order, collect.
import pLimit from 'p-limit';
import { aborted } from '../deadline';
import type { Outcome } from '../failure';
import { failed } from '../failure';
import type { Job } from '../order';
import { admit } from './admit';
import type { Delivery, FailedItem, RunResult, UnfinishedRun } from '../delivery';
import { isLeftOpen, runJob } from './job';
import { RequestQueue } from './requestQueue';
import type { RunContext, RunSetup } from './submitContext';

/** Small requests that are sent at once, files that are downloaded at once: enough to keep a line busy. */
const SUBMITS_AT_ONCE = 10;
const DOWNLOADS_AT_ONCE = 3;

function runContext(setup: RunSetup, jobs: readonly Job[], halt: AbortSignal): RunContext {
	const inFlight = jobs.map(({ settings }) => settings.maxTasksInFlight);
	return {
		...setup,
		halt,
		queue: new RequestQueue(setup.ledger.pause),
		phase: setup.random(),
		slots: pLimit(inFlight.reduce((least, most) => Math.min(least, most))),
		heavySubmits: pLimit(1),
		lightSubmits: pLimit(SUBMITS_AT_ONCE),
		downloads: pLimit(DOWNLOADS_AT_ONCE),
		openSubmits: new Set(),
	};
}

/** Carries all jobs out. With On Error = stop, ends with the first failure, but lets open submits finish. */
async function runJobs<T>(
	setup: RunSetup,
	jobs: readonly Job[],
	delivery: Delivery<T>,
): Promise<RunResult<T> | UnfinishedRun<T>> {
	const { cancel, stopOnFailure } = setup;
	const halting = new AbortController();
	const run = runContext(setup, jobs, AbortSignal.any([cancel, halting.signal]));
	let first: FailedItem | undefined;
	const all = Promise.all(
		jobs.map(async (job) => {
			const { item } = job;
			const end = await runJob(run, job, delivery);
			if (!isLeftOpen(end) && !end.ok && stopOnFailure && !run.halt.aborted) {
				first = { item, failure: end.failure };
				halting.abort();
			}
			return { item, end };
		}),
	);
	await Promise.race([all, aborted(run.halt)]);
	if (!cancel.aborted && first !== undefined)
		await Promise.race([Promise.allSettled(run.openSubmits), aborted(cancel)]);
	if (cancel.aborted) return { kind: 'stopped' };
	return first === undefined ? sortOut(await all) : { kind: 'failed', failures: [first] };
}

/** The ends of all jobs: a run with tasks that are left going is not finished. */
function sortOut<T>(
	ends: ReadonlyArray<{ item: number; end: Awaited<ReturnType<typeof runJob<T>>> }>,
): RunResult<T> | UnfinishedRun<T> {
	const open = ends.flatMap(({ end }) => (isLeftOpen(end) ? [end] : []));
	const outcomes = ends.flatMap(({ item, end }) =>
		isLeftOpen(end) ? [] : [{ item, result: end }],
	);
	return open.length > 0 ? { kind: 'unfinished', outcomes, open } : { kind: 'finished', outcomes };
}

/** `outcomes` in item order; with On Error = stop, failures among them end the run. */
export function collect<T>(
	outcomes: ReadonlyArray<Outcome<T>>,
	stopOnFailure: boolean,
): RunResult<T> {
	const sorted = [...outcomes].sort((a, b) => a.item - b.item);
	const [first, ...others] = sorted.flatMap(({ item, result }) =>
		result.ok ? [] : [{ item, failure: result.failure }],
	);
	return stopOnFailure && first !== undefined
		? { kind: 'failed', failures: [first, ...others] }
		: { kind: 'finished', outcomes: sorted };
}

/**
 * Carries out all items of a run. Those that can't be are known before the first order is sent: with On Error = stop
 * one of them is enough that nothing is ordered, else the others go on.
 * @param read one entry for each item: its job, or why it could not be read
 */
export async function runItems<T>(
	setup: RunSetup,
	read: ReadonlyArray<Outcome<Job>>,
	delivery: Delivery<T>,
): Promise<RunResult<T> | UnfinishedRun<T>> {
	const { ledger, intents, cancel, stopOnFailure } = setup;
	const jobs = read.flatMap(({ result }) => (result.ok ? [result.value] : []));
	const admitted = await admit(setup, jobs);
	if (cancel.aborted) return { kind: 'stopped' };
	const bad = [
		...read.flatMap(({ item, result }) => (result.ok ? [] : [{ item, result }])),
		...admitted.flatMap(({ job: { item }, failure }) =>
			failure === undefined ? [] : [{ item, result: failed<T>(failure) }],
		),
	];
	const good = admitted.flatMap(({ job, failure }) => (failure === undefined ? [job] : []));
	const rejected = collect(bad, stopOnFailure);
	if (rejected.kind !== 'finished' || good.length === 0) return rejected;
	const result = await runJobs(setup, good, delivery);
	if (result.kind === 'unfinished') return { ...result, outcomes: [...bad, ...result.outcomes] };
	if (result.kind !== 'finished') return result;
	// The same execution may be retried once more: then what this retry has bought is delivered again
	if (!setup.isRetry) await intents.remove(ledger.takeDeliveredIntents());
	return collect([...bad, ...result.outcomes], false);
}
