// When a request of an account may go out: one pace for all runs of all nodes in a process.
import type {
	CancelVerdict,
	ListVerdict,
	PaceLimits,
	QueryVerdict,
	RequestKind,
	SubmitVerdict,
} from '../service/service';
import { clock } from '../util/clock';
import type { Entry, Reply } from './paceQueue';
import { PaceQueue } from './paceQueue';

/** Until when each kind is paused, in ms since 1970: saved with an execution, for its next try in any process. */
export type KeptPauses = Partial<Record<RequestKind, number>>;

/** What a pace needs of a run. */
export interface PacedRun {
	/** Read when the run joins; a pause that the run hears of is written into it. */
	readonly pauses: KeptPauses;
	readonly log: { debug(line: string): void };
	/** Numbers from 0 to 1, for jitter. */
	random(): number;
}

/** One request, and how long it may wait, in ms from now. */
export interface PacedRequest<T> {
	readonly kind: RequestKind;
	readonly afterMs: number;
	/**
	 * The time that its item has left. A query goes out then, one last time; an order no more. What a pause would keep until
	 * then is given up at once.
	 */
	readonly withinMs: number;
	/** Called when its turn has come, at that very moment: what takes time comes before, see {@link RunPace.getReady}. */
	send(): Promise<T>;
	/** What its answer says of the account. */
	replyOf(answer: T): Reply;
}

/** What an answer of a service says of its account. */
export function replyOf(
	verdict: SubmitVerdict | QueryVerdict | CancelVerdict | ListVerdict,
): Reply {
	switch (verdict.kind) {
		case 'busy':
			return { kind: 'rateLimited', retryAfterMs: verdict.retryAfterMs };
		case 'notSent':
			return { kind: 'none' };
		case 'trouble':
			if (verdict.busy) return { kind: 'rateLimited', retryAfterMs: verdict.retryAfterMs };
			if (verdict.status !== undefined) return { kind: 'answered' };
			break;
		case 'refused':
		case 'unsure':
		case 'denied':
			break;
		default:
			return { kind: 'answered' };
	}
	return { kind: verdict.details.httpStatus === undefined ? 'none' : 'answered' };
}

const KINDS = ['orders', 'queries'] as const;

/** What one run has of a kind, and figures for its log. */
class RunShare {
	waiting = 0;
	lastTurn = -Infinity;
	sent = 0;
	refused = 0;
	/** The longest wait for a turn that could have been given before. */
	waitedMs = 0;
}

function perSecond(rate: number): string {
	return `${rate.toFixed(1)} a second`;
}

