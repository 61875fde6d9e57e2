// Clips joined into one film: frames and packets are those of the clips, by our own reader, mediabunny and ffmpeg.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import fc from 'fast-check';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Film } from '../../nodes/HappyHorse/mp4/facts';
import { readFilm, spanOf } from '../../nodes/HappyHorse/mp4/facts';
import type { JoinedFilm, Unjoinable } from '../../nodes/HappyHorse/mp4/join';
import { FileChanged } from '../../nodes/HappyHorse/mp4/copySamples';
import { joinFilms } from '../../nodes/HappyHorse/mp4/join';
import { layOut } from '../../nodes/HappyHorse/mp4/layout';
import { readSoundTrack, soundFormatOf } from '../../nodes/HappyHorse/mp4/sound';
import type { Track } from '../../nodes/HappyHorse/mp4/tracks';
import { writeHead } from '../../nodes/HappyHorse/mp4/writeIndex';
import { readWhole } from '../../nodes/HappyHorse/util/readWhole';
import { pieces } from '../../tools/images';
import { widened } from './build';
import { film, filmPath, hasFfmpeg, run } from './films';

const scheduler = { signal: new AbortController().signal, yield: async () => {} };

const source = (bytes: Uint8Array) => ({
	open: async () => pieces(bytes, 5000),
});

const joinAll = async (clips: Uint8Array[], voice?: Uint8Array): Promise<JoinedFilm | Unjoinable> =>
	await joinFilms(clips.map(source), voice && source(voice), scheduler);

async function bytesOf(joined: JoinedFilm | Unjoinable): Promise<Buffer> {
	if (joined.kind !== 'joined') throw new Error(JSON.stringify(joined));
	return await readWhole(joined.open());
}

async function read(bytes: Uint8Array): Promise<Film> {
	const reading = await readFilm([bytes], scheduler);
	if (reading.kind !== 'film') throw new Error(JSON.stringify(reading));
	return reading;
}

interface Sample {
	readonly bytes: Buffer;
	/** When it is decoded and shown, in seconds from the first that is shown on; where it stands in the file. */
	readonly decoded: number;
	readonly seconds: number;
	readonly position: number;
}

function samplesOf(file: Buffer, { samples, timeScale, edit }: Track): Sample[] {
	return Array.from({ length: samples.count }, (_, n) => {
		const position = samples.positions[n];
		const bytes = file.subarray(position, position + samples.sizes[n]);
		const at = (time: number) => (time - edit.start) / timeScale + edit.delay;
		const [decoded, seconds] = [at(samples.times[n]), at(samples.times[n] + samples.shifts[n])];
		return { bytes, decoded, seconds, position };
	});
}

/** Picture and sound of a file; the sound's times are told from the first frame on. */
async function tracksOf(file: Buffer): Promise<{ picture: Sample[]; sound: Sample[] }> {
	const { picture, sound } = await read(file);
	const { first } = spanOf(picture);
	const begins = (first - picture.edit.start) / picture.timeScale + picture.edit.delay;
	const late = (sample: Sample) => ({ ...sample, seconds: sample.seconds - begins });
	return {
		picture: samplesOf(file, picture).map(late),
		sound: sound ? samplesOf(file, sound).map(late) : [],
	};
}

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'joined-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Fingerprints of all frames as ffmpeg decodes them, in their order. */
function framesIn(path: string): string[] {
	const args = ['-i', path, ...'-map 0:v -fps_mode passthrough -f framemd5 -'.split(' ')];
	const lines = run('ffmpeg', args).split('\n');
	return lines
		.filter((line) => line && !line.startsWith('#'))
		.map((line) => line.split(',')[5].trim());
}

const known = new Map<string, string[]>();

/** The same of a clip, which is decoded once. */
function framesOf(name: string): string[] {
	const frames = known.get(name) ?? framesIn(filmPath(name));
	known.set(name, frames);
	return frames;
}

