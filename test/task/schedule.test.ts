// Who is asked about next, and when; and that one task holds up no other. On a fake clock.
import type { Fault } from '../../nodes/HappyHorse/fault';
import type { Service } from '../../nodes/HappyHorse/service/client';
import type { QueryVerdict } from '../../nodes/HappyHorse/service/verdict';
import { firstPauseMs } from '../../nodes/HappyHorse/backoff';
import type { Wanted } from '../../nodes/HappyHorse/task/pace';
import { nextTurn, SPACING_MS, Timetable, turn } from '../../nodes/HappyHorse/task/pace';
import { runItems } from '../../nodes/HappyHorse/task/run';
import { waitForTask } from '../../nodes/HappyHorse/task/wait';
import { going, handOver, jobOf, ScriptedService, setupOf, succeeded } from './scriptedRun';
import { useFakeClock } from '../../tools/fakeClock';

const YEARS = 1e12;

const time = useFakeClock();

/** The most of `times` in any window of `ms`; both ends of a window are its own. */
function mostWithin(times: readonly number[], ms: number): number {
	const counts = times.map((from) => times.filter((at) => at >= from && at < from + ms).length);
	return Math.max(0, ...counts);
}

function gaps(times: readonly number[]): number[] {
	return times.slice(1).map((at, n) => at - times[n]);
}

describe('who is next', () => {
	const line = (...turns: Array<[name: string, earliest: number, latest?: number]>) =>
		turns.map(([name, earliest, latest = YEARS]) => ({ name, earliest, latest }));

	const cases: Array<
		[
			string,
			Array<Wanted & { name: string }>,
			{ freeFrom?: number; resumesAt?: number },
			[string, number] | undefined,
		]
	> = [
		['nobody', line(), {}, undefined],
		['the only one, at its time', line(['a', 50]), {}, ['a', 50]],
		['the earliest, whoever joined first', line(['a', 70], ['b', 50]), {}, ['b', 50]],
		['of two with one time, who joined first', line(['a', 50], ['b', 50]), {}, ['a', 50]],
		['not before the line is free', line(['a', 50]), { freeFrom: 120 }, ['a', 120]],
		[
			'of two that are due when it is, who joined first',
			line(['a', 70], ['b', 50]),
			{ freeFrom: 120 },
			['a', 120],
		],
		[
			'who is due when it is, not who joined first',
			line(['a', 130], ['b', 50]),
			{ freeFrom: 120 },
			['b', 120],
		],
		['not in a pause', line(['a', 50]), { resumesAt: 900 }, ['a', 900]],
		['after a pause, who joined first', line(['a', 70], ['b', 50]), { resumesAt: 900 }, ['a', 900]],
		['who is due after the pause, later', line(['a', 950]), { resumesAt: 900 }, ['a', 950]],
		['its last time, in a pause', line(['a', 50], ['b', 60, 300]), { resumesAt: 900 }, ['b', 300]],
		[
			'its last time, in an endless pause',
			line(['a', 50, 300]),
			{ resumesAt: YEARS * 9 },
			['a', 300],
		],
		[
			'its last time, but in line',
			line(['a', 50, 300]),
			{ resumesAt: 900, freeFrom: 350 },
			['a', 350],
		],
		['its last time, when it wants a later one', line(['a', 500, 300]), {}, ['a', 300]],
	];

	it.each(cases)('%s', (_what, turns, { freeFrom = 0, resumesAt = 0 }, expected) => {
		const next = nextTurn(turns, { freeFrom, resumesAt });
		expect(next && [next.one.name, next.at]).toEqual(expected);
	});
});

