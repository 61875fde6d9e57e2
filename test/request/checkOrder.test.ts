// The parameters of one item become an order: what each mode sends, and what it never does.
import { HEAD_BYTES } from '../../nodes/HappyHorse/fileType';
import { checkOrder } from '../../nodes/HappyHorse/request/checkOrder';
import type { InputFile, InputItem } from '../../nodes/HappyHorse/request/inputItem';
import type { ByteSource } from '../../nodes/HappyHorse/request/order';
import { orderSeconds } from '../../nodes/HappyHorse/request/order';
import type { Mode } from '../../nodes/HappyHorse/service/contract';
import { dataUrl, mp4, picture } from '../../tools/pictures';

const LINK = 'https://a.example/1.png';
const VIDEO = 'https://a.example/1.mp4';

/** A file of an input item. */
function fileOf(
	content: Buffer,
	signedLink = () => 'https://n8n.example.com/signed?token=1',
): InputFile {
	return {
		name: '"a.png" (field "data")',
		size: async () => content.length,
		open: async () => [content],
		signedLink,
	};
}

/** An input item where every parameter is set, also those that a mode does not know. */
function itemOf(values: Record<string, unknown>, files: Record<string, InputFile> = {}): InputItem {
	const all: Record<string, unknown> = {
		prompt: 'character1 rides',
		imageUrl: LINK,
		videoUrl: VIDEO,
		'referenceImages.image': [{ source: 'url', url: LINK }],
		audioSetting: 'origin',
		resolution: '720P',
		aspectRatio: '9:16',
		duration: 7,
		...values,
	};
	return { value: (parameter) => all[parameter], file: (field) => files[field] };
}

async function bytesOf(source: ByteSource): Promise<Buffer> {
	const parts: Uint8Array[] = [];
	for await (const part of source) parts.push(part);
	return Buffer.concat(parts);
}

describe('what a mode takes, whatever else is set', () => {
	it.each<[Mode, object, number]>([
		[
			'textToVideo',
			{
				fields: {
					prompt: 'character1 rides',
					resolution: '720P',
					aspect_ratio: '9:16',
					duration: 7,
				},
				pictures: [],
			},
			7,
		],
		[
			'imageToVideo',
			{
				fields: { prompt: 'character1 rides', resolution: '720P', duration: 7 },
				pictures: [{ kind: 'link', url: LINK }],
			},
			7,
		],
		[
			'referenceToVideo',
			{
				fields: {
					prompt: 'character1 rides',
					resolution: '720P',
					aspect_ratio: '9:16',
					duration: 7,
				},
				pictures: [{ kind: 'link', url: LINK }],
			},
			7,
		],
		[
			'editVideo',
			{
				fields: {
					prompt: 'character1 rides',
					resolution: '720P',
					extra_params: { audio_setting: 'origin' },
				},
				pictures: [{ kind: 'link', url: LINK }],
			},
			15,
		],
	])('%s', async (mode, order, seconds) => {
		const { videoUrl, ...rest } = await checkOrder(mode, itemOf({}));
		expect(rest).toStrictEqual({ mode, ...order });
		expect(videoUrl?.()).toBe(mode === 'editVideo' ? VIDEO : undefined);
		expect(orderSeconds({ ...rest, videoUrl })).toBe(seconds);
	});
});

it('what is not set is sent as its default', async () => {
	const unset = { resolution: undefined, aspectRatio: undefined, audioSetting: undefined };
	const { fields } = await checkOrder('textToVideo', itemOf(unset));
	expect(fields).toMatchObject({ resolution: '1080P', aspect_ratio: '16:9' });
	const edit = await checkOrder('editVideo', itemOf(unset));
	expect(edit.fields.extra_params).toEqual({ audio_setting: 'auto' });
});

it.each(['', '  ', undefined, null])(
	'a first frame needs no prompt: %j is not sent',
	async (prompt) => {
		const { fields } = await checkOrder('imageToVideo', itemOf({ prompt }));
		expect(fields).not.toHaveProperty('prompt');
	},
);

it('a number as a prompt is its text', async () => {
	const { fields } = await checkOrder('textToVideo', itemOf({ prompt: 2024 }));
	expect(fields.prompt).toBe('2024');
});

