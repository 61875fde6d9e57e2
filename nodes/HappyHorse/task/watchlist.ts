// Many tasks of an account, asked for together: one list tells how all of them stand, and only those that are no longer
// under way are asked for one by one. Shared by all runs of an account in this process.
//
// A list proves nothing: its order and its age are not documented, and it shifts while its pages are read. So it never ends
// a wait, and a task that is not in it is asked for by itself; so is each task once a minute, whatever the list says.
import type { TaskFilter } from '../domain/order';
import type { ListVerdict, Service } from '../service/service';
import { clock, unlessAborted } from '../util/clock';
import type { AccountPace, RunPace } from './pace';

/** Seconds of queries that may be in flight before a list takes their place. */
const MANY_S = 2;

/** Ms from the beginning of one round of lists to the next, at least. */
const ROUND_MS = 2000;

/** Ms after which a task is asked for by itself. */
const LONGEST_TRUST_MS = 60_000;

/** Ms that a page of the list may take, until it is done without. */
const PAGE_MS = 5000;

/** Pages of a list that are worth reading. */
const MOST_PAGES = 5;

/** Ms for which an account is not asked for a list again that it does not have, or one that is too long. */
const WITHOUT_MS = 600_000;

/** What is listed, one after the other: a task that starts meanwhile is in the second list if it is not in the first. */
const UNDER_WAY = ['queued', 'processing'];

/** Who asks for a list: a run. */
interface Reader {
	readonly service: Service;
	readonly pace: RunPace;
	readonly signal: AbortSignal;
}

/** The tasks of one account that are waited for. */
export class Watchlist {
	/** The shortest pauses between two queries of them, in ms. */
	private readonly waits = new Set<{ readonly intervalMs: number }>();
	private withoutUntil = -Infinity;
	private begun = -Infinity;
	private reading: Promise<ReadonlySet<string> | undefined> | undefined;

	/** A task is waited for from now on, until the function that this returns is called. */
	join(intervalMs: number): () => void {
		const wait = { intervalMs };
		this.waits.add(wait);
		return () => void this.waits.delete(wait);
	}

	/**
	 * Resolves when it is worth asking for a task by itself: at once where few are waited for. Moments are those of the
	 * monotonic clock. `since`: when it was asked for last, or its wait began.
	 */
	async worthAsking(run: Reader, taskId: string, since: number, deadline: number): Promise<void> {
		// A page of the list may take its time
		const until = Math.min(since + LONGEST_TRUST_MS, deadline - PAGE_MS);
		while (!run.signal.aborted && clock.monotonic() < until && this.isUseful(run)) {
			this.reading ??= this.read(run).finally(() => (this.reading = undefined));
			const underWay = await unlessAborted(this.reading, run.signal);
			// Undefined where the run of its reader has ended meanwhile: another one reads on
			if (underWay !== undefined && !underWay.has(taskId)) return;
		}
	}

	private isUseful({ service, pace }: Reader): boolean {
		const isThere = service.list !== undefined && clock.monotonic() >= this.withoutUntil;
		return isThere && this.waits.size > MANY_S * pace.queryRate;
	}

	/**
	 * The tasks that the next round of lists calls under way: none where there is no list, or too long a one. Undefined where the
	 * reader's run ends before.
	 */
	private async read(reader: Reader): Promise<ReadonlySet<string> | undefined> {
		const intervals = [...this.waits].map(({ intervalMs }) => intervalMs);
		const shortest = intervals.reduce((least, one) => Math.min(least, one), Infinity);
		const pauseMs = this.begun + Math.max(ROUND_MS, shortest) - clock.monotonic();
		if (pauseMs > 0) await clock.sleep(pauseMs, reader.signal);
		if (reader.signal.aborted) return undefined;
		this.begun = clock.monotonic();
		const underWay = await this.tasksUnderWay(reader);
		return reader.signal.aborted ? undefined : new Set(underWay);
	}

	private async tasksUnderWay(reader: Reader): Promise<readonly string[]> {
		const found: string[] = [];
		let read = 0;
		for (const status of UNDER_WAY) {
			for (let [page, pages] = [1, 1]; page <= pages; page += 1) {
				const verdict = await askForPage(reader, page, { status }, PAGE_MS);
				if (verdict?.kind === 'page') ({ pages } = verdict);
				read += 1;
				const isTooLong = read + Math.max(0, pages - page) > MOST_PAGES;
				if (verdict?.kind === 'none' || verdict?.kind === 'denied' || isTooLong)
					this.withoutUntil = clock.monotonic() + WITHOUT_MS;
				if (verdict?.kind !== 'page' || isTooLong) return [];
				for (const { taskId, state } of verdict.tasks) if (state === 'going') found.push(taskId);
			}
		}
		return found;
	}
}

/** A page of the account's list, asked for once, after `afterMs`; undefined where it is given up before its turn. */
export async function askForPage(
	{ service, pace, signal }: Reader,
	page: number,
	filter: TaskFilter,
	withinMs: number,
	afterMs = 0,
): Promise<ListVerdict | undefined> {
	const waits = { afterMs, withinMs, signal };
	return await pace.send('queries', waits, async (): Promise<ListVerdict> => {
		const listing = service.list?.(page, filter, { signal, withinMs });
		return (await listing?.catch(() => undefined)) ?? { kind: 'none', details: {} };
	});
}

const watchlists = new WeakMap<AccountPace, Watchlist>();

/** The tasks of an account that are waited for in this process. */
export function watchlistOf(account: AccountPace): Watchlist {
	const watchlist = watchlists.get(account) ?? new Watchlist();
	watchlists.set(account, watchlist);
	return watchlist;
}
