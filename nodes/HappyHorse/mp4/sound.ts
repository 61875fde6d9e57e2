// Sound that can be copied packet by packet: AAC (ISO/IEC 14496-3), of a film, an M4A or an ADTS file, and MP3.
import type { Scheduler, Pieces } from './boxes';
import { findBox, parseBoxes, u16, u32, Unreadable } from './boxes';
import type { NoFilm } from './facts';
import { readFilm } from './facts';
import { MOST_SAMPLES, SampleList } from './samples';
import type { Track } from './tracks';

/** How packets of sound are to be decoded. */
export interface SoundFormat {
	readonly codec: 'AAC' | 'MP3';
	/** Samples in a second, as the packets count them: half of what one hears where HE-AAC doubles it. */
	readonly rate: number;
	/** Samples in a packet. */
	readonly packet: number;
	readonly channels: number;
	/** By which an MP4 names the codec. */
	readonly objectType: number;
	/** The AudioSpecificConfig of AAC; none for MP3. */
	readonly config: Uint8Array;
	/** A packet of silence, for AAC. */
	readonly silence: Uint8Array | undefined;
}

/** Why sound can't be copied. */
export type NoSound =
	| Exclude<NoFilm, { kind: 'soundOnly' }>
	| { readonly kind: 'noSound' }
	| { readonly kind: 'unsupported'; readonly what: 'soundCodec'; readonly found: string }
	| { readonly kind: 'tooLarge'; readonly maxBytes: number };

/** Packets of sound in a file. */
export interface SoundTrack {
	readonly format: SoundFormat;
	readonly track: Pick<Track, 'samples' | 'timeScale' | 'edit'>;
	/** All of the file. */
	readonly bytes: Uint8Array;
}

/** A sound track is in memory as long as it is used: an hour at 256 kbit/s. */
const MOST_SOUND_BYTES = 128 * 1024 * 1024;

/** 14496-1, table 5. */
const [AAC, MP3, MP3_OF_MPEG2] = [0x40, 0x6b, 0x69];

/** Of AAC by its index (14496-3, 1.6.3.4). */
const AAC_RATES = [
	96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];

/** Of AAC by its channel configuration. */
const AAC_CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

/** Elements of a packet by channel configuration: S a single channel, P a pair, L the low effects (14496-3, 1.6.3.5). */
const AAC_ELEMENTS = ['', 'S', 'P', 'SP', 'SPS', 'SPP', 'SPPL', 'SPPPL'];

/** Ends a config that says in many bits that there is no HE-AAC, as a shorter one does by its silence. */
const NO_HE_AAC = '56e500';

/** Bytes of a config: 2 to 7 in practice. */
const MOST_CONFIG_BYTES = 64;

/** A packet in which no band has anything in it (14496-3, 4.4.2). */
function silentPacket(channelConfiguration: number): Uint8Array | undefined {
	const elements = AAC_ELEMENTS.at(channelConfiguration) || undefined;
	// Gain 100, one long window, no bands; no pulses, no noise shaping, no gain control
	const channel = '01100100' + '00000000000' + '000';
	const used: Record<string, number> = {};
	const bits = [...(elements ?? '')].map((element) => {
		const number = used[element] ?? 0;
		used[element] = number + 1;
		const type = { S: '000', P: '001', L: '011' }[element] ?? '';
		const body = element === 'P' ? `0${channel}${channel}` : channel;
		return type + number.toString(2).padStart(4, '0') + body;
	});
	const all = `${bits.join('')}111`;
	const padded = all.padEnd(Math.ceil(all.length / 8) * 8, '0');
	const bytes = padded.match(/.{8}/g) ?? [];
	return elements ? Uint8Array.from(bytes, (byte) => parseInt(byte, 2)) : undefined;
}

