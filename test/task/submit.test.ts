// Paying once: what every answer to an order leaves behind in record, mark, reservation and log, and what is sent again.
import type { Service } from '../../nodes/HappyHorse/service/client';
import type { SubmitVerdict } from '../../nodes/HappyHorse/service/verdict';
import type { Order } from '../../nodes/HappyHorse/request/order';
import { BUSY_PAUSE_MS, CONNECT_TRIES } from '../../nodes/HappyHorse/backoff';
import { Ledger } from '../../nodes/HappyHorse/task/ledger';
import type { Marks } from '../../nodes/HappyHorse/task/marks';
import { Timetable } from '../../nodes/HappyHorse/task/pace';
import type { Pool, Purchase, Till } from '../../nodes/HappyHorse/task/submit';
import { orderVideo } from '../../nodes/HappyHorse/task/submit';
import { useFakeClock } from '../../tools/fakeClock';

const time = useFakeClock({ advances: true });

const ITEM = 7;
const PRINT = 'print';
const MINUTE = 60_000;

const order: Order = {
	mode: 'textToVideo',
	fields: { prompt: 'A horse', resolution: '720P', aspect_ratio: '16:9', duration: 5 },
	pictures: [],
};

/** The same with one picture, whose bytes are `bytes` when they are read; it was checked with three. */
function pictured(bytes: string | Error): Order {
	const open = async () => {
		if (bytes instanceof Error) throw bytes;
		return [Buffer.from(bytes)];
	};
	return { ...order, pictures: [{ kind: 'bytes', format: 'png', size: 3, open }] };
}

const accepted = (id = 'task_1'): SubmitVerdict => ({
	kind: 'accepted',
	task: { task_id: id, model: 'm', created_at: 'now', request_id: 'req_1' },
});
const refused: SubmitVerdict = { kind: 'refused', says: { httpStatus: 400, code: 'BAD' } };
const unsure: SubmitVerdict = { kind: 'unsure', says: { httpStatus: 502, requestId: 'req_9' } };
const notSent: SubmitVerdict = { kind: 'notSent', says: { code: 'ECONNREFUSED' } };
const busy = (retryAfterMs?: number): SubmitVerdict => ({
	kind: 'busy',
	says: { httpStatus: 429 },
	retryAfterMs,
});

/** A till whose service gives these answers, the last one for ever. */
function till(...verdicts: SubmitVerdict[]) {
	const context = {};
	const ledger = Ledger.open(context, { executionId: '1', runIndex: 0, inTool: false });
	ledger.reserve(ITEM, 5);
	const start = time.now();
	const halting = new AbortController();
	const cancelling = new AbortController();
	const place: Marks['place'] = async (base) => {
		const mark = `${base}.0`;
		seen.marks.add(mark);
		seen.placed.push(mark);
		return mark;
	};
	const seen = {
		start,
		halting,
		cancelling,
		/** When each submit was sent, in ms from the start, and the state of the record at that moment. */
		sent: [] as number[],
		states: [] as Array<string | undefined>,
		bodies: [] as string[],
		secrets: [] as Array<readonly string[]>,
		marks: new Set<string>(),
		placed: [] as string[],
		removed: [] as string[],
		lines: [] as string[],
		pools: [] as string[],
		open: [] as Array<Promise<unknown>>,
		beforeAnswer: () => {},
		place,
	};
	const pool =
		(name: string): Pool =>
		async (work) => {
			seen.pools.push(name);
			return await work();
		};
	const service = {
		submit: async (body: Buffer, secrets: readonly string[]) => {
			seen.sent.push(time.now() - start);
			seen.states.push(ledger.find(ITEM, PRINT)?.state);
			seen.bodies.push(body.toString());
			seen.secrets.push(secrets);
			seen.beforeAnswer();
			return verdicts[Math.min(seen.sent.length, verdicts.length) - 1];
		},
	} as unknown as Service;
	const made: Till = {
		service,
		ledger,
		marks: {
			place: async (base, isSpent) => await seen.place(base, isSpent),
			findMarked: async () => new Set(),
			remove: async (marks) => {
				seen.removed.push(...marks);
				for (const mark of marks) seen.marks.delete(mark);
			},
		},
		timetable: new Timetable(),
		heavyBodies: pool('heavy'),
		lightBodies: pool('light'),
		log: {
			info: (line) => void seen.lines.push(`info ${line}`),
			warn: (line) => void seen.lines.push(`warn ${line}`),
		},
		cancel: cancelling.signal,
		halt: halting.signal,
		trackSubmit: (open) => void seen.open.push(open),
		random: () => 0.5,
	};
	const buy = async (changes: Partial<Purchase> = {}) =>
		await orderVideo(made, {
			item: ITEM,
			order,
			print: PRINT,
			markBase: 'base',
			timeoutMs: 30 * MINUTE,
			secrets: ['A horse'],
			mark: undefined,
			...changes,
		});
	const record = () => ledger.find(ITEM, PRINT);
	/** What the reservation has become: given back it is 0, spent it is 5. */
	const spent = () => {
		ledger.giveBack(ITEM);
		return ledger.orderedSeconds;
	};
	return { seen, till: made, buy, record, spent };
}

