// An image of an order, read whole and held against what the service asks of its bytes, pixels and shape.
import { createHash } from 'crypto';
import type { Limits, Mode } from '../domain/limits';
import { IMAGE_FORMATS } from '../domain/limits';
import type { ByteSource, MeasuredImage, Pixels } from '../domain/order';
import { formatName, webImageType } from '../util/fileType';
import { readWhole } from '../util/readWhole';
import { LOOK_AT_INPUT, tooLarge, unfit } from './badValue';
import { readImage } from './imageBytes';

/** What the service asks of the sides of an image or a video, in pixels. */
interface PixelRule {
	/** What both sides need at least. */
	readonly shortSide: number;
	/** What both may have at most; left out where nothing is said. */
	readonly longSide?: number;
	/** How many times the longer side may be the shorter one; Infinity where nothing is said. */
	readonly sideRatio: number;
}

/** What the service asks of an image in one of its uses. `maxBytes`: at most. */
export type ImageRule = PixelRule & { readonly maxBytes: number };

/** The rule for the images of an order. */
export function imageRule(mode: Mode, limits: Limits): ImageRule {
	const maxBytes = mode === 'imageToVideo' ? limits.firstFrameBytes : limits.imageBytes;
	return mode === 'referenceToVideo'
		? { maxBytes, shortSide: limits.referenceShortSidePixels, sideRatio: Infinity }
		: { maxBytes, shortSide: limits.frameSidePixels, sideRatio: limits.sideRatio };
}

const MUST = 'be a JPG, PNG or WebP image';

const editImage = (how: string): string =>
	`Put the node Edit Image before this one, with ${how}, or use another image.`;

/** What n8n's own node can do about an image's size: it reads GIF, TIFF and BMP as well. */
const EDIT_IMAGE = {
	resize: editImage('the operation Resize'),
	crop: editImage('the operation Crop'),
};
const TO_JPEG = editImage('its option Format set to JPEG');

const SAVE_PHOTO =
	'Save it as JPG first. An iPhone does so by itself where a form accepts only .jpg and .png (Accepted File Types), and with Settings → Camera → Formats → Most Compatible.';

/** What to do about a file of a format that no order takes. */
const FIXES: Readonly<Record<string, string | undefined>> = {
	GIF: TO_JPEG,
	TIFF: TO_JPEG,
	BMP: TO_JPEG,
	HEIC: SAVE_PHOTO,
	HEIF: SAVE_PHOTO,
	PDF: 'Save the page that is meant as a JPG or PNG image first: no node of n8n does that.',
	HTML: LOOK_AT_INPUT,
};

/** Checks the bytes of an image. @throws Failure when there are too many. */
export function checkImageBytes(name: string, size: number, { maxBytes }: ImageRule): void {
	if (size > maxBytes) throw tooLarge(name, maxBytes, EDIT_IMAGE.resize);
}

/** Checks the sides of an image or a video, in pixels. @throws Failure */
export function checkPixels(
	name: string,
	{ width, height }: Pixels,
	{ shortSide, longSide = Infinity, sideRatio }: PixelRule,
	{ resize, crop } = EDIT_IMAGE,
): void {
	const is = `is ${width} × ${height} pixels`;
	const [short, long] = width < height ? [width, height] : [height, width];
	if (short < shortSide)
		throw unfit(name, is, `have at least ${shortSide} pixels on the shorter side`, resize);
	if (long > longSide)
		throw unfit(name, is, `have at most ${longSide} pixels on the longer side`, resize);
	if (long > short * sideRatio)
		throw unfit(name, is, `have an aspect ratio from 1:${sideRatio} to ${sideRatio}:1`, crop);
}

/**
 * Reads an image and checks it against `rule`. `name` is how a message calls it, e.g. `Image "photo.png"`.
 * @throws Failure when it is no JPG, PNG or WebP, is empty, cut off, too large, too small or of a wrong aspect ratio.
 */
export async function measureImage(
	name: string,
	source: ByteSource,
	rule: ImageRule,
): Promise<MeasuredImage> {
	const file = await readWhole(source, rule.maxBytes);
	checkImageBytes(name, file.length, rule);
	const type = webImageType(file);
	const format = IMAGE_FORMATS.find((one) => type === `image/${one}`);
	const other = format === undefined ? formatName(file) : undefined;
	if (other !== undefined) {
		const fix = FIXES[other] ?? 'Save it as JPG or PNG first, or use another image.';
		throw unfit(name, `has the format ${other}`, MUST, fix);
	}
	const facts = format && readImage(format, file);
	if (format === undefined || facts === undefined) {
		const is = file.length === 0 ? 'is empty' : 'is not an image that the service takes';
		throw unfit(name, is, MUST, LOOK_AT_INPUT);
	}
	const { whole, ...pixels } = facts;
	if (!whole) {
		const again = 'Run the node that the file comes from once more, or use another image.';
		throw unfit(name, 'is cut off: its end is missing', 'be whole', again);
	}
	checkPixels(name, pixels, rule);
	const digest = createHash('sha256').update(file).digest('base64url');
	return { format, ...pixels, size: file.length, digest };
}
