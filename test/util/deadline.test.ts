// Work that has to be through by a certain time. On a fake clock.
import { inTime } from '../../nodes/HappyHorse/util/clock';
import { useFakeClock } from '../../tools/fakeClock';

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
