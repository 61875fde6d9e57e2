// Text and files that nobody means well with, for the tests of what reads them; and how long that may take.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import fc from 'fast-check';
import { Failure } from '../../nodes/HappyHorse/domain/failure';
import { leastOf } from '../../tools/leastOf';

/** Characters of the texts that are made: as much as a public webhook may bring in one field of many. */
export const TEXT_CHARACTERS = 200_000;

/** Ms for such a text. What is quadratic in its length takes seconds. */
export const TEXT_MS = 250;

/** Pieces that patterns are known to stumble over when there are many of them. */
const PIECES = [
	...' \t\n\r,:;.=%@?#/\\"\'<>[]{}()0A9a-_+\u0000\u00a0\u00ad\u200b\u2028\ufeff\ud800馬',
	...'\r\n|, | ,|a:|data:|data:image/png;base64,|https://| https://a|"a",'.split('|'),
	...'[[|[]|{"a":|&amp;|%20|..|1.|-1|aA|a@|xn--|🐴|character1 '.split('|'),
];

/** A text of a few pieces, each repeated up to very often. */
export const hostileText: fc.Arbitrary<string> = fc
	.array(fc.tuple(fc.constantFrom(...PIECES), fc.nat(TEXT_CHARACTERS)), {
		minLength: 1,
		maxLength: 4,
	})
	.chain((runs) =>
		fc
			.constantFrom('', 'https://a.example/', 'data:image/png;base64,', '[', '"')
			.map((start: string) =>
				runs
					.reduce((text, [piece, times]) => text + piece.repeat(times / piece.length), start)
					.slice(0, TEXT_CHARACTERS),
			),
	);

/** Anything that an expression may give. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
	fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSparseArray: true }),
	fc.array(fc.oneof(fc.webUrl(), fc.string(), fc.constant(null)), { maxLength: 20 }),
	fc.string({ unit: 'binary' }),
);

/** The failure that `read` throws, or undefined; fails the test when it throws anything else. */
export function failureOf(read: () => unknown): Failure | undefined {
	try {
		read();
		return undefined;
	} catch (error) {
		expect(error).toBeInstanceOf(Failure);
		return error instanceof Failure ? error : undefined;
	}
}

/** Expects of a call that it takes less than `limit` ms of the CPU. */
export async function expectCpuBelow(limit: number, call: () => unknown): Promise<void> {
	const ms = await leastOf(limit, async () => {
		const start = process.cpuUsage();
		await call();
		const { user, system } = process.cpuUsage(start);
		return (user + system) / 1000;
	});
	expect(ms).toBeLessThan(limit);
}
