// What every answer means for the money: the contract's table of errors, row by row.
import type { Exchange, QueryVerdict, SubmitVerdict } from '../../nodes/HappyHorse/service/verdict';
import { queryVerdict, retryAfterMs, submitVerdict } from '../../nodes/HappyHorse/service/verdict';

const NOW = Date.parse('2026-04-27T10:00:00Z');
const TASK = 'task_1';

function answer(
	status: number,
	body: unknown = '',
	headers: Record<string, string> = {},
): Exchange {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return { kind: 'answer', status, headers, text };
}

function refusal(status: number, code = 'SOME_CODE'): Exchange {
	return answer(status, {
		error: { code, message: 'No', status, request_id: 'req_abc123' },
	});
}

const PAGE = '<html><head><style>x{}</style></head><body><h1>Bad&nbsp;gateway</h1></body></html>';

describe('a submit', () => {
	const verdict = (exchange: Exchange) => submitVerdict(exchange, [], NOW);

	it.each<[string, Exchange, SubmitVerdict['kind']]>([
		['200 with a task', answer(200, { task_id: TASK }), 'accepted'],
		['201 with a task', answer(201, { task_id: TASK }), 'accepted'],
		['200 without a task id', answer(200, { ok: true }), 'unsure'],
		['200 with an empty task id', answer(200, { task_id: ' ' }), 'unsure'],
		['200 with an envelope', answer(200, { error: { code: 'X', message: 'y' } }), 'unsure'],
		['200 with JSON that is cut off', answer(200, '{"task_id":"task_1'), 'unsure'],
		['200 with a page', answer(200, PAGE), 'unsure'],
		['200 with nothing', answer(200), 'unsure'],
		['204', answer(204), 'unsure'],
		['301', answer(301, '', { location: 'https://elsewhere.example' }), 'refused'],
		['307', answer(307, '', { location: 'https://elsewhere.example' }), 'refused'],
		['308', answer(308), 'refused'],
		['400', refusal(400), 'refused'],
		['401', refusal(401), 'refused'],
		['402', refusal(402), 'refused'],
		['403', refusal(403), 'refused'],
		['404', refusal(404), 'refused'],
		['405', refusal(405), 'refused'],
		['408', refusal(408), 'unsure'],
		['409', refusal(409), 'refused'],
		['413 with a page', answer(413, PAGE), 'refused'],
		['422', refusal(422), 'refused'],
		['429', refusal(429), 'busy'],
		['429 with a page', answer(429, PAGE), 'busy'],
		['451', refusal(451), 'refused'],
		['499', refusal(499), 'refused'],
		['500', refusal(500), 'unsure'],
		['501', refusal(501), 'unsure'],
		['502 with a page', answer(502, PAGE), 'unsure'],
		['503', refusal(503), 'unsure'],
		['503 that says when to come back', answer(503, '', { 'retry-after': '1' }), 'unsure'],
		['504', answer(504), 'unsure'],
		['529', refusal(529), 'unsure'],
		['no connection', { kind: 'notSent', code: 'ECONNREFUSED' }, 'notSent'],
		['no TLS', { kind: 'tls', code: 'EPROTO' }, 'refused'],
		['a connection that was reset', { kind: 'lost', code: 'ECONNRESET' }, 'unsure'],
		['a connection that timed out', { kind: 'lost', code: 'ECONNABORTED' }, 'unsure'],
		['something unknown', { kind: 'lost', code: 'UNKNOWN' }, 'unsure'],
	])('answered by %s', (_what, exchange, kind) => {
		expect(verdict(exchange).kind).toBe(kind);
	});

	it('may be sent again only after a 429, and where there never was a connection', () => {
		const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);
		const again = (exchange: Exchange) => ['busy', 'notSent'].includes(verdict(exchange).kind);
		expect(statuses.filter((status) => again(refusal(status)))).toEqual([429]);
	});

	it('hands the accepted task on', () => {
		const task = { task_id: TASK, model: 'm', created_at: 'c', request_id: 'r' };
		expect(verdict(answer(200, task))).toEqual({ kind: 'accepted', task });
	});

	it.each([
		['5', 5000],
		[undefined, undefined],
	])('that is turned away says when to come back: Retry-After %s', (header, ms) => {
		const exchange = answer(429, '', header === undefined ? {} : { 'retry-after': header });
		expect(verdict(exchange)).toMatchObject({ kind: 'busy', retryAfterMs: ms });
	});

	it('shows what the service said, whatever its code', () => {
		expect(verdict(refusal(400, 'BRAND_NEW'))).toEqual({
			kind: 'refused',
			says: { httpStatus: 400, code: 'BRAND_NEW', requestId: 'req_abc123', text: 'No' },
		});
	});

	it('shows the words of a page without its tags', () => {
		expect(verdict(answer(502, PAGE))).toMatchObject({
			says: { httpStatus: 502, text: 'Bad&nbsp;gateway' },
		});
	});

	it('shows nothing of what must not be shown', () => {
		const message = 'Bad prompt: my secret horse (key sk-1)';
		const exchange = answer(400, { error: { code: 'X', message } });
		expect(submitVerdict(exchange, ['sk-1', 'my secret horse'], NOW)).toMatchObject({
			says: { text: 'Bad prompt: … (key …)' },
		});
		expect(JSON.stringify(submitVerdict(answer(500, message), ['sk-1'], NOW))).not.toContain(
			'sk-1',
		);
	});
});

