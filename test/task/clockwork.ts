// A clock that stands still until somebody sleeps: whole waits pass in no time, and every time is exact.
import { clock } from '../../nodes/HappyHorse/clock';

/** The fake clock. */
export interface Clockwork {
	/** The time, in ms. */
	now(): number;
	/** The lengths of all sleeps so far, in ms. */
	readonly slept: number[];
	/** Gives the node its clock back. */
	restore(): void;
}

interface Sleeper {
	readonly end: number;
	wake(): void;
}

/** Puts a fake clock into the node, at `start` ms. It jumps to the end of the next sleep once nobody else is at work. */
export function windUp(start = 1_000_000): Clockwork {
	const before = { ...clock };
	const slept: number[] = [];
	const sleepers = new Set<Sleeper>();
	let time = start;
	let ticking = false;

	async function tick(): Promise<void> {
		ticking = true;
		while (sleepers.size > 0) {
			// All that can go on without time passing goes on first
			for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
			const [next] = [...sleepers].sort((a, b) => a.end - b.end);
			if (next === undefined) break;
			time = Math.max(time, next.end);
			next.wake();
		}
		ticking = false;
	}

	const fake: typeof clock = {
		now: () => time,
		async sleep(ms, signal) {
			slept.push(ms);
			if (ms <= 0 || signal.aborted) return;
			await new Promise<void>((resolve) => {
				const wake = () => {
					sleepers.delete(sleeper);
					signal.removeEventListener('abort', wake);
					resolve();
				};
				const sleeper = { end: time + ms, wake };
				sleepers.add(sleeper);
				signal.addEventListener('abort', wake);
				if (!ticking) void tick();
			});
		},
		requestTimeout: (ms) => ms,
	};
	Object.assign(clock, fake);
	return { now: fake.now, slept, restore: () => void Object.assign(clock, before) };
}