describe('an order that is accepted', () => {
	it('is on record as being sent before the first byte leaves, and as accepted after', async () => {
		const { seen, buy, record, spent } = till(accepted());
		const purchased = await buy();
		expect(purchased).toMatchObject({ kind: 'accepted', task: { task_id: 'task_1' } });
		expect(seen.states).toEqual(['sending']);
		expect(record()).toMatchObject({
			state: 'accepted',
			fingerprint: PRINT,
			startedAt: seen.start,
			mark: 'base.0',
			task: { task_id: 'task_1' },
		});
		expect(purchased).toHaveProperty('record', record());
		expect(spent()).toBe(5);
	});

	it('keeps its mark, and its id is in the log at once, without the prompt', async () => {
		const { seen, buy } = till(accepted());
		await buy();
		expect([...seen.marks]).toEqual(['base.0']);
		expect(seen.lines).toEqual(['info HappyHorse: item 7 is task task_1 (request ID req_1)']);
	});

	it('is logged without a request id where none came', async () => {
		const { seen, buy } = till({ kind: 'accepted', task: { task_id: 'task_1' } });
		await buy();
		expect(seen.lines).toEqual(['info HappyHorse: item 7 is task task_1 (request ID unknown)']);
	});

	it('is one body, sent once, whose prompt no message may quote', async () => {
		const { seen, buy } = till(accepted());
		await buy();
		expect(seen.bodies.map((body) => JSON.parse(body))).toMatchObject([{ prompt: 'A horse' }]);
		expect(seen.secrets).toEqual([['A horse']]);
		expect(seen.open).toHaveLength(1);
	});

	it('uses the mark that an earlier try has left', async () => {
		const { seen, buy, record } = till(accepted());
		await buy({ mark: 'old.3' });
		expect(seen.placed).toEqual([]);
		expect(record()?.mark).toBe('old.3');
	});
});

describe('an order whose fate is unknown', () => {
	it('is never sent again, and stays on record with what was said', async () => {
		const { seen, buy, record, spent } = till(unsure, accepted());
		expect(await buy()).toMatchObject({ kind: 'fault', ordered: true, fault: { kind: 'unsure' } });
		expect(seen.sent).toEqual([0]);
		expect(record()).toMatchObject({ state: 'sending', says: { httpStatus: 502 } });
		expect([...seen.marks]).toEqual(['base.0']);
		expect(spent()).toBe(5);
	});

	it('is in the log', async () => {
		const { seen, buy } = till(unsure);
		await buy();
		expect(seen.lines).toEqual([
			'warn HappyHorse: item 7 may have been ordered: no clear answer came (request ID req_9)',
		]);
	});

	it('is told apart in the log when the execution was stopped meanwhile', async () => {
		const { seen, buy } = till({ kind: 'unsure', says: {} });
		seen.beforeAnswer = () => seen.cancelling.abort();
		expect(await buy()).toMatchObject({ ordered: true, fault: { kind: 'unsure' } });
		expect(seen.lines).toEqual([
			'warn HappyHorse: item 7 may have been ordered: the execution was stopped while it was sent (request ID unknown)',
		]);
	});
});

