// Dry Run: everything is checked as for an order, nothing is ordered, and what comes out has the form of the real thing.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { promises } from 'node:fs';
import type { INodeParameters } from 'n8n-workflow';
import fc from 'fast-check';
import { imageFile, mp4 } from '../../tools/images';
import type { Execution, ItemSpec, NodeRequest } from '../../tools/engine/engine';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 1 } });

const LINK = 'https://a.example/1.png?X-Signature=0123456789abcdef';

/** The same parameters with Dry Run on, or as `dryRun` says. */
function dry(parameters: INodeParameters, dryRun: unknown = true): INodeParameters {
	const { options } = parameters;
	return { ...parameters, options: { ...Object(options), dryRun } };
}

/** What a run has left behind of an order: requests, intents, records, and task IDs shown with the execution. */
function tracesOf({ data }: Execution) {
	const { contextData = {} } = data.executionData ?? {};
	const { records } = Object(contextData[`node:HappyHorse`]);
	return {
		requests: world.simulator.requests.length,
		intents: world.engine.deduplication.rows,
		records: Object.keys(records ?? {}),
		customData: data.resultData.metadata ?? {},
	};
}

const NO_TRACES = { requests: 0, intents: [], records: [], customData: {} };

/** No credential that fits: one that is read makes an item fail. */
const NO_CREDENTIAL = { happyHorse: { type: 'anotherApi', data: {} } };

const withFile = (content: Buffer): ItemSpec[] => [
	{ json: {}, binary: { data: { content, fileName: 'a.png', mimeType: 'image/png' } } },
];

/** One scene for each operation and source: its parameters, and the items that suit it. */
const SCENES: Array<[string, INodeParameters, () => Promise<ItemSpec[]>]> = [
	[
		'text to video, portrait',
		{ prompt: 'A horse', resolution: '720P', aspectRatio: '9:16', duration: 7 },
		async () => [{ json: {} }],
	],
	[
		'reference to video',
		{
			operation: 'referenceToVideo',
			prompt: 'character1 meets character2',
			aspectRatio: '1:1',
			referenceImages: { image: [{ source: 'binary' }, { source: 'url', url: LINK }] },
		},
		async () => withFile(await imageFile('webp', 400, 500)),
	],
	[
		'edit video by link',
		{ operation: 'editVideo', prompt: 'Snow', videoUrl: 'https://a.example/1.mp4' },
		async () => [{ json: {} }],
	],
];

it.each(SCENES)(
	'%s comes out as the real one, without an order and without a credential',
	async (_what, scene, itemsOf) => {
		const parameters = { ...scene, options: { downloadCover: true } };
		const items = await itemsOf();
		const real = await world.engine.runNode({ parameters, items });
		expect(real.status).toBe('success');
		const [{ body: sent }] = world.simulator.ofKind('submit');
		world.simulator.reset();
		world.engine.deduplication.clear();

		const rehearsed = await world.engine.runNode({
			parameters: dry(parameters),
			items,
			credentials: NO_CREDENTIAL,
		});
		expect(rehearsed.status).toBe('success');
		expect(tracesOf(rehearsed)).toEqual(NO_TRACES);
		const [{ json, binary = {}, pairedItem }] = rehearsed.items;
		const [wanted] = real.items;
		const { request, dry_run, would_order_seconds, ...others } = json;
		expect(would_order_seconds).toBe(wanted.json.ordered_seconds);
		expect(pairedItem).toEqual({ item: 0 });
		expect(dry_run).toBe(true);
		expect(Object.keys(others)).toEqual(Object.keys(wanted.json));
		expect(others).toMatchObject({
			status: 'dry_run',
			task_id: expect.stringMatching(/^dry_run_/),
			video_url: expect.stringMatching(/^https:\/\/happyhorse\.invalid\/.*\.mp4$/),
			cover_url: expect.stringMatching(/^https:\/\/happyhorse\.invalid\/.*\.jpg$/),
			width: wanted.json.width,
			height: wanted.json.height,
			operation: wanted.json.operation,
			model: wanted.json.model,
			ordered_seconds: 0,
			elapsed_seconds: 0,
		});

		expect(Object.keys(binary)).toEqual(['data', 'cover']);
		expect(binary.data).toMatchObject({
			fileName: `${String(json.task_id)}.mp4`,
			mimeType: 'video/mp4',
			fileType: 'video',
		});
		expect(binary.cover).toMatchObject({ mimeType: 'image/jpeg' });
		const bytes = await world.engine.readBinary(binary.data);
		expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
		expect(bytes.length).toBeLessThan(15_000);

		const shortened = JSON.parse(
			JSON.stringify(sent)
				.replace(/base64,[\w+/=]+/g, 'base64,…')
				.replaceAll(LINK, LINK.replace(/\?.*/, '?…')),
		);
		expect(JSON.parse(JSON.stringify(request).replace(/ \(\d+ bytes\)/g, ''))).toEqual(shortened);
		expect(JSON.stringify(rehearsed.data)).not.toMatch(/[\w+/]{200}|0123456789abcdef/);
	},
);

