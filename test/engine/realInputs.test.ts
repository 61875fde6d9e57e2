// What n8n's users really put into fields: the editor's own labels, files from other nodes, lists as JSON, pasted text.
import type { INodeParameters } from 'n8n-workflow';
import sharp from 'sharp';
import { engineVersion, type FileSpec, type ItemSpec } from '../../tools/engine/engine';
import { imageFile } from '../../tools/images';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 1 } });

const LINK = 'https://a.example/1.png';
const ONE = { kind: 'the first', width: 400 };
const TWO = { kind: 'the second', width: 410 };

async function fileOf({ width }: { width: number }): Promise<FileSpec> {
	const content = await imageFile('png', width, 400);
	return { content, fileName: `${width}.png`, mimeType: 'image/png' };
}

const submitted = () => Object(world.simulator.ofKind('submit')[0]?.body);
const urls = () => (submitted().reference_images ?? []).map(({ url }: { url: string }) => url);

async function dataUrlOf(image: { width: number }): Promise<string> {
	const { content } = await fileOf(image);
	return `data:image/png;base64,${Buffer.from(content).toString('base64')}`;
}

async function run(parameters: INodeParameters, item: ItemSpec = { json: {} }) {
	return await world.engine.runNode({
		parameters: { prompt: 'A horse', waitForCompletion: false, ...parameters },
		items: [item],
	});
}

it('an operation is taken by its label, whatever its case and its blanks', async () => {
	const { status, items } = await run({
		operation: '={{ "Image to video " }}',
		imageUrl: LINK,
		videoUrl: LINK,
		referenceImages: { image: [{ url: LINK }] },
	});
	// Newer n8n evaluates no expression in this field: then it is none of the operations
	const isEvaluated = engineVersion.startsWith('2.8.');
	expect(status).toBe(isEvaluated ? 'success' : 'error');
	if (isEvaluated) expect(items[0].json.operation).toBe('imageToVideo');
	else expect(world.simulator.requests).toEqual([]);
});

describe('a binary field given as the file itself', () => {
	it.each(["={{ $('Items').item.binary.photo }}", '={{ [$binary.photo] }}'])(
		'is taken: %s',
		async (binaryPropertyName) => {
			const { status } = await run(
				{ operation: 'imageToVideo', imageSource: 'binary', binaryPropertyName },
				{ json: {}, binary: { photo: await fileOf(ONE) } },
			);
			expect(status).toBe('success');
			expect(urls()).toEqual([await dataUrlOf(ONE)]);
		},
	);

	it('stands among names, in the order of the list', async () => {
		const binaryPropertyName = '={{ [$binary.b, "a, b", $binary.a] }}';
		const { status } = await run(
			{
				operation: 'referenceToVideo',
				referenceImages: { image: [{ source: 'binary', binaryPropertyName }] },
			},
			{ json: {}, binary: { a: await fileOf(ONE), b: await fileOf(TWO) } },
		);
		expect(status).toBe('success');
		const [one, two] = [await dataUrlOf(ONE), await dataUrlOf(TWO)];
		expect(urls()).toEqual([two, one, two, one]);
	});

	it.each(['={{ $json.photo }}', 'deep.photo'])(
		'is found where a workflow keeps its files in json: %s',
		async (binaryPropertyName) => {
			const { content, ...rest } = await fileOf(ONE);
			const photo = { ...rest, data: Buffer.from(content).toString('base64') };
			const { status, error } = await world.engine.runNode({
				parameters: {
					operation: 'imageToVideo',
					imageSource: 'binary',
					binaryPropertyName,
					waitForCompletion: false,
				},
				items: [{ json: { photo, deep: { photo } } as never }],
				settings: { binaryMode: 'combined' } as never,
			});
			expect(error?.message).toBeUndefined();
			expect(status).toBe('success');
			expect(urls()).toEqual([await dataUrlOf(ONE)]);
		},
	);

	it.each([
		[
			'={{ { horse: 1 } }}',
			'Input Binary Field must be the name of a binary field, or a file, but is a value of the type object',
		],
		['constructor', 'The input item has no file in the field "constructor" (Input Binary Field)'],
	])('is no file: %s', async (binaryPropertyName, message) => {
		const { error } = await run(
			{ operation: 'imageToVideo', imageSource: 'binary', binaryPropertyName },
			{ json: {}, binary: { photo: await fileOf(ONE) } },
		);
		expect(error?.message).toBe(`${message}`);
	});
});

it('a file in place of a link is told from one', async () => {
	const { error } = await run(
		{ operation: 'imageToVideo', imageUrl: '={{ [$binary.photo] }}' },
		{ json: {}, binary: { photo: await fileOf(ONE) } },
	);
	expect(error?.message).toBe('Image URL must be a link, but is a file');
	expect(error?.description).toContain('Choose Binary File as the source');
});

it('an image that its EXIF data turn is said in the log', async () => {
	const content = await sharp(await imageFile('png', 320, 800))
		.jpeg()
		.withMetadata({ orientation: 6 })
		.toBuffer();
	const { status, logs } = await run(
		{ operation: 'imageToVideo', imageSource: 'binary' },
		{ json: {}, binary: { data: { content, mimeType: 'image/jpeg', fileName: 'a.jpg' } } },
	);
	expect(status).toBe('success');
	expect(logs.map(({ message }) => message).join()).toContain(
		'an image is turned by a note in its file',
	);
});

it('circular data fail at most the item whose field they are', async () => {
	const circle: Record<string, unknown> = {};
	circle.self = circle;
	const { items, errorItems } = await world.engine.runNode({
		parameters: {
			operation: 'imageToVideo',
			imageUrl: '={{ $json.self }}',
			waitForCompletion: false,
		},
		items: [{ json: circle as never }, { json: { self: LINK } }],
		onError: 'continueErrorOutput',
	});
	expect(errorItems.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }]);
	expect(errorItems[0].json.error).toMatchObject({
		message:
			"Item 0 (the 1st): The input item contains itself, or is nested too deeply, so it can't be told from others",
	});
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
});
