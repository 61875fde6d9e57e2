// The record of what was paid: which record an item resumes, and what is kept for how long.
import type { Details } from '../../nodes/HappyHorse/domain/task';
import type { Ledger } from '../../nodes/HappyHorse/task/ledger';
import { openLedger } from './scriptedRun';

const RETRY = { executionId: '2' };

/** The ledger in `context`, whose items have these fingerprints. */
function open(context: Record<string, unknown>, run: object, ...fingerprints: string[]): Ledger {
	return openLedger(context, run, (item) => fingerprints[item] ?? 'a');
}

/** The same in a tool call, which has one item. */
function call(context: Record<string, unknown>, fingerprint = 'a', run: object = {}): Ledger {
	return open(context, { inTool: true, ...run }, fingerprint);
}

const taskOf = (id: string) => ({ taskId: id, model: 'm', createdAt: 'now', requestId: 'r' });

/** Orders `item`; its task is `id`, or unknown. A tool call looks first for what an earlier one has left. */
function pay(ledger: Ledger, item: number, id?: string): void {
	if (ledger.orderOf(item) === undefined) ledger.identify(item, 'order');
	ledger.claim(item);
	ledger.send(item, 1000, `intent ${item}`);
	if (id === undefined) ledger.markUnsure(item, { httpStatus: 502, text: 'words of the service' });
	else ledger.accept(item, taskOf(id), 0);
}

function deliver(ledger: Ledger, item: number, id: string): void {
	pay(ledger, item, id);
	ledger.deliver(item, true);
}

const idOf = (ledger: Ledger, item: number) => ledger.find(item)?.task?.taskId;

/** The task that a tool call resumes, if there is one. */
function claimed(ledger: Ledger, order = 'order'): string | undefined {
	ledger.identify(0, order);
	ledger.claim(0);
	return idOf(ledger, 0);
}

describe('an order on record', () => {
	it('is being sent, then accepted, then delivered', () => {
		const ledger = openLedger();
		const place = { service: 'imini', host: 'api.test' };
		ledger.send(0, 1000, 'intent', place);
		const asked = { fingerprint: 'fingerprint 0', identity: undefined };
		const sent = { ...asked, startedAt: 1000, intent: 'intent', place, inUse: true };
		expect(ledger.find(0)).toStrictEqual({ state: 'sending', ...sent });
		ledger.accept(0, taskOf('task_0'), 0);
		const accepted = { state: 'accepted', ...sent, task: taskOf('task_0'), acceptedAt: 0 };
		expect(ledger.find(0)).toStrictEqual(accepted);
		ledger.deliver(0, true);
		expect(ledger.find(0)).toStrictEqual({ ...accepted, state: 'delivered' });
	});

	it('that is not there can not be delivered or adopted, and has no intent to remove', () => {
		const context = {};
		const ledger = openLedger(context);
		const before = structuredClone(context);
		ledger.deliver(0, true);
		ledger.adopt(0, 5000);
		expect(ledger.free(0)).toEqual([]);
		expect(context).toStrictEqual(before);
	});
});

describe('within an execution', () => {
	it('an item resumes its own record, delivered or not, whatever its parameters are now', () => {
		const context = {};
		const first = open(context, {});
		deliver(first, 0, 'task_0');
		pay(first, 1, 'task_1');
		first.close();
		const second = open(context, {}, 'x', 'y', 'a');
		expect([0, 1, 2].map((item) => idOf(second, item))).toEqual(['task_0', 'task_1', undefined]);
	});

	it('another run index has records of its own, and the delivered ones of the last are dropped', () => {
		const context = {};
		const first = open(context, {});
		deliver(first, 0, 'task_0');
		pay(first, 1, 'task_1');
		first.close();
		const second = open(context, { runIndex: 1 });
		expect([second.find(0), second.find(1)]).toEqual([undefined, undefined]);
		const back = open(context, {});
		expect([idOf(back, 0), idOf(back, 1)]).toEqual([undefined, 'task_1']);
	});

	it('an order that was certainly not taken leaves what stood there before, and every other item', () => {
		const context = {};
		const first = open(context, {});
		pay(first, 0, 'task_0');
		const before = structuredClone(context);
		for (const item of [0, 1]) {
			first.send(item, 2, undefined);
			expect(first.find(item)).toMatchObject({ state: 'sending', startedAt: 2 });
			first.withdraw(item);
		}
		expect(context).toStrictEqual(before);
	});

	it('paid tasks, and what may have been ordered with or without a record, are listed in the order of the items', () => {
		const ledger = open({}, {});
		for (const item of [11, 2]) pay(ledger, item);
		for (const item of [12, 3]) pay(ledger, item, `task_${item}`);
		ledger.noteIntended(new Set([10, 3, 2]));
		const tasks = [3, 12].map((item) => ({ item, taskId: `task_${item}` }));
		expect(ledger.paidTasks()).toEqual({ tasks, unsure: [2, 10, 11] });
	});

	it('seconds are counted for all runs; what a run has reserved and not spent is given back at its end', () => {
		const context = {};
		const ledger = open(context, {});
		for (const item of [0, 1, 2]) ledger.budget.reserve(item, 5, Infinity);
		pay(ledger, 0, 'task_0');
		pay(ledger, 1);
		ledger.close();
		expect(open(context, { runIndex: 1 }).budget.orderedSeconds).toBe(10);
	});
});

