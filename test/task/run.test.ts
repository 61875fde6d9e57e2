// All items of a run at once: what ends it, and that one task holds up no other. On a fake clock.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { getEventListeners } from 'node:events';
import { failed, invalidInput } from '../../nodes/HappyHorse/domain/failure';
import { useFakeClock } from '../../tools/fakeClock';
import { MODEL_STUDIO } from '../../nodes/HappyHorse/service/modelStudio/modelStudio';
import type { Delivery } from '../../nodes/HappyHorse/task/context';
import { runItems } from '../../nodes/HappyHorse/task/run';
import {
	deliver,
	done,
	going,
	jobOf,
	noIntents,
	run,
	ScriptedService,
	setupOf,
} from './scriptedRun';

const time = useFakeClock();

const MINUTE = 60_000;

const no = invalidInput('No', 'No');

const realAny = AbortSignal.any.bind(AbortSignal);

const jobs = (count: number, maxTasksInFlight: number) =>
	Array.from({ length: count }, (_, item) => jobOf(item, { maxTasksInFlight }));

/** A service whose tasks are done after so many ms. */
const doneAfter = (ms: number) => new ScriptedService((_taskId, age) => (age >= ms ? done : going));

describe('a run that has had its first failure, with an order still under way', () => {
	/** The first order is refused at once, the second is answered after a minute. */
	function begin() {
		const stopping = new AbortController();
		const service = new ScriptedService(
			() => going,
			async (taskId) => {
				if (taskId === 'task_0') {
					await time.sleep(1);
					return { kind: 'refused', reason: 'invalid', details: { httpStatus: 400 } };
				}
				await time.sleep(MINUTE);
				return { kind: 'accepted', task: { taskId } };
			},
		);
		const setup = setupOf(service, { cancel: stopping.signal });
		return { stopping, setup, start: time.now(), running: run(setup, jobs(2, 5)) };
	}

	it('waits for its answer, so that its task is on record', async () => {
		const { running, start, setup } = begin();
		expect(await time.until(running, 2 * MINUTE)).toMatchObject({
			kind: 'failed',
			failures: [{ item: 0, failure: { kind: 'refused' } }],
		});
		expect(time.now() - start).toBeGreaterThanOrEqual(MINUTE);
		const tasks = [{ item: 1, taskId: 'task_1' }];
		expect(setup.ledger.paidTasks()).toEqual({ tasks, unsure: [] });
	});

	it('ends at once when it is stopped meanwhile', async () => {
		const { stopping, running } = begin();
		await time.pass(1000);
		stopping.abort();
		expect(await time.until(running, 10)).toEqual({ kind: 'stopped' });
	});
});

