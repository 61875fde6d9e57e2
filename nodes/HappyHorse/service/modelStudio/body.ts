// A checked order becomes the fields of Model Studio's request.
import type { Order } from '../../domain/order';
import { imageUrl } from '../jsonBody';
import type { CreateBody, Medium } from './contract';
import { modelOf } from './contract';
import { MODEL_STUDIO_LIMITS } from './limits';

/** The model that an order is for: what is uploaded for it is bound to that. */
export function modelFor({
	mode,
	modelVersion = MODEL_STUDIO_LIMITS.modelVersions[0],
}: Order): string {
	return modelOf(mode, modelVersion);
}

/**
 * The body of a create; JSON leaves out what is undefined. Bytes of images are still to be filled in.
 * @param videoUrl where the service finds the video to edit
 */
export function createBody(order: Order, videoUrl: string | undefined): CreateBody {
	const { mode, prompt, resolution, aspectRatio, durationSeconds, audioSetting } = order;
	const type = mode === 'imageToVideo' ? 'first_frame' : 'reference_image';
	const media: Medium[] = [
		...(videoUrl === undefined ? [] : [{ type: 'video', url: videoUrl } as const]),
		...order.images.map((image) => ({ type, url: imageUrl(image) }) as const),
	];
	return {
		model: modelFor(order),
		input: { prompt, media: media.length === 0 ? undefined : media },
		parameters: {
			resolution,
			ratio: aspectRatio,
			duration: durationSeconds,
			audio_setting: audioSetting,
			watermark: order.watermark ?? false,
			seed: order.seed,
			...order.extraParameters,
		},
	};
}
