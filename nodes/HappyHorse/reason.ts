// Why something went wrong, in the words and codes of whatever was thrown.
import { fieldOf } from './field';

/** The message of an error; of anything else that was thrown, its text. */
export function reasonOf(thrown: unknown): string {
	const message = fieldOf(thrown, 'message');
	return typeof message === 'string' ? message : String(thrown);
}
