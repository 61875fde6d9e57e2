// When a request of an account may go out: one pace for all runs of all nodes in a process. Requests of a kind get their
// turns as paceRule.ts allows. What takes time or memory, as an order with its files, first waits for a place to get ready
// in. Places are given as turns are: so each is ready when its turn comes, and hardly any wait ready.
import type { Answer, PaceLimits, RequestKind, Service } from '../service/service';
import { clock } from '../util/clock';
import * as rule from './paceRule';

/** Until when each kind is paused, in ms since 1970: saved with an execution, for its next try in any process. */
export type SavedPauses = Partial<Record<RequestKind, number>>;

/** What a pace needs of a run. */
export interface PacedRun {
	/** Read when the run joins; a pause that the run hears of is written into it. */
	readonly pauses: SavedPauses;
	readonly log: { debug(line: string): void };
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/** How long something may wait, in ms from now. */
interface Waits {
	/** Not before; at once, if left out. */
	readonly afterMs?: number;
	/**
	 * The time that its item has left. A query goes out then, one last time; an order no more. What a pause would keep until
	 * then is given up at once.
	 */
	readonly withinMs: number;
	/** Gives it up. */
	readonly signal: AbortSignal;
}

/** What one run has of a kind: what it is ranked by, and figures for its log. */
class RunShare {
	waiting = 0;
	lastTurn = -Infinity;
	sent = 0;
	refused = 0;
	/** The longest wait for what could have been given before. */
	waitedMs = 0;
}

/** What waits for something. Moments are those of the monotonic clock. */
interface Queued extends rule.Waiting {
	/** Its turn, at which it is sent, or a place to get ready in. */
	readonly needs: 'turn' | 'place';
	readonly latest: number;
	/** What has its turn is sent before this returns. */
	goOn(now: number): void;
	giveUp(): void;
}

/** Requests that get ready, or wait ready for their turn, at once: where files or the database take longer than turns do. */
const READY_AT_ONCE = 3;

/** Ms after which others need not wait for what gets ready: a file or a database may hang. */
const PLACE_MS = 10_000;

/** All requests of one kind of one account. */
class PaceQueue {
	private state: rule.PaceState;
	/** Those that are held, the oldest first. */
	private readonly places = new Set<{ readonly until: number }>();
	/** When the next place can be given: a turn's time after the last. */
	private placesFrom = -Infinity;
	private readonly entries = new Set<Queued>();
	private serving = false;
	private nap = new AbortController();

	constructor(
		private readonly kind: RequestKind,
		private readonly limits: PaceLimits,
	) {
		this.state = rule.beginning(limits, clock.monotonic());
	}

	/** Nothing waits, nothing was sent for `ms`, and no pause is running. */
	isIdleFor(ms: number): boolean {
		const { freeFrom } = this.state;
		return !this.serving && this.pausedMs === 0 && clock.monotonic() - freeFrom >= ms;
	}

	/** Requests a second. */
	get rate(): number {
		return this.state.rate;
	}

	/** Ms that are left of a pause; 0 where there is none. */
	get pausedMs(): number {
		return Math.max(0, this.state.pausedUntil - clock.monotonic());
	}

	/** `leftMs` are left of a pause that began in another execution or process, if more than 0. */
	pause(leftMs: number): void {
		this.state = rule.paused(this.state, clock.monotonic(), leftMs);
		this.lookAgain();
	}

	/** Waits until it may go on; undefined where it gives up. What `work` does at once is done before anybody else goes on. */
	async wait<T>(
		share: RunShare,
		needs: Queued['needs'],
		{ afterMs = 0, withinMs, signal }: Waits,
		work: (now: number) => Promise<T>,
	): Promise<T | undefined> {
		if (signal.aborted) return undefined;
		const joined = clock.monotonic();
		const earliest = joined + Math.min(afterMs, withinMs);
		return await new Promise((resolve) => {
			const leave = (result?: Promise<T>) => {
				share.waiting -= 1;
				signal.removeEventListener('abort', giveUp);
				this.entries.delete(entry);
				this.lookAgain();
				resolve(result);
			};
			const giveUp = () => leave();
			const goOn = (now: number) => {
				share.lastTurn = now;
				share.waitedMs = Math.max(share.waitedMs, now - earliest);
				leave(work(now));
			};
			const entry = { share, needs, earliest, latest: joined + withinMs, goOn, giveUp };
			share.waiting += 1;
			signal.addEventListener('abort', giveUp);
			this.entries.add(entry);
			this.lookAgain();
		});
	}

	/** The request that was sent at `sentAt` is over. `random`: from 0 to 1, for jitter. */
	end(sentAt: number, reply: rule.Reply, random: number): void {
		this.state = rule.over(this.state, this.limits, clock.monotonic(), { sentAt, reply, random });
		this.lookAgain();
	}

	/** Somebody gets ready. Returns what gives the place back, once or more. */
	takePlace(now: number): () => void {
		const place = { until: now + PLACE_MS };
		this.places.add(place);
		this.placesFrom = rule.spaced(this.placesFrom, now, this.state.rate);
		return () => {
			this.places.delete(place);
			this.lookAgain();
		};
	}

	private lookAgain(): void {
		this.nap.abort();
		if (!this.serving) void this.serve();
	}

