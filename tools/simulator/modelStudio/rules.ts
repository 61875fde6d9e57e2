// The rules of a create at Model Studio: what its contract accepts and what it refuses, with the parameter's name.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import type { IncomingHttpHeaders } from 'node:http';
import {
	durationOf,
	given,
	integerOf,
	listOf,
	objectOf,
	oneOf,
	promptOf,
	Refusal,
	textOf,
	truthOf,
	withoutAbsent,
	type CheckedOrder,
	type Mode,
	type OrderRules,
} from '../order';

const RESOLUTIONS = ['720P', '1080P'] as const;
const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'] as const;
const MORE_RATIOS = ['4:5', '5:4', '9:21', '21:9'] as const;
const MEDIA_TYPES = ['first_frame', 'reference_image', 'video'] as const;
const AUDIO_SETTINGS = ['auto', 'origin'] as const;
const MAX_SEED = 2_147_483_647;
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

/** Whether a model is one of this service. */
export function isModel(model: string): boolean {
	return Object.hasOwn(MODES, model);
}

/** An entry of `input.media`. */
export interface Medium {
	type: (typeof MEDIA_TYPES)[number];
	url: string;
}

/** The body of a create that keeps to the contract. */
export interface CreateBody {
	model: string;
	input: { prompt?: string; media?: Medium[] };
	parameters?: {
		resolution?: (typeof RESOLUTIONS)[number];
		ratio?: string;
		/** Seconds. */
		duration?: number;
		watermark?: boolean;
		seed?: number;
		audio_setting?: (typeof AUDIO_SETTINGS)[number];
	};
}

/** The mode of a model. @throws Refusal as the service does for one that it does not have. */
function modeOf(model: unknown): { model: string; mode: Mode } {
	const name = textOf(model, 'model');
	if (isModel(name)) return { model: name, mode: MODES[name] };
	throw new Refusal('model', 'not exist', { status: 404, code: 'ModelNotFound' });
}

function checkedMedium(value: unknown, index: number): Medium {
	const parameter = `input.media[${index}]`;
	const fields = objectOf(value, parameter, ['type', 'url']);
	return {
		type: oneOf(fields.type, `${parameter}.type`, MEDIA_TYPES),
		url: textOf(fields.url, `${parameter}.url`),
	};
}

function checkedInput(value: unknown): CreateBody['input'] {
	const fields = objectOf(value, 'input', ['prompt', 'media']);
	return withoutAbsent({
		prompt: given(fields.prompt, (prompt) => promptOf(prompt, 'input.prompt')),
		media: given(fields.media, (list) => listOf(list, 'input.media').map(checkedMedium)),
	});
}

function checkedParameters(
	value: unknown,
	model: string,
	extraParameters: readonly string[],
): CreateBody['parameters'] {
	const known = ['resolution', 'ratio', 'duration', 'watermark', 'seed', 'audio_setting'] as const;
	const all = objectOf<string>(value, 'parameters', [...known, ...extraParameters]);
	const fields: Partial<Record<(typeof known)[number], unknown>> = all;
	const ratios = model.includes('-1.1-') ? [...RATIOS, ...MORE_RATIOS] : RATIOS;
	const at = (name: string) => `parameters.${name}`;
	return withoutAbsent({
		...Object.fromEntries(extraParameters.map((name) => [name, all[name]])),
		resolution: given(fields.resolution, (word) => oneOf(word, at('resolution'), RESOLUTIONS)),
		ratio: given(fields.ratio, (word) => oneOf<string>(word, at('ratio'), ratios)),
		duration: given(fields.duration, (seconds) => durationOf(seconds, at('duration'))),
		watermark: given(fields.watermark, (truth) => truthOf(truth, at('watermark'))),
		seed: given(fields.seed, (seed) => integerOf(seed, at('seed'), 0, MAX_SEED)),
		audio_setting: given(fields.audio_setting, (word) =>
			oneOf(word, at('audio_setting'), AUDIO_SETTINGS),
		),
	});
}

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
	const fields = objectOf(value, 'body', ['model', 'input', 'parameters']);
	const { model, mode } = modeOf(fields.model);
	const body: CreateBody = withoutAbsent({
		model,
		input: checkedInput(fields.input),
		parameters: given(fields.parameters, (params) =>
			checkedParameters(params, model, extraParameters),
		),
	});
	checkMode(mode, body);
	const { prompt, media = [] } = body.input;
	checkHeaders(headers, media);
	const { resolution = '1080P', ratio, duration } = body.parameters ?? {};
	return {
		mode,
		body,
		model,
		prompt,
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
