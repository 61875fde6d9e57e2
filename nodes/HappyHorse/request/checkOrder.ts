// Step 1 for a new video: the parameters of one item become a checked order, or an InputError. Nothing is sent.
import { INPUT_FIELD } from '../description/settings';
import { HEAD_BYTES, startsAsVideo } from '../fileType';
import type { Mode } from '../service/contract';
import { ASPECT_RATIOS, AUDIO_SETTINGS, DEFAULTS, LIMITS, RESOLUTIONS } from '../service/contract';
import { InputError, mustBe } from './inputError';
import type { InputFile, InputItem } from './inputItem';
import type { ByteSource, Order, Picture } from './order';
import type { PictureRule } from './picture';
import { measurePicture, PICTURE_RULES } from './picture';
import { checkCharacters, checkPrompt } from './prompt';
import { isPublicAddress } from './publicAddress';
import { isBlank, isWebAddress, linksOf, namesOf, numberOf, oneOf, textOf } from './values';

const SOURCES = ['url', 'binary'] as const;

/** The value of a parameter, or its default where it was never set. */
function valueOr(item: InputItem, parameter: string, byDefault: unknown): unknown {
	return item.value(parameter) ?? byDefault;
}

function resolutionOf(item: InputItem) {
	return oneOf('Resolution', valueOr(item, 'resolution', DEFAULTS.resolution), RESOLUTIONS);
}

function aspectRatioOf(item: InputItem) {
	return oneOf('Aspect Ratio', valueOr(item, 'aspectRatio', DEFAULTS.aspectRatio), ASPECT_RATIOS);
}

function durationOf(item: InputItem): number {
	const { min, max } = LIMITS.durationSeconds;
	const rule = `a whole number of seconds from ${min} to ${max}`;
	const whole = (n: number) => Number.isInteger(n) && n >= min && n <= max;
	return numberOf('Duration (Seconds)', item.value('duration'), rule, whole);
}

function promptOf(item: InputItem, needed: boolean): string {
	const prompt = textOf('Prompt', item.value('prompt'));
	checkPrompt(prompt, needed);
	return prompt;
}

/** The bytes of a base64 `data:` URL. @throws InputError when it is none, or of no image. */
function dataUrlBytes(field: string, url: string): Buffer {
	const [head, type] = /^data:([^;,]*)[^,]*;base64,/i.exec(url) ?? [];
	if (head === undefined || type === undefined || !/^image\//i.test(type)) {
		throw mustBe(
			field,
			'a URL that starts with https:// or http://, or a data URL with a base64 image (data:image/…;base64,…)',
			url,
		);
	}
	const base64 = url.slice(head.length).replace(/\s+/g, '');
	if (!/^[A-Za-z\d+/]*={0,2}$/.test(base64)) {
		throw new InputError(
			`${field} is a data URL whose content is not base64`,
			'Its content was cut or changed on its way: look at what the node before gives.',
		);
	}
	return Buffer.from(base64, 'base64');
}

/** `readAgain` evaluates the field anew, so that a large `data:` URL is not held until its order is sent. */
async function pictureOfLink(
	field: string,
	url: string,
	rule: PictureRule,
	readAgain: () => string,
): Promise<Picture> {
	if (!/^data:/i.test(url)) {
		if (!isWebAddress(url)) throw mustBe(field, 'a URL that starts with https:// or http://', url);
		return { kind: 'link', url };
	}
	const { format, size } = await measurePicture(
		`The image in ${field}`,
		[dataUrlBytes(field, url)],
		rule,
	);
	return { kind: 'bytes', format, size, open: async () => [dataUrlBytes(field, readAgain())] };
}

async function pictureOfFile(file: InputFile, rule: PictureRule): Promise<Picture> {
	const { format, size } = await measurePicture(`The image ${file.name}`, await file.open(), rule);
	return { kind: 'bytes', format, size, open: async () => await file.open() };
}