const FILMS: Record<string, string[]> = {
	'one clip': ['plain.mp4'],
	'the same settings': ['plain.mp4', 'index-last.mp4', 'plain.mp4'],
	'no sound in the middle': ['plain.mp4', 'silent.mp4', 'plain.mp4'],
	'no sound first': ['silent.mp4', 'plain.mp4'],
	'no sound at all': ['silent.mp4', 'one-a-second.mp4', 'silent.mp4'],
	fragments: ['fragmented.mp4', 'plain.mp4', 'fragmented-empty-index.mp4'],
	MOV: ['quicktime.mov', 'plain.mp4', 'quicktime.mov'],
	'open groups of pictures': ['open-gop.mp4', 'plain.mp4', 'open-gop.mp4'],
	'other settings and frame rates': ['plain.mp4', 'other-settings.mp4', 'ntsc.mp4', 'plain.mp4'],
	'other settings first': ['other-settings.mp4', 'open-gop.mp4', 'one-a-second.mp4'],
	'sound that is too long or too short': ['long-sound.mp4', 'short-sound.mp4', 'long-sound.mp4'],
	'H.265': ['hevc.mp4', 'hevc.mp4'],
	turned: ['turned.mp4', 'turned.mp4'],
	'wide pixels': ['wide-pixels.mp4', 'wide-pixels.mp4'],
	'one channel': ['mono.mp4', 'mono-short.mp4', 'mono.mp4'],
};

it.each(['plain.mp4', 'index-last.mp4', 'quicktime.mov'])(
	'a clip with the 64-bit sizes, times and places of large files is the same: %s',
	async (name) => {
		const joined = await bytesOf(await joinAll([widened(film(name))]));
		expect(joined.equals(await bytesOf(await joinAll([film(name)])))).toBe(true);
	},
);

describe.each(Object.entries(FILMS))('%s', (_, names) => {
	const clips = names.map(film);
	let joined: JoinedFilm;
	let file: Buffer;
	beforeAll(async () => {
		const result = await joinAll(clips);
		file = await bytesOf(result);
		joined = result as JoinedFilm;
	});

	it('has every frame of every clip, at its time', async () => {
		const { picture } = await tracksOf(file);
		let n = 0;
		for (const [number, clip] of clips.entries()) {
			for (const frame of (await tracksOf(clip)).picture) {
				const { bytes, seconds, decoded } = picture[n++];
				// A clip's own settings may stand before a key frame
				expect(bytes.subarray(bytes.length - frame.bytes.length).equals(frame.bytes)).toBe(true);
				expect(seconds).toBeCloseTo(joined.clips[number].start + frame.seconds, 3);
				expect(decoded).toBeLessThanOrEqual(seconds + 1e-9);
			}
		}
		expect(picture).toHaveLength(n);
	});

	it('has the size and the length that were told, and is shown as its clips are', async () => {
		expect(file).toHaveLength(joined.size);
		const { facts } = await read(file);
		const first = (await read(clips[0])).facts;
		expect(facts.seconds).toBeCloseTo(joined.seconds, 3);
		const { width, height, turn, pixelAspect, codec } = first;
		expect(facts).toMatchObject({ width, height, turn, pixelAspect, codec });
		expect(joined).toMatchObject({ width, height });
		const lengths = await Promise.all(clips.map(async (clip) => (await read(clip)).facts.seconds));
		expect(joined.clips.map(({ seconds }) => Math.round(seconds * 1000))).toEqual(
			lengths.map((seconds) => Math.round(seconds * 1000)),
		);
	});

	it('has its index first, and picture and sound side by side', async () => {
		expect(file.indexOf('moov')).toBeLessThan(file.indexOf('mdat'));
		expect(file.includes('moof')).toBe(false);
		const { picture, sound } = await tracksOf(file);
		const fromStart = (track: Sample[]) =>
			track.map(({ decoded, position }) => ({ position, seconds: decoded - track[0].decoded }));
		const all = [...fromStart(picture), ...fromStart(sound)];
		let furthest = 0;
		for (const { seconds } of all.sort((a, b) => a.position - b.position)) {
			furthest = Math.max(furthest, seconds);
			expect(furthest - seconds).toBeLessThan(1.5);
		}
	});

	it('keeps the sound of each clip beside its picture', async () => {
		const { sound } = await tracksOf(file);
		for (const [number, clip] of clips.entries()) {
			const { start, seconds } = joined.clips[number];
			const own = (await tracksOf(clip)).sound;
			const [from, to] = [start + 0.1, start + seconds - 0.1];
			for (const packet of sound.filter((one) => one.seconds > from && one.seconds < to)) {
				// No further away than three quarters of a packet
				const near = own.filter((one) => Math.abs(one.seconds + start - packet.seconds) < 0.0165);
				const isSilent = packet.bytes.length < 20;
				const isOwn = near.some(({ bytes }) => bytes.equals(packet.bytes));
				expect(isSilent ? near.length === 0 : isOwn).toBe(true);
			}
		}
		if (sound.length > 0) expect(sound.at(-1)?.seconds).toBeGreaterThan(joined.seconds - 0.04);
	});

	it('is a film to mediabunny, too', async () => {
		const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(file) });
		const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
		if (!video) throw new Error('no video');
		expect(await video.computeDuration()).toBeCloseTo(joined.seconds, 2);
		const { picture, sound } = await tracksOf(file);
		let n = 0;
		for await (const packet of new EncodedPacketSink(video).packets()) {
			expect(packet.timestamp).toBeCloseTo(picture[n].seconds, 3);
			expect(Buffer.from(packet.data).equals(picture[n].bytes)).toBe(true);
			n += 1;
		}
		expect(n).toBe(picture.length);
		expect((await audio?.computePacketStats())?.packetCount ?? 0).toBe(sound.length);
		if (sound.length > 0) expect(await audio?.getSampleRate()).toBe(48000);
	});

	(hasFfmpeg ? it : it.skip)('decodes to the same frames, to the bit', () => {
		const path = join(folder, 'film.mp4');
		writeFileSync(path, file);
		expect(framesIn(path)).toEqual(names.flatMap(framesOf));
	});
});

