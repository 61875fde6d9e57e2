// One look at a task between two rests: what ends the wait, and what leaves it for the next look.
import type { QueryVerdict } from '../../nodes/HappyHorse/service/service';
import { glanceAt } from '../../nodes/HappyHorse/task/glance';
import { RequestQueue } from '../../nodes/HappyHorse/task/requestQueue';
import { useFakeClock } from '../../tools/fakeClock';
import { done, gaveUp, going, gone, jobOf, ScriptedService } from './scriptedRun';

const time = useFakeClock({ advances: true });

const TIMEOUT = 60_000;

const trouble = (busy: boolean): QueryVerdict => ({
	kind: 'trouble',
	details: { httpStatus: busy ? 429 : 503 },
	retryAfterMs: undefined,
	busy,
});

interface Look {
	/** How long ago the task was ordered. */
	readonly agoMs?: number;
	/** Until when the service has asked to be left alone, in ms from now. */
	readonly pausedMs?: number;
}

async function look(answer: QueryVerdict, { agoMs = 0, pausedMs = 0 }: Look = {}) {
	const service = new ScriptedService(() => answer);
	const start = time.now();
	const pause = { pausedUntil: start + pausedMs };
	const context = { service, queue: new RequestQueue(pause), phase: 0, random: () => 0.5 };
	const { signal } = new AbortController();
	const job = jobOf(0, { timeoutMs: TIMEOUT });
	const result = await glanceAt(context, job, 'task_1', start - agoMs, signal);
	return {
		asked: service.queries.length,
		tookMs: time.now() - start,
		ends: result && (result.ok ? result.value.state : result.failure.kind),
	};
}

it.each<[what: string, answer: QueryVerdict, ends: string | undefined]>([
	['it has its video', done, 'succeeded'],
	['it has failed', gaveUp, 'taskFailed'],
	['it is gone', gone, 'gone'],
	['it is still going', going, undefined],
	['no usable answer came', trouble(false), undefined],
	['the service is busy', trouble(true), undefined],
])('is asked about once: %s', async (_what, answer, ends) => {
	expect(await look(answer)).toEqual({ asked: 1, tookMs: 0, ends });
});

it.each<[what: string, answer: QueryVerdict, ends: string]>([
	['and delivered if it has its video', done, 'succeeded'],
	['and given up if it still goes on', going, 'timeout'],
	['and given up if no answer came', trouble(false), 'timeout'],
])('is asked about a last time at its deadline, %s', async (_what, answer, ends) => {
	const late = { agoMs: TIMEOUT };
	expect(await look(answer, late)).toEqual({ asked: 1, tookMs: 0, ends });
	expect(await look(answer, { ...late, pausedMs: 600_000 })).toMatchObject({ asked: 1, ends });
});

it('is not asked about within a pause, and holds nothing up', async () => {
	const paused = await look(done, { pausedMs: 600_000 });
	expect(paused).toEqual({ asked: 0, tookMs: 0, ends: undefined });
});
