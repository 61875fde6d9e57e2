// When two values count as the same.
import fc from 'fast-check';
import { clock } from '../../nodes/HappyHorse/util/clock';
import { fingerprint, fingerprintInPieces } from '../../nodes/HappyHorse/util/fingerprint';

/** Characters that are hashed in one piece: longer texts are cut. */
const PIECE = 64 * 1024;

it('fingerprints are short, and those of unlike values differ', () => {
	const values = ['', 0, -1, true, false, {}, [], [[]], [1], ['1'], [[1]], { a: 1 }, { a: '1' }];
	const more = [{ a: [1] }, { a: {} }, { b: 1 }, { a: 1, b: 1 }, [1, 2], [2, 1], 'a', ['a', '']];
	const all = [null, ...values, ...more].map(fingerprint);
	expect(new Set(all).size).toBe(all.length);
	for (const one of all) expect(one).toMatch(/^[\w-]{22}$/);
});

it.each<[what: string, value: unknown, expected: string]>([
	['an object', { b: [{ d: 3, c: 2 }], a: 'ü' }, '963tonaIBZTDQwL778M-CR'],
	['nothing at all', undefined, 'OqKhLFNAb-r024902GbYaF'],
	['a long text', { a: 'x'.repeat(PIECE + 1) }, '6qJgZzrcDamw6SjSvEoEai'],
])(
	'the fingerprint of %s stays the same in every version: intents in the database outlive an update',
	(_what, value, expected) => {
		expect(fingerprint(value)).toBe(expected);
	},
);

/** The same value with the keys of all its objects the other way round. */
function reordered(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(reordered);
	const entries = Object.entries(value).map(([key, one]) => [key, reordered(one)]);
	return Object.fromEntries(entries.reverse());
}

type Path = ReadonlyArray<string | number>;

/** Where the texts, numbers and such of a value lie. */
function leavesOf(value: unknown, path: Path = []): Path[] {
	if (typeof value !== 'object' || value === null) return [path];
	return Object.entries(value).flatMap(([key, one]) => leavesOf(one, [...path, key]));
}

/** The same value with something else at `path`. */
function changed(value: unknown, [key, ...rest]: Path): unknown {
	if (key === undefined) return value === 'something else' ? 'yet another' : 'something else';
	const copy: unknown = Array.isArray(value) ? [...value] : { ...Object(value) };
	Reflect.set(Object(copy), key, changed(Reflect.get(Object(value), key), rest));
	return copy;
}

/** Any JSON, now and then with a text that is longer than a piece. */
const anyJson = fc
	.tuple(fc.jsonValue({ noUnicodeString: false }), fc.boolean(), fc.string({ unit: 'binary' }))
	.map(([value, isLong, text]) => (isLong ? [value, text.padStart(PIECE + 3, 'x')] : value));

describe('any two values', () => {
	it('that differ in the order of their keys only have one fingerprint', () => {
		fc.assert(
			fc.property(anyJson, (value) => {
				expect(fingerprint(reordered(value))).toBe(fingerprint(value));
			}),
		);
	});

	it('that differ anywhere have two', () => {
		fc.assert(
			fc.property(anyJson, fc.nat(), (value, n) => {
				const leaves = leavesOf(value);
				fc.pre(leaves.length > 0);
				const other = changed(value, leaves[n % leaves.length]);
				expect(fingerprint(other)).not.toBe(fingerprint(value));
			}),
		);
	});

	it('have the same fingerprint in pieces as at once', async () => {
		await fc.assert(
			fc.asyncProperty(anyJson, async (value) => {
				expect(await fingerprintInPieces(value)).toBe(fingerprint(value));
			}),
		);
	});
});

describe('a long text', () => {
	const long = 'x'.repeat(3 * PIECE);
	const withAt = (text: string, at: number) => long.slice(0, at) + text + long.slice(at);

	it.each([0, PIECE - 1, PIECE, 2 * PIECE - 1, 3 * PIECE])(
		'counts with each of its characters, also where it is cut (%d)',
		(at) => {
			const all = [long, ...['y', '😀', '😁', '\ud83d', '\ude00'].map((text) => withAt(text, at))];
			expect(new Set(all.map(fingerprint)).size).toBe(all.length);
		},
	);

	it('is never taken for a shorter one that is written alike', () => {
		const zeros = PIECE - 10;
		const short = `${zeros * 6 + 1}:${'\0'.repeat(zeros)}`;
		const alike = `${'\\u0000'.repeat(zeros)}"`;
		expect(JSON.stringify(short)).toBe(`"${alike.length}:${alike}`);
		expect(fingerprint(alike)).not.toBe(fingerprint(short));
	});
});

describe('what only n8n passes on', () => {
	class Horse {
		constructor(readonly name: string) {}
	}
	const spoken = { toJSON: () => ({ a: 1 }) };

	it.each<[what: string, value: unknown, json: unknown]>([
		['a bigint', { n: 12345678901234567890n }, { n: '12345678901234567890' }],
		['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
		['an instance of a class', new Horse('Bella'), { name: 'Bella' }],
		['a value with words of its own', [spoken], [{ a: 1 }]],
		['a value that speaks of itself', withItself(), { a: 1 }],
		['a function, which JSON leaves out', { a: 1, f: () => 1 }, { a: 1 }],
		['a function in a list', [() => 1], [null]],
		['undefined', { a: 1, b: undefined }, { a: 1 }],
		['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
		['a value in two places', [spoken, spoken], [{ a: 1 }, { a: 1 }]],
	])('counts as what JSON makes of it: %s', (_what, value, json) => {
		expect(fingerprint(value)).toBe(fingerprint(json));
	});

	/** Its `toJSON` returns the value itself, which JSON asks once only. */
	function withItself(): object {
		const one = { a: 1, toJSON: () => one };
		return one;
	}

	it('a value that contains itself has no fingerprint', async () => {
		const circular: Record<string, unknown> = { a: [{}] };
		circular.a = [{ back: circular }];
		expect(() => fingerprint(circular)).toThrow(TypeError);
		await expect(fingerprintInPieces(circular)).rejects.toThrow(TypeError);
	});
});

it('gives way several times in a long value, also in one of many short texts', async () => {
	const values = [
		'x'.repeat(10 * PIECE),
		Array.from({ length: 10_000 }, (_, n) => `short text ${n}`),
	];
	for (const value of values) {
		const asked = jest.spyOn(clock, 'workTime');
		await fingerprintInPieces(value);
		expect(asked.mock.calls.length).toBeGreaterThanOrEqual(2);
		asked.mockRestore();
	}
});
