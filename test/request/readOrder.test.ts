// The parameters of one item become an order: what each mode takes, and what it never does.
import type { Mode } from '../../nodes/HappyHorse/domain/limits';
import { orderedSeconds } from '../../nodes/HappyHorse/domain/order';
import { readOrder } from '../../nodes/HappyHorse/request/readOrder';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/limits';
import { itemOf, LINK, VIDEO } from './item';

const orderOf = async (mode: Mode, values: Record<string, unknown>) =>
	await readOrder(mode, itemOf(values), IMINI_LIMITS);

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

it('what is not set is ordered as its default', async () => {
	const unset = { resolution: undefined, aspectRatio: undefined, audioSetting: undefined };
	expect(await orderOf('textToVideo', unset)).toMatchObject({
		resolution: '1080P',
		aspectRatio: '16:9',
	});
	expect((await orderOf('editVideo', unset)).audioSetting).toBe('auto');
});

it.each(['', '  ', undefined, null])(
	'a first frame needs no prompt: %j is not sent',
	async (prompt) => {
		expect((await orderOf('imageToVideo', { prompt })).prompt).toBeUndefined();
	},
);

it('a number as a prompt is its text', async () => {
	expect((await orderOf('textToVideo', { prompt: 2024 })).prompt).toBe('2024');
});

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
