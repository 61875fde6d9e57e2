// The rules of a submit: what the service's contract accepts and what it refuses, with the parameter's name.
import { inspectImage, UnreadableImage, type InspectedImage } from './inspectImage';
import { addressProblem, fetchFile, type FetchRules } from './sources';

const MODEL = 'dashscope/happyhorse-1.0';
const RESOLUTIONS = ['720P', '1080P'] as const;
const ASPECT_RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'] as const;
const REFERENCE_TYPES = ['first_frame', 'asset'] as const;
const AUDIO_SETTINGS = ['auto', 'origin'] as const;

/** Unicode code points. */
const MAX_PROMPT = 5000;
/** Whole seconds. */
const DURATION = { min: 3, max: 15 };
const MAX_REFERENCE_IMAGES = 9;
const MAX_EDIT_IMAGES = 5;
/** Bytes, decoded: 10 MB. */
const MAX_IMAGE_BYTES = 10_485_760;
/** Bytes: 100 MB. */
const MAX_VIDEO_BYTES = 104_857_600;

/** The modes of the service; the body decides which one applies. */
export type Mode = 'text-to-video' | 'image-to-video' | 'reference-to-video' | 'video-edit';

/** One entry of `reference_images`. */
export interface ReferenceImage {
	url: string;
	reference_type: (typeof REFERENCE_TYPES)[number];
}

/** The body of a submit that keeps to the contract. */
export interface SubmitBody {
	model: typeof MODEL;
	prompt?: string;
	resolution?: (typeof RESOLUTIONS)[number];
	aspect_ratio?: (typeof ASPECT_RATIOS)[number];
	/** Seconds. */
	duration?: number;
	reference_images?: ReferenceImage[];
	reference_videos?: Array<{ url: string }>;
	extra_params?: { audio_setting?: (typeof AUDIO_SETTINGS)[number] };
}

/** An image or video of an accepted submit. */
export interface Source {
	/** Where it stands in the body, e.g. `reference_images[0].url`. */
	parameter: string;
	/** Whether it was inside the body, fetched from its host, or an address that was not tried. */
	from: 'body' | 'fetched' | 'address';
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
}

/** A submit that the contract refuses with 400. The message begins with the parameter's name. */
export class Refusal extends Error {
	constructor(
		/** E.g. `reference_images[0].url`. */
		readonly parameter: string,
		problem: string,
	) {
		super(`${parameter}: ${problem}`);
	}
}

/**
 * Checks a body, except for the content of its images and videos.
 * @throws Refusal
 */
export function checkBody(value: unknown): { mode: Mode; body: SubmitBody } {
	const fields = objectOf(value, 'body', [
		'model',
		'prompt',
		'resolution',
		'aspect_ratio',
		'duration',
		'reference_images',
		'reference_videos',
		'extra_params',
	]);
	const body: SubmitBody = {
		model: oneOf(fields.model, 'model', [MODEL]),
		prompt: given(fields.prompt, (prompt) => checkedPrompt(prompt)),
		resolution: given(fields.resolution, (word) => oneOf(word, 'resolution', RESOLUTIONS)),
		aspect_ratio: given(fields.aspect_ratio, (word) => oneOf(word, 'aspect_ratio', ASPECT_RATIOS)),
		duration: given(fields.duration, (seconds) => checkedDuration(seconds)),
		reference_images: given(fields.reference_images, (list) =>
			listOf(list, 'reference_images').map(checkedReferenceImage),
		),
		reference_videos: given(fields.reference_videos, (list) =>
			listOf(list, 'reference_videos').map(checkedReferenceVideo),
		),
		extra_params: given(fields.extra_params, (params) => checkedExtraParams(params)),
	};
	return { mode: checkedMode(body), body: withoutAbsent(body) };
}

/** Removes undefined fields, so that a body reads as it was sent. */
function withoutAbsent<T extends object>(fields: T): T {
	for (const [name, value] of Object.entries(fields)) {
		if (value === undefined) Reflect.deleteProperty(fields, name);
	}
	return fields;
}

/** The mode of a body; checks what only some modes allow. */
function checkedMode(body: SubmitBody): Mode {
	const images = body.reference_images ?? [];
	const mode = modeOf(images, body.reference_videos);
	const frames = images.filter(({ reference_type }) => reference_type === 'first_frame').length;
	if (frames > 0 && frames < images.length) {
		throw new Refusal('reference_images', 'first_frame and asset must not be mixed');
	}
	if (mode === 'image-to-video' && images.length !== 1) {
		throw new Refusal('reference_images', `must hold exactly one first_frame, not ${frames}`);
	}
	if (mode === 'video-edit' && frames > 0) {
		throw new Refusal('reference_images[0].reference_type', 'must be asset beside a video');
	}
	const most = mode === 'video-edit' ? MAX_EDIT_IMAGES : MAX_REFERENCE_IMAGES;
	if (images.length > most) {
		throw new Refusal('reference_images', `at most ${most} in ${mode}, not ${images.length}`);
	}
	if (body.reference_videos !== undefined && body.reference_videos.length !== 1) {
		throw new Refusal(
			'reference_videos',
			`must hold exactly one video, not ${body.reference_videos.length}`,
		);
	}
	if (mode !== 'image-to-video' && body.prompt === undefined) {
		throw new Refusal('prompt', `is required in ${mode}`);
	}
	const refuse = (parameter: string) => {
		throw new Refusal(parameter, `is not accepted in ${mode}`);
	};
	const followsItsSource = mode === 'image-to-video' || mode === 'video-edit';
	if (followsItsSource && body.aspect_ratio !== undefined) refuse('aspect_ratio');
	if (mode === 'video-edit' && body.duration !== undefined) refuse('duration');
	if (mode !== 'video-edit' && body.extra_params?.audio_setting !== undefined) {
		refuse('extra_params.audio_setting');
	}
	return mode;
}

