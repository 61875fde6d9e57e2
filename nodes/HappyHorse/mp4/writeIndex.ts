// The head of a joined film: `ftyp`, `moov` and the first bytes of `mdat` (ISO/IEC 14496-12).
import type { Scheduler } from './boxes';
import type { Film } from './facts';
import type { Layout } from './layout';
import type { SampleList } from './samples';
import type { SoundFormat } from './sound';

/** Numbers of 32 bits, of which there may be many. */
class Words {
	private bytes = Buffer.alloc(1024);
	length = 0;

	push(...values: number[]): void {
		if ((this.length + values.length) * 4 > this.bytes.length)
			this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length)]);
		for (const value of values) this.set(this.length++, value);
	}

	/** A value of a table of runs: how many there are of it in a row, and itself. */
	pushRun(value: number): void {
		const last = this.length - 1;
		if (last > 0 && this.get(last) === value) this.set(last - 1, this.get(last - 1) + 1);
		else this.push(1, value);
	}

	get(n: number): number {
		return this.bytes.readUInt32BE(n * 4);
	}

	private set(n: number, value: number): void {
		this.bytes.writeUInt32BE(value >>> 0, n * 4);
	}

	done(): Buffer {
		return this.bytes.subarray(0, this.length * 4);
	}
}

const words = (...values: number[]): Buffer => {
	const list = new Words();
	list.push(...values);
	return list.done();
};

const text = (letters: string): Buffer => Buffer.from(letters, 'latin1');

/** A box with all that is in it: numbers take 4 bytes each. */
const box = (type: string, ...parts: Array<Uint8Array | number>): Buffer => {
	const all = parts.map((part) => (typeof part === 'number' ? words(part) : part));
	const bytes = all.reduce((sum, part) => sum + part.length, 8);
	return Buffer.concat([words(bytes), text(type), ...all]);
};

/** Entries after which others get their turn. */
const SLICE = 5000;

/** What `add` writes for each of `count` samples. @throws the signal's reason */
async function tableOf(
	count: number,
	add: (table: Words, n: number) => unknown,
	scheduler: Scheduler,
): Promise<Words> {
	const table = new Words();
	for (let n = 0; n < count; n++) {
		add(table, n);
		if (n % SLICE === 0) await scheduler.yield();
	}
	scheduler.signal?.throwIfAborted();
	return table;
}

/** Files of which some part lies behind what 32 bits can tell, with room for a head of 64 MB. */
const isLarge = ({ bytes }: Layout): boolean => bytes > 2 ** 32 - 2 ** 26;

/** The tables of a track; chunk offsets are counted from `dataAt` on. */
async function sampleTables(
	layout: Layout,
	of: 'picture' | 'sound',
	description: Buffer,
	dataAt: number,
	scheduler: Scheduler,
): Promise<Buffer> {
	const list: SampleList = layout[of];
	const { count, times, shifts, sizes, keys } = list;
	const chunks = layout.chunks.filter((chunk) => chunk.of === of);
	const stts = await tableOf(count, (to, n) => to.pushRun(times[n + 1] - times[n]), scheduler);
	const ctts = await tableOf(count, (to, n) => to.pushRun(shifts[n]), scheduler);
	const stss = await tableOf(count, (to, n) => keys[n] === 1 && to.push(n + 1), scheduler);
	const stsz = await tableOf(count, (to, n) => to.push(sizes[n]), scheduler);
	const perChunk = chunks.map(({ from, to }) => to - from);
	const stsc = perChunk.flatMap((samples, n) =>
		samples === perChunk[n - 1] ? [] : [[n + 1, samples, 1]],
	);
	const offsets = chunks.flatMap(({ offset }) => {
		const at = dataAt + offset;
		return isLarge(layout) ? [Math.floor(at / 2 ** 32), at] : [at];
	});
	const packed = async (values: number[]): Promise<Buffer> =>
		(await tableOf(values.length, (to, n) => to.push(values[n]), scheduler)).done();
	return box(
		'stbl',
		box('stsd', 0, 1, description),
		box('stts', 0, stts.length / 2, stts.done()),
		...(ctts.length > 2 || ctts.get(1) > 0 ? [box('ctts', 0, ctts.length / 2, ctts.done())] : []),
		...(stss.length < count ? [box('stss', 0, stss.length, stss.done())] : []),
		box('stsc', 0, stsc.length, await packed(stsc.flat())),
		box('stsz', 0, 0, count, stsz.done()),
		box(isLarge(layout) ? 'co64' : 'stco', 0, chunks.length, await packed(offsets)),
	);
}

