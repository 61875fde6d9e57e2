// What every answer means for the money: the contract's table of errors, row by row.
import { Redactor } from '../../nodes/HappyHorse/service/redact';
import type { Exchange } from '../../nodes/HappyHorse/service/http/http';
import { IMINI } from '../../nodes/HappyHorse/service/imini/imini';
import type { QueryVerdict, Refusal, SubmitVerdict } from '../../nodes/HappyHorse/service/service';
import { Verdicts } from '../../nodes/HappyHorse/service/verdict';

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

const verdicts = new Verdicts(IMINI, new Redactor(''));
const submitted = (exchange: Exchange) => verdicts.submit(exchange);
const asked = (exchange: Exchange) => verdicts.query(exchange);

const PAGE =
	'<html><head><title>Bad&nbsp;gateway</title><script>e={"error":{"code":"X"}}</script></head><body>502</body></html>';

it.each<[number, number, SubmitVerdict['kind'], QueryVerdict['kind']]>([
	[100, 199, 'unsure', 'denied'],
	[200, 299, 'unsure', 'trouble'],
	[300, 403, 'refused', 'denied'],
	[404, 404, 'refused', 'gone'],
	[405, 407, 'refused', 'denied'],
	[408, 408, 'unsure', 'trouble'],
	[409, 428, 'refused', 'denied'],
	[429, 429, 'busy', 'trouble'],
	[430, 499, 'refused', 'denied'],
	[500, 599, 'unsure', 'trouble'],
])('a status from %i to %i makes a submit %s and a query %s', (from, to, submit, query) => {
	for (let status = from; status <= to; status += 1) {
		const headers = { 'retry-after': '1', location: 'https://elsewhere.example' };
		const bare = [
			...[answer(status), answer(status, PAGE), answer(status, PAGE, headers)],
			...[
				{ message: 'no Route matched', task_id: 0 },
				{ error: 'Forbidden', task_id: 'null' },
			].map((body) => answer(status, body)),
			refusal(status, String(status)),
		];
		const envelope = refusal(status);
		for (const exchange of [envelope, ...bare]) {
			expect([status, submitted(exchange).kind]).toEqual([status, submit]);
			// What the service itself does not say ends no wait
			const own = exchange === envelope ? query : 'trouble';
			expect([status, asked(exchange).kind]).toEqual([status, own]);
		}
	}
});

describe('a submit', () => {
	it.each([{ ok: true }, { error: { code: 'X', message: 'y' } }])(
		'that went well, without a task id, is unsure: %j',
		(body) => expect(submitted(answer(200, body)).kind).toBe('unsure'),
	);

	it('hands the accepted task on', () => {
		const fields = { model: 'm', created_at: 'c', request_id: 'r' };
		expect(submitted(answer(200, { task_id: TASK, ...fields }))).toEqual({
			kind: 'accepted',
			task: { taskId: TASK, model: 'm', createdAt: 'c', requestId: 'r' },
		});
	});

	it.each([
		['5', 5000],
		[undefined, undefined],
	])('that is turned away says when to come back: Retry-After %s', (header, ms) => {
		const exchange = answer(429, '', header === undefined ? {} : { 'retry-after': header });
		expect(submitted(exchange)).toMatchObject({ kind: 'busy', retryAfterMs: ms });
	});

	it.each<[string, Exchange, Refusal]>([
		['no TLS', { kind: 'insecure', code: 'EPROTO' }, 'insecure'],
		['401', refusal(401), 'key'],
		['402', refusal(402), 'credits'],
		['403', refusal(403), 'notAllowed'],
		['403 for want of credits', refusal(403, 'INSUFFICIENT_CREDITS'), 'credits'],
		['300', refusal(300), 'redirect'],
		['399', refusal(399), 'redirect'],
		['400', refusal(400), 'invalid'],
		['400 for its content', refusal(400, 'INVALID_PROMPT'), 'content'],
		['413', refusal(413), 'tooLarge'],
		['405', refusal(405), 'other'],
	])('refused by %s has its reason, and so has a query', (_what, exchange, reason) => {
		expect(submitted(exchange)).toMatchObject({ kind: 'refused', reason });
		expect(asked(exchange)).toMatchObject({ kind: 'denied', reason });
	});

	it.each<[number, Refusal]>([
		[401, 'between'],
		[402, 'between'],
		[403, 'between'],
		[404, 'between'],
		[301, 'redirect'],
		[400, 'invalid'],
		[413, 'tooLarge'],
	])('refused with a page and %i is refused, and not for the account', (status, reason) => {
		const details = { httpStatus: status, text: 'Bad&nbsp;gateway' };
		expect(submitted(answer(status, PAGE))).toMatchObject({ kind: 'refused', reason, details });
	});

	it('shows what the service said, whatever its code', () => {
		expect(submitted(refusal(400, 'BRAND_NEW'))).toEqual({
			kind: 'refused',
			reason: 'invalid',
			details: { httpStatus: 400, code: 'BRAND_NEW', requestId: 'req_abc123', text: 'No' },
		});
	});
});

