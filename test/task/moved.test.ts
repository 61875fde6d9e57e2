// Whatever rows a crashed execution had, and whatever rows its Retry has: no order is paid for twice, and none is lost.
import fc from 'fast-check';
import { openDurableSet } from '../../nodes/HappyHorse/n8n/durableSet';
import { processMemory } from '../../nodes/HappyHorse/task/intentNotes';
import { openIntents } from '../../nodes/HappyHorse/task/intents';
import { InMemoryDeduplication } from '../../tools/engine/deduplication';
import { useFakeClock } from '../../tools/fakeClock';
import { contextOver } from '../n8n/durableStore';
import {
	done,
	going,
	jobOf,
	openLedger,
	orderOf,
	run,
	ScriptedService,
	setupOf,
} from './scriptedRun';

useFakeClock({ advances: true, turns: 100 });

interface Story {
	/** What the items of an execution order. */
	readonly prompts: string[];
	/** Videos at Once: that many are under way when n8n is killed. */
	readonly atOnce: number;
}

const story: fc.Arbitrary<Story> = fc.record({
	prompts: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 }),
	atOnce: fc.integer({ min: 1, max: 6 }),
});

/** Which orders these are: of equal ones, each is another. */
function ordersOf(prompts: readonly string[]): string[] {
	return prompts.map((prompt, n) => {
		const before = prompts.slice(0, n).filter((one) => one === prompt);
		return `${prompt} ${before.length}`;
	});
}

/** The n-th execution, a Retry of the one before; killed as soon as all that may be under way is, but for the last one. */
async function execute(
	store: InMemoryDeduplication,
	{ prompts, atOnce }: Story,
	{ n, isLast, tasks }: { n: number; isLast: boolean; tasks: string[] },
) {
	processMemory.notes.clear();
	const killing = new AbortController();
	const asked = new Set<string>();
	const service = new ScriptedService(
		(taskId) => {
			if (isLast) return done;
			asked.add(taskId);
			if (asked.size === Math.min(atOnce, prompts.length)) killing.abort();
			return going;
		},
		async () => {
			const taskId = `task_${tasks.length}`;
			tasks.push(taskId);
			return { kind: 'accepted', task: { taskId } };
		},
	);
	const executionId = `e${n}`;
	const ledger = openLedger({}, { executionId, isRetry: n > 0 });
	const set = openDurableSet(contextOver(store), new AbortController().signal);
	const owner = { nodeId: 'n', executionId, chain: executionId, isBlindRetry: n > 0 };
	const intents = openIntents(set, owner);
	const jobs = prompts.map((prompt, item) => {
		const order = { ...orderOf(5), prompt };
		return jobOf(item, { maxTasksInFlight: atOnce }, { kind: 'create', order });
	});
	const setup = setupOf(service, { ledger, intents, cancel: killing.signal });
	const result = await run(setup, jobs);
	intents.release();
	return { result, delivered: ledger.paidTasks().tasks.map(({ taskId }) => taskId) };
}

it('each order is paid for once, and the last execution has a task for each of its items', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(story, { minLength: 1, maxLength: 4 }), async (stories) => {
			const store = new InMemoryDeduplication();
			const tasks: string[] = [];
			const wanted = new Set<string>();
			for (const [n, one] of stories.entries()) {
				const isLast = n === stories.length - 1;
				const orders = ordersOf(one.prompts);
				for (const order of isLast ? orders : orders.slice(0, one.atOnce)) wanted.add(order);
				const { result, delivered } = await execute(store, one, { n, isLast, tasks });
				expect(result.kind).toBe(isLast ? 'finished' : 'stopped');
				if (isLast) expect(new Set(delivered).size).toBe(one.prompts.length);
			}
			expect(tasks).toHaveLength(wanted.size);
		}),
		{ numRuns: 60 },
	);
});
