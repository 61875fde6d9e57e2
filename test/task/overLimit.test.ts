// The failure over the spending limit names what was counted, however much that is.
import { Budget } from '../../nodes/HappyHorse/task/budget';
import { overLimit } from '../../nodes/HappyHorse/task/admit';

it.each([
	[0, 0, ''],
	[0, 20, 'item 19 (3). '],
	[0, 21, 'item 19 (3), 1 more item. '],
	[9, 22, 'item 19 (3), 2 more items, earlier runs of this node in this execution (9). '],
])('%i s of earlier runs, %i items', (earlier, count, ending) => {
	const budget = new Budget({ orderedSeconds: earlier });
	for (let item = 0; item < count; item += 1) budget.reserve(item, 3, Infinity);
	const { message, description } = overLimit(60, 5, budget);
	expect(message).toContain(`is 60, and this order of 5 would exceed it: ${earlier + 3 * count} `);
	expect(description).toContain(`${ending}Raise the Spending Limit in Options`);
	expect(description.includes('Counted so far')).toBe(ending !== '');
});
