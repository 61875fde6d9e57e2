// The bytes of a joined film behind its index: the samples of the clips, copied as they are.
import type { Scheduler, Pieces } from './boxes';
import type { Clip, Layout } from './layout';
import { SILENCE } from './layout';

/** A file that can be read again and again, from its beginning. */
export interface Source {
	/** In bytes, where it is known beforehand. */
	readonly size?: number;
	open(): Promise<Pieces>;
}

/** A file is not the same as when it was looked at. */
export class FileChanged extends Error {
	constructor(readonly clip: number) {
		super(`Clip ${clip} has changed while it was read`);
	}
}

const NOTHING = new Uint8Array(0);

/** A file in memory: the pieces in which it came, and where each of them begins, in bytes. */
interface Loaded {
	readonly pieces: readonly Uint8Array[];
	readonly starts: readonly number[];
}

const NO_FILE: Loaded = { pieces: [], starts: [] };

/** @throws FileChanged if clip number `clip` has not `size` bytes any more */
async function load(
	source: Source,
	clip: number,
	size: number,
	scheduler: Scheduler,
): Promise<Loaded> {
	const pieces: Uint8Array[] = [];
	const starts: number[] = [];
	let bytes = 0;
	for await (const piece of await source.open()) {
		scheduler.signal?.throwIfAborted();
		starts.push(bytes);
		pieces.push(piece);
		bytes += piece.length;
		if (bytes > size) break;
		await scheduler.yield();
	}
	if (bytes !== size) throw new FileChanged(clip);
	return { pieces, starts };
}

/** The bytes of a file from `from` to `to`: views of its pieces. */
function* bytesOf({ pieces, starts }: Loaded, from: number, to: number): Generator<Uint8Array> {
	let [first, behind] = [0, starts.length];
	while (behind - first > 1) {
		const middle = (first + behind) >> 1;
		if (starts[middle] <= from) first = middle;
		else behind = middle;
	}
	for (let n = first; n < pieces.length && starts[n] < to; n++)
		yield pieces[n].subarray(Math.max(0, from - starts[n]), to - starts[n]);
}

/** Samples after which others get their turn, however small they are. */
const SLICE = 1000;

/**
 * The samples of a film in their order, as views of the clips' bytes; of the clips, one at a time is read into memory.
 * @param voice the sound track that takes the place of the clips' sound
 * @throws FileChanged; the signal's reason; what a source throws
 */
export async function* samplesOf(
	layout: Layout,
	clips: readonly Clip[],
	sources: readonly Source[],
	voice: Uint8Array | undefined,
	scheduler: Scheduler,
): AsyncGenerator<Uint8Array, void> {
	const voiceFile = voice && { pieces: [voice], starts: [0] };
	let [loaded, file] = [-1, NO_FILE];
	for (const { of, clip, from, to } of layout.chunks) {
		const { film, prefix } = clips[clip];
		if (loaded !== clip) {
			// Of two clips, one is let go before the next is read
			file = NO_FILE;
			file = await load(sources[clip], clip, film.size, scheduler);
			loaded = clip;
		}
		const { positions, sizes, keys } = layout[of];
		const bytes = (of === 'sound' && voiceFile) || file;
		for (let n = from; n < to; n++) {
			if (n % SLICE === 0) await scheduler.yield();
			const before = of === 'picture' && keys[n] === 1 ? prefix : NOTHING;
			if (before.length > 0) yield before;
			if (positions[n] === SILENCE) yield layout.format?.silence ?? NOTHING;
			else yield* bytesOf(bytes, positions[n], positions[n] + sizes[n] - before.length);
		}
	}
}

/** Bytes that are handed on as they lie in memory. Copies of all would be garbage as large as the film. */
const LARGE = 64 * 1024;

/** The same bytes without small pieces: those are put together. */
export async function* inLargePieces(
	pieces: AsyncIterable<Uint8Array>,
	scheduler: Scheduler,
): AsyncGenerator<Uint8Array, void> {
	let [slab, start, end] = [NOTHING, 0, 0];
	for await (const piece of pieces) {
		const isLarge = piece.length >= LARGE;
		if (end > start && (isLarge || end + piece.length > slab.length)) {
			yield slab.subarray(start, end);
			start = end;
		}
		if (isLarge) {
			yield piece;
			scheduler.signal?.throwIfAborted();
			await scheduler.yield();
			continue;
		}
		if (end + piece.length > slab.length) {
			[slab, start, end] = [Buffer.allocUnsafeSlow(8 * LARGE), 0, 0];
			scheduler.signal?.throwIfAborted();
			await scheduler.yield();
		}
		slab.set(piece, end);
		end += piece.length;
	}
	if (end > start) yield slab.subarray(start, end);
}
