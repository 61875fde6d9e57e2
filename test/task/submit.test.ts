// Paying once: what every answer to an order leaves behind in record, intent, budget and log, and what is sent again.
import type {
	PreparedOrder,
	Preparation,
	Service,
	SubmitVerdict,
} from '../../nodes/HappyHorse/service/service';
import type { Settings } from '../../nodes/HappyHorse/domain/settings';
import type { Intents } from '../../nodes/HappyHorse/task/intents';
import { accounts } from '../../nodes/HappyHorse/task/pace';
import { submit as submitOrder } from '../../nodes/HappyHorse/task/submit';
import type { Pool, RunContext } from '../../nodes/HappyHorse/task/context';
import { useFakeClock } from '../../tools/fakeClock';
import {
	bytesImage,
	contextOf,
	going,
	jobOf,
	noIntents,
	openLedger,
	orderOf,
	ScriptedService,
} from './scriptedRun';

const time = useFakeClock({ advances: true });

const ITEM = 7;
const MINUTE = 60_000;

const order = orderOf(5);

const accepted = (taskId = 'task_1'): SubmitVerdict => ({
	kind: 'accepted',
	task: { taskId, model: 'm', createdAt: 'now', requestId: 'req_1' },
});
const refused: SubmitVerdict = {
	kind: 'refused',
	reason: 'invalid',
	details: { httpStatus: 400, code: 'BAD' },
};
const unsure: SubmitVerdict = { kind: 'unsure', details: { httpStatus: 502, requestId: 'req_9' } };
const notSent: SubmitVerdict = { kind: 'notSent', details: { code: 'ECONNREFUSED' } };
const busy = (retryAfterMs?: number): SubmitVerdict => ({
	kind: 'busy',
	details: { httpStatus: 429 },
	retryAfterMs,
});

/** A run whose service gives these answers, the last one for ever. */
function begin(...verdicts: SubmitVerdict[]) {
	const saved = {};
	const ledger = openLedger(saved);
	ledger.budget.reserve(ITEM, 5, Infinity);
	ledger.identify(ITEM, 'order');
	const start = time.now();
	const halting = new AbortController();
	const cancelling = new AbortController();
	const write: Intents['write'] = async () => {
		await seen.beforeWrite();
		seen.intents.add('7.0');
		seen.written.push('7.0');
		return { kind: 'written', intent: '7.0' };
	};
	const seen = {
		start,
		halting,
		cancelling,
		/** When each submit was sent, in ms from the start, and the state of the record at that moment. */
		sent: [] as number[],
		states: [] as Array<string | undefined>,
		/** What each was made of. */
		prepared: [] as unknown[],
		intents: new Set<string>(),
		written: [] as string[],
		removed: [] as string[],
		/** Intents that were told their task, and the ids shown with the execution. */
		completed: [] as Array<[intent: string, taskId: string]>,
		noted: [] as string[],
		lines: [] as string[],
		pools: [] as string[],
		/** How many submits were open when each was sent. */
		open: [] as number[],
		/** What comes of preparing the order; undefined: it is ready. */
		unprepared: undefined as Exclude<Preparation, PreparedOrder> | undefined,
		/** What is done while the files are read. */
		whileRead: async () => {},
		/** What is done before an intent is written, and before an order is answered. */
		beforeWrite: async () => {},
		beforeAnswer: () => {},
		/** Whether the database takes it that intents are removed. */
		removes: true,
		write,
	};
	const pool =
		(name: string): Pool =>
		async (work) => {
			seen.pools.push(name);
			return await work();
		};
	const send = async () => {
		seen.sent.push(time.now() - start);
		seen.states.push(ledger.find(ITEM)?.state);
		seen.open.push(context.openSubmits.size);
		seen.beforeAnswer();
		return verdicts[Math.min(seen.sent.length, verdicts.length) - 1];
	};
	const service = {
		...new ScriptedService(() => going),
		prepare: async (...args: unknown[]) => {
			seen.prepared.push(args);
			await seen.whileRead();
			return seen.unprepared ?? { kind: 'ready', send };
		},
	} as unknown as Service;
	const context: RunContext = contextOf(service, {
		ledger,
		intents: {
			...noIntents,
			write: async (key, isSpent) => await seen.write(key, isSpent),
			complete: async (intent, taskId) => void seen.completed.push([intent, taskId]),
			remove: async (intents) => {
				for (const { intent } of intents) {
					seen.removed.push(intent);
					if (seen.removes) seen.intents.delete(intent);
				}
				return seen.removes;
			},
		},
		heavySubmits: pool('heavy'),
		lightSubmits: pool('light'),
		openSubmits: new Set(),
		log: {
			debug() {},
			info: (line) => void seen.lines.push(`info ${line}`),
			warn: (line) => void seen.lines.push(`warn ${line}`),
		},
		noteTask: (taskId) => void seen.noted.push(taskId),
		cancel: cancelling.signal,
		signal: halting.signal,
		random: () => 0.5,
	});
	const submit = async (
		timeoutMs = 30 * MINUTE,
		ordered = order,
		settings: Partial<Settings> = {},
	) => await submitOrder(context, jobOf(ITEM, { timeoutMs, ...settings }), ordered);
	const record = () => ledger.find(ITEM);
	/** Seconds that are spent: at the end of a submit, none is merely reserved any more. */
	const spent = () => {
		const { orderedSeconds } = ledger.budget;
		ledger.close();
		expect(ledger.budget.orderedSeconds).toBe(orderedSeconds);
		return orderedSeconds;
	};
	/** Expects that neither record, nor intent, nor spent second is there. */
	const expectNothingLeft = () =>
		expect([record(), [...seen.intents], spent()]).toEqual([undefined, [], 0]);
	/** The next try of the node in the same execution. */
	const nextTry = async (timeoutMs: number) => {
		ledger.close();
		const next = openLedger(saved);
		next.identify(ITEM, 'order');
		// In another process, which knows of pauses by the ledger only
		accounts.clear();
		const { pace } = contextOf(service, { ledger: next });
		const job = jobOf(ITEM, { timeoutMs });
		return await submitOrder({ ...context, ledger: next, pace }, job, order);
	};
	return { seen, context, submit, nextTry, record, spent, expectNothingLeft };
}

