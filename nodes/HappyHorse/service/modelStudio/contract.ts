// The contract with Model Studio, written once: the shapes of what goes out and what comes in. From its references of the
// HappyHorse models, of asynchronous tasks and of temporary uploads. Gateways dress answers differently: whoever paid gets
// the video if there is any way to see it in the answer.
import { z } from 'zod';
import type { Mode } from '../../domain/limits';
import { isRecord, label, shown } from '../json';

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
	message: shown(z.string()),
	request_id: label,
});

/** Why the service says no: the fields of an answer with status >= 400, and of a failed task. */
export type ServiceError = z.infer<typeof flatError>;

/** The body of an answer with a status >= 400: flat; the list of models has its error one level down. */
export const errorAnswer = z.preprocess(
	(answer) =>
		isRecord(answer) && isRecord(answer.error)
			? { request_id: answer.request_id, ...answer.error }
			: answer,
	flatError.refine(({ code }) => code !== undefined),
);

const taskId = z.union([z.string().trim().min(1), z.number().int().positive()]);

/** What gateways wrap an answer in. */
function unwrapped(answer: unknown): unknown {
	if (!isRecord(answer) || isRecord(answer.output)) return answer;
	return isRecord(answer.data) && isRecord(answer.data.output) ? answer.data : answer;
}

/** The answer to a create that was accepted. Only the id is needed to go on. */
export const createAnswer = z.preprocess(
	unwrapped,
	z.object({ output: z.object({ task_id: taskId }), request_id: label }),
);

const seconds = shown(z.number().finite().nonnegative());

const usage = shown(z.object({ duration: seconds, output_video_duration: seconds }));

/** Places in `output` where a video may be named: `video_url`, or in `results`, as for other models. */
function linksIn(output: unknown): unknown[] {
	if (!isRecord(output)) return [];
	const results = Array.isArray(output.results) ? output.results : [output.results];
	return [
		output.video_url,
		...results.flatMap((one) => (isRecord(one) ? [one.video_url, one.url] : [])),
	];
}

/** The answer to a query. */
export const taskAnswer = z.preprocess(
	(answer) => {
		const fields = unwrapped(answer);
		return isRecord(fields) ? { ...fields, links: linksIn(fields.output) } : fields;
	},
	z.object({
		request_id: label,
		output: z.object({
			task_id: shown(taskId),
			task_status: z.string().trim().min(1),
			submit_time: shown(z.string()),
			end_time: shown(z.string()),
			code: label,
			message: shown(z.string()),
		}),
		links: z.array(z.unknown()),
		usage,
	}),
);

/** {@link taskAnswer}, read. */
export type TaskAnswer = z.infer<typeof taskAnswer>;

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
