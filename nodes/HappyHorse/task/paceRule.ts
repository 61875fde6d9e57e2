// The rule of the pace: how fast an account may be asked, found from how it answers. Pure functions of plain values.
//
// Nobody knows the true limit, who else uses the account, or how many processes this n8n has. So each process speeds up
// while it is answered, remembers at which rate it was refused, and stays a little below that. Several processes find
// their shares by the same rule; test/task/pace.test.ts simulates it. Times are ms of a clock that nobody sets.

import type { Answer, PaceLimits, RequestKind } from '../service/service';

/**
 * What came back for a request. `none`: it never connected, was aborted, or ran out of time. Else what asks all to wait, a 429 or
 * an order's Retry-After, and for how many ms; not finite, or undefined: not told.
 */
export type Reply = 'answered' | 'none' | { readonly retryAfterMs: number | undefined };

/** What an answer of a service says of its account. */
export function replyOf(answer: Answer): Reply {
	if (answer.kind === 'busy' || ('busy' in answer && answer.busy))
		return { retryAfterMs: answer.retryAfterMs };
	switch (answer.kind) {
		case 'notSent':
		case 'trouble':
		case 'refused':
		case 'unsure':
		case 'denied': {
			const hasStatus = 'status' in answer && answer.status !== undefined;
			return hasStatus || answer.details.httpStatus !== undefined ? 'answered' : 'none';
		}
		default:
			return 'answered';
	}
}

/** How things stand for one kind of request of an account. */
export interface PaceState {
	/** Requests a second. */
	readonly rate: number;
	/** The rate at which it was last refused, as far as is known. */
	readonly ceiling: number;
	/** The spacing after the last request ends here. */
	readonly freeFrom: number;
	readonly pausedUntil: number;
	/** When it was last refused: answers to what was sent before are old news. */
	readonly cutAt: number;
	/** Refusals in a row. */
	readonly rounds: number;
	/** After a pause a single request goes out and the others wait for its answer. A number: it was sent then. */
	readonly probe: 'none' | 'due' | number;
}

/** Part of the rate that a refusal leaves, and part of the ceiling that the rate makes for. */
const CUT = 0.7;
const HOLD = 0.9;

/** Seconds in which the rate comes about two thirds of the way closer to the ceiling. */
const APPROACH_S = 5;

/** Part of the ceiling by which the rate grows each second at least: so it finds out when more is allowed. */
const CREEP = 1 / 500;

/** Ms over which clients that were told the same Retry-After are spread. */
const SPREAD_MS = 1000;

/** The longest pause that a service is granted, whatever it asks for. */
const HOUR_MS = 3_600_000;

/** Ms that a turn may be late because of timers. */
const LATE_MS = 20;

/** Ms after which a probe that has no answer yet no longer holds up the others. */
const PROBE_MS = 5000;

/** Where an account begins of which nothing is known. */
export function beginning({ first, most }: PaceLimits, now: number): PaceState {
	return {
		rate: first,
		ceiling: most / HOLD,
		freeFrom: now,
		pausedUntil: -Infinity,
		cutAt: -Infinity,
		rounds: 0,
		probe: 'none',
	};
}

/** When the next request may go out. */
export function nextAt({ freeFrom, pausedUntil, probe }: PaceState): number {
	const probed = typeof probe === 'number' ? probe + PROBE_MS : -Infinity;
	return Math.max(freeFrom, pausedUntil, probed);
}

/** When the next may go, after one went at `now` that could from `from` on. No credit is saved up but for late timers. */
export function spaced(from: number, now: number, rate: number): number {
	return (now - from <= LATE_MS ? from : now) + 1000 / rate;
}

/** A request goes out. */
export function sent(state: PaceState, now: number): PaceState {
	const probe = state.probe === 'none' ? 'none' : now;
	return { ...state, freeFrom: spaced(state.freeFrom, now, state.rate), probe };
}

/** The request of `sentAt` was answered, whatever the answer, but for a 429. An idle account does not grow. */
function served(state: PaceState, { most }: PaceLimits, sentAt: number): PaceState {
	if (sentAt < state.cutAt) return state;
	const { rate, ceiling } = state;
	const perSecond = Math.max((HOLD * ceiling - rate) / APPROACH_S, ceiling * CREEP);
	const grown = Math.min(most, rate + perSecond / rate);
	return { ...state, rate: grown, ceiling: Math.max(ceiling, grown), rounds: 0, probe: 'none' };
}

/**
 * A request is over: when it was sent, what came back, and a number from 0 to 1 for jitter. A burst of refusals slows down
 * once, and a refused probe not at all.
 */
export function over(
	state: PaceState,
	limits: PaceLimits,
	now: number,
	{ sentAt, reply, random }: { sentAt: number; reply: Reply; random: number },
): PaceState {
	if (reply === 'answered') return served(state, limits, sentAt);
	// A probe without an answer: the next request is one
	if (reply === 'none') return state.probe === sentAt ? { ...state, probe: 'due' } : state;
	const { least, pauseMs, longestPauseMs } = limits;
	const { retryAfterMs } = reply;
	const told =
		retryAfterMs !== undefined && Number.isFinite(retryAfterMs)
			? now + Math.min(HOUR_MS, Math.max(0, retryAfterMs) + SPREAD_MS * random)
			: undefined;
	const { rate, ceiling, rounds, cutAt, probe } = state;
	if (sentAt < cutAt)
		return { ...state, pausedUntil: Math.max(state.pausedUntil, told ?? -Infinity) };
	const grown = Math.min(longestPauseMs, pauseMs * 1.5 ** rounds) * (1 + random / 2);
	// Refused well below the ceiling: that has come down as well
	const found = rate < 0.95 * ceiling ? (rate * (1 + CUT)) / 2 : rate;
	const slower =
		typeof probe === 'number' ? {} : { rate: Math.max(least, CUT * rate), ceiling: found };
	return {
		...state,
		...slower,
		rounds: rounds + 1,
		cutAt: now,
		pausedUntil: Math.max(state.pausedUntil, told ?? now + grown),
		probe: 'due',
	};
}

/** A pause of another execution, or of a process that has ended, of which `leftMs` are left. */
export function paused(state: PaceState, now: number, leftMs: number): PaceState {
	const until = now + Math.min(HOUR_MS, leftMs);
	// Also where it is NaN
	if (!(leftMs > 0 && until > state.pausedUntil)) return state;
	return { ...state, pausedUntil: until, probe: 'due' };
}

/** A request that waits for its turn. `share`: what its run has of the kind: how many wait, and when one last had a turn. */
export interface Waiting {
	readonly share: { readonly waiting: number; readonly lastTurn: number };
	/** Not before this. */
	readonly earliest: number;
}

/** Ms that queries of a run of n tasks stand back, times √n: between equal shares for runs and equal shares for tasks. */
const STAND_BACK_MS = 2000;

/**
 * Who of those that may go by `now` is next; of equals, who joined first. Orders: the run that ordered least recently. Queries:
 * the most overdue, as seen from its run. Undefined where nobody may.
 */
export function pickNext<T extends Waiting>(
	kind: RequestKind,
	inOrderOfJoining: readonly T[],
	now: number,
): T | undefined {
	const rank = ({ share, earliest }: T) =>
		kind === 'orders' ? share.lastTurn : earliest + STAND_BACK_MS * (Math.sqrt(share.waiting) - 1);
	const [first, ...others] = inOrderOfJoining.filter(({ earliest }) => earliest <= now);
	return first && others.reduce((one, other) => (rank(other) < rank(one) ? other : one), first);
}
