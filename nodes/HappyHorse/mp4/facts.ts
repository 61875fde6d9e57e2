// What a film says of itself: the one way into a file, for the video of an edit as for the clips of a film.
import type { Box, Scheduler, Pieces, Scan } from './boxes';
import { findBox, i32, parseBoxes, readable, scanBoxes, u16, u32, Unreadable } from './boxes';
import type { Track } from './tracks';
import { MOST_SECONDS, readTracks } from './tracks';

interface Size {
	readonly width: number;
	readonly height: number;
}

/** What can be seen of a film, and how it is made. */
export interface FilmFacts {
	/** From the first frame that is shown to the end of the last: of the picture, however long the sound is. */
	readonly seconds: number;
	/** In pixels as they are shown: turned, and with pixels of another shape than a square stretched. */
	readonly width: number;
	readonly height: number;
	/** In pixels as they are coded: before they are turned or stretched. */
	readonly coded: Size;
	/** Width to height of a coded pixel. */
	readonly pixelAspect: number;
	/** Degrees, clockwise, by which a player turns the coded picture: a phone held upright says 90. */
	readonly turn: 0 | 90 | 180 | 270;
	/** Whether it is mirrored before that, as the front camera of a phone may do. */
	readonly isMirrored: boolean;
	readonly framesPerSecond: number;
	/** Of the picture, such as `avc1` (H.264) or `hvc1` (H.265). */
	readonly codec: string;
	/** The codec of the sound, such as `mp4a`; undefined for a silent film. */
	readonly sound: string | undefined;
}

/** A film that can be read. */
export interface Film {
	readonly kind: 'film';
	/** Bytes of the file. */
	readonly size: number;
	readonly facts: FilmFacts;
	readonly picture: Track;
	readonly sound: Track | undefined;
}

/** Why there is nothing to say of a file. */
export type NoFilm =
	| { readonly kind: 'empty' | 'notMp4' }
	/** It ends too early: before its index has come, or before its last sample does. */
	| { readonly kind: 'cutOff'; readonly missing: 'index' | 'end' }
	/**
	 * Damaged: no reader could make sense of it. Beyond: it passes a bound of this reader, so that nothing is known; it may
	 * be sound. `what`: in the words of the format.
	 */
	| { readonly kind: 'damaged' | 'beyond'; readonly what: string }
	| { readonly kind: 'soundOnly'; readonly size: number; readonly sound: Track };

/** When a track is shown, in units of its time. */
export interface Span {
	/** Where its first sample begins and its last one ends. */
	readonly first: number;
	readonly last: number;
	/** What the edit list shows of that. */
	readonly from: number;
	readonly to: number;
	/** Whether the edit list hides whole samples, or shows some more than once. */
	readonly isCut: boolean;
}

/** Which samples of a track are shown, in units of its time. */
export function spanOf({ samples, edit }: Track): Span {
	const { count, times, shifts } = samples;
	const editEnd = edit.start + edit.length;
	let [first, last, isCut] = [Infinity, -Infinity, edit.isOneOfMany];
	for (let n = 0; n < count; n++) {
		const start = times[n] + shifts[n];
		const end = start + times[n + 1] - times[n];
		if (start >= editEnd || end <= edit.start) isCut = true;
		first = Math.min(first, start);
		last = Math.max(last, end);
	}
	return { first, last, from: Math.max(first, edit.start), to: Math.min(last, editEnd), isCut };
}

/** Width and height of a picture's description, as they are coded, and the shape of a pixel: width to height. */
function pictureIn({ content }: Box): { width: number; height: number; aspect: number } {
	const pasp = findBox(parseBoxes(content.subarray(78)), 'pasp')?.content;
	const [across, down] = pasp ? [u32(pasp, 0), u32(pasp, 4)] : [1, 1];
	const aspect = across > 0 && down > 0 ? across / down : 1;
	return { width: u16(content, 24), height: u16(content, 26), aspect };
}

/** What the matrices do that turn by right angles (6.2.2); one that shears does nothing. */
function turnOf({ matrix }: Track): Pick<FilmFacts, 'turn' | 'isMirrored'> {
	const [a, b, c, d] = [0, 4, 12, 16].map((at) => Math.sign(i32(matrix, at)));
	const isMirrored = a * d - b * c < 0;
	if (b * c === 0) return { turn: a * d !== 0 && d < 0 ? 180 : 0, isMirrored };
	return { turn: a * d !== 0 ? 0 : b > 0 ? 90 : 270, isMirrored };
}

