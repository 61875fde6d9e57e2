// Looking into an image: its real format and size, by decoding every pixel.
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

/** Why a file is not an image that the service takes. The message completes "the image …". */
export class UnreadableImage extends Error {}

/**
 * Format and size of an image file, found in its bytes. The pixels are decoded too: a header alone proves nothing.
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

/** What the decoder says, with its own errors made ours. */
async function readable<T>(result: Promise<T>): Promise<T> {
	try {
		return await result;
	} catch (error) {
		throw new UnreadableImage(`can't be read (${error instanceof Error ? error.message : error})`);
	}
}
