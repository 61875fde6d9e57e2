// When a run that rests looks again.
import { nextLook } from '../../nodes/HappyHorse/rest/nextLook';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const openFor = (minutes: number, timeoutMinutes = 24 * 60) => ({
	startedAt: NOW - minutes * MINUTE,
	deadline: NOW + (timeoutMinutes - minutes) * MINUTE,
});

it.each<[what: string, open: Array<ReturnType<typeof openFor>>, afterMs: number]>([
	['as soon as n8n wakes executions up, in the first half hour', [openFor(0)], 1000],
	['the same to its end', [openFor(29)], 1000],
	['every five minutes after that', [openFor(30)], 5 * MINUTE],
	['as often as the newest task asks for', [openFor(600), openFor(2)], 1000],
	['not after the first deadline', [openFor(58, 60), openFor(58)], 2 * MINUTE],
	['at once, where a deadline is over', [openFor(61, 60)], 0],
])('%s', (_what, open, afterMs) => {
	expect(nextLook(NOW, open) - NOW).toBe(afterMs);
});
