// The bytes of a request: what is in it, and that files come through unharmed.
import { buildBody, isHeavy } from '../../nodes/HappyHorse/request/body';
import type { Order, Picture } from '../../nodes/HappyHorse/request/order';
import { pieces } from '../../tools/pictures';

/** Bytes of every value. */
function file(length: number): Buffer {
	return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 151 + (index >> 8)) % 256));
}

function bytesOf(
	content: Buffer,
	format: 'jpeg' | 'png' | 'webp' = 'png',
	chunk = 65_536,
): Extract<Picture, { kind: 'bytes' }> {
	return {
		kind: 'bytes',
		format,
		size: content.length,
		open: async () => pieces(content, chunk),
	};
}

function order(
	pictures: Picture[],
	prompt = 'A horse',
	mode: Order['mode'] = 'referenceToVideo',
): Order {
	return { mode, fields: { prompt, resolution: '1080P' }, pictures };
}

async function bodyOf(given: Order): Promise<Record<string, unknown>> {
	const body = await buildBody(given);
	return JSON.parse(body?.toString('utf8') ?? 'null');
}

const link: Picture = { kind: 'link', url: 'https://a.example/1.png' };

describe('the fields of a request', () => {
	it('are the model and those of the order', async () => {
		expect(await bodyOf(order([]))).toEqual({
			model: 'dashscope/happyhorse-1.0',
			prompt: 'A horse',
			resolution: '1080P',
		});
	});

	it('name a first frame by its type', async () => {
		expect(await bodyOf(order([link], '', 'imageToVideo'))).toMatchObject({
			reference_images: [{ url: link.url, reference_type: 'first_frame' }],
		});
	});

	it.each(['referenceToVideo', 'editVideo'] as const)(
		'name images of %s as assets',
		async (mode) => {
			const { reference_images } = await bodyOf(order([link, link], 'x', mode));
			expect(reference_images).toEqual([
				{ url: link.url, reference_type: 'asset' },
				{ url: link.url, reference_type: 'asset' },
			]);
		},
	);

	it('ask for the link of the video only now, as it is good for a limited time', async () => {
		const videoUrl = jest.fn(() => 'https://a.example/v.mp4');
		const given = { ...order([], 'x', 'editVideo'), videoUrl };
		expect(videoUrl).not.toHaveBeenCalled();
		expect(await bodyOf(given)).toMatchObject({
			reference_videos: [{ url: 'https://a.example/v.mp4' }],
		});
		expect(videoUrl).toHaveBeenCalledTimes(1);
	});

	it('keep a prompt of any characters', async () => {
		const prompt = 'Ein "Pferd" \\ 马 🐴\n\t\u2028 </script>';
		expect(await bodyOf(order([bytesOf(file(10))], prompt))).toMatchObject({ prompt });
	});
});

describe('the bytes of a picture', () => {
	it.each([1, 2, 3, 4, 5, 7, 255, 256, 1000])(
		'come through in pieces of %i bytes',
		async (chunk) => {
			const content = file(999);
			const { reference_images } = await bodyOf(order([bytesOf(content, 'webp', chunk)]));
			expect(reference_images).toEqual([
				{
					url: `data:image/webp;base64,${content.toString('base64')}`,
					reference_type: 'asset',
				},
			]);
		},
	);

	it.each([1, 2, 3, 4, 5, 6, 300_000, 300_001, 300_002])(
		'come through when there are %i',
		async (length) => {
			const content = file(length);
			const [first] = Object(await bodyOf(order([bytesOf(content)]))).reference_images;
			expect(first.url === `data:image/png;base64,${content.toString('base64')}`).toBe(true);
		},
	);

	it('come through in pieces of all sizes, some of them empty', async () => {
		const content = file(64);
		const cuts = [0, 0, 1, 3, 3, 8, 10, 31, 32, 63, 64, 64];
		const open = async () => cuts.map((cut, index) => content.subarray(cuts[index - 1] ?? 0, cut));
		const [first] = Object(await bodyOf(order([{ ...bytesOf(content), open }]))).reference_images;
		expect(first.url).toBe(`data:image/png;base64,${content.toString('base64')}`);
	});

	it('stay in order among links', async () => {
		const [one, two] = [file(10), file(200)];
		const { reference_images } = await bodyOf(
			order([link, bytesOf(one, 'jpeg'), link, bytesOf(two), link]),
		);
		const urls = [
			link.url,
			`data:image/jpeg;base64,${one.toString('base64')}`,
			link.url,
			`data:image/png;base64,${two.toString('base64')}`,
			link.url,
		];
		expect(reference_images).toEqual(urls.map((url) => ({ url, reference_type: 'asset' })));
	});

	it.each([9, 13])(
		'are not sent when the file now has %i of the 10 that were checked',
		async (now) => {
			const picture = { ...bytesOf(file(10)), open: async () => [file(now)] };
			await expect(buildBody(order([picture, bytesOf(file(5))]))).resolves.toBeUndefined();
		},
	);

	it('make a body that is exactly as long as it is full', async () => {
		const body = await buildBody(order([bytesOf(file(100)), link], '马'));
		expect(body?.includes(0)).toBe(false);
		expect(body?.toString('utf8').endsWith('}')).toBe(true);
	});

	it('are what makes a body heavy, links are not', () => {
		expect([order([]), order([link]), order([link, bytesOf(file(3))])].map(isHeavy)).toEqual([
			false,
			false,
			true,
		]);
	});
});

describe('a file that changed since it was checked', () => {
	it.each([
		[10, 9],
		[10, 11],
		[12, 11],
		[10, 0],
		[10, 5000],
	])('of %i bytes, which has %i by now, makes no body', async (checked, now) => {
		const picture = { ...bytesOf(file(checked)), open: async () => [file(now)] };
		expect(await buildBody(order([picture]))).toBeUndefined();
	});
});

describe('a prompt that looks like the place of a picture', () => {
	it.each([
		'<picture>',
		'"<picture>"',
		'"url":"<picture>"',
		'{"url":"<picture>","reference_type":"asset"}',
		'\\"url\\":\\"<picture>\\"',
		'","reference_images":[{"url":"<picture>"}]',
	])('stays a prompt, and the pictures stay where they are: %s', async (prompt) => {
		const [one, two] = [file(10), file(20)];
		expect(await bodyOf(order([bytesOf(one), bytesOf(two)], prompt))).toEqual({
			model: 'dashscope/happyhorse-1.0',
			prompt,
			resolution: '1080P',
			reference_images: [one, two].map((content) => ({
				url: `data:image/png;base64,${content.toString('base64')}`,
				reference_type: 'asset',
			})),
		});
		expect(await bodyOf(order([], prompt, 'textToVideo'))).toMatchObject({ prompt });
	});
});
