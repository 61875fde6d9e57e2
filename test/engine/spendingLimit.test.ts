// The spending limit: how many seconds of video one execution may order.
import type { INodeParameters } from 'n8n-workflow';
import { connect, itemsNode, NODE_TYPE, SUBJECT } from '../../tools/engine/engine';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 1 } });

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

describe('within one run', () => {
	it.each<[string, number, number[], INodeParameters]>([
		['exactly reached', 15, [5, 5, 5], {}],
		['reached by one edit, which counts as 15', 15, [5], EDIT],
	])('%s: everything is ordered', async (_what, limit, seconds, more) => {
		const { status, items } = await world.engine.runNode({
			parameters: parametersOf(limit, more),
			items: itemsOf(seconds),
		});
		expect(status).toBe('success');
		expect(items).toHaveLength(seconds.length);
		expect(ordered()).toBe(seconds.length);
	});

	it.each<[string, number, number[], string, INodeParameters]>([
		['exceeded by a second', 14, [5, 5, 5], 'Item 2 (the 3rd): Spending', {}],
		['exceeded by the second edit', 29, [5, 5], 'Item 1 (the 2nd): Spending', EDIT],
	])(
		'%s: with On Error = stop nothing at all is ordered',
		async (_what, limit, seconds, start, more) => {
			const { error } = await world.engine.runNode({
				parameters: parametersOf(limit, more),
				items: itemsOf(seconds),
			});
			expect(error?.message).toMatch(MESSAGE);
			expect(error?.message.startsWith(start)).toBe(true);
			expect(error?.description).toMatch(
				/^(Nothing was ordered for this item|None of the \d items was ordered)\. /,
			);
			expect(world.simulator.requests).toEqual([]);
		},
	);

	it.each<[string, number, number[], number[]]>([
		['a shorter one behind a long one still fits', 14, [10, 5, 4], [0, 2]],
	])('with On Error = continue %s', async (_what, limit, seconds, good) => {
		const { items, errorItems } = await world.engine.runNode({
			parameters: parametersOf(limit),
			items: itemsOf(seconds),
			onError: 'continueErrorOutput',
		});
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(good.map((item) => ({ item })));
		for (const { json } of errorItems) expect(Object(json.error).message).toMatch(MESSAGE);
		expect(items.length + errorItems.length).toBe(seconds.length);
		expect(ordered()).toBe(good.length);
	});
});

it('what is refused within an execution is free for its next try', async () => {
	world.fail('submit', 400);
	const { status, tries } = await world.engine.runNode({
		parameters: parametersOf(5),
		items: itemsOf([5]),
		retryOnFail: true,
	});
	expect({ status, tries }).toEqual({ status: 'success', tries: 2 });
});

it('what may have been ordered is counted', async () => {
	world.fail('submit', { kind: 'status', status: 500, accepted: true });
	const { status, error } = await world.engine.runNode({
		parameters: {
			...parametersOf(5),
			options: { maxTotalSeconds: 5, resubmitWhenUnsure: true },
		},
		items: itemsOf([5]),
		retryOnFail: true,
	});
	expect(status).toBe('error');
	expect(error?.message).toMatch(MESSAGE);
	expect(ordered()).toBe(1);
});

it('a task that is taken up again is not counted twice', async () => {
	world.fail('query', 401);
	const { status, tries } = await world.engine.runNode({
		parameters: parametersOf(5),
		items: itemsOf([5]),
		retryOnFail: true,
	});
	expect({ status, tries }).toEqual({ status: 'success', tries: 2 });
	expect(ordered()).toBe(1);
});

/** Runs the node once for each item, in a loop. */
async function loop(parameters: INodeParameters, seconds: number[]) {
	return await world.engine.run(
		{
			nodes: [
				{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
				{ name: 'Items', type: 'test.items' },
				{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches' },
				{ name: SUBJECT, type: NODE_TYPE, parameters },
			],
			connections: connect(['Start', 'Items', 'Loop'], { from: 'Loop', output: 1, to: SUBJECT }, [
				SUBJECT,
				'Loop',
			]),
		},
		{ nodeTypes: { 'test.items': itemsNode(itemsOf(seconds)) } },
	);
}

it('all turns of a loop count together', async () => {
	const { status, error, tries } = await loop(parametersOf(14), [5, 5, 5, 5]);
	expect(status).toBe('error');
	expect(error?.message).toMatch(MESSAGE);
	expect(error?.message).toContain('10 are ordered');
	expect(error?.description).toContain(
		'Counted so far: earlier runs of this node in this execution (10). Raise the Spending Limit',
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
