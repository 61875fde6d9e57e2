// What an image file is found to be, and which the service takes.
import { createHash } from 'crypto';
import type { ByteSource } from '../../nodes/HappyHorse/domain/order';
import { imageRule, measureImage } from '../../nodes/HappyHorse/request/image';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/limits';
import {
	imageFile,
	jpegWithThumbnail,
	noisyImage,
	padded,
	pieces,
	progressiveJpeg,
} from '../../tools/images';

type Use = Parameters<typeof imageRule>[0];

const MB10 = 10 * 1024 * 1024;
const FORMATS = ['jpeg', 'png', 'webp'] as const;
const CHUNKS = [1, 7, 4096, 65_536, Infinity];

/** As the image `name` in the use `use`. */
const measureAs = async (name: string, source: ByteSource, use: Use) =>
	await measureImage(name, source, imageRule(use, IMINI_LIMITS));

const measure = async (file: Buffer, use: Use = 'imageToVideo', chunk = Infinity) =>
	await measureAs('The image "a.png"', chunk === Infinity ? [file] : pieces(file, chunk), use);

/** A JPG with `more` before its first header of the kind `marker`. */
function jpegWith(file: Buffer, marker: string, more: Buffer): Buffer {
	const at = file.indexOf(Buffer.from(marker, 'hex'));
	return Buffer.concat([file.subarray(0, at), more, file.subarray(at)]);
}

/** A JPG with 120 kB of comments behind the header that tells its pixels; each ends with an end mark. */
async function withLongComments(): Promise<Buffer> {
	const comment = Buffer.alloc(60_000);
	comment.write('fffe', 'hex');
	comment.writeUInt16BE(comment.length - 2, 2);
	comment.write('ffd9', comment.length - 2, 'hex');
	return jpegWith(await imageFile('jpeg', 400, 400), 'ffda', Buffer.concat([comment, comment]));
}

describe('the formats of the service', () => {
	it.each(FORMATS)('%s is known by its bytes, and measured', async (format) => {
		const file = await imageFile(format, 640, 480);
		const digest = createHash('sha256').update(file).digest('base64url');
		const measured = { format, width: 640, height: 480, size: file.length, digest };
		for (const chunk of CHUNKS) {
			await expect(measure(file, 'imageToVideo', chunk)).resolves.toEqual(measured);
		}
	});

	it.each(FORMATS)('a large %s is read to its end, in pieces of any size', async (format) => {
		const file = await noisyImage(format);
		expect(file.length).toBeGreaterThan(64 * 1024);
		for (const chunk of [4096, 65_536, 100_000, Infinity]) {
			await expect(measure(file, 'referenceToVideo', chunk)).resolves.toMatchObject({
				format,
				size: file.length,
			});
		}
	});

	it('a progressive JPG is one', async () => {
		await expect(measure(await progressiveJpeg())).resolves.toMatchObject({ format: 'jpeg' });
	});

	it('a JPG with a thumbnail in its header is one, and is measured itself', async () => {
		for (const chunk of [7, 4096, Infinity]) {
			await expect(
				measure(await jpegWithThumbnail(), 'referenceToVideo', chunk),
			).resolves.toMatchObject({
				width: 400,
				height: 400,
			});
		}
	});

	it.each([
		['fill bytes', 'ffffff'],
		['stray bytes', '0000'],
	])('a JPG may have %s between its headers', async (_what, bytes) => {
		const file = await imageFile('jpeg', 400, 400);
		const withMore = jpegWith(file, 'ffda', Buffer.from(bytes, 'hex'));
		await expect(measure(withMore)).resolves.toMatchObject({ width: 400, size: withMore.length });
		await expect(measure(withMore.subarray(0, -1))).rejects.toThrow('is cut off');
	});

	it('a JPG may have headers beyond what is looked at first, with end marks of their own', async () => {
		const file = await withLongComments();
		for (const chunk of CHUNKS.slice(1)) {
			await expect(measure(file, 'referenceToVideo', chunk)).resolves.toMatchObject({
				width: 400,
				size: file.length,
			});
			await expect(measure(file.subarray(0, -1), 'referenceToVideo', chunk)).rejects.toThrow(
				'is cut off',
			);
		}
	});

	it.each([
		['jpeg', 5000],
		['webp', 5000],
		['png', 500],
	] as const)('a %s may have %i bytes behind its end', async (format, extra) => {
		const file = await imageFile(format, 400, 400);
		await expect(measure(padded(file, file.length + extra))).resolves.toMatchObject({ format });
	});
});

