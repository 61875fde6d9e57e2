// When a query may be sent: an account is limited as a whole, so all queries of a run go through one queue.
import { busyPauseMs } from '../util/backoff';
import { clock } from '../util/clock';

/**
 * Ms between two queries of one run, at least: 10 a second, half of what Model Studio's reference allows an account. And
 * a little more, since not all travel equally fast: with 200 tasks in flight, one arrives up to 14 ms late (`npm run
 * bench`), and 10 must not arrive as 11 in a second.
 */
export const SPACING_MS = 102;

/** When a request is to be sent, in ms since 1970. */
export interface Slot {
	/** Not before this. */
	readonly earliest: number;
	/** When the last request is sent in any case: no pause is kept beyond. */
	readonly latest: number;
}

/** What holds for the whole queue, in ms since 1970: the spacing after the last turn, and the pause that was asked for. */
export interface Hold {
	readonly freeFrom: number;
	readonly resumesAt: number;
}

/** When a turn is due, the others aside. */
function dueAt({ earliest, latest }: Slot, { resumesAt }: Hold): number {
	return Math.min(Math.max(earliest, resumesAt), latest);
}

/**
 * Whose turn is next, and when; undefined for an empty queue. Of all that are due by then it is the one that joined
 * first: so whoever is due waits for those before them at most, and nobody waits for ever.
 * @param queue in the order of joining
 */
export function nextTurn<T extends Slot>(
	queue: Iterable<T>,
	hold: Hold,
): { readonly one: T; readonly at: number } | undefined {
	const all = [...queue].map((one) => ({ one, due: dueAt(one, hold) }));
	const firstDue = all.reduce((least, { due }) => Math.min(least, due), Infinity);
	const at = Math.max(firstDue, hold.freeFrom);
	const next = all.find(({ due }) => due <= at);
	return next && { one: next.one, at };
}

/**
 * Ms until the next query of a task that is still going: the poll interval and up to 2 % more, so that runs which
 * began together do not stay in step.
 */
export function pollPauseMs(intervalMs: number, random: number): number {
	return intervalMs * (1 + 0.02 * random);
}

/** Part of a poll interval that a new task is left alone at least. */
const FIRST_POLL_FROM = 0.25;

/** Steps of this part of an interval lie evenly in it, however many there are: the golden ratio's property. */
const EVEN_STEP = 0.618034;

/**
 * Ms from the order of an item to the first query of its task. Items that are ordered together get first queries spread
 * evenly over one whole poll interval, so that neither queries come in bursts nor all of them notice late what ends at
 * the same time. `phase`: from 0 to 1, shifts them all.
 */
export function firstPollMs(intervalMs: number, item: number, phase: number): number {
	return intervalMs * (FIRST_POLL_FROM + ((phase + item * EVEN_STEP) % 1));
}

/** A request in the queue; `begin` is called when it is its turn. */
interface Entry extends Slot {
	begin(): void;
}

/** An account that the service may ask to pause. */
interface PausedAccount {
	/** In ms since 1970. */
	pausedUntil?: number;
}

/** The queue of one run. Gives out turns one by one, {@link SPACING_MS} apart from the moment that each began. */
export class RequestQueue {
	private readonly entries = new Set<Entry>();
	private freeFrom = 0;
	private busyRounds = 0;
	private serving = false;
	private nap = new AbortController();

	/** `account`: where the pause of the service's account is kept, also for the next try of the node. */
	constructor(private readonly account: PausedAccount = {}) {}

	/**
	 * The service has turned a request of this account away (429): nothing is sent for as long as it told
	 * (`retryAfterMs`), or for longer each time that it does so again after a pause. Many answers to what was sent before
	 * a pause are one time. `random`: from 0 to 1.
	 */
	rateLimited(retryAfterMs: number | undefined, random: number): void {
		const now = clock.now();
		if (now >= this.resumesAt) this.busyRounds += 1;
		const until = now + busyPauseMs(retryAfterMs, this.busyRounds, random);
		this.account.pausedUntil = Math.max(this.resumesAt, until);
	}

	/** The service has dealt with a request of this account: unless that was sent before a pause, it is busy no more. */
	served(): void {
		if (clock.now() >= this.resumesAt) this.busyRounds = 0;
	}

	/** Until when nothing may be sent, in ms since 1970; in the past when nothing holds. */
	get resumesAt(): number {
		return this.account.pausedUntil ?? 0;
	}

	/**
	 * Resolves at a turn in `slot`, or at once when `signal` aborts. A pause is kept, also one that begins meanwhile, but
	 * none beyond the slot's end.
	 */
	async turn({ earliest, latest }: Slot, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return;
		await new Promise<void>((resolve) => {
			const leave = () => {
				this.entries.delete(entry);
				this.lookAgain();
				resolve();
			};
			const begin = () => {
				signal.removeEventListener('abort', leave);
				resolve();
			};
			const entry = { earliest, latest, begin };
			signal.addEventListener('abort', leave, { once: true });
			this.entries.add(entry);
			this.lookAgain();
			if (!this.serving) void this.serve();
		});
	}

	private lookAgain(): void {
		this.nap.abort();
	}

	private async serve(): Promise<void> {
		this.serving = true;
		for (;;) {
			const { freeFrom, resumesAt } = this;
			const next = nextTurn(this.entries, { freeFrom, resumesAt });
			if (next === undefined) break;
			const now = clock.now();
			if (now < next.at) {
				this.nap = new AbortController();
				await clock.sleep(next.at - now, this.nap.signal);
			} else {
				this.entries.delete(next.one);
				this.freeFrom = now + SPACING_MS;
				next.one.begin();
			}
		}
		this.serving = false;
	}
}
