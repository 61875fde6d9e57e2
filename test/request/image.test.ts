// What an image file is found to be, as cameras, apps and hostile senders make it, and which the service takes.
import { createHash } from 'crypto';
import fc from 'fast-check';
import sharp from 'sharp';
import { Failure } from '../../nodes/HappyHorse/domain/failure';
import type { ByteSource } from '../../nodes/HappyHorse/domain/order';
import { imageRule, measureImage } from '../../nodes/HappyHorse/request/image';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';
import {
	heic,
	imageFile,
	jpegWithThumbnail,
	mp4,
	noisyImage,
	padded,
	pieces,
	progressiveJpeg,
} from '../../tools/images';
import { expectCpuBelow } from './hostile';

type Use = Parameters<typeof imageRule>[0];

const MB = 1024 * 1024;
const FORMATS = ['jpeg', 'png', 'webp'] as const;

/** As the image "a.png" in the use `use`. */
const measureSource = async (source: ByteSource, use: Use = 'imageToVideo') =>
	await measureImage('The image "a.png"', source, imageRule(use, IMINI_LIMITS));

const measure = async (file: Buffer, use?: Use) => await measureSource([file], use);

const CUT_OFF = 'The image "a.png" is cut off: its end is missing; it must be whole';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const text = (latin1: string) => Buffer.from(latin1, 'latin1');

