// One exchange over helpers of every kind: bounded whatever they do, and never mistaken for what it was not.
import type { IExecuteFunctions } from 'n8n-workflow';
import { exchange } from '../../../nodes/HappyHorse/service/http/http';
import type { Readable } from '../../../nodes/HappyHorse/service/http/openFile';
import { openFile } from '../../../nodes/HappyHorse/service/http/openFile';

const account = { credential: 'happyHorseApi', baseUrl: 'https://a.example', key: 'sk-12345678' };

type Helper = (this: IExecuteFunctions, name: string, options: Record<string, unknown>) => unknown;

/** A context with state that only itself can reach, as a class may have it. */
class Context {
	readonly #signal = new AbortController().signal;

	readonly helpers: { httpRequest: unknown; httpRequestWithAuthentication: unknown };

	constructor(helper: Helper) {
		this.helpers = {
			httpRequestWithAuthentication: helper,
			httpRequest: async (options: Record<string, unknown>) =>
				await helper.call(this as unknown as IExecuteFunctions, '', options),
		};
	}

	getExecutionCancelSignal() {
		return this.#signal;
	}

	getNode() {
		return { aborted: this.#signal.aborted };
	}
}

const contextOf = (helper: Helper) => new Context(helper) as unknown as IExecuteFunctions;

async function sent(helper: Helper, timeoutMs = 5000, cancel = new AbortController().signal) {
	const request = { method: 'GET', path: '/v1', timeoutMs } as const;
	return await exchange(contextOf(helper), account, request, cancel);
}

const never = async () => await new Promise<never>(() => {});

/** A body that comes in these pieces, and then breaks, ends, or never ends. */
function body(pieces: string[], end: 'ends' | 'breaks' | 'hangs' = 'ends') {
	const state = { destroyed: false };
	async function* chunks() {
		for (const piece of pieces) yield Buffer.from(piece);
		if (end === 'hangs') await never();
		if (end === 'breaks') throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
	}
	const destroy = () => {
		state.destroyed = true;
	};
	return Object.assign(chunks(), { read: () => null, destroy, state });
}

const answer = (status: number, content: unknown) => async () => ({
	statusCode: status,
	headers: {},
	body: content,
});

it('hands its own signal out as that of the execution, and all else as it is', async () => {
	const result = await sent(async function (this: IExecuteFunctions, _name, { abortSignal }) {
		expect(this.getExecutionCancelSignal()).toBe(abortSignal);
		expect(this.getNode()).toEqual({ aborted: false });
		return await answer(200, 'ok')();
	});
	expect(result).toMatchObject({ kind: 'answer', status: 200, text: 'ok' });
});

describe('ends at its own timer', () => {
	it('where the helper never returns', async () => {
		expect(await sent(never, 50)).toEqual({ kind: 'lost', code: 'ETIMEDOUT' });
	});

	it('and closes what comes after it', async () => {
		const late = body(['x']);
		let come: (value: unknown) => void = () => {};
		const coming = new Promise((resolve) => {
			come = resolve;
		});
		await sent(async () => await coming, 20);
		come({ statusCode: 200, headers: {}, body: late });
		for (let turns = 0; turns < 10; turns += 1) await coming;
		expect(late.state.destroyed).toBe(true);
	});

	it('where a body never ends: what came of it counts', async () => {
		// The zeros of UTF-16 do not
		const hanging = body(['{\0"a":', '1\0}'], 'hangs');
		expect(await sent(answer(200, hanging), 50)).toMatchObject({
			kind: 'answer',
			text: '{"a":1}',
			broken: 'ETIMEDOUT',
		});
		expect(hanging.state.destroyed).toBe(true);
	});

	it('or when the execution is stopped', async () => {
		const stop = new AbortController();
		const result = sent(never, 60_000, stop.signal);
		stop.abort();
		expect((await result).kind).toBe('lost');
	});

	it('also a file that never begins', async () => {
		const { signal } = new AbortController();
		const opened = openFile(
			contextOf(
				async (_name, { abortSignal }) =>
					await new Promise((_, reject) => {
						(abortSignal as AbortSignal).addEventListener('abort', () => reject(new Error('x')));
					}),
			),
			'https://a.example/1.mp4',
			AbortSignal.any([signal, AbortSignal.timeout(20)]),
		);
		expect(await opened).toEqual({ kind: 'unreachable', code: 'UNKNOWN' });
	});
});

describe('a body', () => {
	it('that breaks off leaves what came of it', async () => {
		expect(await sent(answer(400, body(['half'], 'breaks')))).toMatchObject({
			status: 400,
			text: 'half',
			broken: 'ECONNRESET',
		});
	});

	it('is read up to a megabyte', async () => {
		const long = body(Array.from({ length: 100 }, () => 'x'.repeat(100_000)));
		const read = await sent(answer(200, long));
		expect(read).toMatchObject({ kind: 'answer', broken: 'ANSWER_TOO_LARGE' });
		if (read.kind === 'answer') expect(read.text).toHaveLength(1_000_000);
		expect(long.state.destroyed).toBe(true);
	});

	it.each<[string, unknown, string]>([
		['text', 'a', 'a'],
		['bytes', Buffer.from('ä'), 'ä'],
		['JSON that is parsed already', { a: 1 }, '{"a":1}'],
		['nothing', undefined, ''],
	])('may be read already: %s', async (_form, content, text) => {
		expect(await sent(answer(200, content))).toEqual({
			kind: 'answer',
			status: 200,
			headers: {},
			text,
		});
	});

	it('keeps characters that are cut between two pieces', async () => {
		const [first, second] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)];
		async function* chunks() {
			yield first;
			yield second;
		}
		const split = Object.assign(chunks(), { read() {}, destroy() {} });
		expect(await sent(answer(200, split))).toMatchObject({ text: 'ä' });
	});
});

