// When two values count as the same.
import { fingerprint } from '../nodes/HappyHorse/fingerprint';

it('fingerprints are equal for equal values in any order of keys, and for no others', () => {
	expect(fingerprint({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(
		fingerprint({ b: [{ d: 3, c: 2 }], a: 1 }),
	);
	const others = [
		{},
		[],
		null,
		undefined,
		'',
		0,
		{ a: 1 },
		{ a: '1' },
		[1],
		['1'],
		[[1]],
		{ a: [1] },
	];
	expect(new Set(others.map(fingerprint)).size).toBeGreaterThanOrEqual(others.length - 1);
	expect(fingerprint([1, 2])).not.toBe(fingerprint([2, 1]));
	expect(fingerprint('x')).toMatch(/^[\w-]{22}$/);
});

it.each<[what: string, value: unknown, expected: string]>([
	['an object', { b: [{ d: 3, c: 2 }], a: 'ü' }, 'fm3qQBGzak-NhHPMEQHpDd'],
	['nothing at all', undefined, '47DEQpj8HBSa-_TImW-5JC'],
])(
	'the fingerprint of %s stays the same in every version: intents in the database outlive an update',
	(_what, value, expected) => {
		expect(fingerprint(value)).toBe(expected);
	},
);
