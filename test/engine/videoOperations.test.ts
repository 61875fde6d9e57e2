// The operations that generate a video: what exactly is ordered, and what comes out.
import type { INodeParameters } from 'n8n-workflow';
import { imageFile } from '../../tools/images';
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
					{
						url: `data:image/${format};base64,${content.toString('base64')}`,
						reference_type: 'first_frame',
					},
				],
			},
		]);
		const [task] = world.simulator.tasks.values();
		expect(task.sources).toMatchObject([{ image: { format, width: 500, height: 400 } }]);
		expect(items[0].json).toMatchObject({ width: 1350, height: 1080 });
	});

	it('takes another field, each item its own', async () => {
		const contents = [await imageFile('png', 400, 400), await imageFile('png', 500, 500)];
		await world.engine.runNode({
			parameters: {
				operation: 'imageToVideo',
				imageSource: 'binary',
				binaryPropertyName: '={{ $json.field }}',
				waitForCompletion: false,
			},
			items: contents.map((content, index) => ({
				json: { field: `photo${index}` },
				binary: { [`photo${index}`]: file(content) },
			})),
		});
		const widths = [...world.simulator.tasks.values()].map(
			({ sources }) => sources[0].image?.width,
		);
		expect(widths.sort()).toEqual([400, 500]);
	});
});

describe('Reference to Video', () => {
	const run = async (image: INodeParameters[]) => {
		const binary = {
			a: file(await imageFile('png', 400, 400)),
			b: file(await imageFile('jpeg', 410, 400)),
			data: file(await imageFile('webp', 420, 400)),
		};
		return await world.engine.runNode({
			parameters: {
				operation: 'referenceToVideo',
				prompt: 'character1 meets character2',
				referenceImages: { image },
			},
			items: [{ json: { links: [`${LINK}?3`, `${LINK}?4`] }, binary }],
		});
	};

	it('sends links and files in the order of the rows, several of one row too', async () => {
		const { status, items } = await run([
			{ source: 'url', url: LINK },
			{ source: 'binary', binaryPropertyName: 'b, a' },
			{ source: 'url', url: `${LINK}?1,2, ${LINK}?2` },
			{ source: 'url', url: '={{ $json.links }}' },
			{ source: 'binary' },
		]);
		expect(status).toBe('success');
		expect(items[0].json.operation).toBe('referenceToVideo');
		const [body] = submitted();
		const images = Object(body).reference_images as Array<Record<string, string>>;
		expect(images.map(({ url }) => (url.startsWith('data:') ? url.slice(0, 15) : url))).toEqual([
			LINK,
			'data:image/jpeg',
			'data:image/png;',
			`${LINK}?1,2`,
			`${LINK}?2`,
			`${LINK}?3`,
			`${LINK}?4`,
			'data:image/webp',
		]);
		expect(new Set(images.map(({ reference_type }) => reference_type))).toEqual(new Set(['asset']));
		expect({ ...body, reference_images: [] }).toStrictEqual({
			model: MODEL,
			prompt: 'character1 meets character2',
			resolution: '1080P',
			aspect_ratio: '16:9',
			duration: 5,
			reference_images: [],
		});
	});
});

it('the model is the one that was ordered, where the service names none', async () => {
	const text = (usual: string) => usual.replace(`"model":"${MODEL}",`, '');
	world.simulator.faults.push({ on: 'submit', fault: { kind: 'body', text } });
	const { items } = await world.engine.runNode({
		parameters: { prompt: 'A horse', waitForCompletion: false },
	});
	expect(items[0].json).toMatchObject({ task_id: expect.any(String), model: MODEL });
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
