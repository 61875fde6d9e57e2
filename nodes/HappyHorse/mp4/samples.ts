// The samples of a track (frames of picture, packets of sound), and the tables in `moov` that list them.
import type { Box } from './boxes';
import { countEntries, findBox, i32, u32, u64, Unreadable } from './boxes';

/** Samples of all tracks of a file: an hour of 60 frames a second with sound at 48 kHz has 385,000. */
export const MOST_SAMPLES = 400_000;

/** The samples of a track in the order of their decoding; all arrays have room for more than `count`. */
export interface Samples {
	readonly count: number;
	/** When each is decoded, in units of the track's time scale; never descending. One more: the end of the last. */
	readonly times: Float64Array;
	/** How much later each is shown. */
	readonly shifts: Int32Array;
	/** Bytes, and where they begin in the file. */
	readonly sizes: Uint32Array;
	readonly positions: Float64Array;
	/** 1 where decoding can begin. */
	readonly keys: Uint8Array;
}

/** Samples while they come. */
export class SampleList implements Samples {
	count = 0;
	times = new Float64Array(1);
	shifts = new Int32Array(0);
	sizes = new Uint32Array(0);
	positions = new Float64Array(0);
	keys = new Uint8Array(0);

	/** @param left how many samples the file may still have */
	constructor(private readonly left: { samples: number }) {}

	/** Makes room. @throws Unreadable if there are too many */
	grow(more: number): void {
		this.left.samples -= more;
		if (this.left.samples < 0) throw new Unreadable('beyond', `over ${MOST_SAMPLES} samples`);
		if (this.count + more <= this.sizes.length) return;
		const room = Math.max(this.count + more, 2 * this.count);
		const into = <T extends { set(from: T): void }>(to: T, from: T): T => (to.set(from), to);
		this.times = into(new Float64Array(room + 1), this.times);
		this.shifts = into(new Int32Array(room), this.shifts);
		this.sizes = into(new Uint32Array(room), this.sizes);
		this.positions = into(new Float64Array(room), this.positions);
		this.keys = into(new Uint8Array(room), this.keys);
	}

	/** Adds the next sample: there is room for it. */
	push(duration: number, shift: number, size: number, position: number, isKey: boolean): void {
		const n = this.count;
		this.times[n + 1] = this.times[n] + duration;
		this.shifts[n] = shift;
		this.sizes[n] = size;
		this.positions[n] = position;
		this.keys[n] = isKey ? 1 : 0;
		this.count += 1;
	}

	/** The next sample is decoded at `time`. */
	goTo(time: number): void {
		const { count, times } = this;
		if (count > 0 && time < times[count - 1]) throw new Unreadable('damaged', 'times go back');
		times[count] = time;
	}
}

/** Hands out the values of a table of runs (`stts`, `ctts`: count and value), one for each sample; then undefined. */
function runsOf(table: Box | undefined): () => number | undefined {
	const count = table ? countEntries(table, 4, 8) : 0;
	const bytes = table?.content ?? new Uint8Array(0);
	let entry = -1;
	let left = 0;
	return () => {
		while (left === 0) {
			entry += 1;
			if (entry >= count) return undefined;
			left = u32(bytes, 8 + entry * 8);
		}
		left -= 1;
		return i32(bytes, 12 + entry * 8);
	};
}

/** Hands out where each sample lies: in chunks (`stco`), each with as many samples as `stsc` says. */
function placesOf(stbl: Box): { next: (size: number) => number; descriptions: () => Set<number> } {
	const offsets = findBox(stbl.boxes, 'co64') ?? findBox(stbl.boxes, 'stco');
	const stsc = findBox(stbl.boxes, 'stsc');
	if (!offsets || !stsc) throw new Unreadable('damaged', 'no stco or stsc');
	const wide = offsets.type === 'co64';
	const chunks = countEntries(offsets, 4, wide ? 8 : 4);
	const runs = countEntries(stsc, 4, 12);
	const firstChunk = (run: number): number => u32(stsc.content, 8 + run * 12);
	for (let run = 0; run < runs; run++) {
		const isFirst = run === 0 ? firstChunk(run) === 1 : firstChunk(run) > firstChunk(run - 1);
		const perChunk = u32(stsc.content, 12 + run * 12);
		if (!isFirst || perChunk === 0) throw new Unreadable('damaged', 'stsc out of order');
	}
	const descriptions = new Set<number>();
	let run = 0;
	let chunk = 0;
	let left = 0;
	let position = 0;
	const next = (size: number): number => {
		if (left === 0) {
			if (chunk >= chunks || runs === 0) throw new Unreadable('damaged', 'samples without a chunk');
			chunk += 1;
			if (run + 1 < runs && firstChunk(run + 1) <= chunk) run += 1;
			left = u32(stsc.content, 12 + run * 12);
			descriptions.add(u32(stsc.content, 16 + run * 12));
			const at = 8 + (chunk - 1) * (wide ? 8 : 4);
			position = wide ? u64(offsets.content, at) : u32(offsets.content, at);
		}
		left -= 1;
		position += size;
		return position - size;
	};
	return { next, descriptions: () => descriptions };
}

/** Reads the samples that `moov` itself lists. Returns the numbers of their descriptions. @throws Unreadable */
export function readTables(stbl: Box, list: SampleList): Set<number> {
	const stsz = findBox(stbl.boxes, 'stsz');
	if (!stsz) throw new Unreadable('beyond', 'no stsz');
	const sameSize = u32(stsz.content, 4);
	const count = sameSize === 0 ? countEntries(stsz, 8, 4) : u32(stsz.content, 8);
	if (count === 0) return new Set();
	list.grow(count);
	const stts = findBox(stbl.boxes, 'stts');
	const stss = findBox(stbl.boxes, 'stss');
	const duration = runsOf(stts);
	const shift = runsOf(findBox(stbl.boxes, 'ctts'));
	const places = placesOf(stbl);
	for (let n = 0; n < count; n++) {
		const size = sameSize === 0 ? u32(stsz.content, 12 + n * 4) : sameSize;
		const lasts = duration();
		if (lasts === undefined) throw new Unreadable('damaged', 'stts has too few samples');
		list.push(lasts >>> 0, shift() ?? 0, size, places.next(size), stss === undefined);
	}
	const keys = stss ? countEntries(stss, 4, 4) : 0;
	for (let n = 0; stss && n < keys; n++) {
		const number = u32(stss.content, 8 + n * 4);
		if (number >= 1 && number <= count) list.keys[number - 1] = 1;
	}
	return places.descriptions();
}
