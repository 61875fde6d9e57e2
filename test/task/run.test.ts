// What ends an item or a run, what is told then, and what an earlier try's task comes to. On a fake clock.
import type { Fault } from '../../nodes/HappyHorse/fault';
import type { Order, Wish } from '../../nodes/HappyHorse/request/order';
import type { QueryVerdict } from '../../nodes/HappyHorse/service/verdict';
import { Ledger, noteAccepted, sendingRecord } from '../../nodes/HappyHorse/task/ledger';
import type { RunResult } from '../../nodes/HappyHorse/task/run';
import { runItems } from '../../nodes/HappyHorse/task/run';
import {
	going,
	handOver,
	jobOf,
	orderOf,
	ScriptedService,
	setupOf,
	succeeded,
} from './scriptedRun';
import { useFakeClock } from '../../tools/fakeClock';

const time = useFakeClock();

const MINUTE = 60_000;

const gone: QueryVerdict = { kind: 'gone', says: { httpStatus: 404 } };
const failed: QueryVerdict = {
	kind: 'failed',
	task: { status: 'failed' },
	says: { code: 'X' },
};

/** What became of each item: its value, or the fault that it has. */
function outcomes(result: RunResult<string>): Array<string | Fault> {
	if (result.kind !== 'finished') throw new Error(`The run has ended: ${result.kind}`);
	return result.outcomes.map((one) => (one.kind === 'done' ? one.value : one.fault));
}

describe('something that nobody foresaw', () => {
	const goesWrong = (what: unknown) => async (item: number) => {
		if (item === 0) throw what;
		return await handOver(item);
	};

	it.each<[what: string, thrown: unknown]>([
		['an error', new Error('The disk is full')],
		['words', 'The disk is full'],
	])('is told with the task that is paid for, when a step throws %s', async (_what, thrown) => {
		const service = new ScriptedService(() => succeeded);
		const setup = setupOf(service, goesWrong(thrown), { stopOnFault: false });
		const running = runItems(setup, [{ job: jobOf(0) }, { job: jobOf(1) }]);
		const [fault, other] = outcomes(await time.until(running, MINUTE));
		expect(fault).toMatchObject({
			kind: 'unexpected',
			taskId: 'task_0',
			message: 'Something unforeseen went wrong: The disk is full',
			description: expect.stringContaining('Task task_0 is paid for'),
		});
		expect(other).toBe('video 1');
	});

	it('names no task where none is known, and leaves the item as perhaps ordered', async () => {
		const service = new ScriptedService(
			() => succeeded,
			async () => {
				throw new Error('No memory');
			},
		);
		const setup = setupOf(service, handOver, { stopOnFault: false });
		const first = await time.until(runItems(setup, [{ job: jobOf(0) }]), MINUTE);
		expect(outcomes(first)).toMatchObject([
			{ kind: 'unexpected', taskId: undefined, description: expect.stringContaining('log of n8n') },
		]);
		const second = await time.until(runItems(setup, [{ job: jobOf(0) }]), MINUTE);
		expect(outcomes(second)).toMatchObject([{ kind: 'unsure' }]);
		expect(service.submits).toHaveLength(1);
	});

	it('ends the run with On Error = stop', async () => {
		const service = new ScriptedService((taskId) => (taskId === 'task_0' ? succeeded : going));
		const setup = setupOf(service, goesWrong(new Error('The disk is full')));
		const running = runItems(setup, [{ job: jobOf(0) }, { job: jobOf(1) }]);
		expect(await time.until(running, MINUTE)).toMatchObject({
			kind: 'fault',
			item: 0,
			fault: { kind: 'unexpected', taskId: 'task_0' },
		});
	});
});

describe('a run that has had its first fault, with an order still under way', () => {
	/** The first order is refused at once, the second is answered after a minute. */
	function begin() {
		const stopping = new AbortController();
		const service = new ScriptedService(
			() => going,
			async (taskId) => {
				if (taskId === 'task_0') return { kind: 'refused', says: { httpStatus: 400 } };
				await time.sleep(MINUTE);
				return { kind: 'accepted', task: { task_id: taskId } };
			},
		);
		const setup = setupOf(service, handOver, { cancel: stopping.signal });
		const start = time.now();
		const running = runItems(setup, [{ job: jobOf(0) }, { job: jobOf(1) }]);
		const paid = () => setup.ledger.paidTasks(setup.printOf);
		return { stopping, running, start, paid };
	}

	it('waits for its answer, so that its task is on record', async () => {
		const { running, start, paid } = begin();
		expect(await time.until(running, 2 * MINUTE)).toMatchObject({
			kind: 'fault',
			item: 0,
			fault: { kind: 'refused' },
		});
		expect(time.now() - start).toBeGreaterThanOrEqual(MINUTE);
		expect(paid()).toEqual([{ item: 1, task_id: 'task_1' }]);
	});

	it('ends at once when it is stopped meanwhile', async () => {
		const { stopping, running } = begin();
		await time.pass(1000);
		stopping.abort();
		expect(await time.until(running, 10)).toEqual({ kind: 'stopped' });
	});
});

