// How long a service asks to be left alone.
import { retryAfterMs } from '../../nodes/HappyHorse/service/json';

it.each<[unknown, number | undefined]>([
	['0', 0],
	['3', 3000],
	[' 120 ', 120_000],
	[5, 5000],
	['1.5', 1500],
	['1.125', 1125],
	['Mon, 27 Apr 2026 10:00:30 GMT', 30_000],
	['2026-04-27T10:01:00Z', 60_000],
	['Mon, 27 Apr 2026 09:00:00 GMT', 0],
	['-5', undefined],
	['soon', undefined],
	['', undefined],
	['5 seconds', undefined],
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
