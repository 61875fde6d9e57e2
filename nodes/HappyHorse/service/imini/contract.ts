// The contract with iMini, written once: the shapes of what goes out and what comes in. From the platform's public
// reference ("HappyHorse 1.0", "Get video task", "Getting started").
import { z } from 'zod';
import { label, lenient, taskId } from '../json';

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
	message: lenient(z.string()),
	status: lenient(z.number()),
	request_id: label,
});

/** The body of every answer with a status >= 400. */
export const errorEnvelope = z.object({ error: envelopeError });

/** The answer to a submit that was accepted. Only the id is needed to go on. */
export const submitAnswer = z.object({
	task_id: lenient(taskId),
	model: lenient(z.string()),
	created_at: lenient(z.string()),
	request_id: label,
});

const amount = lenient(z.number().finite().nonnegative());

/** An entry of `videos`. */
export const listedVideo = z.object({
	url: z.unknown(),
	width: amount,
	height: amount,
	duration: amount,
	cover_url: z.unknown(),
});

/** The answer to a query. Of the words for `status`, two are final. */
export const taskAnswer = z.object({
	task_id: lenient(taskId),
	status: lenient(z.string().trim().min(1)),
	model: lenient(z.string()),
	created_at: lenient(z.string()),
	completed_at: lenient(z.string()),
	videos: lenient(z.array(z.unknown())),
	error: lenient(envelopeError),
	request_id: label,
});