function aacFormat(config: Uint8Array): SoundFormat | undefined {
	const hex = Buffer.from(config).toString('hex');
	const [kind, rate] = [config[0] >> 3, (u16(config, 0) >> 7) & 15];
	const channels = (config[1] >> 3) & 15;
	const silence = silentPacket(channels);
	// 2: AAC-LC. 5 and 29: HE-AAC, whose rate is first that of the packets
	if (![2, 5, 29].includes(kind) || rate >= AAC_RATES.length || !silence) return undefined;
	if (config.length > MOST_CONFIG_BYTES) return undefined;
	return {
		codec: 'AAC',
		rate: AAC_RATES[rate],
		packet: 1024,
		channels: AAC_CHANNELS[channels],
		objectType: AAC,
		config: hex.endsWith(NO_HE_AAC) ? config.subarray(0, config.length - 3) : config,
		silence,
	};
}

/** The parts of a descriptor: a tag, its length in groups of seven bits, and that many bytes (14496-1, 8.3.3). */
function descriptor(bytes: Uint8Array, tag: number): Uint8Array | undefined {
	if (bytes[0] !== tag) return undefined;
	let [at, length] = [1, 0];
	do length = length * 128 + (bytes[at] & 127);
	while (bytes[at++] & 128 && at < 5);
	return bytes.subarray(at, at + length);
}

/** How the sound of a film or M4A is coded, if it can be copied. @throws Unreadable */
export function soundFormatOf({ description, hasMoreDescriptions }: Track): SoundFormat | NoSound {
	const { type: found, content } = description;
	const no: NoSound = { kind: 'unsupported', what: 'soundCodec', found };
	if (found !== 'mp4a' || hasMoreDescriptions) return no;
	// QuickTime has longer descriptions, and the decoder's configuration one box deeper
	const boxes = parseBoxes(content.subarray([28, 44, 64].at(u16(content, 8)) ?? 28));
	const wave = findBox(boxes, 'wave');
	const esds = findBox(boxes, 'esds') ?? findBox(wave ? parseBoxes(wave.content) : [], 'esds');
	const stream = esds && descriptor(esds.content.subarray(4), 3);
	// Flags for optional fields, none of which belongs into a file
	if (!stream || stream[2] & 0xe0) return no;
	const decoder = descriptor(stream.subarray(3), 4);
	const config = decoder && descriptor(decoder.subarray(13), 5);
	return (decoder?.[0] === AAC && config && aacFormat(config)) || no;
}

/** One packet of a sound file: its bytes from the head on, and what the head says. */
interface Frame {
	readonly head: number;
	readonly size: number;
	readonly format: SoundFormat | undefined;
}

/** An ADTS head (14496-3, 1.A.2.2). */
function adtsFrame(bytes: Uint8Array, at: number): Frame | undefined {
	if ((u16(bytes, at) & 0xfff6) !== 0xfff0) return undefined;
	const size = (u32(bytes, at + 3) >> 13) & 0x1fff;
	const head = bytes[at + 1] & 1 ? 7 : 9;
	const [kind, rate] = [(bytes[at + 2] >> 6) + 1, (bytes[at + 2] >> 2) & 15];
	const channels = (u16(bytes, at + 2) >> 6) & 7;
	const bits = (kind << 11) | (rate << 7) | (channels << 3);
	// Several packets under one head are not told apart
	const isOne = (bytes[at + 6] & 3) === 0;
	const format = isOne ? aacFormat(Uint8Array.of(bits >> 8, bits & 255)) : undefined;
	return size > head ? { head, size, format } : undefined;
}

