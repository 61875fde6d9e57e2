// The images of an order: links, `data:` URLs and files of the input item, measured.
import { invalidInput } from '../failure';
import type { Image, Range } from '../order';
import { INPUT_FIELD } from '../settings';
import { mustBe } from './badValue';
import type { InputFile, InputItem } from './inputItem';
import type { ImageRule } from './measureImage';
import { measureImage } from './measureImage';
import { isWebAddress, parseChoice, parseLinks, parseNames, SOURCES } from './values';

const WEB_LINK = 'a URL that starts with https:// or http://';

/** The bytes of a base64 `data:` URL. @throws Failure when it is none, or of no image. */
function dataUrlBytes(field: string, url: string): Buffer {
	const [head, type] = /^data:([^;,]*)[^,]*;base64,/i.exec(url) ?? [];
	if (head === undefined || type === undefined || !/^image\//i.test(type)) {
		const rule = `${WEB_LINK}, or a data URL with a base64 image (data:image/…;base64,…)`;
		throw mustBe(field, rule, url);
	}
	const base64 = url.slice(head.length).replace(/\s+/g, '');
	if (!/^[A-Za-z\d+/]*={0,2}$/.test(base64)) {
		throw invalidInput(
			`${field} is a data URL whose content is not base64`,
			'Its content was cut or changed on its way: look at what the node before gives.',
		);
	}
	return Buffer.from(base64, 'base64');
}

/** `readAgain` evaluates the field anew, so that a large `data:` URL is not held until its order is sent. */
async function imageOfLink(
	field: string,
	url: string,
	rule: ImageRule,
	readAgain: () => string,
): Promise<Image> {
	if (!/^data:/i.test(url)) {
		if (!isWebAddress(url)) throw mustBe(field, WEB_LINK, url);
		return { kind: 'link', url };
	}
	const bytes = [dataUrlBytes(field, url)];
	const { format, size } = await measureImage(`The image in ${field}`, bytes, rule);
	return { kind: 'bytes', format, size, open: async () => [dataUrlBytes(field, readAgain())] };
}

async function imageOfFile(file: InputFile, rule: ImageRule): Promise<Image> {
	const { format, size } = await measureImage(`The image ${file.name}`, await file.open(), rule);
	return { kind: 'bytes', format, size, open: async () => await file.open() };
}

/** Throws unless there are from `min` to `max` of what `field` holds. @throws Failure */
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

/** The one image of image-to-video. @throws Failure */
export async function firstFrame(item: InputItem, rule: ImageRule): Promise<Image> {
	const only: Range = { min: 1, max: 1 };
	if (parseChoice('Image Source', item.value('imageSource') ?? 'url', SOURCES) === 'binary') {
		const field = item.value('binaryPropertyName') ?? INPUT_FIELD;
		const names = parseNames('Input Binary Field', field);
		checkCount('Input Binary Field', names.length, only, 'field name');
		return await imageOfFile(item.file(names[0]), rule);
	}
	const readLinks = () => parseLinks('Image URL', item.value('imageUrl'));
	const links = readLinks();
	checkCount('Image URL', links.length, only, 'image');
	return await imageOfLink('Image URL', links[0], rule, () => readLinks()[0]);
}

/** The rows of the collection "Reference Images". */
function referenceRows(item: InputItem): unknown[] {
	const rows: unknown = item.value('referenceImages.image') ?? [];
	return Array.isArray(rows) ? rows : [rows];
}

function rowLinks(row: unknown): string[] {
	return typeof row === 'object' && row !== null
		? parseLinks('Image URL', Reflect.get(row, 'url'))
		: [];
}

/** One row, with its index: it may name several images. */
async function rowImages(
	item: InputItem,
	row: object,
	at: number,
	rule: ImageRule,
): Promise<Image[]> {
	const images: Image[] = [];
	if (parseChoice('Source', Reflect.get(row, 'source') ?? 'url', SOURCES) === 'binary') {
		const field: unknown = Reflect.get(row, 'binaryPropertyName') ?? INPUT_FIELD;
		for (const name of parseNames('Input Binary Field', field))
			images.push(await imageOfFile(item.file(name), rule));
	} else {
		for (const [n, link] of rowLinks(row).entries()) {
			const readAgain = () => rowLinks(referenceRows(item)[at])[n];
			images.push(await imageOfLink('Image URL', link, rule, readAgain));
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

/** The images of the collection "Reference Images", in order; `count` of them. @throws Failure */
export async function referenceImages(
	item: InputItem,
	count: Range,
	rule: ImageRule,
): Promise<Image[]> {
	const images: Image[] = [];
	for (const [at, row] of referenceRows(item).entries()) {
		if (typeof row !== 'object' || row === null)
			throw mustBe('Reference Images', 'a list of images', row);
		images.push(...(await rowImages(item, row, at, rule)));
	}
	checkCount('Reference Images', images.length, count, 'image');
	return images;
}