/** The account is told to leave orders alone for so long, and half a second. */
async function pauseOrders({ pace }: RunContext, ms: number): Promise<void> {
	const send = async () => busy(ms);
	await pace.send('orders', { withinMs: MINUTE, signal: new AbortController().signal }, send);
}

type Seen = ReturnType<typeof begin>['seen'];

/** Before an order is sent: if n8n dies then, nothing else may tell of it. */
const ORDERING = 'info HappyHorse: item 7 is being ordered';

describe('an order that is accepted', () => {
	it('is on record as being sent before the first byte leaves, and with its task after: so are intent and execution', async () => {
		const { seen, submit, record, spent } = begin(accepted());
		expect(await submit()).toMatchObject({ ok: true, value: { taskId: 'task_1' } });
		expect(seen.states).toEqual(['sending']);
		expect(seen.completed).toEqual([['7.0', 'task_1']]);
		expect(seen.noted).toEqual(['task_1']);
		expect(record()).toMatchObject({
			state: 'accepted',
			fingerprint: 'fingerprint 7',
			startedAt: seen.start,
			intent: '7.0',
			task: { taskId: 'task_1' },
		});
		expect(spent()).toBe(5);
	});

	it.each([
		['req_1', accepted()],
		['unknown', { kind: 'accepted', task: { taskId: 'task_1' } } as const],
	])(
		'keeps its intent, and its id is in the log at once, without the prompt',
		async (id, answer) => {
			const { seen, submit } = begin(answer);
			await submit();
			expect([...seen.intents]).toEqual(['7.0']);
			expect(seen.lines).toEqual([
				ORDERING,
				`info HappyHorse: item 7 is task task_1 (request ID ${id})`,
			]);
		},
	);

	it('is sent once, and its prompt no message may quote; the run knows it while it is open', async () => {
		const { seen, context, submit } = begin(accepted());
		await submit();
		expect(seen.prepared).toEqual([[order]]);
		expect(seen.open).toEqual([1]);
		expect(context.openSubmits.size).toBe(0);
	});

	it('has an intent of its own in place of that of an earlier try, which goes with it', async () => {
		const { seen, context, submit, record } = begin(accepted());
		context.ledger.send(ITEM, 1, 'old.3');
		seen.intents.add('old.3');
		await submit();
		expect(seen.written).toEqual(['7.0']);
		expect(record()?.intent).toBe('7.0');
		expect([...seen.intents]).toEqual(['7.0']);
	});
});

