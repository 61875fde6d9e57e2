// What the bytes of a JPG, PNG or WebP tell: pixels, the turn that EXIF asks for, and whether the file is whole.
import { imageSize } from 'image-size';
import type { ImageFormat } from '../domain/limits';
import type { Pixels } from '../domain/order';
import type { JpegSegment } from './jpegScan';
import { isFrame, reachesLastLine } from './jpegScan';

/** What an image file tells of itself. */
export interface ImageFacts extends Pixels {
	/** EXIF asks for a quarter turn, which width and height take into account. */
	readonly rotated?: true;
	readonly whole: boolean;
}

/** The parts of a file that matter here. */
interface ImageParts {
	/** What `image-size` needs: all that stands before the pixels is left out, however long it is. */
	readonly head: Buffer;
	readonly exif: Buffer | undefined;
	/** Whether the end of the file is there. */
	isWhole(): boolean | Promise<boolean>;
}

/** Bytes in which PNG and WebP tell their size. */
const HEAD_BYTES = 64;

/** Headers and fill bytes of a JPG that are walked over: far more than any camera writes. */
const MOST_STEPS = 10_000;

/** Start and end of a JPG, and an empty header: `image-size` skips the first one unseen. */
const JPEG_START = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 2]);
const JPEG_END = Buffer.from([0xff, 0xd9]);

/** The headers of a JPG, up to that of its first scan (ITU-T T.81, B.1). */
function jpegSegments(file: Buffer): JpegSegment[] {
	const segments: JpegSegment[] = [];
	let at = file.indexOf(0xff);
	for (let steps = 0; steps < MOST_STEPS && at >= 0 && at + 4 <= file.length; steps += 1) {
		const marker = file[at + 1];
		const length = file.readUInt16BE(at + 2);
		// Fill bytes, and marks without a length
		const standsAlone = marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd9) || length < 2;
		if (marker === 0xff || standsAlone) {
			at = file.indexOf(0xff, at + (marker === 0xff ? 1 : 2));
			continue;
		}
		const end = at + 2 + length;
		segments.push({ marker, content: file.subarray(at + 4, end), at, end });
		if (marker === 0xda) break;
		at = file.indexOf(0xff, end);
	}
	return segments;
}

function jpegParts(file: Buffer): ImageParts | undefined {
	const segments = jpegSegments(file);
	const frame = segments.find(isFrame);
	const scan = segments.at(-1);
	if (frame === undefined || scan?.marker !== 0xda) return undefined;
	const isExif = ({ marker, content }: JpegSegment) =>
		marker === 0xe1 && content.toString('latin1', 0, 4) === 'Exif';
	return {
		head: Buffer.concat([JPEG_START, file.subarray(frame.at, frame.end)]),
		exif: segments.find(isExif)?.content,
		isWhole: () => file.includes(JPEG_END, scan.end) || reachesLastLine(file, segments),
	};
}

/** Names of the chunks that matter here. */
const CHUNKS = ['eXIf', 'EXIF', 'IEND'];

/** These chunks of a PNG (its specification, 5.3) or of a WebP (RIFF) by their names. */
function chunksOf(file: Buffer, format: 'png' | 'webp'): ReadonlyMap<string, Buffer> {
	const chunks = new Map<string, Buffer>();
	const isPng = format === 'png';
	for (let at = isPng ? 8 : 12; at + 8 <= file.length; ) {
		const length = isPng ? file.readUInt32BE(at) : file.readUInt32LE(at + 4);
		const nameAt = isPng ? at + 4 : at;
		const name = file.toString('latin1', nameAt, nameAt + 4);
		if (CHUNKS.includes(name)) chunks.set(name, file.subarray(at + 8, at + 8 + length));
		// A checksum stands behind a chunk of PNG; one of WebP has an even length
		at += 8 + length + (isPng ? 4 : length % 2);
	}
	return chunks;
}

/** @returns undefined where a file of this format is none after all */
function partsOf(format: ImageFormat, file: Buffer): ImageParts | undefined {
	if (format === 'jpeg') return jpegParts(file);
	const chunks = chunksOf(file, format);
	const head = file.subarray(0, HEAD_BYTES);
	return format === 'png'
		? { head, exif: chunks.get('eXIf'), isWhole: () => chunks.has('IEND') }
		: {
				head,
				exif: chunks.get('EXIF'),
				isWhole: () => file.readUInt32LE(4) + 8 <= file.length,
			};
}

/** The tag that tells how an image is turned, and the type of its value (CIPA DC-008, 4.6.4 and 4.6.2). */
const ORIENTATION = 0x0112;
const SHORT = 3;

/** The orientation in EXIF data, from 1 to 8: 1 where they tell none. Their directory may lie anywhere in them. */
function orientationOf(exif: Buffer): number {
	const tiff = exif.subarray(exif.toString('latin1', 0, 4) === 'Exif' ? 6 : 0);
	if (tiff.length < 8) return 1;
	const isLittle = tiff.toString('latin1', 0, 2) === 'II';
	const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
	const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
	const entries = directory + 2 <= tiff.length ? short(directory) : 0;
	for (let entry = 0; entry < entries; entry += 1) {
		const at = directory + 2 + entry * 12;
		if (at + 12 > tiff.length) break;
		if (short(at) === ORIENTATION && short(at + 2) === SHORT) return short(at + 8);
	}
	return 1;
}

function pixelsOf(head: Buffer): Pixels | undefined {
	try {
		const { width, height } = imageSize(head);
		return { width, height };
	} catch {
		return undefined;
	}
}

/** Reads a file that begins as one of `format` does; undefined where it tells no pixels. Yields to the event loop. */
export async function readImage(
	format: ImageFormat,
	file: Buffer,
): Promise<ImageFacts | undefined> {
	const parts = partsOf(format, file);
	const pixels = parts && pixelsOf(parts.head);
	if (parts === undefined || pixels === undefined) return undefined;
	const whole = await parts.isWhole();
	const orientation = parts.exif === undefined ? 1 : orientationOf(parts.exif);
	// 5 to 8: width and height change places
	return orientation >= 5 && orientation <= 8
		? { width: pixels.height, height: pixels.width, rotated: true, whole }
		: { ...pixels, whole };
}
