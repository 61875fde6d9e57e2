// The contract with iMini, written once: the shapes of what goes out and what comes in. From the platform's public
// reference ("HappyHorse 1.0", "Get video task", "Getting started").
import { z } from 'zod';

/** The only model this package orders from; the fixed value of the field `model`. */
export const MODEL = 'dashscope/happyhorse-1.0';

/** The body of a submit, all modes together; the mode decides which fields may be there. */
export interface SubmitBody {
	model: typeof MODEL;
	prompt?: string;
	resolution: string;
	/** Text-to-video and reference-to-video only. */
	aspect_ratio?: string;
	/** Whole seconds; every mode but the edit. */
	duration?: number;
	reference_images?: Array<{ url: string; reference_type: 'first_frame' | 'asset' }>;
	/** Exactly one, the edit only. */
	reference_videos?: Array<{ url: string }>;
	/** The edit only. */
	extra_params?: { audio_setting: string };
}

/**
 * A field that is only shown: one of an unexpected type counts as absent, so that it can never cost the task id or the
 * link beside it.
 */
function shown<T extends z.ZodTypeAny>(type: T) {
	return type
		.nullish()
		.catch(undefined)
		.transform((value) => value ?? undefined);
}

/** A code or an id that is only shown: a number is as good as a text. */
const label = shown(z.union([z.string(), z.number().transform(String)]));

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

/** The answer to a submit that was accepted. Only the id is needed to go on; the rest is shown when it is there. */
export const submitAnswer = z.object({
	task_id: z.string().trim().min(1),
	model: shown(z.string()),
	created_at: shown(z.string()),
	request_id: label,
});

const video = z.object({
	url: z.string().url(),
	width: shown(z.number()),
	height: shown(z.number()),
	duration: shown(z.number()),
	cover_url: shown(z.string()),
});

/** The answer to a query. Of the words for `status`, only `succeeded` and `failed` are final. */
export const taskAnswer = z.object({
	status: z.string().min(1),
	model: shown(z.string()),
	created_at: shown(z.string()),
	completed_at: shown(z.string()),
	videos: z.array(video).nullish(),
	error: shown(envelopeError),
	request_id: label,
});

/** {@link taskAnswer}, read. */
export type TaskAnswer = z.infer<typeof taskAnswer>;
