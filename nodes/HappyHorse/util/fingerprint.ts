// A short text that tells whether two values are the same, without keeping either.
import { createHash } from 'crypto';

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

/** What an object has to say of itself for JSON. */
function spoken(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return value;
	const toJSON: unknown = Reflect.get(value, 'toJSON');
	return typeof toJSON === 'function' ? Reflect.apply(toJSON, value, []) : value;
}

/** What JSON would write of a value: what it leaves out is undefined. n8n lets it write a bigint as a text. */
function plain(value: unknown): unknown {
	const entry = spoken(value);
	if (typeof entry === 'bigint') return String(entry);
	return typeof entry === 'function' || typeof entry === 'symbol' ? undefined : entry;
}

/** A list or an object that is being written. */
interface Frame {
	readonly container: object;
	/** Of an object, in order; undefined for a list. */
	readonly keys: readonly string[] | undefined;
	/** What of it is written next. */
	at: number;
}

function frameOf(container: object): Frame {
	const keys = Array.isArray(container) ? undefined : Object.keys(container).sort();
	return { container, keys, at: 0 };
}

/** The next field or element of a frame, with what is written before it; undefined at its end. */
function advance(frame: Frame): { readonly before: string; readonly value: unknown } | undefined {
	const { container, keys } = frame;
	if (Array.isArray(container)) {
		if (frame.at >= container.length) return undefined;
		return { before: '', value: plain(container[frame.at++]) };
	}
	while (keys !== undefined && frame.at < keys.length) {
		const key = keys[frame.at++];
		const value = plain(Reflect.get(container, key));
		if (value !== undefined) return { before: `${JSON.stringify(key)}:`, value };
	}
	return undefined;
}

/**
 * The JSON text of a value in pieces, with the keys of objects in order and long texts cut. Each piece takes the same
 * time, however deep it lies.
 * @throws TypeError when the value contains itself, or is nested deeper than {@link DEEPEST}
 */
function* canonical(root: unknown): Generator<string> {
	const frames: Frame[] = [];
	const open = new Set<object>();
	let value = plain(root);
	for (;;) {
		if (typeof value === 'object' && value !== null) {
			if (open.has(value)) throw new TypeError('It contains itself');
			if (frames.length === DEEPEST) throw new TypeError('It is nested too deeply');
			open.add(value);
			frames.push(frameOf(value));
			yield Array.isArray(value) ? '[' : '{';
		} else {
			if (typeof value === 'string' && value.length > PIECE) {
				// No JSON begins like this
				yield `text of ${value.length}:`;
				for (let at = 0; at < value.length; at += PIECE) yield value.slice(at, at + PIECE);
			} else {
				yield JSON.stringify(value) ?? 'null';
			}
			if (frames.length > 0) yield ',';
		}
		let next;
		for (;;) {
			const frame = frames.at(-1);
			if (frame === undefined) return;
			next = advance(frame);
			if (next !== undefined) break;
			frames.pop();
			open.delete(frame.container);
			yield frame.keys === undefined ? ']' : '}';
			if (frames.length > 0) yield ',';
		}
		if (next.before !== '') yield next.before;
		value = next.value;
	}
}

/** A short hash (132 bits) of any JSON value: equal for equal values, whatever the order of their keys. @throws TypeError as {@link canonical} */
export function fingerprint(value: unknown): string {
	const hash = createHash('sha256');
	for (const piece of canonical(value)) hash.update(piece, ENCODING);
	return hash.digest('base64url').slice(0, LENGTH);
}

/**
 * {@link fingerprint} of a value of whatever size. `giveWay` is awaited between its pieces: see `pacer` in `clock.ts`.
 * @throws TypeError as {@link canonical}
 */
export async function fingerprintInPieces(
	value: unknown,
	giveWay: () => Promise<void>,
): Promise<string> {
	const hash = createHash('sha256');
	let pieces = 0;
	for (const piece of canonical(value)) {
		hash.update(piece, ENCODING);
		pieces += piece.length < PIECE ? 1 : PIECES_AT_ONCE;
		if (pieces < PIECES_AT_ONCE) continue;
		pieces = 0;
		await giveWay();
	}
	return hash.digest('base64url').slice(0, LENGTH);
}