describe('an order that is refused', () => {
	it('leaves nothing behind', async () => {
		const { seen, buy, record, spent } = till(refused, accepted());
		expect(await buy()).toMatchObject({
			kind: 'fault',
			ordered: false,
			fault: { kind: 'refused', code: 'BAD' },
		});
		expect(seen.sent).toEqual([0]);
		expect(record()).toBeUndefined();
		expect([...seen.marks]).toEqual([]);
		expect(seen.lines).toEqual([]);
		expect(spent()).toBe(0);
	});

	it('leaves the record that stood there before, and a mark that is not its own', async () => {
		const { seen, till: made, buy, record } = till(refused);
		const before = { state: 'sending' as const, fingerprint: PRINT, startedAt: 1 };
		made.ledger.put(ITEM, before);
		seen.marks.add('old.3');
		await buy({ mark: 'old.3' });
		expect(record()).toBe(before);
		expect([...seen.marks]).toEqual(['old.3']);
	});
});

describe('a service that is too busy', () => {
	it('is waited for as long as it says, and longer where it says nothing', async () => {
		const { seen, buy } = till(busy(2000), busy(), busy(), accepted());
		expect(await buy()).toMatchObject({ kind: 'accepted' });
		const [first, second, third, fourth] = seen.sent;
		expect(first).toBe(0);
		expect(second).toBe(2000);
		expect(third - second).toBe(BUSY_PAUSE_MS * 1.5);
		expect(fourth - third).toBe(BUSY_PAUSE_MS * 2.25);
	});

	it('gets one mark and one record for each attempt, and none of them stays but the last', async () => {
		const { seen, buy } = till(busy(1000), accepted());
		await buy();
		expect(seen.placed).toEqual(['base.0', 'base.0']);
		expect(seen.states).toEqual(['sending', 'sending']);
		expect([...seen.marks]).toEqual(['base.0']);
	});

	it('is given up on at the timeout, after one last try', async () => {
		const { seen, buy, record, spent } = till(busy(25_000));
		expect(await buy({ timeoutMs: MINUTE })).toMatchObject({
			kind: 'fault',
			ordered: false,
			fault: {
				kind: 'notOrdered',
				httpStatus: 429,
				message: expect.stringMatching(/within 1 minute$/),
			},
		});
		expect(seen.sent).toEqual([0, 25_000, 50_000, 60_000]);
		expect(record()).toBeUndefined();
		expect([...seen.marks]).toEqual([]);
		expect(spent()).toBe(0);
	});

	it('is not waited for past the timeout, whatever it says', async () => {
		const { seen, buy } = till(busy(1e9));
		await buy({ timeoutMs: MINUTE });
		expect(seen.sent).toEqual([0, 60_000]);
	});

	it('keeps the others of the run waiting, too', async () => {
		const { till: made, buy } = till(busy(9000), accepted());
		await buy();
		expect(made.timetable.resumesAt).toBe(time.now());
	});

	it('is waited for as at first once it has taken an order', async () => {
		const { seen, buy } = till(busy(), busy(), accepted(), busy(), accepted('task_2'));
		await buy();
		await buy();
		expect(seen.sent).toEqual([0, 5000, 12_500, 12_500, 17_500]);
	});

	it('is waited for longer still after an answer that does not say that it has room', async () => {
		const { seen, buy } = till(busy(), unsure, busy(), accepted());
		await buy();
		await buy();
		expect(seen.sent).toEqual([0, 5000, 5000, 12_500]);
	});

	it('is not asked while another of the run was told to wait', async () => {
		const { seen, till: made, buy } = till(accepted());
		made.timetable.turnedAway(4000, 0.5);
		await buy();
		expect(seen.sent).toEqual([4000]);
	});
});

