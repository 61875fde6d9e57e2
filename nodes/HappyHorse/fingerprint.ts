// A short text that tells whether two values are the same, without keeping either.
import { createHash } from 'crypto';

/** `value` as JSON with the keys of objects in order, so that equal values have equal texts. */
function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, entry: unknown) => {
		if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
		return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
	});
}

/** A short hash (132 bits) of any JSON value: equal for equal values, whatever the order of their keys. */
export function fingerprint(value: unknown): string {
	return createHash('sha256')
		.update(canonical(value) ?? '')
		.digest('base64url')
		.slice(0, 22);
}
