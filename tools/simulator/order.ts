// An order: what it is made of, and the checks of a body's fields that both services make alike.

/** The modes of both services, by the names that iMini gives them. */
export type Mode = 'text-to-video' | 'image-to-video' | 'reference-to-video' | 'video-edit';

/** An image or a video that a body names, and where it stands there. */
export interface Link {
	/** E.g. `reference_images[0].url`. */
	parameter: string;
	url: string;
	what: 'image' | 'video';
}

/** What a service takes beyond its documented contract. */
export interface OrderRules {
	/** More model IDs. */
	models: readonly string[];
	/** More names where extra parameters go. */
	extraParameters: readonly string[];
}

/** An order that keeps to the contract. */
export interface CheckedOrder<Body = object> {
	mode: Mode;
	/** As it was sent. */
	body: Body;
	model: string;
	prompt?: string;
	resolution: '720P' | '1080P';
	/** Width to height, e.g. `16:9`; absent where the video follows its source. */
	ratio?: string;
	/** Seconds, where the order says so. */
	seconds?: number;
	/** Its images and its video, to be looked at. */
	links: Link[];
}

/** Unicode code points. */
const MAX_PROMPT = 5000;
/** Whole seconds. */
const DURATION = { min: 3, max: 15 };

/** A request that a service's contract refuses. The message begins with the parameter's name. */
export class Refusal extends Error {
	constructor(
		/** E.g. `reference_images[0].url`. */
		readonly parameter: string,
		problem: string,
		/** Where it is not the usual refusal of a parameter. */
		readonly as?: { readonly status: number; readonly code: string },
	) {
		super(`${parameter}: ${problem}`);
	}
}

/** Removes undefined fields, so that a body reads as it was sent. */
export function withoutAbsent<T extends object>(fields: T): T {
	for (const [name, value] of Object.entries(fields)) {
		if (value === undefined) Reflect.deleteProperty(fields, name);
	}
	return fields;
}

/** A field that may be left out; `null` is a value like any other, and no field takes it. */
export function given<T>(value: unknown, check: (value: unknown) => T): T | undefined {
	return value === undefined ? undefined : check(value);
}

/** An object without any field but those that are `known`. @throws Refusal */
export function objectOf<K extends string>(
	value: unknown,
	parameter: string,
	known: readonly K[],
): Partial<Record<K, unknown>> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new Refusal(parameter, 'must be an object');
	}
	const unknown = Object.keys(value).find((key) => !known.some((name) => name === key));
	if (unknown !== undefined) {
		const path = parameter === 'body' ? unknown : `${parameter}.${unknown}`;
		throw new Refusal(path, 'is not a parameter of this model');
	}
	return value;
}

/** An array. @throws Refusal */
export function listOf(value: unknown, parameter: string): unknown[] {
	if (!Array.isArray(value)) throw new Refusal(parameter, 'must be an array');
	return value;
}

/** A string. @throws Refusal */
export function textOf(value: unknown, parameter: string): string {
	if (typeof value !== 'string') throw new Refusal(parameter, 'must be a string');
	return value;
}

/** A boolean. @throws Refusal */
export function truthOf(value: unknown, parameter: string): boolean {
	if (typeof value !== 'boolean') throw new Refusal(parameter, 'must be true or false');
	return value;
}

/** One of `words`. @throws Refusal */
export function oneOf<T extends string>(value: unknown, parameter: string, words: readonly T[]): T {
	const word = words.find((known) => known === value);
	if (word !== undefined) return word;
	const found = JSON.stringify(value)?.slice(0, 100) ?? 'missing';
	throw new Refusal(parameter, `must be ${words.join(' or ')}, not ${found}`);
}

/** A whole number from `min` to `max`. @throws Refusal */
export function integerOf(value: unknown, parameter: string, min: number, max: number): number {
	if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
		return value;
	}
	const found = JSON.stringify(value);
	throw new Refusal(parameter, `must be an integer from ${min} to ${max}, not ${found}`);
}

/** Seconds of a video. @throws Refusal */
export function durationOf(value: unknown, parameter: string): number {
	return integerOf(value, parameter, DURATION.min, DURATION.max);
}

/** A prompt: not blank, and not too long. @throws Refusal */
export function promptOf(value: unknown, parameter: string): string {
	const prompt = textOf(value, parameter);
	if (prompt.trim() === '') throw new Refusal(parameter, 'must not be blank');
	const characters = [...prompt].length;
	if (characters > MAX_PROMPT) {
		throw new Refusal(parameter, `at most ${MAX_PROMPT} characters, not ${characters}`);
	}
	return prompt;
}
