// What the service does in a kill storm: faults in every phase, all of which a run can live through or has to tell.
import { between, chance, pick, type Choices } from '../../../tools/chance';
import type { Fault, Outcome, Simulator } from '../../../tools/simulator/simulator';

const status = (code: number, more = {}): Fault => ({ kind: 'status', status: code, ...more });

const BUSY: Choices<Fault> = [
	[2, status(429)],
	[1, status(429, { headers: { 'retry-after': '1' } })],
];

/** The order is taken, and its client never gets a clear answer. */
const CUT: Choices<Fault> = [
	[2, { kind: 'reset', when: 'after-read', accepted: true }],
	[1, { kind: 'reset', when: 'mid-body', accepted: true }],
	[1, { kind: 'truncate', accepted: true }],
	[1, { kind: 'body', text: '{"task', accepted: true }],
	[1, status(502, { accepted: true, body: 'html' })],
	[1, status(503)],
];

const QUERY: Choices<Fault | undefined> = [
	[80, undefined],
	[3, status(429)],
	[3, status(500)],
	[3, status(502, { body: 'html' })],
	[2, { kind: 'reset', when: 'after-read' }],
	[2, { kind: 'truncate' }],
	[2, { kind: 'body', text: '<p>' }],
];

const MEDIA: Choices<Fault | undefined> = [
	[85, undefined],
	[4, status(503)],
	[3, { kind: 'reset', when: 'mid-body' }],
	[2, { kind: 'truncate' }],
];

/** Tasks that fail in one round, at most: with On Error = stop, each of them costs a retry. */
const MOST_FAILED = 2;

/** One round's weather. `seed` names the storm and the round; `unsure`: of 100 orders, those whose answer gets lost. */
export function makeWeather(simulator: Simulator, seed: string, unsure: number): void {
	const counts = new Map<string, number>();
	const nth = (key: string) => {
		counts.set(key, (counts.get(key) ?? 0) + 1);
		return counts.get(key) ?? 0;
	};
	/** Depends on the item and on how often this was asked for it, not on the order in which requests arrive. */
	const roll = (phase: string, prompt: string) => chance(seed, phase, prompt, nth(phase + prompt));
	const promptOf = (taskId = '') => simulator.tasks.get(taskId)?.prompt ?? '';
	const submitFault = (prompt: string): Fault | undefined => {
		const late: Fault = { kind: 'slow', ms: between(roll('late', prompt), 100, 800) };
		const kinds: Choices<Choices<Fault | undefined>> = [
			[70, [[1, undefined]]],
			[10, [[1, late]]],
			[8, [[1, { ...late, accepted: true }]]],
			[6, BUSY],
			[unsure, CUT],
		];
		return pick(roll('submit', prompt), pick(roll('kind', prompt), kinds));
	};
	simulator.faults.push(
		{ on: 'submit', times: Infinity, fault: ({ body }) => submitFault(String(body?.prompt)) },
		{
			on: 'query',
			times: Infinity,
			fault: ({ taskId }) => pick(roll('query', promptOf(taskId)), QUERY),
		},
		{
			on: 'media',
			times: Infinity,
			// Not for what the service fetches itself: it would refuse the order
			fault: ({ taskId }) =>
				taskId === undefined ? undefined : pick(roll('media', promptOf(taskId)), MEDIA),
		},
	);
	let failed = 0;
	simulator.outcomes.push({
		times: Infinity,
		outcome: ({ body: { prompt = '' } }): Outcome => {
			const afterSeconds = 0.3 + 4 * roll('time', prompt);
			const fails = roll('outcome', prompt) < 0.08 && failed < MOST_FAILED;
			if (fails) failed += 1;
			return { afterSeconds, result: fails ? 'failed' : 'succeeded', freshLinks: true };
		},
	});
}
