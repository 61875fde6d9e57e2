// A short text that tells whether two values are the same, without keeping either.
import { createHash } from 'crypto';

/** Characters of a text that are hashed in one piece: well below a ms of work. */
const PIECE = 64 * 1024;

/** Bits 0 to 131 of a SHA-256, as 22 characters. */
const LENGTH = 22;

/** What JSON would write of a value: `toJSON` is asked, what JSON leaves out is undefined. */
function plain(value: unknown): unknown {
	if (typeof value === 'bigint') return String(value);
	if (typeof value === 'function' || typeof value === 'symbol') return undefined;
	if (typeof value !== 'object' || value === null) return value;
	const toJSON: unknown = Reflect.get(value, 'toJSON');
	return typeof toJSON === 'function' ? plain(Reflect.apply(toJSON, value, [])) : value;
}

/**
 * The JSON text of a value in pieces, with the keys of objects in order and long texts cut.
 * @throws TypeError when the value contains itself; `ancestors`: what contains it.
 */
function* canonical(value: unknown, ancestors: readonly object[] = []): Generator<string> {
	const entry = plain(value);
	if (typeof entry === 'string' && entry.length > PIECE) {
		yield `"${entry.length}:`;
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
	for (const piece of canonical(value)) hash.update(piece);
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
		hash.update(piece);
		size += piece.length;
		if (size < PIECE) continue;
		size = 0;
		await giveWay();
	}
	return hash.digest('base64url').slice(0, LENGTH);
}
