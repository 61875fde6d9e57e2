// Options that are part of an order: what few people set, each for the services that take it.
import { z } from 'zod';
import { invalidInput } from '../failure';
import type { Limits, Order } from '../order';
import { ORDER_DEFAULTS } from '../order';
import { mustBe, shownName } from './badValue';
import type { InputItem } from './inputItem';
import { tidy } from './text';
import { parseBoolean, parseNumber, parseText } from './values';

/** What an order has of them. */
type Extras = Pick<Order, 'modelId' | 'seed' | 'watermark' | 'extraParameters'>;

/** Names of models at the services and gateways that are known, e.g. dashscope/happyhorse-1.0. */
const MODEL_ID = /^[\w.:/@-]{1,100}$/;

/** Characters of extra parameters, at most. */
const LONGEST_JSON = 20_000;

/** n8n hands an object on as it is, and what was typed as text. */
const jsonObject = z.preprocess((value) => {
	if (typeof value !== 'string') return value;
	try {
		return JSON.parse(value);
	} catch {
		return undefined;
	}
}, z.record(z.unknown()));

function readModelId(item: InputItem): string | undefined {
	const value = item.value('options.model');
	if (value === undefined) return undefined;
	const id = tidy(parseText('Model ID', value));
	if (!MODEL_ID.test(id))
		throw mustBe('Model ID', 'the ID of a model, such as dashscope/happyhorse-1.0', id);
	return id;
}

function readSeed(item: InputItem, { seed }: Limits): number | undefined {
	const value = seed && item.value('options.seed');
	if (value === undefined || seed === undefined) return undefined;
	const { min, max } = seed;
	const isSeed = (n: number) => Number.isInteger(n) && n >= min && n <= max;
	return parseNumber('Seed', value, `a whole number from ${min} to ${max}`, isSeed);
}

function readExtraParameters(
	item: InputItem,
	{ ownParameters }: Limits,
): Record<string, unknown> | undefined {
	const value = item.value('options.extraParameters');
	if (value === undefined) return undefined;
	const checkLength = (json: string): void => {
		if (json.length <= LONGEST_JSON) return;
		throw mustBe('Extra Parameters', `a JSON object of at most ${LONGEST_JSON} characters`, value);
	};
	// Before it is read: what is nested too deeply can't be written again
	if (typeof value === 'string') checkLength(value);
	const parsed = jsonObject.safeParse(value);
	if (!parsed.success) throw mustBe('Extra Parameters', 'a JSON object', value);
	checkLength(JSON.stringify(parsed.data));
	const names = Object.keys(parsed.data);
	const own = names.find((name) => ownParameters.includes(name));
	if (own !== undefined) {
		throw invalidInput(
			`Extra Parameters must not hold ${shownName(own)}: the form sends it`,
			'Remove it there, and use its own field or option.',
		);
	}
	return names.length === 0 ? undefined : parsed.data;
}

/** Those that the service takes, and the workflow holds. @throws Failure for the first that is not allowed */
export function readExtras(item: InputItem, limits: Limits): Extras {
	const modelId = limits.modelVersions.length === 0 ? readModelId(item) : undefined;
	const seed = readSeed(item, limits);
	const extraParameters = readExtraParameters(item, limits);
	const watermark = limits.hasWatermark
		? parseBoolean('Watermark', item.value('options.watermark') ?? ORDER_DEFAULTS.watermark)
		: undefined;
	return {
		...(modelId !== undefined && { modelId }),
		...(seed !== undefined && { seed }),
		...(watermark !== undefined && { watermark }),
		...(extraParameters !== undefined && { extraParameters }),
	};
}