describe('the first attempt of an order', () => {
	it('counts for all tries of an execution, each item for itself', () => {
		const context = {};
		const first = open(context, {});
		expect(first.firstAttempt(0, 1000)).toBe(1000);
		first.close();
		const second = open(context, {});
		expect(second.firstAttempt(0, 7000)).toBe(1000);
		expect(second.firstAttempt(1, 7000)).toBe(7000);
	});

	it.each([
		['accepted', 'task_0'],
		['perhaps accepted', undefined],
	])('is forgotten once the order is %s: the next one has its own time', (_what, id) => {
		const ledger = open({}, {});
		ledger.firstAttempt(0, 1000);
		ledger.firstAttempt(1, 1000);
		pay(ledger, 0, id);
		expect(ledger.firstAttempt(0, 7000)).toBe(7000);
		expect(ledger.firstAttempt(1, 7000)).toBe(1000);
	});

	it.each([
		['the next turn of a loop', { runIndex: 1 }],
		['a retried execution', RETRY],
	])('is not that of %s', (_what, next) => {
		const context = {};
		open(context, {}).firstAttempt(0, 1000);
		expect(open(context, next).firstAttempt(0, 7000)).toBe(7000);
		// Nor does it come back when a run with the first one's name follows
		expect(open(context, {}).firstAttempt(0, 9000)).toBe(9000);
	});
});

describe('an item whose task has failed', () => {
	it('is free for a new order, and its intent is never used again', () => {
		const context = {};
		const ledger = open(context, {});
		pay(ledger, 0, 'task_0');
		pay(ledger, 1, 'task_1');
		expect(ledger.isSpent(9, 'intent 0')).toBe(false);
		expect(ledger.free(0)).toEqual([{ intent: 'intent 0', taskId: 'task_0' }]);
		expect([idOf(ledger, 0), idOf(ledger, 1)]).toEqual([undefined, 'task_1']);
		for (const later of [ledger, open(context, {}), open(context, RETRY)]) {
			expect([later.isSpent(9, 'intent 0'), later.isSpent(9, 'intent 1')]).toEqual([true, false]);
		}
	});
});

describe('what the service said to an order whose fate is unknown', () => {
	const details = { httpStatus: 502, code: 'X', requestId: 'req_9' };

	it.each([
		['without its words', { ...details, text: 'words' }],
		['as nothing where it said nothing', {}],
	])('is kept for the next try, %s', (_what, said: Details) => {
		const context = {};
		const ledger = open(context, {});
		ledger.send(0, 1000, undefined);
		ledger.markUnsure(0, said);
		expect(open(context, {}).find(0)).toMatchObject({ state: 'sending' });
		expect(open(context, {}).find(0)?.details).toEqual({ ...said, text: undefined });
	});
});

