// The tracks of a film: what its index (`moov`, and the `moof`s of a fragmented file) says of each sample.
import type { Box, Scheduler, Scan } from './boxes';
import { countEntries, findBox, fourCc, i32, parseBoxes, u32, u64, Unreadable } from './boxes';
import type { Samples } from './samples';
import { MOST_SAMPLES, readTables, SampleList } from './samples';

/** Tracks of a file: picture, sound, text in some languages, what a camera measures. */
const MOST_TRACKS = 100;

/** Seconds of one track, at most. */
export const MOST_SECONDS = 3600;

/** What of its samples a track shows: the edit list, as far as it is one cut. */
export interface Edit {
	/** Seconds of the film before it. */
	readonly delay: number;
	/** The first unit of the track's time that is shown, and how many; without an end, Infinity. */
	readonly start: number;
	readonly length: number;
	/** Whether it is one of several cuts. */
	readonly isOneOfMany: boolean;
}

/** A track of a film: its samples, and what of them is shown. */
export interface Track {
	readonly kind: 'vide' | 'soun';
	/** Units of its time in a second. */
	readonly timeScale: number;
	readonly samples: Samples;
	readonly edit: Edit;
	/** How its picture is turned: the 36 bytes of the matrix in `tkhd`. */
	readonly matrix: Uint8Array;
	/** What its samples are, and how to decode them. */
	readonly description: Box;
	/** Whether some of its samples have another description. */
	readonly hasMoreDescriptions: boolean;
	/** Whether the file says that it is to be played. */
	readonly isEnabled: boolean;
	/** Whether it has samples: those of sound that is not `mp4a` are not read. */
	readonly isEmpty: boolean;
}

/** What the samples of a fragment are if it does not say so itself: of `trex`, overruled by `tfhd`. */
interface Defaults {
	description: number;
	duration: number;
	size: number;
	flags: number;
}

const NO_DEFAULTS: Defaults = { description: 1, duration: 0, size: 0, flags: 0 };

/** The flag of a sample at which decoding can't begin. */
const NOT_A_KEY = 0x10000;

/** Reads one run of samples (`trun`) that begins at `base`, or at `from` if it does not say where. Returns its end. */
function readRun(
	trun: Box,
	defaults: Defaults,
	base: number,
	from: number,
	list: SampleList,
): number {
	const bytes = trun.content;
	const has = (flag: number): boolean => (u32(bytes, 0) & flag) !== 0;
	const count = u32(bytes, 4);
	const optional = [0x1, 0x4].filter(has).length * 4;
	const entry = [0x100, 0x200, 0x400, 0x800].filter(has).length * 4;
	if (8 + optional + count * entry > bytes.length)
		throw new Unreadable('damaged', 'trun claims more samples than it has');
	list.grow(count);
	let at = 8;
	const take = (): number => i32(bytes, (at += 4) - 4);
	let position = has(0x1) ? base + take() : from;
	const firstFlags = has(0x4) ? take() : undefined;
	for (let n = 0; n < count; n++) {
		const duration = has(0x100) ? take() >>> 0 : defaults.duration;
		const size = has(0x200) ? take() >>> 0 : defaults.size;
		const own = has(0x400) ? take() : defaults.flags;
		const flags = n === 0 ? (firstFlags ?? own) : own;
		const shift = has(0x800) ? take() : 0;
		if (position < 0) throw new Unreadable('damaged', 'trun before the file');
		list.push(duration, shift, size, position, (flags & NOT_A_KEY) === 0);
		position += size;
	}
	return position;
}

/** A track while its samples come. */
interface Draft {
	readonly id: number;
	readonly trak: Box;
	readonly kind: string;
	readonly codec: string;
	readonly list: SampleList;
	readonly descriptions: Set<number>;
	readonly defaults: Defaults;
}

