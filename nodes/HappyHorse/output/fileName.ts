// Names of files that every file system takes.

/** What some file system does not take in a name, and control characters. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[/\\:*?"<>|\u0000-\u001f\u007f]/g;

/** Extensions of video files that people give them. */
const VIDEO_EXTENSION = /\.(mp4|mov|m4v|webm|mkv|avi)$/i;

/** Bytes of a name without its extension: with it, well below the 255 of common file systems. */
const MOST_BYTES = 200;

/** `text` as a part of a file's name: what a file system does not take becomes `_`. */
export function safeName(text: string): string {
	const bytes = Buffer.from(text.replace(UNSAFE, '_')).subarray(0, MOST_BYTES);
	// A character that was cut in two
	return bytes.toString().replace(/\uFFFD$/, '');
}

/** The name of a video file: `wanted`, with .mp4 where it has no extension of a video, and `suffix` before that. */
export function videoFileName(wanted: string, suffix: string): string {
	const [extension] = VIDEO_EXTENSION.exec(wanted) ?? [''];
	const stem = safeName(wanted.slice(0, wanted.length - extension.length).trim());
	return `${stem || 'video'}${suffix}${extension || '.mp4'}`;
}