describe('the first query of a task', () => {
	it.each([0, 0.3, 0.999])(
		'is due a quarter to five quarters of an interval later (%d)',
		(phase) => {
			for (let item = 0; item < 1000; item += 1) {
				const pause = firstPauseMs(2000, item, phase);
				expect(pause).toBeGreaterThanOrEqual(500);
				expect(pause).toBeLessThan(2500);
			}
		},
	);

	it.each([2, 5, 10, 20, 100])('lies evenly among those of %d items', (count) => {
		const pauses = Array.from({ length: count }, (_, item) => firstPauseMs(2000, item, 0.7));
		const sorted = pauses.sort((a, b) => a - b);
		const around = [...sorted, sorted[0] + 2000];
		expect(Math.max(...gaps(around))).toBeLessThan((2.7 * 2000) / count);
	});
});

describe('the line', () => {
	const never = new AbortController().signal;

	/** Tasks that are asked about for ever, each `everyMs` after its last turn; returns the times of their turns. */
	function askForEver(count: number, everyMs: number, signal = never): number[][] {
		const timetable = new Timetable();
		return Array.from({ length: count }, () => {
			const times: number[] = [];
			const own = AbortSignal.any([signal]);
			const ask = async () => {
				for (;;) {
					await turn(timetable, time.now() + everyMs, YEARS, own);
					if (signal.aborted) return;
					times.push(time.now());
				}
			};
			void ask();
			return times;
		});
	}

	it.each([1, 5, 20, 21, 200])(
		'gives %d tasks at most 10 turns a second, one by one',
		async (count) => {
			const turns = askForEver(count, 2000);
			await time.pass(60_000);
			const all = turns.flat().sort((a, b) => a - b);
			expect(Math.min(Infinity, ...gaps(all))).toBeGreaterThanOrEqual(SPACING_MS);
			expect(mostWithin(all, 1000)).toBeLessThanOrEqual(10);
			// And no turn is lost: as many as the tasks want, or as there are
			expect(all.length).toBeGreaterThanOrEqual(
				Math.min(count * 28, Math.floor(58_000 / SPACING_MS)),
			);
		},
	);

	it.each([5, 20, 50, 200])(
		'makes none of %d tasks wait longer than for all the others',
		async (count) => {
			const turns = askForEver(count, 2000);
			await time.pass(120_000);
			for (const times of turns) {
				expect(Math.max(...gaps(times))).toBeLessThanOrEqual(
					Math.max(2000, count * SPACING_MS) + 2000,
				);
			}
			const counts = turns.map((times) => times.length);
			expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
		},
	);

	it('is not held up by one who wants a turn much later', async () => {
		const timetable = new Timetable();
		void turn(timetable, time.now() + 600_000, YEARS, never);
		await time.pass(10);
		const start = time.now();
		await time.until(turn(timetable, start + 50, YEARS, never), 1000);
		expect(time.now() - start).toBeLessThanOrEqual(60);
	});

	it('lets everybody go at once when the run ends, and takes new ones after it', async () => {
		const ending = new AbortController();
		const timetable = new Timetable();
		const gone = Promise.all(
			[0, 1, 2].map(
				async (n) => await turn(timetable, time.now() + n * 1000, YEARS, ending.signal),
			),
		);
		await time.pass(1);
		const at = time.now();
		ending.abort();
		await time.until(gone, 10);
		expect(time.now() - at).toBeLessThanOrEqual(10);
		await turn(timetable, at + 5000, YEARS, ending.signal);
		await time.until(turn(timetable, time.now(), YEARS, never), 200);
	});

	it('spaces the last questions too, when a pause outlasts all deadlines', async () => {
		const timetable = new Timetable();
		timetable.turnedAway(YEARS * 9, 0.5);
		const start = time.now();
		const times: number[] = [];
		const all = Array.from({ length: 20 }, async () => {
			await turn(timetable, start, start + 3000, new AbortController().signal);
			times.push(time.now() - start);
		});
		await time.until(Promise.all(all), 10_000);
		expect(times).toEqual(Array.from({ length: 20 }, (_, n) => 3000 + n * SPACING_MS));
	});
});