it('clips with other settings bring them along, before each key frame; the same ones are told once', async () => {
	const names = ['plain.mp4', 'other-settings.mp4'];
	const [same, mixed] = [
		await tracksOf(await bytesOf(await joinAll([film('plain.mp4'), film('plain.mp4')]))),
		await tracksOf(await bytesOf(await joinAll(names.map(film)))),
	];
	let n = 0;
	for (const clip of names.map(film)) {
		const { keys } = (await read(clip)).picture.samples;
		for (const [index, frame] of (await tracksOf(clip)).picture.entries()) {
			const { bytes } = mixed.picture[n++];
			const added = bytes.subarray(0, bytes.length - frame.bytes.length);
			expect(added.length > 0).toBe(keys[index] === 1);
			// The first of them, behind its length of 4 bytes, is a sequence parameter set of this clip
			if (added.length > 0) {
				const set = added.subarray(4, 4 + added.readUInt32BE(0));
				expect(set[0] & 31).toBe(7);
				expect(clip.indexOf(set)).toBeGreaterThan(clip.indexOf('avcC'));
			}
		}
	}
	const { picture } = await tracksOf(film('plain.mp4'));
	const bytes = (samples: Sample[]) => samples.map((sample) => sample.bytes.toString('hex'));
	expect(bytes(same.picture)).toEqual([...bytes(picture), ...bytes(picture)]);
});

