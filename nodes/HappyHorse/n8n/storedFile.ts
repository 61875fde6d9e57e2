// A file that n8n keeps: in a storage of its own under an id, or as base64 in the item itself.
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

/** Bytes of a file. n8n 1 does not count them in the item. */
export async function storedBytes(
	context: IExecuteFunctions,
	{ id, data, bytes }: IBinaryData,
): Promise<number> {
	if (id === undefined) return Buffer.byteLength(data, 'base64');
	return bytes ?? (await context.helpers.getBinaryMetadata(id)).fileSize;
}