it('names and places files as a real order does', async () => {
	const options = { fileName: 'trailer', binaryPropertyNameOutput: 'clip' };
	const { items } = await world.engine.runNode({
		parameters: dry({ prompt: 'A horse', options }),
		items: [{ json: {} }, { json: {} }],
	});
	const names = items.map(({ binary }) => binary?.clip.fileName);
	expect(names).toEqual(['trailer.mp4', 'trailer_2.mp4']);
	expect(items[0].json.task_id).not.toBe(items[1].json.task_id);
});

it('answers an agent', async () => {
	const parameters = dry({ prompt: '={{ $fromAI("prompt", "", "string") }}' });
	const calls = [{ args: { prompt: 'A horse' } }];
	const { answers } = await world.engine.callTool({ agent: 'invoking', parameters, calls });
	const video_url = expect.stringMatching(/happyhorse\.invalid/);
	expect(JSON.parse(answers[0].text)).toMatchObject([{ status: 'dry_run', video_url }]);
	expect(world.simulator.requests).toEqual([]);
});

const BAD: Array<[string, INodeParameters, ItemSpec[]]> = [
	[
		'a file that is no image',
		{ operation: 'imageToVideo', imageSource: 'binary' },
		withFile(mp4()),
	],
	[
		'the spending limit',
		{ prompt: 'A horse', options: { maxTotalSeconds: 9 } },
		[{ json: {} }, { json: {} }],
	],
];

it.each(BAD)('fails for %s in the words of a real order', async (_what, parameters, items) => {
	const request: NodeRequest = { parameters, items };
	const real = await world.engine.runNode(request);
	const rehearsed = await world.engine.runNode({ ...request, parameters: dry(parameters) });
	expect(real.error?.message).toBeDefined();
	expect(rehearsed.error).toMatchObject({
		message: real.error?.message,
		description: real.error?.description,
	});
	const goesOn = {
		...request,
		parameters: dry(parameters),
		onError: 'continueErrorOutput',
	} as const;
	const one = await world.engine.runNode({ ...goesOn, retryOnFail: true });
	expect([one.items.length, one.errorItems.length]).toEqual([items.length - 1, 1]);
	expect(world.simulator.requests).toEqual([]);
});

describe('the switch', () => {
	it('orders for false alone: any other value is a failure that names it', async () => {
		const value = fc.oneof(
			fc.constantFrom(null, undefined, '', ' ', 0, 1, 'no', 'yes', 'on', 'test', NaN, [], {}),
			fc.jsonValue(),
		);
		await fc.assert(
			fc.asyncProperty(value, fc.boolean(), async (dryRun, isExpression) => {
				world.simulator.reset();
				// An object may have a toString that is none
				const text = typeof dryRun === 'object' ? '' : String(dryRun);
				const isSwitch = ['true', 'false'].includes(text.trim().toLowerCase());
				// JSON has no undefined: an option that is not held is off, as by its default
				fc.pre(!isSwitch && !Array.isArray(dryRun) && (isExpression || dryRun !== undefined));
				fc.pre(isExpression || !text.startsWith('='));
				const held = isExpression ? '={{ $json.dryRun }}' : dryRun;
				const { error } = await world.engine.runNode({
					parameters: dry({ prompt: 'A horse', downloadVideo: false }, held),
					items: [{ json: isExpression ? { dryRun: dryRun as string } : {} }],
				});
				expect(error?.message).toContain('Dry Run');
				expect(world.simulator.requests).toEqual([]);
			}),
			{ numRuns: 60 },
		);
	});

	it('may differ from item to item', async () => {
		const { items } = await world.engine.runNode({
			parameters: dry({ prompt: '={{ $json.prompt }}' }, '={{ $json.dry }}'),
			items: [true, false, true].map((isDry, n) => ({ json: { prompt: `${n}`, dry: isDry } })),
		});
		expect(items.map(({ json }) => json.status)).toEqual(['dry_run', 'succeeded', 'dry_run']);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
		expect([...world.simulator.tasks.values()].map(({ body }) => body.prompt)).toEqual(['1']);
	});

	it('that is on for a bad item keeps the good one from being ordered, where n8n stops', async () => {
		const { error } = await world.engine.runNode({
			parameters: dry(
				{ prompt: 'A horse', duration: '={{ $json.seconds }}' },
				'={{ $json.seconds > 5 }}',
			),
			items: [{ json: { seconds: 5 } }, { json: { seconds: 16 } }],
		});
		expect(error?.message).toMatch(/^Item 1 \(the 2nd\): Duration/);
		expect(world.simulator.requests).toEqual([]);
	});
});

