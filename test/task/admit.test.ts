// Which items may be ordered at all: all of it is known before the first order of a run is sent.
import type { Failure } from '../../nodes/HappyHorse/domain/failure';
import { succeeded } from '../../nodes/HappyHorse/domain/failure';
import type { Action, Job, Order } from '../../nodes/HappyHorse/domain/order';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';
import { admit } from '../../nodes/HappyHorse/task/admit';
import type { Intents } from '../../nodes/HappyHorse/task/intents';
import type { Ledger } from '../../nodes/HappyHorse/task/ledger';
import type { Details } from '../../nodes/HappyHorse/domain/task';
import {
	going,
	jobOf,
	noIntents,
	openLedger,
	orderOf,
	ScriptedService,
	setupOf,
} from './scriptedRun';

const service = new ScriptedService(() => going);

interface Asked {
	/** Seconds of video of an order; undefined for an edit, whose length nobody knows yet. */
	seconds?: number;
	/** What the item asks for, where that is no new order. */
	action?: Action;
	/** The option Spending Limit. */
	limit?: number;
	/** The option Order Again When Unsure. */
	again?: boolean;
}

const five: Asked = { seconds: 5 };

function jobAsked(item: number, { seconds, action, limit = Infinity, again = false }: Asked): Job {
	const changes = { maxTotalSeconds: limit, resubmitWhenUnsure: again };
	return jobOf(item, changes, action ?? { kind: 'create', order: orderOf(seconds) });
}

interface World {
	ledger?: Ledger;
	/** The execution is a manual "Retry", where there is no ledger that says so. */
	isRetry?: boolean;
	/** Items that have an intent in n8n's database. */
	intended?: number[];
	/** The ids of tasks that are known of intents. */
	encoded?: Record<string, string>;
	/** Items that another retry is ordering. */
	claimed?: number[];
	/** Called while intents are looked for. */
	meanwhile?: () => void;
	cancel?: AbortSignal;
}

/** What is decided about these items, and what that leaves in the ledger. */
async function decide(asked: Asked[], world: World = {}) {
	const { isRetry = false, intended = [], claimed = [] } = world;
	const { ledger = openLedger({}, { isRetry }) } = world;
	const ids = world.encoded ?? {};
	const lookedFor: number[] = [];
	const readFrom: string[] = [];
	const taken: string[] = [];
	/** By its key, as {@link noIntents} makes it: which item of the run. */
	const itemOf = (key: string) =>
		asked.findIndex((_, item) => {
			const order = ledger.orderOf(item);
			return order !== undefined && noIntents.keyOf(order) === key;
		});
	const intents: Intents = {
		...noIntents,
		write: async () => {
			throw new Error('Intents are not written yet');
		},
		complete: async () => {
			throw new Error('No task is known yet');
		},
		find: async (keys) => {
			lookedFor.push(...keys.map(itemOf));
			world.meanwhile?.();
			const found = keys.filter((key) => intended.includes(itemOf(key)));
			return new Map(
				found.map((key) => {
					const intent = `intent ${itemOf(key)}`;
					return [key, [{ intent, taskId: ids[intent] }]];
				}),
			);
		},
		mark: async (how, found) => void taken.push(...found.map((intent) => `${intent} is ${how}`)),
		read: async (recorded) => {
			readFrom.push(...recorded);
			return new Map(Object.entries(ids));
		},
		remove: async () => {
			throw new Error('Intents are not removed yet');
		},
		claim: (key) => !claimed.includes(itemOf(key)),
	};
	const jobs = asked.map((one, item) => jobAsked(item, one));
	const cancel = world.cancel ?? new AbortController().signal;
	const before = ledger.budget.orderedSeconds;
	const outcomes = await admit(setupOf(service, { ledger, intents, cancel }), jobs);
	return {
		admitted: outcomes.map<Admitted>(({ result }) => (result.ok ? { job: result.value } : result)),
		jobs,
		lookedFor,
		readFrom,
		taken,
		kinds: outcomes.map(({ result }) => (result.ok ? 'may be ordered' : result.failure.kind)),
		reserved: ledger.budget.orderedSeconds - before,
	};
}

