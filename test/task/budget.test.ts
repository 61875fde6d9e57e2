// The spending limit's arithmetic: what is reserved, and what becomes of it.
import { Budget } from '../../nodes/HappyHorse/task/budget';

/** A budget on an account on which `orderedSeconds` are spent already. */
function open(orderedSeconds = 0) {
	const account = { orderedSeconds };
	return { account, budget: new Budget(account) };
}

it.each([
	['fits', 0, 5, 10, true],
	['fits exactly', 5, 5, 10, true],
	['is a second too many', 6, 5, 10, false],
	['finds nothing left', 10, 1, 10, false],
	['has no limit', 1e9, 15, Infinity, true],
])('an order that %s: %i s are spent, %i s asked for, %d allowed', (_what, ...figures) => {
	const [spent, seconds, limit, isReserved] = figures;
	const { account, budget } = open(spent);
	expect(budget.reserve(0, seconds, limit)).toBe(isReserved);
	expect(budget.orderedSeconds).toBe(isReserved ? spent + seconds : spent);
	expect(account).toEqual({ orderedSeconds: budget.orderedSeconds });
	expect(budget.left).toBe(limit - (isReserved ? spent + seconds : spent));
	// What was not reserved is not given back either
	budget.close();
	expect(budget.orderedSeconds).toBe(spent);
});

it('what was ordered stays spent, what was not is given back, once', () => {
	const { budget } = open(3);
	for (const item of [0, 1, 2]) budget.reserve(item, 5, Infinity);
	expect(budget.orderedSeconds).toBe(18);
	budget.commit(0);
	budget.release(0);
	budget.release(1);
	budget.release(1);
	budget.release(9);
	expect(budget.orderedSeconds).toBe(13);
	budget.close();
	budget.close();
	expect(budget.orderedSeconds).toBe(8);
});

it('two runs at once share the account, and each gives back its own only', () => {
	const { account, budget } = open();
	const other = new Budget(account);
	expect([budget.reserve(0, 5, 10), other.reserve(0, 4, 10), budget.reserve(1, 2, 10)]).toEqual([
		true,
		true,
		false,
	]);
	other.close();
	expect(budget.orderedSeconds).toBe(5);
});

it('tells what others have spent on the account', () => {
	const { budget } = open(7);
	budget.reserve(0, 5, Infinity);
	budget.commit(0);
	budget.reserve(2, 3, Infinity);
	budget.reserve(1, 4, Infinity);
	budget.release(1);
	expect(budget.earlierSeconds).toBe(7);
});
