// What a file is, found in its first bytes: neither its name nor its announced type is believed.

/** A box that may come first in an mp4 or mov: ISO 14496-12, and Apple's QuickTime File Format. */
const FIRST_BOX = /^.{4}(ftyp|moov|mdat|wide|free|skip|pnot)/s;

/** How the files of a format begin, and what people call it. */
type Formats = ReadonlyArray<readonly [beginning: RegExp, name: string]>;

/** Files that begin as mp4 does but are none, by the brand in their first box (mp4ra.org, ISO 23008-12, AOM's AVIF). */
const OTHER_BRANDS: Formats = [
	[/^.{4}ftyp(hei[cmsx]|hev[cx])/s, 'HEIC'],
	[/^.{4}ftyp(mif1|msf1)/s, 'HEIF'],
	[/^.{4}ftypavi[fs]/s, 'AVIF'],
	...['M4A', 'M4B', 'M4P', 'F4A', 'F4B'].map(
		(name) => [RegExp(`^.{4}ftyp${name} `, 's'), name] as const,
	),
	[/^.{4}ftypjp[2x] /s, 'JPEG 2000'],
	[/^.{4}ftypcrx /s, 'CR3'],
];

/** Others that are given in place of an image or a video. */
const OTHERS: Formats = [
	...OTHER_BRANDS,
	[/^(.{4}JXL |\xff\n)/s, 'JPEG XL'],
	[/^.{4}jP {2}/s, 'JPEG 2000'],
	[/^RIFF.{4}AVI /s, 'AVI'],
	[/^.E\xdf\xa3/s, 'WebM or MKV'],
	[/^(II[*+]\p{Cc}|MM\p{Cc}[*+])/u, 'TIFF'],
	[/^PK\p{Cc}{2}/u, 'ZIP'],
	[/^\xff\xd8\xff/, 'JPG'],
	[/^\x89PNG/, 'PNG'],
	[/^GIF8/, 'GIF'],
	[/^8BPS/, 'PSD'],
	[/^%PDF/, 'PDF'],
	[/^OggS/, 'Ogg'],
	[/^ID3/, 'MP3'],
	[/^BM/, 'BMP'],
	// Text, maybe behind a byte order mark, as latin1 has it
	[/^(\xef\xbb\xbf)?\s*<(!doctype )?html/i, 'HTML'],
	[/^(\xef\xbb\xbf)?\s*<(.*<)?svg/is, 'SVG'],
];

const nameIn = (formats: Formats, text: string): string | undefined =>
	formats.find(([beginning]) => beginning.test(text))?.[1];

/** Bytes of a file's beginning that are needed to tell an image or a video that can be sent. */
export const FILE_TYPE_BYTES = 12;

/** Bytes of a file's beginning in which the name of another format is looked for: SVG may have a long prologue. */
export const FORMAT_NAME_BYTES = 1024;

/** Whether a file starts as mp4 and mov do; `head` holds its first {@link FILE_TYPE_BYTES} bytes, or more. */
export function startsAsVideo(head: Buffer): boolean {
	const text = head.toString('latin1', 0, FILE_TYPE_BYTES);
	return FIRST_BOX.test(text) && nameIn(OTHER_BRANDS, text) === undefined;
}

/** The MIME type of a JPG, PNG or WebP; undefined for anything else. `head` as for {@link startsAsVideo}. */
export function webImageType(head: Buffer): string | undefined {
	const text = head.toString('latin1', 0, FILE_TYPE_BYTES);
	// Before any marker of a JPG, the first one too, there may be fill bytes: ITU-T T.81, B.1.1.2
	if (/^\xff+\xd8\xff/.test(text)) return 'image/jpeg';
	if (text.startsWith('\x89PNG')) return 'image/png';
	return text.startsWith('RIFF') && text.slice(8) === 'WEBP' ? 'image/webp' : undefined;
}

/**
 * The name of a format that is neither an image nor a video that can be sent, where people know it by one. `head` holds
 * the file's first {@link FORMAT_NAME_BYTES} bytes, or all that it has.
 */
export function formatName(head: Buffer): string | undefined {
	return nameIn(OTHERS, head.toString('latin1', 0, FORMAT_NAME_BYTES));
}