describe('a run', () => {
	it('fills a slot that gets free at once, not batch by batch', async () => {
		// The first task of five takes a hundred times as long as the others
		const service = new ScriptedService((taskId, age) =>
			age >= (taskId === 'task_0' ? 500_000 : 5000) ? done : going,
		);
		const noticed: number[] = [];
		const result = await time.until(
			run(setupOf(service), jobs(60, 5), async (item) => {
				noticed.push(time.now());
				return await deliver(item);
			}),
			600_000,
		);
		expect(result).toMatchObject({ kind: 'finished' });
		const starts = service.submits.map(({ at }) => at);
		expect(new Set(starts.slice(0, 5)).size).toBe(1);
		expect(starts.slice(5)).toEqual(noticed.slice(0, 55));
		// Four slots, 59 items, 5 s each and no more than a poll interval until it is noticed
		expect(starts[59] - starts[0]).toBeLessThanOrEqual(14 * 7100);
	});

	it.each([
		['1 is noted and not sent', 6, 21_000, 1],
		['3 are, where the database takes longer than turns do', 2000, 45_000, 3],
	])('that n8n is killed in leaves few orders unsure: %s', async (_what, noteMs, mostMs, most) => {
		const service = new ScriptedService(
			() => done,
			async (taskId) => {
				await time.sleep(1500);
				return { kind: 'accepted', task: { taskId } };
			},
		);
		Object.assign(service, { pace: MODEL_STUDIO.pace });
		let [noted, unsent] = [0, 0];
		const write = async () => {
			noted += 1;
			unsent = Math.max(unsent, noted - service.submits.length);
			await time.sleep(noteMs);
			return { kind: 'written', intent: `${noted}.0` } as const;
		};
		const setup = setupOf(service, { intents: { ...noIntents, write } });
		await time.until(run(setup, jobs(60, 60)), mostMs);
		expect(unsent).toBe(most);
	});

	it('holds no place for an order that can not be sent', async () => {
		const write = async () => ({ kind: 'failed' }) as const;
		const intents = { ...noIntents, write };
		const setup = setupOf(doneAfter(5000), { stopOnFailure: false, intents });
		const result = await time.until(run(setup, jobs(20, 20)), 1000);
		expect(result).toMatchObject({ kind: 'finished' });
	});

	it('says of an order that gets no place in its time that this is over', async () => {
		const intents = { ...noIntents, write: async () => await new Promise<never>(() => {}) };
		const setup = setupOf(doneAfter(5000), { stopOnFailure: false, intents });
		const all = [0, 1, 2, 3].map((item) => jobOf(item, { timeoutMs: 5000 }));
		const result = await time.until(run(setup, all), MINUTE);
		const last = { failure: { message: expect.stringMatching(/^The time of this item was over/) } };
		expect(result).toMatchObject({ outcomes: [{}, {}, {}, { result: last }] });
	});

	it('holds up no task for a download, and downloads a few at once', async () => {
		const service = doneAfter(5000);
		let open = 0;
		let mostOpen = 0;
		const delivery: Delivery<string> = async ({ item }, _task, _seconds, access) => {
			await access?.downloads(async () => {
				open += 1;
				mostOpen = Math.max(mostOpen, open);
				await time.sleep(200_000);
				open -= 1;
			});
			return await deliver(item);
		};
		const running = runItems(setupOf(service), jobs(30, 5), [], delivery);
		await time.pass(6 * 7100);
		expect(service.submits).toHaveLength(30);
		expect(mostOpen).toBe(3);
		await time.until(running, 3_000_000);
	});

	it.each<[end: string, work: (item: number) => ReturnType<typeof deliver>]>([
		['has finished', deliver],
		['has failed', async () => failed(no)],
	])('that %s leaves nobody listening to its signals', async (_end, work) => {
		const { signal } = new AbortController();
		const halts = new Set<AbortSignal>();
		const any = jest.spyOn(AbortSignal, 'any').mockImplementation((signals) => {
			const made = realAny([...signals]);
			halts.add(made);
			return made;
		});
		await time.until(run(setupOf(doneAfter(5000), { cancel: signal }), jobs(20, 5), work), MINUTE);
		any.mockRestore();
		expect(halts.size).toBeGreaterThan(5);
		const listening = [signal, ...halts].map((one) => getEventListeners(one, 'abort').length);
		expect(listening.filter((count) => count > 0)).toEqual([]);
	});

	it('notices the end of 20 tasks within a poll interval and a half second', async () => {
		const service = doneAfter(20_000);
		const start = time.now();
		const lags: number[] = [];
		const running = run(setupOf(service), jobs(20, 20), async (item) => {
			lags.push(time.now() - start - 20_000);
			return await deliver(item);
		});
		await time.until(running, 30_000);
		expect(Math.max(...lags)).toBeLessThanOrEqual(2500);
		expect(service.queries.length / 20).toBeLessThanOrEqual(20 / 2 + 2);
	});

	it.each<[end: string, stopsAt: number, result: object]>([
		['it is stopped', 20_000, { kind: 'stopped' }],
		['one of many has failed', Infinity, { kind: 'failed', failures: [{ failure: no }] }],
	])('sends and polls nothing more once %s', async (_end, stopsAt, result) => {
		const stopping = new AbortController();
		const service = doneAfter(30_000);
		const setup = setupOf(service, { cancel: stopping.signal });
		const running = run(setup, jobs(100, 50), async () => failed(no));
		void time.sleep(stopsAt).then(() => stopping.abort());
		expect(await time.until(running, MINUTE)).toMatchObject(result);
		const asked = service.queries.length;
		await time.pass(MINUTE);
		expect(service.queries).toHaveLength(asked);
		expect(service.submits).toHaveLength(50);
	});
});
