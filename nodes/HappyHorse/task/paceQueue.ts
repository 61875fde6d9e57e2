// The requests of one kind that an account waits to send: each gets its turn when the pace allows it. What takes time or
// memory, as an order with its files, first waits for one of few places to get ready in, so that little lies about unsent.
import { clock } from '../util/clock';
import type { PaceLimits, RequestKind } from '../service/service';
import type { PaceState, Waiting } from './paceRule';
import {
	beginning,
	clamped,
	nextAt,
	paused,
	pickNext,
	refused,
	sent,
	served,
	unanswered,
} from './paceRule';

/** What came back for a request. `none`: it never connected, was aborted, or ran out of time. */
export type Reply =
	| { readonly kind: 'answered' | 'none' }
	/** 429. `retryAfterMs` as the service told, or undefined. */
	| { readonly kind: 'rateLimited'; readonly retryAfterMs: number | undefined };

/** Requests of a kind that get ready, or wait ready for their turn, at once: files and notes take less time than turns. */
const READY_AT_ONCE = 3;

/** What waits in the queue, for its turn or for a place to get ready in. */
export interface Entry extends Waiting {
	readonly latest: number;
	/** It goes on, at `now`. What has its turn is sent before this returns. */
	begin(now: number): void;
	/** It gives up. */
	leave(): void;
}

/** All requests of one kind of one account. */
export class PaceQueue {
	private state: PaceState;
	private usedAt = clock.monotonic();
	private open = 0;
	private readonly entries = new Set<Entry>();
	private readonly unready = new Set<Entry>();
	private ready = 0;
	private serving = false;
	private nap = new AbortController();

	constructor(
		private readonly kind: RequestKind,
		private readonly limits: PaceLimits,
	) {
		this.state = beginning(limits);
	}

	/** Not used for `ms`, and no pause is running. */
	isIdleFor(ms: number): boolean {
		const now = clock.monotonic();
		const inUse = this.open > 0 || this.ready > 0 || this.serving;
		return !inUse && now >= this.state.pausedUntil && now - this.usedAt >= ms;
	}

	/** Requests a second. */
	get rate(): number {
		return this.state.rate;
	}

	/** Ms that are left of a pause; 0 where there is none. */
	get pausedMs(): number {
		return Math.max(0, this.state.pausedUntil - clock.monotonic());
	}

	/** Waits for its turn. */
	join(entry: Entry): void {
		this.wait(this.entries, entry);
	}

	/** Waits for a place to get ready in, to be given back by {@link leaveReady}. */
	joinUnready(entry: Entry): void {
		this.wait(this.unready, entry);
	}

	leaveReady(): void {
		this.ready -= 1;
		this.lookAgain();
	}

	private wait(among: Set<Entry>, entry: Entry): void {
		among.add(entry);
		this.lookAgain();
		if (!this.serving) void this.serve();
	}

	remove(entry: Entry): void {
		this.entries.delete(entry);
		this.unready.delete(entry);
		this.lookAgain();
	}

	/** `leftMs` are left of a pause that began in another execution or process. */
	pause(leftMs: number): void {
		this.change(paused(this.state, clock.monotonic(), leftMs));
	}

	/** The request of `sentAt` is over. `random`: from 0 to 1, for jitter. */
	end(sentAt: number, reply: Reply, random: number): void {
		const { state, limits } = this;
		const now = clock.monotonic();
		this.open -= 1;
		this.usedAt = now;
		switch (reply.kind) {
			case 'answered':
				return this.change(served(state, limits, sentAt));
			case 'none':
				return this.change(unanswered(state, sentAt));
			case 'rateLimited': {
				const { retryAfterMs } = reply;
				return this.change(refused(state, limits, now, { sentAt, retryAfterMs, random }));
			}
		}
	}

	private change(state: PaceState): void {
		const isMoved = nextAt(state) !== nextAt(this.state);
		this.state = state;
		if (isMoved) this.lookAgain();
	}

	private lookAgain(): void {
		this.nap.abort();
	}

	/** Whether waiting is of no use to an entry any more. */
	private isLate({ latest }: Entry, now: number): boolean {
		const { pausedUntil } = this.state;
		if (pausedUntil > now && pausedUntil >= latest) return true;
		return this.kind === 'orders' && now >= latest;
	}

	private async serve(): Promise<void> {
		this.serving = true;
		for (;;) {
			const now = clock.monotonic();
			this.state = clamped(this.state, this.limits, now);
			for (const entry of [...this.entries, ...this.unready])
				if (this.isLate(entry, now)) entry.leave();
			if (this.entries.size + this.unready.size === 0) break;
			const next = nextAt(this.state) <= now ? pickNext(this.kind, this.entries, now) : undefined;
			const toGetReady = this.mayGetReady(now) ? pickNext(this.kind, this.unready, now) : undefined;
			if (next !== undefined) {
				this.state = sent(this.state, now);
				this.open += 1;
				this.usedAt = now;
				next.begin(now);
			} else if (toGetReady !== undefined) {
				this.ready += 1;
				toGetReady.begin(now);
			} else {
				this.nap = new AbortController();
				await clock.sleep(this.nextLook(now) - now, this.nap.signal);
			}
		}
		this.serving = false;
	}

	/** Nothing gets ready in a pause: it would lie about that long. */
	private mayGetReady(now: number): boolean {
		return this.ready < READY_AT_ONCE && this.state.pausedUntil <= now;
	}

	/** When somebody may go on, or an order has to leave. */
	private nextLook(now: number): number {
		let earliest = Infinity;
		let leaves = Infinity;
		for (const entry of this.entries) earliest = Math.min(earliest, entry.earliest);
		if (this.kind === 'orders')
			for (const { latest } of [...this.entries, ...this.unready])
				leaves = Math.min(leaves, latest);
		const turn = Math.max(earliest, nextAt(this.state));
		const hasPlace = this.unready.size > 0 && this.ready < READY_AT_ONCE;
		const place = hasPlace ? this.state.pausedUntil : Infinity;
		return Math.max(now, Math.min(leaves, turn, place));
	}
}