describe('sound', () => {
	/** Loudest sample of a part of a film, of 32768. */
	const loudest = (path: string, from: number, seconds: number): number => {
		const args = ['-ss', `${from}`, '-t', `${seconds}`, '-i', path, '-map', '0:a'];
		const text = run('ffmpeg', [
			...args,
			...'-af astats=metadata=1,ametadata=print:file=- -f null -'.split(' '),
		]);
		return Math.max(
			...[...text.matchAll(/Overall\.Peak_level=(\S+)/g)].map(
				(m) => 10 ** (Number(m[1]) / 20) || 0,
			),
		);
	};

	(hasFfmpeg ? it : it.skip).each([
		['two channels', ['plain.mp4', 'silent.mp4', 'plain.mp4']],
		['one channel', ['mono.mp4', 'silent.mp4', 'mono.mp4']],
	])('is silent beside a clip without sound: %s', async (_, names) => {
		const path = join(folder, 'silent.mp4');
		writeFileSync(path, await bytesOf(await joinAll(names.map(film))));
		expect(loudest(path, 2.1, 1.8)).toBeLessThan(0.001);
		expect(loudest(path, 0.1, 1.8)).toBeGreaterThan(0.05);
		expect(loudest(path, 4.1, 1.8)).toBeGreaterThan(0.05);
	});

	it('has not drifted after 60 clips', async () => {
		const clips = Array<Buffer>(60).fill(film('ntsc.mp4'));
		const joined = await joinAll(clips);
		const { sound } = await tracksOf(await bytesOf(joined));
		const end = (sound.at(-1)?.seconds ?? 0) + 1024 / 48000;
		expect(Math.abs(end - 60 * 2.002)).toBeLessThan(0.02);
	});

	(hasFfmpeg ? it : it.skip).each([1, 2, 3, 4, 5, 6, 7])(
		'is silent for a decoder, too, with channels of configuration %i',
		async (configuration) => {
			const packetOf = (bytes: Uint8Array): Buffer => {
				const head = Buffer.from('fff14c80000000', 'hex');
				head.writeUInt16BE(0x4c00 | (configuration << 6), 2);
				head.writeUInt16BE((bytes.length + 7) << 5, 4);
				return Buffer.concat([head, bytes]);
			};
			const sound = await readSoundTrack([packetOf(Buffer.alloc(10))], scheduler);
			const silence = 'kind' in sound ? undefined : sound.format.silence;
			const path = join(folder, 'silence.aac');
			writeFileSync(path, Buffer.concat(Array(10).fill(packetOf(silence ?? Buffer.alloc(1)))));
			const decoded = run('ffmpeg', ['-xerror', '-i', path, ...'-f s16le -'.split(' ')]);
			expect(decoded).toMatch(/^\0+$/);
			const channels = 'kind' in sound ? 0 : sound.format.channels;
			expect(decoded).toHaveLength(10 * 1024 * 2 * channels);
		},
	);
});

describe('a sound track', () => {
	const clips = ['plain.mp4', 'silent.mp4'].map(film);

	it.each(['voice.m4a', 'voice.aac', 'voice.mp3', 'voice-22050.mp3', 'long-sound.mp4'])(
		'takes the place of the sound, as it is: %s',
		async (name) => {
			const voice = film(name);
			const file = await bytesOf(await joinAll(clips, voice));
			const { sound } = await tracksOf(file);
			expect(sound.length).toBeGreaterThan(30);
			// It is the file's own packets, in their order, from its beginning on
			let at = 0;
			for (const { bytes } of sound) at = voice.indexOf(bytes, at) + 1 || Infinity;
			expect(at).toBeLessThan(voice.length);
			const { seconds } = await read(file).then(({ facts }) => facts);
			expect(sound.at(-1)?.seconds).toBeLessThan(seconds);
			if (name === 'voice.m4a')
				expect(sound[0].bytes.equals((await soundIn(voice))[1].bytes)).toBe(true);
		},
	);

	const soundIn = async (file: Buffer): Promise<Sample[]> => {
		const reading = await readFilm(pieces(file), scheduler);
		return reading.kind === 'soundOnly' ? samplesOf(file, reading.sound) : [];
	};

	it('is cut where the film ends', async () => {
		const { sound } = await tracksOf(
			await bytesOf(await joinAll([film('silent.mp4')], film('voice.aac'))),
		);
		expect(Math.abs((sound.at(-1)?.seconds ?? 0) + 1024 / 44100 - 2)).toBeLessThan(0.02);
	});

	it('lets clips be joined whose own sound differs', async () => {
		const joined = await joinAll(
			['mono.mp4', '44100.mp4', 'opus.mp4'].map(film),
			film('voice.mp3'),
		);
		expect(joined.kind).toBe('joined');
	});

	it.each<[string, Buffer, object]>([
		['opus', film('opus.mp4'), { kind: 'unsupported', what: 'soundCodec', found: 'Opus' }],
		['nothing', Buffer.alloc(0), { kind: 'empty' }],
		['a film without sound', film('silent.mp4'), { kind: 'noSound' }],
		['a page', Buffer.from('<!doctype html><html></html>'), { kind: 'notMp4' }],
		['cut off', film('voice.m4a').subarray(0, 5000), { kind: 'cutOff', missing: 'index' }],
	])('that is none is refused: %s', async (_, bytes, why) => {
		expect(await joinAll(clips, bytes)).toEqual({ kind: 'misfit', clip: 'sound', why });
	});

	it('whatever bytes it has, there is an answer', async () => {
		const change = fc.record({
			name: fc.constantFrom('voice.m4a', 'voice.aac', 'voice.mp3'),
			places: fc.array(fc.tuple(fc.nat(), fc.nat(255)), {
				maxLength: 5,
			}),
		});
		await fc.assert(
			fc.asyncProperty(change, async ({ name, places }) => {
				const voice = Buffer.from(film(name));
				for (const [place, value] of places) voice[place % voice.length] = value;
				const joined = await joinAll([film('silent.mp4')], voice);
				if (joined.kind === 'joined') expect(await bytesOf(joined)).toHaveLength(joined.size);
			}),
			{ numRuns: 200 },
		);
	});
});