it('an answer that is none may have been one', async () => {
	for (const odd of [undefined, null, 'x', {}, { task_id: 'task_1' }])
		expect(await sent(async () => odd)).toEqual({ kind: 'lost', code: 'UNKNOWN' });
});

describe('an error', () => {
	const TLS = { encrypted: true };

	/** What is thrown for an answer that came over `socket`. */
	const over = (socket: object, status: number, headers = {}) => ({
		cause: { request: { socket }, response: { status, headers, data: '' } },
	});

	it('that n8n throws before it begins means that nothing was sent', async () => {
		const helper = async () => {
			throw new Error('The credential could not be decrypted');
		};
		expect(await sent(helper)).toEqual({
			kind: 'unsendable',
			code: 'UNKNOWN',
			text: 'The credential could not be decrypted',
		});
	});

	it('that comes once the HTTP client listens means nothing', async () => {
		const helper: Helper = async (_name, { abortSignal }) => {
			(abortSignal as AbortSignal).addEventListener('abort', () => {});
			throw new Error('Something odd');
		};
		expect(await sent(helper)).toEqual({ kind: 'lost', code: 'UNKNOWN' });
	});

	it.each<[string, object, object]>([
		[
			'with the answer in it',
			{
				httpCode: '502',
				cause: {
					code: 'ERR_BAD_RESPONSE',
					response: { status: 502, headers: { a: 'b' }, data: body(['no']) },
				},
			},
			{ kind: 'answer', status: 502, headers: { a: 'b' }, text: 'no' },
		],
		[
			'as axios throws it',
			{
				code: 'ERR_BAD_REQUEST',
				request: { socket: { encrypted: true } },
				response: { status: 403, headers: { a: 'b' }, data: body(['no']) },
			},
			{ kind: 'answer', status: 403, headers: { a: 'b' }, text: 'no' },
		],
		['with the status alone', { httpCode: '429' }, { kind: 'answer', status: 429, text: '' }],
		['on a connection without TLS', over({}, 503), { kind: 'proxy', status: 503 }],
		['on one with TLS', over(TLS, 503), { kind: 'answer', status: 503 }],
		['that went well, on one without TLS', over({}, 200), { kind: 'answer', status: 200 }],
		[
			'with a header that proxies have',
			over(TLS, 502, { 'proxy-authenticate': 'Negotiate' }),
			{ kind: 'answer', status: 502 },
		],
		['407, whatever the connection', over(TLS, 407), { kind: 'proxy', status: 407 }],
		[
			'of the network, whatever else is in it',
			{ httpCode: '404', cause: { code: 'ECONNRESET', message: 'read ECONNRESET' } },
			{ kind: 'lost', code: 'ECONNRESET' },
		],
	])('for a status is its answer: %s', async (_what, fields, expected) => {
		const helper = async () => {
			throw Object.assign(new Error('Status'), fields);
		};
		expect(await sent(helper)).toMatchObject(expected);
	});
});

describe('the promised length of a file', () => {
	const file = (rawHeaders: string[] | undefined) =>
		Object.assign(body(['x']), rawHeaders && { rawHeaders }) as unknown as Readable;

	it.each<[string, string[] | undefined, number | undefined]>([
		['as it is', ['Content-Length', '140'], 140],
		['as it is, and said to be so', ['Content-Length', '140', 'Content-Encoding', 'identity'], 140],
		['packed', ['content-length', '140', 'Content-Encoding', 'gzip'], undefined],
		[
			'in another encoding',
			['content-length', '140', 'content-encoding', 'aws-chunked'],
			undefined,
		],
		['unpacked on the way', undefined, undefined],
		['that is none', ['content-length', '-1'], undefined],
		['that is left out', [], undefined],
	])('%s', async (_what, rawHeaders, promisedBytes) => {
		const helper = async () => ({
			statusCode: 200,
			headers: { 'content-length': '140' },
			body: file(rawHeaders),
		});
		const { signal } = new AbortController();
		const opened = await openFile(contextOf(helper), 'https://a.example/1.mp4', signal);
		expect(opened).toMatchObject({ kind: 'open', promisedBytes });
	});
});
