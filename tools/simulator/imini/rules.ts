// The rules of a submit to iMini: what its contract accepts and what it refuses, with the parameter's name.
import {
	durationOf,
	given,
	listOf,
	objectOf,
	oneOf,
	promptOf,
	Refusal,
	textOf,
	withoutAbsent,
	type CheckedOrder,
	type Link,
	type Mode,
	type OrderRules,
} from '../order';

const MODEL = 'dashscope/happyhorse-1.0';
const RESOLUTIONS = ['720P', '1080P'] as const;
const ASPECT_RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'] as const;
const REFERENCE_TYPES = ['first_frame', 'asset'] as const;
const AUDIO_SETTINGS = ['auto', 'origin'] as const;

const MAX_REFERENCE_IMAGES = 9;
const MAX_EDIT_IMAGES = 5;

/** One entry of `reference_images`. */
export interface ReferenceImage {
	url: string;
	reference_type: (typeof REFERENCE_TYPES)[number];
}

/** The body of a submit that keeps to the contract. */
export interface SubmitBody {
	model: string;
	prompt?: string;
	resolution?: (typeof RESOLUTIONS)[number];
	aspect_ratio?: (typeof ASPECT_RATIOS)[number];
	/** Seconds. */
	duration?: number;
	reference_images?: ReferenceImage[];
	reference_videos?: Array<{ url: string }>;
	extra_params?: { audio_setting?: (typeof AUDIO_SETTINGS)[number] };
}

/**
 * Checks a body, except for the content of its images and videos.
 * @throws Refusal
 */
export function checkOrder(value: unknown, rules: OrderRules): CheckedOrder<SubmitBody> {
	const body = checkBody(value, rules);
	const mode = checkedMode(body);
	const { model, prompt, resolution = '1080P', aspect_ratio, duration } = body;
	const links = [
		...linksOf('reference_images', 'image', body.reference_images),
		...linksOf('reference_videos', 'video', body.reference_videos),
	];
	return { mode, body, model, prompt, resolution, ratio: aspect_ratio, seconds: duration, links };
}

function linksOf(field: string, what: Link['what'], entries: Array<{ url: string }> = []): Link[] {
	return entries.map(({ url }, index) => ({ parameter: `${field}[${index}].url`, url, what }));
}

function checkBody(value: unknown, rules: OrderRules): SubmitBody {
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
	return withoutAbsent<SubmitBody>({
		model: oneOf<string>(fields.model, 'model', [MODEL, ...rules.models]),
		prompt: given(fields.prompt, (prompt) => promptOf(prompt, 'prompt')),
		resolution: given(fields.resolution, (word) => oneOf(word, 'resolution', RESOLUTIONS)),
		aspect_ratio: given(fields.aspect_ratio, (word) => oneOf(word, 'aspect_ratio', ASPECT_RATIOS)),
		duration: given(fields.duration, (seconds) => durationOf(seconds, 'duration')),
		reference_images: given(fields.reference_images, (list) =>
			listOf(list, 'reference_images').map(checkedReferenceImage),
		),
		reference_videos: given(fields.reference_videos, (list) =>
			listOf(list, 'reference_videos').map(checkedReferenceVideo),
		),
		extra_params: given(fields.extra_params, (params) => checkedExtraParams(params, rules)),
	});
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

function checkedExtraParams(
	value: unknown,
	{ extraParameters }: OrderRules,
): SubmitBody['extra_params'] {
	const fields = objectOf<string>(value, 'extra_params', ['audio_setting', ...extraParameters]);
	return withoutAbsent({
		...fields,
		audio_setting: given(fields.audio_setting, (word) =>
			oneOf(word, 'extra_params.audio_setting', AUDIO_SETTINGS),
		),
	});
}
