// What a service tells in JSON, however long, and how long it asks to be left alone.
import { z } from 'zod';
import { firstOf, retryAfterMs } from '../../nodes/HappyHorse/service/json';
import { expectCpuBelow, TEXT_MS } from '../request/hostile';

it('of a list with a million entries, a few are looked at', async () => {
	const list = Array<unknown>(1_000_000).fill(1);
	await expectCpuBelow(TEXT_MS, () => firstOf(z.object({ url: z.unknown() })).parse(list));
});

it.each<[unknown, number | undefined]>([
	['0', 0],
	['3', 3000],
	[' 120 ', 120_000],
	[5, 5000],
	['1.125', 1125],
	['Mon, 27 Apr 2026 10:00:30 GMT', 30_000],
	['2026-04-27T10:01:00Z', 60_000],
	['2026-04-27 10:01:00Z', 60_000],
	['Mon, 27 Apr 2026 09:00:00 GMT', 0],
	['-5', undefined],
	['soon', undefined],
	['', undefined],
	['5 seconds', undefined],
	['soon 5', undefined],
	[null, undefined],
	[undefined, undefined],
	[['5'], undefined],
	['2026', 2_026_000],
	// An hour is the most, and what is no finite number says nothing
	['7200', 3_600_000],
	['99999999999999999999', 3_600_000],
	['Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
	['Sat, 01 Jan 275760 00:00:00 GMT', 3_600_000],
	['9'.repeat(400), undefined],
	['Infinity', undefined],
	['1e999', undefined],
])('Retry-After %j means %s ms', (header, ms) => {
	const now = Date.parse('2026-04-27T10:00:00Z');
	expect(retryAfterMs({ 'retry-after': header }, now)).toBe(ms);
	expect(retryAfterMs({}, now)).toBeUndefined();
});

it('a Retry-After of any words is soon read', async () => {
	await expectCpuBelow(10, () => retryAfterMs({ 'retry-after': 'a'.repeat(16_000) }, 0));
});
