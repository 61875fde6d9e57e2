// A JPG, walked header by header while its bytes come: only what tells its size and how it is turned is kept.
import type { ImageScan } from './imageScan';

/** Marker bytes: ITU-T T.81, table B.1. */
const FILL = 0xff;
const START_OF_SCAN = 0xda;
const APP1 = 0xe1;
const SHORTEST_SEGMENT = 2;

const END_MARK = Buffer.from([0xff, 0xd9]);
const EXIF = Buffer.from('Exif');

/** The mark that starts a JPG, and a header without content: image-size skips the first header unseen. */
const START = Buffer.from([0xff, 0xd8]);
const EMPTY_HEADER = Buffer.from([0xff, 0xe0, 0, 2]);

/** Whether a marker stands alone, without a length behind it. */
function standsAlone(marker: number): boolean {
	return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd9);
}

/** Whether a marker starts a frame header, which tells the size: all of 0xc0 to 0xcf but DHT, JPG and DAC. */
function startsFrame(marker: number): boolean {
	return (marker & 0xf0) === 0xc0 && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** See above. Headers of any length are skipped, and whatever stands between them; each byte is looked at once. */
export class JpegScan implements ImageScan {
	/** Bytes of the current header that are still to come. */
	private left = 0;
	/** The current header, where it is kept. */
	private parts: Buffer[] | undefined;
	private exif: Buffer | undefined;
	private frame: Buffer | undefined;
	private scanning = false;
	private sawEnd = false;
	/** Whether the last byte of the pixels may be the first of the mark at the end. */
	private endsInMark = false;
	/** The first bytes of a header, which need the next piece to make sense. */
	private carry: Buffer = Buffer.alloc(0);

	push(piece: Buffer): void {
		if (this.scanning) {
			this.findEnd(piece);
			return;
		}
		const bytes = this.carry.length === 0 ? piece : Buffer.concat([this.carry, piece]);
		let at = 0;
		while (at < bytes.length && !this.scanning) {
			const next = this.left > 0 ? this.takeHeader(bytes, at) : this.findHeader(bytes, at);
			if (next === undefined) break;
			at = next;
		}
		if (this.scanning) this.findEnd(bytes.subarray(at));
		else this.carry = Buffer.from(bytes.subarray(at));
	}

	/** Looks for the end among the pixels, without a copy of them. */
	private findEnd(pixels: Buffer): void {
		this.sawEnd ||= this.endsInMark && pixels[0] === END_MARK[1];
		this.sawEnd ||= pixels.includes(END_MARK);
		if (pixels.length > 0) this.endsInMark = pixels[pixels.length - 1] === END_MARK[0];
	}

	/** The beginning of the file as image-size needs it, and nothing else; undefined while it has not come. */
	get head(): Buffer | undefined {
		return this.frame && Buffer.concat([START, this.exif ?? EMPTY_HEADER, this.frame]);
	}

	get whole(): boolean {
		return this.sawEnd;
	}

	/** Takes what is there of the current header; where it goes on. */
	private takeHeader(bytes: Buffer, at: number): number {
		const end = Math.min(bytes.length, at + this.left);
		this.parts?.push(Buffer.from(bytes.subarray(at, end)));
		this.left -= end - at;
		if (this.left === 0 && this.parts !== undefined) this.keep(Buffer.concat(this.parts));
		return end;
	}

	private keep(header: Buffer): void {
		this.parts = undefined;
		if (header[1] === APP1) this.exif = header;
		else this.frame = header;
	}

	/** Looks for the next header from `at` on; where to go on, or undefined when more bytes are needed. */
	private findHeader(bytes: Buffer, from: number): number | undefined {
		const at = bytes[from] === FILL ? from : bytes.indexOf(FILL, from);
		if (at === -1) return bytes.length;
		if (at + 4 > bytes.length) return at === from ? undefined : at;
		const marker = bytes[at + 1];
		if (marker === FILL) return at + 1;
		if (marker === START_OF_SCAN) this.scanning = true;
		if (this.scanning || standsAlone(marker)) return at + 2;
		const length = bytes.readUInt16BE(at + 2);
		if (length < SHORTEST_SEGMENT) return at + 2;
		const mayBeExif = marker === APP1 && length > EXIF.length + 2;
		if (mayBeExif && at + 4 + EXIF.length > bytes.length) return at === from ? undefined : at;
		const end = at + 2 + length;
		const isExif = mayBeExif && bytes.subarray(at + 4, at + 4 + EXIF.length).equals(EXIF);
		const wanted = isExif ? this.exif === undefined : startsFrame(marker);
		if (!wanted && end <= bytes.length) return end;
		this.left = end - at;
		if (wanted && this.frame === undefined) this.parts = [];
		return at;
	}
}