describe('an order whose fate is unknown', () => {
	it.each([
		[undefined, 'no clear answer came', 'Look into'],
		[['task_8'], 'its answer names task task_8', 'become: task_8. Task → Get'],
	])(
		'is never sent again; what was said is on record and in the log: %j',
		async (taskIds, why, next) => {
			const details = { httpStatus: 502, taskIds };
			const { seen, submit, record, spent } = begin({ kind: 'unsure', details }, accepted());
			const description = expect.stringContaining(next);
			expect(await submit()).toMatchObject({ ok: false, failure: { kind: 'unsure', description } });
			expect(seen.sent).toEqual([0]);
			expect(record()).toMatchObject({ state: 'sending', details });
			expect([...seen.intents]).toEqual(['7.0']);
			expect(seen.noted).toEqual(taskIds ?? []);
			expect(spent()).toBe(5);
			const line = `warn HappyHorse: item 7 may have been ordered: ${why} (request ID unknown)`;
			expect(seen.lines).toEqual([ORDERING, line]);
		},
	);

	it('is told apart in the log when the execution was stopped meanwhile', async () => {
		const { seen, submit } = begin({ kind: 'unsure', details: {} });
		seen.beforeAnswer = () => seen.cancelling.abort();
		expect(await submit()).toMatchObject({ ok: false, failure: { kind: 'unsure' } });
		expect(seen.lines).toEqual([
			ORDERING,
			'warn HappyHorse: item 7 may have been ordered: the execution was stopped while it was sent (request ID unknown)',
		]);
	});
});

describe('an order that is answered with the task of another', () => {
	it('may have been ordered, and says so with that task, which the other keeps', async () => {
		const { seen, context, submit, record, spent } = begin(accepted('task_1'));
		context.ledger.send(0, 1000, undefined);
		context.ledger.accept(0, { taskId: 'task_1' }, 0);
		expect(await submit()).toMatchObject({
			ok: false,
			failure: {
				kind: 'unsure',
				message: expect.stringMatching(/^The video may have been ordered: .* task task_1,/),
				taskId: undefined,
				advice: { details: { requestId: 'req_1' } },
			},
		});
		expect(record()).toMatchObject({ state: 'sending', details: { requestId: 'req_1' } });
		expect(record()?.task).toBeUndefined();
		expect(spent()).toBe(5);
		expect([...seen.intents]).toEqual(['7.0']);
		expect(seen.lines).toEqual([
			ORDERING,
			'warn HappyHorse: item 7 may have been ordered: the answer names task task_1 of another order (request ID req_1)',
		]);
		const tasks = [{ item: 0, taskId: 'task_1' }];
		expect(context.ledger.paidTasks()).toEqual({ tasks, unsure: [ITEM] });
	});
});

describe('an order that is refused', () => {
	it('leaves nothing behind', async () => {
		const { seen, submit, expectNothingLeft } = begin(refused, accepted());
		expect(await submit()).toMatchObject({
			ok: false,
			failure: { kind: 'refused', advice: { details: { code: 'BAD' } } },
		});
		expect(seen.sent).toEqual([0]);
		expect(seen.lines).toEqual([ORDERING]);
		expectNothingLeft();
	});

	it('does not go by its intent where that could not be removed', async () => {
		const { seen, context, submit } = begin(refused);
		seen.removes = false;
		await submit();
		expect([...seen.intents]).toEqual(['7.0']);
		expect(context.ledger.isSpent(ITEM, '7.0')).toBe(true);
	});

	it('leaves the record that stood there before, and an intent that is not its own', async () => {
		const { seen, context, submit, record } = begin(refused);
		context.ledger.send(ITEM, 1, 'old.3');
		const before = { ...record() };
		seen.intents.add('old.3');
		await submit();
		expect(record()).toStrictEqual(before);
		expect([...seen.intents]).toEqual(['old.3']);
	});
});

