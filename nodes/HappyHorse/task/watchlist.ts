// Many tasks of an account, asked for together: one list tells how all of them stand, and only those that are under way no
// more are asked for one by one. Shared by all runs of an account in this process.
//
// A list proves nothing: its order and its age are not documented, and it shifts while its pages are read. So it never ends
// a wait, and a task that is not in it is asked for by itself; so is each task once a minute, whatever the list says.
import type { ListVerdict, Service } from '../service/service';
import { clock } from '../util/clock';
import type { AccountPace, RunPace } from './pace';

/** Seconds of queries that may be in flight before a list takes their place. */
const MANY_S = 2;

/** Ms from the beginning of one round of lists to the next, at least. */
const ROUND_MS = 2000;

/** Ms after which a task is asked for by itself. */
const LONGEST_TRUST_MS = 60_000;

/** Ms that a page of the list may take, until it is done without. */
const PAGE_MS = 10_000;

/** Pages of a list that are worth reading. */
const MOST_PAGES = 5;

/** Ms for which an account is not asked for a list again that it does not have, or one that is too long. */
const WITHOUT_MS = 600_000;

/** What is listed, one after the other: a task that starts meanwhile is in the second list if it is not in the first. */
const UNDER_WAY = ['queued', 'processing'];

/** A task that is waited for. Moments are those of the monotonic clock. */
export interface Watched {
	readonly taskId: string;
	/** Who can ask for a list. */
	readonly service: Service;
	readonly pace: RunPace;
	/** The shortest pause between two queries, in ms. */
	readonly intervalMs: number;
	/** When it was asked for last, or its wait began: no list from before means anything. */
	readonly since: number;
	readonly deadline: number;
	readonly signal: AbortSignal;
}

interface Entry extends Watched {
	/** When it is asked for whatever lists say. */
	readonly until: number;
	/** It is worth asking for. */
	release(): void;
}

/** The tasks of one account that are waited for. */
export class Watchlist {
	private tasks = 0;
	private readonly waiting = new Set<Entry>();
	private withoutUntil = -Infinity;
	private begun = -Infinity;
	private isReading = false;
	private nap = new AbortController();

	/** A task is waited for from now on, until the function that this returns is called. */
	join(): () => void {
		this.tasks += 1;
		return () => {
			this.tasks -= 1;
		};
	}

	/** Resolves when it is worth to ask for a task by itself: at once where few are waited for. */
	async worthAsking(watched: Watched): Promise<void> {
		const { signal, since, deadline } = watched;
		// A page of the list may take its time
		const until = Math.min(since + LONGEST_TRUST_MS, deadline - PAGE_MS);
		if (signal.aborted || until <= clock.monotonic() || !this.isUseful(watched)) return;
		await new Promise<void>((resolve) => {
			const release = () => {
				this.waiting.delete(entry);
				signal.removeEventListener('abort', release);
				if (this.waiting.size === 0) this.nap.abort();
				resolve();
			};
			const entry = { ...watched, until, release };
			this.waiting.add(entry);
			signal.addEventListener('abort', release);
			if (!this.isReading) void this.readOn();
		});
	}

	private isUseful({ service, pace }: Watched): boolean {
		const isThere = service.list !== undefined && clock.monotonic() >= this.withoutUntil;
		return isThere && this.tasks > MANY_S * pace.queryRate;
	}

	/** Round by round, as long as anybody waits. */
	private async readOn(): Promise<void> {
		this.isReading = true;
		for (let [reader] = this.waiting; reader !== undefined; [reader] = this.waiting) {
			const intervals = [...this.waiting].map(({ intervalMs }) => intervalMs);
			const shortest = intervals.reduce((least, ms) => Math.min(least, ms), Infinity);
			const pauseMs = this.begun + Math.max(ROUND_MS, shortest) - clock.monotonic();
			if (pauseMs > 0) {
				this.nap = new AbortController();
				await clock.sleep(pauseMs, this.nap.signal);
			} else {
				await this.readOnce(reader);
			}
		}
		this.isReading = false;
	}

	private async readOnce(reader: Watched): Promise<void> {
		const begun = clock.monotonic();
		this.begun = begun;
		const underWay = this.isUseful(reader) ? await this.tasksUnderWay(reader) : undefined;
		// Its run has ended meanwhile: another one reads on
		if (underWay === undefined && reader.signal.aborted) return;
		const now = clock.monotonic();
		for (const { taskId, since, until, release } of this.waiting) {
			const isTold = underWay !== undefined && (underWay.has(taskId) || since >= begun);
			if (!isTold || now >= until) release();
		}
	}

	/** The tasks that lists call under way; undefined where there are none, or too long ones. */
	private async tasksUnderWay(reader: Watched): Promise<ReadonlySet<string> | undefined> {
		const found = new Set<string>();
		let read = 0;
		for (const status of UNDER_WAY) {
			for (let [page, pages] = [1, 1]; page <= pages; page += 1) {
				const verdict = await pageOf(reader, page, status);
				if (verdict?.kind === 'page') ({ pages } = verdict);
				read += 1;
				const isLast = page >= pages;
				const isTooLong = read + (isLast ? 0 : pages - page) > MOST_PAGES;
				if (verdict?.kind === 'none' || verdict?.kind === 'denied' || isTooLong)
					this.withoutUntil = clock.monotonic() + WITHOUT_MS;
				if (verdict?.kind !== 'page' || isTooLong) return undefined;
				for (const { taskId, state } of verdict.tasks) if (state === 'going') found.add(taskId);
			}
		}
		return found;
	}
}

async function pageOf(
	{ service, pace, signal }: Watched,
	page: number,
	status: string,
): Promise<ListVerdict | undefined> {
	const send = async (): Promise<ListVerdict> => {
		const listing = service.list?.(page, { status }, { signal, withinMs: PAGE_MS });
		return (await listing?.catch(() => undefined)) ?? { kind: 'none', details: {} };
	};
	return await pace.send('queries', { withinMs: PAGE_MS, signal }, send);
}

const watchlists = new WeakMap<AccountPace, Watchlist>();

/** The tasks of an account that are waited for in this process. */
export function watchlistOf(account: AccountPace): Watchlist {
	const watchlist = watchlists.get(account) ?? new Watchlist();
	watchlists.set(account, watchlist);
	return watchlist;
}
