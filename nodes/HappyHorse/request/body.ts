// A checked order becomes the bytes of a request: one buffer of the right size, filled from streams.
import type { SubmitBody } from '../service/contract';
import { MODEL } from '../service/contract';
import type { ByteSource, Order } from './order';

/** What stands in a body for the bytes of a picture until they are filled in. Not valid in any URL. */
const PLACEHOLDER = '<picture>';

/**
 * Where it stands. No text can look like it together with the key before it, since JSON writes a backslash before each
 * quote inside a text.
 */
const PLACE = new RegExp(`(?<="url":)"${PLACEHOLDER}"`);

/** The fields of the request; a picture of bytes is a placeholder. What a mode does not take is not there. */
function bodyOf(order: Order): SubmitBody {
	const reference_type = order.mode === 'imageToVideo' ? 'first_frame' : 'asset';
	const images = order.pictures.map(
		(picture) =>
			({ url: picture.kind === 'link' ? picture.url : PLACEHOLDER, reference_type }) as const,
	);
	const video = order.videoUrl?.();
	return {
		model: MODEL,
		...order.fields,
		...(images.length === 0 ? {} : { reference_images: images }),
		...(video === undefined ? {} : { reference_videos: [{ url: video }] }),
	};
}

/** Characters of base64 that `bytes` bytes make. */
function base64Length(bytes: number): number {
	return Math.ceil(bytes / 3) * 4;
}

/** Where a written file ended in the body, and the bytes that were read of it. */
interface Written {
	readonly end: number;
	readonly size: number;
}

/**
 * Writes a file as base64 into `target` from `at` on. Pieces are cut at multiples of three bytes, so that their base64
 * can be joined.
 */
async function writeBase64(target: Buffer, at: number, source: ByteSource): Promise<Written> {
	let end = at;
	let size = 0;
	let rest = Buffer.alloc(0);
	for await (const piece of source) {
		size += piece.length;
		const bytes = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
		const even = bytes.length - (bytes.length % 3);
		end += target.write(bytes.toString('base64', 0, even), end, 'latin1');
		rest = bytes.subarray(even);
	}
	end += target.write(rest.toString('base64'), end, 'latin1');
	return { end, size };
}

/** Whether an order carries the bytes of images: then its body may be tens of megabytes. */
export function isHeavy(order: Order): boolean {
	return order.pictures.some((picture) => picture.kind === 'bytes');
}

/**
 * Reads the files of an order and builds its body: UTF-8 JSON. Images of bytes become `data:` URLs with the type that
 * was found in their bytes. Returns undefined when a file is no longer as long as when it was checked.
 */
export async function buildBody(order: Order): Promise<Buffer | undefined> {
	const texts = JSON.stringify(bodyOf(order))
		.split(PLACE)
		.map((text) => Buffer.from(text));
	const pictures = order.pictures.filter((picture) => picture.kind === 'bytes');
	const heads = pictures.map(({ format }) => `"data:image/${format};base64,`);
	const size =
		texts.reduce((sum, text) => sum + text.length, 0) +
		pictures.reduce((sum, picture, n) => sum + heads[n].length + base64Length(picture.size) + 1, 0);

	const body = Buffer.alloc(size);
	let at = texts[0].copy(body);
	for (const [n, picture] of pictures.entries()) {
		at += body.write(heads[n], at, 'latin1');
		const { end, size: bytes } = await writeBase64(body, at, await picture.open());
		if (bytes !== picture.size) return undefined;
		at = end;
		at += body.write('"', at, 'latin1');
		at += texts[n + 1].copy(body, at);
	}
	return body;
}
