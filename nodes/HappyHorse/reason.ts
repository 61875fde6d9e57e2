// Why something went wrong, in the words and codes of whatever was thrown.

/** The field `name` of whatever was thrown; undefined where it has none. */
export function fieldOf(thrown: unknown, name: string): unknown {
	return typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined;
}

/** The message of an error; of anything else that was thrown, its text. */
export function reasonOf(thrown: unknown): string {
	const message = fieldOf(thrown, 'message');
	return typeof message === 'string' ? message : String(thrown);
}