describe('a service that is too busy', () => {
	it.each<[what: string, verdicts: SubmitVerdict[], submits: number, sent: number[]]>([
		[
			'as long as it says, and longer where it says nothing',
			[busy(2000), busy(), busy(), accepted()],
			1,
			// As told, and up to a second; as iMini's documentation asks for, growing, and up to half of that
			[0, 2500, 11_875, 25_938],
		],
		[
			'as at first once it has taken an order',
			[busy(), busy(), accepted(), busy(), accepted('task_2')],
			2,
			[0, 6250, 15_625, 15_625, 21_875],
		],
		[
			'as at first after an answer that tells nothing of its room',
			[busy(), unsure, busy(), accepted()],
			2,
			[0, 6250, 6250, 12_500],
		],
	])('is waited for %s', async (_what, verdicts, submits, sent) => {
		const { seen, submit } = begin(...verdicts);
		for (let n = 0; n < submits; n += 1) await submit(MINUTE);
		expect(seen.sent.map(Math.round)).toEqual(sent);
	});

	it('gets one intent and one record for each attempt, and none of them stays but the last', async () => {
		const { seen, submit } = begin(busy(1000), accepted());
		await submit();
		expect(seen.written).toEqual(['7.0', '7.0']);
		expect(seen.states).toEqual(['sending', 'sending']);
		expect([...seen.intents]).toEqual(['7.0']);
	});

	it('is given up on at the timeout: nothing is sent at it, or later', async () => {
		const { seen, submit, expectNothingLeft } = begin(busy(20_000));
		expect(await submit(MINUTE)).toMatchObject({
			ok: false,
			failure: {
				kind: 'notOrdered',
				advice: { details: { httpStatus: 429 } },
				message: expect.stringMatching(/within 1 minute$/),
			},
		});
		expect(seen.sent).toEqual([0, 20_500, 41_000]);
		expectNothingLeft();
	});
});

describe('a pause that the service asks for', () => {
	it.each([
		['beyond the timeout', 5 * MINUTE, /It asks to be left alone for another 5.01 minutes\./],
		['until the timeout', MINUTE, /It asks to be left alone for another 1.01 minutes\./],
		['for years', 1e12, /It asks to be left alone for another 60 minutes\./],
	])('%s ends the order at once, and is told', async (_how, pauseMs, said) => {
		const { seen, submit, expectNothingLeft } = begin(busy(pauseMs));
		expect(await submit(MINUTE)).toMatchObject({
			ok: false,
			failure: {
				kind: 'notOrdered',
				advice: { details: { httpStatus: 429 } },
				description: expect.stringMatching(said),
			},
		});
		expect(seen.sent).toEqual([0]);
		expect(time.now()).toBe(seen.start);
		expectNothingLeft();
	});

	it('holds for the next tries of the node as well', async () => {
		const { seen, submit, nextTry } = begin(busy(2 * MINUTE), accepted());
		await submit(MINUTE);
		expect(await nextTry(MINUTE)).toMatchObject({ failure: { kind: 'notOrdered' } });
		expect(seen.sent).toEqual([0]);
		// Its timeout began with the first try
		expect(await nextTry(3 * MINUTE)).toMatchObject({ ok: true });
		expect(seen.sent).toEqual([0, 2 * MINUTE + 500]);
	});

	it('is over before files are read', async () => {
		const { seen, context, submit } = begin(accepted());
		await pauseOrders(context, 8000);
		const read: number[] = [];
		seen.whileRead = async () => void read.push(time.now() - seen.start);
		expect(await submit()).toMatchObject({ ok: true });
		expect([read, seen.sent]).toEqual([[8500], [8500]]);
	});

	it.each<[when: string, timeoutMs: number, sent: number[], removed: string[]]>([
		['is kept', MINUTE, [8500], []],
		['that lasts too long leaves no intent', 5000, [], ['7.0']],
	])('that begins while the intent is written %s', async (_when, timeoutMs, sent, removed) => {
		const { seen, context, submit, record } = begin(accepted());
		seen.beforeWrite = async () => await pauseOrders(context, 8000);
		expect((await submit(timeoutMs)).ok).toBe(sent.length > 0);
		expect([seen.sent, seen.removed]).toEqual([sent, removed]);
		expect(record()?.intent).toBe(sent.length > 0 ? '7.0' : undefined);
	});
});

