// A clock for unit tests that stands still until it is moved on: hours pass in no time, and every moment is exact.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { clock } from '../nodes/HappyHorse/util/clock';

/** What the clock shows when a test begins, in ms. */
const START = 1_000_000;

interface Sleeper {
	/** When it is due, in ms. */
	readonly at: number;
	wake(): void;
}

/** How a fake clock moves on. */
interface FakeClockOptions {
	/**
	 * True: by itself, to the end of the next sleep, whenever nothing else is left to do. False (default): by
	 * {@link FakeClock.pass} and {@link FakeClock.until} only.
	 */
	advances?: boolean;
	/** Turns of the event loop before time moves on (default: 1): a trip to a database in memory takes some. */
	turns?: number;
}

/** A clock in the place of the node's. Times are in ms. */
class FakeClock {
	private time = START;
	private readonly sleepers = new Set<Sleeper>();
	private advancing = false;

	constructor(private readonly options: FakeClockOptions) {}

	/** As new: whoever still sleeps is never woken. */
	reset(): void {
		this.time = START;
		this.sleepers.clear();
	}

	now(): number {
		return this.time;
	}

	/** Resolves after `ms` of this clock, or at once when `signal` aborts. */
	async sleep(ms: number, signal?: AbortSignal): Promise<void> {
		if (ms <= 0 || signal?.aborted) return;
		await new Promise<void>((resolve) => {
			const wake = () => {
				this.sleepers.delete(sleeper);
				signal?.removeEventListener('abort', wake);
				resolve();
			};
			const sleeper = { at: this.time + ms, wake };
			this.sleepers.add(sleeper);
			signal?.addEventListener('abort', wake);
			if (this.options.advances && !this.advancing) void this.advance();
		});
	}

	/** Lets `ms` pass: whatever is due meanwhile happens in order, each at its own time. */
	async pass(ms: number): Promise<void> {
		const end = this.time + ms;
		while (await this.wakeNext(end));
		this.time = end;
	}

	/** Lets time pass until `promise` settles, and returns its value. Throws when that takes more than `mostMs`. */
	async until<T>(promise: Promise<T>, mostMs: number): Promise<T> {
		let settled = false;
		const settle = () => {
			settled = true;
		};
		promise.then(settle, settle);
		const end = this.time + mostMs;
		const isSettled = () => settled;
		while (await this.wakeNext(end, isSettled));
		if (!settled) throw new Error(`Not settled within ${mostMs} ms`);
		return await promise;
	}

	private async advance(): Promise<void> {
		this.advancing = true;
		while (this.sleepers.size > 0) await this.wakeNext(Infinity);
		this.advancing = false;
	}

	/** Jumps to the next sleeper that is due by `end` and wakes it; false if there is none, or nothing is left to do. */
	private async wakeNext(end: number, isDone = () => false): Promise<boolean> {
		// Everything that takes no time happens first
		const { turns = 1 } = this.options;
		for (let turn = 0; turn < turns; turn += 1)
			await new Promise((resolve) => setImmediate(resolve));
		if (isDone()) return false;
		const [next] = [...this.sleepers].sort((a, b) => a.at - b.at);
		if (next === undefined || next.at > end) return false;
		this.time = Math.max(this.time, next.at);
		next.wake();
		return true;
	}
}

/** A fake clock for all tests of a file, which is the node's meanwhile: call it at the top. Each test finds it as new. */
export function useFakeClock(options: FakeClockOptions = {}): FakeClock {
	const fake = new FakeClock(options);
	const real = { ...clock };
	beforeEach(() => {
		fake.reset();
		Object.assign(clock, {
			now: () => fake.now(),
			monotonic: () => fake.now(),
			workTime: () => 0,
			sleep: async (ms, signal) => await fake.sleep(ms, signal),
			requestTimeout: (ms) => ms,
		} satisfies typeof clock);
	});
	afterEach(() => Object.assign(clock, real));
	return fake;
}
