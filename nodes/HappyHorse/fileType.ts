// What a file is, found in its first bytes: neither its name nor its announced type is believed.

/** Types of the boxes that may come first in an mp4 or mov: ISO 14496-12, and Apple's QuickTime File Format. */
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot'];

/** Bytes of a file's beginning that are needed to tell. */
export const FILE_TYPE_BYTES = 12;

/** Whether a file starts as mp4 and mov do; `head` holds its first {@link FILE_TYPE_BYTES} bytes, or more. */
export function startsAsVideo(head: Buffer): boolean {
	return FIRST_BOXES.includes(head.toString('latin1', 4, 8));
}

/** The MIME type of a JPG, PNG or WebP; undefined for anything else. `head` as for {@link startsAsVideo}. */
export function webImageType(head: Buffer): string | undefined {
	const text = head.toString('latin1', 0, FILE_TYPE_BYTES);
	if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
	if (text.startsWith('\x89PNG')) return 'image/png';
	return text.startsWith('RIFF') && text.slice(8) === 'WEBP' ? 'image/webp' : undefined;
}
