// Files for tests: images of any format and size, a video, and what only pretends to be one of them.
import sharp from 'sharp';

/** A complete image of one colour; width and height in pixels. */
export async function imageFile(
	format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif',
	width: number,
	height: number,
): Promise<Buffer> {
	const background = { r: 180, g: 90, b: 30 };
	return await sharp({ create: { width, height, channels: 3, background } })
		.toFormat(format)
		.toBuffer();
}

/** An image of 400 x 400 pixels that doesn't compress: its file has more than 64 kB. */
export async function noisyImage(format: 'jpeg' | 'png' | 'webp'): Promise<Buffer> {
	let state = 1;
	const noise = Buffer.alloc(400 * 400 * 3).map(() => {
		state = Math.imul(state, 1103515245) + 12345;
		return state >> 16;
	});
	const image = sharp(noise, { raw: { width: 400, height: 400, channels: 3 } });
	return await image.toFormat(format).toBuffer();
}

/** A progressive JPG: it holds its pixels in several scans. */
export async function progressiveJpeg(): Promise<Buffer> {
	return await sharp(await noisyImage('png'))
		.jpeg({ progressive: true })
		.toBuffer();
}

/** A JPG with a thumbnail in its EXIF header, as cameras make them: a complete JPG with an end marker of its own. */
export async function jpegWithThumbnail(): Promise<Buffer> {
	const [photo, thumbnail] = [await noisyImage('jpeg'), await imageFile('jpeg', 32, 32)];
	// A TIFF header, and a directory without entries
	const tiff = Buffer.from('49492a00080000000000', 'hex');
	const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, thumbnail]);
	const segment = Buffer.alloc(4);
	segment.writeUInt16BE(0xffe1, 0);
	segment.writeUInt16BE(exif.length + 2, 2);
	return Buffer.concat([photo.subarray(0, 2), segment, exif, photo.subarray(2)]);
}

/** `file` with zeros appended, `bytes` bytes in all. */
export function padded(file: Buffer, bytes: number): Buffer {
	return Buffer.concat([file, Buffer.alloc(bytes - file.length)]);
}

/** A BMP of 400 x 400 pixels. */
export function bmp(): Buffer {
	const pixels = 400 * 400 * 3;
	const file = Buffer.alloc(54 + pixels);
	file.write('BM', 0, 'latin1');
	file.writeUInt32LE(file.length, 2);
	file.writeUInt32LE(54, 10);
	file.writeUInt32LE(40, 14);
	file.writeInt32LE(400, 18);
	file.writeInt32LE(400, 22);
	file.writeUInt16LE(1, 26);
	file.writeUInt16LE(24, 28);
	return file;
}

/** An SVG of 400 x 400 pixels. */
export function svg(): Buffer {
	return Buffer.from(
		'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"></svg>',
	);
}

function box(type: string, ...content: Buffer[]): Buffer {
	const body = Buffer.concat(content);
	const head = Buffer.alloc(8);
	head.writeUInt32BE(body.length + 8, 0);
	head.write(type, 4, 'latin1');
	return Buffer.concat([head, body]);
}

/** The headers of a HEIC photo of 400 x 400 pixels, as iPhones make them. */
export function heic(): Buffer {
	const size = Buffer.alloc(12);
	size.writeUInt32BE(400, 4);
	size.writeUInt32BE(400, 8);
	const properties = box('iprp', box('ipco', box('ispe', size)));
	return Buffer.concat([
		box('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1')),
		box('meta', Buffer.alloc(4), properties),
		box('mdat', Buffer.alloc(1000)),
	]);
}

/** A file that begins and ends like a PDF. */
export function pdf(): Buffer {
	return Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n');
}

/** The first box of an MP4, padded with zeros to `bytes` bytes in all. */
export function mp4(bytes = 100): Buffer {
	const head = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2avc1mp41', 'latin1'));
	return padded(head, Math.max(bytes, head.length));
}

/** `file` in chunks of `size` bytes, as a stream may deliver it. */
export function* pieces(file: Buffer, size: number): Generator<Buffer> {
	for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

/** `file` as a `data:` URL. */
export function dataUrl(file: Buffer, type = 'image/png'): string {
	return `data:${type};base64,${file.toString('base64')}`;
}
