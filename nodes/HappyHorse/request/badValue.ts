// Why input can't be used, in words, and how a message shows a value that a field must not have.
import type { Result } from '../domain/failure';
import { Failure, failed, invalidInput, succeeded } from '../domain/failure';
import { megabytes } from '../domain/limits';
import { bareLink } from '../util/links';
import { shortReasonOf } from '../util/unknown';
import { isBlank, excerpt, tidy } from './text';

/** Characters that are looked at: enough for what is shown, with the user name of a link before it. */
const LOOKED_AT = 1000;

/** What begins like the content of a file in base64. */
const BASE64 = /^[\w+/-]{60}/;

/** A link without its user, and without all that may be a signature; the content of a file is left out. */
function withoutSecrets(text: string): string {
	if (BASE64.test(text)) return '…';
	// Of these, the type
	if (/^data:/i.test(text)) return `${text.slice(0, 45).split(',', 1)[0]},…`;
	return bareLink(text);
}

/** A value in words fit for a message: short, without the content of a `data:` URL, and without secrets of a link. */
export function valueInWords(value: unknown): string {
	if (isBlank(value)) return 'empty';
	if (typeof value === 'string')
		return `"${excerpt(withoutSecrets(tidy(value).slice(0, LOOKED_AT)))}"`;
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	return Array.isArray(value) ? `a list of ${value.length}` : `a value of the type ${typeof value}`;
}

/** A name, of a file or a field, as a message shows it. */
export function quotedName(name: string): string {
	return `"${excerpt(name)}"`;
}

/** What to do where a file is none, or not the right one: n8n's usual node for files gives text unless it is told so. */
export const LOOK_AT_INPUT =
	'Look at what the node before puts out. In an HTTP Request node, set Response Format to File.';

/** What to do where n8n no longer has a file. */
export const RUN_FROM_START = 'Run the workflow from its start, so that the file is made again.';

/** The usual form: "<field> must be <rule>, but is <found>". `fix`: a whole sentence. */
export function mustBe(
	field: string,
	rule: string,
	found: unknown,
	fix = `Correct the field "${field}".`,
): Failure {
	return invalidInput(`${field} must be ${rule}, but is ${valueInWords(found)}`, fix);
}

/** For a file: "<name> <what it is>; it must <what is asked of it>". `fix`: a whole sentence. */
export function unfit(name: string, is: string, must: string, fix: string): Failure {
	return invalidInput(`${name} ${is}; it must ${must}`, fix);
}

/** For a file of more than `maxBytes`. `fix`: a whole sentence. */
export function tooLarge(name: string, maxBytes: number, fix: string): Failure {
	return invalidInput(`${name} is larger than ${megabytes(maxBytes)} (${maxBytes} bytes)`, fix);
}

/** Why an item could not be read: the failure that was thrown, or n8n's own reason. */
export function readFailure(error: unknown): Failure {
	if (error instanceof Failure) return error;
	const next = 'Check the input of this node.';
	return invalidInput(`The input could not be read: ${shortReasonOf(error)}`, next);
}

/** What `read` returns, or why it failed: see {@link readFailure}. */
export async function resultOf<T>(read: () => T | Promise<T>): Promise<Result<T>> {
	try {
		return succeeded(await read());
	} catch (error) {
		return failed(readFailure(error));
	}
}
