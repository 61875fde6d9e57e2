// What an image file really is, found in its bytes: format, pixels, size, and whether it is whole.
import { imageSize } from 'image-size';
import type { Failure } from '../failure';
import { invalidInput } from '../failure';
import type { ByteSource, ImageFormat, Limits } from '../order';
import { IMAGE_FORMATS } from '../order';

/** A measured image. `width` and `height` in pixels, `size` in bytes. */
export interface Measured {
	readonly format: ImageFormat;
	readonly width: number;
	readonly height: number;
	readonly size: number;
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
/** Other formats that people know by name. Not all that image-size finds: some it finds in almost any file. */
const WELL_KNOWN = ['BMP', 'GIF', 'HEIC', 'HEIF', 'AVIF', 'SVG', 'TIFF'];

/** The subtype for image-size's word for a format, where the service takes it. */
function formatOf(type: string | undefined): ImageFormat | undefined {
	return IMAGE_FORMATS.find((format) => format === (type === 'jpg' ? 'jpeg' : type));
}

/** Width, height and format from the first bytes of a file; undefined when they do not tell (yet). */
function measureHead(head: Buffer) {
	try {
		return imageSize(head);
	} catch {
		return undefined;
	}
}

/**
 * Where the compressed image data of a JPG starts: behind its headers, which may hold a whole thumbnail with an end mark
 * of its own. Undefined while `head` does not reach that far.
 */
function jpegScanStart(head: Buffer): number | undefined {
	let at = 2;
	while (at + 4 <= head.length) {
		if (head[at] !== 0xff) return at;
		const marker = head[at + 1];
		if (marker === 0xff) at += 1;
		else if (marker === 0xda) return at;
		else at += 2 + head.readUInt16BE(at + 2);
	}
	return undefined;
}

const JPEG_END = Buffer.from([0xff, 0xd9]);
const PNG_END = Buffer.from('IEND');
/** Bytes kept of the end of a file: a PNG may have a little padding behind its end mark. */
const TAIL_BYTES = 1024;
/** Bytes of a file's beginning that are looked at first; twice as many whenever they did not tell. */
const FIRST_LOOK_BYTES = 64 * 1024;

/** Reads an image once, keeping only its beginning (until that tells what it is) and its last bytes. */
class ImageReader {
	size = 0;
	private head = Buffer.alloc(0);
	private nextLook = FIRST_LOOK_BYTES;
	private tail = Buffer.alloc(0);
	private sawJpegEnd = false;
	/** `type` is image-size's word for the format. */
	private found: { type: string | undefined; width: number; height: number } | undefined;

	/** Takes the next piece of the file. */
	push(piece: Uint8Array): void {
		const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
		this.size += bytes.length;
		if (this.found === undefined) {
			this.head = Buffer.concat([this.head, bytes]);
			if (this.head.length >= this.nextLook) this.look();
		} else {
			this.sawJpegEnd ||= Buffer.concat([this.tail.subarray(-1), bytes]).includes(JPEG_END);
		}
		this.tail = Buffer.from(
			Buffer.concat([this.tail, bytes.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES),
		);
	}

	/** Whether the file has shown to be no image that the service takes: the rest need not be read. */
	get hopeless(): boolean {
		return this.found !== undefined && formatOf(this.found.type) === undefined;
	}

	/** Looks for format and pixels in what has come of the file's beginning. */
	look(): void {
		this.nextLook = this.head.length * 2;
		const measured = measureHead(this.head);
		if (measured === undefined) return;
		if (measured.type === 'jpg') {
			const start = jpegScanStart(this.head);
			if (start === undefined) return;
			this.sawJpegEnd = this.head.indexOf(JPEG_END, start) !== -1;
		}
		this.found = { type: measured.type, width: measured.width, height: measured.height };
		// Of a WebP, the length that its header promises is still needed
		this.head = Buffer.from(this.head.subarray(0, 16));
	}

	/** The pixels and the format, or undefined where the file is none that the service takes. */
	result(): Omit<Measured, 'size'> | undefined {
		if (this.found === undefined) this.look();
		const format = formatOf(this.found?.type);
		if (this.found === undefined || format === undefined) return undefined;
		return { format, width: this.found.width, height: this.found.height };
	}

	/** What the file is in place of an image, as far as that is known: completes "the image …". */
	get kind(): string {
		const known = WELL_KNOWN.find((name) => name.toLowerCase() === this.found?.type);
		return known === undefined
			? 'is not an image that the service takes'
			: `has the format ${known}`;
	}

	/** Whether the file has its end. */
	get whole(): boolean {
		const format = formatOf(this.found?.type);
		if (format === 'jpeg') return this.sawJpegEnd;
		if (format === 'png') return this.tail.includes(PNG_END);
		return this.head.readUInt32LE(4) + 8 <= this.size;
	}
}

function wrong(name: string, is: string, must: string): Failure {
	return invalidInput(
		`${name} ${is}; it must ${must}`,
		'Use another image, or change this one before this node.',
	);
}

/**
 * Reads an image from its first byte to its last and checks it against `rule`. Holds no more than its
 * beginning in memory. `name` is how a message calls it, e.g. `Image "photo.png"`.
 * @throws Failure when it is not {@link FORMATS}, is empty, cut off, too large, too small or of a wrong aspect ratio.
 */
export async function measureImage(
	name: string,
	source: ByteSource,
	rule: ImageRule,
): Promise<Measured> {
	const reader = new ImageReader();
	for await (const piece of source) {
		reader.push(piece);
		if (reader.hopeless) break;
		if (reader.size > rule.maxBytes) {
			const megabytes = `${rule.maxBytes / 1024 / 1024} MB`;
			throw wrong(
				name,
				`is larger than ${megabytes} (${rule.maxBytes} bytes)`,
				`have at most ${megabytes}`,
			);
		}
	}
	if (reader.size === 0) throw wrong(name, 'is empty', `be ${FORMATS}`);
	const measured = reader.result();
	if (measured === undefined) throw wrong(name, reader.kind, `be ${FORMATS}`);
	if (!reader.whole) throw wrong(name, 'is cut off: its end is missing', 'be whole');
	const { width, height } = measured;
	const pixels = `is ${width} × ${height} pixels`;
	const [short, long] = width < height ? [width, height] : [height, width];
	if (short < rule.shortSide) {
		throw wrong(name, pixels, `have at least ${rule.shortSide} pixels on the shorter side`);
	}
	if (long > short * rule.sideRatio) {
		throw wrong(
			name,
			pixels,
			`have an aspect ratio from 1:${rule.sideRatio} to ${rule.sideRatio}:1`,
		);
	}
	return { ...measured, size: reader.size };
}
