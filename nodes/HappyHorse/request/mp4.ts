// What an MP4 or MOV says of itself in its box `moov` (ISO 14496-12): seconds and pixels. Nothing here throws, and what
// can't be read is undefined.

/** What a video file says of itself, as far as it can be read. */
export interface VideoFacts {
	/** Undefined where it is not told, as in a file that was made while it was streamed. */
	readonly seconds: number | undefined;
	/** Of its largest video track, before it is turned; undefined where that is not told. */
	readonly pixels: { readonly width: number; readonly height: number } | undefined;
	/** It tells of all its tracks, and all of them are sound. */
	readonly soundOnly: boolean;
}

/** Boxes in one box that are looked at: a track has about ten, a file a few tracks. */
const MOST_BOXES = 100;

/** Bytes of a box's head: size and type; with a size of 64 bits, twice as many. */
const HEAD_BYTES = 8;

interface Box {
	readonly type: string;
	readonly content: Buffer;
}

/** The boxes in `bytes`, up to the first that is not whole. */
function boxesIn(bytes: Buffer): Box[] {
	const boxes: Box[] = [];
	let at = 0;
	while (at + HEAD_BYTES <= bytes.length && boxes.length < MOST_BOXES) {
		const size = bytes.readUInt32BE(at);
		// 0 (to the end) and 1 (64 bits) are only for what is too large for a `moov`
		if (size < HEAD_BYTES || at + size > bytes.length) break;
		const type = bytes.toString('latin1', at + 4, at + HEAD_BYTES);
		boxes.push({ type, content: bytes.subarray(at + HEAD_BYTES, at + size) });
		at += size;
	}
	return boxes;
}

function boxIn(bytes: Buffer | undefined, type: string): Buffer | undefined {
	return bytes && boxesIn(bytes).find((box) => box.type === type)?.content;
}

/** The duration that `mvhd` tells: time scale and duration stand behind two times of 4 or, in version 1, 8 bytes. */
function secondsOf(mvhd: Buffer | undefined): number | undefined {
	if (mvhd === undefined || mvhd.length < 32) return undefined;
	const wide = mvhd[0] === 1;
	const scale = mvhd.readUInt32BE(wide ? 20 : 12);
	const duration = wide ? Number(mvhd.readBigUInt64BE(24)) : mvhd.readUInt32BE(16);
	// All bits set: not known (8.2.2.3)
	const unknown = duration === 0 || duration === 0xffffffff || duration >= 2 ** 63;
	return scale === 0 || unknown ? undefined : duration / scale;
}

/** Width and height, in 65536ths of a pixel, are the last two fields of `tkhd`. */
function pixelsOf(tkhd: Buffer | undefined): VideoFacts['pixels'] {
	const at = tkhd?.[0] === 1 ? 88 : 76;
	if (tkhd === undefined || at + 8 > tkhd.length) return undefined;
	const [width, height] = [at, at + 4].map((field) => Math.round(tkhd.readUInt32BE(field) / 65536));
	return width === 0 || height === 0 ? undefined : { width, height };
}

/** The kind of a track, such as `vide` or `soun`: `hdlr` names it behind version, flags and 4 more bytes. */
function kindOf(trak: Buffer): string | undefined {
	const hdlr = boxIn(boxIn(trak, 'mdia'), 'hdlr');
	return hdlr && hdlr.length >= 12 ? hdlr.toString('latin1', 8, 12) : undefined;
}

/** Reads the content of a box `moov`. */
export function readMoov(moov: Buffer): VideoFacts {
	const boxes = boxesIn(moov);
	const tracks = boxes.filter(({ type }) => type === 'trak').map(({ content }) => content);
	const kinds = tracks.map(kindOf);
	const sizes = tracks
		.filter((_, n) => kinds[n] === 'vide')
		.flatMap((track) => pixelsOf(boxIn(track, 'tkhd')) ?? [])
		.sort((one, other) => other.width * other.height - one.width * one.height);
	const seconds = secondsOf(boxes.find(({ type }) => type === 'mvhd')?.content);
	const known = kinds.length > 0 && kinds.every((kind) => kind !== undefined);
	return { seconds, pixels: sizes.at(0), soundOnly: known && kinds.every((k) => k === 'soun') };
}

/** Bytes of a `moov` that are taken in: one of an hour of film has less. */
const LARGEST_MOOV = 1024 * 1024;

/** Boxes of a file that are passed over in search of its `moov`: a streamed file has thousands, and `moov` before them. */
const MOST_PASSED = 100;

/** The head of a box in a file. */
interface Head {
	readonly type: string;
	/** Bytes of the head itself, and those that follow it. */
	readonly bytes: number;
	readonly content: number;
}

/** The head at `at`; undefined while more bytes are needed. Its content is NaN where no box can be there. */
function headAt(bytes: Buffer, at: number): Head | undefined {
	if (at + HEAD_BYTES > bytes.length) return undefined;
	const type = bytes.toString('latin1', at + 4, at + HEAD_BYTES);
	const size = bytes.readUInt32BE(at);
	if (!/^[\x20-\x7e\xa9]+$/.test(type)) return { type, bytes: HEAD_BYTES, content: NaN };
	if (size !== 1) return { type, bytes: HEAD_BYTES, content: size - HEAD_BYTES };
	if (at + 2 * HEAD_BYTES > bytes.length) return undefined;
	const wide = Number(bytes.readBigUInt64BE(at + HEAD_BYTES));
	return { type, bytes: 2 * HEAD_BYTES, content: wide - 2 * HEAD_BYTES };
}

/** Finds the `moov` of a file whose pieces come one after another, wherever it stands; holds nothing else. */
export class MoovFinder {
	/** Its content, once it has come. */
	moov: Buffer | undefined;
	/** Whether the rest of the file need not be read: the `moov` has come, or there is none that can be taken in. */
	done = false;
	/** Bytes of the current box that are still to come. */
	private left = 0;
	/** The pieces of the `moov`, inside of it. */
	private parts: Buffer[] | undefined;
	private passed = 0;
	/** A part of a head. */
	private carry = Buffer.alloc(0);

	/** Takes the next piece. */
	push(piece: Uint8Array): void {
		const bytes =
			this.carry.length > 0
				? Buffer.concat([this.carry, piece])
				: Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
		this.carry = Buffer.alloc(0);
		for (let at = 0; at < bytes.length && !this.done; ) {
			const end = Math.min(bytes.length, at + this.left);
			this.parts?.push(Buffer.from(bytes.subarray(at, end)));
			this.left -= end - at;
			at = end;
			if (this.left > 0) return;
			if (this.parts !== undefined) return this.finish();
			const head = headAt(bytes, at);
			if (head === undefined) this.carry = Buffer.from(bytes.subarray(at));
			if (head === undefined) return;
			this.enter(head);
			at += head.bytes;
		}
	}

	private finish(): void {
		this.moov = this.parts && Buffer.concat(this.parts);
		this.done = true;
	}

	private enter({ type, content }: Head): void {
		this.passed += 1;
		this.left = content;
		// Not of any box, or (size 0) of one that goes on to the end of the file
		this.done = !(content >= 0) || this.passed > MOST_PASSED;
		if (type !== 'moov') return;
		this.parts = [];
		this.done ||= content > LARGEST_MOOV;
	}
}
