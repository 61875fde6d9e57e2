// A short text that tells whether two values are the same, without keeping either.
import { createHash } from 'crypto';
import { yieldNow } from './clock';
import { fieldOf } from './unknown';

/** Characters of a text that are hashed in one piece: well below a ms of work. */
const PIECE = 64 * 1024;

/** Of all pieces: a character that is cut in two keeps both of its halves. */
const ENCODING = 'utf16le';

/** Levels of objects and lists in each other, at most: more than any JSON that people write, and few enough for n8n itself. */
const DEEPEST = 2000;

/** Pieces after which others may get their turn: well below a ms of work. */
const PIECES_AT_ONCE = 256;

/** Bits 0 to 131 of a SHA-256, as 22 characters. */
const LENGTH = 22;

/** What JSON would write of a value: what it leaves out is undefined. n8n lets it write a bigint as a text. */
function plain(value: unknown): unknown {
	const toJSON = fieldOf(value, 'toJSON');
	const spoken: unknown = typeof toJSON === 'function' ? toJSON.call(value) : value;
	if (typeof spoken === 'bigint') return String(spoken);
	return typeof spoken === 'function' || typeof spoken === 'symbol' ? undefined : spoken;
}

/** A field or an element, and what is written before it. */
type Entry = readonly [before: string, value: unknown];

function* entriesOf(container: object): Generator<Entry, undefined> {
	if (Array.isArray(container)) {
		for (const element of container) yield ['', plain(element)];
		return;
	}
	for (const key of Object.keys(container).sort()) {
		const value = plain(Reflect.get(container, key));
		if (value !== undefined) yield [`${JSON.stringify(key)}:`, value];
	}
}

/**
 * The JSON text of a value in pieces, with the keys of objects in order and long texts cut. Each piece takes the same
 * time, however deep it lies.
 * @throws TypeError when the value contains itself, or is nested deeper than {@link DEEPEST}
 */
function* canonical(root: unknown): Generator<string> {
	const stack: Array<{ readonly container: object; readonly rest: Generator<Entry, undefined> }> =
		[];
	const open = new Set<object>();
	for (
		let entry: Entry | undefined = ['', plain(root)];
		;
		entry = stack.at(-1)?.rest.next().value
	) {
		const [before, value] = entry ?? [];
		if (before) yield before;
		if (typeof value === 'object' && value !== null) {
			if (open.has(value)) throw new TypeError('It contains itself');
			if (stack.length === DEEPEST) throw new TypeError('It is nested too deeply');
			open.add(value);
			stack.push({ container: value, rest: entriesOf(value) });
			yield Array.isArray(value) ? '[' : '{';
			continue;
		}
		const ended = entry === undefined ? stack.pop() : undefined;
		if (ended !== undefined) {
			open.delete(ended.container);
			yield Array.isArray(ended.container) ? ']' : '}';
		} else if (typeof value === 'string' && value.length > PIECE) {
			// No JSON begins like this
			yield `text of ${value.length}:`;
			for (let at = 0; at < value.length; at += PIECE) yield value.slice(at, at + PIECE);
		} else {
			yield JSON.stringify(value) ?? 'null';
		}
		if (stack.length === 0) return;
		yield ',';
	}
}

/** A short hash (132 bits) of any JSON value: equal for equal values, whatever the order of their keys. @throws TypeError as {@link canonical} */
export function fingerprint(value: unknown): string {
	const hash = createHash('sha256');
	for (const piece of canonical(value)) hash.update(piece, ENCODING);
	return hash.digest('base64url').slice(0, LENGTH);
}

/** {@link fingerprint} of a value of whatever size: yields to the event loop. @throws TypeError as {@link canonical} */
export async function fingerprintInPieces(value: unknown): Promise<string> {
	const hash = createHash('sha256');
	let pieces = 0;
	for (const piece of canonical(value)) {
		hash.update(piece, ENCODING);
		pieces += 1;
		if (piece.length === PIECE || pieces % PIECES_AT_ONCE === 0) await yieldNow();
	}
	return hash.digest('base64url').slice(0, LENGTH);
}
