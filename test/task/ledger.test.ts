// The record of what was paid: which record an item goes on with, and what is kept for how long.
import {
	Ledger,
	noteAccepted,
	noteUnsure,
	sendingRecord,
} from '../../nodes/HappyHorse/task/ledger';

const task = (id: string) => ({ task_id: id, model: 'm', created_at: 'now', request_id: 'r' });

const run = (runIndex = 0, executionId = '1') => ({ executionId, runIndex, inTool: false });
const call = (executionId = '1', runIndex = 0) => ({ executionId, runIndex, inTool: true });

/** Orders `item` in `ledger`; its task is `id`, or unknown. */
function pay(ledger: Ledger, item: number, print: string, id?: string) {
	const record = sendingRecord(print, 1000, `mark ${print}`);
	ledger.put(item, record);
	if (id === undefined) noteUnsure(record, { httpStatus: 502, text: 'words of the service' });
	else noteAccepted(record, task(id));
	return record;
}

function deliver(ledger: Ledger, item: number, print: string, id: string): void {
	pay(ledger, item, print, id).state = 'delivered';
}

const idOf = (ledger: Ledger, item: number, print: string) =>
	ledger.find(item, print)?.task?.task_id;

describe('within an execution', () => {
	it('an item goes on with its own record, whatever its parameters are now', () => {
		const context = {};
		const first = Ledger.open(context, run());
		pay(first, 0, 'a', 'task_0');
		pay(first, 1, 'a', 'task_1');
		first.close();
		const second = Ledger.open(context, run());
		expect([idOf(second, 0, 'x'), idOf(second, 1, 'y'), idOf(second, 2, 'a')]).toEqual([
			'task_0',
			'task_1',
			undefined,
		]);
	});

	it('another run index has records of its own, and the delivered ones of the last are dropped', () => {
		const context = {};
		const first = Ledger.open(context, run(0));
		deliver(first, 0, 'a', 'task_0');
		pay(first, 1, 'a', 'task_1');
		first.close();
		const second = Ledger.open(context, run(1));
		expect(second.find(0, 'a')).toBeUndefined();
		expect(second.find(1, 'a')).toBeUndefined();
		const back = Ledger.open(context, run(0));
		expect([idOf(back, 0, 'a'), idOf(back, 1, 'a')]).toEqual([undefined, 'task_1']);
	});

	it('run 1 and run 10 are not mixed', () => {
		const context = {};
		pay(Ledger.open(context, run(10)), 0, 'a', 'task_10');
		const ledger = Ledger.open(context, run(1));
		expect(ledger.paidTasks(() => 'a')).toEqual([]);
	});

	it('what is delivered stays for the other tries of the same run', () => {
		const context = {};
		const first = Ledger.open(context, run());
		deliver(first, 0, 'a', 'task_0');
		first.close();
		expect(idOf(Ledger.open(context, run()), 0, 'a')).toBe('task_0');
	});

	it('what was put can be taken back', () => {
		const ledger = Ledger.open({}, run());
		const old = pay(ledger, 0, 'a', 'task_0');
		const before = ledger.put(0, sendingRecord('a', 2, undefined));
		expect(before).toBe(old);
		ledger.restore(0, before);
		expect(idOf(ledger, 0, 'a')).toBe('task_0');
		ledger.restore(0, undefined);
		expect(ledger.find(0, 'a')).toBeUndefined();
	});

	it('an item that is emptied takes no other with it', () => {
		const context = {};
		const first = Ledger.open(context, run());
		pay(first, 0, 'a', 'task_0');
		pay(first, 1, 'b', 'task_1');
		first.restore(0, undefined);
		first.close();
		const second = Ledger.open(context, run());
		expect([idOf(second, 0, 'a'), idOf(second, 1, 'b')]).toEqual([undefined, 'task_1']);
	});

	it('paid tasks are listed in the order of the items, also beyond ten of them', () => {
		const ledger = Ledger.open({}, run());
		for (const item of [10, 2, 1, 12, 0]) pay(ledger, item, 'a', `task_${item}`);
		expect(ledger.paidTasks(() => 'a').map(({ item }) => item)).toEqual([0, 1, 2, 10, 12]);
	});

	it('what is not paid for, or not known to be, is not listed as paid', () => {
		const ledger = Ledger.open({}, run());
		pay(ledger, 0, 'a');
		expect(ledger.paidTasks(() => 'a')).toEqual([]);
	});
});