/** A box of an ISO file of a brand. */
const ftyp = (brand: string) =>
	text(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1${brand}${'\0'.repeat(2000)}`);

/** A JPG segment. */
function segment(marker: number, length: number): Buffer {
	const head = Buffer.alloc(length + 2);
	head.writeUInt16BE(0xff00 + marker, 0);
	head.writeUInt16BE(length, 2);
	return head;
}

/** A JPG with `more` before its first header of the kind `marker`. */
function jpegWith(file: Buffer, marker: string, more: Buffer): Buffer {
	const at = file.indexOf(Buffer.from(marker, 'hex'));
	return Buffer.concat([file.subarray(0, at), more, file.subarray(at)]);
}

describe('the formats of the service', () => {
	it.each(FORMATS)('%s is known by its bytes, and measured', async (format) => {
		const file = await imageFile(format, 640, 480);
		const digest = createHash('sha256').update(file).digest('base64url');
		const measured = { format, width: 640, height: 480, size: file.length, digest };
		for (const size of [1, 7, 4096, Infinity]) {
			const source = size === Infinity ? [file] : pieces(file, size);
			await expect(measureSource(source)).resolves.toEqual(measured);
		}
	});

	it.each<[string, (file: Buffer) => Buffer | Promise<Buffer>]>([
		['is progressive', progressiveJpeg],
		['has a thumbnail in its header', jpegWithThumbnail],
		['has fill bytes at its start', (file) => jpegWith(file, 'ffdb', bytes('ffffff'))],
		['has fill bytes before its first mark', (file) => Buffer.concat([bytes('ffff'), file])],
		['has fill bytes between its headers', (file) => jpegWith(file, 'ffda', bytes('ffffff'))],
		['has stray bytes between its headers', (file) => jpegWith(file, 'ffda', bytes('0000'))],
		[
			'has comments with end marks of their own',
			(file) => {
				const comment = Buffer.concat([segment(0xfe, 60_000).subarray(0, -2), bytes('ffd9')]);
				return jpegWith(file, 'ffda', Buffer.concat([comment, comment]));
			},
		],
		[
			'has megabytes of headers before its pixels',
			(file) => jpegWith(file, 'ffdb', Buffer.concat(Array(60).fill(segment(0xe2, 65_000)))),
		],
	])('a JPG may be one that %s, and is whole then to its last byte', async (_what, change) => {
		const file = await change(await imageFile('jpeg', 400, 400));
		await expect(measure(file)).resolves.toMatchObject({
			format: 'jpeg',
			width: 400,
			size: file.length,
		});
		await expect(measure(file.subarray(0, -1))).rejects.toThrow(CUT_OFF);
	});

	it.each(FORMATS)('a %s may have anything behind its end', async (format) => {
		const file = await imageFile(format, 400, 400);
		for (const more of [500, 5000, 2 * MB]) {
			await expect(measure(padded(file, file.length + more))).resolves.toMatchObject({
				width: 400,
			});
		}
	});

	it('a JPG may end with the trailer of a Samsung camera in place of its end mark', async () => {
		const file = await noisyImage('jpeg');
		const photo = Buffer.concat([file.subarray(0, -2), text('SEFH\x6b\0\0\0SEFT')]);
		await expect(measure(photo)).resolves.toMatchObject({ width: 400 });
	});
});

describe('a file that is cut off', () => {
	it.each(FORMATS)('%s: refused, wherever it ends', async (format) => {
		const file = await noisyImage(format);
		for (const part of [0.3, 0.5, 0.9, 0.999]) {
			const cut = file.subarray(0, Math.floor(file.length * part));
			await expect(measure(cut)).rejects.toThrow(CUT_OFF);
		}
		await expect(measure(file.subarray(0, -1))).rejects.toThrow(CUT_OFF);
	});

	it('JPG: also in its headers, and between them', async () => {
		const file = await imageFile('jpeg', 400, 400);
		for (let end = 20; end < file.indexOf(bytes('ffda')); end += 7) {
			await expect(measure(file.subarray(0, end))).rejects.toThrow(CUT_OFF);
		}
	});

	it.each(['jpeg', 'png'] as const)(
		'%s: refused also when filled up with zeros',
		async (format) => {
			const file = await noisyImage(format);
			await expect(measure(padded(file.subarray(0, -20), file.length + 9000))).rejects.toThrow(
				CUT_OFF,
			);
		},
	);

	it('JPG: the end mark of the thumbnail in its header does not count', async () => {
		await expect(measure((await jpegWithThumbnail()).subarray(0, 50_000))).rejects.toThrow(CUT_OFF);
	});
});

async function turned(
	format: 'jpeg' | 'png' | 'webp',
	orientation: number,
	width: number,
	height: number,
): Promise<Buffer> {
	return await sharp(await imageFile('png', width, height))
		.withMetadata({ orientation })
		.toFormat(format)
		.toBuffer();
}

/** EXIF data of orientation 6, whose directory lies `gap` bytes behind its usual place. */
function exif(order: 'II' | 'MM', gap: number): Buffer {
	const tiff = Buffer.alloc(8 + gap + 2 + 12 + 4);
	const short = (value: number, at: number) =>
		order === 'II' ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
	tiff.write(order, 0, 'latin1');
	short(42, 2);
	if (order === 'II') tiff.writeUInt32LE(8 + gap, 4);
	else tiff.writeUInt32BE(8 + gap, 4);
	const entry = 8 + gap + 2;
	short(1, entry - 2);
	short(0x0112, entry);
	short(3, entry + 2);
	short(1, entry + (order === 'II' ? 4 : 6));
	short(6, entry + 8);
	return tiff;
}

/** A file of 320 x 800 pixels with EXIF data. */
async function withExif(format: 'jpeg' | 'png' | 'webp', data: Buffer): Promise<Buffer> {
	const file = await imageFile(format, 320, 800);
	if (format === 'jpeg') {
		const head = segment(0xe1, data.length + 8).subarray(0, 4);
		return Buffer.concat([file.subarray(0, 2), head, text('Exif\0\0'), data, file.subarray(2)]);
	}
	const length = Buffer.alloc(4);
	if (format === 'png') {
		length.writeUInt32BE(data.length, 0);
		return Buffer.concat([
			file.subarray(0, 33),
			length,
			text('eXIf'),
			data,
			Buffer.alloc(4),
			file.subarray(33),
		]);
	}
	length.writeUInt32LE(data.length, 0);
	const all = Buffer.concat([file, text('EXIF'), length, data]);
	all.writeUInt32LE(all.length - 8, 4);
	return all;
}

describe('an image that its EXIF data turn', () => {
	it.each([1, 2, 3, 4])('keeps its shape with orientation %i', async (orientation) => {
		for (const format of FORMATS) {
			const measured = await measure(await turned(format, orientation, 320, 800));
			expect(measured).toMatchObject({ width: 320, height: 800 });
			expect('rotated' in measured).toBe(orientation > 1);
		}
	});

	it.each([5, 6, 7, 8])('is measured as it is seen with orientation %i', async (orientation) => {
		for (const format of FORMATS) {
			const file = await turned(format, orientation, 320, 800);
			expect(await measure(file)).toMatchObject({ width: 800, height: 320, rotated: true });
			await expect(measure(await turned(format, orientation, 320, 290))).rejects.toThrow(
				'is 290 × 320 pixels',
			);
		}
	});

	const rows = FORMATS.flatMap((format) =>
		(['II', 'MM'] as const).flatMap((order) =>
			[0, 1, 20_000].map((gap) => [format, order, gap] as const),
		),
	);
	it.each(rows)(
		'is turned wherever their directory lies: %s, %s, %i bytes on',
		async (format, order, gap) => {
			expect(await measure(await withExif(format, exif(order, gap)))).toMatchObject({
				width: 800,
				height: 320,
				rotated: true,
			});
		},
	);

	it.each(FORMATS)('is a good one where they are cut off or point nowhere: %s', async (format) => {
		const data = exif('MM', 0);
		const far = Buffer.from(data);
		far.writeUInt32BE(0xffffffff, 4);
		const parts = Array.from({ length: data.length - 10 }, (_, length) => data.subarray(0, length));
		for (const bad of [...parts, far]) {
			expect(await measure(await withExif(format, bad))).toMatchObject({ width: 320, height: 800 });
		}
	});
});

describe('the size in pixels', () => {
	it.each([
		['imageToVideo', 300],
		['referenceToVideo', 400],
		['editVideo', 300],
	] as const)('of a %s image: from %i on', async (rule, least) => {
		for (const format of FORMATS) {
			await expect(measure(await imageFile(format, least, least), rule)).resolves.toBeDefined();
			await expect(measure(await imageFile(format, least + 1, least), rule)).resolves.toBeDefined();
			for (const [width, height] of [
				[least - 1, least],
				[least, least - 1],
			]) {
				await expect(measure(await imageFile(format, width, height), rule)).rejects.toThrow(
					`The image "a.png" is ${width} × ${height} pixels; it must have at least ${least} pixels on the shorter side`,
				);
			}
		}
	});
});

describe('the shape', () => {
	it.each(['imageToVideo', 'editVideo'] as const)(
		'of a %s image: from 1:2.5 to 2.5:1',
		async (rule) => {
			await expect(measure(await imageFile('png', 750, 300), rule)).resolves.toBeDefined();
			await expect(measure(await imageFile('png', 300, 750), rule)).resolves.toBeDefined();
			for (const [width, height] of [
				[751, 300],
				[300, 751],
				[780, 300],
			]) {
				await expect(measure(await imageFile('png', width, height), rule)).rejects.toThrow(
					`The image "a.png" is ${width} × ${height} pixels; it must have an aspect ratio from 1:2.5 to 2.5:1`,
				);
			}
		},
	);

	it('of a reference image: any', async () => {
		await expect(
			measure(await imageFile('png', 4000, 400), 'referenceToVideo'),
		).resolves.toBeDefined();
	});
});

describe('the size in bytes', () => {
	it.each(['jpeg', 'webp'] as const)('a %s may have 10 MB, and not a byte more', async (format) => {
		const file = await imageFile(format, 400, 400);
		await expect(measure(padded(file, 10 * MB))).resolves.toMatchObject({ size: 10 * MB });
		await expect(measure(padded(file, 10 * MB + 1))).rejects.toThrow(
			'The image "a.png" is larger than 10 MB (10485760 bytes)',
		);
	});

	it('a larger file is not read to its end', async () => {
		let read = 0;
		function* endless() {
			for (let start = bytes('ffd8ff'); ; start = Buffer.alloc(0)) {
				read += 1;
				yield padded(start, MB);
			}
		}
		await expect(measureSource(endless())).rejects.toThrow('10 MB');
		expect(read).toBe(11);
	});
});

describe('what is wrong with an image can be mended in n8n, by the nodes that the error names:', () => {
	it.each<[string, () => Buffer | Promise<Buffer>, RegExp]>([
		['too small', async () => await imageFile('png', 299, 400), /Edit Image .* operation Resize/],
		['too long', async () => await imageFile('png', 1000, 300), /Edit Image .* operation Crop/],
		[
			'too heavy',
			async () => padded(await imageFile('png', 400, 400), 10 * MB + 1),
			/Edit Image .* operation Resize/,
		],
		['no image', () => Buffer.alloc(4096, 'text'), /HTTP Request .* Response Format to File/],
		['empty', () => Buffer.alloc(0), /HTTP Request .* Response Format to File/],
		[
			'cut off',
			async () => (await noisyImage('png')).subarray(0, 70_000),
			/Run the node that the file comes from once more/,
		],
	])('%s', async (_what, file, advice) => {
		const description = expect.stringMatching(advice);
		await expect(measure(await file())).rejects.toMatchObject({ description });
	});
});

describe('another format is called by its name', () => {
	it.each<[string, () => Buffer | Promise<Buffer>, advice?: RegExp]>([
		['GIF', async () => await imageFile('gif', 400, 400), /Edit Image .* Format set to JPEG/],
		['TIFF', async () => await imageFile('tiff', 400, 400)],
		['AVIF', async () => await imageFile('avif', 64, 64), /Save it as JPG/],
		['HEIC', heic, /iPhone.*Accepted File Types/],
		...['heic', 'heix', 'hevc', 'heim'].map((brand): [string, () => Buffer] => [
			'HEIC',
			() => ftyp(brand),
		]),
		['HEIF', () => ftyp('mif1')],
		['BMP', () => text(`BM${'\0'.repeat(100)}`)],
		[
			'SVG',
			() => text(`\xef\xbb\xbf<?xml version="1.0"?>\n<!-- ${'x'.repeat(500)} -->\n<svg width="9">`),
		],
		['PDF', () => text('%PDF-1.7\n'), /Save the page/],
		['HTML', () => text('\n<!DOCTYPE HTML><html><body>Log in'), /Response Format to File/],
		['JPEG XL', () => bytes('ff0a00000000')],
		['JPEG XL', () => text('\0\0\0\x0cJXL \r\n\x87\n')],
		['JPEG 2000', () => text('\0\0\0\x0cjP  \r\n\x87\n')],
		['PSD', () => text('8BPS\0\x01')],
		['ZIP', () => text('PK\x03\x04')],
	])('%s', async (name, make, advice = /./) => {
		await expect(measure(await make())).rejects.toMatchObject({
			message: `The image "a.png" has the format ${name}; it must be a JPG, PNG or WebP image`,
			description: expect.stringMatching(advice),
		});
	});

	it.each<[string, Buffer]>([
		['a video', mp4()],
		['zeros', Buffer.alloc(200_000)],
		['one byte', bytes('ff')],
		['only the mark of a PNG', bytes('89504e470d0a1a0a')],
		['only the mark of a JPG', bytes('ffd8ff')],
		['only the mark of a WebP', text('RIFF\x10\0\0\0WEBP')],
	])('%s is none at all', async (_what, file) => {
		await expect(measure(file)).rejects.toThrow('is not an image that the service takes');
	});
});

describe('megabytes of anything', () => {
	const start = bytes('ffd8ffe000104a46494600010100000100010000');
	const png = bytes('89504e470d0a1a0a');
	const filled = (head: Buffer, fill: Buffer, length = 10 * MB - 1) =>
		Buffer.concat([head, Buffer.alloc(length - head.length, fill)]);

	it.each([
		['a JPG header and zeros', filled(start, bytes('00'))],
		['a JPG header and fill bytes', filled(start, bytes('ff'))],
		['a JPG of empty headers', filled(start, bytes('ffe00002'))],
		['a JPG of EXIF headers', filled(start, segment(0xe1, 20))],
		['a JPG of frames', filled(start, segment(0xc0, 17))],
		['a JPG of marks that stand alone', filled(start, bytes('ffd0'))],
		['a JPG of headers that are too short', filled(start, bytes('ffe00000'))],
		['a PNG of empty chunks', filled(png, text('\0\0\0\0aaaa\0\0\0\0'))],
		['a PNG of zeros', filled(png, bytes('00'))],
		['a WebP of zeros', filled(text('RIFF\xff\xff\xff\xffWEBPVP8 '), bytes('00'))],
		['a HEIC photo of 800 kB', filled(heic(), text('\0\0\0\x08ispe'), 800_000)],
		[
			'a HEIC photo of one small box after the other',
			filled(ftyp('heic'), text('\0\0\0\x08ipco'), 800_000),
		],
		['a TIFF', filled(text('II*\0\x08\0\0\0\xff\xff'), bytes('01'))],
		['an SVG without an end', filled(text('<svg '), text('a="'))],
		['an icon', filled(bytes('00000100ff00'), bytes('00'))],
	])('are refused in a moment: %s', async (_what, file) => {
		let failure: unknown;
		// What is quadratic takes more than ten times as long
		await expectCpuBelow(1000, async () => {
			failure = await measure(file).catch((error: unknown) => error);
		});
		expect(failure).toBeInstanceOf(Failure);
	});
});

describe('bytes of all kinds', () => {
	let images: Buffer[];
	beforeAll(async () => {
		const formats = ['jpeg', 'png', 'webp'] as const;
		images = await Promise.all([
			...formats.map(async (format) => await withExif(format, exif('MM', 3))),
			...formats.map(async (format) => await noisyImage(format)),
		]);
	});

	const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), to: fc.nat(255) });

	it('end in a measure or a failure', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.nat(5),
				fc.array(change, { maxLength: 6 }),
				fc.double({ min: 0.01, max: 2, noNaN: true }),
				async (which, changes, length) => {
					const file = Buffer.from(images[which]);
					for (const { at, to } of changes) file[Math.floor(at * at * (file.length - 1))] = to;
					const cut = file.subarray(0, Math.ceil(file.length * Math.min(1, length)));
					const outcome = await measure(cut).catch((error: unknown) => error);
					expect(outcome).toEqual(
						outcome instanceof Failure ? outcome : expect.objectContaining({ size: cut.length }),
					);
				},
			),
			{ numRuns: 100 },
		);
	});
});
