// JSON from outside: read without throwing, and what a field of it may be.
import { z } from 'zod';
import { fieldOf } from '../util/unknown';

/**
 * The object in a JSON text, from its first brace to its last: gateways put a byte order mark or `)]}'` before it, or
 * comments behind. Undefined where there is none, or a page with a script around it.
 */
export function parseJson(text: string): unknown {
	if (/^[^{]*</.test(text)) return undefined;
	try {
		return JSON.parse(text.slice(Math.max(0, text.indexOf('{')), text.lastIndexOf('}') + 1));
	} catch {
		return undefined;
	}
}

/**
 * A field that is only shown: one of an unexpected type counts as absent, so that it can never cost the task id or the
 * link beside it.
 */
export function lenient<T extends z.ZodTypeAny>(type: T) {
	return type
		.nullish()
		.catch(undefined)
		.transform((value) => value ?? undefined);
}

/** Entries of a list that are looked at, at most: more than any task has videos. */
const MOST_ENTRIES = 100;

/** The first {@link MOST_ENTRIES} of a list, however long it is; those of an unexpected type are undefined. */
export function firstOf<T extends z.ZodTypeAny>(entry: T) {
	const first = z
		.unknown()
		.transform((list) => (Array.isArray(list) ? list.slice(0, MOST_ENTRIES) : undefined));
	return lenient(first.pipe(z.array(lenient(entry))));
}

/** A text that is only shown. */
export const words = lenient(z.string());

/** A code or an id that is only shown: a number is as good as a text. */
export const label = lenient(z.union([z.string(), z.number().transform(String)]));

/** A number of seconds or pixels. */
export const amount = lenient(z.number().finite().nonnegative());

/** A task id as it may stand in an answer. */
export const taskId = z.union([z.string().trim().min(1), z.number().int().positive()]);

/** A whole `task_id` of a JSON text: a text with its end, or a whole number with what follows it. */
const TASK_ID_FIELD = /"task_id"\s*:\s*(?:("(?:[^"\\]|\\.){1,300}")|(\d{1,100})(?=\s*[,}\]]))/g;

/** What stands in place of an id where there is no task. */
const NO_ID = /^(0*|null|none|undefined)$/i;

/**
 * All task ids in a text, at any depth, each once, also where the JSON around them is broken or cut off. Numbers are read
 * as they stand there: JSON.parse rounds them beyond 2^53.
 */
export function taskIdsIn(text: string): string[] {
	const found = [...text.matchAll(TASK_ID_FIELD)].map(([, quoted, digits]) =>
		String(digits ?? fieldOf(parseJson(`{"id":${quoted}}`), 'id')).trim(),
	);
	return [...new Set(found)].filter((id) => !NO_ID.test(id));
}

/** Ms that a service may ask to be left alone, at most. */
const LONGEST_PAUSE_MS = 60 * 60_000;

/**
 * Ms to wait that a `Retry-After` header asks for: seconds, or a date; an hour at most. Undefined when it is absent or says
 * nothing usable (negative, not a finite number, not a date). `now`: ms since 1970.
 */
export function retryAfterMs(
	headers: Readonly<Record<string, unknown>>,
	now: number,
): number | undefined {
	const header = headers['retry-after'];
	if (typeof header !== 'string' && typeof header !== 'number') return undefined;
	const text = String(header).trim();
	const date = /\d:\d/.test(text) && /[a-z]/i.test(text) ? Date.parse(text) : NaN;
	const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Math.max(0, date - now);
	return Number.isFinite(ms) ? Math.min(ms, LONGEST_PAUSE_MS) : undefined;
}
