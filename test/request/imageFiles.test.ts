// Image files as cameras, apps and hostile senders make them.
import fc from 'fast-check';
import type { JpegOptions } from 'sharp';
import sharp from 'sharp';
import { imageRule, measureImage } from '../../nodes/HappyHorse/request/image';
import { readImage } from '../../nodes/HappyHorse/request/imageBytes';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/limits';
import { Failure } from '../../nodes/HappyHorse/domain/failure';
import { dataUrlBytes } from '../../nodes/HappyHorse/request/webLink';
import { heic, imageFile, mp4, noisyImage, padded, pieces } from '../../tools/images';
import { expectCpuBelow, failureOf } from './hostile';

const RULE = imageRule('imageToVideo', IMINI_LIMITS);
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
	const FORMATS = ['jpeg', 'png', 'webp'] as const;

	it.each([1, 2, 3, 4])('is measured as it is with orientation %i', async (orientation) => {
		for (const format of FORMATS) {
			const measured = await measure(await turned(format, orientation, 320, 800));
			expect(measured).toMatchObject({ width: 320, height: 800 });
			expect(measured).not.toHaveProperty('rotated');
		}
	});

	it.each([5, 6, 7, 8])('is measured as it is seen with orientation %i', async (orientation) => {
		for (const format of FORMATS) {
			const file = await turned(format, orientation, 320, 800);
			for (const size of [7, Infinity]) {
				expect(await measure(file, size)).toMatchObject({ width: 800, height: 320, rotated: true });
			}
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

/** 64 x 64 pixels with a restart mark behind every second row of units (ffmpeg 5.1: testsrc, mjpeg in four slices). */
const RESTARTS =
	'/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAg+Pkk+SVVVVVVVVWRdZGhoaGRkZGRoaGhwcHCDg4NwcHBoaHBwfHyDg4+Tj4eHg4eTk5ubm7q6srLZ2eD/////3QAEAAj/xAGiAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsBAAMBAQEBAQEBAQEAAAAAAAABAgMEBQYHCAkKCxAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6EQACAQIEBAMEBwUEBAABAncAAQIDEQQFITEGEkFRB2FxEyIygQgUQpGhscEJIzNS8BVictEKFiQ04SXxFxgZGiYnKCkqNTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqCg4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2dri4+Tl5ufo6ery8/T19vf4+fr/wAARCABAAEADARIAAhIAAxIA/9oADAMBAAIRAxEAPwD5/rYjjaRtq9f5e5oAAO+ALHAr1MAKMCvnEm3ZH6MkkrI/Z6lSNOPNLb8/JH8YVKkqkuaW/wCXkjkS1ZtedDDxXxa/gj9CP3+GEivi95/cv8z9UOP82Q/xt+ZrDrdUaS+xH7kfSH4LdmJ9WeWn9xfyFbNfxB7ap/PP/wACf+Z8+fS2RqeSbRV+v2aOImt/e/D8j4U+JhiqifvWkvu/I/NS+rBuleVg4r9zjJS2PzlOx31aUqLtL5NbM/s+UVNNNXTPq6uThlEy57/xD0P+HpX04H4YB//Q27KPam/u38h/9f8ApXoEIxEn+6P5UAAHL0V9WB/P4HmtFfUgf3WB5nRX1YH8/gfYtFfwAB9UB5nRX1gH8/gea0V9SB/dQFe1k2SAdm4P9P1/SvPwccivqwPwAD//0fX4f9Wn+6v8q4ezcNHt7qf580AAFyivqwP5/A81or6kD+6wPM6K+rA/n8D7For+AAPqgPM6K+sA/n8DzWivqQP7qA8zruLZC8q+x3H8P84r6sD8AA//0mx14jvYfxH8zX5xI++suyP1yZ+X80u7+8+v+1eLCRgepP41+J9T9JSSeyfyJmfp1SlGpG3w9mj0A1yx3epr5JH7XCdGX2Yxfml+Z/Ksz9thUoT3jGL/ALyX57HVCvCdzju35mvDgfuijDdKPySP5tP1blj2X3HqEleq7VPYflXzkT+UfaT/AJ5fez4SB+x8sey+4+We9en4T0H5Cv7c6H86RVeXWa9W0efA+YhSrSf2o+bujmhXfqgX3r9wZ8Urrq2f0FA/mupiJzenuLsn+bVrnn5r6R8tP7q/kK8SZzH9cn4vzy/mf3s//9k=';

describe('a JPG without its end mark', () => {
	const kinds: Array<[string, JpegOptions]> = [
		['as cameras write it', {}],
		['with all colours in full', { chromaSubsampling: '4:4:4', quality: 100 }],
		['with codes of its own', { optimizeCoding: true }],
	];
	const noisy = async (options: JpegOptions) =>
		await sharp(await noisyImage('png'))
			.jpeg(options)
			.toBuffer();

	it.each(kinds)('is taken where its pixels are all there: %s', async (_what, options) => {
		const file = (await noisy(options)).subarray(0, -2);
		for (const trailer of ['\0'.repeat(64), 'SEFH\x6b\0\0\0SEFT']) {
			const whole = Buffer.concat([file, text(trailer)]);
			expect(await measure(whole)).toMatchObject({ width: 400, height: 400 });
		}
	});

	it.each(kinds)('is cut off where a line is missing: %s', async (_what, options) => {
		const file = await noisy(options);
		for (const missing of [1, 2, 20, 1000, file.length / 2]) {
			const cut = file.subarray(0, Math.floor(file.length - missing));
			await expect(measure(cut)).rejects.toThrow('is cut off');
			if (missing < 20) continue;
			await expect(measure(padded(cut, cut.length + 100_000))).rejects.toThrow('is cut off');
		}
	});

	it('is counted in one colour, and across restart marks', async () => {
		const grey = await sharp(await noisyImage('png'))
			.greyscale()
			.jpeg()
			.toBuffer();
		const trailer = text('SEFT');
		expect(await measure(Buffer.concat([grey.subarray(0, -2), trailer]))).toMatchObject({
			width: 400,
		});
		await expect(measure(grey.subarray(0, -30))).rejects.toThrow('is cut off');
		const restarts = Buffer.from(RESTARTS, 'base64');
		const isWhole = async (end: number) =>
			(await readImage('jpeg', Buffer.concat([restarts.subarray(0, end), trailer])))?.whole;
		await expect(isWhole(-2)).resolves.toBe(true);
		await expect(isWhole(-20)).resolves.toBe(false);
		await expect(isWhole(restarts.indexOf('ffd2', 0, 'hex'))).resolves.toBe(false);
	});
});

describe('a JPG without its end mark that claims too much', () => {
	/** Headers of a JPG with other sides or sampling factors, and 10 MB of pixels. */
	async function claiming(change: (frame: Buffer) => void, pixels: string): Promise<Buffer> {
		const file = await noisyImage('jpeg');
		const scan = file.indexOf('ffda', 0, 'hex');
		const start = Buffer.from(file.subarray(0, scan + 2 + file.readUInt16BE(scan + 2)));
		change(start.subarray(start.indexOf('ffc0', 0, 'hex')));
		return Buffer.concat([start, Buffer.alloc(10 * MB - start.length, pixels, 'hex')]);
	}

	it.each<[string, (frame: Buffer) => void]>([
		['the largest sides', (frame) => frame.fill(0xff, 5, 9)],
		['no blocks in a row', (frame) => frame.fill(0x01, 11, 12)],
		['no blocks at all', (frame) => [11, 14, 17].forEach((at) => frame.fill(0x10, at, at + 1))],
		['many blocks', (frame) => [11, 14, 17].forEach((at) => frame.fill(0xff, at, at + 1))],
	])('is refused in a moment: %s', async (_what, change) => {
		for (const pixels of ['00', '55', 'aa35']) {
			const file = await claiming(change, pixels);
			await expectCpuBelow(1000, async () => {
				await expect(measure(file)).rejects.toThrow(Failure);
			});
		}
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

	it.each<[string, () => Buffer | Promise<Buffer>, RegExp]>([
		['GIF', async () => await imageFile('gif', 400, 400), /Edit Image/],
		['HEIC', heic, /iPhone.*Accepted File Types/],
		['PDF', () => text('%PDF-1.7\n'), /Save the page/],
		['HTML', () => text('<!DOCTYPE HTML><html>'), /Response Format to File/],
		['AVIF', async () => await imageFile('avif', 64, 64), /Save it as JPG/],
	])('%s: what helps in n8n as it is installed', async (_name, make, advice) => {
		const description = expect.stringMatching(advice);
		await expect(measure(await make())).rejects.toMatchObject({ description });
	});

	it.each<[string, Buffer]>([
		['a video', mp4()],
		['zeros', Buffer.alloc(200_000)],
		['one byte', bytes('ff')],
		['only the mark of a PNG', bytes('89504e470d0a1a0a')],
		['only the mark of a JPG', bytes('ffd8ff')],
		['only the mark of a WebP', text('RIFF\x10\0\0\0WEBP')],
	])('%s is none at all', async (_what, file) => {
		for (const size of [7, Infinity])
			await expect(measure(file, size)).rejects.toThrow('is not an image that the service takes');
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
		const formats = ['jpeg', 'png', 'webp'] as const;
		images = await Promise.all([
			...formats.map(async (format) => await withExif(format, exif('MM', 3))),
			...formats.map(async (format) => await noisyImage(format)),
		]);
	});

	const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), to: fc.nat(255) });

	it('end in a measure or a failure, in pieces of any size alike', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.nat(5),
				fc.array(change, { maxLength: 6 }),
				fc.integer({ min: 1, max: 5000 }),
				fc.double({ min: 0.01, max: 2, noNaN: true }),
				async (which, changes, size, length) => {
					let file = Buffer.from(images[which]);
					for (const { at, to } of changes) file[Math.floor(at * at * (file.length - 1))] = to;
					file = file.subarray(0, Math.ceil(file.length * Math.min(1, length)));
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
	const read = (url: string) => dataUrlBytes('X', url);
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
