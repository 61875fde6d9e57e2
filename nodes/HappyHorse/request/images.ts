// The images of an order: links, `data:` URLs and files, measured.
import { invalidInput } from '../domain/failure';
import { fieldOf } from '../util/unknown';
import type { ByteSource, Image } from '../domain/order';
import type { Range } from '../domain/limits';
import { INPUT_FIELD } from '../domain/settings';
import { mustBe } from './badValue';
import { givenFiles, givenLinks } from './inputItem';
import type { InputFile, InputItem } from './inputItem';
import type { ImageRule } from './image';
import { checkImageBytes, measureImage } from './image';
import { parseChoice, SOURCES } from './values';
import { dataUrlBytes, isDataUrl, parseWebLink } from './webLink';

/** An image that `open` gives the bytes of: now, to be measured, and again when its order is sent. */
async function imageOfBytes(
	name: string,
	rule: ImageRule,
	open: () => Promise<ByteSource>,
): Promise<Image> {
	const { width, height, ...measured } = await measureImage(name, await open(), rule);
	return { kind: 'bytes', ...measured, pixels: () => ({ width, height }), open };
}

/** `readAgain` evaluates the field anew, so that a large `data:` URL is not held until its order is sent. */
async function imageOfLink(
	field: string,
	url: string,
	rule: ImageRule,
	privateLinks: boolean,
	readAgain: () => string | undefined,
): Promise<Image> {
	if (!isDataUrl(url)) {
		return { kind: 'link', url: parseWebLink({ field, privateLinks }, url) };
	}
	const name = `The image in ${field}`;
	// Before decoding: base64 takes more than one character a byte, and has few blanks
	checkImageBytes(name, Math.floor(url.length / 2), rule);
	return await imageOfBytes(name, rule, async () => [dataUrlBytes(field, readAgain() ?? '')]);
}

async function imageOfFile(file: InputFile, rule: ImageRule): Promise<Image> {
	const name = `The image ${file.name}`;
	checkImageBytes(name, await file.size(), rule);
	return await imageOfBytes(name, rule, async () => await file.open());
}

/** @throws Failure unless `field` holds from `min` to `max` of `what` */
export function checkCount(field: string, count: number, { min, max }: Range, what: string): void {
	if (count >= min && count <= max) return;
	if (count === 0) {
		throw invalidInput(`${field} must not be empty`, `Fill in the field "${field}".`);
	}
	const allowed = min === max ? `exactly ${min} ${what}` : `from ${min} to ${max} ${what}s`;
	throw invalidInput(
		`${field} must hold ${allowed}, but holds ${count}`,
		`Correct the field "${field}".`,
	);
}

/** The one image of image-to-video. `privateLinks`: see {@link parseWebLink}. @throws Failure */
export async function firstFrame(
	item: InputItem,
	rule: ImageRule,
	privateLinks = false,
): Promise<Image> {
	const only: Range = { min: 1, max: 1 };
	if (parseChoice('Image Source', item.value('imageSource') ?? 'url', SOURCES) === 'binary') {
		const files = givenFiles(item, item.value('binaryPropertyName') ?? INPUT_FIELD);
		checkCount('Input Binary Field', files.length, only, 'field name');
		return await imageOfFile(files[0], rule);
	}
	const readLinks = () => givenLinks('Image URL', item.value('imageUrl'));
	const links = readLinks();
	checkCount('Image URL', links.length, only, 'image');
	return await imageOfLink('Image URL', links[0], rule, privateLinks, () => readLinks().at(0));
}

/** The rows of the collection "Reference Images". */
function referenceRows(item: InputItem): unknown[] {
	const rows: unknown = item.value('referenceImages.image') ?? [];
	return Array.isArray(rows) ? rows : [rows];
}

/** A field of a row, by its path if there is one: rows that a single expression returns have no paths. */
function rowValue(item: InputItem, at: number, name: string): unknown {
	const value = item.value(`referenceImages.image[${at}].${name}`);
	if (value !== undefined) return value;
	const given = fieldOf(referenceRows(item).at(at), name);
	// Set to nothing is not the same as not set
	return given === null ? '' : given;
}

/** The images of one row, by its index: it may name several. */
async function rowImages(
	item: InputItem,
	at: number,
	rule: ImageRule,
	privateLinks: boolean,
): Promise<Image[]> {
	const images: Image[] = [];
	if (parseChoice('Source', rowValue(item, at, 'source') ?? 'url', SOURCES) === 'binary') {
		const files = givenFiles(item, rowValue(item, at, 'binaryPropertyName') ?? INPUT_FIELD);
		for (const file of files) images.push(await imageOfFile(file, rule));
	} else {
		const readLinks = () => givenLinks('Image URL', rowValue(item, at, 'url'));
		for (const [n, link] of readLinks().entries()) {
			const readAgain = () => readLinks().at(n);
			images.push(await imageOfLink('Image URL', link, rule, privateLinks, readAgain));
		}
	}
	if (images.length === 0) {
		throw invalidInput(
			'Reference Images has a row without an image',
			'Fill it in, or remove the row.',
		);
	}
	return images;
}

/**
 * The images of the collection "Reference Images", in order; `count` of them. `privateLinks`: see {@link parseWebLink}.
 * @throws Failure
 */
export async function referenceImages(
	item: InputItem,
	count: Range,
	rule: ImageRule,
	privateLinks = false,
): Promise<Image[]> {
	const images: Image[] = [];
	for (const [at, row] of referenceRows(item).entries()) {
		if (typeof row !== 'object' || row === null)
			throw mustBe('Reference Images', 'a list of images', row);
		images.push(...(await rowImages(item, at, rule, privateLinks)));
	}
	checkCount('Reference Images', images.length, count, 'image');
	return images;
}