describe('pictures', () => {
	it('of a data: URL are sent with the type that their bytes have', async () => {
		const file = await picture('webp', 400, 400);
		const imageUrl = dataUrl(file, 'image/png');
		const [frame] = (await checkOrder('imageToVideo', itemOf({ imageUrl }))).pictures;
		if (frame.kind !== 'bytes') throw new Error('It is a link');
		expect(frame).toMatchObject({ format: 'webp', size: file.length });
		await expect(bytesOf(await frame.open())).resolves.toEqual(file);
	});

	it('of a data: URL may have more in its head', async () => {
		const file = await picture('png', 400, 400);
		const imageUrl = `DATA:image/png;name=a.png;BASE64,${file.toString('base64')}`;
		const { pictures } = await checkOrder('imageToVideo', itemOf({ imageUrl }));
		expect(pictures).toMatchObject([{ kind: 'bytes', size: file.length }]);
	});

	it('of a file are sent with the type that their bytes have', async () => {
		const file = await picture('jpeg', 400, 400);
		const item = itemOf(
			{ imageSource: 'binary', binaryPropertyName: 'photo' },
			{ photo: fileOf(file) },
		);
		const [frame] = (await checkOrder('imageToVideo', item)).pictures;
		expect(frame).toMatchObject({ kind: 'bytes', format: 'jpeg', size: file.length });
	});

	it('of all rows follow each other, several of one row too', async () => {
		const [png, jpeg] = [await picture('png', 400, 400), await picture('jpeg', 400, 400)];
		const rows = [
			{ url: `${LINK}?1, ${LINK}?2` },
			{ source: 'binary', binaryPropertyName: 'a, b' },
			{ source: 'url', url: [dataUrl(png), `${LINK}?3`] },
			{ source: 'binary' },
		];
		const files = { a: fileOf(png), b: fileOf(jpeg), data: fileOf(jpeg) };
		const item = itemOf({ 'referenceImages.image': rows }, files);
		const { pictures } = await checkOrder('referenceToVideo', item);
		const found = pictures.map((one) => (one.kind === 'link' ? one.url.slice(-2) : one.format));
		expect(found).toEqual(['?1', '?2', 'png', 'jpeg', 'png', '?3', 'jpeg']);
		const [, , , , third] = pictures;
		if (third.kind !== 'bytes') throw new Error('It is a link');
		await expect(bytesOf(await third.open())).resolves.toEqual(png);
	});

	it('that their expression no longer gives when the order is sent are said to be missing', async () => {
		const values = { 'referenceImages.image': [{ url: dataUrl(await picture('png', 400, 400)) }] };
		const item = itemOf({});
		const { pictures } = await checkOrder('referenceToVideo', {
			...item,
			value: (parameter) => Reflect.get(values, parameter) ?? item.value(parameter),
		});
		const [only] = pictures;
		if (only.kind !== 'bytes') throw new Error('It is a link');
		values['referenceImages.image'] = [];
		await expect(only.open()).rejects.toThrow(/^Image URL must be .*, but is empty$/);
	});

	it('need not be there beside a video', async () => {
		for (const rows of [undefined, []]) {
			const item = itemOf({ 'referenceImages.image': rows, prompt: 'character3 is no image here' });
			await expect(checkOrder('editVideo', item)).resolves.toMatchObject({ pictures: [] });
		}
	});

	it.each([undefined, []])('must be there where they are all there is: %j', async (rows) => {
		const item = itemOf({ 'referenceImages.image': rows });
		await expect(checkOrder('referenceToVideo', item)).rejects.toThrow(
			'Reference Images must not be empty',
		);
	});

	it.each([['rows'], [[LINK]]])('must be rows of the list: %j', async (rows) => {
		const item = itemOf({ 'referenceImages.image': rows });
		await expect(checkOrder('referenceToVideo', item)).rejects.toThrow(
			'Reference Images must be a list of images',
		);
	});
});

describe('a video file', () => {
	const video = (file: InputFile) =>
		itemOf({ videoSource: 'binary', videoBinaryPropertyName: 'clip' }, { clip: file });

	it('goes by a link that is made when the order is sent, and not before', async () => {
		let links = 0;
		const file = fileOf(mp4(), () => `https://n8n.example.com/signed?token=${(links += 1)}`);
		const { videoUrl } = await checkOrder('editVideo', video(file));
		const before = links;
		expect(videoUrl?.()).toBe(`https://n8n.example.com/signed?token=${before + 1}`);
	});

	it.each(['http://localhost:5678/x', 'http://192.168.1.5/x', 'http://n8n:5678/x'])(
		'can not go by %s',
		async (link) => {
			const order = checkOrder('editVideo', video(fileOf(mp4(), () => link)));
			await expect(order).rejects.toThrow(
				`The video "a.png" (field "data") can't be fetched by the service: the address of this n8n, ${new URL(link).host}, is not on the internet`,
			);
		},
	);

	it('may have 100 MB, and not a byte more', async () => {
		const sized = (bytes: number) => video({ ...fileOf(mp4()), size: async () => bytes });
		await expect(checkOrder('editVideo', sized(104_857_600))).resolves.toBeDefined();
		await expect(checkOrder('editVideo', sized(104_857_601))).rejects.toThrow(
			'has 104857601 bytes; it must have at most 100 MB (104857600 bytes)',
		);
	});

	it('is looked at only where it begins', async () => {
		let read = 0;
		function* pieces() {
			for (const byte of mp4(5000)) {
				read += 1;
				yield Buffer.from([byte]);
			}
		}
		const file = { ...fileOf(mp4(5000)), open: async () => pieces() };
		await expect(checkOrder('editVideo', video(file))).resolves.toBeDefined();
		expect(read).toBe(HEAD_BYTES);
	});

	it.each(['http://localhost:9000/v.mp4', 'http://10.0.0.1/v.mp4'])(
		'by a URL that the user typed is the business of the user: %s',
		async (videoUrl) => {
			await expect(checkOrder('editVideo', itemOf({ videoUrl }))).resolves.toBeDefined();
		},
	);
});
