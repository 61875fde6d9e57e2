// What the services differ in, as the form needs it: which of them have a field, and what their limits are in words.
import type { INodePropertyOptions } from 'n8n-workflow';
import type { Limits } from '../domain/limits';
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

/** The largest number that any service takes. */
export function most(numberOf: (limits: Limits) => number): number {
	return Math.max(...SERVICES.map(({ offer }) => numberOf(offer.limits)));
}

/** The smallest number that any service takes. */
export function least(numberOf: (limits: Limits) => number): number {
	return Math.min(...SERVICES.map(({ offer }) => numberOf(offer.limits)));
}

/** The values that a service takes, by the version of its model, or by '' where it has no versions. */
type ByVersion = Readonly<Record<string, readonly string[]>>;

/**
 * The entries of a drop-down list, each shown where the chosen service, with the chosen version of its model, takes it:
 * in the order of their labels, which default to the value. `operations`: those that have a version.
 */
export function choicesByVersion(
	valuesOf: (limits: Limits) => ByVersion,
	labels: Readonly<Record<string, Pick<INodePropertyOptions, 'name' | 'description'>>>,
	operations: string[],
): INodePropertyOptions[] {
	const takers = SERVICES.map(({ name, offer }) => ({ name, values: valuesOf(offer.limits) }));
	const all = new Set(takers.flatMap(({ values }) => Object.values(values).flat()));
	const choices = [...all].flatMap((value): INodePropertyOptions[] => {
		const choice = { ...(labels[value] ?? { name: value }), value };
		const shows = takers.map(({ name, values }) => {
			const versions = Object.keys(values).filter((version) => values[version].includes(value));
			const isAlways = versions.length === Object.keys(values).length;
			return { name, versions, isAlways };
		});
		if (shows.every(({ isAlways }) => isAlways)) return [choice];
		return shows
			.filter(({ versions }) => versions.length > 0)
			.map(({ name, versions, isAlways }) => {
				const version = { '/modelVersion': versions, '/operation': operations };
				const show = { '/service': [name], ...(isAlways ? {} : version) };
				return { ...choice, displayOptions: { show } };
			});
	});
	// Labels are ASCII, and the first comparison by locale would cost 20 ms of n8n's start
	return choices.sort((one, other) => (one.name < other.name ? -1 : 1));
}
