// The video to edit: a link, or a file that the service fetches from this n8n.
import { createHash } from 'crypto';
import { yielder } from '../util/clock';
import type { Failure } from '../domain/failure';
import { invalidInput } from '../domain/failure';
import { FORMAT_NAME_BYTES, formatName, startsAsVideo } from '../util/fileType';
import type { SourceVideo } from '../domain/order';
import type { Limits } from '../domain/limits';
import type { Film, FilmFacts, NoFilm } from '../mp4/facts';
import { readFilm } from '../mp4/facts';
import { INPUT_FIELD } from '../domain/settings';
import { givenFiles, givenLinks } from './inputItem';
import { unfit } from './badValue';
import { checkPixels } from './image';
import { onlyOne } from './images';
import type { InputFile, InputItem } from './inputItem';
import { isPublicAddress } from '../util/publicAddress';
import { readChoice, SOURCES } from './values';
import { parseWebLink } from './webLink';

const CONVERT =
	'Use another video, or cut or convert this one before it comes to n8n, for example with HandBrake or ffmpeg.';

/** Seconds by which a duration may miss a bound: sound and picture seldom end together. */
const SLACK_SECONDS = 0.05;

/** What a file is, and its first bytes. */
interface Inspected {
	readonly head: Buffer;
	readonly film: Film | NoFilm;
	/** Bytes. */
	readonly size: number;
	/** Tells its bytes from those of others. */
	readonly digest: string;
}

/** What is wrong with a file that is no film, and what to do about it. */
export function whyNoFilm(
	file: InputFile,
	kind: 'empty' | 'notMp4' | 'cutOff' | 'soundOnly',
	head: Buffer,
): { message: string; fix: string } {
	const format = formatName(head);
	const itIs = format === undefined ? '' : `It has the format ${format}. `;
	return {
		empty: {
			message: `The video ${file.name} is empty`,
			fix: 'Look at what the node before puts out. In an HTTP Request node, set Response Format to File.',
		},
		notMp4: {
			message: `The video ${file.name} is not an MP4 or MOV file`,
			fix: `${itIs}Use an MP4 or MOV file.`,
		},
		cutOff: {
			message: `The video ${file.name} is cut off: its end is missing; it must be whole`,
			fix: 'Fetch the file again, when it has been written to its end.',
		},
		soundOnly: {
			message: `The video ${file.name} has sound but no video track; it must have one`,
			fix: CONVERT,
		},
	}[kind];
}

/** Reads a file: to its end, if it begins as a video does. */
async function inspect(file: InputFile): Promise<Omit<Inspected, 'size'>> {
	const yieldNow = yielder();
	let head = Buffer.alloc(0);
	let hash = createHash('sha256');
	let isHashed = false;
	const pieces = async function* (): AsyncGenerator<Uint8Array> {
		for await (const piece of await file.open()) {
			hash.update(piece);
			const isKnown = head.length >= FORMAT_NAME_BYTES;
			if (!isKnown) head = Buffer.concat([head, piece]);
			if (isKnown) yield piece;
			else if (head.length >= FORMAT_NAME_BYTES && !startsAsVideo(head)) return;
			else if (head.length >= FORMAT_NAME_BYTES) yield head;
		}
		if (head.length < FORMAT_NAME_BYTES) yield head;
		isHashed = true;
	};
	const film = await readFilm(pieces(), { yield: yieldNow });
	// One that is too strange is given up on before its end
	if (!isHashed && startsAsVideo(head)) {
		hash = createHash('sha256');
		for await (const piece of await file.open()) {
			hash.update(piece);
			await yieldNow();
		}
	}
	return { head, film, digest: hash.digest('base64url') };
}

/** Checks what a film says of itself. @throws Failure for what the service certainly refuses. */
function checkFacts(name: string, facts: FilmFacts, { sourceVideo, sideRatio }: Limits): void {
	const { longSideMaxPixels: longSide, shortSideMinPixels: shortSide, framesAbove } = sourceVideo;
	const { min, max } = sourceVideo.seconds;
	const rounded = (value: number): number => Math.round(value * 100) / 100;
	if (facts.seconds < min - SLACK_SECONDS || facts.seconds > max + SLACK_SECONDS) {
		const is = `is ${rounded(facts.seconds)} seconds long`;
		throw unfit(name, is, `have from ${min} to ${max} seconds`, CONVERT);
	}
	if (facts.framesPerSecond <= framesAbove) {
		const is = `has ${rounded(facts.framesPerSecond)} frames a second`;
		throw unfit(name, is, `have more than ${framesAbove}`, CONVERT);
	}
	// Pixels as they are coded count, whatever their shape: a service sees no others
	const { coded, turn } = facts;
	const seen = turn % 180 === 0 ? coded : { width: coded.height, height: coded.width };
	const rule = { shortSide, longSide, sideRatio };
	checkPixels(name, seen, rule, { resize: CONVERT, crop: CONVERT });
}

/** Returns what the file is: a film, or something whose index can't be read. @throws Failure */
async function checkVideoFile(file: InputFile, limits: Limits): Promise<Inspected> {
	const { videoBytes } = limits;
	const name = `The video ${file.name}`;
	const size = await file.size();
	const refuse = (kind: 'empty' | 'notMp4' | 'cutOff' | 'soundOnly', head: Buffer): Failure => {
		const { message, fix } = whyNoFilm(file, kind, head);
		return invalidInput(message, fix);
	};
	if (size === 0) throw refuse('empty', Buffer.alloc(0));
	if (size > videoBytes) {
		const most = `${videoBytes / 1024 / 1024} MB (${videoBytes} bytes)`;
		throw unfit(name, `has ${size} bytes`, `have at most ${most}`, 'Use a smaller video.');
	}
	const inspected = await inspect(file);
	const { head, film } = inspected;
	if (!startsAsVideo(head) || film.kind === 'empty' || film.kind === 'notMp4') {
		throw refuse('notMp4', head);
	}
	if (film.kind === 'cutOff' || film.kind === 'soundOnly') throw refuse(film.kind, head);
	if (film.kind === 'film') checkFacts(name, film.facts, limits);
	return { ...inspected, size };
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

/** How a service gets at files. */
export interface SourceAccess {
	/** Whether it can fetch from hosts that are not on the internet: it is on one itself. */
	readonly privateLinks: boolean;
	/** Whether the video to edit is uploaded to it, so that n8n need not be reachable. */
	readonly uploadsVideos: boolean;
}

/** The video to edit, checked. @throws Failure */
export async function videoToEdit(
	item: InputItem,
	limits: Limits,
	access: SourceAccess,
): Promise<SourceVideo> {
	if (readChoice(item, 'videoSource', SOURCES, 'url') === 'binary') {
		const files = givenFiles(item, item.value('videoBinaryPropertyName') ?? INPUT_FIELD);
		const file = onlyOne('Input Binary Field', files, 'field name');
		const { film, digest, size } = await checkVideoFile(file, limits);
		const facts = film.kind === 'film' ? film.facts : undefined;
		if (!access.uploadsVideos) publicLink(file);
		return {
			kind: 'file',
			name: file.name,
			digest,
			size,
			seconds: facts?.seconds,
			pixels: facts && { width: facts.width, height: facts.height },
			rotated: facts && facts.turn !== 0,
			open: async () => await file.open(),
			// Made again when the order is sent: it is good for a limited time only
			link: () => publicLink(file),
		};
	}
	const links = givenLinks('Video URL', item.value('videoUrl'));
	const link = onlyOne('Video URL', links, 'video');
	return { kind: 'link', url: parseWebLink('Video URL', link, access.privateLinks) };
}
