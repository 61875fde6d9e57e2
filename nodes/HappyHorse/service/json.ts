// JSON from outside: read without throwing, and what a field of it may be.
import { z } from 'zod';

/** The value of a JSON text, or undefined where it is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Whether a value of a JSON text is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A field that is only shown: one of an unexpected type counts as absent, so that it can never cost the task id or the
 * link beside it.
 */
export function shown<T extends z.ZodTypeAny>(type: T) {
	return type
		.nullish()
		.catch(undefined)
		.transform((value) => value ?? undefined);
}

/** A code or an id that is only shown: a number is as good as a text. */
export const label = shown(z.union([z.string(), z.number().transform(String)]));

/**
 * A whole number of a JSON text as it stands there: JSON.parse rounds it beyond 2^53. Undefined where two numbers of the
 * text are rounded to it.
 */
export function exactDigits(value: number, text: string): string | undefined {
	if (Number.isSafeInteger(value)) return String(value);
	const found = new Set<string>();
	for (const [digits] of text.matchAll(/\d{16,}/g)) {
		if (Number(digits) === value) found.add(digits);
	}
	const [only] = found;
	return found.size === 1 ? only : undefined;
}

/**
 * Ms to wait that a `Retry-After` header asks for: seconds, or a date. Undefined when it is absent or says nothing
 * usable (negative, not a number, not a date). `now`: ms since 1970.
 */
export function retryAfterMs(
	headers: Readonly<Record<string, unknown>>,
	now: number,
): number | undefined {
	const header = headers['retry-after'];
	if (typeof header !== 'string' && typeof header !== 'number') return undefined;
	const text = String(header).trim();
	if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
	const date = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