describe('the first attempt of an order', () => {
	it('counts for all tries of an execution, each item for itself', () => {
		const context = {};
		const first = Ledger.open(context, run());
		expect(first.firstAttempt(0, 1000)).toBe(1000);
		first.close();
		const second = Ledger.open(context, run());
		expect(second.firstAttempt(0, 7000)).toBe(1000);
		expect(second.firstAttempt(1, 7000)).toBe(7000);
	});

	it('is forgotten once the order is sent: the next one of this item has its own time', () => {
		const ledger = Ledger.open({}, run());
		ledger.firstAttempt(0, 1000);
		ledger.firstAttempt(1, 1000);
		ledger.settle(0);
		expect(ledger.firstAttempt(0, 7000)).toBe(7000);
		expect(ledger.firstAttempt(1, 7000)).toBe(1000);
	});

	it.each([
		['the next turn of a loop', run(1)],
		['a retried execution', run(0, '2')],
	])('is not that of %s', (_what, next) => {
		const context = {};
		Ledger.open(context, run()).firstAttempt(0, 1000);
		expect(Ledger.open(context, next).firstAttempt(0, 7000)).toBe(7000);
		// Nor does it come back when a run with the first one's name follows
		expect(Ledger.open(context, run()).firstAttempt(0, 9000)).toBe(9000);
	});
});

describe('an item whose task has failed', () => {
	it('is free for a new order, and its mark is never used again', () => {
		const context = {};
		const ledger = Ledger.open(context, run());
		const record = pay(ledger, 0, 'a', 'task_0');
		const other = pay(ledger, 1, 'b', 'task_1');
		expect(ledger.isSpent('mark a')).toBe(false);
		expect(ledger.free(0, record)).toBe('mark a');
		expect(ledger.find(0, 'a')).toBeUndefined();
		expect(ledger.find(1, 'b')).toBe(other);
		for (const later of [ledger, Ledger.open(context, run()), Ledger.open(context, run(0, '2'))]) {
			expect([later.isSpent('mark a'), later.isSpent('mark b')]).toEqual([true, false]);
		}
	});

	it('is free too where n8n has no place for marks', () => {
		const context = {};
		const ledger = Ledger.open(context, run());
		const record = sendingRecord('a', 1000, undefined);
		ledger.put(0, record);
		noteAccepted(record, task('task_0'));
		pay(ledger, 1, 'b', 'task_1');
		expect(ledger.free(0, record)).toBeUndefined();
		const second = Ledger.open(context, run());
		expect([idOf(second, 0, 'a'), idOf(second, 1, 'b')]).toEqual([undefined, 'task_1']);
	});
});

describe('what the service said to an order whose fate is unknown', () => {
	it('is kept for the next try, its words cut short', () => {
		const record = sendingRecord('a', 1000, undefined);
		const says = { httpStatus: 502, code: 'X', requestId: 'req_9' };
		noteUnsure(record, { ...says, text: `${'x'.repeat(160)}y` });
		expect(record.says).toEqual({ ...says, text: 'x'.repeat(160) });
		expect(record.state).toBe('sending');
	});

	it('is kept as nothing where it said nothing', () => {
		const context = {};
		const ledger = Ledger.open(context, run());
		const record = sendingRecord('a', 1000, undefined);
		noteUnsure(record, {});
		ledger.put(0, record);
		expect(Ledger.open(context, run()).find(0, 'a')?.state).toBe('sending');
	});
});

