// The list of an account's tasks: how it is asked for, and what its answers mean.
import fc from 'fast-check';
import { Redactor } from '../../../nodes/HappyHorse/service/redact';
import { MODEL_STUDIO } from '../../../nodes/HappyHorse/service/modelStudio/modelStudio';
import {
	cancelVerdict,
	listPath,
	listVerdict,
} from '../../../nodes/HappyHorse/service/modelStudio/tasks';
import { Verdicts } from '../../../nodes/HappyHorse/service/verdict';

const redactor = new Redactor('sk-secret-key');
const verdicts = new Verdicts(MODEL_STUDIO, redactor);

/** What an answer means. */
function verdictOf(status: number, body: unknown, headers: Record<string, string> = {}) {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return listVerdict({ kind: 'answer', status, headers, text }, verdicts);
}

const entry = {
	task_id: 'a-1',
	status: 'RUNNING',
	model_name: 'happyhorse-1.1-t2v',
	gmt_create: 1_745_568_428_109,
	end_time: 1_745_568_429_481,
	request_id: 'r-1',
};

it.each([
	[1, {}, '/api/v1/tasks/?page_no=1&page_size=100'],
	[3, { model: 'a&b', status: 'PENDING' }, '/api/v1/tasks/?page_no=3&page_size=100&model_name=a%26b&status=PENDING'], // prettier-ignore
])(
	'page %s of %j is asked for',
	(page, { model, status }: { model?: string; status?: string }, path) => {
		expect(listPath(page, model, status)).toBe(path);
	},
);

it('tells tasks in the words of the output', () => {
	expect(verdictOf(200, { total_page: 2, data: [entry] })).toEqual({
		kind: 'page',
		pages: 2,
		tasks: [
			{
				taskId: 'a-1',
				state: 'going',
				status: 'processing',
				model: 'happyhorse-1.1-t2v',
				createdAt: '2025-04-25T08:07:08.109Z',
				completedAt: '2025-04-25T08:07:09.481Z',
				requestId: 'r-1',
			},
		],
	});
});

const NO_TASKS = { kind: 'page', tasks: [] };

it.each<[what: string, entry: unknown]>([
	['without an id', { status: 'RUNNING' }],
	['with an id that is none', { ...entry, task_id: '../../x' }],
	['without a status', { task_id: 'a-1' }],
	['whose task the service does not know', { ...entry, status: 'UNKNOWN' }],
	['that is no object', null],
])('an entry %s is left out', (_what, one) => {
	expect(verdictOf(200, { data: [one] })).toMatchObject(NO_TASKS);
});

it('a time that is no date is left out', () => {
	const { kind, ...page } = verdictOf(200, { data: [{ ...entry, gmt_create: 1e300 }] });
	expect(kind).toBe('page');
	expect(page).toMatchObject({ tasks: [{ taskId: 'a-1', createdAt: undefined }] });
});

const busy = { code: 'Throttling.RateQuota', message: 'Slower' };

it.each<[what: string, status: number, body: unknown, verdict: object]>([
	['in another form', 200, { tasks: [] }, { kind: 'none' }],
	['that is a page', 200, '<html>Welcome</html>', { kind: 'none' }],
	['that there is none', 404, '<html>Not found</html>', { kind: 'none' }],
	["that there is none, in the service's form", 404, { code: 'NotFound' }, { kind: 'none' }],
	['that a parameter is wrong', 400, { code: 'InvalidParameter' }, { kind: 'denied' }],
	['that it may not be read', 403, { code: 'AccessDenied' }, { kind: 'denied' }],
	['that there is no room', 429, busy, { kind: 'trouble', busy: true, retryAfterMs: 3000 }],
	['that it is out of order', 503, 'x', { kind: 'trouble', busy: false }],
])('an answer %s (%s)', (_what, status, body, verdict) => {
	expect(verdictOf(status, body, { 'retry-after': '3' })).toMatchObject(verdict);
});

it.each([
	[200, 'answered'],
	[404, 'answered'],
	[409, 'answered'],
	[401, 'denied'],
	[503, 'trouble'],
])('a cancel that is answered with %i: %s', (status, kind) => {
	const exchange = { kind: 'answer', status, headers: {}, text: '{"code":"X"}' } as const;
	expect(cancelVerdict(exchange, verdicts).kind).toBe(kind);
	expect(cancelVerdict({ kind: 'insecure', code: 'X' }, verdicts).kind).toBe('denied');
});

it('no answer throws, whatever it holds', () => {
	const check = (body: unknown) => {
		expect(['page', 'none']).toContain(verdictOf(200, body).kind);
	};
	fc.assert(fc.property(fc.json(), check));
	const values = fc.record({ data: fc.array(fc.record({ task_id: fc.anything(), status: fc.string(), gmt_create: fc.double() })) }); // prettier-ignore
	fc.assert(fc.property(values, (value) => check(JSON.parse(JSON.stringify(value) ?? '{}'))));
});