describe('which of equal orders an item is', () => {
	/** What the items of a run order, by letters; where they stand among equal ones. */
	function ordinals(context: Record<string, unknown>, run: object, orders: string): string {
		const ledger = open(context, run);
		for (const [item, order] of [...orders].entries()) ledger.identify(item, order);
		ledger.close();
		return [...orders].map((_, item) => ledger.orderOf(item)?.ordinal).join('');
	}

	it('counts over the items, and over all turns of a loop', () => {
		const context = {};
		expect(ordinals(context, {}, 'aba')).toBe('001');
		expect(ordinals(context, { runIndex: 1 }, 'ab')).toBe('21');
		expect(ordinals(context, { runIndex: 2 }, 'ca')).toBe('03');
	});

	it('stays in every try of a run, and in its Retry; another order in its place is another one', () => {
		let context: Record<string, unknown> = {};
		expect(ordinals(context, { runIndex: 3 }, 'aab')).toBe('010');
		for (const executionId of ['1', '1', '2']) {
			expect(ordinals(context, { executionId, runIndex: 3 }, 'aab')).toBe('010');
			context = structuredClone(context);
		}
		expect(ordinals(context, { runIndex: 3 }, 'aaa')).toBe('012');
	});

	it('does not depend on other rows, where nothing is on record', () => {
		const [before, after] = ['xaya', 'azax'].map((orders) => ordinals({}, {}, orders));
		expect([before, after]).toEqual(['0001', '0010']);
	});

	it('counts each call of a tool once, however often it is asked', () => {
		const context = {};
		for (const ordinal of [0, 1]) {
			const ledger = call(context);
			for (let asked = 0; asked < 2; asked += 1) ledger.identify(0, 'order');
			expect(ledger.orderOf(0)).toEqual({ identity: 'order', ordinal });
		}
	});
});

describe('whether what was ordered before is on record', () => {
	const run = (context: Record<string, unknown>, executionId: string, isRetry: boolean) =>
		open(context, { executionId, isRetry }).hasEarlierRecord;

	it.each<[what: string, isRetry: boolean, known: boolean[]]>([
		['a first execution and its Retries', false, [false, true, true]],
		['a Retry of a crashed one and the Retries of that', true, [false, false, false]],
	])('%s', (_what, isRetry, known) => {
		const context = {};
		expect([
			run(context, '1', isRetry),
			run(context, '2', true),
			run(structuredClone(context), '3', true),
		]).toEqual(known);
	});
});

describe('in a retried execution', () => {
	function failed() {
		const context = {};
		const ledger = open(context, {}, 'a', 'b', 'c');
		pay(ledger, 0, 'task_0');
		pay(ledger, 1, 'task_1');
		pay(ledger, 2);
		ledger.close();
		return JSON.parse(JSON.stringify(context)) as Record<string, unknown>;
	}

	it('a record counts where request and input are the same', () => {
		const ledger = open(failed(), RETRY, 'a', 'changed', 'c');
		expect(idOf(ledger, 0)).toBe('task_0');
		expect(ledger.find(1)).toBeUndefined();
		expect(ledger.mismatched(1)?.taskId).toBe('task_1');
		expect([ledger.mismatched(0), ledger.mismatched(9)]).toEqual([undefined, undefined]);
		expect(ledger.find(2)?.state).toBe('sending');
	});

	it('that counts too for its second try, and for a retry of the retry', () => {
		const context = failed();
		open(context, RETRY).close();
		expect(open(context, RETRY, 'a', 'changed').find(1)).toBeUndefined();
		expect(idOf(open(context, { executionId: '3' }, 'a', 'b'), 1)).toBe('task_1');
	});

	it('the wait starts afresh, once', () => {
		const ledger = open(failed(), RETRY);
		for (const now of [5000, 9000]) {
			ledger.adopt(0, now);
			expect(ledger.find(0)?.startedAt).toBe(5000);
		}
		expect([...ledger.resumed]).toEqual([0]);
	});

	it('a record that was adopted is the item’s, whatever its parameters are in the next try', () => {
		const context = failed();
		open(context, RETRY).adopt(0, 5000);
		expect(idOf(open(context, RETRY, 'changed'), 0)).toBe('task_0');
	});

	it('a task that does not fit can neither be delivered nor adopted, and is left when an order fails', () => {
		const ledger = open(failed(), RETRY, 'changed');
		ledger.deliver(0, true);
		ledger.adopt(0, 5000);
		expect(ledger.find(0)).toBeUndefined();
		ledger.send(0, 2000, undefined);
		ledger.withdraw(0);
		expect(ledger.mismatched(0)).toEqual(taskOf('task_0'));
		expect(ledger.takeDeliveredIntents()).toEqual([]);
	});

	it('all tasks that fit are listed, also before their turn', () => {
		const context = failed();
		const paid = [{ item: 0, taskId: 'task_0' }];
		expect(open(context, RETRY, 'a', 'changed', 'c').paidTasks().tasks).toEqual(paid);
		expect(open(context, RETRY, 'a', 'b', 'c').paidTasks().tasks).toHaveLength(2);
	});
});

