// Whatever the service answers, and however often an item is tried: how many of its orders may have been taken.
import fc from 'fast-check';
import { succeeded } from '../../nodes/HappyHorse/domain/failure';
import type { Action } from '../../nodes/HappyHorse/domain/order';
import type { QueryVerdict, SubmitVerdict } from '../../nodes/HappyHorse/service/service';
import { useFakeClock } from '../../tools/fakeClock';
import {
	done,
	gaveUp,
	gone,
	jobOf,
	openLedger,
	orderOf,
	run,
	ScriptedService,
	setupOf,
} from './scriptedRun';

useFakeClock({ advances: true });

const order = orderOf(5);

/** What a submit is answered; `alike`: as accepted, with the id of the first task. */
const SUBMITS = ['accepted', 'alike', 'unsure', 'refused', 'busy', 'notSent'] as const;
const QUERIES = ['failed', 'gone', 'denied', 'succeeded'] as const;

/** Where the item is tried. */
const PLACES = ['workflow', 'retry of an unsure order', 'retry of a task', 'tool'] as const;

type Submit = (typeof SUBMITS)[number];
type Query = (typeof QUERIES)[number];
type Place = (typeof PLACES)[number];

const QUERY_VERDICTS: Record<Query, QueryVerdict> = {
	failed: gaveUp,
	gone,
	denied: { kind: 'denied', reason: 'notAllowed', details: { httpStatus: 403 } },
	succeeded: done,
};

function submitVerdict(submit: Submit, taskId: string): SubmitVerdict {
	const details = { httpStatus: 500 };
	switch (submit) {
		case 'accepted':
		case 'alike':
			return { kind: 'accepted', task: { taskId: submit === 'alike' ? 'task_0' : taskId } };
		case 'unsure':
		case 'notSent':
			return { kind: submit, details };
		case 'refused':
			return { kind: 'refused', reason: 'other', details };
		case 'busy':
			return { kind: 'busy', details, retryAfterMs: 1000 };
	}
}

/** One item and what happens to it; each list goes on with its last entry. */
interface Story {
	place: Place;
	/** Order Again When Unsure. */
	again: boolean;
	tries: number;
	submits: Submit[];
	queries: Query[];
}

/**
 * Tries the item as often as the story says. Returns the most orders that may have been taken with none of them known
 * to have failed, and how many were sent in all.
 */
async function play({ place, again, tries, submits, queries }: Story) {
	const saved: Record<string, unknown> = {};
	let perhaps = 0;
	let most = 0;
	let queried = 0;
	const service: ScriptedService = new ScriptedService(
		() => {
			const query = queries[Math.min(queried, queries.length - 1)];
			queried += 1;
			if (query === 'failed') perhaps = 0;
			// What is delivered is no longer the same item when an agent asks for it again
			if (query === 'succeeded' && place === 'tool') perhaps = 0;
			return QUERY_VERDICTS[query];
		},
		async (taskId) => {
			const submit = submits[Math.min(service.submits.length, submits.length) - 1];
			if (submit === 'accepted' || submit === 'alike' || submit === 'unsure') perhaps += 1;
			most = Math.max(most, perhaps);
			return submitVerdict(submit, taskId);
		},
	);
	const executionId = place.startsWith('retry') ? '2' : '1';
	if (executionId === '2') {
		const before = openLedger(saved);
		before.send(0, 1000, undefined);
		if (place === 'retry of a task') before.accept(0, { taskId: 'task_carried' }, 0);
		before.close();
		perhaps = 1;
	}
	for (let n = 0; n < tries; n += 1) {
		const inTool = place === 'tool';
		const identity = { executionId, isRetry: executionId === '2', inTool };
		const ledger = openLedger(saved, { ...identity, runIndex: inTool ? n : 0 });
		const task = ledger.find(0)?.task;
		const action: Action =
			task === undefined
				? { kind: 'create', order }
				: { kind: 'resume', task, readOrder: async () => succeeded(order) };
		const setup = setupOf(service, { ledger, stopOnFailure: false });
		await run(setup, [jobOf(0, { resubmitWhenUnsure: again }, action)]);
		ledger.close();
	}
	return { most, sent: service.submits.length };
}

const story = fc.record({
	place: fc.constantFrom(...PLACES),
	tries: fc.integer({ min: 1, max: 6 }),
	submits: fc.array(fc.constantFrom(...SUBMITS), { minLength: 1, maxLength: 8 }),
	queries: fc.array(fc.constantFrom(...QUERIES), { minLength: 1, maxLength: 5 }),
});

it.each([
	['one, without Order Again When Unsure', false, 1],
	['two, with it', true, 2],
])('at most %s', async (_what, again, allowed) => {
	await fc.assert(
		fc.asyncProperty(story, async (one) => {
			const { most } = await play({ ...one, again });
			expect(most).toBeLessThanOrEqual(allowed);
		}),
		{ numRuns: 150 },
	);
});

describe('Order Again When Unsure', () => {
	it.each<[what: string, place: Place, submits: Submit[], queries: Query[], sent: number]>([
		['twice unsure', 'workflow', ['unsure'], ['succeeded'], 2],
		['unsure, then a task that is gone', 'workflow', ['unsure', 'accepted'], ['gone'], 2],
		['a task that is gone, then another', 'workflow', ['accepted'], ['gone'], 2],
		['a task that is gone, then unsure', 'workflow', ['accepted', 'unsure'], ['gone'], 2],
		['the same task again', 'workflow', ['unsure', 'accepted', 'alike'], ['gone'], 2],
		['a retry of an unsure one, unsure again', 'retry of an unsure order', ['unsure'], ['gone'], 1],
		['a retry of a task that is gone', 'retry of a task', ['unsure'], ['gone'], 1],
		['a tool’s, twice unsure', 'tool', ['unsure'], ['succeeded'], 2],
		['a tool’s, unsure, then gone', 'tool', ['unsure', 'accepted'], ['gone'], 2],
		['a tool’s, gone twice', 'tool', ['accepted'], ['gone'], 2],
		[
			'a refused second one, which does not count',
			'workflow',
			['unsure', 'refused', 'refused', 'unsure'],
			['gone'],
			4,
		],
		[
			'a second one that was turned away, which does not count',
			'workflow',
			['unsure', 'busy', 'busy', 'unsure'],
			['gone'],
			4,
		],
		[
			'a second one that never left, which does not count',
			'workflow',
			['unsure', ...Array<Submit>(5).fill('notSent'), 'unsure'],
			['gone'],
			7,
		],
		['a task that has failed, and so on', 'workflow', ['accepted'], ['failed'], 5],
	])('orders at most once more in five tries: %s', async (_what, place, submits, queries, sent) => {
		expect(await play({ place, again: true, tries: 5, submits, queries })).toMatchObject({ sent });
	});
});