/** What was decided about one item. */
interface Admitted {
	readonly job?: Job;
	readonly failure?: Failure;
}

function failureOf(admitted: readonly Admitted[], item: number): Failure {
	const failure = admitted[item]?.failure;
	if (failure === undefined) throw new Error(`Item ${item} may be ordered`);
	return failure;
}

/** A ledger in which an earlier try of item 0 was sent and never clearly answered. */
function ledgerWithUnsure(details?: Details, isRetry = false) {
	const ledger = openLedger({}, { isRetry });
	ledger.send(0, 1000, 'intent 0');
	if (details !== undefined) ledger.markUnsure(0, details);
	return ledger;
}

const MAY = 'may be ordered';

it('items of which nothing is known may be ordered, in their order, and what they cost is reserved', async () => {
	const { admitted, jobs, kinds, reserved } = await decide([five, { seconds: 3 }, {}]);
	expect(kinds).toEqual([MAY, MAY, MAY]);
	expect(admitted.map(({ job }) => job)).toEqual(jobs);
	expect(reserved).toBe(5 + 3 + IMINI_LIMITS.editSeconds);
});

describe('an item that an earlier try may have ordered', () => {
	it('is not ordered again, is told what the service said then, and holds up no other', async () => {
		const ledger = ledgerWithUnsure({ httpStatus: 502, requestId: 'req_9' });
		const { admitted, kinds, reserved } = await decide([five, five], { ledger });
		expect(kinds).toEqual(['unsure', MAY]);
		expect(failureOf(admitted, 0)).toMatchObject({
			message: 'The video may have been ordered: the service gave no clear answer',
			advice: { details: { httpStatus: 502, requestId: 'req_9' } },
		});
		expect(reserved).toBe(5);
	});

	it('is not ordered again either where the try ended before the service said anything', async () => {
		const { admitted, reserved } = await decide([five], { ledger: ledgerWithUnsure() });
		const failure = failureOf(admitted, 0);
		expect(failure.kind).toBe('unsure');
		expect(failure.message).toMatch(/^The video may have been ordered: /);
		expect(`${failure.message} ${failure.description}`).not.toMatch(/undefined|Code|Request ID/);
		expect(reserved).toBe(0);
	});

	it('is ordered again with Order Again When Unsure, no more than once, and then told so', async () => {
		const ledger = ledgerWithUnsure({ httpStatus: 502 });
		const again = [{ seconds: 5, again: true }];
		expect(await decide(again, { ledger })).toMatchObject({ kinds: [MAY], reserved: 5 });
		ledger.send(0, 2000, undefined);
		ledger.markUnsure(0, {});
		const { admitted, kinds, reserved } = await decide(again, { ledger });
		expect(kinds).toEqual(['unsure']);
		expect(failureOf(admitted, 0).message).toBe(
			'The video may have been ordered twice already, so it is not ordered a third time',
		);
		expect(reserved).toBe(0);
	});

	it('is not held back by what a retried execution ordered for another request', async () => {
		const context = {};
		openLedger(context, {}, () => 'another request').send(0, 1000, undefined);
		const ledger = openLedger(context, { executionId: '2' });
		expect((await decide([five], { ledger })).kinds).toEqual([MAY]);
	});
});