describe('an order whose time is over before it can be sent', () => {
	it.each([
		['files were read', 'whileRead'],
		['intent was written', 'beforeWrite'],
	] as const)('is not sent: its %s for too long', async (_what, step) => {
		for (const [ms, isInTime] of [
			[MINUTE, false],
			[MINUTE - 1, true],
			[Infinity, false],
		] as const) {
			const { seen, submit, expectNothingLeft } = begin(accepted());
			seen[step] = async () => await time.sleep(ms);
			expect(await submit(MINUTE)).toMatchObject(
				isInTime ? { ok: true } : { failure: { kind: 'notOrdered' } },
			);
			expect(time.now() - seen.start).toBeLessThanOrEqual(MINUTE);
			expect(seen.sent).toHaveLength(isInTime ? 1 : 0);
			if (!isInTime) expectNothingLeft();
		}
	});

	it('begins with its own turn: how long it waited for that does not count', async () => {
		const { seen, context, record } = begin(accepted());
		const patient: Pool = async (work) => {
			await time.sleep(10 * MINUTE);
			return await work();
		};
		const slow = { ...context, lightSubmits: patient };
		const job = jobOf(ITEM, { timeoutMs: MINUTE });
		const result = await submitOrder(slow, job, order);
		expect(result).toMatchObject({ ok: true });
		expect(seen.sent).toEqual([10 * MINUTE]);
		expect(record()?.startedAt).toBe(seen.start + 10 * MINUTE);
	});
});

describe('a service that can not be reached', () => {
	const advice = { details: { code: 'ECONNREFUSED' } };

	it('is tried a few times with growing pauses, and may come back', async () => {
		const { seen, submit, expectNothingLeft } = begin(notSent);
		expect(await submit()).toMatchObject({
			ok: false,
			failure: { kind: 'notOrdered', advice },
		});
		expect(seen.sent).toEqual([0, 1000, 2500, 4750, 8125]);
		expectNothingLeft();
		expect(await begin(notSent, notSent, accepted()).submit()).toMatchObject({ ok: true });
	});

	it.each([
		[2500, [0, 1000]],
		[2501, [0, 1000, 2500]],
	])('is not tried again at the timeout (%d ms), or later', async (timeoutMs, sent) => {
		const { seen, submit } = begin(notSent);
		expect(await submit(timeoutMs)).toMatchObject({ failure: { advice } });
		expect(seen.sent).toEqual(sent);
	});
});

it.each([
	['a database that hangs; what is written all the same goes', 'beforeWrite', ['7.0']],
	['a file that hangs', 'whileRead', []],
] as const)('once it is stopped, does not wait for %s', async (_what, step, written) => {
	const { seen, submit, expectNothingLeft } = begin(accepted());
	let answer = () => {};
	const answered = new Promise<void>((resolve) => (answer = resolve));
	seen[step] = async () => {
		for (const stop of [seen.halting, seen.cancelling]) stop.abort();
		await answered;
	};
	expect(await submit()).toMatchObject({ failure: { kind: 'stopped' } });
	answer();
	await time.pass(0);
	expect([seen.sent, seen.written]).toEqual([[], written]);
	expectNothingLeft();
});

describe('nothing is sent, and nothing is left behind', () => {
	it.each<[when: string, spoil: (seen: Seen) => unknown, failure: object, written: string[]]>([
		['the run has given up before', ({ halting }) => halting.abort(), { kind: 'stopped' }, []],
		[
			'the run gives up while the intent is written, which it waits for',
			(seen) => (seen.beforeWrite = async () => (seen.halting.abort(), await time.sleep(9))),
			{ kind: 'stopped' },
			['7.0'],
		],
		[
			'the database does not take the intent',
			(seen) => (seen.write = async () => ({ kind: 'failed' })),
			{ kind: 'notOrdered', message: 'The order could not be noted in the n8n database' },
			[],
		],
		[
			'an image can not be read again as it was checked',
			(seen) => (seen.unprepared = { kind: 'unreadable' }),
			{
				kind: 'input',
				message: expect.stringMatching(/image could not be read again/),
				description:
					'Nothing was ordered for this item. Run the workflow from its start, so that the file is made again.',
			},
			[],
		],
	])('when %s', async (_when, spoil, failure, written) => {
		const { seen, submit, expectNothingLeft } = begin(accepted());
		spoil(seen);
		expect(await submit()).toMatchObject({ ok: false, failure });
		expect([seen.sent, seen.written]).toEqual([[], written]);
		expectNothingLeft();
	});

	it('when the run gives up during a pause, after the first try', async () => {
		const { seen, submit, spent } = begin(busy(9000), accepted());
		seen.beforeAnswer = () => queueMicrotask(() => seen.halting.abort());
		expect(await submit()).toMatchObject({ failure: { kind: 'stopped' } });
		expect(seen.sent).toEqual([0]);
		expect(time.now() - seen.start).toBeLessThan(9000);
		expect(spent()).toBe(0);
	});
});

