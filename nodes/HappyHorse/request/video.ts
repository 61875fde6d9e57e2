// The video to edit: a link, or a file that the service fetches from this n8n.
import { createHash } from 'crypto';
import { yieldNow } from '../util/clock';
import type { Failure } from '../domain/failure';
import { invalidInput } from '../domain/failure';
import { FORMAT_NAME_BYTES, formatName, startsAsVideo } from '../util/fileType';
import type { SourceVideo } from '../domain/order';
import type { Limits } from '../domain/limits';
import type { Offer } from '../service/service';
import type { FilmFacts } from '../mp4/facts';
import { readFilm } from '../mp4/facts';
import { givenSources } from './inputItem';
import { LOOK_AT_INPUT, tooLarge, unfit } from './badValue';
import { checkPixels } from './image';
import { onlyOne } from './images';
import type { InputFile, InputItem } from './inputItem';
import { isPublicAddress } from '../util/links';
import type { Reach } from './webLink';
import { parseWebLink } from './webLink';

/** What no node of n8n can do to a video: completes a sentence. */
export const CONVERT =
	'convert this one before it comes to n8n, for example with HandBrake or ffmpeg';

const CHANGE = `Use another video, or cut or ${CONVERT}.`;

/** Seconds by which a duration may miss a bound: sound and picture seldom end together. */
const SLACK_SECONDS = 0.05;

/** What is wrong with a file that is no film, and what to do about it. `name`: how the message calls it. */
export function whyNoFilm(
	name: string,
	kind: 'empty' | 'notMp4' | 'cutOff' | 'soundOnly',
	head: Buffer = Buffer.alloc(0),
): Failure {
	if (kind === 'empty') return invalidInput(`${name} is empty`, LOOK_AT_INPUT);
	if (kind === 'notMp4') {
		const format = formatName(head);
		const itIs = format === undefined ? '' : `It has the format ${format}. `;
		return invalidInput(`${name} is not an MP4 or MOV file`, `${itIs}Use an MP4 or MOV file.`);
	}
	if (kind === 'soundOnly') return unfit(name, 'has sound but no video track', 'have one', CHANGE);
	const again = 'Fetch the file again, when it has been written to its end.';
	return unfit(name, 'is cut off: its end is missing', 'be whole', again);
}

/** Reads a file: to its end, if it begins as a video does. Its digest tells its bytes from those of others. */
async function inspect(file: InputFile) {
	const hash = createHash('sha256');
	let head = Buffer.alloc(0);
	async function* read(): AsyncGenerator<Uint8Array, undefined> {
		for await (const piece of await file.open()) {
			hash.update(piece);
			if (head.length < FORMAT_NAME_BYTES) head = Buffer.concat([head, piece]);
			if (head.length >= FORMAT_NAME_BYTES && !startsAsVideo(head)) return;
			yield piece;
		}
	}
	const pieces = read();
	// A film that is too strange is given up on before its end, but hashed to it: so this can't be ended from outside
	const next = async () => await pieces.next();
	const film = await readFilm({ [Symbol.asyncIterator]: () => ({ next }) }, { yield: yieldNow });
	while ((await next()).done !== true) await yieldNow();
	return { head, film, digest: hash.digest('base64url') };
}

/** Checks what a film says of itself. @throws Failure for what the service certainly refuses. */
function checkFacts(name: string, facts: FilmFacts, { sourceVideo, sideRatio }: Limits): void {
	const { longSideMaxPixels: longSide, shortSideMinPixels: shortSide, framesAbove } = sourceVideo;
	const { min, max } = sourceVideo.seconds;
	const rounded = (value: number): number => Math.round(value * 100) / 100;
	if (facts.seconds < min - SLACK_SECONDS || facts.seconds > max + SLACK_SECONDS) {
		const is = `is ${rounded(facts.seconds)} seconds long`;
		throw unfit(name, is, `have from ${min} to ${max} seconds`, CHANGE);
	}
	if (facts.framesPerSecond <= framesAbove) {
		const is = `has ${rounded(facts.framesPerSecond)} frames a second`;
		throw unfit(name, is, `have more than ${framesAbove}`, CHANGE);
	}
	// Pixels as they are coded count, whatever their shape: a service sees no others
	const { coded, turn } = facts;
	const seen = turn % 180 === 0 ? coded : { width: coded.height, height: coded.width };
	const rule = { shortSide, longSide, sideRatio };
	checkPixels(name, seen, rule, { resize: CHANGE, crop: CHANGE });
}

/** Reads a file, and checks it. What the film says of itself is left out where its index can't be read. @throws Failure */
async function measureVideo(file: InputFile, limits: Limits) {
	const name = `The video ${file.name}`;
	const size = await file.size();
	if (size === 0) throw whyNoFilm(name, 'empty');
	if (size > limits.videoBytes) throw tooLarge(name, limits.videoBytes, 'Use a smaller video.');
	const { head, film, digest } = await inspect(file);
	if (!startsAsVideo(head) || film.kind === 'empty' || film.kind === 'notMp4')
		throw whyNoFilm(name, 'notMp4', head);
	if (film.kind === 'cutOff' || film.kind === 'soundOnly') throw whyNoFilm(name, film.kind);
	if (film.kind !== 'film') return { digest, size };
	checkFacts(name, film.facts, limits);
	const { seconds, width, height, turn, isMirrored } = film.facts;
	return { digest, size, seconds, pixels: { width, height }, rotated: turn !== 0 || isMirrored };
}

/** A link of this n8n that the service can fetch. @throws Failure where there can be none. */
function publicLink(file: InputFile): string {
	const link = file.signedLink();
	if (!isPublicAddress(link)) {
		const { host } = new URL(link);
		throw invalidInput(
			`The video ${file.name} can't be fetched by the service: the address of this n8n, ${host}, is not on the internet`,
			'Set WEBHOOK_URL to the public address of this n8n and restart it, or put the video somewhere public and use its URL.',
		);
	}
	return link;
}

/** What an order is checked against. */
export interface OrderRules extends Pick<Offer, 'limits' | 'ownParameters' | 'uploadsVideos'> {
	readonly reach: Reach;
	/** Whether the execution, which holds the files, waits for the video. */
	readonly waits: boolean;
}

/** The video to edit, checked. @throws Failure */
export async function videoToEdit(
	item: InputItem,
	{ limits, reach, uploadsVideos, waits }: OrderRules,
): Promise<SourceVideo> {
	const sources = ['videoSource', 'videoUrl', 'videoBinaryPropertyName'] as const;
	const { field, given } = givenSources(item, sources);
	const video = onlyOne(field, given, 'video');
	if (typeof video === 'string') return { kind: 'link', url: parseWebLink(field, video, reach) };
	if (!uploadsVideos && !waits) {
		throw invalidInput(
			'The video to edit must not be a file while Wait for Completion is off: the service fetches it from this n8n, which may have removed it by then',
			'Turn Wait for Completion on, choose a Service to which files are uploaded, or put the video somewhere public and use its URL.',
		);
	}
	const measured = await measureVideo(video, limits);
	if (!uploadsVideos) publicLink(video);
	return {
		kind: 'file',
		name: video.name,
		...measured,
		open: async () => await video.open(),
		// Made again when the order is sent: it is good for a limited time only
		link: () => publicLink(video),
	};
}
