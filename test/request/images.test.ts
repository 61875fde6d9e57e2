// The images of an order: found in links, `data:` URLs and files, and read again when it is sent.
import type { Image } from '../../nodes/HappyHorse/domain/order';
import { readImages } from '../../nodes/HappyHorse/request/images';
import type { InputItem } from '../../nodes/HappyHorse/request/inputItem';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';
import { readWhole } from '../../nodes/HappyHorse/util/readWhole';
import { dataUrl, imageFile } from '../../tools/images';
import { fileOf, itemOf, LINK } from './item';

const imagesOf = async (item: InputItem) =>
	await readImages('referenceToVideo', item, IMINI_LIMITS, 'internet');
const frameOf = async (item: InputItem) =>
	(await readImages('imageToVideo', item, IMINI_LIMITS, 'internet'))[0];

/** The bytes of an image as they are read when its order is sent. */
async function sentBytes(image: Image): Promise<Buffer> {
	if (image.kind !== 'bytes') throw new Error('It is a link');
	return await readWhole(await image.open());
}

it('one of a data: URL has the type that its bytes have', async () => {
	const file = await imageFile('webp', 400, 400);
	const frame = await frameOf(itemOf({ imageUrl: dataUrl(file, 'image/png') }));
	expect(frame).toMatchObject({ kind: 'bytes', format: 'webp', size: file.length });
	await expect(sentBytes(frame)).resolves.toEqual(file);
});

it('a data: URL may have more in its head', async () => {
	const file = await imageFile('png', 400, 400);
	const imageUrl = `DATA:image/png;name=a.png;BASE64,${file.toString('base64')}`;
	const frame = await frameOf(itemOf({ imageUrl }));
	expect(frame).toMatchObject({ kind: 'bytes', size: file.length });
});

it('one of a file has the type that its bytes have', async () => {
	const file = await imageFile('jpeg', 400, 400);
	const values = { imageSource: 'binary', binaryPropertyName: 'photo' };
	const frame = await frameOf(itemOf(values, { photo: fileOf(file) }));
	expect(frame).toMatchObject({ kind: 'bytes', format: 'jpeg', size: file.length });
});

it('those of all rows follow each other, several of one row too', async () => {
	const [png, jpeg] = [await imageFile('png', 400, 400), await imageFile('jpeg', 400, 400)];
	const rows = [
		{ url: `${LINK}?1, ${LINK}?2` },
		{ source: 'binary', binaryPropertyName: 'a, b' },
		{ source: 'url', url: [`${LINK}?3`, dataUrl(png)] },
		{ source: 'binary' },
	];
	const files = { a: fileOf(png), b: fileOf(jpeg), data: fileOf(jpeg) };
	const images = await imagesOf(itemOf({ 'referenceImages.image': rows }, files));
	const found = images.map((one) => (one.kind === 'link' ? one.url.slice(-2) : one.format));
	expect(found).toEqual(['?1', '?2', 'png', 'jpeg', '?3', 'png', 'jpeg']);
	await expect(sentBytes(images[5])).resolves.toEqual(png);
});

it('one that its expression no longer gives when the order is sent is said to be missing', async () => {
	const values = { 'referenceImages.image': [{ url: dataUrl(await imageFile('png', 400, 400)) }] };
	const [only] = await imagesOf({ ...itemOf({}), value: (name) => itemOf(values).value(name) });
	values['referenceImages.image'] = [];
	await expect(sentBytes(only)).rejects.toThrow(/^Image URL must be .*, but is empty$/);
});

it.each([['rows'], [[LINK]]])('they come in the rows of the list, not as %j', async (rows) => {
	await expect(imagesOf(itemOf({ 'referenceImages.image': rows }))).rejects.toThrow(
		'Reference Images must be a list of images',
	);
});

it('a field that is set to nothing in a row of an expression is no default', async () => {
	const rows = [{ source: null, url: LINK }];
	await expect(imagesOf(itemOf({ 'referenceImages.image': rows }))).rejects.toThrow(
		'Source must be one of url, binary, but is empty',
	);
});