/** Reads a `moof`: the samples that follow those which are known. @throws Unreadable */
function readFragment(moof: Scan['moofs'][number], drafts: readonly Draft[]): void {
	let end = moof.position;
	for (const traf of parseBoxes(moof.content).filter(({ type }) => type === 'traf')) {
		const tfhd = findBox(traf.boxes, 'tfhd');
		if (!tfhd) throw new Unreadable('damaged', 'no tfhd');
		const bytes = tfhd.content;
		const has = (flag: number): boolean => (u32(bytes, 0) & flag) !== 0;
		const draft = drafts.find(({ id }) => id === u32(bytes, 4));
		const defaults = { ...(draft?.defaults ?? NO_DEFAULTS) };
		let at = 8;
		const take = (): number => u32(bytes, (at += 4) - 4);
		// Unless it says so, a track's data follow those of the track before (8.8.7): not known if that is not read
		let base = has(0x20000) ? moof.position : end;
		if (has(0x1)) base = take() * 2 ** 32 + take();
		if (has(0x2)) defaults.description = take();
		if (has(0x8)) defaults.duration = take();
		if (has(0x10)) defaults.size = take();
		if (has(0x20)) defaults.flags = take();
		end = draft ? base : NaN;
		if (!draft) continue;
		if (Number.isNaN(base)) throw new Unreadable('beyond', 'tfhd does not say where its data are');
		const tfdt = findBox(traf.boxes, 'tfdt')?.content;
		if (tfdt) draft.list.goTo(tfdt[0] === 1 ? u64(tfdt, 4) : u32(tfdt, 4));
		draft.descriptions.add(defaults.description);
		for (const trun of traf.boxes.filter(({ type }) => type === 'trun'))
			end = readRun(trun, defaults, base, end, draft.list);
	}
}

/** The edit list (8.6.6): lengths are in units of the film, starts in those of the track. */
function readEdit(trak: Box, filmScale: number, timeScale: number, isFragmented: boolean): Edit {
	const elst = findBox(trak.boxes, 'edts', 'elst');
	const wide = elst?.content[0] === 1;
	const count = elst ? countEntries(elst, 4, wide ? 20 : 12) : 0;
	let edit: Edit = { delay: 0, start: 0, length: Infinity, isOneOfMany: false };
	let cuts = 0;
	for (let n = 0; elst && n < count && cuts < 2; n++) {
		const at = 8 + n * (wide ? 20 : 12);
		const length = (wide ? u64(elst.content, at) : u32(elst.content, at)) / (filmScale || 1);
		const start = wide ? u64(elst.content, at + 8) : u32(elst.content, at + 4);
		// -1: nothing is shown for so long
		const isPause = start >= (wide ? 2 ** 63 : 2 ** 31);
		if (isPause && cuts === 0) edit = { ...edit, delay: edit.delay + length };
		if (isPause) continue;
		cuts += 1;
		if (cuts > 1) edit = { ...edit, isOneOfMany: true };
		// A fragmented file is written before its length is known
		else edit = { ...edit, start, length: isFragmented || !length ? Infinity : length * timeScale };
	}
	return edit;
}

