// When questions may go out: one account is limited as a whole, so all tasks of a run stand in one line.
import { busyPauseMs } from '../backoff';
import { clock } from '../clock';

/**
 * Ms between two questions of one run, at least: 10 a second, half of what Model Studio's reference allows an account. And a little
 * more, since not all travel equally fast: with 200 tasks in flight, one arrives up to 14 ms late (`npm run bench`), and
 * 10 must not arrive as 11 in a second.
 */
export const SPACING_MS = 102;

/** A wish for a turn. Times in ms since 1970. */
export interface Wanted {
	/** Not before this. */
	readonly earliest: number;
	/** When the last question is asked in any case: no pause is kept beyond. */
	readonly latest: number;
}

/** What holds for the whole line, in ms since 1970: the last turn's spacing, and the pause that the service asked for. */
export interface Held {
	readonly freeFrom: number;
	readonly resumesAt: number;
}

/** When a turn is due, the others aside. */
function dueAt({ earliest, latest }: Wanted, { resumesAt }: Held): number {
	return Math.min(Math.max(earliest, resumesAt), latest);
}

/**
 * Whose turn is next, and when; undefined for an empty line. Of all that are due by then it is the one that joined
 * first: so whoever is due waits for those before them at most, and nobody waits for ever.
 * @param line in the order of joining
 */
export function nextTurn<T extends Wanted>(
	line: Iterable<T>,
	held: Held,
): { readonly one: T; readonly at: number } | undefined {
	const all = [...line].map((one) => ({ one, due: dueAt(one, held) }));
	const firstDue = all.reduce((least, { due }) => Math.min(least, due), Infinity);
	const at = Math.max(firstDue, held.freeFrom);
	const next = all.find(({ due }) => due <= at);
	return next && { one: next.one, at };
}

/** Somebody in the line. */
interface Waiting extends Wanted {
	begin(): void;
}

/** The line of one run. Gives out turns one by one, {@link SPACING_MS} apart from the moment that each began. */
export class Timetable {
	private readonly line = new Set<Waiting>();
	private freeFrom = 0;
	private pausedUntil = 0;
	private busyRounds = 0;
	private serving = false;
	private nap = new AbortController();

	/**
	 * The service has turned a request of this account away (429): nothing is sent for as long as it told (`toldMs`), or
	 * for longer each time that it does so again after a pause. Many answers to what was sent before a pause are one time.
	 */
	turnedAway(toldMs: number | undefined, random: number): void {
		const now = clock.now();
		if (now >= this.pausedUntil) this.busyRounds += 1;
		const until = now + busyPauseMs(toldMs, this.busyRounds, random);
		this.pausedUntil = Math.max(this.pausedUntil, until);
	}

	/** The service has dealt with a request of this account: unless that was sent before a pause, it is busy no more. */
	served(): void {
		if (clock.now() >= this.pausedUntil) this.busyRounds = 0;
	}

	/** Until when nothing may be sent, in ms since 1970; in the past when nothing holds. */
	get resumesAt(): number {
		return this.pausedUntil;
	}

	/** Puts somebody into the line: `begin` is called when it is their turn. */
	join(one: Waiting): void {
		this.line.add(one);
		this.lookAgain();
		if (!this.serving) void this.serve();
	}

	/** Takes somebody out of the line whose turn has not come. */
	leave(one: Waiting): void {
		this.line.delete(one);
		this.lookAgain();
	}

	private lookAgain(): void {
		this.nap.abort();
	}

	private async serve(): Promise<void> {
		this.serving = true;
		for (;;) {
			const { freeFrom, resumesAt } = this;
			const next = nextTurn(this.line, { freeFrom, resumesAt });
			if (next === undefined) break;
			const now = clock.now();
			if (now < next.at) {
				this.nap = new AbortController();
				await clock.sleep(next.at - now, this.nap.signal);
			} else {
				this.line.delete(next.one);
				this.freeFrom = now + SPACING_MS;
				next.one.begin();
			}
		}
		this.serving = false;
	}
}

/**
 * Resolves at a turn that is not before `earliest`, or at once when `signal` aborts. A pause is kept, also one that
 * begins meanwhile, but none beyond `latest`: then the last question is asked in any case.
 */
export async function turn(
	timetable: Timetable,
	earliest: number,
	latest: number,
	signal: AbortSignal,
): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) => {
		const one = {
			earliest,
			latest,
			begin() {
				signal.removeEventListener('abort', leave);
				resolve();
			},
		};
		const leave = () => {
			timetable.leave(one);
			resolve();
		};
		signal.addEventListener('abort', leave, { once: true });
		timetable.join(one);
	});
}
