// How a message shows a value that a field must not have.
import type { Failure } from '../failure';
import { invalidInput } from '../failure';

/** Characters of a bad value that a message shows. */
const MOST_SHOWN = 60;

/**
 * A value in words fit for a message: shortened, without the content of a `data:` URL, and without the query of a
 * link, which may hold a signature.
 */
export function shown(value: unknown): string {
	if (value === undefined || value === null) return 'empty';
	if (typeof value === 'string') {
		if (value.trim() === '') return 'empty';
		const plain = value
			.replace(/^(data:[^,]{0,40})[^]*$/i, '$1,…')
			.replace(/^([a-z]+:\/\/[^?]*)\?[^]*$/i, '$1?…');
		return `"${plain.length > MOST_SHOWN ? `${plain.slice(0, MOST_SHOWN)}…` : plain}"`;
	}
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	return Array.isArray(value) ? `a list of ${value.length}` : `a value of the type ${typeof value}`;
}

/** The usual form: "<field> must be <rule>, but is <found>". */
export function mustBe(field: string, rule: string, found: unknown): Failure {
	return invalidInput(
		`${field} must be ${rule}, but is ${shown(found)}`,
		`Correct the field "${field}".`,
	);
}