/** Thousands of bits in a second by the index of a head of layer III: MPEG 1, MPEG 2 and 2.5 (11172-3, 13818-3). */
const MP3_BITS = [
	[0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
	[0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/** The head of an MP3 frame: it is a part of its packet. */
function mp3Frame(bytes: Uint8Array, at: number): Frame | undefined {
	const bits = u32(bytes, at);
	const version = (bits >>> 19) & 3;
	const [bitRate, rateIndex] = [(bits >>> 12) & 15, (bits >>> 10) & 3];
	const isLayer3 = bits >>> 21 === 0x7ff && ((bits >>> 17) & 3) === 1;
	const isFirst = version === 3;
	const thousands = MP3_BITS[isFirst ? 0 : 1].at(bitRate);
	if (!isLayer3 || version === 1 || rateIndex === 3 || !thousands || bitRate === 15)
		return undefined;
	const rate = [44100, 48000, 32000][rateIndex] / (isFirst ? 1 : version === 2 ? 2 : 4);
	const packet = isFirst ? 1152 : 576;
	const size = Math.floor((packet * 125 * thousands) / rate) + ((bits >>> 9) & 1);
	const channels = ((bits >>> 6) & 3) === 3 ? 1 : 2;
	const objectType = isFirst ? MP3 : MP3_OF_MPEG2;
	const config = new Uint8Array(0);
	const format = {
		codec: 'MP3',
		rate,
		packet,
		channels,
		objectType,
		config,
		silence: undefined,
	} as const;
	return { head: 0, size, format };
}

/** Whether an MP3 frame holds no sound, but how long the others are. */
const isTag = (frame: Uint8Array): boolean =>
	/Xing|Info|VBRI/.test(Buffer.from(frame.subarray(4, 40)).toString('latin1'));

/** Bytes behind the last packet that may be something else: an ID3v1 tag has 128, and lyrics some thousand. */
const MOST_TRAILER_BYTES = 16 * 1024;

/**
 * The packets of a sound file that is a row of them, ADTS or MP3.
 * @returns undefined if it is neither
 * @throws Unreadable; the signal's reason
 */
async function readPackets(
	bytes: Uint8Array,
	scheduler: Scheduler,
): Promise<SoundTrack | undefined> {
	const tag = Buffer.from(bytes.subarray(0, 3)).toString('latin1') === 'ID3';
	const [a, b, c, d] = bytes.subarray(6, 10);
	let at = tag ? 10 + ((a & 127) << 21) + ((b & 127) << 14) + ((c & 127) << 7) + (d & 127) : 0;
	const frameAt = adtsFrame(bytes, at) ? adtsFrame : mp3Frame;
	const list = new SampleList({ samples: MOST_SAMPLES });
	const format = frameAt(bytes, at)?.format;
	if (!format) return undefined;
	for (let n = 0; ; n++) {
		const frame = frameAt(bytes, at);
		if (!frame || at + frame.size > bytes.length) break;
		const { codec, rate, channels } = frame.format ?? {};
		if (codec !== format.codec || rate !== format.rate || channels !== format.channels)
			throw new Unreadable('damaged', 'packets of different kinds');
		if (n > 0 || codec === 'AAC' || !isTag(bytes.subarray(at, at + frame.size))) {
			list.grow(1);
			list.push(format.packet, 0, frame.size - frame.head, at + frame.head, true);
		}
		at += frame.size;
		scheduler.signal?.throwIfAborted();
		if (n % 1000 === 0) await scheduler.yield();
	}
	if (bytes.length - at > MOST_TRAILER_BYTES)
		throw new Unreadable('damaged', 'no packet where one should be');
	const edit = { delay: 0, start: 0, length: Infinity, isOneOfMany: false };
	return { format, track: { samples: list, timeScale: format.rate, edit }, bytes };
}

/**
 * The sound of a file: of an ADTS or MP3 file, an M4A or a film.
 * @throws Unreadable; the signal's reason; what the source throws
 */
export async function readSoundTrack(
	source: Pieces,
	scheduler: Scheduler,
): Promise<SoundTrack | NoSound> {
	const pieces: Uint8Array[] = [];
	let size = 0;
	for await (const piece of source) {
		scheduler.signal?.throwIfAborted();
		size += piece.length;
		if (size > MOST_SOUND_BYTES) return { kind: 'tooLarge', maxBytes: MOST_SOUND_BYTES };
		pieces.push(piece);
		await scheduler.yield();
	}
	const bytes = Buffer.concat(pieces);
	const packets = await readPackets(bytes, scheduler);
	if (packets) return packets;
	const film = await readFilm([bytes], scheduler);
	if (film.kind !== 'soundOnly' && film.kind !== 'film') return film;
	if (!film.sound) return { kind: 'noSound' };
	const format = soundFormatOf(film.sound);
	return 'kind' in format ? format : { format, track: film.sound, bytes };
}
