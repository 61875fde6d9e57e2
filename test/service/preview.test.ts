// An order as people may read it: nothing in it lets anybody fetch a signed file, and no image is written out.
import fc from 'fast-check';
import type { Image, Order } from '../../nodes/HappyHorse/domain/order';
import { shortenedOrder } from '../../nodes/HappyHorse/service/orderBody';

const order = (images: Image[], video?: Order['video']): Order => ({
	mode: 'editVideo',
	prompt: 'Snow',
	resolution: '720P',
	images,
	video,
});

it('an image that is a file is told by its type and size', () => {
	const open = jest.fn();
	const image: Image = {
		kind: 'bytes',
		digest: 'x',
		format: 'webp',
		size: 1234,
		open,
		width: 1,
		height: 1,
	};
	expect(shortenedOrder(order([image])).shortened.images).toEqual([
		{ kind: 'link', url: 'data:image/webp;base64,… (1234 bytes)' },
	]);
	expect(open).not.toHaveBeenCalled();
});

it.each([
	['https://a.example/1.png', 'https://a.example/1.png'],
	['https://a.example:8443/1.png?X-Amz-Signature=1', 'https://a.example:8443/1.png?…'],
	['https://user:secret@a.example/1.png', 'https://…@a.example/1.png'],
	['http://a.example/a%20b.mp4#part', 'http://a.example/a%20b.mp4#…'],
	['https://a.example/1.mp4;sig=abc', 'https://a.example/1.mp4;…'],
])('a link ends at its query, fragment or parameters, and has no user: %s', (url, shown) => {
	const { shortened, videoUrl } = shortenedOrder(
		order([{ kind: 'link', url }], { kind: 'link', url }),
	);
	expect(shortened.images).toEqual([{ kind: 'link', url: shown }]);
	expect(videoUrl).toBe(shown);
});

it('whatever a query is, nothing of it is shown', () => {
	const secret = fc.stringMatching(/^[\w./~-]{12,60}$/);
	fc.assert(
		fc.property(fc.webUrl(), secret, (link, signature) => {
			const url = `${link}?${signature}`;
			const { images } = shortenedOrder(order([{ kind: 'link', url }])).shortened;
			expect(JSON.stringify(images)).not.toContain(signature);
		}),
	);
});