/** @throws Unreadable */
function factsOf(picture: Track, sound: Track | undefined): FilmFacts {
	const { width, height, aspect } = pictureIn(picture.description);
	const { from, to } = spanOf(picture);
	const seconds = (to - from) / picture.timeScale;
	const { count, times } = picture.samples;
	const decoded = (times[count] - times[0]) / picture.timeScale;
	if (!(seconds > 0 && decoded > 0)) throw new Unreadable('damaged', 'no frame is shown');
	if (seconds > MOST_SECONDS) throw new Unreadable('beyond', 'longer than an hour');
	if (width === 0 || height === 0) throw new Unreadable('damaged', 'no width or height');
	const { turn, isMirrored } = turnOf(picture);
	const shown = [Math.round(width * aspect), height];
	if (turn % 180 !== 0) shown.reverse();
	return {
		seconds,
		width: shown[0],
		height: shown[1],
		coded: { width, height },
		pixelAspect: aspect,
		turn,
		isMirrored,
		framesPerSecond: count / decoded,
		codec: picture.description.type,
		sound: sound?.description.type,
	};
}

/** Whether a sample lies behind the end of the file. @throws Unreadable if they can't all be in it beside each other */
function isCutOff(tracks: ReadonlyArray<Track | undefined>, size: number): boolean {
	let [end, bytes] = [0, 0];
	for (const track of tracks) {
		const { count, positions, sizes } = track?.samples ?? NO_SAMPLES;
		for (let n = 0; n < count; n++) {
			end = Math.max(end, positions[n] + sizes[n]);
			bytes += sizes[n];
		}
	}
	if (end > size) return true;
	if (bytes > size) throw new Unreadable('damaged', 'samples lie upon each other');
	return false;
}

const NO_SAMPLES = { count: 0, positions: [], sizes: [] };

/** The one that is played: enabled before others, in their order. */
const chosen = (tracks: readonly Track[], kind: Track['kind']): Track | undefined => {
	const ofKind = tracks.filter((track) => track.kind === kind && !track.isEmpty);
	return ofKind.find(({ isEnabled }) => isEnabled) ?? ofKind.at(0);
};

/** @throws Unreadable; the signal's reason */
async function understand(scan: Scan, scheduler: Scheduler): Promise<Film | NoFilm> {
	const { size, moov, moofs } = scan;
	if (size === 0) return { kind: 'empty' };
	if (!scan.isMp4) return { kind: 'notMp4' };
	if (!moov) return scan.isPicture ? { kind: 'notMp4' } : { kind: 'cutOff', missing: 'index' };
	if (scan.isCutOff) return { kind: 'cutOff', missing: 'end' };
	const boxes = parseBoxes(moov);
	const tracks = await readTracks(boxes, moofs, scheduler);
	const [picture, sound] = [chosen(tracks, 'vide'), chosen(tracks, 'soun')];
	if (isCutOff([picture, sound], size)) return { kind: 'cutOff', missing: 'end' };
	if (picture) return { kind: 'film', size, facts: factsOf(picture, sound), picture, sound };
	if (tracks.some(({ kind }) => kind === 'vide')) {
		// A fragmented file without a fragment
		const announced = boxes.some(({ type }) => type === 'mvex');
		return announced ? { kind: 'cutOff', missing: 'end' } : { kind: 'damaged', what: 'no samples' };
	}
	return sound ? { kind: 'soundOnly', size, sound } : { kind: 'damaged', what: 'no track' };
}

/**
 * Reads a file to its end, once, and says what it is: its bytes need not be trusted, and of its media data nothing is
 * kept.
 * @param told its size in bytes, where media data that make up the rest of the file need not be read
 * @throws the signal's reason; what the source throws. Nothing else, whatever the bytes are.
 */
export async function readFilm(
	source: Pieces,
	scheduler: Scheduler,
	told?: number,
): Promise<Film | NoFilm> {
	return await readable(
		scanBoxes(source, scheduler, told).then((scan) => understand(scan, scheduler)),
	);
}
