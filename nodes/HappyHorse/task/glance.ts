// Step 3 of a run that rests: one look at a paid task, between two rests.
import { clock } from '../clock';
import type { Result } from '../failure';
import { failed, stopped } from '../failure';
import type { Job } from '../order';
import type { QueryVerdict } from '../service/service';
import type { VideoTask } from '../videoTask';
import type { PollContext } from './poll';
import { finalVerdict } from './poll';
import { pollTimeout } from './taskFailures';

/** Ms after which a look is over that a pause of the service has kept waiting. */
const SHORT_MS = 1000;

/** The task's own word for how it stands, where the answer has one. */
function statusIn(verdict: QueryVerdict): string | undefined {
	if (verdict.kind === 'trouble') return verdict.status;
	return verdict.kind === 'going' ? verdict.task.status : undefined;
}

/**
 * Asks once about a task that is waited for. Undefined while it goes on, also where the service has asked for a pause, or
 * no usable answer came. At its deadline it is asked about in any case, and given up if it still goes on.
 * @param startedAt ms since 1970, when the job's timeout began
 */
export async function glanceAt(
	{ service, queue, random }: PollContext,
	{ mode, settings: { timeoutMs }, secrets }: Job,
	taskId: string,
	startedAt: number,
	signal: AbortSignal,
): Promise<Result<VideoTask> | undefined> {
	const now = clock.now();
	const deadline = startedAt + timeoutMs;
	const isLast = now >= deadline;
	const isPaused = () => !isLast && clock.now() < queue.resumesAt;
	if (isPaused()) return undefined;
	// One that is in the queue when a pause begins does not wait for its end
	await queue.turn({ earliest: now, latest: Math.min(deadline, now + SHORT_MS) }, signal);
	if (signal.aborted) return failed(stopped(taskId));
	if (isPaused()) return undefined;
	const verdict = await service.query(taskId, secrets, signal);
	if (signal.aborted) return failed(stopped(taskId));
	if (verdict.kind !== 'trouble') queue.served();
	else if (verdict.busy) queue.rateLimited(verdict.retryAfterMs, random());
	const ended = finalVerdict(taskId, verdict, mode !== undefined, service.pages);
	if (ended !== undefined || !isLast) return ended;
	const details = verdict.kind === 'trouble' ? verdict.details : undefined;
	return failed(pollTimeout(taskId, statusIn(verdict), timeoutMs, details));
}