describe('in a retried execution', () => {
	function failed() {
		const context = {};
		const ledger = Ledger.open(context, run());
		pay(ledger, 0, 'a', 'task_0');
		pay(ledger, 1, 'b', 'task_1');
		pay(ledger, 2, 'c');
		ledger.close();
		return JSON.parse(JSON.stringify(context)) as Record<string, unknown>;
	}

	it('a record counts where request and input are the same', () => {
		const ledger = Ledger.open(failed(), run(0, '2'));
		expect(idOf(ledger, 0, 'a')).toBe('task_0');
		expect(ledger.find(1, 'changed')).toBeUndefined();
		expect(ledger.unfit(1, 'changed')?.task?.task_id).toBe('task_1');
		expect(ledger.unfit(0, 'a')).toBeUndefined();
		expect(ledger.find(2, 'c')?.state).toBe('sending');
	});

	it('that counts too for its second try, and for a retry of the retry', () => {
		const context = failed();
		Ledger.open(context, run(0, '2')).close();
		expect(Ledger.open(context, run(0, '2')).find(1, 'changed')).toBeUndefined();
		expect(idOf(Ledger.open(context, run(0, '3')), 1, 'b')).toBe('task_1');
	});

	it('the wait starts afresh, once', () => {
		const ledger = Ledger.open(failed(), run(0, '2'));
		const record = ledger.find(0, 'a');
		if (record === undefined) throw new Error('no record');
		ledger.takeOver(record, 5000);
		expect(record.startedAt).toBe(5000);
		ledger.takeOver(record, 9000);
		expect(record.startedAt).toBe(5000);
	});

	it('all tasks that fit are listed, also before their turn', () => {
		const ledger = Ledger.open(failed(), run(0, '2'));
		const prints = ['a', 'changed', 'c'];
		expect(ledger.paidTasks((item) => prints[item])).toEqual([{ item: 0, task_id: 'task_0' }]);
		expect(ledger.paidTasks((item) => ['a', 'b', 'c'][item])).toHaveLength(2);
	});

	it('the spending guard starts at 0', () => {
		const context = failed();
		const ledger = Ledger.open(context, run());
		ledger.reserve(0, 5);
		ledger.settle(0);
		expect(Ledger.open(context, run()).orderedSeconds).toBe(5);
		expect(Ledger.open(context, run(0, '2')).orderedSeconds).toBe(0);
	});
});

describe('in a tool', () => {
	it('an equal request takes over what an earlier call left undelivered, whatever the run index', () => {
		const context = {};
		const first = Ledger.open(context, call('1', 0));
		pay(first, 0, 'a', 'task_0');
		first.close();
		const other = Ledger.open(context, call('1', 0));
		expect(other.find(0, 'b')).toBeUndefined();
		other.close();
		const second = Ledger.open(context, call('1', 1));
		expect(idOf(second, 0, 'a')).toBe('task_0');
		expect(second.paidTasks(() => 'a')).toEqual([{ item: 0, task_id: 'task_0' }]);
	});

	it('never takes over what was delivered, nor what another call is working on', () => {
		const context = {};
		const first = Ledger.open(context, call());
		pay(first, 0, 'a', 'task_0');
		const second = Ledger.open(context, call());
		expect(second.find(0, 'a')).toBeUndefined();
		const third = Ledger.open(context, call());
		deliver(first, 0, 'a', 'task_0');
		first.close();
		expect(third.find(0, 'a')).toBeUndefined();
		expect(Ledger.open(context, call()).find(0, 'a')).toBeUndefined();
	});

	it('of two equal calls at once, one alone takes over what an earlier one left undelivered', () => {
		const context = {};
		const earlier = Ledger.open(context, call());
		pay(earlier, 0, 'a', 'task_0');
		earlier.close();
		const [one, two] = [Ledger.open(context, call()), Ledger.open(context, call())];
		expect([idOf(one, 0, 'a'), idOf(two, 0, 'a')]).toEqual(['task_0', undefined]);
	});

	it('calls with one run index at once (agents with several items) keep apart', () => {
		const context = {};
		const [one, two] = [Ledger.open(context, call('1', 0)), Ledger.open(context, call('1', 0))];
		pay(one, 0, 'cat', 'task_cat');
		expect(two.find(0, 'dog')).toBeUndefined();
		pay(two, 0, 'dog', 'task_dog');
		expect([idOf(one, 0, 'cat'), idOf(two, 0, 'dog')]).toEqual(['task_cat', 'task_dog']);
		one.restore(0, undefined);
		expect(idOf(two, 0, 'dog')).toBe('task_dog');
	});

	it('a retried execution may call in another order: no record is overwritten', () => {
		const context = {};
		for (const [print, id] of [
			['a', 'task_a'],
			['b', 'task_b'],
		]) {
			const ledger = Ledger.open(context, call());
			pay(ledger, 0, print, id);
			ledger.close();
		}
		const retried = ['c', 'b', 'a'].map((print) => {
			const ledger = Ledger.open(context, call('2', 0));
			const found = idOf(ledger, 0, print);
			if (found === undefined) pay(ledger, 0, print, `task_${print}`);
			ledger.close();
			return found;
		});
		expect(retried).toEqual([undefined, 'task_b', 'task_a']);
	});
});

