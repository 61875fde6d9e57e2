// What an MP4 or MOV says of itself, and what is said to a user before it is ordered.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- reads a real film */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Limits } from '../../nodes/HappyHorse/domain/limits';
import type { InputFile, InputItem } from '../../nodes/HappyHorse/request/inputItem';
import { MoovFinder, readMoov } from '../../nodes/HappyHorse/request/mp4';
import { videoToEdit } from '../../nodes/HappyHorse/request/video';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/limits';
import { MODEL_STUDIO_LIMITS } from '../../nodes/HappyHorse/service/modelStudio/limits';
import { heic, mp4, pieces } from '../../tools/images';
import { expectCpuBelow, failureOf } from './hostile';
import { itemOf } from './item';

/** A real film of 5 s and 848 x 480 pixels, with sound; its `moov` stands before its data. */
const FILM = readFileSync(join(__dirname, '../../tools/simulator/media/video.mp4'));
const MOOV = { start: 32, end: 4742 };

/** The film with numbers of 32 bits changed: `at` bytes behind the n-th box of a type. */
function changed(...changes: Array<{ box: string; nth?: number; at: number; to: number }>): Buffer {
	const film = Buffer.from(FILM);
	for (const { box, nth = 1, at, to } of changes) {
		let found = -1;
		for (let n = 0; n < nth; n += 1) found = film.indexOf(box, found + 1);
		film.writeUInt32BE(to, found + 4 + at);
	}
	return film;
}

const lasting = (seconds: number) =>
	changed({ box: 'mvhd', at: 16, to: Math.round(seconds * 1000) });
const sized = (width: number, height: number) =>
	changed({ box: 'tkhd', at: 76, to: width * 65536 }, { box: 'tkhd', at: 80, to: height * 65536 });
const branded = (brand: string) => {
	const film = Buffer.from(FILM);
	film.write(brand, 8, 'latin1');
	return film;
};

/** The film with its `moov` behind its data, as cameras write it. */
const moovLast = (film: Buffer) =>
	Buffer.concat([
		film.subarray(0, MOOV.start),
		film.subarray(MOOV.end),
		film.subarray(MOOV.start, MOOV.end),
	]);

/** The same without its picture: the box of its first track is one of another kind. */
const soundOnly = changed({ box: 'trak', at: -4, to: Buffer.from('free').readUInt32BE() });

async function check(film: Buffer, size = 64 * 1024, limits: Limits = IMINI_LIMITS) {
	let read = 0;
	const file: InputFile = {
		name: '"a.mp4" (field "data")',
		size: async () => film.length,
		open: async () =>
			(function* () {
				for (const piece of pieces(film, size)) {
					read += piece.length;
					yield piece;
				}
			})(),
		signedLink: () => 'https://n8n.example.com/signed',
	};
	const values: Record<string, unknown> = { videoSource: 'binary' };
	const item: InputItem = { ...itemOf({}), value: (name) => values[name], file: () => file };
	const failure = await videoToEdit(item, limits, {
		privateLinks: false,
		uploadsVideos: false,
	}).then(
		() => undefined,
		(error: unknown) =>
			failureOf(() => {
				throw error as Error;
			}),
	);
	return {
		message: failure?.message.replace('The video "a.mp4" (field "data") ', ''),
		failure,
		read,
	};
}

describe('what a film says of itself', () => {
	it('is read, wherever it stands, in pieces of any size', () => {
		for (const film of [FILM, moovLast(FILM)]) {
			for (const size of [1, 7, 4096, film.length]) {
				const finder = new MoovFinder();
				for (const piece of pieces(film, size)) finder.push(piece);
				expect(finder.moov && readMoov(finder.moov)).toEqual({
					seconds: 5,
					pixels: { width: 848, height: 480 },
					soundOnly: false,
				});
			}
		}
	});

	it.each([
		['a film that fits', FILM],
		['its facts at its end', moovLast(FILM)],
		['3 seconds', lasting(3)],
		['60 seconds', lasting(60)],
		['60 seconds, and sound for a moment longer', lasting(60.04)],
		['the largest sides', sized(2160, 864)],
		['the smallest sides', sized(320, 800)],
		['no duration, as while it is streamed', lasting(0)],
		['no pixels', sized(0, 0)],
		['a box that is no box', mp4(5000)],
		['nothing behind its facts', FILM.subarray(0, MOOV.end)],
		['nothing but a part of its facts', FILM.subarray(0, 1000)],
	])('does no harm: %s', async (_what, film) => {
		expect((await check(film)).message).toBeUndefined();
	});

	it.each([
		['is 2.9 seconds long; it must have from 3 to 60 seconds', lasting(2.9)],
		['is 61 seconds long; it must have from 3 to 60 seconds', lasting(61)],
		['is 61 seconds long; it must have from 3 to 60 seconds', moovLast(lasting(61))],
		['is 848 × 319 pixels; it must have at least 320 pixels on the shorter side', sized(848, 319)],
		[
			'is 2161 × 1080 pixels; it must have at most 2160 pixels on the longer side',
			sized(2161, 1080),
		],
		[
			'is 1080 × 3840 pixels; it must have at most 2160 pixels on the longer side',
			sized(1080, 3840),
		],
		['is 400 × 1001 pixels; it must have an aspect ratio from 1:2.5 to 2.5:1', sized(400, 1001)],
		['has sound but no video track; it must have one', soundOnly],
	])('is said before it is ordered: %s', async (message, film) => {
		expect((await check(film)).message).toBe(message);
	});

	it.each([
		[undefined, sized(3840, 2160)],
		[undefined, sized(4096, 1640)],
		[undefined, sized(320, 800)],
		[
			'is 4097 × 2160 pixels; it must have at most 4096 pixels on the longer side',
			sized(4097, 2160),
		],
		['is 848 × 319 pixels; it must have at least 320 pixels on the shorter side', sized(848, 319)],
		['is 61 seconds long; it must have from 3 to 60 seconds', lasting(61)],
	])('at Model Studio, whose limits are wider: %s', async (message, film) => {
		expect((await check(film, undefined, MODEL_STUDIO_LIMITS)).message).toBe(message);
	});

	it('is not read on once it is known', async () => {
		expect((await check(FILM, 512)).read).toBeLessThanOrEqual(MOOV.end + 512);
		const endless = Buffer.concat([FILM.subarray(0, 32), Buffer.alloc(1_000_000)]);
		expect((await check(endless, 512)).read).toBeLessThanOrEqual(1024);
	});
});

