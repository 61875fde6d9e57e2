// An image of an order, read whole and held against what the service asks of its bytes, pixels and shape.
import { createHash } from 'crypto';
import type { Limits, Mode } from '../domain/limits';
import { IMAGE_FORMATS } from '../domain/limits';
import type { ByteSource, MeasuredImage, Pixels } from '../domain/order';
import { formatName, webImageType } from '../util/fileType';
import { readWhole } from '../util/readWhole';
import { LOOK_AT_INPUT, unfit } from './badValue';
import { readImage } from './imageBytes';

/** What the service asks of the sides of an image or a video, in pixels. */
export interface PixelRule {
	/** What both sides need at least. */
	readonly shortSide: number;
	/** What both may have at most; left out where nothing is said. */
	readonly longSide?: number;
	/** How many times the longer side may be the shorter one; Infinity where nothing is said. */
	readonly sideRatio: number;
}

/** What the service asks of an image in one of its uses. */
export interface ImageRule extends PixelRule {
	/** Bytes, at most. */
	readonly maxBytes: number;
}

/** The rule for the images of an order. */
export function imageRule(mode: Mode, limits: Limits): ImageRule {
	const maxBytes = mode === 'imageToVideo' ? limits.firstFrameBytes : limits.imageBytes;
	return mode === 'referenceToVideo'
		? { maxBytes, shortSide: limits.referenceShortSidePixels, sideRatio: Infinity }
		: { maxBytes, shortSide: limits.frameSidePixels, sideRatio: limits.sideRatio };
}

const FORMATS = 'a JPG, PNG or WebP image';

/** What n8n's own nodes can do about an image. */
const FIXES = {
	resize:
		'Put the node Edit Image before this one, with the operation Resize, or use another image.',
	crop: 'Put the node Edit Image before this one, with the operation Crop, or use another image.',
	convert:
		'Put the node Edit Image before this one, with its option Format set to JPEG, or use another image.',
	save: 'Save it as JPG or PNG first, or use another image.',
	photo:
		'Save it as JPG first. An iPhone does so by itself where a form accepts only .jpg and .png (Accepted File Types), and with Settings → Camera → Formats → Most Compatible.',
	document: 'Save the page that is meant as a JPG or PNG image first: no node of n8n does that.',
	fetch: LOOK_AT_INPUT,
	again: 'Run the node that the file comes from once more, or use another image.',
};

/** What to do about a file of a format that no order takes. Edit Image, as n8n ships it, reads three of them. */
const FIXES_OF_FORMATS: Readonly<Record<string, string | undefined>> = {
	GIF: FIXES.convert,
	TIFF: FIXES.convert,
	BMP: FIXES.convert,
	HEIC: FIXES.photo,
	HEIF: FIXES.photo,
	PDF: FIXES.document,
	HTML: FIXES.fetch,
};

/** Checks the bytes of an image. @throws Failure when there are too many. */
export function checkImageBytes(name: string, size: number, { maxBytes }: ImageRule): void {
	if (size <= maxBytes) return;
	const megabytes = `${maxBytes / 1024 / 1024} MB`;
	const is = `is larger than ${megabytes} (${maxBytes} bytes)`;
	throw unfit(name, is, `have at most ${megabytes}`, FIXES.resize);
}

/** Checks the sides of an image or a video, in pixels. @throws Failure */
export function checkPixels(
	name: string,
	{ width, height }: Pixels,
	{ shortSide, longSide = Infinity, sideRatio }: PixelRule,
	{ resize, crop }: { readonly resize: string; readonly crop: string } = FIXES,
): void {
	const is = `is ${width} × ${height} pixels`;
	const [short, long] = width < height ? [width, height] : [height, width];
	if (short < shortSide) {
		throw unfit(name, is, `have at least ${shortSide} pixels on the shorter side`, resize);
	}
	if (long > longSide) {
		throw unfit(name, is, `have at most ${longSide} pixels on the longer side`, resize);
	}
	if (long > short * sideRatio) {
		throw unfit(name, is, `have an aspect ratio from 1:${sideRatio} to ${sideRatio}:1`, crop);
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
): Promise<MeasuredImage> {
	const file = await readWhole(source, rule.maxBytes);
	checkImageBytes(name, file.length, rule);
	if (file.length === 0) throw unfit(name, 'is empty', `be ${FORMATS}`, FIXES.fetch);
	const type = webImageType(file);
	const format = IMAGE_FORMATS.find((one) => type === `image/${one}`);
	const other = format === undefined ? formatName(file) : undefined;
	if (other !== undefined)
		throw unfit(
			name,
			`has the format ${other}`,
			`be ${FORMATS}`,
			FIXES_OF_FORMATS[other] ?? FIXES.save,
		);
	const facts = format && readImage(format, file);
	if (format === undefined || facts === undefined) {
		throw unfit(name, 'is not an image that the service takes', `be ${FORMATS}`, FIXES.fetch);
	}
	const { whole, ...pixels } = facts;
	if (!whole) throw unfit(name, 'is cut off: its end is missing', 'be whole', FIXES.again);
	checkPixels(name, pixels, rule);
	const digest = createHash('sha256').update(file).digest('base64url');
	return { format, ...pixels, size: file.length, digest };
}
