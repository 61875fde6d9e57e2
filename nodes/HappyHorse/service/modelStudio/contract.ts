// The contract with Model Studio, written once: the shapes of what goes out and what comes in. From its references of the
// HappyHorse models, of asynchronous tasks and of temporary uploads.
import { z } from 'zod';
import type { Mode } from '../../domain/limits';
import { isRecord, label, lenient, taskId } from '../json';

/** What a model's name ends with. */
const ENDINGS: Record<Exclude<Mode, 'editVideo'>, string> = {
	textToVideo: 't2v',
	imageToVideo: 'i2v',
	referenceToVideo: 'r2v',
};

/** The model for a mode. There is one version of the model that edits. */
export function modelOf(mode: Mode, version: string): string {
	return mode === 'editVideo'
		? 'happyhorse-1.0-video-edit'
		: `happyhorse-${version}-${ENDINGS[mode]}`;
}

/** An entry of `media`. */
export interface Medium {
	type: 'first_frame' | 'reference_image' | 'video';
	url: string;
}

/** The body of a create, all modes together; the mode decides which fields may be there. */
export interface CreateBody {
	model: string;
	input: { prompt?: string; media?: Medium[] };
	parameters: Record<string, unknown> & {
		resolution: string;
		/** Text-to-video and reference-to-video only. */
		ratio?: string;
		/** Whole seconds; every mode but the edit. */
		duration?: number;
		/** Always sent: the service's own default is true. */
		watermark: boolean;
		seed?: number;
		/** The edit only. */
		audio_setting?: string;
	};
}

const flatError = z.object({
	code: label,
	message: lenient(z.string()),
	request_id: label,
});

/** The body of an answer with a status >= 400: flat; the list of models has its error one level down. */
export const errorAnswer = z.preprocess(
	(answer) =>
		isRecord(answer) && isRecord(answer.error)
			? { request_id: answer.request_id, ...answer.error }
			: answer,
	flatError.refine(({ code }) => code !== undefined),
);

/** The answer to a create that was accepted. Only the id is needed to go on. */
export const createAnswer = z.object({
	output: lenient(z.object({ task_id: lenient(taskId) })),
	request_id: label,
});

const seconds = lenient(z.number().finite().nonnegative());

/** The answer to a query. `results`, where other models of the service have their files. */
export const taskAnswer = z.object({
	request_id: label,
	output: z.object({
		task_id: lenient(taskId),
		task_status: z.string().trim().min(1),
		submit_time: lenient(z.string()),
		end_time: lenient(z.string()),
		code: label,
		message: lenient(z.string()),
		video_url: z.unknown(),
		results: lenient(z.array(lenient(z.object({ url: z.unknown() })))),
	}),
	usage: lenient(z.object({ duration: seconds, output_video_duration: seconds })),
});

/** A page of the list of tasks. */
export const listAnswer = z.object({
	total_page: lenient(z.number().int().nonnegative()),
	data: z.array(z.unknown()).max(1000),
});

const moment = lenient(z.number().finite());

/** An entry of that list. Times in ms since 1970. */
export const listedTask = z.object({
	task_id: z.string(),
	status: z.string().trim().min(1),
	model_name: lenient(z.string()),
	gmt_create: moment,
	end_time: moment,
	request_id: label,
});

/** Where and how a file can be uploaded. */
export const policyAnswer = z.object({
	data: z.object({
		policy: z.string(),
		signature: z.string(),
		upload_dir: z.string().min(1),
		upload_host: z.string(),
		oss_access_key_id: z.string(),
		x_oss_object_acl: z.string(),
		x_oss_forbid_overwrite: z.union([z.string(), z.boolean().transform(String)]),
	}),
});

/** The policy of {@link policyAnswer}. */
export type UploadPolicy = z.infer<typeof policyAnswer>['data'];

/** The list of models. */
export const modelList = z.object({ data: z.array(z.unknown()) });