const UNITY = words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** "und": the language is not told. */
const LANGUAGE = 0x55c40000;

/** A descriptor of fewer than 128 bytes (14496-1, 8.3.3). */
const descriptor = (tag: number, ...parts: Uint8Array[]): Buffer => {
	const content = Buffer.concat(parts);
	return Buffer.concat([Buffer.from([tag, content.length]), content]);
};

/** The description of sound: what decodes it, how many channels, how many samples a second. */
function soundDescription({ objectType, config, channels, rate }: SoundFormat): Buffer {
	// A stream of sound; sizes and rates of its bits are not told
	const decoder = descriptor(
		4,
		Buffer.from([objectType, 0x15]),
		Buffer.alloc(11),
		...(config.length > 0 ? [descriptor(5, config)] : []),
	);
	const es = descriptor(3, Buffer.alloc(3), decoder, descriptor(6, Buffer.from([2])));
	// 16 bits a sample, as the format has it for all sound that is compressed
	return box(
		'mp4a',
		0,
		1,
		0,
		0,
		(channels << 16) | 16,
		0,
		rate < 2 ** 16 ? rate << 16 : 0,
		box('esds', 0, es),
	);
}

/** A track; `length` is in units of the film, `duration` in its own. */
function track(
	kind: 'vide' | 'soun',
	length: number,
	duration: number,
	mediaStart: number,
	timeScale: number,
	head: Buffer,
	tables: Buffer,
): Buffer {
	const isSound = kind === 'soun';
	const id = isSound ? 2 : 1;
	const volume = isSound ? 0x01000000 : 0;
	return box(
		'trak',
		box('tkhd', 3, 0, 0, id, 0, length, 0, 0, 0, volume, head),
		box('edts', box('elst', 0, 1, length, mediaStart, 0x10000)),
		box(
			'mdia',
			box('mdhd', 0, 0, 0, timeScale, duration, LANGUAGE),
			box('hdlr', 0, 0, text(kind), 0, 0, 0, Buffer.alloc(1)),
			box(
				'minf',
				isSound ? box('smhd', 0, 0) : box('vmhd', 1, 0, 0),
				box('dinf', box('dref', 0, 1, box('url ', 1))),
				tables,
			),
		),
	);
}

/** All that stands before the samples of a film. @throws the signal's reason */
export async function writeHead(
	first: Film,
	layout: Layout,
	scheduler: Scheduler,
): Promise<Buffer> {
	const { timeScale, length, picture, sound, format, delay, bytes } = layout;
	const { description, matrix } = first.picture;
	const { coded, pixelAspect } = first.facts;
	const size = words(Math.round(coded.width * pixelAspect) << 16, coded.height << 16);
	const turn = matrix.length === 36 ? matrix : UNITY;
	const pictureHead = Buffer.concat([turn, size]);
	const ftyp = box('ftyp', text('isom'), 512, text('isomiso2mp41'));
	const mdat = isLarge(layout)
		? Buffer.concat([words(1), text('mdat'), words(Math.floor((bytes + 16) / 2 ** 32), bytes + 16)])
		: Buffer.concat([words(bytes + 8), text('mdat')]);
	const moov = async (dataAt: number): Promise<Buffer> => {
		const tables = async (of: 'picture' | 'sound', entry: Buffer): Promise<Buffer> =>
			await sampleTables(layout, of, entry, dataAt, scheduler);
		const pictures = await tables('picture', box(description.type, description.content));
		const tracks = [
			track('vide', length, picture.times[picture.count], delay, timeScale, pictureHead, pictures),
		];
		if (format && sound.count > 0) {
			const duration = sound.count * format.packet;
			const lasts = Math.min(length, Math.round((duration * timeScale) / format.rate));
			const head = Buffer.concat([UNITY, words(0, 0)]);
			const sounds = await tables('sound', soundDescription(format));
			tracks.push(track('soun', lasts, duration, 0, format.rate, head, sounds));
		}
		const mvhd = box(
			'mvhd',
			0,
			0,
			0,
			timeScale,
			length,
			0x10000,
			0x01000000,
			0,
			0,
			UNITY,
			Buffer.alloc(24),
			3,
		);
		return box('moov', mvhd, ...tracks);
	};
	// Its length does not depend on where the data are
	const before = ftyp.length + (await moov(0)).length + mdat.length;
	return Buffer.concat([ftyp, await moov(before), mdat]);
}
