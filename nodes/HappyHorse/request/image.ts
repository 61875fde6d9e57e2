// What an image file really is, found in its bytes: format, pixels, size, and whether it is whole.
import { createHash } from 'crypto';
import { imageSize } from 'image-size';
import { pacer } from '../util/clock';
import type { Failure } from '../domain/failure';
import { invalidInput } from '../domain/failure';
import { FORMAT_NAME_BYTES, formatName, webImageType } from '../util/fileType';
import type { ImageFormat, Limits } from '../domain/limits';
import type { ByteSource } from '../domain/order';
import { IMAGE_FORMATS } from '../domain/limits';

/** A measured image. `width` and `height` in pixels, as it is to be seen; `size` in bytes. */
export interface Measured {
	readonly format: ImageFormat;
	readonly width: number;
	readonly height: number;
	readonly size: number;
	/** Tells its bytes from those of others. */
	readonly digest: string;
	/** Its EXIF data ask for a quarter turn, which width and height take into account; left out where they do not. */
	readonly rotated?: true;
}

/** What the service asks of an image in one of its uses. */
export interface ImageRule {
	/** Bytes, at most. */
	readonly maxBytes: number;
	/** Pixels that both sides need at least. */
	readonly shortSide: number;
	/** How many times the longer side may be the shorter one; Infinity where nothing is said. */
	readonly sideRatio: number;
}

/** The rule for an image by its use. */
export function imageRule(use: 'firstFrame' | 'reference' | 'edit', limits: Limits): ImageRule {
	const { imageBytes: maxBytes, frameSidePixels, referenceShortSidePixels, sideRatio } = limits;
	return use === 'reference'
		? { maxBytes, shortSide: referenceShortSidePixels, sideRatio: Infinity }
		: { maxBytes, shortSide: frameSidePixels, sideRatio };
}

const FORMATS = 'a JPG, PNG or WebP image';

/** What n8n's own nodes can do about an image. */
const FIXES = {
	resize:
		'Put the node Edit Image before this one, with the operation Resize, or use another image.',
	crop: 'Put the node Edit Image before this one, with the operation Crop, or use another image.',
	convert:
		'Put the node Edit Image before this one, with its option Format set to JPEG, or use another image.',
	fetch:
		'Look at what the node before puts out. In an HTTP Request node, set Response Format to File.',
	again: 'Run the node that the file comes from once more, or use another image.',
};

function wrong(name: string, is: string, must: string, fix: keyof typeof FIXES): Failure {
	return invalidInput(`${name} ${is}; it must ${must}`, FIXES[fix]);
}

/** Checks the bytes of an image. @throws Failure when there are too many. */
export function checkImageBytes(name: string, size: number, { maxBytes }: ImageRule): void {
	if (size <= maxBytes) return;
	const megabytes = `${maxBytes / 1024 / 1024} MB`;
	const is = `is larger than ${megabytes} (${maxBytes} bytes)`;
	throw wrong(name, is, `have at most ${megabytes}`, 'resize');
}

/** The whole file, as far as it may be an image. @throws Failure as soon as it is too large */
async function readFile(name: string, source: ByteSource, rule: ImageRule): Promise<Buffer> {
	const pace = pacer();
	const pieces: Uint8Array[] = [];
	let size = 0;
	for await (const piece of source) {
		pieces.push(piece);
		size += piece.length;
		if (pieces.length === 1 && size >= FORMAT_NAME_BYTES && !webImageType(Buffer.from(piece)))
			break;
		checkImageBytes(name, size, rule);
		await pace();
	}
	return Buffer.concat(pieces);
}

/** The mark that starts a JPG, and a header without content: image-size skips the first header unseen. */
const JPEG_START = Buffer.from([0xff, 0xd8]);
const NO_EXIF = Buffer.from([0xff, 0xe0, 0, 2]);

/** Headers and fill bytes that are walked over: far more than any camera writes. */
const MOST_STEPS = 10_000;

