// Boxes for tests, written as bytes.

const u32 = (...values: number[]): Buffer => {
	const bytes = Buffer.alloc(values.length * 4);
	values.forEach((value, n) => bytes.writeUInt32BE(value >>> 0, n * 4));
	return bytes;
};

/** A box with all that is in it: numbers take 4 bytes each. */
export const box = (type: string, ...parts: Array<Uint8Array | number>): Buffer => {
	const content = Buffer.concat(parts.map((part) => (typeof part === 'number' ? u32(part) : part)));
	return Buffer.concat([u32(content.length + 8), Buffer.from(type, 'latin1'), content]);
};

const letters = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The tables of a track in `stbl`, of which a test puts one in another's place. */
export interface Tables {
	stsz?: Buffer;
	stts?: Buffer;
	stsc?: Buffer;
	stco?: Buffer;
	more?: Buffer;
	timeScale?: number;
	width?: number;
	height?: number;
	/** The matrix of its track, which turns it. */
	matrix?: number[];
}

/** A film of one frame of 16 bytes, 64 by 64 pixels, that lasts a second; or with other tables. */
export function smallFilm(tables: Tables = {}, afterTrack: Buffer = Buffer.alloc(0)): Buffer {
	const ftyp = box('ftyp', letters('isom'), 512, letters('isom'));
	const mdat = box('mdat', Buffer.alloc(16));
	const {
		stsz = box('stsz', 0, 0, 1, 16),
		stts = box('stts', 0, 1, 1, 1000),
		stsc = box('stsc', 0, 1, 1, 1, 1),
		stco = box('stco', 0, 1, ftyp.length + 8),
		more = Buffer.alloc(0),
		timeScale = 1000,
		width = 64,
		height = 64,
		matrix = Array<number>(9).fill(0),
	} = tables;
	const picture = Buffer.alloc(78);
	picture.writeUInt16BE(width, 24);
	picture.writeUInt16BE(height, 26);
	const stsd = box('stsd', 0, 1, box('avc1', picture));
	const stbl = box('stbl', stsd, stts, stsc, stsz, stco, more);
	const mdia = box(
		'mdia',
		box('mdhd', 0, 0, 0, timeScale, 0, 0),
		box('hdlr', 0, 0, letters('vide'), 0, 0, 0),
		box('minf', stbl),
	);
	const tkhd = box('tkhd', 1, 0, 0, 1, ...Array<number>(6).fill(0), ...matrix, 0, 0);
	const moov = box('moov', box('mvhd', 0, 0, 0, 1000, 0), box('trak', tkhd, mdia), afterTrack);
	return Buffer.concat([ftyp, mdat, moov]);
}

/** A film of `seconds`, with `rate` frames in each, of a byte each. */
export function filmOf(seconds: number, rate = 24, tables: Tables = {}): Buffer {
	const frames = Math.round(seconds * rate);
	return smallFilm({
		stsz: box('stsz', 0, 1, frames),
		stts: box('stts', 0, 1, frames, 1000),
		stsc: box('stsc', 0, 1, 1, frames, 1),
		stco: box('stco', 0, 1, 0),
		more: box('free', Buffer.alloc(frames)),
		timeScale: rate * 1000,
		...tables,
	});
}

/** Bytes of the fields that files of more than 4 GB, or of more than 2^32 units, spell with 8 in place of 4. */
const WIDE: Record<string, number[]> = {
	mvhd: [8, 8, 4, 8],
	tkhd: [8, 8, 4, 4, 8],
	mdhd: [8, 8, 4, 8],
	elst: [8, 8, 4],
};

function widen(content: Buffer, type: string): Buffer {
	const from = type === 'elst' ? 8 : 4;
	const times = type === 'elst' ? content.readUInt32BE(4) : 1;
	const fields = Array<number[]>(times).fill(WIDE[type]).flat();
	const wide = fields.map((bytes, n) => {
		const value = content.readInt32BE(from + 4 * n);
		return bytes === 8 ? u32(value < 0 ? -1 : 0, value) : u32(value);
	});
	const head = Buffer.from(content.subarray(0, from));
	head[0] = 1;
	return Buffer.concat([head, ...wide, content.subarray(from + 4 * fields.length)]);
}

function rewritten(boxes: Buffer, moved: number): Buffer {
	const parts: Buffer[] = [];
	for (let at = 0; at < boxes.length; at += boxes.readUInt32BE(at)) {
		const type = boxes.toString('latin1', at + 4, at + 8);
		const content = boxes.subarray(at + 8, at + boxes.readUInt32BE(at));
		if (type === 'mdat') parts.push(u32(1), letters(type), u32(0, content.length + 16), content);
		else if (type === 'stco') {
			const places = [...Array(content.readUInt32BE(4)).keys()].flatMap((n) => [
				0,
				content.readUInt32BE(8 + 4 * n) + moved,
			]);
			parts.push(box('co64', 0, places.length / 2, ...places));
		} else if (['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts'].includes(type))
			parts.push(box(type, rewritten(content, moved)));
		else parts.push(box(type, type in WIDE ? widen(content, type) : content));
	}
	return Buffer.concat(parts);
}

/** A film whose samples all stand in its index, as files of more than 4 GB spell it: with 64-bit sizes, times and places. */
export function widened(film: Buffer): Buffer {
	// Its index takes another number of bytes, by which the places behind it move
	const grown = rewritten(film, 0).length - film.length;
	return rewritten(film, film.indexOf('moov') < film.indexOf('mdat') ? grown : 8);
}
