// A look into values whose shape nobody has promised.

/** The field `name` of any value; undefined where it has none. */
export function fieldOf(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Characters of n8n's or Node's reason that a message shows. */
const MOST_SHOWN = 160;

/** {@link reasonOf} on one line, cut for a message. */
export function shortReasonOf(thrown: unknown): string {
	const start = reasonOf(thrown).slice(0, MOST_SHOWN);
	return start.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** The message of an error; of anything else that was thrown, its text. */
export function reasonOf(thrown: unknown): string {
	const message = fieldOf(thrown, 'message');
	return typeof message === 'string' ? message : String(thrown);
}
