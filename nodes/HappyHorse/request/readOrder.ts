// Step 1 for a new video: the parameters of one item become a checked order. Nothing is sent.
import type { Limits, Mode, ModelVersion, Order } from '../order';
import { AUDIO_SETTINGS, ORDER_DEFAULTS, RESOLUTIONS } from '../order';
import { firstFrame, referenceImages } from './images';
import type { InputItem } from './inputItem';
import { imageRule } from './measureImage';
import { checkCharacters, checkPrompt } from './prompt';
import { isBlank, parseChoice, parseNumber, parseText } from './values';
import { readExtras } from './readExtras';
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
): { readonly modelVersion?: ModelVersion } {
	if (modelVersions.length === 0) return {};
	const value = item.value('modelVersion') ?? ORDER_DEFAULTS.modelVersion;
	return { modelVersion: parseChoice('Model Version', String(value), modelVersions) };
}

function readAspectRatio(
	item: InputItem,
	{ aspectRatios }: Limits,
	{ modelVersion = '1.0' }: { readonly modelVersion?: ModelVersion },
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
