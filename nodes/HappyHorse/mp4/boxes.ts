// The boxes of an MP4 or MOV file (ISO/IEC 14496-12, "ISO BMFF"), found in one pass over its bytes. Of the media data
// nothing is kept; of the index no more than the bounds below, and no table is believed before its size is checked.

/** A file in pieces, to be read once. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What a long piece of work needs of its surroundings. */
export interface Scheduler {
	/** Ends the work: it then throws the signal's reason. */
	readonly signal?: AbortSignal;
	/** Awaited between small pieces of work, so that others get their turn. */
	readonly yield: () => Promise<void>;
}

/** Thrown inside this folder only: why an index can't be read. */
export class Unreadable extends Error {
	/**
	 * @param kind damaged: no reader could make sense of it. beyond: it may be sound, but passes a bound of this reader.
	 * @param what in the words of the format, such as "stsc out of order"
	 */
	constructor(
		readonly kind: 'damaged' | 'beyond',
		readonly what: string,
	) {
		super(what);
	}
}

/** The work's result, or in place of {@link Unreadable} what it says. */
export async function readable<T>(
	work: Promise<T>,
): Promise<T | Pick<Unreadable, 'kind' | 'what'>> {
	return await work.catch(async (error: unknown) =>
		error instanceof Unreadable
			? { kind: error.kind, what: error.what }
			: await Promise.reject<T>(error),
	);
}

/** A box of an index. */
export interface Box {
	readonly type: string;
	/** Its bytes behind size and type. */
	readonly content: Uint8Array;
	/** The boxes in it, if it is of a type that holds the tables of samples; else none. */
	readonly boxes: readonly Box[];
}

/** Bytes of `moov` and all `moof`s: an hour of 60 frames a second with sound has about 4 MB. */
const MOST_INDEX_BYTES = 8 * 1024 * 1024;

/** Boxes of a file at its top: an hour in fragments of half a second has about 14,000. */
const MOST_TOP_BOXES = 20_000;

/** Boxes in one box of the top, in all depths: a track has about 20, and there are 100 at most. */
const MOST_INNER_BOXES = 20_000;

/** The sample tables lie five boxes deep. */
const MOST_DEPTH = 10;

/** Types that a file can begin with. */
const FIRST = 'ftyp styp moov moof mdat free skip wide pnot uuid sidx emsg'.split(' ');

/** Types at the top of a file: one of these that is not whole was cut off, others may be another program's trailer. */
const TOP = [...FIRST, 'mfra', 'meta', 'prft', 'ssix'];

/** Types whose content is boxes, on the way to the tables of samples. */
const CONTAINERS = new Set('moov trak edts mdia minf stbl mvex moof traf'.split(' '));

/** Big-endian, as all numbers of the format. Behind the end all bytes are 0: no offset makes these throw. */
export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];
export const i32 = (bytes: Uint8Array, at: number): number =>
	(u16(bytes, at) << 16) | u16(bytes, at + 2);
export const u32 = (bytes: Uint8Array, at: number): number => i32(bytes, at) >>> 0;
/** Exact up to 2^53; what is larger is beyond every bound. */
export const u64 = (bytes: Uint8Array, at: number): number =>
	u32(bytes, at) * 2 ** 32 + u32(bytes, at + 4);
/** A type of four letters. */
export const fourCc = (bytes: Uint8Array, at: number): string =>
	String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);

/**
 * The boxes that `bytes` consist of, with those inside them. Fewer than 8 bytes at the end are ignored: QuickTime ends
 * some lists with a 0.
 * @throws Unreadable
 */
export function parseBoxes(bytes: Uint8Array, depth = 0, budget = { boxes: 0 }): Box[] {
	if (depth > MOST_DEPTH) throw new Unreadable('beyond', 'boxes nested too deep');
	const boxes: Box[] = [];
	for (let at = 0; at + 8 <= bytes.length; ) {
		budget.boxes += 1;
		if (budget.boxes > MOST_INNER_BOXES) throw new Unreadable('beyond', 'too many boxes');
		const type = fourCc(bytes, at + 4);
		const wide = u32(bytes, at) === 1;
		const size = wide ? u64(bytes, at + 8) : u32(bytes, at);
		const head = wide ? 16 : 8;
		if (size < head || at + size > bytes.length)
			throw new Unreadable('damaged', `${printable(type)} runs past the box around it`);
		const content = bytes.subarray(at + head, at + size);
		const isContainer = CONTAINERS.has(type);
		boxes.push({ type, content, boxes: isContainer ? parseBoxes(content, depth + 1, budget) : [] });
		at += size;
	}
	return boxes;
}

/** The first box at the end of a path of types. */
export function findBox(boxes: readonly Box[], ...path: string[]): Box | undefined {
	const [type, ...rest] = path;
	const box = boxes.find((one) => one.type === type);
	return box && rest.length > 0 ? findBox(box.boxes, ...rest) : box;
}

/**
 * The number of entries in a table: it stands at `at`, the entries of `bytes` bytes follow it.
 * @throws Unreadable if they can't all be in the table
 */