it('is sent without an intent where n8n has no place for intents, and none is removed', async () => {
	const { seen, submit, record } = begin(refused, accepted());
	seen.write = async () => ({ kind: 'written', intent: undefined });
	await submit();
	// Not `toEqual`, for which [undefined] is []
	expect(seen.removed).toStrictEqual([]);
	expect(await submit()).toMatchObject({ ok: true });
	expect(record()?.intent).toBeUndefined();
});

it('never uses the intent of a task that has failed again', async () => {
	const { seen, context, submit } = begin(accepted());
	context.ledger.send(ITEM, 1, '7.0');
	context.ledger.free(ITEM);
	const spent: boolean[] = [];
	seen.write = async (_key, isSpent) => {
		spent.push(isSpent('7.0'), isSpent('7.1'));
		return { kind: 'written', intent: '7.1' };
	};
	await submit();
	expect(spent).toEqual([true, false]);
});

describe('an order that this execution, or the one that it retries, has sent before', () => {
	const found = (taskId?: string) => async () =>
		({ kind: 'found', intent: '7.0', taskId }) as const;

	it('resumes its task where that is known, and costs nothing', async () => {
		const { seen, submit, record, spent } = begin(accepted());
		seen.write = found('task_9');
		expect(await submit()).toEqual({ ok: true, value: { taskId: 'task_9' } });
		expect(record()).toMatchObject({
			state: 'accepted',
			intent: '7.0',
			task: { taskId: 'task_9' },
		});
		expect([seen.sent, seen.removed, seen.noted]).toEqual([[], [], ['task_9']]);
		expect(spent()).toBe(0);
	});

	it('may have been ordered where it is not, and its intent stays', async () => {
		const { seen, submit, record, spent } = begin(accepted());
		seen.write = found();
		const message = 'The video may have been ordered by an earlier run of this item';
		expect(await submit()).toMatchObject({ ok: false, failure: { kind: 'unsure', message } });
		expect(record()).toBeUndefined();
		expect([seen.sent, seen.removed]).toEqual([[], []]);
		expect(spent()).toBe(0);
	});

	describe('is ordered once more with Order Again When Unsure', () => {
		const again = { resubmitWhenUnsure: true };

		/** The first is found; once it is spent, another is written. */
		const foundFirst =
			(seen: Seen, { write } = seen): Intents['write'] =>
			async (key, isSpent) =>
				isSpent('7.0') ? await write(key, isSpent) : await found()();

		it('and resumes its new task', async () => {
			const { seen, submit, record, spent } = begin(accepted());
			seen.write = foundFirst(seen);
			expect(await submit(undefined, order, again)).toMatchObject({ ok: true });
			expect(record()).toMatchObject({ task: { taskId: 'task_1' } });
			expect(seen.sent).toEqual([0]);
			expect(spent()).toBe(5);
		});

		it('but not twice', async () => {
			const { seen, context, submit } = begin(unsure);
			seen.write = found();
			expect(context.ledger.allowReorder(ITEM)).toBe(true);
			context.ledger.send(ITEM, 1, undefined);
			expect(await submit(undefined, order, again)).toMatchObject({ failure: { kind: 'unsure' } });
			expect(seen.sent).toEqual([]);
		});

		it('and is refused: that was none', async () => {
			const { seen, submit, record, spent } = begin(refused, accepted());
			seen.write = foundFirst(seen);
			expect(await submit(undefined, order, again)).toMatchObject({ failure: { kind: 'refused' } });
			expect([record(), spent()]).toEqual([undefined, 0]);
			expect(await submit(undefined, order, again)).toMatchObject({ ok: true });
		});
	});
});

it.each([
	['heavy', 'with the bytes of an image', { ...order, images: [bytesImage('x')] }],
	['light', 'without', order],
])('an order goes into the %s pool: %s', async (pool, _what, ordered) => {
	const { seen, submit } = begin(accepted());
	await submit(undefined, ordered);
	expect(seen.pools).toEqual([pool]);
});