describe('in a tool', () => {
	/** What an earlier call has left: its task is not delivered. */
	function left() {
		const context = {};
		const first = call(context);
		pay(first, 0, 'task_0');
		first.close();
		return { context, first };
	}

	it('an equal request claims what an earlier call left undelivered, whatever the run index', () => {
		const { context } = left();
		const other = call(context, 'b');
		expect(claimed(other)).toBeUndefined();
		other.close();
		const second = call(context, 'a', { runIndex: 1 });
		expect(claimed(second)).toBe('task_0');
		expect(second.paidTasks().tasks).toEqual([{ item: 0, taskId: 'task_0' }]);
	});

	it('looking for a record moves nothing; claiming it does, and only once', () => {
		const { context, first } = left();
		const second = call(context);
		const before = structuredClone(context);
		expect(second.find(0)).toBeUndefined();
		expect(context).toStrictEqual(before);
		expect(claimed(second)).toBe('task_0');
		expect(first.find(0)).toBeUndefined();
		const after = structuredClone(context);
		expect(claimed(second)).toBe('task_0');
		expect(context).toStrictEqual(after);
	});

	it('an item outside of a tool claims nothing', () => {
		const context = {};
		const first = open(context, { runIndex: 1 });
		pay(first, 0, 'task_0');
		first.close();
		expect(claimed(open(context, {}))).toBeUndefined();
	});

	it('a request that is equal in the workflow, but not in its evaluated values, claims nothing', () => {
		const { context } = left();
		expect(claimed(call(context), 'another order')).toBeUndefined();
		expect(claimed(call(context))).toBe('task_0');
	});

	it('never claims what was delivered, nor what another call is working on', () => {
		const context = {};
		const first = call(context);
		pay(first, 0, 'task_0');
		expect(claimed(call(context))).toBeUndefined();
		const third = call(context);
		deliver(first, 0, 'task_0');
		first.close();
		expect(claimed(third)).toBeUndefined();
		expect(claimed(call(context))).toBeUndefined();
	});

	it('of two equal calls at once, one alone claims what an earlier one left undelivered', () => {
		const { context } = left();
		const [one, two] = [call(context), call(context)];
		expect([claimed(one), claimed(two)]).toEqual(['task_0', undefined]);
		// Nor does a third one take what the other has found by its intent
		two.recover(0, 1000, { intent: 'intent 1', taskId: 'task_1' });
		expect(claimed(call(context))).toBeUndefined();
	});

	it('calls with one run index at once (agents with several items) keep apart', () => {
		const context = {};
		const [one, two] = [call(context, 'cat'), call(context, 'dog')];
		pay(one, 0, 'task_cat');
		expect(claimed(two)).toBeUndefined();
		pay(two, 0, 'task_dog');
		expect([idOf(one, 0), idOf(two, 0)]).toEqual(['task_cat', 'task_dog']);
		one.free(0);
		expect(idOf(two, 0)).toBe('task_dog');
	});

	it('a retried execution may call in another order: no record is overwritten', () => {
		const context = {};
		for (const fingerprint of ['a', 'b']) {
			const ledger = call(context, fingerprint);
			pay(ledger, 0, `task_${fingerprint}`);
			ledger.close();
		}
		const retried = ['c', 'b', 'a'].map((fingerprint) => {
			const ledger = call(context, fingerprint, RETRY);
			const found = claimed(ledger);
			if (found === undefined) pay(ledger, 0, `task_${fingerprint}`);
			ledger.close();
			return found;
		});
		expect(retried).toEqual([undefined, 'task_b', 'task_a']);
	});
});