export function countEntries({ type, content }: Box, at: number, bytes: number): number {
	const count = u32(content, at);
	if (content.length < at + 4 || count * bytes > content.length - at - 4)
		throw new Unreadable('damaged', `${type} claims more entries than it has`);
	return count;
}

/** What one pass over a file has found. */
export interface Scan {
	/** Bytes of the file, unless it is no MP4: then those that were read. */
	readonly size: number;
	/** Whether it begins as an MP4 or MOV does. */
	readonly isMp4: boolean;
	/** Whether it has a box `meta` at its top, as HEIC and AVIF pictures have in place of `moov`. */
	readonly isPicture: boolean;
	/** Whether it ends before its last box does. */
	readonly isCutOff: boolean;
	/** The content of the first `moov`. */
	readonly moov: Uint8Array | undefined;
	readonly moofs: ReadonlyArray<{ readonly content: Uint8Array; readonly position: number }>;
}

const printable = (type: string): string => (isPrintable(type) ? type : 'a box');
const isPrintable = (type: string): boolean => /^[\x20-\x7e\xa9]{4}$/.test(type);

/** Takes a file in pieces and keeps its index. */
class TopBoxes {
	private size = 0;
	private moov: Uint8Array | undefined;
	private readonly moofs: Array<{ content: Uint8Array; position: number }> = [];
	/** The current box: where it begins and ends, and what is kept of it. */
	private readonly head = new Uint8Array(16);
	private headBytes = 0;
	private type = '';
	private start = 0;
	private end = 0;
	private content: Uint8Array | undefined;
	private contentBytes = 0;
	private boxes = 0;
	private keptBytes = 0;
	private isMp4 = true;
	private isPicture = false;
	/** Whether all is known: the index is there, and the rest of the file is one box of media data. */
	private isKnown = false;

	constructor(private readonly told: number | undefined) {}

	/** Returns false as soon as the rest need not be read. @throws Unreadable */
	push(piece: Uint8Array): boolean {
		for (let at = 0; at < piece.length && this.isMp4 && !this.isKnown; ) {
			const position = this.size + at;
			if (position < this.end) {
				const taken = piece.subarray(at, at + Math.min(this.end - position, piece.length - at));
				this.content?.set(taken, this.contentBytes);
				this.contentBytes += taken.length;
				at += taken.length;
			} else {
				this.head[this.headBytes] = piece[at];
				this.headBytes += 1;
				at += 1;
				const wide = this.headBytes >= 8 && u32(this.head, 0) === 1;
				if (this.headBytes === (wide ? 16 : 8)) this.enter(this.size + at - this.headBytes);
			}
			if (this.content?.length === this.contentBytes) this.keep(this.content);
		}
		this.size += piece.length;
		if (this.isKnown) this.size = this.end;
		return this.isMp4 && !this.isKnown;
	}

	/** The head of a box is whole. */
	private enter(start: number): void {
		const headBytes = this.headBytes;
		const type = fourCc(this.head, 4);
		const told = headBytes === 16 ? u64(this.head, 8) : u32(this.head, 0);
		// 0: to the end of the file
		const size = told === 0 ? Infinity : told;
		this.headBytes = 0;
		this.boxes += 1;
		if (this.boxes === 1 && !FIRST.includes(type)) this.isMp4 = false;
		if (type === 'meta') this.isPicture = true;
		if (this.boxes > MOST_TOP_BOXES) throw new Unreadable('beyond', 'too many boxes');
		this.type = type;
		this.start = start;
		// What is no box is a trailer, as some cameras write it
		this.end = isPrintable(type) && size >= headBytes ? start + size : Infinity;
		this.isKnown = this.moov !== undefined && type === 'mdat' && this.end === this.told;
		if (type !== 'moof' && (type !== 'moov' || this.moov)) return;
		this.keptBytes += size;
		if (this.keptBytes > MOST_INDEX_BYTES) throw new Unreadable('beyond', 'index of over 8 MB');
		if (this.end === Infinity) throw new Unreadable('damaged', `${type} without a size`);
		this.content = new Uint8Array(size - headBytes);
		this.contentBytes = 0;
	}

	private keep(content: Uint8Array): void {
		if (this.type === 'moov') this.moov = content;
		else this.moofs.push({ content, position: this.start });
		this.content = undefined;
	}

	result(): Scan {
		const { size, moov, moofs, isPicture } = this;
		const isCutOff = Number.isFinite(this.end) && size < this.end && TOP.includes(this.type);
		return { size, isMp4: this.isMp4 && this.boxes > 0, isPicture, isCutOff, moov, moofs };
	}
}

/**
 * Reads a file to its end and keeps its index. With `told`, its size in bytes, no further than to the media data if these
 * are all that follows.
 * @throws Unreadable for a file that passes the bounds; the signal's reason; what the source throws
 */
export async function scanBoxes(
	source: Pieces,
	scheduler: Scheduler,
	told?: number,
): Promise<Scan> {
	const boxes = new TopBoxes(told);
	for await (const piece of source) {
		scheduler.signal?.throwIfAborted();
		if (!boxes.push(piece)) break;
		await scheduler.yield();
	}
	return boxes.result();
}
