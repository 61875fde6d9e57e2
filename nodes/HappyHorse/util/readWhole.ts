// A file that comes in pieces, as one buffer.
import { yieldNow } from './clock';

/**
 * All bytes of a source, of which there may be `maxBytes`; undefined as soon as there are more. Yields to the event loop.
 * @throws what the source throws
 */
export async function readWhole(
	source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	maxBytes: number,
): Promise<Buffer | undefined> {
	const pieces: Uint8Array[] = [];
	let size = 0;
	for await (const piece of source) {
		size += piece.length;
		if (size > maxBytes) return undefined;
		pieces.push(piece);
		await yieldNow();
	}
	return Buffer.concat(pieces, size);
}