function busy(retryAfterMs?: number): QueryVerdict {
	return { kind: 'trouble', says: { httpStatus: 429 }, retryAfterMs, busy: true };
}

describe('waiting', () => {
	function waitForMany(service: Service, count: number, timeoutMs: number) {
		const timetable = new Timetable();
		const waiting = { service, timetable, secrets: [], random: () => 0 };
		const patience = { firstAt: time.now(), deadline: time.now() + timeoutMs, intervalMs: 2000 };
		return Array.from({ length: count }, async (_, n) => {
			const { signal } = new AbortController();
			return await waitForTask(`task_${n}`, { ...waiting, signal }, patience, timeoutMs);
		});
	}

	it.each<[string, number | undefined, number]>([
		['as long as the service told', 7000, 7000],
		['5 s where it told nothing', undefined, 5000],
		['at least 1 s', 10, 1000],
	])('asks about no task after a 429: %s', async (_what, told, pauseMs) => {
		const start = time.now();
		let refused = 0;
		const service = new ScriptedService(() => {
			if (time.now() < start + 4000) return going;
			refused += 1;
			return refused === 1 ? busy(told) : succeeded;
		});
		await time.until(Promise.all(waitForMany(service, 30, 60_000)), 60_000);
		const index = service.times.findIndex((at) => at >= start + 4000);
		const after = service.times.slice(index);
		expect(gaps(after)[0]).toBeGreaterThanOrEqual(pauseMs);
		expect(Math.min(...gaps(after).slice(1))).toBeGreaterThanOrEqual(SPACING_MS);
		expect(new Set(service.queries.slice(index + 1).map(({ taskId }) => taskId)).size).toBe(30);
	});

	it('pauses longer and longer while the account stays too busy, however many tasks wait', async () => {
		const start = time.now();
		const service = new ScriptedService(() => (time.now() < start + 60_000 ? busy() : succeeded));
		await time.until(Promise.all(waitForMany(service, 50, 600_000)), 600_000);
		const rounds = gaps(service.times).filter((gap) => gap > 1000);
		expect(rounds.slice(0, 4)).toEqual([5000, 6000, 9000, 13_500]);
		expect(service.times.filter((at) => at < start + 60_000).length).toBeLessThan(8);
	});

	it.each([1, 10])('asks %d tasks a last time at the deadline', async (count) => {
		const start = time.now();
		const service = new ScriptedService(() => going);
		const all = await time.until(Promise.all(waitForMany(service, count, 31_000)), 60_000);
		for (const [n, watched] of all.entries()) {
			expect(watched).toMatchObject({ kind: 'fault', fault: { kind: 'timeout' } });
			const asked = service.queries.filter(({ taskId }) => taskId === `task_${n}`);
			const last = (asked.at(-1)?.at ?? 0) - start;
			expect(last).toBeGreaterThanOrEqual(31_000);
			expect(last).toBeLessThanOrEqual(31_000 + count * SPACING_MS);
		}
	});

	it('asks a last time at the deadline in spite of a pause of years, and takes a video that is there', async () => {
		const start = time.now();
		const service = new ScriptedService(() =>
			time.now() < start + 30_000 ? busy(YEARS) : succeeded,
		);
		const [watched] = await time.until(Promise.all(waitForMany(service, 1, 30_000)), 60_000);
		expect(watched).toMatchObject({ kind: 'seen' });
		expect(service.times.map((at) => at - start)).toEqual([0, 30_000]);
	});
});