describe('an item that has an intent, and no record of what came of it', () => {
	it('is not ordered when the execution is retried: n8n may have been killed while it was sent', async () => {
		const ledger = openLedger({}, { isRetry: true });
		const world = { ledger, intended: [1] };
		const { admitted, kinds, reserved } = await decide([five, five], world);
		expect(kinds).toEqual([MAY, 'unsure']);
		expect(failureOf(admitted, 1).message).toBe(
			'The video may have been ordered by an earlier run of this item',
		);
		expect(reserved).toBe(5);
		expect(ledger.paidTasks()).toEqual({ tasks: [], unsure: [1] });
	});

	it('is ordered on a first run: the intent is of another execution with equal items', async () => {
		const { kinds, lookedFor } = await decide([five], { intended: [0] });
		expect(kinds).toEqual([MAY]);
		expect(lookedFor).toEqual([]);
	});

	it('is ordered with Order Again When Unsure', async () => {
		const again = { seconds: 5, again: true };
		const { kinds, reserved } = await decide([again], { isRetry: true, intended: [0] });
		expect(kinds).toEqual([MAY]);
		expect(reserved).toBe(5);
	});

	it('resumes its task where the intent names it, and costs nothing', async () => {
		const ledger = openLedger({}, { isRetry: true });
		const world = { ledger, intended: [0, 1], encoded: { 'intent 1': 'task_1' } };
		const { admitted, kinds, reserved, taken } = await decide([five, five, five], world);
		expect(kinds).toEqual(['unsure', MAY, MAY]);
		expect(admitted[1].job?.action).toMatchObject({ kind: 'resume', task: { taskId: 'task_1' } });
		expect(ledger.find(1)).toMatchObject({ intent: 'intent 1', task: { taskId: 'task_1' } });
		expect([...ledger.resumed]).toEqual([1]);
		expect(taken).toEqual(['intent 1 is taken']);
		expect(reserved).toBe(5);
	});

	it('that another retry is ordering is left to that one', async () => {
		const world = { isRetry: true, intended: [0, 1], claimed: [1] };
		const { admitted, kinds, lookedFor, reserved } = await decide([five, five, five], world);
		expect(kinds).toEqual(['unsure', 'notOrdered', MAY]);
		expect(failureOf(admitted, 1).message).toContain('Another Retry is ordering this item');
		expect(lookedFor).toEqual([0, 2]);
		expect(reserved).toBe(5);
	});

	it('and a record without a task resumes the task that the intent in it names', async () => {
		const ledger = ledgerWithUnsure({ httpStatus: 502 }, true);
		const world = { ledger, encoded: { 'intent 0': 'task_0' } };
		const { admitted, kinds, readFrom } = await decide([five], world);
		expect(kinds).toEqual([MAY]);
		expect(admitted[0].job?.action).toMatchObject({ kind: 'resume', task: { taskId: 'task_0' } });
		expect(readFrom).toEqual(['intent 0']);
	});

	it('is told by its record where there is one, and no intent is looked for', async () => {
		const ledger = ledgerWithUnsure({ requestId: 'req_9' }, true);
		const world = { ledger, intended: [0, 1] };
		const { admitted, lookedFor } = await decide([five, five], world);
		expect(failureOf(admitted, 0).advice.details).toEqual({ requestId: 'req_9' });
		expect(failureOf(admitted, 1).message).toMatch(/by an earlier run/);
		expect(lookedFor).toEqual([1]);
	});
});

it.each<[what: string, action: Action]>([
	['looks at a task', { kind: 'get', taskId: 'task_1' }],
	['waits for a task', { kind: 'wait', taskId: 'task_1' }],
	[
		'is paid for already',
		{ kind: 'resume', task: { taskId: 'task_1' }, readOrder: async () => succeeded(orderOf(5)) },
	],
])('an item that %s goes on whatever was intended, and costs nothing', async (_what, action) => {
	// The first has a record without a task, both have an intent
	const world = { ledger: ledgerWithUnsure({}, true), intended: [0, 1] };
	const asked = { action, limit: 0 };
	const { kinds, lookedFor, reserved } = await decide([asked, asked], world);
	expect(kinds).toEqual([MAY, MAY]);
	expect(lookedFor).toEqual([]);
	expect(reserved).toBe(0);
});

