// What a film says of itself: held against ffprobe and mediabunny, and against files that lie.
import fc from 'fast-check';
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import type { Film, NoFilm } from '../../nodes/HappyHorse/mp4/facts';
import { readFilm } from '../../nodes/HappyHorse/mp4/facts';
import { pieces } from '../../tools/images';
import { box, smallFilm } from './build';
import { film, filmPath, FILMS, hasFfmpeg, run } from './films';

const scheduler = { signal: new AbortController().signal, yield: async () => {} };

const read = async (bytes: Uint8Array, piece?: number): Promise<Film | NoFilm> =>
	await readFilm(pieces(bytes, piece), scheduler);

async function factsOf(bytes: Uint8Array): Promise<Film['facts']> {
	const reading = await read(bytes);
	if (reading.kind !== 'film') throw new Error(JSON.stringify(reading));
	return reading.facts;
}

const VIDEOS = FILMS.filter((name) => /\.(mp4|mov)$/.test(name));

describe.each(VIDEOS)('%s', (name) => {
	// Of a film with samples in `moov` and in fragments, mediabunny sees the first ones only
	(/^(fragmented|recorder)\.mp4$/.test(name) ? it.skip : it)(
		'is what mediabunny says',
		async () => {
			const facts = await factsOf(film(name));
			const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(film(name)) });
			const video = await input.getPrimaryVideoTrack();
			const stats = await video?.computePacketStats();
			const start = Math.max((await video?.getFirstTimestamp()) ?? 0, 0);
			expect(facts.seconds).toBeCloseTo(((await video?.computeDuration()) ?? 0) - start, 2);
			expect(facts).toMatchObject({
				width: video?.displayWidth,
				height: video?.displayHeight,
				turn: video?.rotation,
				coded: { width: video?.codedWidth, height: video?.codedHeight },
			});
			expect(facts.framesPerSecond).toBeCloseTo(stats?.averagePacketRate ?? 0, 2);
			expect(facts.sound !== undefined).toBe((await input.getAudioTracks()).length > 0);
		},
	);

	(hasFfmpeg ? it : it.skip)('is what ffprobe says', async () => {
		const facts = await factsOf(film(name));
		const json = run(
			'ffprobe',
			'-show_streams -count_packets -of json'.split(' ').concat(filmPath(name)),
		);
		const { streams } = JSON.parse(json);
		const of = (type: string) => streams.find((s: { codec_type: string }) => s.codec_type === type);
		const {
			width,
			height,
			codec_tag_string: codec,
			sample_aspect_ratio: pixels = '1:1',
		} = of('video');
		const [across, down] = pixels.split(':').map(Number);
		const turn = of('video').side_data_list?.[0]?.rotation ?? 0;
		expect(facts).toMatchObject({ coded: { width, height }, codec, turn: (360 - turn) % 360 });
		expect(facts.pixelAspect).toBeCloseTo(across / down, 5);
		expect(facts.seconds).toBeCloseTo(Number(of('video').duration), 2);
		const [frames, seconds] = of('video').avg_frame_rate.split('/').map(Number);
		expect(facts.framesPerSecond).toBeCloseTo(frames / seconds, 1);
		expect(facts.sound).toBe(of('audio')?.codec_tag_string);
	});
});

it('a fragmented film is as long as all its fragments', async () => {
	expect((await factsOf(film('fragmented.mp4'))).seconds).toBeCloseTo(2, 3);
	expect((await factsOf(film('fragmented-empty-index.mp4'))).seconds).toBeCloseTo(2, 3);
});

it('a gap between fragments is a part of the film', async () => {
	const bytes = Buffer.from(film('fragmented-empty-index.mp4'));
	const time = bytes.indexOf('tfdt', bytes.lastIndexOf('moof')) + 8;
	const { timeScale } = ((await read(bytes)) as Film).picture;
	bytes.writeBigUInt64BE(bytes.readBigUInt64BE(time) + BigInt(timeScale), time);
	expect((await factsOf(bytes)).seconds).toBeCloseTo(3, 3);
});

