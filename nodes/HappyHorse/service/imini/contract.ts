// The contract with iMini, written once: the shapes of what goes out and what comes in. From the platform's public
// reference ("HappyHorse 1.0", "Get video task", "Getting started"). What comes in may be dressed differently: whoever
// paid gets the video if there is any way to see it in the answer.
import { z } from 'zod';
import { isRecord, label, shown } from '../json';

/** The body of a submit, all modes together; the mode decides which fields may be there. */
export interface SubmitBody {
	model: string;
	prompt?: string;
	resolution: string;
	/** Text-to-video and reference-to-video only. */
	aspect_ratio?: string;
	/** Whole seconds; every mode but the edit. */
	duration?: number;
	reference_images?: Array<{ url: string; reference_type: 'first_frame' | 'asset' }>;
	/** Exactly one, the edit only. */
	reference_videos?: Array<{ url: string }>;
	/** `audio_setting` in the edit only. */
	extra_params?: Record<string, unknown> & { audio_setting?: string };
}

const envelopeError = z.object({
	code: label,
	message: shown(z.string()),
	status: shown(z.number()),
	request_id: label,
});

/** Why the service says no: the `error` of an answer with status >= 400, and of a failed task. */
export type ServiceError = z.infer<typeof envelopeError>;

/** The body of every answer with a status >= 400. */
export const errorEnvelope = z.object({ error: envelopeError });

/** Fields that a gateway wraps an answer in. */
const WRAPPERS = ['data', 'result', 'output'];

/** The object that has one of the fields `names`: the answer itself, the first of a list, or what it is wrapped in. */
function unwrapped(answer: unknown, names: readonly string[]): unknown {
	const outer: unknown = Array.isArray(answer) ? answer[0] : answer;
	if (!isRecord(outer) || names.some((name) => outer[name] !== undefined)) return outer;
	const inner = WRAPPERS.map((name) => outer[name])
		.map((value): unknown => (Array.isArray(value) ? value[0] : value))
		.find((value) => isRecord(value) && names.some((name) => value[name] !== undefined));
	return isRecord(inner) ? { request_id: outer.request_id, ...inner } : outer;
}

const taskId = z.union([z.string().trim().min(1), z.number().int().positive()]);

/** The answer to a submit that was accepted. Only the id is needed to go on; the rest is shown when it is there. */
export const submitAnswer = z.preprocess(
	(answer) => unwrapped(answer, ['task_id']),
	z.object({
		task_id: taskId,
		model: shown(z.string()),
		created_at: shown(z.string()),
		request_id: label,
	}),
);

/** {@link submitAnswer}, read. */
export type SubmitAnswer = z.infer<typeof submitAnswer>;

const amount = shown(z.number().finite().nonnegative());

const video = z.object({
	url: z.unknown(),
	video_url: z.unknown(),
	width: amount,
	height: amount,
	duration: amount,
	cover_url: z.unknown(),
});

/** A video as the service lists it; whether there is a link in it remains to be seen. */
export type ListedVideo = z.infer<typeof video>;

/** Videos of one task that are looked at, at most. */
const MOST_VIDEOS = 100;

/** The entries of a field that ought to be a list of videos. An entry may be the link itself. */
function listed(value: unknown): ListedVideo[] {
	const entries: unknown[] = Array.isArray(value) ? value.slice(0, MOST_VIDEOS) : [value];
	return entries.flatMap((entry) => {
		const read = video.safeParse(typeof entry === 'string' ? { url: entry } : entry);
		return read.success ? [read.data] : [];
	});
}

/** Fields that an answer about a task has, one at least. */
const TASK_FIELDS = ['status', 'videos', 'video_url'];

/** The task in an answer, and all fields beside `videos` where a finished one may have its video. */
function taskFields(answer: unknown): unknown {
	const fields = unwrapped(answer, TASK_FIELDS);
	if (!isRecord(fields)) return fields;
	const places = [fields, fields.video, ...WRAPPERS.map((name) => fields[name])];
	return { ...fields, elsewhere: places.flat() };
}

/** The answer to a query: it has a status, or a video at least. Of the words for `status`, two are final. */
export const taskAnswer = z.preprocess(
	taskFields,
	z
		.object({
			task_id: shown(taskId),
			status: shown(z.string().trim().min(1)),
			model: shown(z.string()),
			created_at: shown(z.string()),
			completed_at: shown(z.string()),
			videos: z.unknown().transform(listed),
			elsewhere: z.unknown().transform(listed),
			error: shown(envelopeError),
			request_id: label,
		})
		.refine(
			({ status, videos, elsewhere }) =>
				status !== undefined ||
				[...videos, ...elsewhere].some(({ url, video_url }) => (url ?? video_url) !== undefined),
		),
);

/** {@link taskAnswer}, read. */
export type TaskAnswer = z.infer<typeof taskAnswer>;
