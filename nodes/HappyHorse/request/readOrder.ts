// Step 1 for a new video: the parameters of one item become a checked order. Nothing is sent.
import { z } from 'zod';
import { invalidInput } from '../domain/failure';
import type { Limits, Mode } from '../domain/limits';
import { AUDIO_SETTINGS, ORDER_DEFAULTS, RESOLUTIONS } from '../domain/limits';
import type { Order } from '../domain/order';
import { mustBe, quotedName } from './badValue';
import { imageRule } from './image';
import { firstFrame, referenceImages } from './images';
import type { InputItem } from './inputItem';
import { checkCharacters, checkPrompt } from './prompt';
import { isBlank, tidy } from './text';
import { parseBoolean, parseChoice, parseNumber, parseText } from './values';
import { videoToEdit } from './video';
import type { Reach } from './webLink';

function readResolution(item: InputItem) {
	const value = item.value('resolution') ?? ORDER_DEFAULTS.resolution;
	return parseChoice('Resolution', value, RESOLUTIONS);
}

/** Nothing where the service has one model only. */
function readModelVersion(
	item: InputItem,
	{ modelVersions }: Limits,
): { readonly modelVersion?: string } {
	const [usual] = modelVersions;
	if (usual === undefined) return {};
	const value = item.value('modelVersion') ?? usual;
	return { modelVersion: parseChoice('Model Version', String(value), modelVersions) };
}

function readAspectRatio(
	item: InputItem,
	{ aspectRatios }: Limits,
	{ modelVersion = '' }: { readonly modelVersion?: string },
) {
	const value = item.value('aspectRatio') ?? ORDER_DEFAULTS.aspectRatio;
	return parseChoice('Aspect Ratio', value, aspectRatios[modelVersion]);
}

function readAudioSetting(item: InputItem) {
	const value = item.value('audioSetting') ?? ORDER_DEFAULTS.audioSetting;
	return parseChoice('Audio', value, AUDIO_SETTINGS);
}

function readDuration(item: InputItem, { durationSeconds: { min, max } }: Limits): number {
	const rule = `a whole number of seconds from ${min} to ${max}`;
	const isWhole = (n: number) => Number.isInteger(n) && n >= min && n <= max;
	const value = item.value('duration') ?? ORDER_DEFAULTS.durationSeconds;
	return parseNumber('Duration (Seconds)', value, rule, isWhole);
}

function readPrompt(item: InputItem, limits: Limits, needed = true): string {
	const prompt = parseText('Prompt', item.value('prompt'));
	checkPrompt(prompt, needed, limits);
	return prompt;
}

/** Reads what one mode's order has of its own. */
type Reader = (item: InputItem, limits: Limits, reach: Reach) => Promise<Order>;

const READERS: Record<Mode, Reader> = {
	async textToVideo(item, limits) {
		const version = readModelVersion(item, limits);
		return {
			mode: 'textToVideo',
			...version,
			prompt: readPrompt(item, limits),
			resolution: readResolution(item),
			aspectRatio: readAspectRatio(item, limits, version),
			durationSeconds: readDuration(item, limits),
			images: [],
		};
	},

	async imageToVideo(item, limits, { privateLinks }) {
		const prompt = readPrompt(item, limits, false);
		return {
			mode: 'imageToVideo',
			...readModelVersion(item, limits),
			prompt: isBlank(prompt) ? undefined : prompt,
			resolution: readResolution(item),
			durationSeconds: readDuration(item, limits),
			images: [await firstFrame(item, imageRule('firstFrame', limits), privateLinks)],
		};
	},

	async referenceToVideo(item, limits, { privateLinks }) {
		const version = readModelVersion(item, limits);
		const order = {
			mode: 'referenceToVideo',
			...version,
			prompt: readPrompt(item, limits),
			resolution: readResolution(item),
			aspectRatio: readAspectRatio(item, limits, version),
			durationSeconds: readDuration(item, limits),
			images: await referenceImages(
				item,
				limits.referenceImages,
				imageRule('reference', limits),
				privateLinks,
			),
		} as const;
		checkCharacters(order.prompt, order.images.length);
		return order;
	},

	async editVideo(item, limits, reach) {
		return {
			mode: 'editVideo',
			prompt: readPrompt(item, limits),
			resolution: readResolution(item),
			audioSetting: readAudioSetting(item),
			video: await videoToEdit(item, limits, reach),
			images: await referenceImages(
				item,
				limits.editImages,
				imageRule('edit', limits),
				reach.privateLinks,
			),
		};
	},
};

/**
 * Checks all that an item asks for in `mode` against the service's limits: parameters, links, images to their last byte,
 * a video by its size and by what it says of itself. @throws Failure for the first thing that is not allowed.
 */
export async function readOrder(
	mode: Mode,
	item: InputItem,
	limits: Limits,
	reach: Reach = { privateLinks: false, uploadsVideos: false },
): Promise<Order> {
	const extras = readExtras(item, limits);
	return { ...(await READERS[mode](item, limits, reach)), ...extras };
}

/** What an order has of them. */
type Extras = Pick<Order, 'modelId' | 'seed' | 'watermark' | 'extraParameters'>;

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
	if (value === undefined || seed === undefined) return undefined;
	const { min, max } = seed;
	const isSeed = (n: number) => Number.isInteger(n) && n >= min && n <= max;
	return parseNumber('Seed', value, `a whole number from ${min} to ${max}`, isSeed);
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
export function readExtras(item: InputItem, limits: Limits): Extras {
	const modelId = limits.modelId === undefined ? undefined : readModelId(item);
	const seed = readSeed(item, limits);
	const extraParameters = readExtraParameters(item, limits);
	const watermark = limits.hasWatermark
		? parseBoolean('Watermark', item.value('options.watermark') ?? ORDER_DEFAULTS.watermark)
		: undefined;
	return {
		...(modelId !== undefined && { modelId }),
		...(seed !== undefined && { seed }),
		...(watermark !== undefined && { watermark }),
		...(extraParameters !== undefined && { extraParameters }),
	};
}