describe('a query', () => {
	const video = { url: 'https://file.example/1.mp4' };

	it.each<[string, Exchange, QueryVerdict['kind']]>([
		['succeeded without a video', answer(200, { status: 'succeeded', videos: null }), 'trouble'],
		['failed without a reason', answer(200, { status: 'failed' }), 'failed'],
		['200 with JSON that is cut off', answer(200, '{"status":"succ'), 'trouble'],
		['200 with another JSON', answer(200, { ok: true }), 'trouble'],
		['200 with a comment behind', answer(200, '{"status":"queued"}<!-- 1 -->'), 'going'],
	])('answered by %s', (_what, exchange, kind) => {
		expect(asked(exchange).kind).toBe(kind);
	});

	it.each([429, 503])('may say when to come back, but only a 429 slows all down: %i', (status) => {
		const told = { busy: status === 429, retryAfterMs: 7000 };
		expect(asked(answer(status, '', { 'retry-after': '7' }))).toMatchObject(told);
	});

	it.each([
		['INVALID_PROMPT', 'content'],
		['INVALID_PARAMETER', 'invalid'],
		['INSUFFICIENT_CREDITS', 'credits'],
		['BRAND_NEW', 'other'],
	])('knows a failed task by its code: %s', (code, reason) => {
		const failed = { status: 'failed', error: { code, message: 'No luck' } };
		expect(asked(answer(200, failed))).toMatchObject({ kind: 'failed', reason });
	});

	it('says why a task failed, with the id that support asks for', () => {
		const error = { code: 'GENERATION_FAILED', message: 'No luck', status: 500 };
		const failed = { status: 'failed', error, request_id: 'req_of_the_query' };
		expect(asked(answer(200, failed))).toMatchObject({
			details: { code: 'GENERATION_FAILED', text: 'No luck', requestId: 'req_of_the_query' },
			task: { error: { code: 'GENERATION_FAILED', requestId: 'req_of_the_query' } },
		});
		const own = { ...failed, error: { ...error, request_id: 'req_of_the_error' } };
		expect(asked(answer(200, own))).toMatchObject({ details: { requestId: 'req_of_the_error' } });
	});

	it.each([
		['succeeded', 'succeeded'],
		['SUCCEEDED', 'succeeded'],
		['failed', 'failed'],
		['queued', 'going'],
		['processing', 'going'],
		['pending', 'going'],
		['canceled', 'going'],
		['a word that nobody knows', 'going'],
	])('with the status %s is of a task that is %s', (status, state) => {
		const videos = state === 'succeeded' ? [video] : null;
		expect(asked(answer(200, { status, videos }))).toMatchObject({ kind: state, task: { state } });
	});

	it('hands on all that is known of a task', () => {
		const size = { width: 1920, height: 1080 };
		const cover = 'https://file.example/1.jpg';
		const known = { model: 'm', created_at: 'c', completed_at: 'd', request_id: 'r' };
		const videos = [{ ...video, ...size, duration: 5, cover_url: cover }, video];
		expect(asked(answer(200, { status: 'succeeded', ...known, videos }))).toEqual({
			kind: 'succeeded',
			task: {
				state: 'succeeded',
				status: 'succeeded',
				model: 'm',
				createdAt: 'c',
				completedAt: 'd',
				requestId: 'r',
				videos: [{ ...video, ...size, durationSeconds: 5, coverUrl: cover }, video],
			},
		});
	});

	it('hands on a task without the facts that are missing or null', () => {
		const nulls = { videos: null, error: null, created_at: null };
		expect(asked(answer(200, { status: 'queued', ...nulls }))).toEqual({
			kind: 'going',
			task: { state: 'going', status: 'queued', model: 'dashscope/happyhorse-1.0', videos: [] },
		});
	});

	it('slows nobody else down when it is about no task: lost, unreadable or of a broken service', () => {
		for (const one of [{ kind: 'lost', code: 'X' } as const, answer(200, 'ok'), answer(500)])
			expect({ busy: false, ...asked(one) }).toMatchObject({ kind: 'trouble', busy: false });
	});

	it('about a task that has succeeded without a video is sent again, and its request id kept', () => {
		const task = { status: 'succeeded', videos: [], request_id: 'req_1' };
		expect(asked(answer(200, task))).toEqual({
			kind: 'trouble',
			details: { text: 'The task has succeeded, but no video is listed yet.', requestId: 'req_1' },
			status: 'succeeded',
		});
	});
});

it.each<[Exchange, submit: string, query: string]>([
	[{ kind: 'unsendable', code: 'ERR_INVALID_CHAR', text: 'Bad' }, 'refused', 'denied'],
	[{ kind: 'insecure', code: 'CERT_HAS_EXPIRED' }, 'refused', 'denied'],
	[{ kind: 'notSent', code: 'ECONNRESET' }, 'notSent', 'trouble'],
	[{ kind: 'lost', code: 'ETIMEDOUT' }, 'unsure', 'trouble'],
])(
	'without an answer, the code of the network is kept: %j',
	({ kind, ...details }, submit, query) => {
		const exchange = { kind, ...details } as Exchange;
		expect(submitted(exchange)).toMatchObject({ kind: submit, details });
		expect(asked(exchange)).toMatchObject({ kind: query, details });
	},
);

it.each([407, 502])(
	'a proxy that refuses to connect ends no wait, and takes no order: %i',
	(status) => {
		const details = { httpStatus: status };
		expect(submitted({ kind: 'proxy', status })).toMatchObject({ kind: 'refused', details });
		expect(asked({ kind: 'proxy', status })).toMatchObject({ kind: 'trouble', details });
	},
);

it.each([
	[199, 'unsure', 'trouble'],
	[200, 'accepted', 'going'],
	[299, 'accepted', 'going'],
	[303, 'unsure', 'trouble'],
	[404, 'unsure', 'trouble'],
	[429, 'unsure', 'trouble'],
	[500, 'unsure', 'trouble'],
])(
	'an answer counts from 200 to 299, and a task that any other names is kept: %i',
	(status, submit, query) => {
		const named = { error: { code: 'X' }, task_id: TASK };
		const details = { taskIds: [TASK] };
		const told = submit === 'unsure' ? { details } : { task: { taskId: TASK } };
		expect(submitted(answer(status, named))).toMatchObject({ kind: submit, ...told });
		expect(asked(answer(status, { status: 'queued' })).kind).toBe(query);
	},
);
