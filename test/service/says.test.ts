// What is kept of an answer beside its meaning: the words, codes and ids that an error text shows.
import type { Exchange } from '../../nodes/HappyHorse/service/verdict';
import { queryVerdict, retryAfterMs, submitVerdict } from '../../nodes/HappyHorse/service/verdict';

function answer(status: number, text: string): Exchange {
	return { kind: 'answer', status, headers: {}, text };
}

const submitted = (exchange: Exchange) => submitVerdict(exchange, [], 0);
const asked = (exchange: Exchange) => queryVerdict(exchange, [], 0);

it.each<[string, string, string | undefined]>([
	['words in tags of their own', '<h1>Bad</h1><p>gateway</p>', 'Bad gateway'],
	['words in several lines', '<body>\n  Bad \t gateway\n</body>', 'Bad gateway'],
	['styles and scripts', '<style>b{}</style>Bad<script>x</script>gateway', 'Bad gateway'],
	['plain text', 'no healthy upstream', 'no healthy upstream'],
	['tags alone', '<html><hr></html>', undefined],
	['nothing', '', undefined],
])('a body that is no JSON is quoted by its words: %s', (_what, body, text) => {
	expect(submitted(answer(503, body))).toEqual({ kind: 'unsure', says: { httpStatus: 503, text } });
});

it.each<Exchange['kind']>(['notSent', 'tls', 'lost'])(
	'without an answer the code of the network is kept, and whether it was TLS: %s',
	(kind) => {
		if (kind === 'answer') throw new Error('Not one of these');
		const says = { code: 'EPROTO', tls: kind === 'tls' };
		expect(submitted({ kind, code: 'EPROTO' })).toMatchObject({ says });
		expect(asked({ kind, code: 'EPROTO' })).toMatchObject({ says });
	},
);

it('a redirect is one from its first status on, whatever its body', () => {
	expect(submitted(answer(299, '{"task_id":"task_1"}')).kind).toBe('accepted');
	expect(submitted(answer(300, '{"task_id":"task_1"}')).kind).toBe('refused');
	expect(asked(answer(299, '{"status":"queued"}')).kind).toBe('going');
	expect(asked(answer(300, '{"status":"queued"}')).kind).toBe('denied');
});

it('nothing that comes before an answer counts as one', () => {
	expect(submitted(answer(199, '{"task_id":"task_1"}')).kind).toBe('unsure');
	expect(asked(answer(199, '{"status":"queued"}')).kind).toBe('denied');
});

it('a task that has succeeded without a video is asked about again, and its request id is kept', () => {
	const task = { status: 'succeeded', videos: [], request_id: 'req_1' };
	expect(asked(answer(200, JSON.stringify(task)))).toEqual({
		kind: 'trouble',
		says: { text: 'The task has succeeded, but no video is listed yet.', requestId: 'req_1' },
		retryAfterMs: undefined,
		busy: false,
	});
});

it.each<[string, Exchange]>([
	['no whole answer', { kind: 'lost', code: 'ECONNRESET' }],
	['an answer that is none', answer(200, 'ok')],
	['a fault of the service', answer(500, '')],
])('%s slows nobody else down', (_what, exchange) => {
	expect(asked(exchange)).toMatchObject({ kind: 'trouble', busy: false, retryAfterMs: undefined });
});

it('Retry-After may have any number of decimals', () => {
	expect(retryAfterMs('1.125', 0)).toBe(1125);
});
