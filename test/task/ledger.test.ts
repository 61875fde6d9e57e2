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

it('data of another shape in the context is not trusted', () => {
	for (const strange of [
		null,
		'x',
		[],
		{},
		{ records: {} },
		{ execution: '1', orderedSeconds: 0, records: { '0.0': {} } },
	]) {
		const context: Record<string, unknown> = { happyHorse: strange };
		const ledger = Ledger.open(context, run());
		expect(ledger.find(0, 'a')).toBeUndefined();
		expect(ledger.orderedSeconds).toBe(0);
	}
});
