// Image files as cameras, apps and hostile senders make them.
import fc from 'fast-check';
import sharp from 'sharp';
import { imageRule, measureImage } from '../../nodes/HappyHorse/request/image';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/limits';
import { Failure } from '../../nodes/HappyHorse/domain/failure';
import { dataUrlBytes } from '../../nodes/HappyHorse/request/dataUrl';
import { heic, imageFile, mp4, padded, pieces } from '../../tools/images';
import { expectCpuBelow, failureOf } from './hostile';

const RULE = imageRule('firstFrame', IMINI_LIMITS);
const MB = 1024 * 1024;

const measure = async (file: Buffer, size = Infinity) =>
	await measureImage('The image', size === Infinity ? [file] : pieces(file, size), RULE);

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

describe('a good image', () => {
	it.each([
		[
			'at its start',
			(file: Buffer) => Buffer.concat([file.subarray(0, 2), bytes('ffffff'), file.subarray(2)]),
		],
		['before its first mark', (file: Buffer) => Buffer.concat([bytes('ffff'), file])],
	])('may be a JPG with fill bytes %s', async (_what, change) => {
		const file = change(await imageFile('jpeg', 400, 400));
		for (const size of [1, 7, Infinity]) {
			expect(await measure(file, size)).toMatchObject({ format: 'jpeg', width: 400 });
			await expect(measure(file.subarray(0, -1), size)).rejects.toThrow('is cut off');
		}
	});

	it.each([2000, 2 * MB])('may be a PNG with %i bytes behind its end', async (more) => {
		const file = await imageFile('png', 400, 400);
		for (const size of [4096, Infinity]) {
			expect(await measure(padded(file, file.length + more), size)).toMatchObject({ width: 400 });
		}
		await expect(measure(file.subarray(0, -12))).rejects.toThrow('is cut off');
	});

	it('may have megabytes of headers before its pixels', async () => {
		const file = await imageFile('jpeg', 400, 400);
		const headers = Array.from({ length: 60 }, () => segment(0xe2, 65_000));
		const large = Buffer.concat([file.subarray(0, 2), ...headers, file.subarray(2)]);
		for (const size of [4096, 65_536, Infinity]) {
			expect(await measure(large, size)).toMatchObject({ width: 400, size: large.length });
		}
	});
});

describe('an image that its EXIF data turn', () => {
	const turned = async (orientation: number, width: number, height: number) =>
		await sharp(await imageFile('png', width, height))
			.jpeg()
			.withMetadata({ orientation })
			.toBuffer();

	it.each([1, 2, 3, 4])('is measured as it is with orientation %i', async (orientation) => {
		const measured = await measure(await turned(orientation, 320, 800));
		expect(measured).toMatchObject({ width: 320, height: 800 });
		expect(measured).not.toHaveProperty('rotated');
	});

	it.each([5, 6, 7, 8])('is measured as it is seen with orientation %i', async (orientation) => {
		const file = await turned(orientation, 320, 800);
		for (const size of [7, Infinity]) {
			expect(await measure(file, size)).toMatchObject({ width: 800, height: 320, rotated: true });
		}
		await expect(measure(await turned(orientation, 320, 290))).rejects.toThrow(
			'is 290 × 320 pixels',
		);
	});
});

describe('another format is called by its name', () => {
	it.each<[string, () => Buffer | Promise<Buffer>]>([
		['GIF', async () => await imageFile('gif', 400, 400)],
		['TIFF', async () => await imageFile('tiff', 400, 400)],
		['AVIF', async () => await imageFile('avif', 64, 64)],
		['HEIC', heic],
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
		['PDF', () => text('%PDF-1.7\n')],
		['HTML', () => text('\n<!DOCTYPE HTML><html><body>Log in</body></html>')],
		['JPEG XL', () => bytes('ff0a00000000')],
		['JPEG XL', () => text('\0\0\0\x0cJXL \r\n\x87\n')],
		['JPEG 2000', () => text('\0\0\0\x0cjP  \r\n\x87\n')],
		['PSD', () => text('8BPS\0\x01')],
		['ZIP', () => text('PK\x03\x04')],
	])('%s', async (name, make) => {
		for (const size of [5, Infinity]) {
			await expect(measure(await make(), size)).rejects.toThrow(
				`The image has the format ${name}; it must be a JPG, PNG or WebP image`,
			);
		}
	});

	it('a video is none at all', async () => {
		await expect(measure(mp4())).rejects.toThrow('is not an image that the service takes');
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
		for (const size of [65_536, Infinity]) {
			let failure: unknown;
			// What is quadratic takes more than ten times as long
			await expectCpuBelow(1000, async () => {
				failure = await measure(file, size).catch((error: unknown) => error);
			});
			expect(failure).toBeInstanceOf(Failure);
		}
	});
});

describe('bytes of all kinds', () => {
	let images: Buffer[];
	beforeAll(async () => {
		images = await Promise.all(
			(['jpeg', 'png', 'webp'] as const).map(async (format) => await imageFile(format, 400, 400)),
		);
	});

	const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), to: fc.nat(255) });

	it('end in a measure or a failure, in pieces of any size alike', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.nat(2),
				fc.array(change, { maxLength: 6 }),
				fc.integer({ min: 1, max: 5000 }),
				async (which, changes, size) => {
					const file = Buffer.from(images[which]);
					for (const { at, to } of changes) file[Math.floor(at * at * (file.length - 1))] = to;
					const outcome = async (chunk: number) =>
						await measure(file, chunk).catch((error: unknown) => {
							expect(error).toBeInstanceOf(Failure);
							return String(error);
						});
					expect(await outcome(size)).toEqual(await outcome(Infinity));
				},
			),
			{ numRuns: 100 },
		);
	});
});

describe('base64', () => {
	const read = (url: string) => Buffer.concat([...dataUrlBytes('X', url)]);
	const start = 'data:image/png;base64,';

	it('of any bytes comes back as they were, in lines and with the alphabet of URLs too', () => {
		fc.assert(
			fc.property(
				fc.uint8Array({ maxLength: 3000 }),
				fc.integer({ min: 1, max: 80 }),
				(content, width) => {
					const file = Buffer.from(content);
					const base64 = file.toString('base64');
					const lines = base64.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\r\n') ?? '';
					expect(read(start + base64).equals(file)).toBe(true);
					expect(read(start + lines).equals(file)).toBe(true);
					expect(read(start + file.toString('base64url')).equals(file)).toBe(true);
				},
			),
			{ numRuns: 50 },
		);
	});

	it('is put together again where it is cut into slices', () => {
		const file = Buffer.alloc(1_000_003, 'horse');
		expect(read(start + file.toString('base64')).equals(file)).toBe(true);
		const odd = ` ${file.toString('base64').replace(/(.{77})/g, '$1\n')}`;
		expect(read(start + odd).equals(file)).toBe(true);
	});

	it.each([
		['another character', 'AAA*'],
		['padding inside', 'AA==AAAA'],
		['padding a slice before', `${'A'.repeat(256 * 1024 - 2)}==AAAA`],
		['a letter too few', 'AAAAA'],
		['letters beyond ASCII', 'AAAÄ'],
	])('with %s is a failure', (_what, base64) => {
		expect(failureOf(() => read(start + base64))?.message).toBe(
			'X is a data URL whose content is not base64',
		);
	});
});
