// What the services differ in, as the form needs it: which of them have a field, and what their limits are in words.
import type { Limits, Range } from '../domain/limits';
import { SERVICES } from '../service';
import type { Offer } from '../service/service';

/** The names of the services for which `fits` holds: values of the parameter `service`, for `displayOptions`. */
export function servicesThat(fits: (offer: Offer) => boolean): string[] {
	return SERVICES.filter(({ offer }) => fits(offer)).map(({ name }) => name);
}

/** One field for each service that has the value it is made of: `make` gets that value, and the service. */
export function forEachService<Value, Field>(
	valueOf: (limits: Limits) => Value | undefined,
	make: (value: Value, service: { readonly name: string; readonly label: string }) => Field,
): Field[] {
	return SERVICES.flatMap(({ name, label, offer }) => {
		const value = valueOf(offer.limits);
		return value === undefined ? [] : [make(value, { name, label })];
	});
}

/** A limit in words: once where it is the same for all services, else for each with its name. */
export function limit(words: (limits: Limits) => string): string {
	const texts = SERVICES.map(({ label, offer }) => ({ label, text: words(offer.limits) }));
	const [{ text: first }] = texts;
	return texts.every(({ text }) => text === first)
		? first
		: texts.map(({ label, text }) => `${text} (${label})`).join(', ');
}

/** From the least to the most that any service takes. */
export function widest(rangeOf: (limits: Limits) => Range): Range {
	const ranges = SERVICES.map(({ offer }) => rangeOf(offer.limits));
	return {
		min: Math.min(...ranges.map(({ min }) => min)),
		max: Math.max(...ranges.map(({ max }) => max)),
	};
}
