// Step 1 for a new video: the parameters of one item become a checked order. Nothing is sent.
import type { Limits, Mode, Order } from '../order';
import { ASPECT_RATIOS, AUDIO_SETTINGS, ORDER_DEFAULTS, RESOLUTIONS } from '../order';
import { firstFrame, referenceImages } from './images';
import type { InputItem } from './inputItem';
import { imageRule } from './measureImage';
import { checkCharacters, checkPrompt } from './prompt';
import { isBlank, parseChoice, parseNumber, parseText } from './values';
import { videoToEdit } from './video';

function readResolution(item: InputItem) {
	const value = item.value('resolution') ?? ORDER_DEFAULTS.resolution;
	return parseChoice('Resolution', value, RESOLUTIONS);
}

function readAspectRatio(item: InputItem) {
	const value = item.value('aspectRatio') ?? ORDER_DEFAULTS.aspectRatio;
	return parseChoice('Aspect Ratio', value, ASPECT_RATIOS);
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

/** Reads one mode's order. `privateLinks`: whether the service can fetch from hosts that are not on the internet. */
type Reader = (item: InputItem, limits: Limits, privateLinks: boolean) => Promise<Order>;

const READERS: Record<Mode, Reader> = {
	async textToVideo(item, limits) {
		return {
			mode: 'textToVideo',
			prompt: readPrompt(item, limits),
			resolution: readResolution(item),
			aspectRatio: readAspectRatio(item),
			durationSeconds: readDuration(item, limits),
			images: [],
		};
	},

	async imageToVideo(item, limits, privateLinks) {
		const prompt = readPrompt(item, limits, false);
		return {
			mode: 'imageToVideo',
			prompt: isBlank(prompt) ? undefined : prompt,
			resolution: readResolution(item),
			durationSeconds: readDuration(item, limits),
			images: [await firstFrame(item, imageRule('firstFrame', limits), privateLinks)],
		};
	},

	async referenceToVideo(item, limits, privateLinks) {
		const order = {
			mode: 'referenceToVideo',
			prompt: readPrompt(item, limits),
			resolution: readResolution(item),
			aspectRatio: readAspectRatio(item),
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

	async editVideo(item, limits, privateLinks) {
		return {
			mode: 'editVideo',
			prompt: readPrompt(item, limits),
			resolution: readResolution(item),
			audioSetting: readAudioSetting(item),
			video: await videoToEdit(item, limits, privateLinks),
			images: await referenceImages(
				item,
				limits.editImages,
				imageRule('edit', limits),
				privateLinks,
			),
		};
	},
};

/**
 * Checks all that an item asks for in `mode` against the service's limits: parameters, links, images to their last byte,
 * a video by its size and by what it says of itself. @throws Failure for the first thing that is not allowed.
 * @param privateLinks whether the service can fetch from hosts that are not on the internet: it is on one itself
 */
export async function readOrder(
	mode: Mode,
	item: InputItem,
	limits: Limits,
	privateLinks = false,
): Promise<Order> {
	return await READERS[mode](item, limits, privateLinks);
}
