// A file that comes in pieces, as one buffer.
import { yieldNow } from './clock';

/** All bytes of a source, or the first of them, as soon as there are more than `maxBytes`. @throws what the source throws */
export async function readWhole(
	source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	maxBytes = Infinity,
): Promise<Buffer> {
	const pieces: Uint8Array[] = [];
	let size = 0;
	for await (const piece of source) {
		pieces.push(piece);
		size += piece.length;
		if (size > maxBytes) break;
		await yieldNow();
	}
	return Buffer.concat(pieces, size);
}