describe('the spending guard', () => {
	it('counts what is reserved, gives back what was not ordered, keeps what was', () => {
		const context = {};
		const ledger = Ledger.open(context, run());
		for (const item of [0, 1, 2]) ledger.reserve(item, 5);
		expect(ledger.orderedSeconds).toBe(15);
		ledger.settle(0);
		ledger.giveBack(1);
		ledger.giveBack(1);
		expect(ledger.orderedSeconds).toBe(10);
		ledger.close();
		expect(ledger.orderedSeconds).toBe(5);
		expect(Ledger.open(context, run(1)).orderedSeconds).toBe(5);
	});
});

it('marks of what was delivered are handed out once, of this run only', () => {
	const context = {};
	const ledger = Ledger.open(context, run(1));
	deliver(ledger, 0, 'a', 'task_0');
	pay(ledger, 1, 'b', 'task_1');
	deliver(Ledger.open(context, run(10)), 0, 'c', 'task_2');
	expect(ledger.takeDeliveredMarks()).toEqual(['mark a']);
	expect(ledger.takeDeliveredMarks()).toEqual([]);
});

it('of what was delivered without a mark, none is handed out', () => {
	const ledger = Ledger.open({}, run());
	const record = sendingRecord('a', 1000, undefined);
	noteAccepted(record, task('task_0'));
	record.state = 'delivered';
	ledger.put(0, record);
	expect(ledger.takeDeliveredMarks()).toStrictEqual([]);
});

it('an execution that was saved by an earlier version of the node goes on with what it has paid for', () => {
	const saved = {
		execution: '1',
		orderedSeconds: 5,
		records: {
			'0.0': {
				state: 'accepted',
				fingerprint: 'a',
				startedAt: 1000,
				mark: 'mark a',
				task: { task_id: 'task_0' },
			},
		},
	};
	const context = { happyHorse: saved };
	expect(idOf(Ledger.open(context, run(0, '2')), 0, 'a')).toBe('task_0');
	expect(Object.keys(context)).toEqual(['happyHorse']);
});

it('data of another shape in the context is not trusted', () => {
	const record = { state: 'accepted', fingerprint: 'a', startedAt: 1000 };
	const dataOf = (strange: object) => ({
		execution: '1',
		orderedSeconds: 5,
		records: { '0.0': strange },
	});
	expect(Ledger.open({ happyHorse: dataOf(record) }, run()).find(0, 'a')).toBe(record);
	for (const strange of [
		null,
		'x',
		[],
		{},
		{ records: {} },
		dataOf({}),
		dataOf({ ...record, state: 'else' }),
		dataOf({ ...record, task: {} }),
		dataOf({ ...record, says: { httpStatus: '502' } }),
	]) {
		const context: Record<string, unknown> = { happyHorse: strange };
		const ledger = Ledger.open(context, run());
		expect(ledger.find(0, 'a')).toBeUndefined();
		expect(ledger.orderedSeconds).toBe(0);
	}
});
