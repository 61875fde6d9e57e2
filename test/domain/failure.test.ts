// Why an item has no video, in words.
import { Failure } from '../../nodes/HappyHorse/domain/failure';

const details = { text: 'No', code: 'X', requestId: 'r', httpStatus: 400 };
const SAID = 'It said: "No". Code: X. Request ID, for the support of the service: r.';

it.each([
	['what it cost, then what to do', { cost: 'Nothing.', next: 'Do it.' }, 'Nothing. Do it.'],
	['what to do alone', { next: 'Do it.' }, 'Do it.'],
	['what the service said at the end', { next: 'Do it.', details }, `Do it. ${SAID}`],
	['no more than it said', { next: 'Do it.', details: { code: 'X' } }, 'Do it. Code: X.'],
	['nothing of a service that said nothing', { next: 'Do it.', details: {} }, 'Do it.'],
])('a description tells %s', (_what, advice, description) => {
	expect(new Failure('refused', 'It failed', advice).description).toBe(description);
});

it('of an item that is paid for, it says how the task is collected, not that nothing was ordered', () => {
	const failure = new Failure('input', 'It failed', { cost: 'Nothing.', next: 'Do it.', details });
	const paid = failure.ofPaidTask('task_1');
	expect(paid).toMatchObject({ kind: 'input', message: 'It failed', taskId: 'task_1' });
	expect(paid.description).toMatch(
		/^Do it\. Task task_1 is paid for: Task → Wait .* It said: "No"\./,
	);
});
