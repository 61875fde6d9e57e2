// What a video file is, found in its first bytes.
import { startsAsVideo } from '../nodes/HappyHorse/fileType';
import { mp4 } from './pictures';

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
	['WebM', Buffer.from('1a45dfa39f428681', 'hex')],
	['AVI', Buffer.from('RIFF\0\0\0\0AVI LIST', 'latin1')],
	['the word in another place', Buffer.from('ftypisom')],
])('a file of %s is none', (_what, head) => expect(startsAsVideo(head)).toBe(false));
