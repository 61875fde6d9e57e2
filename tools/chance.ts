// Chance for tests: numbers that depend on words only, so that a seed gives the same whatever order things happen in.

import { createHash } from 'node:crypto';

/** A number from 0 to 1 that depends only on its arguments. */
export function chance(...words: ReadonlyArray<string | number>): number {
	return createHash('sha256').update(words.join('|')).digest().readUInt32BE(0) / 2 ** 32;
}

/** Things to choose from, each with its weight. */
export type Choices<T> = ReadonlyArray<readonly [weight: number, choice: T]>;

/** A weighted choice. `at`: from 0 to 1. */
export function pick<T>(at: number, choices: Choices<T>): T {
	let left = at * choices.reduce((sum, [weight]) => sum + weight, 0);
	for (const [weight, choice] of choices) {
		left -= weight;
		if (left < 0) return choice;
	}
	return choices[0][1];
}

/** A whole number from `least` to `most`. `at`: from 0 to 1. */
export function between(at: number, least: number, most: number): number {
	return Math.min(most, least + Math.floor(at * (most - least + 1)));
}
