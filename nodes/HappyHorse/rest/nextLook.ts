// When a run that rests looks at its tasks again.
import type { LeftOpen } from '../delivery';

/** A task that is still going. */
type OpenTask = Pick<LeftOpen, 'startedAt' | 'deadline'>;

/** Ms. n8n looks every 60 s for executions that are to wake up, so a rest lasts until then. Videos take 1 to 5 minutes. */
const SHORT_REST_MS = 1000;

/** Ms for which rests are short, from when the last timeout began: what takes 20 minutes is late by a minute at most. */
const SHORT_RESTS_MS = 30 * 60_000;

/** Ms of a rest after that. */
const LONG_REST_MS = 5 * 60_000;

/** When to look again, in ms since 1970: never after the first deadline, which n8n may be up to a minute late for. */
export function nextLook(now: number, open: readonly OpenTask[]): number {
	const lastStart = open.reduce((latest, { startedAt }) => Math.max(latest, startedAt), 0);
	const deadline = open.reduce((first, one) => Math.min(first, one.deadline), Infinity);
	const rest = now - lastStart < SHORT_RESTS_MS ? SHORT_REST_MS : LONG_REST_MS;
	return Math.max(now, Math.min(now + rest, deadline));
}
