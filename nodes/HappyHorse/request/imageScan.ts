// PNG and WebP, walked while their bytes come: what tells their size is kept, and whether their end has come.

/** Takes an image piece by piece, in one pass and with little memory. */
export interface ImageScan {
	/** Takes the next piece. */
	push(piece: Buffer): void;
	/** As much of the beginning as tells the pixels; undefined while it has not come. At most 128 kB. */
	readonly head: Buffer | undefined;
	/** Whether the end of the image has come. */
	readonly whole: boolean;
}

/** Bytes of the beginning of a PNG or WebP that tell its pixels, and some more. */
const HEAD_BYTES = 64;

/** Bytes of a PNG's mark, of the beginning of one of its chunks, and of the checksum at a chunk's end. */
const PNG_MARK_BYTES = 8;
const CHUNK_HEAD_BYTES = 8;
const CHECKSUM_BYTES = 4;

/** The type of its last chunk, `IEND`, as a number. */
const PNG_END = 0x49454e44;

/** `head` with more of the file, up to {@link HEAD_BYTES}. */
function longer(head: Buffer, piece: Buffer): Buffer {
	const missing = HEAD_BYTES - head.length;
	return missing > 0 ? Buffer.concat([head, piece.subarray(0, missing)]) : head;
}

/** A PNG, chunk by chunk: its end is its chunk IEND, whatever stands behind. */
export class PngScan implements ImageScan {
	head: Buffer = Buffer.alloc(0);
	whole = false;
	/** Bytes to skip before the next chunk. */
	private skip = PNG_MARK_BYTES;
	private carry: Buffer = Buffer.alloc(0);

	push(piece: Buffer): void {
		this.head = longer(this.head, piece);
		const bytes = this.carry.length === 0 ? piece : Buffer.concat([this.carry, piece]);
		let at = 0;
		while (!this.whole) {
			const step = Math.min(this.skip, bytes.length - at);
			this.skip -= step;
			at += step;
			if (this.skip > 0 || at + CHUNK_HEAD_BYTES > bytes.length) break;
			this.whole = bytes.readUInt32BE(at + 4) === PNG_END;
			this.skip = CHUNK_HEAD_BYTES + bytes.readUInt32BE(at) + CHECKSUM_BYTES;
		}
		this.carry = Buffer.from(this.whole ? [] : bytes.subarray(at));
	}
}

/** A WebP: its header tells its length. */
export class WebpScan implements ImageScan {
	head: Buffer = Buffer.alloc(0);
	private size = 0;

	push(piece: Buffer): void {
		this.head = longer(this.head, piece);
		this.size += piece.length;
	}

	get whole(): boolean {
		return this.head.length >= 8 && this.head.readUInt32LE(4) + 8 <= this.size;
	}
}
