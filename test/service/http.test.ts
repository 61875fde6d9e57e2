// What n8n's request helper hands on: answers in any form, and errors, which say whether a request was sent.
import type { IExecuteFunctions } from 'n8n-workflow';
import { exchange, exchangeOfError, openFile } from '../../nodes/HappyHorse/service/http';

/** What happened, the network's code, Node's words, and the only thing that counts: whether it was sent. */
const ERRORS = [
	['the port is closed', 'ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', 'notSent'],
	['the name is unknown', 'ENOTFOUND', 'getaddrinfo ENOTFOUND nope.invalid', 'notSent'],
	['the name service is away', 'EAI_AGAIN', 'getaddrinfo EAI_AGAIN a.example', 'notSent'],
	['the host does not answer', 'ETIMEDOUT', 'connect ETIMEDOUT 240.0.0.1:443', 'notSent'],
	['there is no way to the host', 'EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1:443', 'notSent'],
	['there is no network', 'ENETUNREACH', 'connect ENETUNREACH 1.1.1.1:443', 'notSent'],
	['the address is none', 'ERR_INVALID_URL', 'Invalid URL', 'notSent'],
	['the connection was reset', 'ECONNRESET', 'socket hang up', 'lost'],
	['the connection was reset while reading', 'ECONNRESET', 'read ECONNRESET', 'lost'],
	['the connection broke while writing', 'EPIPE', 'write EPIPE', 'lost'],
	['no answer came in time', 'ECONNABORTED', 'timeout of 200ms exceeded', 'lost'],
	['an open connection timed out', 'ETIMEDOUT', 'read ETIMEDOUT', 'lost'],
	['the answer broke off', 'ERR_BAD_RESPONSE', 'stream has been aborted', 'lost'],
	['the request was ended here', 'ERR_CANCELED', 'canceled', 'lost'],
	[
		'the host speaks no TLS',
		'EPROTO',
		'write EPROTO 80AC6504F67F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl:350:\n',
		'tls',
	],
	['it is self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'tls'],
	['the certificate is out of date', 'CERT_HAS_EXPIRED', 'certificate has expired', 'tls'],
	['it is of another host', 'ERR_TLS_CERT_ALTNAME_INVALID', 'Hostname/IP does not match', 'tls'],
	['nobody knows who signed', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify', 'tls'],
] as const;

/** n8n's own words for these codes hide what happened: they must not matter. */
const N8N_WORDS = 'The connection was closed, perhaps the server is offline';

describe.each<[string, (code: string, words: string) => Error]>([
	[
		'n8n 2.8: the code in httpCode alone',
		(code, words) =>
			Object.assign(new Error(N8N_WORDS), { messages: [words, words], httpCode: code }),
	],
	[
		'n8n 2.41: the code in the cause as well',
		(code, words) =>
			Object.assign(new Error(N8N_WORDS), {
				messages: [words, words],
				httpCode: code,
				cause: Object.assign(new Error(words), { code }),
			}),
	],
	[
		'n8n 2.41: a number in httpCode, the code in the cause',
		(code, words) =>
			Object.assign(new Error(words), {
				messages: [words],
				httpCode: '200',
				cause: Object.assign(new Error(words), { code }),
			}),
	],
	['a plain request', (code, words) => Object.assign(new Error(words), { code })],
])('in an error of %s', (_version, errorOf) => {
	it.each(ERRORS)('%s (%s, %s)', (_what, code, words, kind) => {
		expect(exchangeOfError(errorOf(code, words))).toEqual({ kind, code });
	});
});

it.each([
	undefined,
	null,
	'text',
	7,
	{},
	new Error('What is this?'),
	{ code: 7, httpCode: null, messages: 'x' },
])('an error that says nothing may have been sent: %p', (error) => {
	expect(exchangeOfError(error)).toEqual({ kind: 'lost', code: 'UNKNOWN' });
});

/** A context whose helpers answer all requests with `answer`. */
function contextOf(answer: object): IExecuteFunctions {
	const helper = async () => answer;
	const helpers = { httpRequest: helper, httpRequestWithAuthentication: helper };
	return { helpers } as unknown as IExecuteFunctions;
}

describe('an answer', () => {
	const account = { credential: 'c', baseUrl: 'https://a.example', key: 'sk-1' };
	const request = { path: '/', timeoutMs: 1000 };
	const text = JSON.stringify({ id: 'task_1' });

	it.each<[string, unknown]>([
		['text', text],
		['bytes', Buffer.from(text)],
		['JSON that is parsed already', { id: 'task_1' }],
	])('is kept as it came, also where n8n hands it on as %s', async (_form, body) => {
		const context = contextOf({ statusCode: 200, headers: { a: 'b' }, body });
		expect(await exchange(context, account, request)).toEqual({
			kind: 'answer',
			status: 200,
			headers: { a: 'b' },
			text,
		});
	});

	it('without a body is an empty one', async () => {
		const context = contextOf({ statusCode: 200, headers: {}, body: undefined });
		expect(await exchange(context, account, request)).toMatchObject({ kind: 'answer', text: '' });
	});

	it('that has not even a status is none: the request may have been sent', async () => {
		expect((await exchange(contextOf({ id: 'task_1' }), account, request)).kind).toBe('lost');
	});
});

it('a file host that sends no stream is said to have sent nothing', async () => {
	const context = contextOf({ statusCode: 200, headers: {}, body: '' });
	const signal = new AbortController().signal;
	expect(await openFile(context, 'https://a.example/1.mp4', signal)).toEqual({ kind: 'empty' });
});
