// Where everything goes in a joined film: the clips' frames one after another, their sound beside them in packets of one
// length, and both interleaved.
import type { Scheduler } from './boxes';
import type { Film, Span } from './facts';
import { SampleList } from './samples';
import type { SoundFormat, SoundTrack } from './sound';

/** A clip, and what is needed to put it in its place. */
export interface Clip {
	readonly film: Film;
	readonly span: Span;
	/** How its sound is coded; undefined where it has none. */
	readonly format: SoundFormat | undefined;
	/** Bytes that are put before each of its key frames: its own parameter sets. */
	readonly prefix: Uint8Array;
}

/** Where the bytes of a sample come from, beside the clip itself. */
export const SILENCE = -1;

/** Samples of one track that lie together: a piece of half a second, or the rest of a clip. */
interface Chunk {
	readonly of: 'picture' | 'sound';
	readonly clip: number;
	/** The first of its samples, and the one behind its last. */
	readonly from: number;
	readonly to: number;
	/** Where it begins, in bytes behind the head of `mdat`. */
	readonly offset: number;
}

/** Where all samples of a film will stand. */
export interface Layout {
	/** Units of the picture's time in a second. */
	readonly timeScale: number;
	/** Length of the film in them. */
	readonly length: number;
	/** Sizes are those in the film, prefixes and all; positions those in the clip (or the sound track). */
	readonly picture: SampleList;
	readonly sound: SampleList;
	readonly format: SoundFormat | undefined;
	/** How long the first frame waits for those that are decoded before it. */
	readonly delay: number;
	/** In the order in which they stand in the film. */
	readonly chunks: readonly Chunk[];
	/** Bytes of all samples. */
	readonly bytes: number;
	/** When each clip begins, in seconds. */
	readonly starts: readonly number[];
}

/** Seconds of one track before the other has its turn: players read a film from a server in such pieces. */
const CHUNK_SECONDS = 0.5;

/** All times of a film fit 32 bits with it for 13 hours, and no frame is more than 6 µs off. */
const COMMON_SCALE = 90_000;

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** A unit of time in which those of all clips are whole numbers, if there is a handy one. */
function timeScaleOf(clips: readonly Clip[]): number {
	const seconds = clips.reduce(
		(sum, { film, span }) => sum + (span.last - span.first) / film.picture.timeScale,
		1,
	);
	const scales = clips.map(({ film }) => film.picture.timeScale);
	const scale = scales.reduce((a, b) => Math.min((a / divisor(a, b)) * b, Infinity));
	return scale <= 1_000_000 && scale * seconds < 2 ** 32 ? scale : COMMON_SCALE;
}

/** How long a clip's first frame waits for its decoding, and the least by which a frame is shown after it is decoded. */
function delaysOf({ film, span }: Clip): { first: number; least: number } {
	const { count, times, shifts } = film.picture.samples;
	let least = Infinity;
	for (let n = 0; n < count; n++) least = Math.min(least, shifts[n]);
	return { first: span.first - times[0], least };
}

/** The sound of a film, packet after packet of the same length, from its beginning on. */
class SoundLane {
	readonly packets: SampleList;
	/** Whether the next packet goes to the nearest place; the ones after it follow it, unless a whole one is missing. */
	isNew = true;

	constructor(
		readonly format: SoundFormat,
		left: { samples: number },
	) {
		this.packets = new SampleList(left);
	}

	/** The place of the next packet less `seconds`, in packets. */
	private ahead(seconds: number): number {
		return this.packets.count - (seconds * this.format.rate) / this.format.packet;
	}

	private add(size: number, position: number): void {
		this.packets.grow(1);
		this.packets.push(this.format.packet, 0, size, position, true);
	}

	/** Silence up to `seconds`. Of MP3 none is known, nor needed: its packets follow each other without a gap. */
	fill(seconds: number, slack = 0.5): void {
		const size = this.format.silence?.length;
		while (size !== undefined && this.ahead(seconds) <= -slack) this.add(size, SILENCE);
	}

	/** A packet that is heard at `seconds`: left out where its place is taken, as that of priming samples is. */
	put(seconds: number, size: number, position: number): void {
		const slack = this.isNew ? 0.5 : 0.75;
		if (this.ahead(seconds) > slack) return;
		this.fill(seconds, slack);
		this.isNew = false;
		this.add(size, position);
	}

	/** Whether there is no room for another packet before `seconds`. */
	isFull(seconds: number): boolean {
		return this.ahead(seconds) > -0.5;
	}
}

/**
 * Adds the packets of a track that are heard until `until`, from number `from` on. Returns the number of the next.
 * @param start when the track begins, in seconds of the film
 */
