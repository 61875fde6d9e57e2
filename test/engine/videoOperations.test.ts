// The operations that generate a video: what exactly is ordered, and what comes out.
import { dataUrl, imageFile } from '../../tools/images';
import type { FileSpec } from '../../tools/engine/engine';
import { filmOf } from '../../tools/simulator/media';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 4 } });

const MODEL = 'dashscope/happyhorse-1.0';
const LINK = 'https://a.example/1.png';

const submitted = () => world.simulator.ofKind('submit').map(({ body }) => body);

const file = (content: Buffer, fileName = 'a.png'): FileSpec => ({
	content,
	fileName,
	mimeType: 'image/png',
});

describe('Text to Video', () => {
	it('orders what is set, and puts out the finished video with its file', async () => {
		const { status, items } = await world.engine.runNode({
			parameters: {
				prompt: 'A miniature city 🐴',
				resolution: '720P',
				aspectRatio: '9:16',
				duration: 7,
			},
		});
		expect(status).toBe('success');
		expect(submitted()).toStrictEqual([
			{
				model: MODEL,
				prompt: 'A miniature city 🐴',
				resolution: '720P',
				aspect_ratio: '9:16',
				duration: 7,
			},
		]);
		const [task] = world.simulator.tasks.values();
		const file = `${world.simulator.mediaUrl}/file/`;
		expect(items).toHaveLength(1);
		expect(items[0].pairedItem).toEqual({ item: 0 });
		expect(items[0].json).toStrictEqual({
			prompt: 'A miniature city 🐴',
			task_id: task.id,
			status: 'succeeded',
			operation: 'textToVideo',
			model: MODEL,
			ordered_seconds: 7,
			video_url: expect.stringMatching(`^${file}.*\\.mp4$`),
			cover_url: expect.stringMatching(`^${file}.*\\.jpg$`),
			width: 720,
			height: 1280,
			duration: 7,
			created_at: new Date(task.createdAt).toISOString(),
			completed_at: new Date(task.createdAt + 4000).toISOString(),
			elapsed_seconds: 4,
			request_id: expect.stringMatching(/^req_/),
		});
		expect(items[0].binary).toMatchObject({
			data: { fileName: `${task.id}.mp4`, mimeType: 'video/mp4', fileType: 'video' },
		});
		expect(Object.keys(items[0].binary ?? {})).toEqual(['data']);
		const bytes = items[0].binary && (await world.engine.readBinary(items[0].binary.data));
		expect(bytes?.toString('latin1', 4, 8)).toBe('ftyp');
		expect(bytes).toHaveLength((await filmOf(task)).length);
	});
});

describe('Image to Video', () => {
	it('hands a link on, without a ratio and without a prompt', async () => {
		const { status, items } = await world.engine.runNode({
			parameters: { operation: 'imageToVideo', imageUrl: ` ${LINK}\n`, aspectRatio: '1:1' },
		});
		expect(status).toBe('success');
		expect(items[0].json.operation).toBe('imageToVideo');
		expect(items[0].json).not.toHaveProperty('prompt');
		expect(submitted()).toStrictEqual([
			{
				model: MODEL,
				resolution: '1080P',
				duration: 5,
				reference_images: [{ url: LINK, reference_type: 'first_frame' }],
			},
		]);
	});

	it('sends a file of the input item as it is, by its true type', async () => {
		const format = 'webp';
		const content = await imageFile(format, 500, 400);
		const { status, items } = await world.engine.runNode({
			parameters: { operation: 'imageToVideo', imageSource: 'binary' },
			items: [{ json: {}, binary: { data: file(content, 'a.gif') } }],
		});
		expect(status).toBe('success');
		expect(submitted()).toStrictEqual([
			{
				model: MODEL,
				resolution: '1080P',
				duration: 5,
				reference_images: [
					{ url: dataUrl(content, `image/${format}`), reference_type: 'first_frame' },
				],
			},
		]);
		const [task] = world.simulator.tasks.values();
		expect(task.sources).toMatchObject([{ image: { format, width: 500, height: 400 } }]);
		expect(items[0].json).toMatchObject({ width: 1350, height: 1080 });
	});
});

it('Reference to Video sends links and files in the order of the rows', async () => {
	const content = await imageFile('webp', 420, 400);
	const { status, items } = await world.engine.runNode({
		parameters: {
			operation: 'referenceToVideo',
			prompt: 'character1 meets character2',
			referenceImages: { image: [{ source: 'binary' }, { url: '={{ $json.links }}' }] },
		},
		items: [{ json: { links: [`${LINK}?1`, `${LINK}?2`] }, binary: { data: file(content) } }],
	});
	expect(status).toBe('success');
	expect(items[0].json.operation).toBe('referenceToVideo');
	const urls = [dataUrl(content, 'image/webp'), `${LINK}?1`, `${LINK}?2`];
	expect(submitted()).toStrictEqual([
		{
			model: MODEL,
			prompt: 'character1 meets character2',
			resolution: '1080P',
			aspect_ratio: '16:9',
			duration: 5,
			reference_images: urls.map((url) => ({ url, reference_type: 'asset' })),
		},
	]);
});

describe('the fields of the input item', () => {
	const rows = [
		{ title: 'Row 0', prompt: 'A horse', seconds: 5 },
		{ title: 'Row 1', prompt: 'A cat', seconds: 20, status: 'open' },
		{ title: 'Row 2', prompt: 'A dog', seconds: 3, status: 'open', error: 'old' },
	];
	const request = {
		parameters: {
			prompt: '={{ $json.prompt }}',
			duration: '={{ $json.seconds }}',
			downloadVideo: false,
			options: { includeInputFields: true, pricePerSecond: 0.14 },
		},
		items: rows.map((json) => ({ json })),
		onError: 'continueRegularOutput' as const,
	};

	it('stand beside those of the video, where that is wanted; what failed stays as it is', async () => {
		const { items, hints } = await world.engine.runNode(request);
		expect(items.map(({ json }) => json)).toMatchObject([
			{ title: 'Row 0', seconds: 5, status: 'succeeded', estimated_cost: 0.7 },
			{ error: { message: expect.stringMatching(/^Item 1/) } },
			{ title: 'Row 2', seconds: 3, status: 'succeeded', estimated_cost: 0.42 },
		]);
		expect(items[1].json).not.toHaveProperty('title');
		expect(items[2].json).not.toHaveProperty('error');
		const message = 'Ordered 2 videos, 8 seconds of video (estimated cost: 1.12)';
		expect(hints).toEqual([expect.objectContaining({ message })]);
	});

	it('do not come to an agent, which knows them', async () => {
		const { answers } = await world.engine.callTool({
			agent: 'invoking',
			parameters: { ...request.parameters, prompt: 'A horse', duration: 5 },
			items: [{ json: { title: 'Row 0' } }],
			calls: [{ args: {} }],
		});
		expect(answers[0].text).not.toContain('Row 0');
	});
});
