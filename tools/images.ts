// Files for tests: images of any format and size, a video, and what only pretends to be one of them.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

// A film of 3 s, 640 x 360 pixels and 10 frames a second, without sound, by ffmpeg 5.1:
//   ffmpeg -f lavfi -i color=c=0x2b2140:size=640x360:rate=10:duration=3 -threads 1 -c:v libx264 -profile:v main \
//     -vf "drawbox=x=40*t:y=60:w=120:h=120:color=0xf2a65a:t=fill,format=yuv420p" -preset veryslow -crf 40 \
//     -bsf:v filter_units=remove_types=6 -movflags +faststart -map_metadata -1 -fflags +bitexact -flags:v +bitexact clip.mp4
const CLIP = readFileSync(join(__dirname, 'clip.mp4'));

/** A whole MP4 of at least `bytes` bytes: a film of 3 s and 640 x 360 pixels, and as much of nothing behind it. */
export function mp4(bytes = 0): Buffer {
	const rest = bytes - CLIP.length - 8;
	return rest < 0 ? CLIP : Buffer.concat([CLIP, box('free', Buffer.alloc(rest))]);
}

/** `file` in chunks of `size` bytes, as a stream may deliver it. */
export function* pieces(file: Uint8Array, size = 64 * 1024): Generator<Uint8Array> {
	for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

/** `file` as a `data:` URL. */
export function dataUrl(file: Buffer, type = 'image/png'): string {
	return `data:${type};base64,${file.toString('base64')}`;
}