function addSound(
	lane: SoundLane,
	{ samples, timeScale, edit }: SoundTrack['track'],
	from: number,
	start: number,
	until: number,
): number {
	const { count, times, sizes, positions } = samples;
	const end = edit.start + edit.length;
	let n = from;
	for (; n < count && times[n] < end && !lane.isFull(until); n++) {
		const seconds = start + edit.delay + (times[n] - edit.start) / timeScale;
		lane.put(seconds, sizes[n], positions[n]);
	}
	return n;
}

/** Adds the frames of a clip that begins at `offset`. */
function addPicture(
	picture: SampleList,
	{ film, span, prefix }: Clip,
	scale: number,
	offset: number,
	delay: number,
): void {
	const { count, times, shifts, sizes, positions, keys } = film.picture.samples;
	const factor = scale / film.picture.timeScale;
	picture.grow(count);
	picture.goTo(offset);
	for (let n = 0; n < count; n++) {
		const decoded = offset + Math.round((times[n] - times[0]) * factor);
		const next = offset + Math.round((times[n + 1] - times[0]) * factor);
		const shown = offset + delay + Math.round((times[n] + shifts[n] - span.first) * factor);
		// A clip begins with one, whatever it says
		const isKey = keys[n] === 1 || n === 0;
		const size = sizes[n] + (isKey ? prefix.length : 0);
		picture.push(next - decoded, Math.max(0, shown - decoded), size, positions[n], isKey);
	}
}

/** The samples of a list from `from` on, in pieces, each with its beginning in seconds. */
function piecesOf(list: SampleList, of: Chunk['of'], scale: number, clip: number, from: number) {
	const pieces = [];
	for (let n = from, start = from; n < list.count; n++) {
		const isLast = n + 1 === list.count;
		if (!isLast && list.times[n + 1] - list.times[start] < CHUNK_SECONDS * scale) continue;
		pieces.push({ of, clip, from: start, to: n + 1, seconds: list.times[start] / scale });
		start = n + 1;
	}
	return pieces;
}

/**
 * @param clips at least one; their sound, if they have any, is of one format
 * @param voice takes the place of their sound
 * @throws the signal's reason
 */
export async function layOut(
	clips: readonly Clip[],
	voice: SoundTrack | undefined,
	scheduler: Scheduler,
): Promise<Layout> {
	const timeScale = timeScaleOf(clips);
	const left = { samples: Infinity };
	const picture = new SampleList(left);
	const format = voice?.format ?? clips.find((clip) => clip.format)?.format;
	const lane = format && new SoundLane(format, left);
	const sound = lane?.packets ?? new SampleList(left);
	const inScale = (clip: Clip, units: number): number =>
		Math.round((units * timeScale) / clip.film.picture.timeScale);
	// As late as the one that needs it most, so that no frame is shown before it is decoded
	const delay = clips.reduce((most, clip) => {
		const { first, least } = delaysOf(clip);
		return Math.max(most, inScale(clip, first - least));
	}, 0);
	const chunks: Chunk[] = [];
	const starts: number[] = [];
	let [length, bytes, voiced] = [0, 0, 0];
	for (const [number, clip] of clips.entries()) {
		const [frames, packets] = [picture.count, sound.count];
		const { picture: track, sound: own } = clip.film;
		const start = length / timeScale;
		starts.push(start);
		addPicture(picture, clip, timeScale, length, delay);
		await scheduler.yield();
		// Frames whose last one has been decoded late push the next clip on, too
		const { times } = picture;
		length = Math.max(
			length + inScale(clip, clip.span.last - clip.span.first),
			times[picture.count - 1],
		);
		times[picture.count] = length;
		const until = length / timeScale;
		if (lane && voice) {
			voiced = addSound(lane, voice.track, voiced, 0, until);
		} else if (lane) {
			lane.isNew = true;
			const shown = (clip.span.first - track.edit.start) / track.timeScale + track.edit.delay;
			if (own) addSound(lane, own, 0, start - shown, until);
			lane.fill(until);
		}
		await scheduler.yield();
		const pieces = [
			...piecesOf(picture, 'picture', timeScale, number, frames),
			...piecesOf(sound, 'sound', format?.rate ?? 1, number, packets),
		].sort((a, b) => a.seconds - b.seconds);
		for (const { of, clip, from, to } of pieces) {
			chunks.push({ of, clip, from, to, offset: bytes });
			const { sizes } = of === 'picture' ? picture : sound;
			for (let n = from; n < to; n++) bytes += sizes[n];
		}
		scheduler.signal?.throwIfAborted();
		await scheduler.yield();
	}
	return { timeScale, length, picture, sound, format, delay, chunks, bytes, starts };
}
