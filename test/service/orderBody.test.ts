// The bytes of a request: files come through unharmed, and what only looks like their place stays as it is. And what of it
// people may read: nothing lets anybody fetch a signed file, and no image is written out.
import fc from 'fast-check';
import type { Image, Order } from '../../nodes/HappyHorse/domain/order';
import { imageUrl, jsonBody, shortenedOrder } from '../../nodes/HappyHorse/service/orderBody';
import { pieces } from '../../tools/images';

/** Bytes of every value. */
function file(length: number): Buffer {
	return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 151 + (index >> 8)) % 256));
}

function bytesOf(
	content: Buffer,
	format: 'jpeg' | 'png' | 'webp' = 'png',
	chunk = 65_536,
): Extract<Image, { kind: 'bytes' }> {
	return {
		kind: 'bytes',
		digest: 'x',
		format,
		size: content.length,
		open: async () => pieces(content, chunk),
		width: 1,
		height: 1,
	};
}

/** The body of a request with these images and this prompt. */
async function bodyOf(images: Image[], prompt = 'A horse'): Promise<Buffer | undefined> {
	return await jsonBody({ prompt, list: images.map((one) => ({ url: imageUrl(one) })) }, images);
}

async function parsedBody(images: Image[], prompt?: string) {
	return JSON.parse((await bodyOf(images, prompt))?.toString('utf8') ?? 'null');
}

/** The URLs of images in a body. */
async function urlsIn(images: Image[]): Promise<string[]> {
	const { list } = await parsedBody(images);
	return list.map(({ url }: { url: string }) => url);
}

const link: Image = { kind: 'link', url: 'https://a.example/1.png' };

it('a prompt of any characters is kept', async () => {
	const prompt = 'Ein "Pferd" \\ 马 🐴\n\t\u2028 </script>';
	expect(await parsedBody([bytesOf(file(10))], prompt)).toMatchObject({ prompt });
});

describe('the bytes of an image', () => {
	it.each([1, 2, 3, 4, 5, 7, 255, 256, 1000])(
		'come through in pieces of %i bytes',
		async (chunk) => {
			const content = file(999);
			expect(await urlsIn([bytesOf(content, 'webp', chunk)])).toEqual([
				`data:image/webp;base64,${content.toString('base64')}`,
			]);
		},
	);

	it.each([1, 2, 3, 4, 5, 6, 300_000, 300_001, 300_002])(
		'come through when there are %i',
		async (length) => {
			const content = file(length);
			const [url] = await urlsIn([bytesOf(content)]);
			expect(url === `data:image/png;base64,${content.toString('base64')}`).toBe(true);
		},
	);

	it('come through in pieces of all sizes, some of them empty', async () => {
		const content = file(64);
		const cuts = [0, 0, 1, 3, 3, 8, 10, 31, 32, 63, 64, 64];
		const open = async () => cuts.map((cut, index) => content.subarray(cuts[index - 1] ?? 0, cut));
		expect(await urlsIn([{ ...bytesOf(content), open }])).toEqual([
			`data:image/png;base64,${content.toString('base64')}`,
		]);
	});

	it('stay in order among links', async () => {
		const [one, two] = [file(10), file(200)];
		expect(await urlsIn([link, bytesOf(one, 'jpeg'), link, bytesOf(two), link])).toEqual([
			link.url,
			`data:image/jpeg;base64,${one.toString('base64')}`,
			link.url,
			`data:image/png;base64,${two.toString('base64')}`,
			link.url,
		]);
	});

	it('make a body that is exactly as long as it is full', async () => {
		const body = await bodyOf([bytesOf(file(100)), link], '马');
		expect(body?.includes(0)).toBe(false);
		expect(body?.toString('utf8').endsWith('}')).toBe(true);
	});
});

it.each([
	[10, 9],
	[10, 11],
	[10, 13],
	[12, 11],
	[10, 0],
	[10, 5000],
])(
	'a file that had %i bytes when it was checked and has %i by now makes no body',
	async (checked, now) => {
		const changed = { ...bytesOf(file(checked)), open: async () => [file(now)] };
		expect(await bodyOf([changed])).toBeUndefined();
		expect(await bodyOf([changed, bytesOf(file(5))])).toBeUndefined();
	},
);

describe('a prompt that looks like the place of an image', () => {
	const place = imageUrl(bytesOf(file(1)));

	it.each([
		place,
		`"${place}"`,
		`"url":"${place}"`,
		`{"url":"${place}","reference_type":"asset"}`,
		`\\"url\\":\\"${place}\\"`,
		`","list":[{"url":"${place}"}]`,
	])('stays a prompt, and the images stay where they are: %s', async (prompt) => {
		const [one, two] = [file(10), file(20)];
		expect(await parsedBody([bytesOf(one), bytesOf(two)], prompt)).toEqual({
			prompt,
			list: [one, two].map((content) => ({
				url: `data:image/png;base64,${content.toString('base64')}`,
			})),
		});
		expect(await parsedBody([], prompt)).toMatchObject({ prompt });
	});
});

const order = (images: Image[], video?: Order['video']): Order => ({
	mode: 'editVideo',
	prompt: 'Snow',
	resolution: '720P',
	images,
	video,
});

it('an image that is a file is told by its type and size', () => {
	const open = jest.fn();
	const image = { ...bytesOf(file(1234), 'webp'), open };
	expect(shortenedOrder(order([image]), false).shortened.images).toEqual([
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
		false,
	);
	expect(shortened.images).toEqual([{ kind: 'link', url: shown }]);
	expect(videoUrl).toBe(shown);
});

it('whatever a query is, nothing of it is shown', () => {
	const secret = fc.stringMatching(/^[\w./~-]{12,60}$/);
	fc.assert(
		fc.property(fc.webUrl(), secret, (link, signature) => {
			const url = `${link}?${signature}`;
			const { images } = shortenedOrder(order([{ kind: 'link', url }]), false).shortened;
			expect(JSON.stringify(images)).not.toContain(signature);
		}),
	);
});
