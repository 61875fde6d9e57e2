// What a video file is, found in its first bytes.

/** Types of the boxes that may come first in an mp4 or mov: ISO 14496-12, and Apple's QuickTime File Format. */
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot'];

/** Bytes that are needed to tell. */
export const VIDEO_HEAD_BYTES = 8;

/** Whether a file starts as mp4 and mov do; `head` holds its first {@link VIDEO_HEAD_BYTES} bytes, or more. */
export function startsAsVideo(head: Buffer): boolean {
	return FIRST_BOXES.includes(head.toString('latin1', 4, 8));
}
