// Step 1 for a new video: the parameters of one item become a checked order. Nothing is sent.
import { invalidInput } from '../domain/failure';
import type { Limits, Mode, Range } from '../domain/limits';
import { AUDIO_SETTINGS, ORDER_DEFAULTS } from '../domain/limits';
import type { Order } from '../domain/order';
import { fingerprint } from '../util/fingerprint';
import { mustBe, quotedName } from './badValue';
import { readImages } from './images';
import type { InputItem } from './inputItem';
import { excerpt, isBlank, tidy } from './text';
import { readBoolean, readChoice, readNumber, readText } from './values';
import type { OrderRules } from './video';
import { videoToEdit } from './video';

/**
 * Checks all that an item asks for in `mode` against `rules`: parameters, links, images to their last byte,
 * a video by its size and by what it says of itself. @throws Failure for the first thing that is not allowed.
 */
export async function readOrder(mode: Mode, item: InputItem, rules: OrderRules): Promise<Order> {
	const { limits, ownParameters, reach } = rules;
	const usual = ORDER_DEFAULTS;
	const isEdit = mode === 'editVideo';
	const hasRatio = mode === 'textToVideo' || mode === 'referenceToVideo';
	const [usualVersion] = isEdit ? [] : limits.modelVersions;
	const modelVersion =
		usualVersion && readChoice(item, 'modelVersion', limits.modelVersions, usualVersion);
	const ratios = limits.aspectRatios[modelVersion ?? ''];
	const resolutions = limits.resolutions[modelVersion ?? ''];
	const prompt = readText(item, 'prompt');
	checkPrompt(prompt, mode !== 'imageToVideo', limits);
	const hasSeed = limits.seed !== undefined && item.value('options.seed') !== undefined;
	const order = {
		mode,
		modelId: limits.modelId === undefined ? undefined : readModelId(item, limits.modelId),
		seed: hasSeed ? readInteger(item, 'options.seed', undefined, limits.seed) : undefined,
		extraParameters: readExtraParameters(item, ownParameters),
		watermark: limits.hasWatermark
			? readBoolean(item, 'options.watermark', usual.watermark)
			: undefined,
		modelVersion,
		prompt: isBlank(prompt) ? undefined : prompt,
		resolution: readChoice(item, 'resolution', resolutions, usual.resolution),
		aspectRatio: hasRatio ? readChoice(item, 'aspectRatio', ratios, usual.aspectRatio) : undefined,
		durationSeconds: isEdit
			? undefined
			: readInteger(item, 'duration', usual.durationSeconds, limits.durationSeconds, ' of seconds'),
		audioSetting: isEdit
			? readChoice(item, 'audioSetting', AUDIO_SETTINGS, usual.audioSetting)
			: undefined,
		video: isEdit ? await videoToEdit(item, rules) : undefined,
		images: await readImages(mode, item, limits, reach),
	};
	if (mode === 'referenceToVideo') checkCharacters(prompt, order.images.length, limits);
	return order;
}

/** Checks a prompt; never quotes it. @throws Failure when it is missing where it is needed, or too long. */
export function checkPrompt(prompt: string, needed: boolean, { promptCharacters }: Limits): void {
	if (needed && isBlank(prompt))
		throw invalidInput('Prompt must not be empty', 'Describe the video in the field "Prompt".');
	// People count code points, of which a text has at least half as many as UTF-16 units
	const count = prompt.length > 4 * promptCharacters ? prompt.length : [...prompt].length;
	if (count > promptCharacters) {
		throw invalidInput(
			`Prompt must have at most ${promptCharacters} characters, but has ${count}`,
			'Shorten the field "Prompt".',
		);
	}
}

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
				`Prompt names ${excerpt(word)}, but there ${images === 1 ? 'is 1 reference image' : `are ${images} reference images`}`,
				'Add the missing image to "Reference Images", or change the prompt: the first image has the number 1.',
			);
		}
	}
}

/** A whole number within its bounds; `unit` stands behind "a whole number". */
function readInteger(
	item: InputItem,
	parameter: string,
	usual: number | undefined,
	{ min, max }: Range,
	unit = '',
): number {
	const rule = `a whole number${unit} from ${min} to ${max}`;
	const holds = (n: number) => Number.isInteger(n) && n >= min && n <= max;
	return readNumber(item, parameter, usual, rule, holds);
}

/** Names of models at the services and gateways that are known, e.g. dashscope/happyhorse-1.0. */
const MODEL_ID = /^[\w.:/@-]{1,100}$/;

/** Characters of extra parameters, at most. */
const LONGEST_JSON = 20_000;

/** Undefined for the `usual` one: an order is the same, whether it is named or not. */
function readModelId(item: InputItem, usual: string): string | undefined {
	if (item.value('options.model') === undefined) return undefined;
	const id = tidy(readText(item, 'options.model'));
	if (!MODEL_ID.test(id))
		throw mustBe('Model ID', 'the ID of a model, such as dashscope/happyhorse-1.0', id);
	return id === usual ? undefined : id;
}

/** An object as n8n hands it on, or as JSON that was typed; undefined for anything else. */
function parseObject(value: unknown): Record<string, unknown> | undefined {
	try {
		const json = typeof value === 'string' ? value : JSON.stringify(value);
		const parsed: unknown = json.length > LONGEST_JSON ? undefined : JSON.parse(json);
		// An order is told from others by all of it: this throws where it is nested too deeply
		fingerprint({ parsed });
		const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
		return isObject ? { ...parsed } : undefined;
	} catch {
		return undefined;
	}
}

function readExtraParameters(
	item: InputItem,
	ownParameters: readonly string[],
): Record<string, unknown> | undefined {
	const value = item.value('options.extraParameters');
	if (value === undefined) return undefined;
	const parsed = parseObject(value);
	if (parsed === undefined)
		throw mustBe('Extra Parameters', `a JSON object of at most ${LONGEST_JSON} characters`, value);
	const names = Object.keys(parsed);
	const bare = (name: string) => name.replace(/[\s\p{Cc}\p{Cf}]/gu, '').toLowerCase();
	const own = names.find((name) => ownParameters.includes(bare(name)));
	if (own !== undefined) {
		throw invalidInput(
			`Extra Parameters must not hold ${quotedName(own)}: the form sends it`,
			'Remove it there, and use its own field or option.',
		);
	}
	return names.length === 0 ? undefined : parsed;
}
