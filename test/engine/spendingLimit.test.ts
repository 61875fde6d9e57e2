// The spending limit: how many seconds of video one execution may order.
import type { INodeParameters } from 'n8n-workflow';
import type { NodeRequest } from '../../tools/engine/engine';
import { useFaultWorld } from './faults/scene';

const world = useFaultWorld({ simulator: { secondsPerTask: 1 } });

const MESSAGE =
	/^(?:Item \d+ \(the \w+\): )?Spending Limit \(Seconds\) is \d+, and this order of \d+ would exceed it: \d+ are ordered or about to be$/;

const EDIT: INodeParameters = { operation: 'editVideo', videoUrl: 'https://a.example/1.mp4' };

function parametersOf(maxTotalSeconds: unknown, more: INodeParameters = {}): INodeParameters {
	return {
		prompt: 'A horse',
		downloadVideo: false,
		duration: '={{ $json.seconds }}',
		options: { maxTotalSeconds: maxTotalSeconds as number },
		...more,
	};
}

const itemsOf = (seconds: number[]) => seconds.map((n) => ({ json: { seconds: n } }));
const ordered = () => world.simulator.ofKind('submit').length;

async function run(limit: number, seconds: number[], request: NodeRequest = {}) {
	return await world.engine.runNode({
		parameters: parametersOf(limit),
		items: itemsOf(seconds),
		...request,
	});
}

it.each<[string, number, number[], INodeParameters]>([
	['exactly reached', 15, [5, 5, 5], {}],
	['reached by one edit, which counts as 15', 15, [5], EDIT],
])('%s: everything is ordered', async (_what, limit, seconds, more) => {
	const { items } = await run(limit, seconds, { parameters: parametersOf(limit, more) });
	expect([items.length, ordered()]).toEqual([seconds.length, seconds.length]);
});

it('exceeded: with On Error = stop nothing at all is ordered', async () => {
	const { error } = await run(14, [5, 5, 5]);
	expect(error?.message).toMatch(MESSAGE);
	expect(error?.message).toMatch(/^Item 2 \(the 3rd\): /);
	expect(error?.description).toMatch(/^None of the 3 items was ordered\. /);
	expect(world.simulator.requests).toEqual([]);
});

it('what may have been ordered is counted', async () => {
	world.fail('submit', { kind: 'status', status: 500, accepted: true });
	const options = { maxTotalSeconds: 5, resubmitWhenUnsure: true };
	const parameters = { ...parametersOf(5), options };
	const { error } = await run(5, [5], { parameters, retryOnFail: true });
	expect(error?.message).toMatch(MESSAGE);
	expect(ordered()).toBe(1);
});

it.each(['submit', 'query'] as const)(
	'what is refused is free for the next try, and a task that is taken up again is not counted twice (%s)',
	async (on) => {
		world.fail(on, 401);
		const { status, tries } = await run(5, [5], { retryOnFail: true });
		expect({ status, tries }).toEqual({ status: 'success', tries: 2 });
		expect(world.bill().tasks).toBe(1);
	},
);

it('all turns of a loop count together', async () => {
	const { status, error, tries } = await world.loop(itemsOf([5, 5, 5, 5]), {
		parameters: parametersOf(14),
	});
	expect(status).toBe('error');
	expect(error?.message).toMatch(MESSAGE);
	expect(error?.message).toContain('10 are ordered');
	expect(error?.description).toContain(
		'Earlier runs of this node in this execution ordered 10 of them. Raise the Spending Limit',
	);
	expect(tries).toBe(3);
	expect(ordered()).toBe(2);
});

it.each(['invoking', 'requesting'] as const)(
	'all calls of a tool count together (%s)',
	async (agent) => {
		await world.engine.callTool({
			agent,
			parameters: {
				...parametersOf(12),
				prompt: '={{ $fromAI("prompt", "", "string") }}',
				duration: 5,
			},
			calls: ['one', 'two', 'three', 'four'].map((prompt) => ({ args: { prompt } })),
		});
		expect(ordered()).toBe(2);
	},
);
