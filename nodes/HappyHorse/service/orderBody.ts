// An order on its way to a service: its JSON body with the bytes of its images, and what of it people may read.
import type { Image, Order, SourceVideo } from '../domain/order';
import { bareLink } from '../util/links';
import { yieldNow } from '../util/clock';

/** What stands in a body for the bytes of an image until they are filled in. Not valid in any URL. */
const PLACEHOLDER = '<image>';

/**
 * Where it stands. No text can look like it together with the key before it, since JSON writes a backslash before each
 * quote inside a text.
 */
const PLACEHOLDER_FIELD = new RegExp(`(?<="url":)"${PLACEHOLDER}"`);

/** Bytes that become base64 at once: whole threes, and well below a ms of work. */
const SPELLED_AT_ONCE = 3 * 64 * 1024;

/** What a field `url` of the body says for an image, before its bytes are filled in. */
export function imageUrl(image: Image): string {
	return image.kind === 'link' ? image.url : PLACEHOLDER;
}

/**
 * Reads the files among `images` and writes `fields` as UTF-8 JSON, with their bytes where {@link imageUrl} stands: as
 * `data:` URLs with the type that was found in them. Fills one buffer of the right size, file by file. Undefined when a
 * file is no longer as long as when it was checked.
 */
export async function jsonBody(
	fields: object,
	images: readonly Image[],
): Promise<Buffer | undefined> {
	const files = images.filter((image) => image.kind === 'bytes');
	const parts = JSON.stringify(fields).split(PLACEHOLDER_FIELD);
	// Behind the last image stand only extra parameters, which may say anything
	const tail = Buffer.from(parts.slice(files.length).join(`"${PLACEHOLDER}"`));
	const heads = files.map(({ format }, n) =>
		Buffer.from(`${parts[n]}"data:image/${format};base64,`),
	);
	const sizes = files.map(({ size }, n) => heads[n].length + Math.ceil(size / 3) * 4 + 1);
	const body = Buffer.alloc(sizes.reduce((sum, size) => sum + size, tail.length));
	let at = 0;
	for (const [n, file] of files.entries()) {
		at += heads[n].copy(body, at);
		// The file goes to the end of its place, and becomes text from there: that never overtakes it
		const end = at + Math.ceil(file.size / 3) * 4;
		let from = end - file.size;
		for await (const piece of await file.open()) {
			if (piece.length > end - from) return undefined;
			body.set(piece, from);
			from += piece.length;
		}
		if (from !== end) return undefined;
		for (from -= file.size; from < end; from += SPELLED_AT_ONCE) {
			const bytes = body.subarray(from, Math.min(from + SPELLED_AT_ONCE, end));
			at += body.write(bytes.toString('base64'), at, 'latin1');
			await yieldNow();
		}
		at += body.write('"', at);
	}
	tail.copy(body, at);
	return body;
}

/** A link of this n8n to a file; undefined where nobody outside can fetch from it. */
export function ownLink(video: Extract<SourceVideo, { kind: 'file' }>): string | undefined {
	try {
		return video.link();
	} catch {
		return undefined;
	}
}

function shortenedImage(image: Image): Image {
	if (image.kind === 'link') return { kind: 'link', url: bareLink(image.url) };
	return { kind: 'link', url: `data:image/${image.format};base64,… (${image.size} bytes)` };
}

/**
 * The same order with links only, shortened, and the link of its video. `isUploaded`: a file goes to the service's own
 * storage. @throws Failure where a file has to be fetched from this n8n, and can't be
 */
export function shortenedOrder(order: Order, isUploaded: boolean) {
	const { images, video } = order;
	const shortened: Order = { ...order, images: images.map(shortenedImage) };
	if (video?.kind === 'file' && isUploaded)
		return { shortened, videoUrl: `oss://… (${video.size} bytes)` };
	const link = video?.kind === 'file' ? video.link() : video?.url;
	return { shortened, videoUrl: link && bareLink(link) };
}
