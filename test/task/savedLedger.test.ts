// The saved form of the ledger: what is read back, and what is not understood.
import { openLedgerData } from '../../nodes/HappyHorse/task/savedLedger';
import { openLedger } from './scriptedRun';

const FIRST = { executionId: '1', runIndex: 0, inTool: false };
const RETRY = { ...FIRST, executionId: '2' };

const record = { state: 'accepted', fingerprint: 'a', startedAt: 1000 };

/** A saved ledger with one record; `changes` as another version, or something broken, would write it. */
const saved = (changes: object = {}, one: unknown = record) => ({
	version: 1,
	execution: '1',
	firstExecution: '1',
	orderedSeconds: 5,
	records: { '0.0': one },
	...changes,
});

it('a new one has version 1, and lies alone in the place that is kept in every version', () => {
	const context = {};
	openLedger(context);
	const happyHorse = {
		version: 1,
		execution: '1',
		firstExecution: '1',
		orderedSeconds: 0,
		records: {},
	};
	expect(context).toStrictEqual({ happyHorse });
});

it('another try of the execution finds all of it, and works on the saved object itself', () => {
	const full = saved(
		{
			pausedUntil: 5000,
			calls: 2,
			attempts: { '0.1': 900 },
			orderedAgain: ['0.0'],
			spentIntents: ['x.0'],
			formerTasks: ['task_9'],
		},
		{
			...record,
			order: 'b',
			intent: 'x.1',
			task: { taskId: 'task_0', model: 'm', createdAt: 'now', requestId: 'r' },
			details: { httpStatus: 502, code: 'C', requestId: 'r', text: 't' },
			carried: true,
			inUse: true,
		},
	);
	const context = { happyHorse: full };
	const before = structuredClone(full);
	const opened = openLedgerData(context, FIRST);
	expect(opened).toHaveProperty('value', { data: before, prefix: '0.' });
	expect(opened.ok && opened.value.data).toBe(full);
});

it('a retried execution counts seconds, attempts and second orders anew, and keeps to no old pause; the records are those of another', () => {
	const kept = { calls: 2, spentIntents: ['x.0'], formerTasks: ['task_9'] };
	const anew = { pausedUntil: 5000, attempts: { '0.1': 900 }, orderedAgain: ['0.0'] };
	const context = { happyHorse: saved({ ...kept, ...anew }, { ...record, inUse: true }) };
	openLedgerData(context, RETRY);
	expect(context.happyHorse).toStrictEqual({
		...saved({ execution: '2', orderedSeconds: 0, ...kept }),
		records: { '0.0': { ...record, carried: true } },
	});
});

it.each<[what: string, strange: unknown]>([
	['of a later version', saved({ version: 2 })],
	['of before there were versions', saved({ version: undefined })],
	['that is a text', 'x'],
	['that is a list', []],
	['that is empty', {}],
	['that is null', null],
	['that is undefined', undefined],
	['without most of it', { version: 1, records: {} }],
	['with a sum that is no number', saved({ orderedSeconds: '5' })],
	['with attempts of another kind', saved({ attempts: { '0.0': 'now' } })],
	['with intents of another kind', saved({ spentIntents: [1] })],
	['with task IDs of another kind', saved({ formerTasks: [1] })],
	['with a pause of another kind', saved({ pausedUntil: 'tomorrow' })],
	['with second orders of another kind', saved({ orderedAgain: {} })],
	['with an empty record', saved({}, {})],
	['with no record in its place', saved({}, null)],
	['with an unknown state', saved({}, { ...record, state: 'else' })],
	['with a task without an id', saved({}, { ...record, task: {} })],
	['with a task in other words', saved({}, { ...record, task: { task_id: 'task_0' } })],
	['with details of another kind', saved({}, { ...record, details: { httpStatus: '502' } })],
])('one %s is said to be unreadable, and stays as it is', (_what, strange) => {
	for (const execution of ['1', '2']) {
		const context: Record<string, unknown> = { happyHorse: strange, other: 1 };
		const before = structuredClone(context);
		expect(() => openLedger(context, { executionId: execution, inTool: true })).toThrow(
			expect.objectContaining({
				kind: 'notOrdered',
				message: "The record of what this execution has ordered before can't be read",
				description: expect.stringMatching(
					/^Nothing was ordered for this item\. It was written by another version of this node\. Install /,
				),
			}),
		);
		expect(context).toStrictEqual(before);
		expect(context.happyHorse).toBe(strange);
	}
});