describe('a service that can not be reached', () => {
	it('is tried a few times with growing pauses', async () => {
		const { seen, buy, record, spent } = till(notSent);
		expect(await buy()).toMatchObject({
			kind: 'fault',
			ordered: false,
			fault: { kind: 'notOrdered', code: 'ECONNREFUSED' },
		});
		expect(seen.sent).toHaveLength(CONNECT_TRIES);
		expect(seen.sent).toEqual([0, 1000, 2500, 4750, 8125]);
		expect(record()).toBeUndefined();
		expect([...seen.marks]).toEqual([]);
		expect(spent()).toBe(0);
	});

	it('may come back', async () => {
		const { buy } = till(notSent, notSent, accepted());
		expect(await buy()).toMatchObject({ kind: 'accepted' });
	});

	it('is not tried again past the timeout', async () => {
		const { seen, buy } = till(notSent);
		await buy({ timeoutMs: 2000 });
		expect(seen.sent).toEqual([0, 1000, 2500]);
	});
});

describe('nothing is sent', () => {
	it('when the run has given up before', async () => {
		const { seen, buy } = till(accepted());
		seen.halting.abort();
		expect(await buy()).toEqual({ kind: 'notStarted' });
		expect(seen.sent).toEqual([]);
		expect(seen.placed).toEqual([]);
	});

	it('when the run gives up while the mark is set; the mark goes', async () => {
		const { seen, buy, record } = till(accepted());
		const { place } = seen;
		seen.place = async (...what) => {
			seen.halting.abort();
			return await place(...what);
		};
		expect(await buy()).toEqual({ kind: 'notStarted' });
		expect(seen.sent).toEqual([]);
		expect([...seen.marks]).toEqual([]);
		expect(record()).toBeUndefined();
	});

	it('when the run gives up during a pause', async () => {
		const { seen, buy } = till(busy(9000), accepted());
		seen.beforeAnswer = () => queueMicrotask(() => seen.halting.abort());
		expect(await buy()).toEqual({ kind: 'notStarted' });
		expect(seen.sent).toEqual([0]);
		expect(time.now() - seen.start).toBeLessThan(9000);
	});

	it('when the database does not take the mark', async () => {
		const { seen, buy } = till(accepted());
		seen.place = async () => 'failed';
		expect(await buy()).toMatchObject({
			kind: 'fault',
			ordered: false,
			fault: { kind: 'notOrdered' },
		});
		expect(seen.sent).toEqual([]);
	});

	it.each([
		['is gone', pictured(new Error('No such file'))],
		['has another length now', pictured('12345678')],
	])('when a picture %s', async (_what, pictures) => {
		const { seen, buy } = till(accepted());
		expect(await buy({ order: pictures })).toMatchObject({
			kind: 'fault',
			ordered: false,
			fault: {
				kind: 'input',
				message: expect.stringMatching(/image could not be read again/),
				description: 'Nothing was ordered for this item. Run this again.',
			},
		});
		expect(seen.sent).toEqual([]);
		expect(seen.placed).toEqual([]);
	});
});

it('is sent without a mark where n8n has no place for marks', async () => {
	const { seen, buy, record } = till(accepted());
	seen.place = async () => undefined;
	expect(await buy()).toMatchObject({ kind: 'accepted' });
	expect(record()?.mark).toBeUndefined();
});

it('never uses the mark of a task that has failed again', async () => {
	const { seen, till: made, buy } = till(accepted());
	const failed = { state: 'accepted' as const, fingerprint: PRINT, startedAt: 1, mark: 'base.0' };
	made.ledger.free(ITEM, failed);
	const spent: boolean[] = [];
	seen.place = async (base, isSpent) => {
		spent.push(isSpent(`${base}.0`), isSpent(`${base}.1`));
		return `${base}.1`;
	};
	await buy();
	expect(spent).toEqual([true, false]);
});

it('takes no mark away where there was none', async () => {
	const { seen, buy } = till(refused);
	seen.place = async () => undefined;
	await buy();
	// Not `toEqual`, for which [undefined] is []
	expect(seen.removed).toStrictEqual([]);
});

it.each([
	['heavy', 'with the bytes of a picture', pictured('123')],
	['light', 'without', order],
])('a body goes into the %s pool: %s', async (pool, _what, bought) => {
	const { seen, buy } = till(accepted());
	await buy({ order: bought });
	expect(seen.pools).toEqual([pool]);
});
