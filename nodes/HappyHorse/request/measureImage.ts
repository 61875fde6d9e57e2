// What an image file really is, found in its bytes: format, pixels, size, and whether it is whole.
import { createHash } from 'crypto';
import { imageSize } from 'image-size';
import { pacer } from '../clock';
import type { Failure } from '../failure';
import { invalidInput } from '../failure';
import { FILE_TYPE_BYTES, FORMAT_NAME_BYTES, formatName, webImageType } from '../fileType';
import type { ByteSource, ImageFormat, Limits } from '../order';
import { IMAGE_FORMATS } from '../order';
import type { ImageScan } from './imageScan';
import { PngScan, WebpScan } from './imageScan';
import { JpegScan } from './jpegScan';

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

/** The EXIF orientation from which on width and height change places: 5 to 8 (CIPA DC-008). */
const FIRST_QUARTER_TURN = 5;

const SCANS: Record<ImageFormat, new () => ImageScan> = {
	jpeg: JpegScan,
	png: PngScan,
	webp: WebpScan,
};

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

/** Reads an image once, in pieces, of which little is kept. */
class ImageReader {
	size = 0;
	format: ImageFormat | undefined;
	/** The beginning, until it has told the format. */
	private start = Buffer.alloc(0);
	private scan: ImageScan | undefined;
	private readonly hash = createHash('sha256');

	/** Takes the next piece of the file. */
	push(piece: Uint8Array): void {
		const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
		this.size += bytes.length;
		this.hash.update(bytes);
		if (this.scan !== undefined) {
			this.scan.push(bytes);
			return;
		}
		this.start = Buffer.concat([this.start, bytes]);
		const type = webImageType(this.start);
		this.format = IMAGE_FORMATS.find((format) => type === `image/${format}`);
		if (this.format === undefined) return;
		this.scan = new SCANS[this.format]();
		this.scan.push(this.start);
		this.start = Buffer.alloc(0);
	}

	/** Whether the file has shown to be no image that the service takes: the rest need not be read. */
	get hopeless(): boolean {
		return this.scan === undefined && this.start.length >= FORMAT_NAME_BYTES;
	}

	/** The pixels as the image is to be seen, or undefined where its bytes do not tell. */
	pixels(): Pick<Measured, 'width' | 'height' | 'rotated'> | undefined {
		const head = this.scan?.head;
		if (head === undefined || head.length < FILE_TYPE_BYTES) return undefined;
		try {
			const { width, height, orientation = 1 } = imageSize(head);
			return orientation >= FIRST_QUARTER_TURN && orientation <= 8
				? { width: height, height: width, rotated: true }
				: { width, height };
		} catch {
			return undefined;
		}
	}

	/** The name of a format that the service does not take; undefined where it is not known. */
	get otherFormat(): string | undefined {
		return this.format === undefined ? formatName(this.start) : undefined;
	}

	digest(): string {
		return this.hash.digest('base64url');
	}

	/** Whether the file has its end. */
	get whole(): boolean {
		return this.scan?.whole === true;
	}
}

/** Checks the bytes of an image. @throws Failure when there are too many. */
export function checkImageBytes(name: string, size: number, { maxBytes }: ImageRule): void {
	if (size <= maxBytes) return;
	const megabytes = `${maxBytes / 1024 / 1024} MB`;
	const is = `is larger than ${megabytes} (${maxBytes} bytes)`;
	throw wrong(name, is, `have at most ${megabytes}`, 'resize');
}

function checkPixels(name: string, width: number, height: number, rule: ImageRule): void {
	const pixels = `is ${width} × ${height} pixels`;
	const [short, long] = width < height ? [width, height] : [height, width];
	if (short < rule.shortSide) {
		const must = `have at least ${rule.shortSide} pixels on the shorter side`;
		throw wrong(name, pixels, must, 'resize');
	}
	if (long > short * rule.sideRatio) {
		throw wrong(
			name,
			pixels,
			`have an aspect ratio from 1:${rule.sideRatio} to ${rule.sideRatio}:1`,
			'crop',
		);
	}
}

/**
 * Reads an image from its first byte to its last and checks it against `rule`. Looks at each byte once, holds no more
 * than some headers in memory, and gives way between pieces. `name` is how a message calls it, e.g. `Image "photo.png"`.
 * @throws Failure when it is not {@link FORMATS}, is empty, cut off, too large, too small or of a wrong aspect ratio.
 */
export async function measureImage(
	name: string,
	source: ByteSource,
	rule: ImageRule,
): Promise<Measured> {
	const pace = pacer();
	const reader = new ImageReader();
	for await (const piece of source) {
		reader.push(piece);
		if (reader.hopeless) break;
		checkImageBytes(name, reader.size, rule);
		await pace();
	}
	if (reader.size === 0) throw wrong(name, 'is empty', `be ${FORMATS}`, 'fetch');
	const { format, otherFormat, size, whole } = reader;
	if (otherFormat !== undefined) {
		throw wrong(name, `has the format ${otherFormat}`, `be ${FORMATS}`, 'convert');
	}
	const measured = reader.pixels();
	if (format === undefined || measured === undefined) {
		throw wrong(name, 'is not an image that the service takes', `be ${FORMATS}`, 'fetch');
	}
	if (!whole) throw wrong(name, 'is cut off: its end is missing', 'be whole', 'again');
	checkPixels(name, measured.width, measured.height, rule);
	return { format, ...measured, size, digest: reader.digest() };
}
