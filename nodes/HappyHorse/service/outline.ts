// An order as people may read it: without the bytes of its images, and without what its links are signed with.
import type { Image, Order } from '../order';

/** A link without its query, which may hold a signature, and without a user. */
function withoutSecrets(link: string): string {
	const { protocol, host, pathname, search } = new URL(link);
	return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}

function shortened(image: Image): Image {
	const url =
		image.kind === 'link'
			? withoutSecrets(image.url)
			: `data:image/${image.format};base64,… (${image.size} bytes)`;
	return { kind: 'link', url };
}

/** The same order with links only: those of its images and its video, shortened. */
export function shortenedOrder(order: Order): Order {
	const { images, video } = order;
	const link = video?.kind === 'file' ? video.link() : video?.url;
	return {
		...order,
		images: images.map(shortened),
		video: link === undefined ? undefined : { kind: 'link', url: withoutSecrets(link) },
	};
}
