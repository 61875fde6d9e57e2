// Faults among a hundred items under way: those that meet one cost no other item its video.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { setTimeout as pause } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import type { Fault, Outcome, RecordedRequest } from '../../../tools/simulator/simulator';
import type { Execution } from '../../../tools/engine/engine';
import {
	bill,
	errorOf,
	failedItem,
	logOf,
	order,
	requestsSentDuring,
	scenes,
	taskIds,
	useFaultWorld,
} from './scene';

const world = useFaultWorld();

const COUNT = 100;

/** The ten items that meet a fault, from the middle on: by then, those before are delivered or under way. */
const STRUCK = Array.from({ length: 10 }, (_, n) => 45 + 5 * n);

const PROMPTS = new Set(STRUCK.map((item) => `scene ${item}`));

const parameters = order({ maxTasksInFlight: 25 });

/** The prompt of the item that a request is about. */
function promptOf({ prompt, taskId = '' }: RecordedRequest): string {
	return String(prompt ?? world.simulator.tasks.get(taskId)?.prompt);
}

/** Adds a fault to the first `times` requests for each of these items. */
function strike(
	on: 'submit' | 'query' | 'media',
	fault: Fault,
	times: number,
	prompts: Iterable<string> = PROMPTS,
): void {
	const left = new Map([...prompts].map((prompt) => [prompt, times]));
	world.simulator.faults.push({
		on,
		times: Infinity,
		fault: (request) => {
			const prompt = promptOf(request);
			const still = left.get(prompt) ?? 0;
			left.set(prompt, still - 1);
			return still > 0 ? fault : undefined;
		},
	});
}

/** Gives the first task of each of these items another outcome. */
function decide(outcome: Outcome): void {
	const left = new Set(PROMPTS);
	world.simulator.outcomes.push({
		times: Infinity,
		outcome: ({ prompt }) => (left.delete(String(prompt)) ? outcome : undefined),
	});
}

const status = (code: number, more: object = {}): Fault => ({
	kind: 'status',
	status: code,
	...more,
});

/** The name of a fault, and what adds it. */
type Laid = [name: string, lay: () => void];

const HARMLESS: Laid[] = [
	['429', () => strike('submit', status(429), 1)],
	[
		'429 that says how long',
		() => strike('submit', status(429, { headers: { 'retry-after': '2' } }), 2),
	],
	['429 to a query', () => strike('query', status(429), 2)],
	['503 to a query', () => strike('query', status(503), 3)],
	['a query that breaks', () => strike('query', { kind: 'reset', when: 'mid-body' }, 2)],
	['a page for a query', () => strike('query', { kind: 'body', text: '<p>Hello</p>' }, 2)],
	['503 for a file', () => strike('media', status(503), 2)],
	['a file that breaks', () => strike('media', { kind: 'reset', when: 'mid-body' }, 2)],
	['a page for a file', () => strike('media', { kind: 'notVideo' }, 2)],
];

const UNSURE: Laid[] = [
	['503 to an order that was taken', () => strike('submit', status(503, { accepted: true }), 1)],
	['503 to an order that was not', () => strike('submit', status(503), 1)],
	['408', () => strike('submit', status(408, { accepted: true }), 1)],
	[
		'an order whose answer breaks',
		() => strike('submit', { kind: 'reset', when: 'after-read', accepted: true }, 1),
	],
	['an order with half an answer', () => strike('submit', { kind: 'truncate', accepted: true }, 1)],
];

/** Faults that keep a paid task's video back: the task remains, and a retry delivers it. */
const PAID: Laid[] = [
	['401 to a query', () => strike('query', status(401), 1)],
	['a file that never comes', () => strike('media', status(503), 4)],
];

/** Faults after which a retry may order again: a refusal, or a failed task. */
const FREE: Laid[] = [
	['400', () => strike('submit', status(400), 1)],
	['402', () => strike('submit', status(402), 1)],
	['a task that fails', () => decide({ result: 'failed' })],
];

/** The ids of the tasks that each prompt has paid for, in order. */
function tasksByPrompt(): Map<string, string[]> {
	const found = new Map<string, string[]>();
	for (const { id, prompt = '' } of world.simulator.tasks.values()) {
		found.set(prompt, [...(found.get(prompt) ?? []), id]);
	}
	return found;
}

/** Expects all items, in order, each with the video of its own latest task. */
function expectAllDelivered({ items }: Execution): void {
	const paid = tasksByPrompt();
	expect(items.map(({ json }) => json.task_id)).toEqual(
		Array.from({ length: COUNT }, (_, item) => paid.get(`scene ${item}`)?.at(-1)),
	);
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
		Array.from({ length: COUNT }, (_, item) => ({ item })),
	);
	expect(items.every(({ binary }) => binary?.data.mimeType === 'video/mp4')).toBe(true);
}

/** Indexes of the items that failed. */
function failedOf(execution: Execution): number[] {
	return execution.items.flatMap(({ json }, item) => (json.error === undefined ? [] : [item]));
}

async function run(onError?: 'continueRegularOutput'): Promise<Execution> {
	return await world.engine.runNode({ parameters, items: scenes(COUNT), onError });
}

