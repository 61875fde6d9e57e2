// The domain, once something is paid: a task of the service, and the videos it brings.

/** Hours, about, that the service keeps a task and the links to its files (Model Studio's reference). */
export const TASK_HOURS = 24;

/** The output's words for how a task stands, as far as they are the same for every service. */
export const TASK_STATUSES = ['queued', 'processing', 'succeeded', 'failed', 'canceled'] as const;

/** How the task ids of dry runs begin. No service knows them. */
export const DRY_RUN_ID = 'dry_run_';

/** Host of the links that a dry run gives: no name that ends in `invalid` exists (RFC 2606). */
export const DRY_RUN_HOST = 'happyhorse.invalid';

/** A task that the service has accepted and will charge for. */
export interface AcceptedTask {
	readonly taskId: string;
	readonly model?: string;
	/** The service's own time, as it writes it. */
	readonly createdAt?: string;
	/** What the service's support asks for. */
	readonly requestId?: string;
}

/** Where a task is known: no other service, and no other host, has it. */
export interface Place {
	/** The service, by the name of the node's parameter. */
	readonly service: string;
	readonly host: string;
}

/** A finished video. */
export interface Video {
	/** Good for about {@link TASK_HOURS} hours. */
	readonly url: string;
	/** Pixels, as `height` is. */
	readonly width?: number;
	readonly height?: number;
	readonly durationSeconds?: number;
	readonly coverUrl?: string;
}

/** What the service, or the network, said beside its verdict. Readable, without key, prompt or base64. */
export interface Details {
	readonly httpStatus?: number;
	/** The service's own code, or the network's, e.g. ECONNRESET. */
	readonly code?: string;
	readonly requestId?: string;
	/** Words, shortened. */
	readonly text?: string;
	/** Of an order without a clear answer: tasks that it may have become. */
	readonly taskIds?: readonly string[];
}

/** What the service knows about a task. */
export interface VideoTask extends Omit<AcceptedTask, 'taskId'> {
	/** `going` covers every word for a status that is not final, also one that nobody knows yet. */
	readonly state: 'going' | 'succeeded' | 'failed' | 'canceled';
	/** The service's word for it; those that are known have the same name for every service. */
	readonly status: string;
	readonly completedAt?: string;
	/** None until the task has succeeded. */
	readonly videos: readonly Video[];
	/** Seconds of video that the service bills, where it tells. */
	readonly billedSeconds?: number;
	/** Why a failed task has failed. */
	readonly error?: Details;
}

/** A task that may not have been looked at: `videos` is undefined then. */
export type KnownTask = AcceptedTask & Partial<VideoTask>;
