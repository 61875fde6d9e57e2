// A look into values whose shape nobody has promised.

/** The field `name` of a value of whatever kind; undefined where it has none. */
export function fieldOf(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
