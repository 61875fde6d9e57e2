// What the bytes of a JPG, PNG or WebP tell: pixels, the turn that EXIF asks for, and whether the file is whole.
import { imageSize } from 'image-size';
import type { ImageFormat } from '../domain/limits';
import type { Pixels } from '../domain/order';

/** Bytes in which PNG and WebP tell their size. */
const HEAD_BYTES = 64;

/** Headers of a JPG and chunks of a PNG or WebP that are walked over: far more than any program writes. */
const MOST_STEPS = 100_000;

const NO_PIXELS = { width: 0, height: 0 };
const JPEG_END = Buffer.from([0xff, 0xd9]);

/** Walks over the headers of a JPG, up to that of its first scan (ITU-T T.81, B.1). */
function jpegParts(file: Buffer) {
	let pixels: Pixels | undefined;
	let exif: Buffer | undefined;
	let end = 0;
	let at = file.indexOf(0xff);
	for (let steps = 0; steps < MOST_STEPS && at >= 0 && at + 4 <= file.length; steps += 1) {
		const marker = file[at + 1];
		const length = file.readUInt16BE(at + 2);
		// Fill bytes, and marks without a length
		const standsAlone = marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd9) || length < 2;
		if (marker === 0xff || standsAlone) {
			at = file.indexOf(0xff, at + 1);
			continue;
		}
		end = at + 2 + length;
		if (marker === 0xda) {
			// Behind the end there may be anything: zeros, a second picture, or the trailer of a Samsung, in place of the mark
			const whole =
				file.includes(JPEG_END, end) || file.toString('latin1', file.length - 4) === 'SEFT';
			return pixels && { pixels, exif, whole };
		}
		// All of 0xc0 to 0xcf but DHT, JPG and DAC tell the pixels (table B.1)
		const isFrame = (marker & 0xf0) === 0xc0 && ![0xc4, 0xc8, 0xcc].includes(marker);
		if (isFrame && at + 9 <= file.length)
			pixels ??= { height: file.readUInt16BE(at + 5), width: file.readUInt16BE(at + 7) };
		if (marker === 0xe1 && file.toString('latin1', at + 4, at + 8) === 'Exif')
			exif ??= file.subarray(at + 10, end);
		at = file.indexOf(0xff, end);
	}
	// Cut off in its headers, or no JPG
	return end > 0 && end + 4 > file.length ? { pixels: NO_PIXELS, exif, whole: false } : undefined;
}

/** Walks over the chunks of a PNG (its specification, 5.3) or a WebP (RIFF). */
function chunkedParts(file: Buffer, isPng: boolean) {
	let exif: Buffer | undefined;
	let whole = !isPng && file.readUInt32LE(4) + 8 <= file.length;
	let at = isPng ? 8 : 12;
	for (let steps = 0; steps < MOST_STEPS && at + 8 <= file.length; steps += 1) {
		const length = isPng ? file.readUInt32BE(at) : file.readUInt32LE(at + 4);
		const name = file.toString('latin1', isPng ? at + 4 : at, isPng ? at + 8 : at + 4);
		if (name === (isPng ? 'eXIf' : 'EXIF')) exif = file.subarray(at + 8, at + 8 + length);
		if (isPng && name === 'IEND') whole = at + 12 <= file.length;
		// A checksum stands behind a chunk of PNG; one of WebP has an even length
		at += 8 + length + (isPng ? 4 : length % 2);
	}
	return { pixels: imageSize(file.subarray(0, HEAD_BYTES)), exif, whole };
}

/** The orientation in EXIF data, from 1 to 8: 1 where they tell none. Their directory may lie anywhere in them. */
function orientationOf(exif: Buffer): number {
	// Some programs put the name that JPG has before them into PNG and WebP as well
	const tiff = exif.subarray(exif.toString('latin1', 0, 4) === 'Exif' ? 6 : 0);
	const isLittle = tiff.toString('latin1', 0, 2) === 'II';
	const data = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
	try {
		const directory = data.getUint32(4, isLittle);
		const end = directory + 2 + data.getUint16(directory, isLittle) * 12;
		for (let at = directory + 2; at < end; at += 12) {
			const [tag, type] = [data.getUint16(at, isLittle), data.getUint16(at + 2, isLittle)];
			// Orientation, a short (CIPA DC-008, 4.6.4 and 4.6.2)
			if (tag === 0x0112 && type === 3) return data.getUint16(at + 8, isLittle);
		}
	} catch {
		// They are cut off, or point beyond their end
	}
	return 1;
}

/**
 * Reads a file that begins as one of `format` does; undefined where it tells no pixels. `rotated`: EXIF asks for a turn or
 * a mirror, which width and height take into account. `whole`: the end of the file is there.
 */
export function readImage(
	format: ImageFormat,
	file: Buffer,
): (Pixels & { readonly rotated?: true; readonly whole: boolean }) | undefined {
	try {
		const parts = format === 'jpeg' ? jpegParts(file) : chunkedParts(file, format === 'png');
		if (parts === undefined) return undefined;
		const { pixels, exif, whole } = parts;
		const { width, height } = pixels;
		const orientation = exif === undefined ? 1 : orientationOf(exif);
		if (orientation < 2 || orientation > 8) return { width, height, whole };
		// 5 to 8: width and height change places
		const seen = orientation < 5 ? { width, height } : { width: height, height: width };
		return { ...seen, rotated: true, whole };
	} catch {
		return undefined;
	}
}