/** Throws unless there are from `min` to `max` of what `field` holds. */
function checkCount(
	field: string,
	count: number,
	{ min, max }: { min: number; max: number },
	what: string,
): void {
	if (count >= min && count <= max) return;
	if (count === 0) {
		throw new InputError(`${field} must not be empty`, `Fill in the field "${field}".`);
	}
	const allowed = min === max ? `exactly ${min} ${what}` : `from ${min} to ${max} ${what}s`;
	throw new InputError(
		`${field} must hold ${allowed}, but holds ${count}`,
		`Correct the field "${field}".`,
	);
}

async function firstFrame(item: InputItem): Promise<Picture> {
	const rule = PICTURE_RULES.firstFrame;
	if (oneOf('Image Source', valueOr(item, 'imageSource', 'url'), SOURCES) === 'binary') {
		const names = namesOf('Input Binary Field', valueOr(item, 'binaryPropertyName', INPUT_FIELD));
		checkCount('Input Binary Field', names.length, { min: 1, max: 1 }, 'field name');
		return await pictureOfFile(item.file(names[0]), rule);
	}
	const links = linksOf('Image URL', item.value('imageUrl'));
	checkCount('Image URL', links.length, { min: 1, max: 1 }, 'image');
	return await pictureOfLink(
		'Image URL',
		links[0],
		rule,
		() => linksOf('Image URL', item.value('imageUrl'))[0],
	);
}

/** The rows of the collection "Reference Images". */
function referenceRows(item: InputItem): unknown[] {
	const rows: unknown = item.value('referenceImages.image') ?? [];
	return Array.isArray(rows) ? rows : [rows];
}

function rowLinks(row: unknown): string[] {
	return typeof row === 'object' && row !== null
		? linksOf('Image URL', Reflect.get(row, 'url'))
		: [];
}

/** One row, with its index: it may name several images. */
async function rowPictures(
	item: InputItem,
	row: object,
	at: number,
	rule: PictureRule,
): Promise<Picture[]> {
	const pictures: Picture[] = [];
	if (oneOf('Source', Reflect.get(row, 'source') ?? 'url', SOURCES) === 'binary') {
		const names = namesOf(
			'Input Binary Field',
			Reflect.get(row, 'binaryPropertyName') ?? INPUT_FIELD,
		);
		for (const name of names) pictures.push(await pictureOfFile(item.file(name), rule));
	} else {
		for (const [n, link] of rowLinks(row).entries()) {
			const readAgain = () => rowLinks(referenceRows(item)[at])[n];
			pictures.push(await pictureOfLink('Image URL', link, rule, readAgain));
		}
	}
	if (pictures.length === 0) {
		throw new InputError(
			'Reference Images has a row without an image',
			'Fill it in, or remove the row.',
		);
	}
	return pictures;
}

async function referencePictures(
	item: InputItem,
	count: { min: number; max: number },
	rule: PictureRule,
): Promise<Picture[]> {
	const pictures: Picture[] = [];
	for (const [at, row] of referenceRows(item).entries()) {
		if (typeof row !== 'object' || row === null)
			throw mustBe('Reference Images', 'a list of images', row);
		pictures.push(...(await rowPictures(item, row, at, rule)));
	}
	checkCount('Reference Images', pictures.length, count, 'image');
	return pictures;
}

async function headOf(source: ByteSource): Promise<Buffer> {
	let head = Buffer.alloc(0);
	for await (const piece of source) {
		head = Buffer.concat([head, piece]);
		if (head.length >= HEAD_BYTES) break;
	}
	return head;
}

