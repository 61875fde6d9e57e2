// Finds the actual format and size of an image, by decoding all of it.
/* eslint-disable @n8n/community-nodes/require-node-api-error -- a test tool: it runs in Node, never in n8n */
import sharp from 'sharp';

/** The formats that the service takes. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp'] as const;

/** One of {@link IMAGE_FORMATS}. */
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** What an image turned out to be. */
export interface InspectedImage {
	format: ImageFormat;
	/** Pixels. */
	width: number;
	/** Pixels. */
	height: number;
	/** Bytes of the file. */
	bytes: number;
}

/** A file that is no image the service takes. The message completes "the image …". */
export class UnreadableImage extends Error {}

/**
 * Format and size of an image file. Decodes its pixels too: a header alone proves nothing.
 * @throws UnreadableImage for another format, and for a file that is damaged or cut short
 */
export async function inspectImage(file: Buffer): Promise<InspectedImage> {
	if (file.length === 0) throw new UnreadableImage('is empty');
	const image = sharp(file, { failOn: 'truncated', sequentialRead: true });
	const { format: found, width, height } = await readable(image.metadata());
	const format = IMAGE_FORMATS.find((known) => known === found);
	if (format === undefined) {
		throw new UnreadableImage(`is of format ${found}, not ${IMAGE_FORMATS.join(', ')}`);
	}
	await readable(image.raw().toBuffer());
	return { format, width, height, bytes: file.length };
}

/** Turns errors of the decoder into ours. */
async function readable<T>(result: Promise<T>): Promise<T> {
	try {
		return await result;
	} catch (error) {
		throw new UnreadableImage(`can't be read (${error instanceof Error ? error.message : error})`);
	}
}