describe('a run', () => {
	const jobs = (count: number, maxTasksInFlight: number) =>
		Array.from({ length: count }, (_, item) => ({ job: jobOf(item, { maxTasksInFlight }) }));

	it('fills a place that gets free at once, not batch by batch', async () => {
		// The first task of five takes a hundred times as long as the others
		const service = new ScriptedService((taskId, age) =>
			age >= (taskId === 'task_0' ? 500_000 : 5000) ? succeeded : going,
		);
		const noticed: number[] = [];
		const handOverAndNote = async (item: number) => {
			noticed.push(time.now());
			return await handOver(item);
		};
		const result = await time.until(
			runItems(setupOf(service, handOverAndNote), jobs(60, 5)),
			600_000,
		);
		expect(result).toMatchObject({ kind: 'finished' });
		const starts = service.submits.map(({ at }) => at);
		expect(new Set(starts.slice(0, 5)).size).toBe(1);
		expect(starts.slice(5)).toEqual(noticed.slice(0, 55));
		// Four places, 59 items, 5 s each and no more than a poll interval until it is noticed
		expect(starts[59] - starts[0]).toBeLessThanOrEqual(14 * 7100);
	});

	it('holds up no task for a download, and downloads a few at once', async () => {
		const service = new ScriptedService((_taskId, age) => (age >= 5000 ? succeeded : going));
		let open = 0;
		let mostOpen = 0;
		const handOverAndNote = async (item: number) => {
			open += 1;
			mostOpen = Math.max(mostOpen, open);
			await time.sleep(200_000);
			open -= 1;
			return await handOver(item);
		};
		const running = runItems(setupOf(service, handOverAndNote), jobs(30, 5));
		await time.pass(6 * 7100);
		expect(service.submits).toHaveLength(30);
		expect(mostOpen).toBe(3);
		await time.until(running, 3_000_000);
	});

	it('asks at most 10 times a second, whatever is in flight, and finishes in the order of the items', async () => {
		const service = new ScriptedService((_taskId, age) => (age >= 5000 ? succeeded : going));
		const result = await time.until(runItems(setupOf(service, handOver), jobs(300, 100)), 120_000);
		expect(mostWithin(service.times, 1000)).toBeLessThanOrEqual(10);
		expect(Math.min(...gaps(service.times))).toBeGreaterThanOrEqual(SPACING_MS);
		const values = result.kind === 'finished' ? result.outcomes : [];
		expect(values.map(({ item }) => item)).toEqual(Array.from({ length: 300 }, (_, n) => n));
	});

	it.each([1, 10, 20])(
		'notices the end of %d tasks within a poll interval and a half second',
		async (count) => {
			const service = new ScriptedService((_taskId, age) => (age >= 20_000 ? succeeded : going));
			const start = time.now();
			const lags: number[] = [];
			const handOverAndNote = async (item: number) => {
				lags.push(time.now() - start - 20_000);
				return await handOver(item);
			};
			await time.until(runItems(setupOf(service, handOverAndNote), jobs(count, count)), 30_000);
			expect(Math.max(...lags)).toBeLessThanOrEqual(2500);
			const perTask = service.queries.length / count;
			expect(perTask).toBeLessThanOrEqual(20 / 2 + 2);
		},
	);

	it('sends and asks nothing more from the moment that it is stopped', async () => {
		const stopping = new AbortController();
		const service = new ScriptedService(() => going);
		const running = runItems(
			setupOf(service, handOver, { cancel: stopping.signal }),
			jobs(100, 50),
		);
		await time.pass(20_000);
		const asked = service.queries.length;
		stopping.abort();
		expect(await time.until(running, 10)).toEqual({ kind: 'stopped' });
		await time.pass(60_000);
		expect(service.queries).toHaveLength(asked);
		expect(service.submits).toHaveLength(50);
	});

	it('asks nothing more after the first fault of many', async () => {
		const fault: Fault = { kind: 'unexpected', message: 'No', description: 'No' };
		const service = new ScriptedService((_taskId, age) => (age >= 5000 ? succeeded : going));
		const running = runItems(
			setupOf(service, async () => ({ kind: 'fault', fault })),
			jobs(100, 50),
		);
		expect(await time.until(running, 60_000)).toMatchObject({ kind: 'fault', fault });
		const asked = service.queries.length;
		await time.pass(60_000);
		expect(service.queries).toHaveLength(asked);
	});
});
