// What a file is, found in its first bytes.
import { startsAsVideo, webImageType } from '../../nodes/HappyHorse/util/fileType';
import { bmp, heic, mp4, pdf, imageFile } from '../../tools/images';

const start = (type: string) => Buffer.from(`\0\0\0\x20${type}`, 'latin1');

it.each(['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot'])(
	'a file may begin with %s',
	(type) => {
		expect(startsAsVideo(start(type))).toBe(true);
	},
);

it('a whole MP4 begins as one', () => expect(startsAsVideo(mp4())).toBe(true));

it.each([
	['nothing', Buffer.alloc(0)],
	['too few bytes', Buffer.from('\0\0\0\x20fty', 'latin1')],
	['a page', Buffer.from('<!doctype html>')],
	['WebM or MKV', Buffer.from('1a45dfa39f428681', 'hex')],
	['AVI', Buffer.from('RIFF\0\0\0\0AVI LIST', 'latin1')],
	['the word in another place', Buffer.from('ftypisom')],
])('a file of %s is none', (_what, head) => expect(startsAsVideo(head)).toBe(false));

it.each(['jpeg', 'png', 'webp'] as const)('an image is known by its bytes: %s', async (format) => {
	expect(webImageType(await imageFile(format, 10, 10))).toBe(`image/${format}`);
});

it.each<[string, () => Buffer | Promise<Buffer>]>([
	['nothing', () => Buffer.alloc(0)],
	['a GIF', async () => await imageFile('gif', 10, 10)],
	['a BMP', bmp],
	['a HEIC photo', heic],
	['a PDF', pdf],
	['a video', mp4],
	['a sound, which starts as WebP does', () => Buffer.from('RIFF\0\0\0\0WAVEfmt ', 'latin1')],
	['the word WEBP in another file', () => Buffer.from('LIST\0\0\0\0WEBPVP8 ', 'latin1')],
	['a WebP that ends before its name', () => Buffer.from('RIFF\0\0\0\0WEB', 'latin1')],
])('no image of the web is %s', async (_what, make) => {
	expect(webImageType(await make())).toBeUndefined();
});