describe('the spending limit', () => {
	const limited = (limit: number, ...seconds: Array<number | undefined>): Asked[] =>
		seconds.map((of) => ({ seconds: of, limit }));

	it.each<[what: string, asked: Asked[], kinds: string[], reserved: number]>([
		['may not be passed by a second', limited(9, 5, 5), [MAY, 'input'], 5],
		[
			'leaves room for a shorter one after one that is too long',
			limited(9, 5, 5, 4),
			[MAY, 'input', MAY],
			9,
		],
		[
			'counts the most that an edit can come to',
			limited(IMINI_LIMITS.editSeconds, undefined, 1),
			[MAY, 'input'],
			IMINI_LIMITS.editSeconds,
		],
	])('%s', async (_what, asked, kinds, reserved) => {
		const decided = await decide(asked);
		expect(decided.kinds).toEqual(kinds);
		expect(decided.reserved).toBe(reserved);
	});

	it.each([
		[0, ''],
		[2, 'Earlier runs of this node in this execution ordered 2 of them. '],
	])('tells the figures, and what to do: %i s by earlier runs', async (earlier, ofEarlier) => {
		const context = {};
		const before = openLedger(context);
		before.budget.reserve(0, earlier, Infinity);
		before.budget.commit(0);
		const ledger = openLedger(context, { runIndex: 1 });
		const { admitted } = await decide(limited(9 + earlier, 5, 6), { ledger });
		expect(failureOf(admitted, 1)).toMatchObject({
			message: `Spending Limit (Seconds) is ${9 + earlier}, and this order of 6 would exceed it: ${5 + earlier} are ordered or about to be`,
			description: `Nothing was ordered for this item. ${ofEarlier}Raise the Spending Limit in Options, shorten the videos, or send fewer items.`,
		});
	});

	it('is not used up by what must not be ordered anyway', async () => {
		const ledger = ledgerWithUnsure({ httpStatus: 502 });
		expect((await decide(limited(5, 5, 5), { ledger })).kinds).toEqual(['unsure', MAY]);
	});
});

describe('a tool call that asks for what an earlier one has paid for', () => {
	/** Calls the tool with one order, whose task is paid for, and then with the other. */
	async function callTwice(first: Order, second: Order, fingerprints = ['a', 'a']) {
		const saved = {};
		const [one, two] = fingerprints.map((fingerprint, runIndex) => ({
			runIndex,
			ledger: () => openLedger(saved, { inTool: true, runIndex }, () => fingerprint),
		}));
		const ordering = (order: Order): Asked => ({ action: { kind: 'create', order } });
		const earlier = one.ledger();
		await decide([ordering(first)], { ledger: earlier });
		earlier.send(0, 1000, undefined);
		earlier.accept(0, { taskId: 'task_1' }, 0);
		earlier.close();
		const { admitted, reserved } = await decide([ordering(second)], { ledger: two.ledger() });
		const [{ job }] = admitted;
		if (job === undefined) throw new Error('It may not be ordered');
		return { action: job.action, reserved };
	}

	it('resumes that, and nothing is reserved', async () => {
		const { action, reserved } = await callTwice(orderOf(5), orderOf(5));
		expect(action).toMatchObject({ kind: 'resume', task: { taskId: 'task_1' } });
		const read = action.kind === 'resume' && (await action.readOrder());
		expect(read).toEqual(succeeded(orderOf(5)));
		expect(reserved).toBe(0);
	});

	// What makes another order: domain/order.test.ts
	it('orders where its expressions mean another order', async () => {
		const { action, reserved } = await callTwice(orderOf(5), {
			...orderOf(5),
			prompt: 'Two horses',
		});
		expect(action.kind).toBe('create');
		expect(reserved).toBe(5);
	});

	it('orders where the input, or the workflow, is another', async () => {
		const { action } = await callTwice(orderOf(5), orderOf(5), ['a', 'b']);
		expect(action.kind).toBe('create');
	});
});

describe('a run that is stopped', () => {
	it('before anything is decided reserves nothing, and looks for no intent', async () => {
		const cancel = AbortSignal.abort();
		const { admitted, lookedFor, reserved } = await decide([five], { isRetry: true, cancel });
		expect(admitted).toEqual([]);
		expect(lookedFor).toEqual([]);
		expect(reserved).toBe(0);
	});

	it('while intents are looked for reserves nothing', async () => {
		const stopping = new AbortController();
		const world = { isRetry: true, cancel: stopping.signal, meanwhile: () => stopping.abort() };
		const { admitted, lookedFor, reserved } = await decide([five, five], world);
		expect(lookedFor).toEqual([0, 1]);
		expect(admitted).toEqual([]);
		expect(reserved).toBe(0);
	});
});
