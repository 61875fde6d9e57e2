// When a request of an account may go out: one pace for all runs of all nodes in a process.
import { clock } from '../util/clock';
import type { Entry, Reply } from './paceQueue';
import { PaceQueue } from './paceQueue';
import type { PaceLimits, RequestKind } from './paceRule';

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
	/** Called when its turn has come, at that very moment and never in a pause: what takes time comes before. */
	send(): Promise<T>;
	/** What its answer says of the account. */
	replyOf(answer: T): Reply;
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

	constructor(
		private readonly queues: Readonly<Record<RequestKind, PaceQueue>>,
		private readonly run: PacedRun,
	) {
		for (const kind of KINDS) {
			const until = run.pauses[kind];
			if (until !== undefined) queues[kind].pause(until - clock.now());
		}
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
		if (signal.aborted) return undefined;
		const { kind, afterMs, withinMs } = request;
		const queue = this.queues[kind];
		const share = this.shares[kind];
		const now = clock.monotonic();
		const earliest = now + Math.min(afterMs, withinMs);
		return await new Promise((resolve) => {
			const quit = () => {
				share.waiting -= 1;
				signal.removeEventListener('abort', entry.leave);
				queue.remove(entry);
			};
			const entry: Entry = {
				share,
				earliest,
				latest: now + withinMs,
				begin: (sentAt) => {
					quit();
					share.waitedMs = Math.max(share.waitedMs, sentAt - earliest);
					resolve(this.exchange(request, sentAt));
				},
				leave: () => {
					quit();
					resolve(undefined);
				},
			};
			share.waiting += 1;
			signal.addEventListener('abort', entry.leave);
			queue.join(entry);
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

const accounts = new Map<string, AccountPace>();

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