it('in whatever pieces a file comes, it is the same', async () => {
	const names = fc.constantFrom('plain.mp4', 'index-last.mp4', 'fragmented.mp4');
	await fc.assert(
		fc.asyncProperty(names, fc.integer({ min: 1, max: 300 }), async (name, piece) => {
			expect(await read(film(name), piece)).toEqual(await read(film(name)));
		}),
		{ numRuns: 20 },
	);
});

describe('a file that is not whole', () => {
	it.each(VIDEOS.filter((name) => !/^(fragmented|recorder)/.test(name)))(
		'is cut off, wherever it ends: %s',
		async (name) => {
			const whole = film(name);
			await fc.assert(
				fc.asyncProperty(fc.integer({ min: 8, max: whole.length - 1 }), async (end) => {
					expect(await read(whole.subarray(0, end))).toMatchObject({ kind: 'cutOff' });
				}),
				{ numRuns: 30 },
			);
		},
	);

	it('is cut off in the middle of a fragment, too', async () => {
		const whole = film('fragmented.mp4');
		const inside = whole.lastIndexOf('mdat') + 100;
		expect(await read(whole.subarray(0, inside))).toEqual({ kind: 'cutOff', missing: 'end' });
		const first = film('fragmented-empty-index.mp4');
		const index = first.subarray(0, first.indexOf('moof') - 4);
		expect(await read(index)).toEqual({ kind: 'cutOff', missing: 'end' });
	});

	it('says when its index is missing', async () => {
		const whole = film('index-last.mp4');
		const until = whole.indexOf('moov') - 4;
		expect(await read(whole.subarray(0, until))).toEqual({ kind: 'cutOff', missing: 'index' });
		const zeros = Buffer.concat([whole.subarray(0, until), Buffer.alloc(2000)]);
		expect(await read(zeros)).toEqual({ kind: 'cutOff', missing: 'index' });
	});

	it('says when a sample lies behind its end, though all boxes are whole', async () => {
		const stco = box('stco', 0, 1, 100_000);
		expect(await read(smallFilm({ stco }))).toEqual({ kind: 'cutOff', missing: 'end' });
	});
});

it.each([
	['nothing', Buffer.alloc(0), 'empty'],
	['a page', Buffer.from('<!doctype html><html><body>Sign in</body></html>'), 'notMp4'],
	['a song', film('voice.mp3'), 'notMp4'],
	['seven bytes', Buffer.from('0000001'), 'notMp4'],
	[
		'a picture',
		Buffer.concat([box('ftyp', Buffer.from('heic')), box('meta', 0), box('mdat', 1)]),
		'notMp4',
	],
])('%s is no film', async (_, bytes, kind) => {
	expect(await read(bytes)).toEqual({ kind });
});

it('what a camera writes behind the last box does no harm', async () => {
	const trailers = fc
		.uint8Array({ maxLength: 100 })
		.map((bytes) => Buffer.from([0, 0, 0, 0, 1, ...bytes]));
	await fc.assert(
		fc.asyncProperty(trailers, async (trailer) => {
			const bytes = Buffer.concat([film('plain.mp4'), trailer]);
			expect(await read(bytes)).toMatchObject({ kind: 'film', size: bytes.length });
		}),
	);
});

const nested = (depth: number): Buffer =>
	depth === 0 ? Buffer.alloc(0) : box('trak', nested(depth - 1));
const samples = (count: number) => ({
	stsz: box('stsz', 0, 1, count),
	stts: box('stts', 0, 1, count, 1),
	stsc: box('stsc', 0, 1, 1, count, 1),
	stco: box('stco', 0, 1, 0),
});