describe('a file that begins as a film does', () => {
	it.each([
		['M4A ', 'M4A'],
		['M4B ', 'M4B'],
		['heic', 'HEIC'],
		['mif1', 'HEIF'],
		['avif', 'AVIF'],
		['avis', 'AVIF'],
	])('is none with the brand %j, and called by its name', async (brand, name) => {
		const { message, failure } = await check(branded(brand));
		expect(message).toBe('is not an MP4 or MOV file');
		expect(failure?.description).toContain(`It has the format ${name}. Use an MP4 or MOV file.`);
	});

	it('a HEIC photo is none', async () => {
		expect((await check(heic())).message).toBe('is not an MP4 or MOV file');
	});

	it.each(['isom', 'iso6', 'mp42', 'avc1', 'M4V ', 'qt  ', 'XAVC', 'dash', '3gp5', 'MSNV'])(
		'is one with the brand %j',
		async (brand) => {
			expect((await check(branded(brand))).message).toBeUndefined();
		},
	);
});

/** Reads bytes as a file in two pieces, and what is found in it. */
function readAll(bytes: Uint8Array, cut: number) {
	const finder = new MoovFinder();
	for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) finder.push(piece);
	return { finder, facts: readMoov(finder.moov ?? Buffer.from(bytes)) };
}

describe('bytes of all kinds', () => {
	it('never throw', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 4096 }), fc.nat(4096), (bytes, cut) => {
				readAll(bytes, cut);
			}),
			{ numRuns: 300 },
		);
	});

	it('of a film that was changed anywhere never throw, nor tell what can not be', () => {
		const change = fc.record({
			at: fc.nat(MOOV.end),
			to: fc.constantFrom(0, 1, 7, 8, 127, 128, 255),
		});
		fc.assert(
			fc.property(fc.array(change, { maxLength: 8 }), fc.nat(FILM.length), (changes, cut) => {
				const film = Buffer.from(FILM);
				for (const { at, to } of changes) film[at] = to;
				const { seconds = 1, pixels = { width: 1, height: 1 } } = readAll(film, cut).facts;
				expect(seconds).toBeGreaterThan(0);
				expect(Number.isFinite(seconds)).toBe(true);
				expect(Math.min(pixels.width, pixels.height)).toBeGreaterThanOrEqual(1);
			}),
			{ numRuns: 300 },
		);
	});

	it('of ten megabytes are done in a moment, and little is held', async () => {
		const small = Buffer.from('\0\0\0\x08free', 'latin1');
		const files = [
			Buffer.alloc(10_000_000),
			Buffer.alloc(10_000_000, small),
			Buffer.alloc(10_000_000, '\0\0\0\x09moov\0', 'latin1'),
			Buffer.alloc(10_000_000, '\x7f\xff\xff\xffmoov', 'latin1'),
			Buffer.alloc(10_000_000, '\0\0\0\x01free\0\0\0\0\0\0\0\x10', 'latin1'),
		];
		for (const file of files) {
			let finder = new MoovFinder();
			await expectCpuBelow(250, () => {
				finder = new MoovFinder();
				for (const piece of pieces(file, 64 * 1024)) finder.push(piece);
				readMoov(file);
			});
			expect(finder.moov?.length ?? 0).toBeLessThanOrEqual(1024 * 1024);
		}
	});
});
