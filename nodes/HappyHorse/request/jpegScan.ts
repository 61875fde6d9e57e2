// Whether the pixels of a JPG are all there though its end mark is not: some cameras write a trailer in its place.
import { yielder } from '../util/clock';

/** A header of a JPG; `at` and `end` are its place in the file. */
export interface JpegSegment {
	readonly marker: number;
	/** What stands behind its length. */
	readonly content: Buffer;
	readonly at: number;
	readonly end: number;
}

/** Whether a header tells the pixels: all of 0xc0 to 0xcf but DHT, JPG and DAC do (ITU-T T.81, table B.1). */
export function isFrame({ marker }: Pick<JpegSegment, 'marker'>): boolean {
	return (marker & 0xf0) === 0xc0 && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** The bits of a scan, without the zero that is stuffed behind each 0xff. Behind their end there are only zeros. */
class ScanBits {
	ended = false;
	private byte = 0;
	private left = 0;

	constructor(
		private readonly file: Buffer,
		/** Where the next byte lies. */
		public at: number,
	) {}

	next(): number {
		if (this.left === 0) {
			const byte = this.file[this.at] ?? 0;
			const isMark = byte === 0xff && this.file[this.at + 1] !== 0;
			if (isMark || this.at >= this.file.length) this.ended = true;
			else this.at += byte === 0xff ? 2 : 1;
			this.byte = this.ended ? 0 : byte;
			this.left = 8;
		}
		this.left -= 1;
		return (this.byte >> this.left) & 1;
	}

	skip(count: number): void {
		for (let n = 0; n < count; n += 1) this.next();
	}

	/** Goes on behind a restart mark, which begins a byte. */
	restart(): void {
		const isMark = this.file[this.at] === 0xff && (this.file[this.at + 1] & 0xf8) === 0xd0;
		if (isMark) this.at += 2;
		else this.ended = true;
		this.left = 0;
	}
}

/** Reads the next symbol of a Huffman code (ITU-T T.81, F.2.2.3). */
type ReadSymbol = (bits: ScanBits) => number;

/** `lengths`: how many codes have 1, 2, … 16 bits; `symbols`: theirs, in this order. */
function huffman(lengths: Buffer, symbols: Buffer): ReadSymbol {
	return (bits) => {
		let [code, first, index] = [0, 0, 0];
		for (const count of lengths) {
			code = code * 2 + bits.next();
			if (code - first < count) return symbols[index + code - first] ?? 0;
			index += count;
			first = (first + count) * 2;
		}
		// No code at all
		bits.ended = true;
		return 0;
	};
}

/** The codes that a file defines, by class and number: the later one of two. */
function huffmanCodes(segments: readonly JpegSegment[]): ReadonlyMap<number, ReadSymbol> {
	const codes = new Map<number, ReadSymbol>();
	for (const { content } of segments.filter(({ marker }) => marker === 0xc4)) {
		for (let at = 0; at + 17 <= content.length; ) {
			const lengths = content.subarray(at + 1, at + 17);
			const end = at + 17 + lengths.reduce((sum, count) => sum + count, 0);
			codes.set(content[at], huffman(lengths, content.subarray(at + 17, end)));
			at = end;
		}
	}
	return codes;
}

/** What a scan holds for one colour: blocks in each unit, and the codes of their first and their other coefficients. */
interface ScanComponent {
	readonly blocks: number;
	readonly dc: ReadSymbol;
	readonly ac: ReadSymbol;
}

/** A scan of the simplest kind, which nearly all cameras write: baseline, with all colours in one scan. */
interface BaselineScan {
	/** Groups of blocks, of all colours. */
	readonly units: number;
	readonly components: readonly ScanComponent[];
	/** Units between two restart marks; 0 where there are none. */
	readonly interval: number;
}

function baselineScan(segments: readonly JpegSegment[]): BaselineScan | undefined {
	const frame = segments.find(isFrame);
	const scan = segments.at(-1)?.content ?? Buffer.alloc(0);
	const count = frame?.content.at(5) ?? 0;
	const isBaseline = frame?.marker === 0xc0 || frame?.marker === 0xc1;
	if (!isBaseline || scan[0] !== count || frame.content.length < 6 + 3 * count) return undefined;
	if (scan.length < 1 + 2 * count || count === 0) return undefined;

	const codes = huffmanCodes(segments);
	const factors = Array.from({ length: count }, (_, n) => frame.content[7 + 3 * n]);
	const [across, down] = [factors.map((one) => one >> 4), factors.map((one) => one & 15)];
	const components: ScanComponent[] = [];
	for (let n = 0; n < count; n += 1) {
		const [dc, ac] = [codes.get(scan[2 + 2 * n] >> 4), codes.get(0x10 | (scan[2 + 2 * n] & 15))];
		// 1 to 4 (B.2.2): without blocks, no end would ever be reached
		const isValid = [across[n], down[n]].every((factor) => factor >= 1 && factor <= 4);
		if (dc === undefined || ac === undefined || !isValid) return undefined;
		// A colour alone is not interleaved: each unit is one block (A.2.2)
		components.push({ blocks: count === 1 ? 1 : across[n] * down[n], dc, ac });
	}
	const interval = segments.filter(({ marker }) => marker === 0xdd).at(-1)?.content;
	const along = (at: number, sides: number[]) =>
		Math.ceil(frame.content.readUInt16BE(at) / (8 * (count === 1 ? 1 : Math.max(...sides))));
	return {
		units: along(3, across) * along(1, down),
		components,
		interval: interval !== undefined && interval.length >= 2 ? interval.readUInt16BE(0) : 0,
	};
}

/** Passes over one block of 8 x 8 (F.2.2.1 and F.2.2.2). */
function skipBlock(bits: ScanBits, { dc, ac }: ScanComponent): void {
	bits.skip(dc(bits));
	for (let n = 1; n < 64; n += 1) {
		const symbol = ac(bits);
		const [run, size] = [symbol >> 4, symbol & 15];
		if (size === 0 && run !== 15) return;
		n += run;
		bits.skip(size);
	}
}

/** Units that take about a millisecond. */
const UNITS_AT_ONCE = 100;

/** Zeros in a row with which no scan ends that shows anything: a file that was cut off may be filled up with them. */
const FILLING = 16;

/**
 * Whether the scan behind the last of `segments` goes on to the last line of the image, by counting its blocks, and
 * something follows in place of the end mark. False where that can't be told: only baseline is looked at. Yields to the
 * event loop.
 */
export async function reachesLastLine(
	file: Buffer,
	segments: readonly JpegSegment[],
): Promise<boolean> {
	const scan = baselineScan(segments);
	if (scan === undefined) return false;
	const { units, components, interval } = scan;
	const bits = new ScanBits(file, segments.at(-1)?.end ?? 0);
	const yieldNow = yielder();
	for (let unit = 0; unit < units && !bits.ended; unit += 1) {
		if (interval > 0 && unit > 0 && unit % interval === 0) bits.restart();
		for (const component of components) {
			for (let block = 0; block < component.blocks; block += 1) skipBlock(bits, component);
		}
		if (unit % UNITS_AT_ONCE === 0) await yieldNow();
	}
	const hasTrailer = !bits.ended && bits.at + 2 <= file.length;
	return hasTrailer && file.subarray(bits.at - FILLING, bits.at).some((byte) => byte !== 0);
}
