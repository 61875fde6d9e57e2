// The saved form of the ledger: what is read back, and what is not understood.
import { openLedgerData } from '../../nodes/HappyHorse/task/savedLedger';
import { openLedger } from './scriptedRun';

const FIRST = { executionId: '1', runIndex: 0, isRetry: false, inTool: false };
const RETRY = { ...FIRST, executionId: '2', isRetry: true };

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

it('another try of the execution finds all of it, and works on one object with the first', () => {
	const full = saved(
		{
			pauses: { a: { orders: 5000 } },
			calls: 2,
			attempts: { '0.1': 900 },
			orderedAgain: ['0.0'],
			spentIntents: ['x.0'],
			formerTasks: ['task_9'],
			isBlind: true,
			counts: { b: 1 },
			ordinals: { '0.0': { identity: 'b', ordinal: 0 } },
		},
		{
			...record,
			identity: 'b',
			place: { service: 'imini', host: 'api.test' },
			intent: 'x.1',
			acceptedAt: 950,
			task: { taskId: 'task_0', model: 'm', createdAt: 'now', requestId: 'r' },
			details: { httpStatus: 502, code: 'C', requestId: 'r' },
			carried: true,
			inUse: true,
		},
	);
	const context = { happyHorse: full };
	const before = structuredClone(full);
	const [first, second] = [openLedgerData(context, FIRST), openLedgerData(context, FIRST)];
	const tasks = new Set(['task_9', 'task_0']);
	expect(first).toHaveProperty('value', { data: before, tasks, prefix: '0.' });
	expect(first.ok && first.value.data).toBe(context.happyHorse);
	expect(second.ok && first.ok && second.value.data === first.value.data).toBe(true);
});

it.each<[field: string, where: object, record?: object]>([
	['attempts', { attempts: { '0.0': 'now' } }],
	['spentIntents', { spentIntents: [1] }],
	['formerTasks', { formerTasks: [1] }],
	['pauses', { pauses: 5000 }],
	['queries', { pauses: { a: { orders: 5000, queries: null } } }],
	['acceptedAt', {}, { acceptedAt: null }],
	['orderedAgain', { orderedAgain: {} }],
	['ordinals', { ordinals: { '0.0': 1 } }],
	['counts', { counts: { b: '1' } }],
	['details', {}, { details: 'x' }],
	['task', {}, { task: {} }],
	['intent', {}, { intent: 7 }],
])('a bad optional field is absent, and all else is read: %s', (field, where, changes = {}) => {
	const context: Record<string, unknown> = {
		happyHorse: saved(where, { ...record, ...changes }),
	};
	expect(openLedgerData(context, FIRST).ok).toBe(true);
	const clean = JSON.parse(JSON.stringify(context.happyHorse)) as unknown;
	expect(clean).toEqual(saved('queries' === field ? { pauses: { a: { orders: 5000 } } } : {}));
	expect(JSON.stringify(clean)).not.toContain(field);
});

it('a retried execution counts seconds, attempts and second orders anew; the records are those of another', () => {
	const pauses = { a: { orders: 5000 } };
	const kept = { calls: 2, pauses, spentIntents: ['x.0'], formerTasks: ['task_9'] };
	const anew = { attempts: { '0.1': 900 }, orderedAgain: ['0.0'] };
	const context = {
		happyHorse: saved({ ...kept, ...anew }, { ...record, inUse: true, acceptedAt: 950 }),
	};
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
	['with an empty record', saved({}, {})],
	['with no record in its place', saved({}, null)],
	['with an unknown state', saved({}, { ...record, state: 'else' })],
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
