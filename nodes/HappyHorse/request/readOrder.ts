// Step 1 for a new video: the parameters of one item become a checked order. Nothing is sent.
import { z } from 'zod';
import { invalidInput } from '../domain/failure';
import type { Limits, Mode, Range } from '../domain/limits';
import { AUDIO_SETTINGS, ORDER_DEFAULTS } from '../domain/limits';
import type { Image, Order } from '../domain/order';
import { mustBe, quotedName } from './badValue';
import { imageRule } from './image';
import { firstFrame, referenceImages } from './images';
import type { InputItem } from './inputItem';
import { excerpt, isBlank, tidy } from './text';
import { parseBoolean, parseChoice, parseNumber, parseText } from './values';
import type { SourceAccess } from './video';
import { videoToEdit } from './video';

/**
 * Checks all that an item asks for in `mode` against the service's limits: parameters, links, images to their last byte,
 * a video by its size and by what it says of itself. @throws Failure for the first thing that is not allowed.
 */
export async function readOrder(
	mode: Mode,
	item: InputItem,
	limits: Limits,
	access: SourceAccess = { privateLinks: false, uploadsVideos: false },
): Promise<Order> {
	const extras = readExtras(item, limits);
	const isEdit = mode === 'editVideo';
	const hasRatio = mode === 'textToVideo' || mode === 'referenceToVideo';
	const modelVersion = isEdit ? undefined : readModelVersion(item, limits);
	const ratios = limits.aspectRatios[modelVersion ?? ''];
	const resolutions = limits.resolutions[modelVersion ?? ''];
	const prompt = readPrompt(item, limits, mode !== 'imageToVideo');
	const order = {
		mode,
		modelVersion,
		prompt,
		resolution: readChoice(item, 'resolution', 'Resolution', resolutions),
		aspectRatio: hasRatio ? readChoice(item, 'aspectRatio', 'Aspect Ratio', ratios) : undefined,
		durationSeconds: isEdit ? undefined : readDuration(item, limits),
		audioSetting: isEdit ? readChoice(item, 'audioSetting', 'Audio', AUDIO_SETTINGS) : undefined,
		video: isEdit ? await videoToEdit(item, limits, access) : undefined,
		images: await readImages(mode, item, limits, access.privateLinks),
		...extras,
	};
	if (mode === 'referenceToVideo') checkCharacters(prompt ?? '', order.images.length, limits);
	return order;
}

/** Checks a prompt; never quotes it. @throws Failure when it is missing where it is needed, or too long. */
export function checkPrompt(prompt: string, needed: boolean, { promptCharacters }: Limits): void {
	if (needed && isBlank(prompt)) {
		throw invalidInput('Prompt must not be empty', 'Describe the video in the field "Prompt".');
	}
	// People count code points, of which a text has at least half as many as UTF-16 units
	const count = prompt.length > 4 * promptCharacters ? prompt.length : [...prompt].length;
	if (count > promptCharacters) {
		throw invalidInput(
			`Prompt must have at most ${promptCharacters} characters, but has ${count}`,
			'Shorten the field "Prompt".',
		);
	}
}

/** Characters of a word of the prompt that a message shows. */
const LONGEST_WORD = 20;

/**
 * Checks that every `character1`, `character2`, … in a prompt, or `[Image 1]` where the service knows that, names one of
 * `images`. @throws Failure for the first that does not.
 */
export function checkCharacters(
	prompt: string,
	images: number,
	{ namesImagesInBrackets }: Pick<Limits, 'namesImagesInBrackets'>,
): void {
	const names = namesImagesInBrackets
		? /\bcharacter(\d+)\b|\[Image (\d+)\]/gi
		: /\bcharacter(\d+)\b/gi;
	for (const [word, inWord, inBrackets] of prompt.matchAll(names)) {
		const number = inWord ?? inBrackets;
		if (Number(number) < 1 || Number(number) > images) {
			throw invalidInput(
				`Prompt names ${excerpt(word, LONGEST_WORD)}, but there ${images === 1 ? 'is 1 reference image' : `are ${images} reference images`}`,
				'Add the missing image to "Reference Images", or change the prompt: the first image has the number 1.',
			);
		}
	}
}

/** The word of a list that a parameter holds, or its default. */
function readChoice<const T extends readonly string[]>(
	item: InputItem,
	parameter: 'resolution' | 'aspectRatio' | 'audioSetting',
	label: string,
	allowed: T,
): T[number] {
	return parseChoice(label, item.value(parameter) ?? ORDER_DEFAULTS[parameter], allowed);
}

