// An order as people may read it: without the bytes of its images, and without what its links are signed with.
import type { Image, Order, SourceVideo } from '../domain/order';
import { bareLink } from '../util/bareLinks';

function shortened(image: Image): Image {
	const url =
		image.kind === 'link'
			? bareLink(image.url)
			: `data:image/${image.format};base64,… (${image.size} bytes)`;
	return { kind: 'link', url };
}

/** A link of this n8n to a file; undefined where nobody outside can fetch from it. */
export function ownLink(video: Extract<SourceVideo, { kind: 'file' }>): string | undefined {
	try {
		return video.link();
	} catch {
		return undefined;
	}
}

/**
 * The same order with links only, shortened, and the link of its video. `isUploaded`: a file goes to the service's own
 * storage. @throws Failure where a file has to be fetched from this n8n, and can't be
 */
export function shortenedOrder(
	order: Order,
	isUploaded = false,
): { readonly shortened: Order; readonly videoUrl: string | undefined } {
	const { images, video } = order;
	const short = { ...order, images: images.map(shortened) };
	if (video?.kind === 'file' && isUploaded)
		return { shortened: short, videoUrl: `oss://… (${video.size} bytes)` };
	const link = video?.kind === 'file' ? video.link() : video?.url;
	return { shortened: short, videoUrl: link && bareLink(link) };
}
