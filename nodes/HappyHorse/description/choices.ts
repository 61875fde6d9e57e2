// Drop-down lists made from the service's own words, so that a list can't miss or invent one.
import type { INodePropertyOptions } from 'n8n-workflow';

/** The entries of a drop-down list for `values`, in the order of their labels. */
export function choices<Value extends string>(
	values: readonly Value[],
	labels: Record<Value, Pick<INodePropertyOptions, 'name' | 'description'>>,
): INodePropertyOptions[] {
	return (
		values
			.map((value) => ({ ...labels[value], value }))
			// Labels are ASCII, and the first comparison by locale would cost 20 ms of n8n's start
			.sort((one, other) => (one.name < other.name ? -1 : 1))
	);
}