it('says beside the output and in the log what it would have ordered', async () => {
	const execution = await world.engine.runNode({
		parameters: dry({ prompt: 'A horse', options: { maxTotalSeconds: 60 } }),
		items: [{ json: {} }, { json: {} }],
	});
	const message =
		'Dry Run of 2 videos, 10 seconds of video: not ordered; 50 seconds left of the Spending Limit';
	expect(execution.hints).toEqual([expect.objectContaining({ message })]);
	expect(execution.logs.map((line) => line.message)).toContain(`HappyHorse: ${message}`);
});

it('says what to look at where n8n could not store the sample', async () => {
	const store = jest
		.spyOn(promises, 'writeFile')
		.mockRejectedValue(new Error('ENOSPC: no space left on device'));
	const { error } = await world.engine.runNode({ parameters: dry({ prompt: 'A horse' }) });
	store.mockRestore();
	expect(error?.message).toBe('n8n could not store the sample video of the dry run');
	expect(error?.description).toMatch(/^Nothing was ordered.*Download Video off.*no space left/);
});

describe('beside what is real', () => {
	it('a link of a dry run is not ordered with', async () => {
		for (const parameters of [
			{ operation: 'editVideo', prompt: 'Snow', videoUrl: '={{ $json.url }}' },
			{ operation: 'imageToVideo', imageUrl: '={{ $json.url }}' },
		]) {
			const { error } = await world.engine.runNode({
				parameters,
				items: [{ json: { url: 'https://happyhorse.invalid/dry_run_1.mp4' } }],
			});
			expect(error?.message).toMatch(/ URL comes from a dry run, and leads nowhere$/);
			expect(error?.description).toMatch(/Turn Dry Run off in the node/);
		}
		expect(world.simulator.requests).toEqual([]);
	});

	it('the task of a dry run is not asked about', async () => {
		const taskId = 'dry_run_fW16D54rdikh9N9x9kO5_z';
		const { error } = await world.engine.runNode({
			parameters: { resource: 'task', operation: 'wait', taskId },
		});
		expect(error?.message).toBe('Task ID is that of a dry run, so there is no task to look up');
		expect(world.simulator.requests).toEqual([]);
	});

	it('an item that is paid for is not lost to a dry run: it says so, and goes on without', async () => {
		world.fail('query', 401, 1);
		const parameters = { prompt: 'A horse' };
		const failed = await world.engine.runNode({ parameters });
		const [task] = world.simulator.tasks.values();
		const rehearsed = await world.engine.retry(failed, { parameters: dry(parameters) });
		expect(rehearsed.error?.message).toBe(
			'Dry Run is on, but an earlier try has ordered the video of this item',
		);
		expect(rehearsed.error?.description).toContain(task.id);
		// Dry Run is no part of the request: set or not, off or not, it is the same order
		const retried = await world.engine.retry(failed, { parameters: dry(parameters, false) });
		expect(retried.items[0].json).toMatchObject({ task_id: task.id, ordered_seconds: 0 });
		expect(world.simulator.tasks.size).toBe(1);
	});
});
