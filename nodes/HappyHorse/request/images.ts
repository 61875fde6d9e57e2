// The images of an order: links, `data:` URLs and files, measured.
import { invalidInput } from '../domain/failure';
import type { ByteSource, Image } from '../domain/order';
import type { Limits, Mode, Range } from '../domain/limits';
import { yieldNow } from '../util/clock';
import { mustBe } from './badValue';
import type { InputItem, SourceParameters } from './inputItem';
import { givenSources } from './inputItem';
import type { ImageRule } from './image';
import { checkImageBytes, imageRule, measureImage } from './image';
import type { Reach } from './webLink';
import { dataUrlBytes, isDataUrl, parseWebLink } from './webLink';

/** Measures the bytes that `open` gives, at most about `size`: now, and again when its order is sent. */
async function imageOfBytes(
	name: string,
	size: number,
	open: () => Promise<ByteSource>,
	rule: ImageRule,
): Promise<Image> {
	checkImageBytes(name, size, rule);
	return { kind: 'bytes', ...(await measureImage(name, await open(), rule)), open };
}

/**
 * The content of the `n`-th link: evaluated anew, so that a large `data:` URL is not held until its order is sent, as by
 * a function that stands where the URL is known.
 */
function linkContent(item: InputItem, parameters: SourceParameters, n: number) {
	return async () => {
		const { field, given } = givenSources(item, parameters);
		return [dataUrlBytes(field, String(given.at(n) ?? ''))];
	};
}

/** @throws Failure unless `field` holds from `min` to `max` of `what` */
function checkCount(field: string, count: number, { min, max }: Range, what: string): void {
	if (count >= min && count <= max) return;
	if (count === 0)
		throw invalidInput(`${field} must not be empty`, `Fill in the field "${field}".`);
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
	parameters: SourceParameters,
	rule: ImageRule,
	reach: Reach,
): { field: string; images: Array<() => Promise<Image>> } {
	const { field, given } = givenSources(item, parameters);
	const images = given.map((one, n) => async (): Promise<Image> => {
		if (typeof one !== 'string') {
			const open = async () => await one.open();
			return await imageOfBytes(`The image ${one.name}`, await one.size(), open, rule);
		}
		if (!isDataUrl(one)) return { kind: 'link', url: parseWebLink(field, one, reach) };
		// To look through megabytes of text took a while already
		await yieldNow();
		// Before decoding: base64 takes more than one character a byte, and has few blanks
		const size = Math.floor(one.length / 2);
		const open = linkContent(item, parameters, n);
		return await imageOfBytes(`The image in ${field}`, size, open, rule);
	});
	return { field, images };
}

/** The images of an order, in order, checked. @throws Failure */
export async function readImages(
	mode: Mode,
	item: InputItem,
	limits: Limits,
	reach: Reach,
): Promise<Image[]> {
	if (mode === 'textToVideo') return [];
	const rule = imageRule(mode, limits);
	if (mode === 'imageToVideo') {
		const parameters = ['imageSource', 'imageUrl', 'binaryPropertyName'] as const;
		const { field, images } = findImages(item, parameters, rule, reach);
		return [await onlyOne(field, images, 'image')()];
	}
	const field = 'Reference Images';
	const rows: unknown = item.value('referenceImages.image') ?? [];
	const found: Array<() => Promise<Image>> = [];
	for (const [at, row] of (Array.isArray(rows) ? rows : [rows]).entries()) {
		if (typeof row !== 'object' || row === null) throw mustBe(field, 'a list of images', row);
		const path = `referenceImages.image[${at}]`;
		const parameters = [`${path}.source`, `${path}.url`, `${path}.binaryPropertyName`] as const;
		const { images } = findImages(item, parameters, rule, reach);
		if (images.length === 0)
			throw invalidInput(`${field} has a row without an image`, 'Fill it in, or remove the row.');
		found.push(...images);
	}
	const count = mode === 'editVideo' ? limits.editImages : limits.referenceImages;
	checkCount(field, found.length, count, 'image');
	const images: Image[] = [];
	for (const read of found) images.push(await read());
	return images;
}