function modeOf(images: ReferenceImage[], videos: SubmitBody['reference_videos']): Mode {
	if (videos !== undefined) return 'video-edit';
	if (images.length === 0) return 'text-to-video';
	const isFirstFrame = images.some(({ reference_type }) => reference_type === 'first_frame');
	return isFirstFrame ? 'image-to-video' : 'reference-to-video';
}

function checkedPrompt(value: unknown): string {
	const prompt = textOf(value, 'prompt');
	if (prompt.trim() === '') throw new Refusal('prompt', 'must not be blank');
	const characters = [...prompt].length;
	if (characters > MAX_PROMPT) {
		throw new Refusal('prompt', `at most ${MAX_PROMPT} characters, not ${characters}`);
	}
	return prompt;
}

function checkedDuration(value: unknown): number {
	const { min, max } = DURATION;
	if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
		return value;
	}
	const found = JSON.stringify(value);
	throw new Refusal('duration', `must be an integer from ${min} to ${max}, not ${found}`);
}

function checkedReferenceImage(value: unknown, index: number): ReferenceImage {
	const parameter = `reference_images[${index}]`;
	const fields = objectOf(value, parameter, ['url', 'reference_type']);
	return {
		url: textOf(fields.url, `${parameter}.url`),
		reference_type: oneOf(fields.reference_type, `${parameter}.reference_type`, REFERENCE_TYPES),
	};
}

function checkedReferenceVideo(value: unknown, index: number): { url: string } {
	const parameter = `reference_videos[${index}]`;
	const fields = objectOf(value, parameter, ['url']);
	return { url: textOf(fields.url, `${parameter}.url`) };
}

function checkedExtraParams(value: unknown): SubmitBody['extra_params'] {
	const fields = objectOf(value, 'extra_params', ['audio_setting']);
	return withoutAbsent({
		audio_setting: given(fields.audio_setting, (word) =>
			oneOf(word, 'extra_params.audio_setting', AUDIO_SETTINGS),
		),
	});
}

/** A field that may be left out; `null` is a value like any other, and no field takes it. */
function given<T>(value: unknown, check: (value: unknown) => T): T | undefined {
	return value === undefined ? undefined : check(value);
}

function objectOf<K extends string>(
	value: unknown,
	parameter: string,
	known: readonly K[],
): Partial<Record<K, unknown>> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new Refusal(parameter, 'must be an object');
	}
	const unknown = Object.keys(value).find((key) => !known.some((name) => name === key));
	if (unknown !== undefined) {
		const path = parameter === 'body' ? unknown : `${parameter}.${unknown}`;
		throw new Refusal(path, 'is not a parameter of this model');
	}
	return value;
}

function listOf(value: unknown, parameter: string): unknown[] {
	if (!Array.isArray(value)) throw new Refusal(parameter, 'must be an array');
	return value;
}

function textOf(value: unknown, parameter: string): string {
	if (typeof value !== 'string') throw new Refusal(parameter, 'must be a string');
	return value;
}

function oneOf<T extends string>(value: unknown, parameter: string, words: readonly T[]): T {
	const word = words.find((known) => known === value);
	if (word !== undefined) return word;
	const found = JSON.stringify(value)?.slice(0, 100) ?? 'missing';
	throw new Refusal(parameter, `must be ${words.join(' or ')}, not ${found}`);
}

/**
 * Checks the images and the video of a body, in order.
 * @throws Refusal
 */
export async function checkSources(
	mode: Mode,
	body: SubmitBody,
	rules: SourceRules,
): Promise<Source[]> {
	const sources: Source[] = [];
	for (const [index, { url }] of (body.reference_images ?? []).entries()) {
		sources.push(await checkedImage(`reference_images[${index}].url`, url, mode, rules));
	}
	for (const [index, { url }] of (body.reference_videos ?? []).entries()) {
		sources.push(await checkedVideo(`reference_videos[${index}].url`, url, rules));
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
function startsLikeVideo(start: Buffer): boolean {
	return ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot'].includes(
		start.toString('latin1', 4, 8),
	);
}