describe('the task of another order', () => {
	const isKnown = (ledger: Ledger) => ledger.isTaskOfAnother('task_0');

	it('is that of another item in the same run, and of no unknown one', () => {
		const ledger = open({}, {});
		pay(ledger, 0, 'task_0');
		ledger.send(1, 1000, undefined);
		expect(isKnown(ledger)).toBe(true);
		expect(ledger.isTaskOfAnother('task_1')).toBe(false);
	});

	it.each<[when: string, lose: (first: Ledger) => void, next: object]>([
		[
			'was delivered in an earlier turn of a loop',
			(first) => first.deliver(0, true),
			{ runIndex: 1 },
		],
		['has failed', (first) => void first.free(0), {}],
		['is gone, and was ordered again', (first) => pay(first, 0, 'task_1'), {}],
		['is gone, and was perhaps ordered again', (first) => pay(first, 0), {}],
		['is on record in a retried execution', () => {}, RETRY],
	])('is also one that %s', (_when, lose, next) => {
		const context = {};
		const first = open(context, {});
		pay(first, 0, 'task_0');
		lose(first);
		first.close();
		let read: Record<string, unknown> = structuredClone(context);
		for (const run of [next, { runIndex: 5 }]) {
			for (const saved of [context, read]) {
				const later = open(saved, run);
				later.send(7, 2000, undefined);
				expect(isKnown(later)).toBe(true);
			}
			// As n8n saves it with the execution, and reads it again
			read = structuredClone(read);
		}
	});

	it('is also the one that the same item had before', () => {
		const ledger = open({}, {});
		pay(ledger, 0, 'task_0');
		ledger.send(0, 2000, undefined);
		expect(isKnown(ledger)).toBe(true);
	});
});

describe('an order that is sent once more though it may have been taken', () => {
	it('is allowed once in an execution, however often it is tried', () => {
		const context = {};
		const first = open(context, {});
		pay(first, 0);
		expect(first.allowReorder(0)).toBe(true);
		pay(first, 0);
		expect(first.allowReorder(0)).toBe(false);
		first.close();
		expect(open(context, {}).allowReorder(0)).toBe(false);
	});

	it.each([
		['another item', 1, {}],
		['another turn of a loop', 0, { runIndex: 1 }],
		['a retry by hand', 0, RETRY],
	])('leaves %s its own', (_what, item, run) => {
		const context = {};
		const first = open(context, {});
		first.allowReorder(0);
		pay(first, 0);
		first.close();
		expect(open(context, run).allowReorder(item)).toBe(true);
	});

	it.each([
		['only allowed', () => {}],
		[
			'certainly not taken',
			(ledger: Ledger) => {
				ledger.send(0, 1000, undefined);
				ledger.withdraw(0);
			},
		],
	])('is not used up where it was %s', (_what, use) => {
		const context = {};
		const first = open(context, {});
		pay(first, 0);
		first.allowReorder(0);
		use(first);
		first.close();
		expect(open(context, {}).allowReorder(0)).toBe(true);
	});

	it('counts for all tool calls that ask for the same, and for no other', () => {
		const context = {};
		const first = call(context);
		pay(first, 0);
		first.allowReorder(0);
		pay(first, 0);
		first.close();
		const ask = (order: string, fingerprint?: string) => {
			const next = call(context, fingerprint, { runIndex: 3 });
			next.identify(0, order);
			next.claim(0);
			next.close();
			return next.allowReorder(0);
		};
		expect([ask('order'), ask('another order'), ask('order', 'b')]).toEqual([false, true, true]);
	});
});

describe('the intents of what was delivered', () => {
	it('are taken out once, of this run only', () => {
		const context = {};
		const ledger = open(context, { runIndex: 1 });
		deliver(ledger, 0, 'task_0');
		pay(ledger, 1, 'task_1');
		deliver(open(context, { runIndex: 10 }), 2, 'task_2');
		expect(ledger.takeDeliveredIntents()).toEqual([{ intent: 'intent 0', taskId: 'task_0' }]);
		expect(ledger.takeDeliveredIntents()).toEqual([]);
	});

	it('are none where it was ordered without one', () => {
		const ledger = open({}, {});
		ledger.send(0, 1000, undefined);
		ledger.accept(0, taskOf('task_0'), 0);
		ledger.deliver(0, true);
		expect(ledger.takeDeliveredIntents()).toStrictEqual([]);
	});

	it('stay where it is not waited for', () => {
		const ledger = open({}, {});
		pay(ledger, 0, 'task_0');
		ledger.deliver(0, false);
		expect(ledger.takeDeliveredIntents()).toEqual([]);
	});
});
