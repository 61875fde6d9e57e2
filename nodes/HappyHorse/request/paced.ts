// Pieces of a file that are handed on one at a time, with room for others in between.
import { pacer } from '../clock';
import type { ByteSource } from '../order';

/** The same pieces; between two of them, timers, requests and other executions have their turn. */
export async function* paced(source: ByteSource): AsyncGenerator<Uint8Array, void> {
	const pace = pacer();
	for await (const piece of source) {
		yield piece;
		await pace();
	}
}
