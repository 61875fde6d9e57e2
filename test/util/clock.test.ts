// The node's clock: pauses as they are, while the system's time stands still until it is moved, and work in time.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { getEventListeners } from 'node:events';
import { sleep } from 'n8n-workflow';
import { clock, inTime, yieldNow } from '../../nodes/HappyHorse/util/clock';
import { useFakeClock } from '../../tools/fakeClock';

describe('a pause', () => {
	beforeEach(() => {
		jest.useFakeTimers();
	});

	afterEach(() => {
		jest.useRealTimers();
	});

	/** A pause of `ms`, whether it is over by now, and how many listen to its signal. */
	function pause(ms: number) {
		const ending = new AbortController();
		const { signal } = ending;
		let over = false;
		void clock.sleep(ms, signal).then(() => {
			over = true;
		});
		return {
			end: () => ending.abort(),
			isOver: () => over,
			listeners: () => getEventListeners(signal, 'abort').length,
		};
	}

	it.each([-3_600_000, 3_600_000])(
		'a pause is as long as ever where the system time is set by %i ms meanwhile',
		async (ms) => {
			const { isOver } = pause(1000);
			await jest.advanceTimersByTimeAsync(500);
			jest.setSystemTime(Date.now() + ms);
			await jest.advanceTimersByTimeAsync(499);
			expect(isOver()).toBe(false);
			await jest.advanceTimersByTimeAsync(1);
			expect(isOver()).toBe(true);
		},
	);

	it.each([1, 999, 1000, 1001, 60_000])('a pause of %i ms is that long', async (ms) => {
		const { isOver, listeners } = pause(ms);
		await jest.advanceTimersByTimeAsync(ms - 1);
		expect(isOver()).toBe(false);
		await jest.advanceTimersByTimeAsync(1);
		expect(isOver()).toBe(true);
		expect(listeners()).toBe(0);
	});

	it.each([0, -5])('a pause of %i ms is over at once', async (ms) => {
		const { isOver } = pause(ms);
		await jest.advanceTimersByTimeAsync(0);
		expect(isOver()).toBe(true);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('a pause that is ended is over at once, and leaves neither a long timer nor a listener', async () => {
		const { end, isOver, listeners } = pause(3_600_000);
		await jest.advanceTimersByTimeAsync(5500);
		expect(isOver()).toBe(false);
		expect(listeners()).toBe(1);
		end();
		await jest.advanceTimersByTimeAsync(0);
		expect(isOver()).toBe(true);
		expect(listeners()).toBe(0);
		await jest.advanceTimersByTimeAsync(1000);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('a pause whose end came before it begins is none', async () => {
		const signal = AbortSignal.abort();
		const slept = clock.sleep(60_000, signal);
		await expect(slept).resolves.toBeUndefined();
		expect(jest.getTimerCount()).toBe(0);
	});
});

describe('work that has to be done by a certain time', () => {
	const time = useFakeClock();

	const never = new AbortController().signal;

	it('what is through in time is what comes out, and nothing waits any longer', async () => {
		const began = time.now();
		const done = inTime(5000, never, async () => {
			await time.sleep(4990);
			return 'done';
		});
		expect(await time.until(done, 6000)).toBe('done');
		expect(time.now() - began).toBe(4990);
	});

	it('what fails in time fails', async () => {
		const failing = inTime(5000, never, async () => await Promise.reject(new Error('No')));
		await expect(failing).rejects.toThrow('No');
	});

	it.each([
		['at its end', 5000, undefined],
		['when it is stopped', 1000, 1000],
	])('what takes longer is told to stop, and not waited for: %s', async (_when, ends, stopAt) => {
		const stopping = new AbortController();
		const signals: AbortSignal[] = [];
		const began = time.now();
		const working = inTime(stopAt === undefined ? ends : 5000, stopping.signal, async (signal) => {
			signals.push(signal);
			return await new Promise<never>(() => {});
		});
		if (stopAt !== undefined) void time.sleep(stopAt).then(() => stopping.abort());
		expect(await time.until(working, 10_000)).toBeUndefined();
		expect(time.now() - began).toBe(ends);
		expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
	});

	it.each([
		['there is no time', 0, never],
		['the time is over', -1, never],
		['it was stopped before', 5000, AbortSignal.abort()],
	])('nothing is begun where %s', async (_when, ms, signal) => {
		const work = jest.fn<Promise<string>, []>();
		expect(await inTime(ms, signal, work)).toBeUndefined();
		expect(work).not.toHaveBeenCalled();
	});
});

it('others get a turn after a stretch of work, whoever has done it', async () => {
	let now = 0;
	const workTime = jest.spyOn(clock, 'workTime').mockImplementation(() => now);
	const yields = async (workMs: number) => {
		let [turned, isOver] = [false, false];
		void sleep(0).then(() => (turned = !isOver));
		now += workMs;
		await yieldNow();
		isOver = true;
		return turned;
	};
	now = 1e9;
	expect(await yields(0)).toBe(true);
	expect(await yields(6)).toBe(false);
	expect(await yields(6)).toBe(true);
	expect(await yields(6)).toBe(false);
	workTime.mockRestore();
});
