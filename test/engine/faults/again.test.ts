// Order Again When Unsure: once more, however often the node is tried. And one task that answers two orders.
import type { FaultRule } from '../../../tools/simulator/simulator';
import type { Execution } from '../../../tools/engine/engine';
import { connect, itemsNode, NODE_TYPE, SUBJECT } from '../../../tools/engine/engine';
import { perService } from '../service';
import {
	bill,
	errorOf,
	failedItem,
	logOf,
	order,
	scenes,
	taskIds,
	useFaultWorld,
	here,
} from './scene';

const world = useFaultWorld();

const tries = { retryOnFail: true, maxTries: 5 };
const twice = 'The video may have been ordered twice already, so it is not ordered a third time';

function submits(status: number, times = 1): FaultRule {
	return { on: 'submit', times, fault: { kind: 'status', status } };
}

const again = order({ resubmitWhenUnsure: true });

describe('with Order Again When Unsure and five tries', () => {
	async function run() {
		return await world.engine.runNode({ parameters: again, items: scenes(1), ...tries });
	}

	it('two orders of an item reach the service, and no more', async () => {
		world.simulator.faults.push(submits(502, Infinity));
		const failed = await run();
		expect(errorOf(failed)).toMatchObject({
			message: twice,
			context: { tasks: [], unsure: [0] },
		});
		expect(bill(world)).toEqual({ submits: 2, tasks: 0 });
		// A retry by hand may order once more
		await world.engine.retry(failed);
		expect(bill(world).submits).toBe(3);
	});

	it('a second one whose task is gone was the last', async () => {
		world.simulator.faults.push(submits(502), {
			on: 'query',
			times: Infinity,
			fault: { kind: 'status', status: 404 },
		});
		const failed = await run();
		expect(errorOf(failed)?.message).toBe(twice);
		expect(errorOf(failed)?.context.tasks).toEqual([{ item: 0, task_id: taskIds(world)[0] }]);
		expect(bill(world)).toEqual({ submits: 2, tasks: 1 });
	});

	it.each([
		['refused', [submits(502), submits(402, 2)], 4],
		['turned away', [submits(502), submits(429, 2)], 4],
	])('a second one that was %s does not count', async (_what, faults, sent) => {
		world.simulator.faults.push(...faults);
		const done = await run();
		expect(done.status).toBe('success');
		expect(bill(world)).toEqual({ submits: sent, tasks: 1 });
	});

	it.each(['invoking', 'requesting'] as const)(
		'an agent (%s) that asks for the same five times gets two orders',
		async (agent) => {
			world.simulator.faults.push(submits(502, Infinity));
			const run = await world.engine.callTool({
				agent,
				parameters: here({
					prompt: '={{ $fromAI("prompt", "", "string") }}',
					options: { resubmitWhenUnsure: true },
				}),
				calls: Array.from({ length: 5 }, () => ({ args: { prompt: 'A horse' } })),
			});
			const messages = run.answers.map(({ text }) => JSON.parse(text)[0].error.message);
			expect(messages.slice(2)).toEqual(Array(3).fill(twice));
			expect(bill(world)).toEqual({ submits: 2, tasks: 0 });
		},
	);
});

