// Answers that are not quite as documented: a task id that was heard is kept, and a link beside odd fields is used.
import { Redactor } from '../../../nodes/HappyHorse/service/redact';
import { Verdicts } from '../../../nodes/HappyHorse/service/verdict';
import type { Exchange } from '../../../nodes/HappyHorse/service/http/http';
import { IMINI } from '../../../nodes/HappyHorse/service/imini/imini';

const TASK = 'task_2044275355061448704';
const URL_1 = 'https://file.example/1.mp4?sig=abc';
const video = { url: URL_1, width: 1920, height: 1080, duration: 5 };

function answer(
	body: unknown,
	more: Partial<Extract<Exchange, { kind: 'answer' }>> = {},
): Exchange {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return { kind: 'answer', status: 200, headers: {}, text, ...more };
}

const verdictsFor = (key: string) => new Verdicts(IMINI, new Redactor(key));
const asked = (exchange: Exchange, taskId = TASK) => verdictsFor('').query(exchange, taskId);
const submitted = (exchange: Exchange, key = '') => verdictsFor(key).submit(exchange);

describe('a video is delivered', () => {
	it.each<[string, unknown]>([
		['as documented', { task_id: TASK, status: 'succeeded', videos: [video] }],
		['in capitals', { status: 'SUCCEEDED', videos: [video] }],
		['with blanks around the word', { status: ' Succeeded ', videos: [video] }],
		['whatever the word', { status: 'processing', videos: [video] }],
		['also if it is called failed', { status: 'failed', videos: [video] }],
		['without a word', { videos: [video] }],
		['behind a bad entry', { status: 'succeeded', videos: [null, {}, { url: 7 }, 'no', video] }],
		['before bad entries', { status: 'succeeded', videos: [video, null, [], 'x'] }],
		['with blanks around the link', { status: 'succeeded', videos: [{ url: `  ${URL_1}\n` }] }],
		[
			'among fields of odd types',
			{
				status: 'succeeded',
				videos: [{ ...video, width: '1', cover_url: [] }],
				error: [],
				model: {},
			},
		],
	])('%s', (_how, body) => {
		const verdict = asked(answer(body));
		expect(verdict).toMatchObject({ kind: 'succeeded', task: { status: 'succeeded' } });
		if (verdict.kind === 'succeeded')
			expect(verdict.task.videos.map(({ url }) => url)).toEqual([URL_1]);
	});

	it('with a blank inside its link', () => {
		const body = { status: 'succeeded', videos: [{ url: 'https://file.example/my film.mp4' }] };
		expect(asked(answer(body))).toMatchObject({
			task: { videos: [{ url: 'https://file.example/my%20film.mp4' }] },
		});
	});

	it('also where the connection did not end behind it', () => {
		const body = { status: 'succeeded', videos: [video] };
		expect(asked(answer(body, { broken: 'ECONNRESET' })).kind).toBe('succeeded');
	});
});

describe('a task that has succeeded without a usable link', () => {
	it.each<[string, unknown, string]>([
		['relative', [{ url: '/file/1.mp4' }], '/file/1.mp4'],
		['without a scheme', [{ url: '//file.example/1.mp4' }], '//file.example/1.mp4'],
		['of another scheme', [{ url: 'ftp://file.example/1.mp4' }], 'ftp://'],
		['a number', [{ url: 7 }], '7'],
		['an object', [{ url: { href: '1.mp4' } }], 'only a list or an object'],
		['far too long', [{ url: `https://a.example/${'x/'.repeat(100_000)}` }], 'only …'],
	])('says what came: %s', (_what, videos, given) => {
		const verdict = asked(answer({ status: 'succeeded', videos, request_id: 'req_1' }));
		expect(verdict).toMatchObject({ kind: 'trouble', status: 'succeeded' });
		const { details } = verdict as Extract<typeof verdict, { kind: 'trouble' }>;
		expect(details).toMatchObject({
			requestId: 'req_1',
			text: expect.stringContaining('no usable link'),
		});
		expect(details.text).toContain(given);
		expect(details.text?.length).toBeLessThan(300);
	});

	it('never quotes a data: link', () => {
		const url = `data:video/mp4;base64,${'AAAA'.repeat(100_000)}`;
		const verdict = asked(answer({ status: 'succeeded', videos: [{ url }] }));
		expect(verdict.kind).toBe('trouble');
		expect(JSON.stringify(verdict)).not.toContain('AAAAAAAA');
	});
});

it('a task has failed, however odd the error in it', () => {
	expect(asked(answer({ status: 'failed', error: 'boom' })).kind).toBe('failed');
	const odd = { status: 'failed', error: { code: 9, status: '500' } };
	expect(asked(answer(odd))).toMatchObject({ kind: 'failed', details: { code: '9' } });
});

describe('an answer about another task', () => {
	it.each(['task_2', ` ${TASK}1`, 7])('says nothing about this one: %j', (task_id) => {
		for (const body of [
			{ task_id, status: 'succeeded', videos: [video] },
			{ task_id, status: 'failed' },
		])
			expect(asked(answer(body))).toMatchObject({
				kind: 'trouble',
				details: { text: 'The answer was about another task.' },
			});
	});

	it.each([TASK, ` ${TASK} `, null, undefined, {}])('is not one: %j', (task_id) => {
		expect(asked(answer({ task_id, status: 'queued' })).kind).toBe('going');
	});

	it('is told by all digits of a number', () => {
		const text = '{"task_id": 2044275355061448704, "status": "queued"}';
		expect(asked(answer(text), '2044275355061448704').kind).toBe('going');
		expect(asked(answer(text), '2044275355061448705').kind).toBe('trouble');
	});
});

