// An order: what it is made of, and the checks of a body's fields that both services make alike.
import { z } from 'zod';

/** The modes of both services, by the names that iMini gives them. */
export type Mode = 'text-to-video' | 'image-to-video' | 'reference-to-video' | 'video-edit';

/** An image or a video that a body names, and where it stands there. */
export interface Link {
	/** E.g. `reference_images[0].url`. */
	parameter: string;
	url: string;
	what: 'image' | 'video';
}

/** What a service takes beyond its documented contract. */
export interface OrderRules {
	/** More model IDs. */
	models: readonly string[];
	/** More names where extra parameters go. */
	extraParameters: readonly string[];
}

/** An order that keeps to the contract. */
export interface CheckedOrder<Body = object> {
	mode: Mode;
	/** As it was sent. */
	body: Body;
	model: string;
	prompt?: string;
	resolution: '480P' | '720P' | '1080P';
	/** Width to height, e.g. `16:9`; absent where the video follows its source. */
	ratio?: string;
	/** Seconds, where the order says so. */
	seconds?: number;
	/** Its images and its video, to be looked at. */
	links: Link[];
}

/** A request that a service's contract refuses. The message begins with the parameter's name. */
export class Refusal extends Error {
	constructor(
		/** E.g. `reference_images[0].url`. */
		parameter: string,
		problem: string,
		/** Where it is not the usual refusal of a parameter. */
		readonly as?: { readonly status: number; readonly code: string },
	) {
		super(`${parameter}: ${problem}`);
	}
}

/** Seconds of a video. */
export const seconds = z.number().int().min(3).max(15);

/** A prompt: not blank, and of 5000 Unicode code points at most. */
export const prompt = z
	.string()
	.refine((text) => text.trim() !== '', 'must not be blank')
	.refine((text) => [...text].length <= 5000, 'must have at most 5000 characters');

/**
 * A body as it was sent, once it keeps to the `schema`.
 * @param more where the body may have other names as well, and which
 * @throws Refusal with the name of the first parameter that does not
 */
export function keepsTo<T extends z.ZodTypeAny>(
	schema: T,
	body: unknown,
	more: { at: string; names: readonly string[] },
): z.infer<T> {
	for (const issue of schema.safeParse(body).error?.issues ?? []) {
		const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`));
		const parameter = path.join('').slice(1);
		if (issue.code !== 'unrecognized_keys') throw new Refusal(parameter || 'body', issue.message);
		const unknown = issue.keys.find((key) => parameter !== more.at || !more.names.includes(key));
		if (unknown === undefined) continue;
		throw new Refusal(parameter ? `${parameter}.${unknown}` : unknown, 'is not a known parameter');
	}
	return body;
}
