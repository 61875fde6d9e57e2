// What a file is, found in its first bytes: neither its name nor its announced type is believed.

/** Types of the boxes that may come first in an mp4 or mov: ISO 14496-12, and Apple's QuickTime File Format. */
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot'];

/** Files that begin as mp4 does but are none, by the brand in their first box (mp4ra.org, ISO 23008-12, AOM's AVIF). */
const OTHER_BRANDS = [
	['HEIC', 'heic', 'heix', 'heim', 'heis', 'hevc', 'hevx'],
	['HEIF', 'mif1', 'msf1'],
	['AVIF', 'avif', 'avis'],
	...['M4A', 'M4B', 'M4P', 'F4A', 'F4B'].map((name) => [name, `${name} `]),
	['JPEG 2000', 'jp2 ', 'jpx '],
	['CR3', 'crx '],
];

/** How other files begin that are given in place of an image or a video. Longer beginnings stand first. */
const BEGINNINGS: ReadonlyArray<readonly [string, string]> = [
	['\0\0\0\x0cJXL ', 'JPEG XL'],
	['\0\0\0\x0cjP  ', 'JPEG 2000'],
	['\xff\xd8\xff', 'JPG'],
	['\x89PNG', 'PNG'],
	['\x1a\x45\xdf\xa3', 'WebM'],
	['\xff\x0a', 'JPEG XL'],
	['GIF8', 'GIF'],
	['II*\0', 'TIFF'],
	['MM\0*', 'TIFF'],
	['II+\0', 'TIFF'],
	['MM\0+', 'TIFF'],
	['8BPS', 'PSD'],
	['%PDF', 'PDF'],
	['OggS', 'Ogg'],
	['ID3', 'MP3'],
	['PK\x03\x04', 'ZIP'],
	['BM', 'BMP'],
];

/** Bytes of a file's beginning that are needed to tell an image or a video that can be sent. */
export const FILE_TYPE_BYTES = 12;

/** Bytes of a file's beginning in which the name of another format is looked for: SVG may have a long prologue. */
export const FORMAT_NAME_BYTES = 1024;

/** The format of a file that begins as mp4 does but is none. */
function otherFormat(text: string): string | undefined {
	const [name] = OTHER_BRANDS.find(([, ...brands]) => brands.includes(text.slice(8, 12))) ?? [];
	return text.startsWith('ftyp', 4) ? name : undefined;
}

/** Whether a file starts as mp4 and mov do; `head` holds its first {@link FILE_TYPE_BYTES} bytes, or more. */
export function startsAsVideo(head: Buffer): boolean {
	const text = head.toString('latin1', 0, FILE_TYPE_BYTES);
	return FIRST_BOXES.includes(text.slice(4, 8)) && otherFormat(text) === undefined;
}

/** The MIME type of a JPG, PNG or WebP; undefined for anything else. `head` as for {@link startsAsVideo}. */
export function webImageType(head: Buffer): string | undefined {
	const text = head.toString('latin1', 0, FILE_TYPE_BYTES);
	// Before any marker of a JPG, the first one too, there may be fill bytes: ITU-T T.81, B.1.1.2
	if (/^\xff+\xd8\xff/.test(text)) return 'image/jpeg';
	if (text.startsWith('\x89PNG')) return 'image/png';
	return text.startsWith('RIFF') && text.slice(8) === 'WEBP' ? 'image/webp' : undefined;
}

/** How pages and drawings begin, perhaps with a byte order mark, read as latin1. */
const HTML = /^(?:\xef\xbb\xbf)?\s*<(?:!doctype )?html/i;
const SVG = /^(?:\xef\xbb\xbf)?\s*<(?:.*<)?svg/is;

/**
 * The name of a format that is neither an image nor a video that can be sent, where people know it by one. `head` holds
 * the file's first {@link FORMAT_NAME_BYTES} bytes, or all that it has.
 */
export function formatName(head: Buffer): string | undefined {
	const text = head.toString('latin1', 0, FORMAT_NAME_BYTES);
	if (/^RIFF.{4}AVI /s.test(text)) return 'AVI';
	if (HTML.test(text)) return 'HTML';
	if (SVG.test(text)) return 'SVG';
	return otherFormat(text) ?? BEGINNINGS.find(([start]) => text.startsWith(start))?.[1];
}