describe('of a hundred items, ten meet', () => {
	it.each(HARMLESS)('%s: all get their videos, each for one order', async (_name, lay) => {
		lay();
		expectAllDelivered(await run());
		expect(bill(world).tasks).toBe(COUNT);
	});

	it.each(UNSURE)(
		'%s: they fail, are never sent again, and the others are not held up',
		async (_name, lay) => {
			lay();
			const execution = await run('continueRegularOutput');
			expect(failedOf(execution)).toEqual(STRUCK);
			for (const item of STRUCK) {
				expect(failedItem(execution, item).message).toMatch(
					/^Item \d+ \(the \w+\): The video may have been ordered/,
				);
			}
			expect(bill(world).submits).toBe(COUNT);
		},
	);

	it.each(PAID)('%s: they fail with their task, the others are delivered', async (_name, lay) => {
		lay();
		const execution = await run('continueRegularOutput');
		expect(failedOf(execution)).toEqual(STRUCK);
		const paid = tasksByPrompt();
		for (const item of STRUCK) {
			expect(failedItem(execution, item).task_id).toBe(paid.get(`scene ${item}`)?.at(0));
		}
		expect(bill(world)).toEqual({ submits: COUNT, tasks: COUNT });
	});

	it.each(FREE)('%s: they fail, the others are delivered', async (_name, lay) => {
		lay();
		const execution = await run('continueRegularOutput');
		expect(failedOf(execution)).toEqual(STRUCK);
		expect(bill(world).submits).toBe(COUNT);
	});
});

describe('a run of a hundred that gives up in their middle', () => {
	/** Runs with On Error = stop, then retries by hand until all is delivered, or the error stays the same. */
	async function retryToTheEnd(): Promise<Execution> {
		let execution = await run();
		for (let tries = 0; execution.status === 'error' && tries < 2 * STRUCK.length; tries += 1) {
			const before = errorOf(execution);
			const known = taskIds(world);
			// No paid task is lost on the way
			expect((before?.context.tasks as IDataObject[]).length).toBeLessThanOrEqual(known.length);
			execution = await world.engine.retry(execution);
			if (errorOf(execution)?.message === before?.message) break;
		}
		return execution;
	}

	it.each(PAID)('for %s goes on by retries: one order for each item', async (_name, lay) => {
		lay();
		expectAllDelivered(await retryToTheEnd());
		expect(bill(world)).toEqual({ submits: COUNT, tasks: COUNT });
	});

	it.each(FREE)(
		'for %s goes on by retries: only what was refused or failed is ordered anew',
		async (_name, lay) => {
			lay();
			expectAllDelivered(await retryToTheEnd());
			for (const [prompt, ids] of tasksByPrompt()) {
				const [first] = ids;
				const mayBeTwo = world.simulator.tasks.get(first)?.outcome.result === 'failed';
				expect({ prompt, orders: ids.length }).toEqual({ prompt, orders: mayBeTwo ? 2 : 1 });
			}
		},
	);

	it.each(UNSURE)('for %s stays there: no retry sends that order again', async (_name, lay) => {
		lay();
		const execution = await retryToTheEnd();
		expect(errorOf(execution)?.message).toMatch(
			/^Item \d+ \(the \w+\): The video may have been ordered/,
		);
		for (const prompt of PROMPTS) {
			const sent = world.simulator.ofKind('submit').filter((request) => request.prompt === prompt);
			expect({ prompt, sent: Math.min(2, sent.length) }).toEqual({ prompt, sent: sent.length });
			expect(sent.length).toBeLessThanOrEqual(1);
		}
	});

	it('goes on within the execution with Retry On Fail', async () => {
		// Each try ends at the first of them, and n8n tries at most five times
		const four = [...PROMPTS].slice(0, 4);
		strike('submit', status(400), 1, four);
		const execution = await world.engine.runNode({
			parameters,
			items: scenes(COUNT),
			retryOnFail: true,
			maxTries: 5,
		});
		expectAllDelivered(execution);
		expect(bill(world)).toEqual({ submits: COUNT + four.length, tasks: COUNT });
	});
});

describe('a stop in the middle of a hundred', () => {
	const moments: Array<[name: string, when: (all: readonly RecordedRequest[]) => boolean]> = [
		['when the first are ordered', () => world.simulator.tasks.size >= 10],
		['when half are ordered', () => world.simulator.tasks.size >= 50],
		['while orders are open', (all) => all.filter(({ kind }) => kind === 'submit').length >= 40],
		['while files come', (all) => all.filter(({ kind }) => kind === 'media').length >= 20],
		[
			'while many are asked about',
			(all) => all.filter(({ kind }) => kind === 'query').length >= 60,
		],
	];

	it.each(moments)(
		'%s: nothing more is sent, and every order is in the log',
		async (name, when) => {
			if (name === 'while orders are open') {
				world.simulator.faults.push({
					on: 'submit',
					times: Infinity,
					fault: () => (world.simulator.tasks.size >= 30 ? { kind: 'hang' } : undefined),
				});
			}
			const running = world.engine.startNode({ parameters, items: scenes(COUNT) });
			const sentBefore = await requestsSentDuring(async () => await world.simulator.waitFor(when));
			expect(sentBefore).not.toEqual([]);
			const sentSince = await requestsSentDuring(async () => {
				running.cancel();
				expect((await running.result).status).toBe('canceled');
				await pause(100);
			});
			expect(sentSince).toEqual([]);
			const log = logOf(running);
			const sent = world.simulator.ofKind('submit').map(promptOf);
			expect(new Set(sent).size).toBe(sent.length);
			// The log has each task id that was received, and names each order whose answer the stop cut off
			for (const prompt of sent) {
				const item = prompt.slice('scene '.length);
				const [id] = tasksByPrompt().get(prompt) ?? [];
				const told = id !== undefined && log.includes(`item ${item} is task ${id} `);
				const warned = log.includes(`item ${item} may have been ordered`);
				expect({ prompt, inLog: told || warned }).toEqual({ prompt, inLog: true });
			}
		},
	);
});
