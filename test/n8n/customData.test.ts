// What n8n shows with an execution: every task id, in values that n8n takes without a warning.
import fc from 'fast-check';
import { withTask } from '../../nodes/HappyHorse/n8n/customData';

const NONE = ['', '', '', '', ''];
const id = (n: number) => `0385dc79-5ff8-4d82-bcb6-${String(n).padStart(12, '0')}`;
const after = (ids: readonly string[]) => ids.reduce(withTask, NONE);

it('names the tasks in their order, each once', () => {
	expect(after(['a', 'b', 'a'])).toEqual(['a, b', '', '', '', '']);
});

it('has room for 30 tasks, and says then how many more there are', () => {
	const thirty = Array.from({ length: 30 }, (_, n) => id(n));
	expect(after(thirty).join(', ').split(', ')).toEqual(thirty);
	expect(after([...thirty, id(30)]).at(-1)).toMatch(/, 1 more$/);
	expect(after(Array.from({ length: 1000 }, (_, n) => id(n))).at(-1)).toMatch(/, \d+ more$/);
});

it('never grows beyond what n8n takes, whatever the ids, and loses none of those that it names', () => {
	const ids = fc.uniqueArray(fc.stringMatching(/^[\w.:-]{1,200}$/), { maxLength: 60 });
	fc.assert(
		fc.property(ids, (list) => {
			const values = after(list);
			for (const { length } of values) expect(length).toBeLessThanOrEqual(255);
			const parts = values.flatMap((value) => (value === '' ? [] : value.split(', ')));
			const more = parts.filter((part) => part.endsWith(' more')).map((part) => parseInt(part, 10));
			expect(parts.length - more.length + more.reduce((sum, n) => sum + n, 0)).toBe(list.length);
			expect(list).toEqual(expect.arrayContaining(parts.filter((part) => !part.endsWith(' more'))));
		}),
	);
});
