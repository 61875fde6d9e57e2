// The node's clock as it is: no test makes it faster here, but the system's time stands still until it is moved.
import { clock } from '../../nodes/HappyHorse/util/clock';

beforeEach(() => {
	jest.useFakeTimers();
});

afterEach(() => {
	jest.useRealTimers();
});

/** A pause of `ms`, whether it is over by now, and how many times its signal is listened to. */
function pause(ms: number) {
	const ending = new AbortController();
	const { signal } = ending;
	let listeners = 0;
	const add = signal.addEventListener.bind(signal);
	const remove = signal.removeEventListener.bind(signal);
	signal.addEventListener = (...args: Parameters<typeof add>) => {
		listeners += 1;
		add(...args);
	};
	signal.removeEventListener = (...args: Parameters<typeof remove>) => {
		listeners -= 1;
		remove(...args);
	};
	let over = false;
	void clock.sleep(ms, signal).then(() => {
		over = true;
	});
	return {
		end: () => ending.abort(),
		isOver: () => over,
		listeners: () => listeners,
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