describe('a file that is cut off', () => {
	const cutOff = 'The image "a.png" is cut off: its end is missing; it must be whole';

	it.each(FORMATS)('%s: refused, wherever it ends', async (format) => {
		const file = await noisyImage(format);
		for (const part of [0.3, 0.5, 0.9, 0.999]) {
			const cut = file.subarray(0, Math.floor(file.length * part));
			for (const chunk of [4096, Infinity]) {
				await expect(measure(cut, 'referenceToVideo', chunk)).rejects.toThrow(cutOff);
			}
		}
	});

	it.each(['jpeg', 'webp'] as const)(
		'%s: also when only its last byte is missing',
		async (format) => {
			const file = await imageFile(format, 400, 400);
			await expect(measure(file.subarray(0, -1))).rejects.toThrow(cutOff);
		},
	);

	it('progressive JPG: refused, though several scans are there', async () => {
		const file = await progressiveJpeg();
		await expect(measure(file.subarray(0, file.length - 100))).rejects.toThrow(cutOff);
	});

	it('JPG: the end mark of the thumbnail in its header does not count', async () => {
		const file = await jpegWithThumbnail();
		for (const chunk of [1, 100, 4096, Infinity]) {
			await expect(measure(file.subarray(0, 50_000), 'referenceToVideo', chunk)).rejects.toThrow(
				cutOff,
			);
		}
	});

	it('JPG: an end mark between two pieces counts', async () => {
		const file = await noisyImage('jpeg');
		const source = [file.subarray(0, -1), file.subarray(-1)];
		await expect(measureAs('X', source, 'referenceToVideo')).resolves.toMatchObject({
			size: file.length,
		});
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
		const [largest, larger] = [padded(file, MB10), padded(file, MB10 + 1)];
		for (const chunk of [65_536, Infinity]) {
			await expect(measure(largest, 'imageToVideo', chunk)).resolves.toMatchObject({ size: MB10 });
			await expect(measure(larger, 'imageToVideo', chunk)).rejects.toThrow(
				'The image "a.png" is larger than 10 MB (10485760 bytes); it must have at most 10 MB',
			);
		}
	});

	it('a larger file is not read to its end', async () => {
		let read = 0;
		function* endless() {
			for (let start = Buffer.from('ffd8ff', 'hex'); ; start = Buffer.alloc(0)) {
				read += 1;
				yield padded(start, 1024 * 1024);
			}
		}
		await expect(measureAs('X', endless(), 'editVideo')).rejects.toThrow('10 MB');
		expect(read).toBe(11);
	});
});

describe('what is wrong with an image can be mended in n8n, by the nodes that the error names:', () => {
	it.each<[string, () => Promise<Buffer>, RegExp]>([
		['too small', async () => await imageFile('png', 299, 400), /Edit Image .* operation Resize/],
		['too long', async () => await imageFile('png', 1000, 300), /Edit Image .* operation Crop/],
		[
			'too heavy',
			async () => padded(await imageFile('png', 400, 400), MB10 + 1),
			/Edit Image .* operation Resize/,
		],
		[
			'of another format',
			async () => await imageFile('gif', 400, 400),
			/Edit Image .* option Format set to JPEG/,
		],
		['no image', async () => Buffer.alloc(4096, 'text'), /HTTP Request .* Response Format to File/],
		['empty', async () => Buffer.alloc(0), /HTTP Request .* Response Format to File/],
		[
			'cut off',
			async () => (await noisyImage('png')).subarray(0, 70_000),
			/Run the node that the file comes from once more/,
		],
	])('%s', async (_what, file, fix) => {
		await expect(measure(await file())).rejects.toMatchObject({
			description: expect.stringMatching(fix),
		});
	});
});
