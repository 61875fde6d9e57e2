// What a file is, found in its first bytes: neither its name nor its announced type is believed.

/** Types of the boxes that may come first in an mp4 or mov: ISO 14496-12, and Apple's QuickTime File Format. */
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot'];

/** Files that begin as mp4 does but are none, by the brand in their first box (mp4ra.org, ISO 23008-12, AOM's AVIF). */
const OTHER_BRANDS: Record<string, string> = {
	...Object.fromEntries(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx'].map((b) => [b, 'HEIC'])),
	mif1: 'HEIF',
	msf1: 'HEIF',
	avif: 'AVIF',
	avis: 'AVIF',
	'M4A ': 'M4A',
	'M4B ': 'M4B',
	'M4P ': 'M4P',
	'F4A ': 'F4A',
	'F4B ': 'F4B',
	'jp2 ': 'JPEG 2000',
	'jpx ': 'JPEG 2000',
	'crx ': 'CR3',
};

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

/** Whether a file starts as mp4 and mov do; `head` holds its first {@link FILE_TYPE_BYTES} bytes, or more. */
export function startsAsVideo(head: Buffer): boolean {
	const text = head.toString('latin1', 4, FILE_TYPE_BYTES);
	const [type, brand] = [text.slice(0, 4), text.slice(4)];
	return FIRST_BOXES.includes(type) && !(type === 'ftyp' && Object.hasOwn(OTHER_BRANDS, brand));
}

/** The MIME type of a JPG, PNG or WebP; undefined for anything else. `head` as for {@link startsAsVideo}. */
export function webImageType(head: Buffer): string | undefined {
	const text = head.toString('latin1', 0, FILE_TYPE_BYTES);
	// Before any marker of a JPG, the first one too, there may be fill bytes: ITU-T T.81, B.1.1.2
	let fill = 0;
	while (text[fill] === '\xff') fill += 1;
	if (fill > 0 && text.startsWith('\xd8\xff', fill)) return 'image/jpeg';
	if (text.startsWith('\x89PNG')) return 'image/png';
	return text.startsWith('RIFF') && text.slice(8) === 'WEBP' ? 'image/webp' : undefined;
}

/** What text in a file is the beginning of, if people know it by a name. */
function textFormat(text: string): string | undefined {
	const start = text.trimStart().toLowerCase();
	if (start.startsWith('<!doctype html') || start.startsWith('<html')) return 'HTML';
	return start.startsWith('<') && start.includes('<svg') ? 'SVG' : undefined;
}

/**
 * The name of a format that is neither an image nor a video that can be sent, where people know it by one. `head` holds
 * the file's first {@link FORMAT_NAME_BYTES} bytes, or all that it has.
 */
export function formatName(head: Buffer): string | undefined {
	const text = head.toString('latin1', 0, FORMAT_NAME_BYTES);
	const brand = text.slice(8, 12);
	if (text.startsWith('ftyp', 4) && Object.hasOwn(OTHER_BRANDS, brand)) return OTHER_BRANDS[brand];
	if (text.startsWith('RIFF') && brand === 'AVI ') return 'AVI';
	const found = BEGINNINGS.find(([beginning]) => text.startsWith(beginning));
	// A byte order mark, read as latin1
	return found?.[1] ?? textFormat(text.startsWith('\xef\xbb\xbf') ? text.slice(3) : text);
}
