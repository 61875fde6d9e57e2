// The parameters of one item become an order: what each mode takes, and what it never does.
import type { Limits, Mode } from '../../nodes/HappyHorse/domain/limits';
import { orderedSeconds } from '../../nodes/HappyHorse/domain/order';
import { checkCharacters, checkPrompt, readOrder } from '../../nodes/HappyHorse/request/readOrder';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';
import { MODEL_STUDIO_LIMITS } from '../../nodes/HappyHorse/service/modelStudio/modelStudio';
import { RULES, itemOf, LINK, VIDEO } from './item';

const orderOf = async (mode: Mode, values: Record<string, unknown>) =>
	await readOrder(mode, itemOf(values), RULES);

describe('what a mode takes, whatever else is set', () => {
	const common = { prompt: 'character1 rides', resolution: '720P' };
	const images = [{ kind: 'link', url: LINK }];

	it.each<[Mode, object, number]>([
		['textToVideo', { ...common, aspectRatio: '9:16', durationSeconds: 7, images: [] }, 7],
		['imageToVideo', { ...common, durationSeconds: 7, images }, 7],
		['referenceToVideo', { ...common, aspectRatio: '9:16', durationSeconds: 7, images }, 7],
		['editVideo', { ...common, audioSetting: 'origin', images }, 15],
	])('%s', async (mode, expected, seconds) => {
		const order = await orderOf(mode, {});
		const { video, ...rest } = order;
		expect(rest).toEqual({ mode, ...expected });
		expect(video).toEqual(mode === 'editVideo' ? { kind: 'link', url: VIDEO } : undefined);
		expect(orderedSeconds(order, IMINI_LIMITS)).toBe(seconds);
	});
});

it('what is not set is ordered as its default, and what is set to it is the same order', async () => {
	const named = { 'options.model': 'dashscope/happyhorse-1.0', 'options.extraParameters': '{}' };
	expect(await orderOf('textToVideo', named)).toEqual(await orderOf('textToVideo', {}));
	const unset = { resolution: undefined, aspectRatio: undefined, audioSetting: undefined };
	expect(await orderOf('textToVideo', unset)).toMatchObject({
		resolution: '1080P',
		aspectRatio: '16:9',
	});
	expect((await orderOf('editVideo', unset)).audioSetting).toBe('auto');
});

describe('480P', () => {
	const ordered = async (mode: Mode, modelVersion: string, limits: Limits) =>
		(await readOrder(mode, itemOf({ resolution: '480P', modelVersion }), { ...RULES, limits }))
			.resolution;

	it('is there for the model that has it', async () => {
		expect(await ordered('textToVideo', '1.1', MODEL_STUDIO_LIMITS)).toBe('480P');
	});

	it.each<[Mode, string, Limits]>([
		['textToVideo', '1.0', MODEL_STUDIO_LIMITS],
		['editVideo', '1.1', MODEL_STUDIO_LIMITS],
		['textToVideo', '1.1', IMINI_LIMITS],
	])('is not for %s with version %s, or elsewhere', async (mode, version, limits) => {
		await expect(ordered(mode, version, limits)).rejects.toThrow(
			'Resolution must be one of 720P, 1080P',
		);
	});
});

it.each(['', '  ', undefined, null])(
	'a first frame needs no prompt: %j is not sent',
	async (prompt) => {
		expect((await orderOf('imageToVideo', { prompt })).prompt).toBeUndefined();
	},
);

describe('reference images', () => {
	it('need not be there beside a video, whatever its prompt names', async () => {
		for (const rows of [undefined, []]) {
			const values = { 'referenceImages.image': rows, prompt: 'character3 is no image here' };
			expect(await orderOf('editVideo', values)).toMatchObject({ images: [] });
		}
	});

	it.each([undefined, []])('must be there where they are all there is: %j', async (rows) => {
		await expect(orderOf('referenceToVideo', { 'referenceImages.image': rows })).rejects.toThrow(
			'Reference Images must not be empty',
		);
	});
});

describe('the length of a prompt', () => {
	it.each([
		['a letter', 'a', 1],
		['a Chinese character', '马', 1],
		['an emoji outside of the basic plane', '🐴', 1],
		['an emoji of two code points, which the service counts', '👍🏽', 2],
		['half of a pair, which is no character of its own', 'a\uD83D', 2],
		['a line break', 'a\r\nb', 4],
	])('counts %s as people and the service do', (_what, text, count) => {
		const limits = { ...IMINI_LIMITS, promptCharacters: 10 * count - 1 };
		expect(() => checkPrompt(text.repeat(10), false, limits)).toThrow(
			`at most ${10 * count - 1} characters, but has ${10 * count}`,
		);
	});

	it('never quotes a prompt, which may be private', () => {
		expect(() => checkPrompt('secret '.repeat(1000), true, IMINI_LIMITS)).toThrow(
			expect.objectContaining({ message: expect.not.stringContaining('secret') }),
		);
	});
});

describe('the images that a prompt names', () => {
	it.each([
		['character1 rides', 1],
		['character1 and character2, then character1', 2],
		['Character9', 9],
		['no image is named', 1],
		['[Image 1] hands a rose to [image 2], [Image]', 2],
		['a character in love', 1],
		['character 3 is no name of an image', 1],
		['mycharacter5, character5th and character_7 are other words', 1],
	])('may be there: %j with %i images', (prompt, images) => {
		expect(() => checkCharacters(prompt, images, MODEL_STUDIO_LIMITS)).not.toThrow();
	});

	it.each([
		['character1 and character3', 2, 'Prompt names character3, but there are 2 reference images'],
		['character2 alone', 1, 'Prompt names character2, but there is 1 reference image'],
		['character0', 3, 'Prompt names character0, but there are 3 reference images'],
		['[Image 3] and character1', 2, 'Prompt names [Image 3], but there are 2 reference images'],
		['CHARACTER10', 9, 'Prompt names CHARACTER10, but there are 9 reference images'],
	])('must be there: %j with %i images', (prompt, images, message) => {
		expect(() => checkCharacters(prompt, images, MODEL_STUDIO_LIMITS)).toThrow(message);
	});

	it('are words of the prompt in brackets where the service does not know those as names', () => {
		expect(() => checkCharacters('a sign that says [Image 3]', 1, IMINI_LIMITS)).not.toThrow();
	});
});