/** The headers of a JPG that tell its pixels and its turn, and where its pixels begin (ITU-T T.81, B.1). */
function jpegHead(file: Buffer): { readonly head: Buffer; readonly end: number } | undefined {
	let exif: Buffer = NO_EXIF;
	let frame: Buffer | undefined;
	let at = file.indexOf(0xff);
	for (let steps = 0; steps < MOST_STEPS && at >= 0 && at + 4 <= file.length; steps += 1) {
		const marker = file[at + 1];
		const length = file.readUInt16BE(at + 2);
		if (marker === 0xda)
			return frame && { head: Buffer.concat([JPEG_START, exif, frame]), end: at + 2 };
		// Fill bytes, and marks without a length
		const standsAlone = marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd9) || length < 2;
		if (marker === 0xff || standsAlone) {
			at = file.indexOf(0xff, at + (marker === 0xff ? 1 : 2));
			continue;
		}
		const header = file.subarray(at, at + 2 + length);
		// All of 0xc0 to 0xcf but DHT, JPG and DAC start a frame
		if ((marker & 0xf0) === 0xc0 && ![0xc4, 0xc8, 0xcc].includes(marker)) frame ??= header;
		if (marker === 0xe1 && exif === NO_EXIF && header.toString('latin1', 4, 8) === 'Exif')
			exif = header;
		at = file.indexOf(0xff, at + header.length);
	}
	return undefined;
}

/** What image-size needs of a file, and whether its end is there; undefined where it tells no pixels. */
function lookAt(format: ImageFormat, file: Buffer): { head: Buffer; whole: boolean } | undefined {
	switch (format) {
		case 'jpeg': {
			const jpeg = jpegHead(file);
			return jpeg && { head: jpeg.head, whole: file.includes(Buffer.from([0xff, 0xd9]), jpeg.end) };
		}
		case 'png':
			return { head: file.subarray(0, 64), whole: file.lastIndexOf('IEND') > 0 };
		case 'webp':
			return { head: file.subarray(0, 64), whole: file.readUInt32LE(4) + 8 <= file.length };
	}
}

/** The pixels as the image is to be seen, or undefined where its bytes do not tell. */
function pixelsOf(head: Buffer): Pick<Measured, 'width' | 'height' | 'rotated'> | undefined {
	try {
		const { width, height, orientation = 1 } = imageSize(head);
		// 5 to 8: width and height change places (CIPA DC-008)
		return orientation >= 5 && orientation <= 8
			? { width: height, height: width, rotated: true }
			: { width, height };
	} catch {
		return undefined;
	}
}

function checkPixels(name: string, width: number, height: number, rule: ImageRule): void {
	const pixels = `is ${width} × ${height} pixels`;
	const [short, long] = width < height ? [width, height] : [height, width];
	if (short < rule.shortSide) {
		const must = `have at least ${rule.shortSide} pixels on the shorter side`;
		throw wrong(name, pixels, must, 'resize');
	}
	if (long > short * rule.sideRatio) {
		const must = `have an aspect ratio from 1:${rule.sideRatio} to ${rule.sideRatio}:1`;
		throw wrong(name, pixels, must, 'crop');
	}
}

/**
 * Reads an image and checks it against `rule`. `name` is how a message calls it, e.g. `Image "photo.png"`.
 * @throws Failure when it is not {@link FORMATS}, is empty, cut off, too large, too small or of a wrong aspect ratio.
 */
export async function measureImage(
	name: string,
	source: ByteSource,
	rule: ImageRule,
): Promise<Measured> {
	const file = await readFile(name, source, rule);
	if (file.length === 0) throw wrong(name, 'is empty', `be ${FORMATS}`, 'fetch');
	const type = webImageType(file);
	const format = IMAGE_FORMATS.find((one) => type === `image/${one}`);
	const other = format === undefined ? formatName(file) : undefined;
	if (other !== undefined) throw wrong(name, `has the format ${other}`, `be ${FORMATS}`, 'convert');
	const found = format && lookAt(format, file);
	const measured = found && pixelsOf(found.head);
	if (format === undefined || measured === undefined) {
		throw wrong(name, 'is not an image that the service takes', `be ${FORMATS}`, 'fetch');
	}
	if (found?.whole !== true)
		throw wrong(name, 'is cut off: its end is missing', 'be whole', 'again');
	checkPixels(name, measured.width, measured.height, rule);
	const digest = createHash('sha256').update(file).digest('base64url');
	return { format, ...measured, size: file.length, digest };
}
