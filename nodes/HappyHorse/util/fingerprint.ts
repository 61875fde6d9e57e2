// A short text that tells whether two values are the same, without keeping either.
import { createHash } from 'crypto';

/** Characters of a text that are hashed in one piece: well below a ms of work. */
const PIECE = 64 * 1024;

/** Of all pieces: a character that is cut in two keeps both of its halves. */
const ENCODING = 'utf16le';

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

/**
 * The JSON text of a value in pieces, with the keys of objects in order and long texts cut.
 * @throws TypeError when the value contains itself; `ancestors`: what contains it.
 */
function* canonical(value: unknown, ancestors: readonly object[] = []): Generator<string> {
	const entry = plain(value);
	if (typeof entry === 'string' && entry.length > PIECE) {
		// No JSON begins like this
		yield `text of ${entry.length}:`;
		for (let at = 0; at < entry.length; at += PIECE) yield entry.slice(at, at + PIECE);
		return;
	}
	if (typeof entry !== 'object' || entry === null) {
		yield JSON.stringify(entry) ?? 'null';
		return;
	}
	if (ancestors.includes(entry)) throw new TypeError('It contains itself');
	const line = [...ancestors, entry];
	if (Array.isArray(entry)) {
		yield '[';
		for (const one of entry) {
			yield* canonical(one, line);
			yield ',';
		}
		yield ']';
		return;
	}
	yield '{';
	for (const key of Object.keys(entry).sort()) {
		const field = plain(Reflect.get(entry, key));
		if (field === undefined) continue;
		yield `${JSON.stringify(key)}:`;
		yield* canonical(field, line);
		yield ',';
	}
	yield '}';
}

/** A short hash (132 bits) of any JSON value: equal for equal values, whatever the order of their keys. @throws TypeError as below */
export function fingerprint(value: unknown): string {
	const hash = createHash('sha256');
	for (const piece of canonical(value)) hash.update(piece, ENCODING);
	return hash.digest('base64url').slice(0, LENGTH);
}

/**
 * {@link fingerprint} of a value of whatever size. `giveWay` is awaited between its pieces: see `pacer` in `clock.ts`.
 * @throws TypeError when the value contains itself
 */
export async function fingerprintInPieces(
	value: unknown,
	giveWay: () => Promise<void>,
): Promise<string> {
	const hash = createHash('sha256');
	let size = 0;
	for (const piece of canonical(value)) {
		hash.update(piece, ENCODING);
		size += piece.length;
		if (size < PIECE) continue;
		size = 0;
		await giveWay();
	}
	return hash.digest('base64url').slice(0, LENGTH);
}
