// Why something went wrong, in the words and codes of whatever was thrown.
import { fieldOf } from './field';

/** Characters of n8n's or Node's reason that a message shows. */
const MOST_SHOWN = 160;

/** {@link reasonOf}, cut for a message. */
export function shortReasonOf(thrown: unknown): string {
	return reasonOf(thrown).slice(0, MOST_SHOWN);
}

/** The message of an error; of anything else that was thrown, its text. */
export function reasonOf(thrown: unknown): string {
	const message = fieldOf(thrown, 'message');
	return typeof message === 'string' ? message : String(thrown);
}