describe('a query', () => {
	const verdict = (exchange: Exchange) => queryVerdict(exchange, [], NOW);
	const video = { url: 'https://file.example/1.mp4' };

	it.each<[string, Exchange, QueryVerdict['kind']]>([
		['queued', answer(200, { status: 'queued' }), 'going'],
		['processing', answer(200, { status: 'processing', videos: null }), 'going'],
		['pending', answer(200, { status: 'pending' }), 'going'],
		['an unknown word', answer(200, { status: 'dreaming' }), 'going'],
		['succeeded', answer(200, { status: 'succeeded', videos: [video] }), 'succeeded'],
		['succeeded without a video', answer(200, { status: 'succeeded', videos: null }), 'trouble'],
		['succeeded with no videos', answer(200, { status: 'succeeded', videos: [] }), 'trouble'],
		['failed', answer(200, { status: 'failed', error: { code: 'X' } }), 'failed'],
		['failed without a reason', answer(200, { status: 'failed' }), 'failed'],
		['200 with a page', answer(200, PAGE), 'trouble'],
		['200 with JSON that is cut off', answer(200, '{"status":"succ'), 'trouble'],
		['200 with another JSON', answer(200, { ok: true }), 'trouble'],
		['200 with nothing', answer(200), 'trouble'],
		['302', answer(302), 'denied'],
		['400', refusal(400), 'denied'],
		['401', refusal(401), 'denied'],
		['402', refusal(402), 'denied'],
		['403', refusal(403), 'denied'],
		['404', refusal(404, 'TASK_NOT_FOUND'), 'gone'],
		['405', refusal(405), 'denied'],
		['408', refusal(408), 'trouble'],
		['429', refusal(429), 'trouble'],
		['500', refusal(500), 'trouble'],
		['502 with a page', answer(502, PAGE), 'trouble'],
		['503', refusal(503), 'trouble'],
		['504', answer(504), 'trouble'],
		['no connection', { kind: 'notSent', code: 'ENOTFOUND' }, 'trouble'],
		['no TLS', { kind: 'tls', code: 'CERT_HAS_EXPIRED' }, 'denied'],
		['a connection that was reset', { kind: 'lost', code: 'ECONNRESET' }, 'trouble'],
	])('answered by %s', (_what, exchange, kind) => {
		expect(verdict(exchange).kind).toBe(kind);
	});

	it('slows everybody down only after a 429', () => {
		expect(verdict(answer(429, '', { 'retry-after': '7' }))).toMatchObject({
			busy: true,
			retryAfterMs: 7000,
		});
		expect(verdict(answer(503, '', { 'retry-after': '7' }))).toMatchObject({
			busy: false,
			retryAfterMs: 7000,
		});
	});

	it('says why a task failed, with the id that support asks for', () => {
		const error = { code: 'GENERATION_FAILED', message: 'No luck', status: 500 };
		const failed = { status: 'failed', error, request_id: 'req_of_the_query' };
		expect(verdict(answer(200, failed))).toMatchObject({
			says: { code: 'GENERATION_FAILED', text: 'No luck', requestId: 'req_of_the_query' },
		});
		const own = { ...failed, error: { ...error, request_id: 'req_of_the_error' } };
		expect(verdict(answer(200, own))).toMatchObject({ says: { requestId: 'req_of_the_error' } });
	});
});

describe('Retry-After', () => {
	it.each<[unknown, number | undefined]>([
		['0', 0],
		['3', 3000],
		[' 120 ', 120_000],
		[5, 5000],
		['1.5', 1500],
		['Mon, 27 Apr 2026 10:00:30 GMT', 30_000],
		['2026-04-27T10:01:00Z', 60_000],
		['Mon, 27 Apr 2026 09:00:00 GMT', 0],
		['-5', undefined],
		['soon', undefined],
		['', undefined],
		['5 seconds', undefined],
		[null, undefined],
		[undefined, undefined],
		[['5'], undefined],
		['2026', 2_026_000],
	])('%j means %s ms', (header, ms) => {
		expect(retryAfterMs(header, NOW)).toBe(ms);
	});
});
