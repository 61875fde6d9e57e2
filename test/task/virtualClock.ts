// A clock that stands still until a test lets it go on, and then jumps from one thing that is due to the next.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { clock } from '../../nodes/HappyHorse/clock';

interface Sleeper {
	at: number;
	wake: () => void;
}

/** Takes the place of the node's clock. Starts at 1,000,000 ms. */
export class VirtualClock {
	private time = 1_000_000;
	private readonly sleepers = new Set<Sleeper>();
	private readonly before = { ...clock };

	constructor() {
		Object.assign(clock, {
			now: () => this.time,
			sleep: async (ms: number, signal: AbortSignal) => await this.sleep(ms, signal),
		});
	}

	/** Ms since 1970. */
	get now(): number {
		return this.time;
	}

	/** Gives the node its own clock back. */
	restore(): void {
		Object.assign(clock, this.before);
	}

	/** Lets `ms` pass: all that is due in them happens in order, each at its own time. */
	async pass(ms: number): Promise<void> {
		const end = this.time + ms;
		for (;;) {
			await this.settle();
			const next = [...this.sleepers].sort((a, b) => a.at - b.at).at(0);
			if (next === undefined || next.at > end) break;
			this.time = Math.max(this.time, next.at);
			next.wake();
		}
		this.time = end;
	}

	/** Lets time pass until `promise` has settled; throws when that takes more than `mostMs`. */
	async until<T>(promise: Promise<T>, mostMs: number): Promise<T> {
		let settled = false;
		const settle = () => {
			settled = true;
		};
		promise.then(settle, settle);
		const end = this.time + mostMs;
		while (!settled && this.time < end) await this.pass(Math.min(10, end - this.time));
		if (!settled) throw new Error(`Not settled within ${mostMs} ms`);
		return await promise;
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
		});
	}

	/** Lets everything happen that needs no time. */
	private async settle(): Promise<void> {
		await new Promise((resolve) => setImmediate(resolve));
	}
}
