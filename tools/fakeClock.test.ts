// The fake clock: when sleepers wake, and that the node gets its own clock back.
import { clock } from '../nodes/HappyHorse/util/clock';
import { FakeClock,useFakeClock } from './fakeClock';

const { signal } = new AbortController();

describe('by default', () => {
	const time = useFakeClock();

	it('moves only when it is moved, and wakes each sleeper at its own time', async () => {
		const woken: number[] = [];
		const start = clock.now();
		for (const ms of [300, 100, 200]) {
			void clock.sleep(ms, signal).then(() => woken.push(clock.now() - start));
		}
		await time.pass(250);
		expect(woken).toEqual([100, 200]);
		expect(clock.now() - start).toBe(250);
	});

	it('waits for a promise, but not for ever', async () => {
		expect(await time.until(clock.sleep(50, signal), 60)).toBeUndefined();
		await expect(time.until(clock.sleep(100, signal), 60)).rejects.toThrow('within 60 ms');
	});

	it('ends a sleep with its signal', async () => {
		const stop = new AbortController();
		const slept = clock.sleep(100, stop.signal);
		stop.abort();
		await slept;
		expect(clock.now()).toBe(time.now());
	});
});

it('advances by itself where asked to, until it is restored', async () => {
	const before = clock.now;
	const time = new FakeClock({ advances: true });
	time.install();
	const start = clock.now();
	await Promise.all([clock.sleep(3_600_000, signal), clock.sleep(1000, signal)]);
	expect(clock.now() - start).toBe(3_600_000);
	expect(time.slept).toEqual([3_600_000, 1000]);
	time.restore();
	expect(clock.now).toBe(before);
});
