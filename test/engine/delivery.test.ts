// The output: items in order, named files, and nothing that was not asked for.
import { filmOf } from '../../tools/simulator/media';
import type { INodeParameters } from 'n8n-workflow';
import type { Execution } from '../../tools/engine/engine';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 2 } });

const prompts = (...words: string[]) => words.map((prompt) => ({ json: { prompt } }));

const run = async (options: INodeParameters, more: INodeParameters = {}) =>
	await world.engine.runNode({ parameters: { prompt: 'A horse', options, ...more } });

/** Makes the next tasks take 30 seconds each. Returns a function that tells how many were under way at once at most. */
function countUnderWay(tasks: number): () => number {
	let most = 0;
	world.simulator.outcomes.push({
		times: tasks,
		outcome: () => {
			const going = [...world.simulator.tasks.values()].filter(
				({ createdAt }) => createdAt + 30_000 > world.clock.now(),
			);
			most = Math.max(most, going.length + 1);
			return { afterSeconds: 30 };
		},
	});
	return () => most;
}

it('items come out in their order, also when the later ones are finished first', async () => {
	const seconds: Record<string, number> = { slow: 12, medium: 7, fast: 1 };
	world.simulator.outcomes.push({
		times: 3,
		outcome: ({ body }) => ({ afterSeconds: seconds[body.prompt ?? ''] }),
	});
	const { items } = await world.engine.runNode({
		parameters: { prompt: '={{ $json.prompt }}' },
		items: prompts('slow', 'medium', 'fast'),
	});
	const ids = ['slow', 'medium', 'fast'].map(
		(word) => [...world.simulator.tasks.values()].find(({ body }) => body.prompt === word)?.id,
	);
	expect(
		items.map(({ json, pairedItem, binary }) => [json.task_id, pairedItem, binary?.data.fileName]),
	).toEqual(ids.map((id, item) => [id, { item }, `${id}.mp4`]));
});

it('of 15 items ten are under way at once', async () => {
	const most = countUnderWay(15);
	const { items } = await world.engine.runNode({
		parameters: { prompt: 'A horse', downloadVideo: false },
		items: Array.from({ length: 15 }, () => ({ json: {} })),
	});
	expect([items.length, most()]).toEqual([15, 10]);
});

it('of different numbers of Videos at Once the smallest counts', async () => {
	const numbers = [9, 8, 3, 5, 4, 7];
	const most = countUnderWay(numbers.length);
	const { status } = await world.engine.runNode({
		parameters: {
			prompt: 'A horse',
			downloadVideo: false,
			options: { maxTasksInFlight: '={{ $json.number }}' },
		},
		items: numbers.map((number) => ({ json: { number } })),
	});
	expect(status).toBe('success');
	expect(most()).toBe(3);
});

it('Execute Once orders one video, for the first item', async () => {
	const { items } = await world.engine.runNode({
		parameters: { prompt: '={{ $json.prompt }}' },
		items: prompts('one', 'two', 'three'),
		executeOnce: true,
	});
	expect(items).toHaveLength(1);
	expect([...world.simulator.tasks.values()].map(({ body }) => body.prompt)).toEqual(['one']);
});

it('without waiting, the accepted task comes out at once, and is not asked about', async () => {
	const { items } = await run({}, { waitForCompletion: false });
	const [task] = world.simulator.tasks.values();
	const json = {
		task_id: task.id,
		operation: 'textToVideo',
		model: 'dashscope/happyhorse-1.0',
		ordered_seconds: 5,
		created_at: new Date(task.createdAt).toISOString(),
		request_id: task.requestId,
	};
	expect(items).toStrictEqual([{ json, pairedItem: { item: 0 } }]);
	expect(world.simulator.requests.map(({ kind }) => kind)).toEqual(['submit']);
});

it('without the file, the link comes out and nothing is downloaded', async () => {
	const { items } = await run({ downloadCover: true }, { downloadVideo: false });
	expect(items[0].json).toHaveProperty('video_url');
	expect(items[0]).not.toHaveProperty('binary');
	expect(world.simulator.ofKind('media')).toEqual([]);
});

describe('the files', () => {
	it('go into a field of any name, and n8n hands them on', async () => {
		const field = 'constructor';
		const { items } = await run({ binaryPropertyNameOutput: field, downloadCover: true });
		const files = Object.entries(items[0].binary ?? {});
		expect(files.map(([name]) => name)).toEqual([field, 'cover']);
		expect(files[1][1]).toMatchObject({ mimeType: 'image/jpeg', fileType: 'image' });
		const bytes = await world.engine.readBinary(files[0][1]);
		expect(bytes).toHaveLength((await filmOf(undefined)).length);
	});

	it('of several items have numbers behind a name that is the same for all', async () => {
		world.outcome({ videos: 2 }, 2);
		const { items } = await world.engine.runNode({
			parameters: { prompt: '={{ $json.prompt }}', options: { fileName: 'trailer.MOV' } },
			items: prompts('one', 'two'),
		});
		const names = items.flatMap(({ binary }) =>
			Object.values(binary ?? {}).map(({ fileName }) => fileName),
		);
		expect(names).toEqual(['trailer.MOV', 'trailer_1.MOV', 'trailer_2.MOV', 'trailer_2_1.MOV']);
	});
});

describe('what a run has cost', () => {
	const hintOf = (message: string) => [{ message, type: 'info', location: 'outputPane' }];
	const infos = ({ logs }: Execution) =>
		logs.filter(({ level }) => level === 'info').map(({ message }) => message);

	it('stands beside its output, and in the log', async () => {
		const parameters = { prompt: 'A horse', options: { maxTotalSeconds: 12 } };
		const done = await world.engine.runNode({ parameters, items: prompts('one', 'two') });
		const cost = 'Ordered 2 videos, 10 seconds of video; 2 seconds left of the Spending Limit';
		expect(done.hints).toEqual(hintOf(cost));
		expect(infos(done)).toContain(`HappyHorse: ${cost}`);
		for (const { json } of done.items) expect(json.ordered_seconds).toBe(5);
	});

	it('is nothing for what an earlier try has ordered', async () => {
		world.fail('query', 401);
		const failed = await run({});
		expect(failed.status).toBe('error');
		expect(infos(failed)).toContain('HappyHorse: Ordered 1 video, 5 seconds of video');
		const done = await world.engine.retry(failed);
		expect(done.items[0].json).toMatchObject({ status: 'succeeded', ordered_seconds: 0 });
		expect(done.hints).toEqual(hintOf('1 video taken over from an earlier try (0 seconds)'));
		expect(world.simulator.ofKind('submit')).toHaveLength(1);
	});

	it('is told in the log of a tool, which has no hints', async () => {
		world.fail('submit', 502);
		const asked = await world.engine.callTool({
			agent: 'requesting',
			parameters: { prompt: '={{ $fromAI("prompt", "", "string") }}' },
			calls: ['one', 'one', 'two'].map((prompt) => ({ args: { prompt } })),
		});
		expect(infos(asked)).toEqual(
			expect.arrayContaining([
				'HappyHorse: 1 video skipped that may have been ordered before',
				'HappyHorse: Ordered 1 video, 5 seconds of video',
			]),
		);
		expect(world.simulator.tasks.size).toBe(1);
	});
});
