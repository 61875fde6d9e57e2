// When requests may go out: one account is limited as a whole, so all tasks of a run share one timetable.
import { clock } from './clock';

/** Ms between two requests of one run's timetable: 10 a second, half of what the account is allowed upstream. */
export const SPACING_MS = 100;

/**
 * A timetable with one place each {@link SPACING_MS}. Each asks for its own earliest time and gets the first free place
 * from there on, so the ones that ask first go first, and nobody waits for ever.
 */
export class Timetable {
	private readonly taken = new Set<number>();
	private pausedUntil = 0;

	/** Books the first free place from `earliest` on, and returns its time. Times in ms since 1970. */
	book(earliest: number, now: number): number {
		this.forgetPast(now);
		let place = Math.ceil(Math.max(earliest, this.pausedUntil, now) / SPACING_MS);
		while (this.taken.has(place)) place += 1;
		this.taken.add(place);
		return place * SPACING_MS;
	}

	/** The service is too busy for this account: no place before `until` (ms since 1970) is given out or used. */
	pause(until: number): void {
		this.pausedUntil = Math.max(this.pausedUntil, until);
	}

	/** Until when nothing may be sent, in ms since 1970; in the past when nothing holds. */
	get resumesAt(): number {
		return this.pausedUntil;
	}

	private forgetPast(now: number): void {
		const first = Math.floor(now / SPACING_MS);
		for (const place of this.taken) if (place < first) this.taken.delete(place);
	}
}

/**
 * Resolves at a place of the timetable that is not before `earliest`, or at once when `signal` aborts. A pause that
 * begins meanwhile is kept, but for none beyond `latest`: then the last question is asked in any case.
 */
export async function turn(
	timetable: Timetable,
	earliest: number,
	latest: number,
	signal: AbortSignal,
): Promise<void> {
	let at = timetable.book(Math.min(earliest, latest), clock.now());
	for (;;) {
		await clock.sleep(at - clock.now(), signal);
		const now = clock.now();
		if (signal.aborted || now >= latest || timetable.resumesAt <= now) return;
		if (timetable.resumesAt >= latest) {
			await clock.sleep(latest - now, signal);
			return;
		}
		at = timetable.book(timetable.resumesAt, now);
	}
}
