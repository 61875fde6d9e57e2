// A checked order becomes the fields of iMini's request.
import type { Order } from '../../order';
import { imageUrl } from '../jsonBody';
import type { SubmitBody } from './contract';
import { MODEL } from './contract';

/** The body of a submit; JSON leaves out what is undefined. Bytes of images are still to be filled in. */
export function submitBody(order: Order): SubmitBody {
	const { mode, prompt, resolution, aspectRatio, durationSeconds, audioSetting, video } = order;
	const reference_type = mode === 'imageToVideo' ? 'first_frame' : 'asset';
	const images = order.images.map((image) => ({ url: imageUrl(image), reference_type }) as const);
	return {
		model: MODEL,
		prompt,
		resolution,
		aspect_ratio: aspectRatio,
		duration: durationSeconds,
		reference_images: images.length === 0 ? undefined : images,
		reference_videos: video && [{ url: video.kind === 'link' ? video.url : video.link() }],
		extra_params: audioSetting && { audio_setting: audioSetting },
	};
}
