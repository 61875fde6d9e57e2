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

/** What the editor calls the fields that take links to images. */
const LINK_FIELD = 'Image URL';

/** An image that `open` gives the bytes of: now, to be measured, and again when its order is sent. */
async function imageOfBytes(
	name: string,
	rule: ImageRule,
	open: () => Promise<ByteSource>,
): Promise<Image> {
	return { kind: 'bytes', ...(await measureImage(name, await open(), rule)), open };
}

/** `readAgain` evaluates the field anew, so that a large `data:` URL is not held until its order is sent. */
async function imageOfLink(
	url: string,
	rule: ImageRule,
	privateLinks: boolean,
	readAgain: () => string | undefined,
): Promise<Image> {
	if (!isDataUrl(url)) return { kind: 'link', url: parseWebLink(LINK_FIELD, url, privateLinks) };
	const name = `The image in ${LINK_FIELD}`;
	// Before decoding: base64 takes more than one character a byte, and has few blanks
	checkImageBytes(name, Math.floor(url.length / 2), rule);
	return await imageOfBytes(name, rule, async () => [dataUrlBytes(LINK_FIELD, readAgain() ?? '')]);
}

async function imageOfFile(file: InputFile, rule: ImageRule): Promise<Image> {
	const name = `The image ${file.name}`;
	checkImageBytes(name, await file.size(), rule);
	return await imageOfBytes(name, rule, async () => await file.open());
}

/** @throws Failure unless `field` holds from `min` to `max` of `what` */
function checkCount(field: string, count: number, { min, max }: Range, what: string): void {
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

/** The only one of what a field holds. @throws Failure where there are none or several; `what`: a word for one */
export function onlyOne<T>(field: string, given: readonly T[], what: string): T {
	checkCount(field, given.length, { min: 1, max: 1 }, what);
	return given[0];
}

/** The one image of image-to-video. `privateLinks`: see {@link parseWebLink}. @throws Failure */
export async function firstFrame(
	item: InputItem,
	rule: ImageRule,
	privateLinks: boolean,
): Promise<Image> {
	if (parseChoice('Image Source', item.value('imageSource') ?? 'url', SOURCES) === 'binary') {
		const files = givenFiles(item, item.value('binaryPropertyName') ?? INPUT_FIELD);
		return await imageOfFile(onlyOne('Input Binary Field', files, 'field name'), rule);
	}
	const readLinks = () => givenLinks(LINK_FIELD, item.value('imageUrl'));
	const link = onlyOne(LINK_FIELD, readLinks(), 'image');
	return await imageOfLink(link, rule, privateLinks, () => readLinks().at(0));
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
		const readLinks = () => givenLinks(LINK_FIELD, rowValue(item, at, 'url'));
		for (const [n, link] of readLinks().entries()) {
			images.push(await imageOfLink(link, rule, privateLinks, () => readLinks().at(n)));
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
	privateLinks: boolean,
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
