// The fast clock: it keeps pace, is shared, and is put back.
import { clock } from '../../nodes/HappyHorse/util/clock';
import { speedUp } from './fastClock';

it('is one for the node and others, and goes back to the real one', async () => {
	const { signal } = new AbortController();
	const real = Date.now();
	const fast = speedUp(1000);
	const before = fast.now();
	await clock.sleep(60_000, signal);
	expect(clock.now() - before).toBeGreaterThanOrEqual(60_000);
	expect(clock.requestTimeout(30_000)).toBe(1500);
	expect(Date.now() - real).toBeLessThan(1000);
	fast.restore();
	expect(clock.requestTimeout(30_000)).toBe(30_000);
	expect(Math.abs(clock.now() - Date.now())).toBeLessThan(100);
});

it('stands still while nothing else has its turn', () => {
	const fast = speedUp(1000);
	const before = fast.now();
	const end = performance.now() + 200;
	while (performance.now() < end);
	expect(fast.now() - before).toBeLessThanOrEqual(10_000);
	fast.restore();
});

it('is not slept on after an abort', async () => {
	const fast = speedUp(2);
	const controller = new AbortController();
	const sleeping = clock.sleep(60_000, controller.signal);
	controller.abort();
	await sleeping;
	fast.restore();
});