function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(1)} s`;
}

/** The pace of an account as one of its runs sees it. */
export class RunPace {
	private readonly shares = { orders: new RunShare(), queries: new RunShare() };
	private readonly unready = new RunShare();

	constructor(
		private readonly queues: Readonly<Record<RequestKind, PaceQueue>>,
		private readonly run: PacedRun,
	) {
		for (const kind of KINDS) {
			const until = run.pauses[kind];
			if (until !== undefined) queues[kind].pause(until - clock.now());
		}
	}

	/** Queries a second, as things stand. */
	get queryRate(): number {
		return this.queues.queries.rate;
	}

	/** Ms that are left of a pause; 0 where there is none. */
	pausedMs(kind: RequestKind): number {
		return this.queues[kind].pausedMs;
	}

	/**
	 * Sends a request in its turn, and resolves to its answer; to undefined when `signal` aborts before its turn, or when its
	 * time would run out. Rejects as the request does.
	 */
	async send<T>(request: PacedRequest<T>, signal: AbortSignal): Promise<T | undefined> {
		const queue = this.queues[request.kind];
		const share = this.shares[request.kind];
		const join = (entry: Entry) => queue.join(entry);
		return await this.wait(request, share, signal, join, async (sentAt, earliest) => {
			share.waitedMs = Math.max(share.waitedMs, sentAt - earliest);
			return await this.exchange(request, sentAt);
		});
	}

	/**
	 * Waits for one of the account's few places in which orders read their files, are noted, and wait for their turn: so
	 * little of them is held, however many executions order at once. Resolves to what gives the place back, once or more; to
	 * undefined as {@link send} does.
	 */
	async getReady(withinMs: number, signal: AbortSignal): Promise<(() => void) | undefined> {
		const queue = this.queues.orders;
		const request = { kind: 'orders', afterMs: 0, withinMs } as const;
		const join = (entry: Entry) => queue.joinUnready(entry);
		return await this.wait(request, this.unready, signal, join, async (now) => {
			this.unready.lastTurn = now;
			let isHeld = true;
			return () => {
				if (isHeld) queue.leaveReady();
				isHeld = false;
			};
		});
	}

	/** Waits until it may go on; undefined where it gives up. `goOn` begins before anybody else goes on. */
	private async wait<T>(
		{ kind, afterMs, withinMs }: Pick<PacedRequest<T>, 'kind' | 'afterMs' | 'withinMs'>,
		share: RunShare,
		signal: AbortSignal,
		join: (entry: Entry) => void,
		goOn: (now: number, earliest: number) => Promise<T>,
	): Promise<T | undefined> {
		if (signal.aborted) return undefined;
		const begun = clock.monotonic();
		const earliest = begun + Math.min(afterMs, withinMs);
		return await new Promise((resolve) => {
			const quit = () => {
				share.waiting -= 1;
				signal.removeEventListener('abort', entry.leave);
				this.queues[kind].remove(entry);
			};
			const entry: Entry = {
				share,
				earliest,
				latest: begun + withinMs,
				begin: (now) => {
					quit();
					resolve(goOn(now, earliest));
				},
				leave: () => {
					quit();
					resolve(undefined);
				},
			};
			share.waiting += 1;
			signal.addEventListener('abort', entry.leave);
			join(entry);
		});
	}

	private async exchange<T>(request: PacedRequest<T>, sentAt: number): Promise<T> {
		const { kind } = request;
		const share = this.shares[kind];
		const queue = this.queues[kind];
		share.lastTurn = sentAt;
		share.sent += 1;
		let reply: Reply = { kind: 'none' };
		try {
			const answer = await request.send();
			reply = request.replyOf(answer);
			return answer;
		} finally {
			const before = queue.rate;
			queue.end(sentAt, reply, this.run.random());
			if (reply.kind === 'rateLimited') {
				share.refused += 1;
				this.run.pauses[kind] = clock.now() + queue.pausedMs;
				if (queue.rate < before)
					this.note(
						`${kind} are limited to fewer than ${perSecond(before)}: paused for ${seconds(queue.pausedMs)}, then ${perSecond(queue.rate)}`,
					);
			}
		}
	}

	private note(line: string): void {
		this.run.log.debug(`HappyHorse: ${line}`);
	}

	/** The run has ended: its figures go to the log. */
	close(): void {
		for (const kind of KINDS) {
			const { sent, refused, waitedMs } = this.shares[kind];
			if (sent === 0) continue;
			this.note(
				`${sent} ${kind} sent, ${refused} of them refused, the longest wait ${seconds(waitedMs)}; now ${perSecond(this.queues[kind].rate)}`,
			);
		}
	}
}

/** The pace of one account in this process. */
export class AccountPace {
	private readonly queues: Readonly<Record<RequestKind, PaceQueue>>;

	constructor({ orders, queries }: Readonly<Record<RequestKind, PaceLimits>>) {
		this.queues = {
			orders: new PaceQueue('orders', orders),
			queries: new PaceQueue('queries', queries),
		};
	}

	isIdleFor(ms: number): boolean {
		return this.queues.orders.isIdleFor(ms) && this.queues.queries.isIdleFor(ms);
	}

	join(run: PacedRun): RunPace {
		return new RunPace(this.queues, run);
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
export function paceOf(
	account: string,
	limits: Readonly<Record<RequestKind, PaceLimits>>,
): AccountPace {
	for (const [name, idle] of accounts) if (idle.isIdleFor(IDLE_MS)) accounts.delete(name);
	const pace = accounts.get(account) ?? new AccountPace(limits);
	accounts.set(account, pace);
	return pace;
}