it.each<[string, Buffer, string]>([
	['an index of more than 8 MB', smallFilm({ more: Buffer.alloc(8 * 2 ** 20) }), 'beyond'],
	[
		'an index of 4 GB',
		Buffer.concat([box('ftyp'), Buffer.from('ffffffff6d6f6f76', 'hex')]),
		'beyond',
	],
	[
		'an index without a size',
		Buffer.concat([box('ftyp'), Buffer.from('000000006d6f6f76', 'hex')]),
		'beyond',
	],
	['20,001 boxes', Buffer.concat(Array<Buffer>(20_001).fill(box('free'))), 'beyond'],
	['boxes 12 deep', smallFilm({}, nested(12)), 'beyond'],
	[
		'60,000 boxes in its index',
		smallFilm({}, Buffer.concat(Array<Buffer>(60_000).fill(box('free')))),
		'beyond',
	],
	['101 tracks', smallFilm({}, Buffer.concat(Array<Buffer>(101).fill(box('trak')))), 'beyond'],
	['400,001 samples', smallFilm(samples(400_001)), 'beyond'],
	['more samples than fit', smallFilm({ stsz: box('stsz', 0, 0, 2 ** 32 - 1) }), 'damaged'],
	['too few times', smallFilm({ stts: box('stts', 0, 2 ** 32 - 1) }), 'damaged'],
	['no times', smallFilm({ stts: box('stts', 0, 1, 0, 1) }), 'damaged'],
	['chunks out of order', smallFilm({ stsc: box('stsc', 0, 2, 1, 1, 1, 1, 1, 1) }), 'damaged'],
	['chunks of no samples', smallFilm({ stsc: box('stsc', 0, 1, 1, 0, 1) }), 'damaged'],
	['a sample without a chunk', smallFilm({ stco: box('stco', 0, 0) }), 'damaged'],
	['a sample without a description', smallFilm({ stsc: box('stsc', 0, 1, 1, 1, 7) }), 'damaged'],
	[
		'a box that is larger than the one around it',
		smallFilm({ more: Buffer.from('00000fff73747373', 'hex') }),
		'damaged',
	],
	[
		'samples that lie upon each other',
		smallFilm({
			stsz: box('stsz', 0, 100, 50),
			stts: box('stts', 0, 1, 50, 1),
			stco: box('stco', 0, 50, ...Array<number>(50).fill(0)),
		}),
		'damaged',
	],
	['no time scale', smallFilm({ timeScale: 0 }), 'damaged'],
	['more than an hour', smallFilm({ stts: box('stts', 0, 1, 1, 3_600_001) }), 'beyond'],
])('is not believed: %s', async (_, bytes, kind) => {
	expect((await read(bytes)).kind).toBe(kind);
});

it('of the small film, all that is left alone is right', async () => {
	expect(await factsOf(smallFilm())).toMatchObject({ seconds: 1, width: 64, framesPerSecond: 1 });
	expect((await read(smallFilm(samples(50)))).kind).toBe('film');
});

it('whatever bytes are changed, there is an answer', async () => {
	const change = fc.record({
		name: fc.constantFrom(...VIDEOS),
		bytes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), {
			minLength: 1,
			maxLength: 4,
		}),
		inIndex: fc.boolean(),
	});
	await fc.assert(
		fc.asyncProperty(change, async ({ name, bytes, inIndex }) => {
			const changed = Buffer.from(film(name));
			const from = inIndex ? changed.indexOf('moov') : 0;
			const length = inIndex ? changed.readUInt32BE(from - 4) - 4 : changed.length;
			for (const [place, value] of bytes) changed[from + (place % length)] = value;
			const reading = await read(changed);
			if (reading.kind !== 'film') return;
			const { seconds, width, framesPerSecond } = reading.facts;
			expect(seconds > 0 && seconds <= 3600 && width >= 0).toBe(true);
			expect(framesPerSecond > 0 && Number.isFinite(framesPerSecond)).toBe(true);
		}),
		{ numRuns: 2000 },
	);
});

it('a stop ends the reading with its reason, and closes the file', async () => {
	const stop = new AbortController();
	let closed = false;
	async function* endless(): AsyncGenerator<Uint8Array> {
		try {
			yield box('mdat', Buffer.alloc(8));
			stop.abort(new Error('stopped'));
			for (;;) yield await Promise.resolve(box('free'));
		} finally {
			closed = true;
		}
	}
	await expect(readFilm(endless(), { ...scheduler, signal: stop.signal })).rejects.toThrow(
		'stopped',
	);
	expect(closed).toBe(true);
});