describe('a task id', () => {
	it.each<[string, string, string]>([
		['a text', `{"task_id":"${TASK}"}`, TASK],
		['with blanks around it', `{"task_id":" ${TASK}\\n"}`, TASK],
		['a number', '{"task_id":42}', '42'],
		[
			'a number beyond 2^53, to its last digit',
			'{"task_id": 2044275355061448705}',
			'2044275355061448705',
		],
		['in data', `{"code":0,"data":{"task_id":"${TASK}"}}`, TASK],
		['in a list', `[{"task_id":"${TASK}"}]`, TASK],
		['in output', `{"output":{"task_id":"${TASK}"},"request_id":"r"}`, TASK],
		['deep inside', `{"a":[{"b":{"c":[[{"task_id":"${TASK}"}]]}}]}`, TASK],
		['twice', `{"task_id":"${TASK}","output":{"task_id":"${TASK}"}}`, TASK],
		['at its place, beside another', `{"task_id":"${TASK}","parent":{"task_id":"task_1"}}`, TASK],
		['in escapes', `{"task_id":"task\\u005f1"}`, 'task_1'],
		['behind a byte order mark', `\uFEFF{"task_id":"${TASK}","request_id":"r"}`, TASK],
		['beside NaN', `{"task_id":"${TASK}","eta":NaN,"request_id":"r"}`, TASK],
		['cut off behind it', `{"task_id":"${TASK}","model":"dashscope/happyh`, TASK],
		[
			'a number, cut off behind it',
			'{"task_id":20442753550614487051,"model',
			'20442753550614487051',
		],
		["behind )]}'", `)]}'\n{"task_id":"${TASK}","request_id":"r"}`, TASK],
		['in two lines', `{"task_id":"${TASK}","request_id":"r"}\n{"done":true}`, TASK],
		['among surplus fields', `{"task_id":"${TASK}","videos":null,"x":[[]]}`, TASK],
		['beside fields of other types', `{"task_id":"${TASK}","model":7,"request_id":{}}`, TASK],
	])('is read: %s', (_how, text, id) => {
		expect(submitted(answer(text))).toMatchObject({ kind: 'accepted', task: { taskId: id } });
	});

	it('stands beside a request id that may be a number', () => {
		const verdict = submitted(answer({ task_id: TASK, request_id: 42 }));
		expect(verdict).toMatchObject({ task: { requestId: '42' } });
	});

	it.each<[string, unknown]>([
		['too long', `task_${'1'.repeat(200)}`],
		['with a slash', 'task/1'],
		['with a blank', 'task 1'],
		['with control characters', 'task_\u0007'],
		['that climbs', 'task_..'],
		['a fraction', 1.5],
		['a list', ['task_1']],
		['negative', -1],
	])('that can not be used makes the order unclear: %s', (_what, task_id) => {
		expect(submitted(answer({ task_id })).kind).toBe('unsure');
	});

	it.each<[string, string, ...string[]]>([
		['cut off inside it', '{"task_id":"task_204427'],
		['a number that is cut off', '{"task_id":204427'],
		['an escape that is none', '{"task_id":"\\x1"}'],
		['two, where none is at its place', '[{"task_id":"a"},{"task_id":"b"}]', 'a', 'b'],
		['in the words of an error', '{"error":{"message":"no \\"task_id\\":\\"task_1\\" here"}}'],
	])(
		'that is not whole, or not the only one, makes the order unclear: %s',
		(_what, text, ...ids) => {
			const details = ids.length > 0 ? { taskIds: ids } : {};
			expect(submitted(answer(text))).toMatchObject({ kind: 'unsure', details });
		},
	);

	it('with the key in it makes the order unclear, and is not shown', () => {
		const verdict = submitted(answer({ task_id: 'task_sk-12345678' }), 'sk-12345678');
		expect(verdict.kind).toBe('unsure');
		expect(JSON.stringify(verdict)).not.toContain('sk-12345678');
	});
});

describe('a mad answer to a query', () => {
	const deep = '['.repeat(20_000) + ']'.repeat(20_000);

	it.each<[string, string]>([
		['a link', `{"status":"succeeded","videos":[{"url":${deep}}]}`],
		['a list of videos', `{"status":"succeeded","videos":${deep}}`],
		['everything', deep],
		['an id', `{"task_id":${deep},"status":"succeeded"}`],
	])('does not end the wait, nor does it throw: %s, 20,000 lists deep', (_what, text) => {
		expect(asked(answer(text)).kind).toBe('trouble');
	});

	it('does not end it even where reading it throws', () => {
		const throws = (): never => {
			throw new RangeError('Maximum call stack size exceeded');
		};
		const dialect = { error: throws, accepted: throws, task: throws, codes: {} };
		const verdict = new Verdicts(dialect, new Redactor('')).query(answer('{}'), TASK);
		expect(verdict.kind).toBe('trouble');
	});
});

describe('an answer that broke off', () => {
	const cut = '{"error":{"code":"INVALID_PARAM';

	it('is one whose status counts', () => {
		const broken = 'ECONNRESET';
		expect(submitted(answer(cut, { status: 400, broken }))).toMatchObject({
			kind: 'refused',
			details: { httpStatus: 400, code: broken },
		});
		expect(submitted(answer('', { status: 429, broken })).kind).toBe('busy');
		expect(submitted(answer('', { status: 502, broken })).kind).toBe('unsure');
		expect(submitted(answer('{"task_id":"task_1', { broken }))).toMatchObject({
			kind: 'unsure',
			details: { httpStatus: 200, code: broken },
		});
		expect(asked(answer('{"status":"succ', { broken }))).toMatchObject({
			kind: 'trouble',
			details: { httpStatus: 200, code: broken },
		});
	});
});
