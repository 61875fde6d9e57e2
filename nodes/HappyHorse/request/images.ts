// The images of an order: links, `data:` URLs and files, measured.
import { invalidInput } from '../domain/failure';
import type { ByteSource, Image } from '../domain/order';
import type { Limits, Mode, Range } from '../domain/limits';
import { INPUT_FIELD } from '../domain/settings';
import { yieldNow } from '../util/clock';
import { mustBe } from './badValue';
import { givenFiles } from './inputItem';
import { parseLinks } from './lists';
import type { InputFile, InputItem } from './inputItem';
import type { ImageRule } from './image';
import { checkImageBytes, imageRule, measureImage } from './image';
import { readChoice, SOURCES } from './values';
import { dataUrlBytes, isDataUrl, parseWebLink } from './webLink';

/** What the editor calls the fields that take links to images. */
const LINK_FIELD = 'Image URL';

/** How images are read: what the service asks of their files, and whether it can fetch links that are not public. */
interface Reading {
	readonly rule: ImageRule;
	readonly privateLinks: boolean;
}

/** Measures the bytes that `open` gives: now, and again when its order is sent. */
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
	{ rule, privateLinks }: Reading,
	readAgain: () => string | undefined,
): Promise<Image> {
	if (!isDataUrl(url)) return { kind: 'link', url: parseWebLink(LINK_FIELD, url, privateLinks) };
	const name = `The image in ${LINK_FIELD}`;
	// Before decoding: base64 takes more than one character a byte, and has few blanks
	checkImageBytes(name, Math.floor(url.length / 2), rule);
	// To look through megabytes of text took a while already
	await yieldNow();
	return await imageOfBytes(name, rule, async () => [dataUrlBytes(LINK_FIELD, readAgain() ?? '')]);
}

async function imageOfFile(file: InputFile, { rule }: Reading): Promise<Image> {
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

/** The images that parameters name, each to be read by a call, and the label of the field that names them. */
function findImages(
	item: InputItem,
	[source, url, file]: readonly [source: string, url: string, file: string],
	reading: Reading,
): { field: string; images: Array<() => Promise<Image>> } {
	if (readChoice(item, source, SOURCES, 'url') === 'binary') {
		const files = givenFiles(item, item.value(file) ?? INPUT_FIELD);
		const images = files.map((one) => async () => await imageOfFile(one, reading));
		return { field: 'Input Binary Field', images };
	}
	const readLinks = () => parseLinks(LINK_FIELD, item.value(url));
	const images = readLinks().map(
		(link, n) => async () => await imageOfLink(link, reading, () => readLinks().at(n)),
	);
	return { field: LINK_FIELD, images };
}

/** The images of the collection "Reference Images", in order; `count` of them. */
async function referenceImages(item: InputItem, count: Range, reading: Reading): Promise<Image[]> {
	const field = 'Reference Images';
	const given: unknown = item.value('referenceImages.image') ?? [];
	const found: Array<() => Promise<Image>> = [];
	for (const [at, row] of (Array.isArray(given) ? given : [given]).entries()) {
		if (typeof row !== 'object' || row === null) throw mustBe(field, 'a list of images', row);
		const path = `referenceImages.image[${at}]`;
		const parameters = [`${path}.source`, `${path}.url`, `${path}.binaryPropertyName`] as const;
		const ofRow = findImages(item, parameters, reading).images;
		if (ofRow.length === 0) {
			throw invalidInput(`${field} has a row without an image`, 'Fill it in, or remove the row.');
		}
		found.push(...ofRow);
	}
	checkCount(field, found.length, count, 'image');
	const images: Image[] = [];
	for (const read of found) images.push(await read());
	return images;
}

/** The images of an order, in order, checked. `privateLinks`: see {@link parseWebLink}. @throws Failure */
export async function readImages(
	mode: Mode,
	item: InputItem,
	limits: Limits,
	privateLinks: boolean,
): Promise<Image[]> {
	const reading = { rule: imageRule(mode, limits), privateLinks };
	switch (mode) {
		case 'textToVideo':
			return [];
		case 'imageToVideo': {
			const parameters = ['imageSource', 'imageUrl', 'binaryPropertyName'] as const;
			const { field, images } = findImages(item, parameters, reading);
			return [await onlyOne(field, images, 'image')()];
		}
		case 'referenceToVideo':
			return await referenceImages(item, limits.referenceImages, reading);
		case 'editVideo':
			return await referenceImages(item, limits.editImages, reading);
	}
}
