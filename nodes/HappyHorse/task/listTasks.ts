// The tasks of an account, from all pages of its list: for Task → Get Many, and for what may have been ordered.
import { backoffMs } from '../util/backoff';
import { clock } from '../util/clock';
import type { Result } from '../domain/failure';
import { failed, stopped, succeeded } from '../domain/failure';
import type { TaskFilter } from '../domain/order';
import type { KnownTask } from '../domain/task';
import type { ListVerdict } from '../service/service';
import type { RunContext } from './context';
import { denied, listUnreachable } from './messages';
import { askForPage } from './watchlist';

/** Ms that one page is asked for, also again where no usable answer comes. */
const PAGE_PATIENCE_MS = 60_000;

/** Ms before a page is asked for again; it grows. */
const FIRST_PAUSE_MS = 1000;

/** Pages of a list that are read: of 100 tasks each, more than an account can order in a day. */
const MOST_PAGES = 1000;

/** What this node can have ordered. */
const HAPPYHORSE = /^happyhorse/i;

/** The last answer to a page, which is asked for until that is usable, or the time is over, or a pause outlasts it. */
async function pageOf(
	run: RunContext,
	page: number,
	filter: TaskFilter,
	patienceMs: number,
): Promise<ListVerdict | undefined> {
	const deadline = clock.monotonic() + patienceMs;
	let last: ListVerdict | undefined;
	for (let misses = 0; ; misses += 1) {
		const withinMs = Math.max(0, deadline - clock.monotonic());
		const afterMs = misses === 0 ? 0 : backoffMs(misses, FIRST_PAUSE_MS, run.random());
		const verdict = await askForPage(run, page, filter, withinMs, afterMs);
		if (verdict?.kind !== 'trouble' || clock.monotonic() >= deadline) return verdict ?? last;
		last = verdict;
	}
}

/**
 * The account's HappyHorse tasks of the last day, or those of the model that `filter` names; the newest first. Pages shift
 * while they are read, and their order is not documented: all of them are.
 */
export async function listTasks(
	run: RunContext,
	filter: TaskFilter,
	patienceMs = PAGE_PATIENCE_MS,
): Promise<Result<KnownTask[]>> {
	const { service, pace, signal } = run;
	const found = new Map<string, KnownTask>();
	for (let [page, pages] = [1, 1]; page <= pages; page += 1) {
		const verdict = await pageOf(run, page, filter, patienceMs);
		if (signal.aborted) return failed(stopped());
		if (verdict?.kind === 'denied') return failed(denied(verdict, service.pages));
		if (verdict?.kind !== 'page')
			return failed(listUnreachable(verdict?.details ?? {}, pace.pausedMs('queries')));
		pages = Math.min(verdict.pages, MOST_PAGES);
		for (const task of verdict.tasks) {
			const isOurs = filter.model !== undefined || HAPPYHORSE.test(task.model ?? '');
			if (isOurs) found.set(task.taskId, task);
		}
	}
	const begun = ({ createdAt = '' }: KnownTask) => Date.parse(createdAt) || 0;
	return succeeded([...found.values()].sort((one, other) => begun(other) - begun(one)));
}

/** Ms by which the clock of the service may differ from the one here. */
const CLOCKS_MS = 15_000;

/** Ms that the list is asked for an order that may have been taken: what holds up its error. */
const CANDIDATE_PATIENCE_MS = 10_000;

/** Candidates that an error names, at most. */
const MOST_CANDIDATES = 10;

/**
 * The tasks of `model` that began since `sentAt` (ms since 1970) and are not known to be of another order: one of them may be
 * that of an order without a clear answer. Empty where the service has no list.
 */
export async function candidatesFor(
	run: RunContext,
	model: string,
	sentAt: number,
): Promise<string[]> {
	if (run.service.list === undefined) return [];
	const listed = await listTasks(run, { model }, CANDIDATE_PATIENCE_MS);
	if (!listed.ok) return [];
	return listed.value
		.filter(({ createdAt = '' }) => Date.parse(createdAt) >= sentAt - CLOCKS_MS)
		.filter(({ taskId }) => !run.ledger.isTaskOfAnother(taskId))
		.slice(0, MOST_CANDIDATES)
		.map(({ taskId }) => taskId);
}
