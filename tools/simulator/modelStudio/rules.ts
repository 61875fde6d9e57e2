// The rules of a create at Model Studio: what its contract accepts and what it refuses, with the parameter's name.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import {
	keepsTo,
	prompt,
	Refusal,
	seconds,
	type CheckedOrder,
	type Mode,
	type OrderRules,
} from '../order';

const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'];
/** Of model 1.1 only. */
const MORE_RATIOS = ['4:5', '5:4', '9:21', '21:9'];
const MAX_REFERENCE_IMAGES = 9;
const MAX_EDIT_IMAGES = 5;

/** The model decides the mode. */
const MODES: Readonly<Record<string, Mode>> = {
	'happyhorse-1.1-t2v': 'text-to-video',
	'happyhorse-1.0-t2v': 'text-to-video',
	'happyhorse-1.1-i2v': 'image-to-video',
	'happyhorse-1.0-i2v': 'image-to-video',
	'happyhorse-1.1-r2v': 'reference-to-video',
	'happyhorse-1.0-r2v': 'reference-to-video',
	'happyhorse-1.0-video-edit': 'video-edit',
};

/** The refusal of a model that the service does not have. */
const NO_MODEL = { status: 404, code: 'ModelNotFound' };

/** The mode of a model. @throws Refusal for one that the service does not have */
export function modeOf(model: string): Mode {
	if (Object.hasOwn(MODES, model)) return MODES[model];
	throw new Refusal('model', 'not exist', NO_MODEL);
}

const medium = z
	.object({ type: z.enum(['first_frame', 'reference_image', 'video']), url: z.string() })
	.strict();

const createBody = z
	.object({
		model: z.string(),
		input: z.object({ prompt: prompt.optional(), media: z.array(medium).optional() }).strict(),
		parameters: z
			.object({
				resolution: z.enum(['480P', '720P', '1080P']).optional(),
				ratio: z.string().optional(),
				duration: seconds.optional(),
				watermark: z.boolean().optional(),
				seed: z.number().int().min(0).max(2_147_483_647).optional(),
				audio_setting: z.enum(['auto', 'origin']).optional(),
			})
			.strict()
			.optional(),
	})
	.strict();

type Medium = z.infer<typeof medium>;

/** The body of a create that keeps to the contract. */
export type CreateBody = z.infer<typeof createBody>;

function checkMedia(mode: Mode, media: readonly Medium[]): void {
	const count = (type: Medium['type']) => media.filter((medium) => medium.type === type).length;
	const [frames, images, videos] = [count('first_frame'), count('reference_image'), count('video')];
	const refuse = (problem: string) => {
		throw new Refusal('input.media', problem);
	};
	switch (mode) {
		case 'text-to-video':
			if (media.length > 0) refuse('is not accepted by this model');
			return;
		case 'image-to-video':
			if (frames !== 1 || media.length !== 1) refuse('must hold exactly one first_frame');
			return;
		case 'reference-to-video':
			if (images !== media.length || images < 1 || images > MAX_REFERENCE_IMAGES)
				refuse(`must hold 1 to ${MAX_REFERENCE_IMAGES} reference_image, and nothing else`);
			return;
		case 'video-edit':
			if (media[0]?.type !== 'video' || videos !== 1 || frames > 0 || images > MAX_EDIT_IMAGES)
				refuse(`must hold one video, then 0 to ${MAX_EDIT_IMAGES} reference_image`);
	}
}

function checkMode(mode: Mode, { input, parameters = {} }: CreateBody): void {
	checkMedia(mode, input.media ?? []);
	if (mode !== 'image-to-video' && input.prompt === undefined) {
		throw new Refusal('input.prompt', `is required in ${mode}`);
	}
	const refuse = (name: string) => {
		throw new Refusal(`parameters.${name}`, `is not accepted in ${mode}`);
	};
	const followsItsSource = mode === 'image-to-video' || mode === 'video-edit';
	if (followsItsSource && parameters.ratio !== undefined) refuse('ratio');
	if (mode === 'video-edit' && parameters.duration !== undefined) refuse('duration');
	if (mode !== 'video-edit' && parameters.audio_setting !== undefined) refuse('audio_setting');
}

function checkHeaders(headers: IncomingHttpHeaders, media: readonly Medium[]): void {
	const hasUpload = media.some(({ url }) => url.startsWith('oss://'));
	const resolves = headers['x-dashscope-ossresourceresolve'] === 'enable';
	if (hasUpload && !resolves) {
		throw new Refusal('input.media', 'oss:// needs X-DashScope-OssResourceResolve: enable');
	}
	if (!hasUpload && resolves) {
		throw new Refusal('X-DashScope-OssResourceResolve', 'is for oss:// addresses only');
	}
}

/**
 * Checks a body and its headers, except for the content of its images and videos.
 * @throws Refusal
 */
export function checkOrder(
	headers: IncomingHttpHeaders,
	value: unknown,
	{ extraParameters }: OrderRules,
): CheckedOrder<CreateBody> {
	if (headers['x-dashscope-async'] !== 'enable') {
		throw new Refusal('X-DashScope-Async', 'current user api does not support synchronous calls.', {
			status: 403,
			code: 'AccessDenied',
		});
	}
	const body = keepsTo(createBody, value, { at: 'parameters', names: extraParameters });
	const { model, input, parameters = {} } = body;
	const mode = modeOf(model);
	const { resolution = '1080P', ratio, duration } = parameters;
	const isNewer = model.includes('-1.1-');
	if (resolution === '480P' && !isNewer)
		throw new Refusal('parameters.resolution', 'must be one of 720P, 1080P');
	const ratios = isNewer ? [...RATIOS, ...MORE_RATIOS] : RATIOS;
	if (ratio !== undefined && !ratios.includes(ratio))
		throw new Refusal('parameters.ratio', `must be one of ${ratios.join(', ')}`);
	checkMode(mode, body);
	const { prompt: words, media = [] } = input;
	checkHeaders(headers, media);
	return {
		mode,
		body,
		model,
		prompt: words,
		resolution,
		ratio,
		seconds: duration,
		links: media.map(({ type, url }, index) => ({
			parameter: `input.media[${index}].url`,
			url,
			what: type === 'video' ? 'video' : 'image',
		})),
	};
}
