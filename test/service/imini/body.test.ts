// What iMini is asked for: which field of an order goes into which field of the request.
import type { Image, Order } from '../../../nodes/HappyHorse/domain/order';
import { IMINI } from '../../../nodes/HappyHorse/service/imini/imini';
import { imageUrl } from '../../../nodes/HappyHorse/service/orderBody';

const link: Image = { kind: 'link', url: 'https://a.example/1.png' };
const bytes: Image = {
	kind: 'bytes',
	digest: 'x',
	format: 'png',
	size: 1,
	open: async () => [Buffer.alloc(1)],
	width: 1,
	height: 1,
};

/** The body as JSON has it. */
function bodyOf(order: Omit<Order, 'resolution' | 'images'> & Partial<Order>, videoUrl?: string) {
	return JSON.parse(
		JSON.stringify(IMINI.body({ resolution: '720P', images: [], ...order }, videoUrl)),
	);
}

it('what an order does not hold is not sent', () => {
	expect(bodyOf({ mode: 'textToVideo' })).toEqual({
		model: 'dashscope/happyhorse-1.0',
		resolution: '720P',
	});
});

it('every field of an order is sent under its own name', () => {
	const order = {
		mode: 'editVideo',
		prompt: 'A horse',
		aspectRatio: '9:16',
		durationSeconds: 7,
		audioSetting: 'origin',
		images: [link, bytes],
		video: { kind: 'link', url: 'https://a.example/v.mp4' },
	} as const;
	expect(bodyOf(order, order.video.url)).toEqual({
		model: 'dashscope/happyhorse-1.0',
		prompt: 'A horse',
		resolution: '720P',
		aspect_ratio: '9:16',
		duration: 7,
		reference_images: [
			{ url: link.url, reference_type: 'asset' },
			{ url: imageUrl(bytes), reference_type: 'asset' },
		],
		reference_videos: [{ url: 'https://a.example/v.mp4' }],
		extra_params: { audio_setting: 'origin' },
	});
});

it.each([
	['imageToVideo', 'first_frame'],
	['referenceToVideo', 'asset'],
	['editVideo', 'asset'],
] as const)('the images of %s are each named as %s', (mode, reference_type) => {
	expect(bodyOf({ mode, images: [link, link] }).reference_images).toEqual([
		{ url: link.url, reference_type },
		{ url: link.url, reference_type },
	]);
});
