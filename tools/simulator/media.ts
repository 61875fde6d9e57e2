// The media host: a film in the shape that was ordered and of its mode, and one cover for all, for everybody who has the link.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesAnswer, textAnswer, type Answer } from './answers';
import type { Mode } from './order';
import { sizeOf, type SimulatedTask } from './tasks';

const media = (name: string) => readFileSync(join(__dirname, 'media', name));

const LANDSCAPE = 16 / 9;

/** By its shape, width to height. */
const films = [
	{ shape: LANDSCAPE, bytes: media('video.mp4') },
	{ shape: 9 / 16, bytes: media('video-9x16.mp4') },
	{ shape: 1, bytes: media('video-1x1.mp4') },
	{ shape: 4 / 3, bytes: media('video-4x3.mp4') },
	{ shape: 3 / 4, bytes: media('video-3x4.mp4') },
];
/** In landscape, each mode has its own, with its name in it. */
const filmsOfModes: Partial<Record<Mode, Buffer>> = {
	'image-to-video': media('image-to-video.mp4'),
	'reference-to-video': media('reference-to-video.mp4'),
	'video-edit': media('video-edit.mp4'),
};
const cover = media('cover.jpg');

/** What a synthetic video is filled with. */
const ZEROS = Buffer.alloc(256 * 1024);

/**
 * What the media host answers. Every path below `/file/` that ends like a film's is one, every image the same cover.
 * @param task whose film it is; undefined for any film
 * @param mediaBytes size of a film made up instead of a real one, in bytes
 */
export function mediaAnswer(
	method: string,
	path: string,
	task: SimulatedTask | undefined,
	mediaBytes?: number,
): Answer {
	if (method !== 'GET' && method !== 'HEAD') return textAnswer(405, 'text/plain', 'Not allowed');
	const [, ending] = /^\/file\/[^?]*\.(mp4|mov|jpg)(?:\?|$)/.exec(path) ?? [];
	if (ending === undefined) return textAnswer(404, 'text/plain', 'Not found');
	if (ending === 'jpg') return bytesAnswer(200, 'image/jpeg', cover);
	const contentType = ending === 'mp4' ? 'video/mp4' : 'video/quicktime';
	if (mediaBytes === undefined) return bytesAnswer(200, contentType, filmOf(task));
	return {
		status: 200,
		headers: { 'content-type': contentType, 'content-length': String(mediaBytes) },
		body: { length: mediaBytes, chunks: () => syntheticVideo(mediaBytes) },
	};
}

/** The film of a task: the one whose shape comes closest to what was ordered; in landscape, the one of the mode. */
function filmOf(task: SimulatedTask | undefined): Buffer {
	const { width, height } = task ? sizeOf(task) : { width: 16, height: 9 };
	const distance = (film: { shape: number }) => Math.abs(Math.log((film.shape * height) / width));
	const closest = films.reduce((best, film) => (distance(film) < distance(best) ? film : best));
	const ofMode = closest.shape === LANDSCAPE && task ? filmsOfModes[task.mode] : undefined;
	return ofMode ?? closest.bytes;
}

/** A file of `bytes` bytes that begins like an mp4: its first box, and a second one that fills the rest with zeros. */
function* syntheticVideo(bytes: number): Generator<Buffer> {
	const head = Buffer.alloc(48);
	head.writeUInt32BE(32, 0);
	head.write('ftypisom', 4, 'latin1');
	head.writeUInt32BE(512, 12);
	head.write('isomiso2avc1mp41', 16, 'latin1');
	// A size of 1 means that the actual one follows, in 64 bits
	head.writeUInt32BE(1, 32);
	head.write('mdat', 36, 'latin1');
	head.writeBigUInt64BE(BigInt(Math.max(bytes - 32, 16)), 40);
	yield head.subarray(0, bytes);
	for (let left = bytes - head.length; left > 0; left -= ZEROS.length) {
		yield ZEROS.subarray(0, left);
	}
}
