// What an order comes to: seconds of video, and a request that is heavy or not.
import type { Image, Order } from '../../nodes/HappyHorse/domain/order';
import { carriesBytes } from '../../nodes/HappyHorse/domain/order';

const link: Image = { kind: 'link', url: 'https://a.example/1.png' };
const bytes: Image = {
	kind: 'bytes',
	digest: 'x',
	format: 'png',
	size: 3,
	open: async () => [],
	pixels: () => ({ width: 1, height: 1 }),
};

it('bytes of an image make an order heavy, links do not', () => {
	const heavy = (images: Image[]) =>
		carriesBytes({ mode: 'editVideo', resolution: '720P', images } satisfies Order);
	expect([[], [link], [link, bytes]].map(heavy)).toEqual([false, false, true]);
});