describe('a clip that does not fit', () => {
	it.each([
		['codec', 'hevc.mp4', 'avc1', 'hvc1'],
		['size', 'larger.mp4', '96 × 64', '128 × 64'],
		['turn', 'turned.mp4', '0°', '270°'],
		['pixelAspect', 'wide-pixels.mp4', '1.000', '1.333'],
		['soundChannels', 'mono.mp4', '2', '1'],
		['soundRate', '44100.mp4', '48000 Hz', '44100 Hz'],
	])('is named, with what differs: %s', async (trait, name, there, here) => {
		const why = { kind: 'differs', from: 0, trait, there, here };
		const joined = await joinAll(['plain.mp4', 'plain.mp4', name].map(film));
		expect(joined).toEqual({ kind: 'misfit', clip: 2, why });
	});

	it('is mirrored, as no other is', async () => {
		const other = Buffer.from(film('plain.mp4'));
		other.writeInt32BE(-65536, other.indexOf('tkhd') + 44);
		const joined = await joinAll([film('plain.mp4'), other]);
		expect(joined).toMatchObject({ clip: 1, why: { trait: 'turn', here: '0°, mirrored' } });
	});

	it('is held against the first that has sound', async () => {
		const joined = await joinAll(['silent.mp4', 'plain.mp4', 'mono.mp4'].map(film));
		expect(joined).toMatchObject({ clip: 2, why: { trait: 'soundChannels', from: 1 } });
	});

	it('has another profile of AAC', async () => {
		const other = Buffer.from(film('plain.mp4'));
		const config = other.indexOf(Buffer.from('1190', 'hex'), other.indexOf('esds'));
		// AAC-LC becomes HE-AAC
		other[config] = 0x29;
		const joined = await joinAll([film('plain.mp4'), other]);
		expect(joined).toMatchObject({ clip: 1, why: { trait: 'soundSettings' } });
	});

	it('has other settings of H.265', async () => {
		const other = Buffer.from(film('hevc.mp4'));
		other[other.indexOf('hvcC') + 20] ^= 1;
		const joined = await joinAll([film('hevc.mp4'), other]);
		expect(joined).toMatchObject({ clip: 1, why: { trait: 'settings' } });
	});

	const unsupported = (what: string, found: string) => ({ kind: 'unsupported', what, found });

	// What else is no film: facts.test.ts
	it.each<[string, Buffer, object]>([
		['empty', Buffer.alloc(0), { kind: 'empty' }],
		['sound only', film('voice.m4a'), { kind: 'soundOnly' }],
		['with frames that are cut away', film('trimmed.mp4'), unsupported('edits', 'elst')],
		['with another codec of sound', film('opus.mp4'), unsupported('soundCodec', 'Opus')],
		['with uncompressed sound', film('camera.mov'), unsupported('soundCodec', 'sowt')],
	])('is said to be %s', async (_, bytes, why) => {
		const clips = [film('plain.mp4'), bytes, film('plain.mp4')];
		expect(await joinAll(clips)).toEqual({ kind: 'misfit', clip: 1, why });
	});

	it('is one too many', async () => {
		const clips = Array<Buffer>(501).fill(film('silent.mp4'));
		expect(await joinAll(clips)).toEqual({ kind: 'tooMuch', of: 'clips', max: 500 });
	});
});

