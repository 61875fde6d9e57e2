// The failure of an item that the spending limit does not allow: what was counted, and for which items.
import type { Failure } from '../failure';
import { invalidInput } from '../failure';
import type { Budget } from './budget';

/** Items that a message lists, at most. */
const MOST_LISTED = 20;

function countedSoFar({ items, earlierSeconds }: Budget['counted']): string {
	const named = [...items].slice(0, MOST_LISTED).map(([item, n]) => `item ${item} (${n})`);
	const more = items.size - named.length;
	if (more > 0) named.push(`${more} more item${more === 1 ? '' : 's'}`);
	if (earlierSeconds > 0) {
		named.push(`earlier runs of this node in this execution (${earlierSeconds})`);
	}
	return named.length === 0 ? '' : `Counted so far: ${named.join(', ')}. `;
}

/** The spending limit `limit` does not allow an order of `seconds`. */
export function overLimit(
	limit: number,
	seconds: number,
	{ orderedSeconds, counted }: Pick<Budget, 'counted' | 'orderedSeconds'>,
): Failure {
	return invalidInput(
		`Spending Limit (Seconds) is ${limit}, and this order of ${seconds} would exceed it: ${orderedSeconds} are ordered or about to be`,
		`${countedSoFar(counted)}Raise the Spending Limit in Options, shorten the videos, or send fewer items.`,
	);
}
