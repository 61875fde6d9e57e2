// A checked order becomes the fields of iMini's request.
import type { Order } from '../../domain/order';
import { imageUrl } from '../jsonBody';
import type { SubmitBody } from './contract';
import { IMINI_MODEL } from './limits';

/**
 * The body of a submit; JSON leaves out what is undefined. Bytes of images are still to be filled in.
 * @param videoUrl where the service finds the video to edit
 */
export function submitBody(order: Order, videoUrl: string | undefined): SubmitBody {
	const { mode, prompt, resolution, aspectRatio, durationSeconds, audioSetting } = order;
	const extra = { audio_setting: audioSetting, ...order.extraParameters };
	const reference_type = mode === 'imageToVideo' ? 'first_frame' : 'asset';
	const images = order.images.map((image) => ({ url: imageUrl(image), reference_type }) as const);
	return {
		model: order.modelId ?? IMINI_MODEL,
		prompt,
		resolution,
		aspect_ratio: aspectRatio,
		duration: durationSeconds,
		reference_images: images.length === 0 ? undefined : images,
		reference_videos: videoUrl === undefined ? undefined : [{ url: videoUrl }],
		extra_params: Object.values(extra).some((value) => value !== undefined) ? extra : undefined,
	};
}
