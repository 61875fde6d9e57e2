// Picture files for tests: real ones of any format and size, and files that only pretend to be pictures.
import sharp from 'sharp';

/** A whole picture of one colour. */
export async function picture(
	format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff',
	width: number,
	height: number,
): Promise<Buffer> {
	const background = { r: 180, g: 90, b: 30 };
	return await sharp({ create: { width, height, channels: 3, background } })
		.toFormat(format)
		.toBuffer();
}

/** A picture of 400 x 400 pixels whose file has more than 64 kB: nothing in it repeats. */
export async function noisyPicture(format: 'jpeg' | 'png' | 'webp'): Promise<Buffer> {
	let state = 1;
	const noise = Buffer.alloc(400 * 400 * 3).map(() => {
		state = Math.imul(state, 1103515245) + 12345;
		return state >> 16;
	});
	const image = sharp(noise, { raw: { width: 400, height: 400, channels: 3 } });
	return await image.toFormat(format).toBuffer();
}

/** A progressive JPG: its picture comes in several scans. */
export async function progressiveJpeg(): Promise<Buffer> {
	return await sharp(await noisyPicture('png'))
		.jpeg({ progressive: true })
		.toBuffer();
}

/** A JPG with a whole small JPG in its EXIF header, as cameras make them: that one has an end mark of its own. */
export async function jpegWithThumbnail(): Promise<Buffer> {
	const [photo, thumbnail] = [await noisyPicture('jpeg'), await picture('jpeg', 32, 32)];
	// A TIFF header, and a directory without entries
	const tiff = Buffer.from('49492a00080000000000', 'hex');
	const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, thumbnail]);
	const segment = Buffer.alloc(4);
	segment.writeUInt16BE(0xffe1, 0);
	segment.writeUInt16BE(exif.length + 2, 2);
	return Buffer.concat([photo.subarray(0, 2), segment, exif, photo.subarray(2)]);
}

/** `file` with zeros behind its end, up to `bytes` bytes in all. */
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

/** A PDF, as far as its first bytes tell. */
export function pdf(): Buffer {
	return Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n');
}

/** The first bytes of an MP4, and `bytes` in all. */
export function mp4(bytes = 100): Buffer {
	const head = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2avc1mp41', 'latin1'));
	return padded(head, Math.max(bytes, head.length));
}

/** `file` in pieces of `size` bytes, as a stream may deliver it. */
export function* pieces(file: Buffer, size: number): Generator<Buffer> {
	for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

/** `file` as a `data:` URL. */
export function dataUrl(file: Buffer, type = 'image/png'): string {
	return `data:${type};base64,${file.toString('base64')}`;
}
