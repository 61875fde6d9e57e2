// A file that n8n keeps: in a storage of its own under an id, or as base64 in the item itself.
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { ByteSource } from '../domain/order';
import { yieldNow } from '../util/clock';
import { readWhole } from '../util/readWhole';

/** Bytes of a file. n8n 1 does not count them in the item. */
export async function storedBytes(
	context: IExecuteFunctions,
	{ id, data, bytes }: IBinaryData,
): Promise<number> {
	if (id === undefined) return Buffer.byteLength(data, 'base64');
	return bytes ?? (await context.helpers.getBinaryMetadata(id)).fileSize;
}

/** Letters of base64 that are decoded at once: about a millisecond of work, and a multiple of four. */
const PIECE_LETTERS = 256 * 1024;

/** Bytes that are read from a disk at once: in Node's own pieces of 64 kB, reading takes nine times as long. */
const PIECE_BYTES = 512 * 1024;

/** The bytes of a file, from the first on, in pieces. Between those of one in memory, others have their turn. */
export async function openStored(
	{ helpers }: IExecuteFunctions,
	{ id, data }: IBinaryData,
): Promise<ByteSource> {
	if (id !== undefined) return await helpers.getBinaryStream(id, PIECE_BYTES);
	async function* decoded() {
		for (let at = 0; at < data.length; at += PIECE_LETTERS) {
			yield Buffer.from(data.slice(at, at + PIECE_LETTERS), 'base64');
			await yieldNow();
		}
	}
	return decoded();
}

/** Where copies are noted in a node's context: the id of each by that of the original. */
const SLOT = 'happyHorseCopies';

/**
 * A file that is there for as long as the execution is: itself, or a copy that is made once. What a Webhook or a Form has
 * received lies under `executions/temp/`, and n8n moves it when this execution ends; older n8n deletes it when any ends.
 * @throws Error where n8n no longer has the file, or can't store its copy
 */
export async function lastingFile(
	context: IExecuteFunctions,
	binary: IBinaryData,
): Promise<IBinaryData> {
	const { id, fileName = 'file', mimeType } = binary;
	if (id === undefined || !id.includes('/temp/')) return binary;
	const { helpers } = context;
	const saved = context.getContext('node');
	const copies: Record<string, unknown> = { ...Object(saved[SLOT]) };
	const known = copies[id];
	if (typeof known === 'string') {
		// A retry has the note of an execution whose files may be gone
		const isThere = await helpers.getBinaryMetadata(known).catch(() => undefined);
		if (isThere) return { ...binary, id: known };
	}
	const stream = await helpers.getBinaryStream(id);
	const copy = await helpers.prepareBinaryData(stream, fileName, mimeType);
	saved[SLOT] = { ...copies, [id]: copy.id };
	return copy;
}

/** Whether n8n keeps the file `id` on a disk: only from there it reads, and only there it writes, piece by piece. */
export function isOnDisk(id: string | undefined): boolean {
	return id?.startsWith('filesystem') ?? false;
}

/**
 * Stores bytes as they come. `example`: n8n's id of any file; undefined where it keeps its files in memory.
 * @throws what `pieces` throws; Error where n8n can't store them
 */
export async function storePieces(
	{ helpers }: IExecuteFunctions,
	pieces: AsyncIterable<Uint8Array>,
	example: string | undefined,
	fileName: string,
	mimeType: string,
): Promise<IBinaryData> {
	if (example === undefined)
		return await helpers.prepareBinaryData(await readWhole(pieces), fileName, mimeType);
	// A node can't import the class of streams, but n8n hands out some of it
	const stream = await helpers.getBinaryStream(example);
	stream.destroy();
	type From = (pieces: AsyncIterable<Uint8Array>, options: object) => typeof stream;
	const from: From = Reflect.get(stream.constructor, 'from');
	return await helpers.prepareBinaryData(from(pieces, { objectMode: false }), fileName, mimeType);
}