it('whatever bytes of a clip are changed, it is refused by name or joined to the length that was told', async () => {
	const change = fc.record({
		name: fc.constantFrom('plain.mp4', 'fragmented.mp4', 'quicktime.mov', 'other-settings.mp4'),
		bytes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), {
			minLength: 1,
			maxLength: 3,
		}),
	});
	let joinedOnes = 0;
	await fc.assert(
		fc.asyncProperty(change, async ({ name, bytes }) => {
			const changed = Buffer.from(film(name));
			const from = changed.indexOf('moov');
			const length = changed.readUInt32BE(from - 4) - 4;
			for (const [place, value] of bytes) changed[from + (place % length)] = value;
			const joined = await joinAll([film('plain.mp4'), changed, film('silent.mp4')]);
			if (joined.kind !== 'joined') return;
			joinedOnes += 1;
			const file = await bytesOf(joined);
			expect(file).toHaveLength(joined.size);
			expect((await read(file)).facts.seconds).toBeCloseTo(joined.seconds, 2);
		}),
		{ numRuns: 500 },
	);
	expect(joinedOnes).toBeGreaterThan(50);
});

it('media data behind the index are read once, when they are copied', async () => {
	const bytes = film('plain.mp4');
	const read: number[] = [];
	const counted = {
		size: bytes.length,
		open: async () =>
			(function* () {
				const turn = read.push(0) - 1;
				for (const piece of pieces(bytes, 100)) {
					read[turn] += piece.length;
					yield piece;
				}
			})(),
	};
	const joined = await joinFilms([counted], undefined, scheduler);
	expect(await bytesOf(joined)).toEqual(await bytesOf(await joinAll([bytes])));
	expect(read).toEqual([expect.any(Number), bytes.length]);
	expect(read[0]).toBeLessThan(bytes.indexOf('mdat') + 200);
});

it('a clip that has changed since it was looked at is named', async () => {
	let opened = 0;
	const changing = {
		open: async () => [film('plain.mp4').subarray(0, opened++ === 0 ? undefined : 9000)],
	};
	const joined = await joinFilms([source(film('silent.mp4')), changing], undefined, scheduler);
	await expect(bytesOf(joined)).rejects.toEqual(new FileChanged(1));
});

it('a stop ends the look at the clips, and the writing, with its reason', async () => {
	const stop = new AbortController();
	const clips = Array.from({ length: 20 }, () => source(film('plain.mp4')));
	const stoppable = { ...scheduler, signal: stop.signal };
	const joined = await joinFilms(clips, undefined, stoppable);
	stop.abort(new Error('stopped'));
	await expect(joinFilms(clips, undefined, stoppable)).rejects.toThrow('stopped');
	await expect(bytesOf(joined)).rejects.toThrow('stopped');
});

it('a film of more than 4 GB has an index that tells so', async () => {
	const clip = await read(film('plain.mp4'));
	const format = clip.sound && soundFormatOf(clip.sound);
	if (!format || 'kind' in format) throw new Error('no sound');
	const one = { film: clip, span: spanOf(clip.picture), format, prefix: new Uint8Array(0) };
	const layout = await layOut([one, one], undefined, scheduler);
	const bytes = 5 * 2 ** 30;
	const chunks = layout.chunks.map((chunk) => ({ ...chunk, offset: chunk.offset + 4.5 * 2 ** 30 }));
	const head = await writeHead(clip, { ...layout, bytes, chunks }, scheduler);
	expect(head.includes('stco')).toBe(false);
	const table = head.indexOf('co64');
	expect(head.readBigUInt64BE(table + 12)).toBe(BigInt(head.length + 4.5 * 2 ** 30));
	expect(head.readBigUInt64BE(head.length - 8)).toBe(BigInt(bytes + 16));
});
