// The images and videos of an order: what the services take, found in the files themselves.
import { Refusal } from './checks';
import { inspectImage,UnreadableImage,type InspectedImage } from './inspectImage';
import { addressProblem,fetchFile,type FetchRules } from './sources';

/** Bytes, decoded: 10 MB. */
const MAX_IMAGE_BYTES = 10_485_760;
/** Bytes: 100 MB. */
const MAX_VIDEO_BYTES = 104_857_600;

/** The modes of both services, by the names that iMini gives them. */
export type Mode = 'text-to-video' | 'image-to-video' | 'reference-to-video' | 'video-edit';

/** An image or a video that a body names, and where it stands there. */
export interface Link {
	/** E.g. `reference_images[0].url`. */
	parameter: string;
	url: string;
	what: 'image' | 'video';
}

/** An image or video of an accepted submit. */
export interface Source {
	/** Where it stands in the body, e.g. `reference_images[0].url`. */
	parameter: string;
	/** Whether it was inside the body, fetched from its host, uploaded before, or an address that was not tried. */
	from: 'body' | 'fetched' | 'address' | 'upload';
	/** As stated by the `data:` URL or the host. */
	contentType?: string;
	/** Bytes. */
	bytes?: number;
	/** Of an image whose bytes were seen. */
	image?: InspectedImage;
}

/** How images and videos are checked. */
export interface SourceRules extends Pick<FetchRules, 'resolveHosts' | 'signal'> {
	/** Whether files given by http(s) URL are fetched before a submit is accepted. */
	fetchSources: boolean;
	/** The file behind an address that only this service knows; undefined for any other address. @throws Refusal */
	uploaded?: (parameter: string, url: string) => Source | undefined;
}

/**
 * Checks the images and the video of an order, one after the other.
 * @throws Refusal
 */
export async function checkSources(
	mode: Mode,
	links: readonly Link[],
	rules: SourceRules,
): Promise<Source[]> {
	const sources: Source[] = [];
	for (const { parameter, url, what } of links) {
		const uploaded = rules.uploaded?.(parameter, url);
		if (uploaded !== undefined) sources.push(uploaded);
		else if (what === 'image') sources.push(await checkedImage(parameter, url, mode, rules));
		else sources.push(await checkedVideo(parameter, url, rules));
	}
	return sources;
}

async function checkedImage(
	parameter: string,
	url: string,
	mode: Mode,
	rules: SourceRules,
): Promise<Source> {
	const refuse = (problem: string): never => {
		throw new Refusal(parameter, problem);
	};
	if (url.toLowerCase().startsWith('data:')) {
		const { contentType, file } = decodedDataUrl(url, refuse);
		const image = await acceptableImage(file, file.length, mode, refuse);
		return { parameter, from: 'body', contentType, bytes: file.length, image };
	}
	const problem = addressProblem(url, rules.resolveHosts);
	if (problem) refuse(`must be a public http(s) URL or a data: URL: ${problem}`);
	if (!rules.fetchSources) return { parameter, from: 'address' };
	const limits = { limit: MAX_IMAGE_BYTES, keep: MAX_IMAGE_BYTES };
	const { contentType, start, length } = await fetched(url, { ...rules, ...limits }, refuse);
	const image = await acceptableImage(start, length, mode, refuse);
	return { parameter, from: 'fetched', contentType, bytes: length, image };
}

async function checkedVideo(parameter: string, url: string, rules: SourceRules): Promise<Source> {
	const refuse = (problem: string): never => {
		throw new Refusal(parameter, problem);
	};
	const problem = addressProblem(url, rules.resolveHosts);
	if (problem) refuse(`must be a public http(s) URL: ${problem}`);
	if (!rules.fetchSources) return { parameter, from: 'address' };
	const limits = { limit: MAX_VIDEO_BYTES, keep: 12 };
	const { contentType, start, length } = await fetched(url, { ...rules, ...limits }, refuse);
	if (length > MAX_VIDEO_BYTES) refuse(`the video has more than ${MAX_VIDEO_BYTES} bytes`);
	if (!startsLikeVideo(start)) refuse('the file is not mp4 or mov');
	return { parameter, from: 'fetched', contentType, bytes: length };
}

/** The file inside a `data:image/…;base64,…` URL. */
function decodedDataUrl(
	url: string,
	refuse: (problem: string) => never,
): { contentType: string; file: Buffer } {
	const comma = url.indexOf(',');
	const [, contentType] =
		/^data:(image\/[a-z0-9.+-]+);base64,$/i.exec(url.slice(0, comma + 1)) ??
		refuse('a data: URL must begin with data:image/…;base64,');
	const base64 = url.slice(comma + 1);
	const padding = /={0,2}$/.exec(base64)?.[0].length ?? 0;
	const bytes = (base64.length / 4) * 3 - padding;
	const file = Buffer.from(base64, 'base64');
	// Node's decoder skips what is not base64, and also takes the URL-safe alphabet
	if (file.length !== bytes || /[-_]/.test(base64)) refuse('the data: URL is not valid base64');
	return { contentType, file };
}

/** Measures an image and checks it against the limits of its mode. */
async function acceptableImage(
	file: Buffer,
	length: number,
	mode: Mode,
	refuse: (problem: string) => never,
): Promise<InspectedImage> {
	if (length > MAX_IMAGE_BYTES) refuse(`the image has more than ${MAX_IMAGE_BYTES} bytes`);
	const image = await inspectImage(file).catch((error: unknown) => {
		if (error instanceof UnreadableImage) return refuse(`the image ${error.message}`);
		throw error;
	});
	const short = Math.min(image.width, image.height);
	const long = Math.max(image.width, image.height);
	const size = `${image.width}x${image.height}`;
	if (mode === 'reference-to-video') {
		if (short < 400) refuse(`the image is ${size} pixels, its shorter side must be 400 or more`);
		return image;
	}
	if (short < 300) refuse(`the image is ${size} pixels, both sides must be 300 or more`);
	if (2 * long > 5 * short) refuse(`the image is ${size} pixels, beyond 1:2.5 to 2.5:1`);
	return image;
}

async function fetched(url: string, rules: FetchRules, refuse: (problem: string) => never) {
	try {
		return await fetchFile(url, rules);
	} catch (error) {
		return refuse(`can't be fetched: ${error instanceof Error ? error.message : error}`);
	}
}

/**
 * Whether a file begins like mp4 or mov: its first box is `ftyp`, or one of the boxes that an old mov begins with.
 * @param start its first 8 bytes or more
 */
export function startsLikeVideo(start: Buffer): boolean {
	return ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot'].includes(
		start.toString('latin1', 4, 8),
	);
}
