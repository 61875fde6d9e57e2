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

/** The pieces of {@link canonical}; in place of those of an object or list inside, that itself. `open`: what it lies in. */
function* piecesOf(value: unknown, open: Set<object>): Generator<string | object, undefined> {
	if (typeof value === 'string' && value.length > PIECE) {
		// No JSON begins like this
		yield `text of ${value.length}:`;
		for (let at = 0; at < value.length; at += PIECE) yield value.slice(at, at + PIECE);
	} else if (typeof value !== 'object' || value === null) {
		yield JSON.stringify(value) ?? 'null';
	} else {
		if (open.has(value)) throw new TypeError('It contains itself');
		if (open.size === DEEPEST) throw new TypeError('It is nested too deeply');
		open.add(value);
		const isList = Array.isArray(value);
		yield isList ? '[' : '{';
		for (const key of isList ? value.keys() : Object.keys(value).sort()) {
			const inner = plain(Reflect.get(value, key));
			if (inner === undefined && !isList) continue;
			if (!isList) yield `${JSON.stringify(key)}:`;
			if (typeof inner === 'object' && inner !== null) yield inner;
			else yield* piecesOf(inner, open);
			yield ',';
		}
		yield isList ? ']' : '}';
		open.delete(value);
	}
}

/**
 * The JSON text of a value in pieces, with the keys of objects in order and long texts cut. Each piece takes the same
 * time, however deep it lies.
 * @throws TypeError when the value contains itself, or is nested deeper than {@link DEEPEST}
 */
function* canonical(root: unknown): Generator<string> {
	const open = new Set<object>();
	const stack = [piecesOf(plain(root), open)];
	for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
		const { value: piece } = top.next();
		if (piece === undefined) stack.pop();
		else if (typeof piece === 'string') yield piece;
		else stack.push(piecesOf(piece, open));
	}
}

/** A hash (132 bits) of any JSON value, whatever the order of its keys. @throws TypeError as {@link canonical} */
export function fingerprint(value: unknown): string {
	const hash = createHash('sha256');
	for (const piece of canonical(value)) hash.update(piece, ENCODING);
	return hash.digest('base64url').slice(0, LENGTH);
}

/** {@link fingerprint} of a value of any size: yields to the event loop. @throws TypeError as {@link canonical} */
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
