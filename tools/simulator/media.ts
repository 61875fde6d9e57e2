// The media host: a film in the shape and of the length that was ordered, and one cover for all, for everybody who has the link.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// Of the node, the one part that knows nothing of services: what it makes is judged by ffmpeg and mediabunny
import { joinFilms } from '../../nodes/HappyHorse/mp4/join';
import { bytesAnswer, textAnswer, type Answer } from './answers';
import { sizeOf, type SimulatedTask } from './tasks';

/** Cards with the numbers of films, from 1 on: a second each, before the scene. */
const CARDS = 9;

/** Films of a second, one behind another in a file: the cards, then the seconds of a scene that repeats itself. */
function segmentsIn(name: string): Buffer[] {
	const all = readFileSync(join(__dirname, 'media', `${name}.segments`));
	const starts: number[] = [];
	for (let at = 0; at < all.length; at += all.readUInt32BE(at)) {
		if (all.toString('latin1', at + 4, at + 8) === 'ftyp') starts.push(at);
	}
	return starts.map((start, n) => all.subarray(start, starts[n + 1]));
}

/** The shapes that can be ordered. */
const scenes = ['16x9', '9x16', '1x1', '4x3', '3x4', '4x5', '5x4', '21x9', '9x21'].map((name) => {
	const [across, down] = name.split('x').map(Number);
	return { name, shape: across / down };
});
const cover = readFileSync(join(__dirname, 'media', 'cover.jpg'));

/** What a synthetic video is filled with. */
const ZEROS = Buffer.alloc(256 * 1024);

/**
 * What the media host answers. Every path below `/file/` that ends like a film's is one, every image the same cover.
 * @param task whose film it is; undefined for any film
 * @param mediaBytes size of a film made up instead of a real one, in bytes
 */
export async function mediaAnswer(
	method: string,
	path: string,
	task: SimulatedTask | undefined,
	mediaBytes?: number,
): Promise<Answer> {
	if (method !== 'GET' && method !== 'HEAD') return textAnswer(405, 'text/plain', 'Not allowed');
	const [, ending] = /^\/file\/[^?]*\.(mp4|mov|jpg)(?:\?|$)/.exec(path) ?? [];
	if (ending === undefined) return textAnswer(404, 'text/plain', 'Not found');
	if (ending === 'jpg') return bytesAnswer(200, 'image/jpeg', cover);
	const contentType = ending === 'mp4' ? 'video/mp4' : 'video/quicktime';
	if (mediaBytes === undefined) return bytesAnswer(200, contentType, await filmOf(task));
	return {
		status: 200,
		headers: { 'content-type': contentType, 'content-length': String(mediaBytes) },
		body: { length: mediaBytes, chunks: () => syntheticVideo(mediaBytes) },
	};
}

/** Films that were made before, by shape, number and seconds. */
const made = new Map<string, Promise<Buffer>>();

async function makeFilm(name: string, number: number, seconds: number): Promise<Buffer> {
	const segments = segmentsIn(name);
	const scene = segments.slice(CARDS);
	const card = segments[(number - 1) % CARDS];
	const played = Array.from(
		{ length: Math.max(0, seconds - 1) },
		(_, n) => scene[n % scene.length],
	);
	const sources = [card, ...played].map((bytes) => ({ open: async () => [bytes] }));
	const film = await joinFilms(sources, undefined, { yield: async () => {} });
	if (film.kind !== 'joined') throw new Error(JSON.stringify(film));
	const pieces: Uint8Array[] = [];
	for await (const piece of film.open()) pieces.push(piece);
	return Buffer.concat(pieces);
}

/**
 * The film of a task, as long as it was ordered, in the shape that comes closest: a card with its number among the tasks,
 * and a scene. What an edit makes of its source has the usual length.
 */
export async function filmOf(task: SimulatedTask | undefined): Promise<Buffer> {
	const { width, height } = task ? sizeOf(task) : { width: 16, height: 9 };
	const distance = ({ shape }: { shape: number }) => Math.abs(Math.log((shape * height) / width));
	const { name } = scenes.reduce((best, one) => (distance(one) < distance(best) ? one : best));
	const number = task?.number ?? 1;
	const seconds = Math.round(task?.outcome.video?.duration ?? task?.seconds ?? 5);
	const key = [name, (number - 1) % CARDS, seconds].join();
	const film = made.get(key) ?? makeFilm(name, number, seconds);
	made.set(key, film);
	return await film;
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