/** The track as a whole, once its samples have come. @throws Unreadable */
function finish(draft: Draft, moov: readonly Box[], isFragmented: boolean): Track {
	const { trak, kind, list } = draft;
	const mvhd = findBox(moov, 'mvhd')?.content ?? new Uint8Array(0);
	const mdhd = findBox(trak.boxes, 'mdia', 'mdhd')?.content ?? new Uint8Array(0);
	const tkhd = findBox(trak.boxes, 'tkhd')?.content ?? new Uint8Array(0);
	const scaleIn = (bytes: Uint8Array): number => u32(bytes, bytes[0] === 1 ? 20 : 12);
	const timeScale = scaleIn(mdhd);
	if (timeScale === 0) throw new Unreadable('damaged', 'no time scale');
	const { count, times } = list;
	if ((times[count] - times[0]) / timeScale > MOST_SECONDS)
		throw new Unreadable('beyond', 'longer than an hour');
	// The last sample of some recordings has no duration
	if (count > 1 && times[count] === times[count - 1])
		times[count] += times[count - 1] - times[count - 2];
	const entries = descriptionsOf(trak);
	const [number = 1, ...others] = draft.descriptions;
	const description = entries.at(number - 1);
	if (!description || number === 0)
		throw new Unreadable('damaged', 'samples without a description');
	const stsz = findBox(trak.boxes, 'mdia', 'minf', 'stbl', 'stsz')?.content;
	const isUnread = !isRead(draft) && (isFragmented || (stsz && u32(stsz, 8) > 0));
	const at = tkhd[0] === 1 ? 52 : 40;
	return {
		kind: kind === 'vide' ? 'vide' : 'soun',
		timeScale,
		samples: list,
		edit: readEdit(trak, scaleIn(mvhd), timeScale, isFragmented),
		matrix: tkhd.subarray(at, at + 36),
		description,
		hasMoreDescriptions: others.length > 0,
		isEnabled: (tkhd[3] & 1) === 1,
		isEmpty: count === 0 && !isUnread,
	};
}

const descriptionsOf = (trak: Box): Box[] => {
	const stsd = findBox(trak.boxes, 'mdia', 'minf', 'stbl', 'stsd');
	return stsd ? parseBoxes(stsd.content.subarray(8)) : [];
};

/** Uncompressed sound of a camera has 48,000 samples a second: only what can be joined is read. */
const isRead = ({ kind, codec }: Pick<Draft, 'kind' | 'codec'>): boolean =>
	kind === 'vide' || codec === 'mp4a';

/**
 * The tracks of picture and sound, with their samples.
 * @param moov the boxes in it
 * @throws Unreadable; the signal's reason
 */
export async function readTracks(
	moov: readonly Box[],
	moofs: Scan['moofs'],
	scheduler: Scheduler,
): Promise<Track[]> {
	const mvex = findBox(moov, 'mvex');
	const trexes = mvex?.boxes.filter(({ type }) => type === 'trex') ?? [];
	const traks = moov.filter(({ type }) => type === 'trak');
	if (traks.length > MOST_TRACKS) throw new Unreadable('beyond', `over ${MOST_TRACKS} tracks`);
	const left = { samples: MOST_SAMPLES };
	const drafts: Draft[] = [];
	for (const trak of traks) {
		const tkhd = findBox(trak.boxes, 'tkhd')?.content ?? new Uint8Array(0);
		const hdlr = findBox(trak.boxes, 'mdia', 'hdlr')?.content ?? new Uint8Array(0);
		const stbl = findBox(trak.boxes, 'mdia', 'minf', 'stbl');
		const kind = fourCc(hdlr, 8);
		if (kind !== 'vide' && kind !== 'soun') continue;
		if (!stbl) throw new Unreadable('damaged', 'no stbl');
		const id = u32(tkhd, tkhd[0] === 1 ? 20 : 12);
		const trex = trexes.find(({ content }) => u32(content, 4) === id)?.content;
		const [description, duration, size, flags] = [8, 12, 16, 20].map((at) =>
			trex ? u32(trex, at) : 0,
		);
		const codec = descriptionsOf(trak).at(0)?.type ?? '';
		const list = new SampleList(left);
		const descriptions = isRead({ kind, codec }) ? readTables(stbl, list) : new Set<number>();
		const defaults = { description, duration, size, flags };
		drafts.push({ id, trak, kind, codec, list, descriptions, defaults });
		scheduler.signal?.throwIfAborted();
		await scheduler.yield();
	}
	const read = drafts.filter(isRead);
	for (const moof of moofs) {
		readFragment(moof, read);
		scheduler.signal?.throwIfAborted();
		await scheduler.yield();
	}
	return drafts.map((draft) => finish(draft, moov, mvex !== undefined));
}