/** Nothing where the service has one model only. */
function readModelVersion(item: InputItem, { modelVersions }: Limits): string | undefined {
	const [usual] = modelVersions;
	if (usual === undefined) return undefined;
	return parseChoice('Model Version', String(item.value('modelVersion') ?? usual), modelVersions);
}

/** A whole number within its bounds; `unit` stands behind "a whole number". */
function parseWhole(field: string, value: unknown, { min, max }: Range, unit = ''): number {
	const rule = `a whole number${unit} from ${min} to ${max}`;
	return parseNumber(field, value, rule, (n) => Number.isInteger(n) && n >= min && n <= max);
}

function readDuration(item: InputItem, { durationSeconds }: Limits): number {
	const value = item.value('duration') ?? ORDER_DEFAULTS.durationSeconds;
	return parseWhole('Duration (Seconds)', value, durationSeconds, ' of seconds');
}

/** A prompt within its limits, which no message quotes; undefined where it is not needed and not there. */
function readPrompt(item: InputItem, limits: Limits, isNeeded: boolean): string | undefined {
	const prompt = parseText('Prompt', item.value('prompt'));
	checkPrompt(prompt, isNeeded, limits);
	return isBlank(prompt) ? undefined : prompt;
}

async function readImages(
	mode: Mode,
	item: InputItem,
	limits: Limits,
	privateLinks: boolean,
): Promise<Image[]> {
	if (mode === 'textToVideo') return [];
	const rule = imageRule(mode, limits);
	if (mode === 'imageToVideo') return [await firstFrame(item, rule, privateLinks)];
	const count = mode === 'editVideo' ? limits.editImages : limits.referenceImages;
	return await referenceImages(item, count, rule, privateLinks);
}

/** Names of models at the services and gateways that are known, e.g. dashscope/happyhorse-1.0. */
const MODEL_ID = /^[\w.:/@-]{1,100}$/;

/** Characters of extra parameters, at most. */
const LONGEST_JSON = 20_000;

/** n8n hands an object on as it is, and what was typed as text. */
const jsonObject = z.preprocess((value) => {
	if (typeof value !== 'string') return value;
	try {
		return JSON.parse(value);
	} catch {
		return undefined;
	}
}, z.record(z.unknown()));

function readModelId(item: InputItem): string | undefined {
	const value = item.value('options.model');
	if (value === undefined) return undefined;
	const id = tidy(parseText('Model ID', value));
	if (!MODEL_ID.test(id))
		throw mustBe('Model ID', 'the ID of a model, such as dashscope/happyhorse-1.0', id);
	return id;
}

function readSeed(item: InputItem, { seed }: Limits): number | undefined {
	const value = seed && item.value('options.seed');
	return value === undefined || seed === undefined ? undefined : parseWhole('Seed', value, seed);
}

function readExtraParameters(
	item: InputItem,
	{ ownParameters }: Limits,
): Record<string, unknown> | undefined {
	const value = item.value('options.extraParameters');
	if (value === undefined) return undefined;
	const checkLength = (json: string): void => {
		if (json.length <= LONGEST_JSON) return;
		throw mustBe('Extra Parameters', `a JSON object of at most ${LONGEST_JSON} characters`, value);
	};
	// Before it is read: what is nested too deeply can't be written again
	if (typeof value === 'string') checkLength(value);
	const parsed = jsonObject.safeParse(value);
	if (!parsed.success) throw mustBe('Extra Parameters', 'a JSON object', value);
	checkLength(JSON.stringify(parsed.data));
	const names = Object.keys(parsed.data);
	const bare = (name: string) => name.replace(/[\s\p{Cc}\p{Cf}]/gu, '').toLowerCase();
	const own = names.find((name) => ownParameters.includes(bare(name)));
	if (own !== undefined) {
		throw invalidInput(
			`Extra Parameters must not hold ${quotedName(own)}: the form sends it`,
			'Remove it there, and use its own field or option.',
		);
	}
	return names.length === 0 ? undefined : parsed.data;
}

/** Those that the service takes, and the workflow holds. @throws Failure for the first that is not allowed */
function readExtras(
	item: InputItem,
	limits: Limits,
): Pick<Order, 'modelId' | 'seed' | 'watermark' | 'extraParameters'> {
	const modelId = limits.modelId === undefined ? undefined : readModelId(item);
	const seed = readSeed(item, limits);
	const extraParameters = readExtraParameters(item, limits);
	const watermark = limits.hasWatermark
		? parseBoolean('Watermark', item.value('options.watermark') ?? ORDER_DEFAULTS.watermark)
		: undefined;
	return { modelId, seed, watermark, extraParameters };
}
