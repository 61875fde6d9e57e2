// Order Again When Unsure: once more, however often the node is tried. And one task that answers two orders.
// task/orderedTwice.test.ts has all sequences of answers.
import { perService } from '../service';
import { errorOf, failedItem, here, logOf, order, scenes, useFaultWorld } from './scene';

const world = useFaultWorld();

const tries = { retryOnFail: true, maxTries: 5 };
const twice = 'The video may have been ordered twice already, so it is not ordered a third time';

it('with Order Again When Unsure and five tries, two orders of an item reach the service, and no more', async () => {
	world.fail('submit', 502, Infinity);
	const failed = await world.run({ parameters: order({ resubmitWhenUnsure: true }), ...tries });
	expect(errorOf(failed)).toMatchObject({ message: twice, context: { tasks: [], unsure: [0] } });
	expect(world.bill()).toEqual({ submits: 2, tasks: 0 });
	// A retry by hand may order once more
	await world.engine.retry(failed);
	expect(world.bill().submits).toBe(3);
});

it.each(['invoking', 'requesting'] as const)(
	'an agent (%s) that asks for the same five times gets two orders',
	async (agent) => {
		world.fail('submit', 502, Infinity);
		const options = { resubmitWhenUnsure: true };
		const run = await world.engine.callTool({
			agent,
			parameters: here({ prompt: '={{ $fromAI("prompt", "", "string") }}', options }),
			calls: Array.from({ length: 5 }, () => ({ args: { prompt: 'A horse' } })),
		});
		const messages = run.answers.map(({ text }) => JSON.parse(text)[0].error.message);
		expect(messages.slice(2)).toEqual(Array(3).fill(twice));
		expect(world.bill()).toEqual({ submits: 2, tasks: 0 });
	},
);

describe('two orders that are answered with one task: the second may have been ordered', () => {
	/** Every submit is taken, and answered with the id of the first task. */
	function answerAlike(): void {
		const text = perService<(task_id: string) => object>({
			imini: (task_id) => ({ task_id, request_id: 'req_2' }),
			modelStudio: (task_id) => ({ output: { task_id }, request_id: 'req_2' }),
		});
		world.simulator.faults.push({
			on: 'submit',
			times: Infinity,
			match: () => world.simulator.tasks.size > 0,
			fault: () => ({
				kind: 'body',
				text: JSON.stringify(text(world.taskIds()[0])),
				accepted: true,
			}),
		});
	}

	it('it says so, is not delivered, and not ordered by a retry', async () => {
		answerAlike();
		const run = await world.run({
			parameters: order({ maxTasksInFlight: 1 }),
			items: scenes(2),
			onError: 'continueRegularOutput',
			...tries,
		});
		const [task_id] = world.taskIds();
		expect(run.items[0].json.task_id).toBe(task_id);
		expect(run.items[1].binary).toBeUndefined();
		expect(failedItem(run, 1)).toMatchObject({
			message: expect.stringContaining('may have been ordered'),
			description: expect.stringContaining(`Task ${task_id}`),
		});
		expect(logOf(run)).toContain('warn: HappyHorse: item 1 may have been ordered');
		expect(world.bill().submits).toBe(2);
	});

	it('also in two turns of a loop, long after the first was delivered', async () => {
		answerAlike();
		const run = await world.loop(scenes(2));
		expect(errorOf(run)?.message).toBe(
			`The video may have been ordered: the service answered with task ${world.taskIds()[0]}, which is that of another order`,
		);
		expect(world.bill().submits).toBe(2);
	});
});

it('the error of a run that is given up on lists what is paid for, and what may have been ordered', async () => {
	const isOf = (prompt: string) => (request: { prompt?: string }) => request.prompt === prompt;
	world.outcome({ result: 'never' }, Infinity);
	world.simulator.faults.push(
		{ on: 'submit', match: isOf('scene 1'), fault: { kind: 'hang' } },
		{ on: 'submit', match: isOf('scene 2'), fault: { kind: 'status', status: 402 } },
	);
	const run = await world.run({ items: scenes(3) });
	const [task_id] = world.taskIds();
	expect(errorOf(run)).toMatchObject({
		message: expect.stringMatching(/^Item 2 \(the 3rd\): /),
		description: expect.stringMatching(
			new RegExp(
				`^The video is paid for .* Task ID: ${task_id}\\. .* ordered, without a known task ID: 1\\.$`,
			),
		),
		context: { tasks: [{ item: 0, task_id }], unsure: [1] },
	});
});
