// The video to edit: a link, or a file that the service fetches from this n8n.
import { pacer } from '../util/clock';
import type { Failure } from '../domain/failure';
import { invalidInput } from '../domain/failure';
import { FILE_TYPE_BYTES, FORMAT_NAME_BYTES, formatName, startsAsVideo } from '../util/fileType';
import type { SourceVideo } from '../domain/order';
import type { Limits } from '../domain/limits';
import { INPUT_FIELD } from '../domain/settings';
import { givenFiles, givenLinks } from './inputItem';
import { checkCount } from './images';
import type { InputFile, InputItem } from './inputItem';
import type { VideoFacts } from './mp4';
import { MoovFinder, readMoov } from './mp4';
import { isPublicAddress } from '../util/publicAddress';
import { parseChoice, SOURCES } from './values';
import type { Reach } from './webLink';
import { parseWebLink } from './webLink';

const FIX = 'Use an MP4 or MOV file.';

/** Seconds by which a duration may miss a bound: sound and picture seldom end together. */
const SLACK_SECONDS = 0.05;

/** What a file tells: its first bytes, and its `moov` where that can be read. */
interface LookedAt {
	readonly head: Buffer;
	readonly facts: VideoFacts | undefined;
}

/** Reads a file until it has told what it is. */
async function lookAt(file: InputFile): Promise<LookedAt> {
	const finder = new MoovFinder();
	const pace = pacer();
	let head = Buffer.alloc(0);
	for await (const piece of await file.open()) {
		if (head.length < FORMAT_NAME_BYTES) {
			head = Buffer.concat([head, piece.subarray(0, FORMAT_NAME_BYTES)]);
		}
		finder.push(piece);
		const known = head.length >= FILE_TYPE_BYTES && startsAsVideo(head);
		if (known ? finder.done : head.length >= FORMAT_NAME_BYTES) break;
		await pace();
	}
	return { head, facts: finder.moov && readMoov(finder.moov) };
}

function wrong(file: InputFile, is: string, must: string): Failure {
	return invalidInput(
		`The video ${file.name} ${is}; it must ${must}`,
		'Use another video, or cut or convert this one before this node, for example with ffmpeg in the node Execute Command.',
	);
}

/** Checks what a file says of itself. @throws Failure for what the service certainly refuses. */
function checkFacts(file: InputFile, facts: VideoFacts, { sourceVideo, sideRatio }: Limits): void {
	const { seconds: length, longSideMaxPixels, shortSideMinPixels } = sourceVideo;
	if (facts.soundOnly) throw wrong(file, 'has sound but no video track', 'have one');
	if (facts.seconds !== undefined) {
		const { min, max } = length;
		if (facts.seconds < min - SLACK_SECONDS || facts.seconds > max + SLACK_SECONDS) {
			const found = Math.round(facts.seconds * 100) / 100;
			throw wrong(file, `is ${found} seconds long`, `have from ${min} to ${max} seconds`);
		}
	}
	if (facts.pixels === undefined) return;
	const { width, height } = facts.pixels;
	const is = `is ${width} × ${height} pixels`;
	const [short, long] = [Math.min(width, height), Math.max(width, height)];
	if (short < shortSideMinPixels) {
		throw wrong(file, is, `have at least ${shortSideMinPixels} pixels on the shorter side`);
	}
	if (long > longSideMaxPixels) {
		throw wrong(file, is, `have at most ${longSideMaxPixels} pixels on the longer side`);
	}
	if (long > short * sideRatio) {
		throw wrong(file, is, `have an aspect ratio from 1:${sideRatio} to ${sideRatio}:1`);
	}
}

/** Returns what the file says of itself, as far as it can be read. @throws Failure */
async function checkVideoFile(file: InputFile, limits: Limits): Promise<VideoFacts | undefined> {
	const { videoBytes } = limits;
	const size = await file.size();
	if (size === 0) {
		throw invalidInput(
			`The video ${file.name} is empty`,
			'Look at what the node before puts out. In an HTTP Request node, set Response Format to File.',
		);
	}
	if (size > videoBytes) {
		const most = `${videoBytes / 1024 / 1024} MB (${videoBytes} bytes)`;
		throw invalidInput(
			`The video ${file.name} has ${size} bytes; it must have at most ${most}`,
			'Use a smaller video.',
		);
	}
	const { head, facts } = await lookAt(file);
	if (!startsAsVideo(head)) {
		const format = formatName(head);
		const itIs = format === undefined ? '' : `It has the format ${format}. `;
		throw invalidInput(`The video ${file.name} is not an MP4 or MOV file`, `${itIs}${FIX}`);
	}
	if (facts !== undefined) checkFacts(file, facts, limits);
	return facts;
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

/** The video to edit, checked. @throws Failure */
export async function videoToEdit(
	item: InputItem,
	limits: Limits,
	reach: Reach,
): Promise<SourceVideo> {
	const { privateLinks } = reach;
	const only = { min: 1, max: 1 };
	if (parseChoice('Video Source', item.value('videoSource') ?? 'url', SOURCES) === 'binary') {
		const files = givenFiles(item, item.value('videoBinaryPropertyName') ?? INPUT_FIELD);
		checkCount('Input Binary Field', files.length, only, 'field name');
		const [file] = files;
		const facts = await checkVideoFile(file, limits);
		const size = await file.size();
		if (!reach.uploadsVideos) publicLink(file);
		return {
			kind: 'file',
			name: file.name,
			size: () => size,
			open: async () => await file.open(),
			// Made again when the order is sent: it is good for a limited time only
			link: () => publicLink(file),
			seconds: () => facts?.seconds,
			pixels: () => facts?.pixels,
		};
	}
	const links = givenLinks('Video URL', item.value('videoUrl'));
	checkCount('Video URL', links.length, only, 'video');
	const url = parseWebLink({ field: 'Video URL', privateLinks }, links[0]);
	return { kind: 'link', url };
}
