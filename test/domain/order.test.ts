// What tells an order from others, and the seconds that it comes to.
import type { Image, Order } from '../../nodes/HappyHorse/domain/order';
import { orderedSeconds, orderIdentity } from '../../nodes/HappyHorse/domain/order';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';
import { MODEL_STUDIO_LIMITS } from '../../nodes/HappyHorse/service/modelStudio/modelStudio';
import { fingerprint } from '../../nodes/HappyHorse/util/fingerprint';
import { bytesImage, videoFile } from '../task/scriptedRun';

const linkTo = (url: string): Image => ({ kind: 'link', url });
const link = linkTo('https://a.example/1.png?v=%C4');
const base: Order = { mode: 'imageToVideo', prompt: 'A horse', resolution: '720P', images: [link] };
const linked = (query: string): Order => ({
	...base,
	images: [linkTo(`https://a.example/1.png?${query}`)],
});

it.each<[what: string, one: Order, other: Order]>([
	['an absent field', base, { ...base, seed: undefined, video: undefined }],
	[
		'keys of Extra Parameters in another order',
		{ ...base, extraParameters: { a: 1, b: { c: 2, d: 3 } } },
		{ ...base, extraParameters: { b: { d: 3, c: 2 }, a: 1 } },
	],
	[
		'a link that was signed anew',
		linked('v=1&X-Amz-Date=20260101&X-Amz-Signature=aa&Expires=5&token=x'),
		linked('v=1&X-Amz-Date=20260102&X-Amz-Signature=bb&Expires=6&token=y'),
	],
	['a signed link without its signature', linked('v=%201&sig=x&se=2026'), linked('v=%201')],
	[
		'a file whose link is made anew',
		{ ...base, video: videoFile() },
		{ ...base, video: videoFile({ link: () => 'https://n8n.test/anew' }) },
	],
	[
		'the same file by another name',
		{ ...base, video: videoFile() },
		{ ...base, video: videoFile({ name: 'b' }) },
	],
])('the same order: %s', (_what, one, other) => {
	const [first, second] = [one, other].map((order) => fingerprint(orderIdentity('imini', order)));
	expect(second).toBe(first);
});

it.each<[what: string, other: Order]>([
	['prompt', { ...base, prompt: 'Two horses' }],
	['duration', { ...base, durationSeconds: 6 }],
	['resolution', { ...base, resolution: '1080P' }],
	['shape', { ...base, aspectRatio: '1:1' }],
	['mode', { ...base, mode: 'referenceToVideo' }],
	['seed', { ...base, seed: 0 }],
	['watermark', { ...base, watermark: false }],
	['model version', { ...base, modelVersion: '1.1' }],
	['model', { ...base, modelId: 'dashscope/another' }],
	['Extra Parameters', { ...base, extraParameters: { a: 1 } }],
	['link', { ...base, images: [linkTo('https://a.example/2.png')] }],
	['parameter of a link that signs nothing', linked('v=2')],
	['byte of a link that is no UTF-8', linked('v=%CE')],
	['number of images', { ...base, images: [link, link] }],
	['kind of image', { ...base, images: [bytesImage('x')] }],
	['video', { ...base, video: videoFile() }],
])('another order: another %s', (_what, other) => {
	expect(fingerprint(orderIdentity('imini', other))).not.toBe(
		fingerprint(orderIdentity('imini', base)),
	);
});

it('another order: another file of the same name and size, another service, links in another order', () => {
	const other = linkTo('https://a.example/2.png');
	const all = [
		orderIdentity('imini', { ...base, images: [link, other] }),
		orderIdentity('imini', { ...base, images: [other, link] }),
		orderIdentity('imini', { ...base, images: [bytesImage('x')] }),
		orderIdentity('imini', { ...base, images: [bytesImage('y')] }),
		orderIdentity('imini', { ...base, video: videoFile() }),
		orderIdentity('imini', { ...base, video: videoFile({ digest: 'y' }) }),
		orderIdentity('modelStudio', { ...base, video: videoFile({ digest: 'y' }) }),
	];
	expect(new Set(all.map(fingerprint)).size).toBe(all.length);
});

describe('an edit counts as the service bills it', () => {
	const edit = (seconds: number | 'a link' | undefined): Order => ({
		mode: 'editVideo',
		resolution: '720P',
		images: [],
		video:
			seconds === 'a link'
				? { kind: 'link', url: 'https://a.example/1.mp4' }
				: videoFile({ seconds }),
	});

	it.each([
		[7.25, 15, 14.5],
		[15, 15, 30],
		[60, 15, 30],
		[undefined, 15, 30],
		['a link' as const, 15, 30],
	])('of %s seconds as %i at iMini and %f at Model Studio', (seconds, atImini, atModelStudio) => {
		expect(orderedSeconds(edit(seconds), IMINI_LIMITS)).toBe(atImini);
		expect(orderedSeconds(edit(seconds), MODEL_STUDIO_LIMITS)).toBe(atModelStudio);
	});
});
