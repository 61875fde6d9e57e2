// The JSON body of an order with images in it: one buffer of the right size, filled from streams.
import type { ByteSource, Image } from '../domain/order';
import { pacer } from '../util/clock';

/** What stands in a body for the bytes of an image until they are filled in. Not valid in any URL. */
const PLACEHOLDER = '<image>';

/**
 * Where it stands. No text can look like it together with the key before it, since JSON writes a backslash before each
 * quote inside a text.
 */
const PLACE = new RegExp(`(?<="url":)"${PLACEHOLDER}"`);

/** Characters of base64 that `bytes` bytes make. */
function base64Length(bytes: number): number {
	return Math.ceil(bytes / 3) * 4;
}

/** Where a written file ended in the body, and the bytes that were read of it. */
interface Written {
	readonly end: number;
	readonly size: number;
}

/** Bytes that base64 turns over together. */
const GROUP = 3;

/**
 * Writes a file as base64 into `target` from `at` on. Pieces are cut at multiples of three bytes, so that their base64
 * can be joined; they are not copied.
 */
async function writeBase64(target: Buffer, at: number, source: ByteSource): Promise<Written> {
	let end = at;
	let size = 0;
	const write = (bytes: Buffer): void => {
		end += target.write(bytes.toString('base64'), end, 'latin1');
	};
	let rest = Buffer.alloc(0);
	const pace = pacer();
	for await (const { buffer, byteOffset, length } of source) {
		const piece = Buffer.from(buffer, byteOffset, length);
		size += length;
		const missing = rest.length === 0 ? 0 : GROUP - rest.length;
		const group = Buffer.concat([rest, piece.subarray(0, missing)]);
		const from = Math.min(missing, length);
		const to = length - ((length - from) % GROUP);
		if (group.length % GROUP !== 0) {
			rest = group;
			continue;
		}
		write(group);
		write(piece.subarray(from, to));
		rest = Buffer.from(piece.subarray(to));
		await pace();
	}
	write(rest);
	return { end, size };
}

/** What a field `url` of the body says for an image, before its bytes are filled in. */
export function imageUrl(image: Image): string {
	return image.kind === 'link' ? image.url : PLACEHOLDER;
}

/**
 * Reads the files among `images` and writes `fields` as UTF-8 JSON, with their bytes where {@link imageUrl} stands: as
 * `data:` URLs with the type that was found in them. Undefined when a file is no longer as long as when it was checked.
 */
export async function jsonBody(
	fields: object,
	images: readonly Image[],
): Promise<Buffer | undefined> {
	const files = images.filter((image) => image.kind === 'bytes');
	const parts = JSON.stringify(fields).split(PLACE);
	// Behind the last image stand only extra parameters, which may say anything
	const rest = parts.slice(files.length).join(`"${PLACEHOLDER}"`);
	const texts = [...parts.slice(0, files.length), rest].map((text) => Buffer.from(text));
	const heads = files.map(({ format }) => `"data:image/${format};base64,`);
	const size =
		texts.reduce((sum, text) => sum + text.length, 0) +
		files.reduce((sum, file, n) => sum + heads[n].length + base64Length(file.size) + 1, 0);

	const body = Buffer.alloc(size);
	let at = texts[0].copy(body);
	for (const [n, file] of files.entries()) {
		at += body.write(heads[n], at, 'latin1');
		const written = await writeBase64(body, at, await file.open());
		if (written.size !== file.size) return undefined;
		at = written.end;
		at += body.write('"', at, 'latin1');
		at += texts[n + 1].copy(body, at);
	}
	return body;
}