describe('two orders that are answered with one task', () => {
	/** Every submit is taken, and answered with the id of the first task. */
	function answerAlike(): void {
		world.simulator.faults.push({
			on: 'submit',
			times: Infinity,
			match: () => world.simulator.tasks.size > 0,
			fault: () => ({
				kind: 'body',
				text: JSON.stringify(
					perService<(task_id: string) => object>({
						imini: (task_id) => ({ task_id, request_id: 'req_2' }),
						modelStudio: (task_id) => ({ output: { task_id }, request_id: 'req_2' }),
					})(taskIds(world)[0]),
				),
				accepted: true,
			}),
		});
	}

	const unlike = () =>
		`The video may have been ordered: the service answered with task ${taskIds(world)[0]}, which is that of another order`;

	it('the second may have been ordered: it says so, is not delivered, and not ordered by a retry', async () => {
		answerAlike();
		const run = await world.engine.runNode({
			parameters: order({ maxTasksInFlight: 1 }),
			items: scenes(2),
			onError: 'continueRegularOutput',
			...tries,
		});
		expect(run.items[0].json.task_id).toBe(taskIds(world)[0]);
		expect(run.items[1].binary).toBeUndefined();
		expect(failedItem(run, 1).message).toContain('may have been ordered');
		expect(failedItem(run, 1).description).toContain(`Task ${taskIds(world)[0]}`);
		expect(logOf(run)).toContain('warn: HappyHorse: item 1 may have been ordered');
		expect(bill(world).submits).toBe(2);
	});

	it('with On Error = stop the error lists both: the task, and the item that may have been ordered', async () => {
		answerAlike();
		const run = await world.engine.runNode({
			parameters: order({ maxTasksInFlight: 1 }),
			items: scenes(3),
		});
		expect(errorOf(run)).toMatchObject({
			message: `Item 1 (the 2nd): ${unlike()}`,
			context: { tasks: [{ item: 0, task_id: taskIds(world)[0] }], unsure: [1] },
		});
	});

	it('also in two turns of a loop, long after the first was delivered', async () => {
		answerAlike();
		const run = await world.engine.run(
			{
				nodes: [
					{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
					{ name: 'Many', type: 'test.many' },
					{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches', parameters: { batchSize: 1 } },
					{ name: SUBJECT, type: NODE_TYPE, parameters: order() },
					{ name: 'Done', type: 'n8n-nodes-base.noOp' },
				],
				connections: connect(
					['Start', 'Many', 'Loop', 'Done'],
					{ from: 'Loop', output: 1, to: SUBJECT },
					[SUBJECT, 'Loop'],
				),
			},
			{ nodeTypes: { 'test.many': itemsNode(scenes(2) ?? []) } },
		);
		expect(errorOf(run)?.message).toBe(unlike());
		expect(bill(world).submits).toBe(2);
	});
});

describe('the error of a run that is given up on', () => {
	/** Three items: the first is paid for, the second may be, the third is what goes wrong. */
	function spoil(): void {
		const isOf = (prompt: string) => (request: { prompt?: string }) => request.prompt === prompt;
		world.simulator.outcomes.push({ times: Infinity, outcome: { result: 'never' } });
		world.simulator.faults.push({
			on: 'submit',
			match: isOf('scene 1'),
			fault: { kind: 'hang' },
		});
		world.simulator.faults.push({
			on: 'submit',
			match: isOf('scene 2'),
			fault: { kind: 'status', status: 402 },
		});
	}

	const lists = (run: Execution) => {
		const [task_id] = taskIds(world);
		expect(errorOf(run)).toMatchObject({
			description: expect.stringMatching(
				new RegExp(
					`^The video is paid for .* Task ID: ${task_id}\\. .* ordered, without a known task ID: 1\\.$`,
				),
			),
			context: { tasks: [{ item: 0, task_id }], unsure: [1] },
		});
	};

	it('lists what is paid for, and what may have been ordered', async () => {
		spoil();
		const run = await world.engine.runNode({ parameters: order(), items: scenes(3) });
		expect(errorOf(run)?.message).toMatch(/^Item 2 \(the 3rd\): /);
		lists(run);
	});

	it('of a retry after a crash lists items that only an intent is known of', async () => {
		world.simulator.faults.push({
			on: 'submit',
			times: 3,
			fault: { kind: 'hang' },
		});
		const running = world.engine.startNode({ parameters: order(), items: scenes(3) });
		await world.simulator.waitFor((all) => all.filter(({ fault }) => fault).length === 3);
		running.cancel();
		await running.result;
		const run = await world.engine.retryCrashed(running);
		expect(errorOf(run)).toMatchObject({
			message: 'Item 0 (the 1st): The video may have been ordered by an earlier run of this item',
			description: expect.stringContaining('without a known task ID: 1, 2.'),
			context: { tasks: [], unsure: [0, 1, 2] },
		});
	});
});