	/** Lets go on who may, as long as anybody waits. */
	private async serve(): Promise<void> {
		this.serving = true;
		for (;;) {
			const now = clock.monotonic();
			for (const entry of [...this.entries]) if (this.isLate(entry, now)) entry.giveUp();
			if (this.entries.size === 0) break;
			const next = this.next('turn', now) ?? this.next('place', now);
			if (next === undefined) {
				this.nap = new AbortController();
				await clock.sleep(this.nextLook(now) - now, this.nap.signal);
			} else {
				if (next.needs === 'turn') this.state = rule.sent(this.state, now);
				next.goOn(now);
			}
		}
		this.serving = false;
	}

	private next(needs: Queued['needs'], now: number): Queued | undefined {
		if (this.availableAt(needs) > now) return undefined;
		const entries = [...this.entries].filter((entry) => entry.needs === needs);
		return rule.pickNext(this.kind, entries, now);
	}

	/** When a turn or a place can be given. Nothing gets ready in a pause, or beside a probe: it would lie about that long. */
	private availableAt(needs: Queued['needs']): number {
		if (needs === 'turn') return rule.nextAt(this.state);
		const held = [...this.places].at(-READY_AT_ONCE)?.until ?? -Infinity;
		return Math.max(held, rule.nextAt({ ...this.state, freeFrom: this.placesFrom }));
	}

	/** Whether waiting is of no use to an entry any more. */
	private isLate({ latest }: Queued, now: number): boolean {
		const { pausedUntil } = this.state;
		if (pausedUntil > now && pausedUntil >= latest) return true;
		return this.kind === 'orders' && now >= latest;
	}

	/** When somebody may go on, or an order has to leave. */
	private nextLook(now: number): number {
		let first = Infinity;
		for (const { needs, earliest, latest } of this.entries) {
			const goesOn = Math.max(earliest, this.availableAt(needs));
			first = Math.min(first, goesOn, this.kind === 'orders' ? latest : Infinity);
		}
		return Math.max(now, first);
	}
}

/** The pace of one account in this process. */
export type AccountPace = Readonly<Record<RequestKind, PaceQueue>>;

const KINDS = ['orders', 'queries'] as const;

/** The pace of an account as one of its runs sees it. */
export class RunPace {
	private readonly shares = { orders: new RunShare(), queries: new RunShare() };

	constructor(
		private readonly account: AccountPace,
		private readonly run: PacedRun,
	) {
		for (const kind of KINDS) account[kind].pause((run.pauses[kind] ?? 0) - clock.now());
	}

	/** Queries a second, as things stand. */
	get queryRate(): number {
		return this.account.queries.rate;
	}

	/** Ms that are left of a pause; 0 where there is none. */
	pausedMs(kind: RequestKind): number {
		return this.account[kind].pausedMs;
	}

	/**
	 * Sends a request in its turn, at that very moment: what takes time comes before, see {@link getReady}. Resolves to its
	 * answer; to undefined when it is given up before its turn, or when its time would run out. Rejects as the request does.
	 */
	async send<T extends Answer>(
		kind: RequestKind,
		waits: Waits,
		send: () => Promise<T>,
	): Promise<T | undefined> {
		const queue = this.account[kind];
		const share = this.shares[kind];
		return await queue.wait(share, 'turn', waits, async (sentAt) => {
			share.sent += 1;
			let reply: rule.Reply = 'none';
			try {
				const answer = await send();
				reply = rule.replyOf(answer);
				return answer;
			} finally {
				queue.end(sentAt, reply, this.run.random());
				if (typeof reply === 'object') {
					share.refused += 1;
					this.run.pauses[kind] = clock.now() + queue.pausedMs;
				}
			}
		});
	}

	/**
	 * Waits for one of the account's few places in which orders read their files, are noted, and wait for their turn: so
	 * little of them is held, however many executions order at once. Resolves to what gives the place back, once or more; to
	 * undefined as {@link send} does.
	 */
	async getReady(waits: Waits): Promise<(() => void) | undefined> {
		const { orders } = this.account;
		const take = async (now: number) => orders.takePlace(now);
		return await orders.wait(this.shares.orders, 'place', waits, take);
	}

	/** The run has ended: its figures go to the log. */
	close(): void {
		for (const kind of KINDS) {
			const { sent, refused, waitedMs } = this.shares[kind];
			if (sent === 0) continue;
			const wait = (waitedMs / 1000).toFixed(1);
			const rate = this.account[kind].rate.toFixed(1);
			this.run.log.debug(
				`HappyHorse: ${sent} ${kind} sent, ${refused} of them refused, the longest wait ${wait} s; now ${rate} a second`,
			);
		}
	}
}

/** Ms after which an account that nobody uses is forgotten. */
const IDLE_MS = 600_000;

/** The accounts that this process knows, by names that tell no key. */
export const accounts = new Map<string, AccountPace>();

/**
 * The pace that all runs of this process share for an account.
 * @param account its host and a hash of its key, never the key itself
 */
export function paceOf(account: string, { orders, queries }: Service['pace']): AccountPace {
	for (const [name, idle] of accounts)
		if (KINDS.every((kind) => idle[kind].isIdleFor(IDLE_MS))) accounts.delete(name);
	const pace = accounts.get(account) ?? {
		orders: new PaceQueue('orders', orders),
		queries: new PaceQueue('queries', queries),
	};
	accounts.set(account, pace);
	return pace;
}
