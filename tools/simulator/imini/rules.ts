// The rules of a submit to iMini: what its contract accepts and what it refuses, with the parameter's name.
import { z } from 'zod';
import {
	keepsTo,
	prompt,
	Refusal,
	seconds,
	type CheckedOrder,
	type Link,
	type Mode,
	type OrderRules,
} from '../order';

const MODEL = 'dashscope/happyhorse-1.0';
const MAX_REFERENCE_IMAGES = 9;
const MAX_EDIT_IMAGES = 5;

const referenceImage = z
	.object({ url: z.string(), reference_type: z.enum(['first_frame', 'asset']) })
	.strict();

const submitBody = z
	.object({
		model: z.string(),
		prompt: prompt.optional(),
		resolution: z.enum(['720P', '1080P']).optional(),
		aspect_ratio: z.enum(['16:9', '9:16', '1:1', '4:3', '3:4']).optional(),
		duration: seconds.optional(),
		reference_images: z.array(referenceImage).optional(),
		reference_videos: z
			.array(z.object({ url: z.string() }).strict())
			.length(1)
			.optional(),
		extra_params: z
			.object({ audio_setting: z.enum(['auto', 'origin']).optional() })
			.strict()
			.optional(),
	})
	.strict();

/** The body of a submit that keeps to the contract. */
export type SubmitBody = z.infer<typeof submitBody>;

/**
 * Checks a body, except for the content of its images and videos.
 * @throws Refusal
 */
export function checkOrder(
	value: unknown,
	{ models, extraParameters }: OrderRules,
): CheckedOrder<SubmitBody> {
	const body = keepsTo(submitBody, value, { at: 'extra_params', names: extraParameters });
	if (![MODEL, ...models].includes(body.model)) throw new Refusal('model', `must be ${MODEL}`);
	const links = [
		...linksOf('reference_images', 'image', body.reference_images),
		...linksOf('reference_videos', 'video', body.reference_videos),
	];
	return {
		mode: checkedMode(body),
		body,
		model: body.model,
		prompt: body.prompt,
		resolution: body.resolution ?? '1080P',
		ratio: body.aspect_ratio,
		seconds: body.duration,
		links,
	};
}

function linksOf(field: string, what: Link['what'], entries: Array<{ url: string }> = []): Link[] {
	return entries.map(({ url }, index) => ({ parameter: `${field}[${index}].url`, url, what }));
}

/** The mode of a body; checks what only some modes allow. */
function checkedMode(body: SubmitBody): Mode {
	const images = body.reference_images ?? [];
	const mode = modeOf(body);
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

function modeOf({ reference_images: images = [], reference_videos: videos }: SubmitBody): Mode {
	if (videos !== undefined) return 'video-edit';
	if (images.length === 0) return 'text-to-video';
	const isFirstFrame = images.some(({ reference_type }) => reference_type === 'first_frame');
	return isFirstFrame ? 'image-to-video' : 'reference-to-video';
}