describe('an item whose task an earlier try has paid for', () => {
	interface Paid {
		/** The mark that the earlier try has set. */
		mark?: string;
		/** Seconds of video that the execution may order. */
		limit?: number;
		/** What reading the request once more brings. */
		read?: Order | Fault;
		/** Order Again When Unsure. */
		again?: boolean;
	}

	/** Goes on with a task; `answer` is what the service says to each question about it. */
	async function goOn(
		answer: QueryVerdict,
		{ mark, limit = Infinity, read = orderOf(5), again = true }: Paid = {},
	) {
		const ledger = Ledger.open({}, { executionId: '1', runIndex: 0, inTool: false });
		const record = sendingRecord('print 0', time.now(), mark);
		noteAccepted(record, { task_id: 'task_paid' });
		ledger.put(0, record);
		const removed: string[] = [];
		const service = new ScriptedService((taskId) => (taskId === 'task_paid' ? answer : succeeded));
		const setup = setupOf(service, handOver, {
			ledger,
			stopOnFault: false,
			marks: {
				place: async () => undefined,
				findMarked: async () => new Set(),
				remove: async (marks) => void removed.push(...marks),
			},
		});
		const wish: Wish = { kind: 'paid', readOrder: async () => read };
		const job = jobOf(0, { maxTotalSeconds: limit, resubmitWhenUnsure: again }, wish);
		const [outcome] = outcomes(await time.until(runItems(setup, [{ job }]), MINUTE));
		return { outcome, ledger, service, removed, task: ledger.find(0, 'print 0')?.task?.task_id };
	}

	it('gets its video, and orders nothing', async () => {
		const { outcome, service, task, removed } = await goOn(succeeded, { mark: 'mark 0' });
		expect(outcome).toBe('video 0');
		expect(service.submits).toEqual([]);
		expect(task).toBe('task_paid');
		expect(removed).toEqual(['mark 0']);
	});

	describe('that is gone', () => {
		it('fails with its id, and orders nothing by itself', async () => {
			const { outcome, service, task } = await goOn(gone, { again: false });
			expect(outcome).toMatchObject({ kind: 'gone', taskId: 'task_paid' });
			expect(service.submits).toEqual([]);
			expect(task).toBe('task_paid');
		});

		it('orders anew with Order Again When Unsure', async () => {
			const { outcome, service, ledger, task } = await goOn(gone);
			expect(outcome).toBe('video 0');
			expect(service.submits).toHaveLength(1);
			expect(task).toBe('task_0');
			expect(ledger.orderedSeconds).toBe(5);
		});

		it('fails for its request, when that is not right any more, and still knows its task', async () => {
			const read: Fault = { kind: 'input', message: 'The prompt is empty', description: 'No' };
			const { outcome, service, ledger, task } = await goOn(gone, { read });
			expect(outcome).toBe(read);
			expect(service.submits).toEqual([]);
			expect(task).toBe('task_paid');
			expect(ledger.orderedSeconds).toBe(0);
		});

		it.each([
			['keeps to the spending limit', 4, 0],
			['may reach the spending limit', 5, 1],
		])('%s', async (_what, limit, submits) => {
			const { outcome, service, ledger } = await goOn(gone, { limit });
			expect(service.submits).toHaveLength(submits);
			expect(ledger.orderedSeconds).toBe(5 * submits);
			if (submits === 1) expect(outcome).toBe('video 0');
			else
				expect(outcome).toMatchObject({
					message: expect.stringMatching(/^Spending Limit .* is 4/),
				});
		});
	});

	it.each<[what: string, mark: string | undefined, removed: string[]]>([
		['with its mark', 'mark 0', ['mark 0']],
		['also where n8n had no place for a mark', undefined, []],
	])('that has failed is free for a new order, %s', async (_what, mark, expected) => {
		const { outcome, service, task, removed } = await goOn(failed, { mark });
		expect(outcome).toMatchObject({ kind: 'taskFailed', taskId: 'task_paid' });
		expect(service.submits).toEqual([]);
		expect(task).toBeUndefined();
		expect(removed).toStrictEqual(expected);
	});

	it('orders nothing when its record is gone, even with Order Again When Unsure', async () => {
		const service = new ScriptedService(() => succeeded);
		const wish: Wish = { kind: 'paid', readOrder: async () => orderOf(5) };
		const setup = setupOf(service, handOver, { stopOnFault: false });
		const job = jobOf(0, { resubmitWhenUnsure: true }, wish);
		const [outcome] = outcomes(await time.until(runItems(setup, [{ job }]), MINUTE));
		expect(outcome).toMatchObject({ kind: 'stopped' });
		expect(service.submits).toEqual([]);
	});
});