async function checkVideoFile(file: InputFile): Promise<void> {
	const fix = 'Use an MP4 or MOV file.';
	const size = await file.size();
	if (size === 0) throw new InputError(`The video ${file.name} is empty`, fix);
	if (size > LIMITS.videoBytes) {
		const most = `${LIMITS.videoBytes / 1024 / 1024} MB (${LIMITS.videoBytes} bytes)`;
		throw new InputError(
			`The video ${file.name} has ${size} bytes; it must have at most ${most}`,
			'Use a smaller video.',
		);
	}
	if (!startsAsVideo(await headOf(await file.open()))) {
		throw new InputError(`The video ${file.name} is not an MP4 or MOV file`, fix);
	}
}

/** A link of this n8n that the service can fetch. @throws InputError where there can be none. */
function publicLink(file: InputFile): string {
	const link = file.signedLink();
	if (!isPublicAddress(link)) {
		const { host } = new URL(link);
		throw new InputError(
			`The video ${file.name} can't be fetched by the service: the address of this n8n, ${host}, is not on the internet`,
			'Set N8N_EDITOR_BASE_URL (or WEBHOOK_URL) to the public address of this n8n, or put the video somewhere public and use its URL.',
		);
	}
	return link;
}

async function videoOf(item: InputItem): Promise<() => string> {
	if (oneOf('Video Source', valueOr(item, 'videoSource', 'url'), SOURCES) === 'binary') {
		const names = namesOf(
			'Input Binary Field',
			valueOr(item, 'videoBinaryPropertyName', INPUT_FIELD),
		);
		checkCount('Input Binary Field', names.length, { min: 1, max: 1 }, 'field name');
		const file = item.file(names[0]);
		await checkVideoFile(file);
		publicLink(file);
		// Made again when the order is sent: it is good for a limited time only
		return () => publicLink(file);
	}
	const links = linksOf('Video URL', item.value('videoUrl'));
	checkCount('Video URL', links.length, { min: 1, max: 1 }, 'video');
	const [url] = links;
	if (!isWebAddress(url))
		throw mustBe('Video URL', 'a URL that starts with https:// or http://', url);
	return () => url;
}

const CHECKS: Record<Mode, (item: InputItem) => Promise<Order>> = {
	async textToVideo(item) {
		const fields = {
			prompt: promptOf(item, true),
			resolution: resolutionOf(item),
			aspect_ratio: aspectRatioOf(item),
			duration: durationOf(item),
		};
		return { mode: 'textToVideo', fields, pictures: [] };
	},

	async imageToVideo(item) {
		const prompt = promptOf(item, false);
		const fields = {
			...(isBlank(prompt) ? {} : { prompt }),
			resolution: resolutionOf(item),
			duration: durationOf(item),
		};
		return { mode: 'imageToVideo', fields, pictures: [await firstFrame(item)] };
	},

	async referenceToVideo(item) {
		const prompt = promptOf(item, true);
		const fields = {
			prompt,
			resolution: resolutionOf(item),
			aspect_ratio: aspectRatioOf(item),
			duration: durationOf(item),
		};
		const pictures = await referencePictures(item, LIMITS.referenceImages, PICTURE_RULES.reference);
		checkCharacters(prompt, pictures.length);
		return { mode: 'referenceToVideo', fields, pictures };
	},

	async editVideo(item) {
		const fields = {
			prompt: promptOf(item, true),
			resolution: resolutionOf(item),
			extra_params: {
				audio_setting: oneOf(
					'Audio',
					valueOr(item, 'audioSetting', DEFAULTS.audioSetting),
					AUDIO_SETTINGS,
				),
			},
		};
		const videoUrl = await videoOf(item);
		const pictures = await referencePictures(item, LIMITS.editImages, PICTURE_RULES.edit);
		return { mode: 'editVideo', fields, pictures, videoUrl };
	},
};

/**
 * Checks all that an item asks for in `mode` against the contract: parameters, images to their last byte, a video by its
 * size and its beginning. @throws InputError for the first thing that is not allowed.
 */
export async function checkOrder(mode: Mode, item: InputItem): Promise<Order> {
	return await CHECKS[mode](item);
}
