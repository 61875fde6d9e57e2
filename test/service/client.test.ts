// What n8n's request helper hands on: answers in any form, and errors, which say whether a request was sent.
import type { IExecuteFunctions } from 'n8n-workflow';
import { connectService, exchangeOfError } from '../../nodes/HappyHorse/service/client';

/** What happened, the network's code, Node's words, and the only thing that counts: whether it was sent. */
const FAULTS = [
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
	[
		'the certificate is self-signed',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'self-signed certificate',
		'tls',
	],
	['the certificate is out of date', 'CERT_HAS_EXPIRED', 'certificate has expired', 'tls'],
	[
		'the certificate is for another host',
		'ERR_TLS_CERT_ALTNAME_INVALID',
		"Hostname/IP does not match certificate's altnames",
		'tls',
	],
	[
		'nobody knows who signed',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
		'unable to verify the first certificate',
		'tls',
	],
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
	it.each(FAULTS)('%s (%s, %s)', (_what, code, words, kind) => {
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

/** The service as it is over helpers that answer all requests with `answer`. */
async function serviceOver(answer: object) {
	const helper = async () => answer;
	const context = {
		getCredentials: async () => ({ apiKey: 'sk-1', baseUrl: 'https://a.example' }),
		helpers: { httpRequest: helper, httpRequestWithAuthentication: helper },
	} as unknown as IExecuteFunctions;
	const connection = await connectService(context, new AbortController().signal);
	if (connection.kind === 'fault') throw new Error(connection.faultOf(undefined).message);
	return connection.service;
}

describe('an answer to an order', () => {
	const task = { task_id: 'task_1' };

	it.each<[string, unknown]>([
		['text', JSON.stringify(task)],
		['bytes', Buffer.from(JSON.stringify(task))],
		['JSON that is parsed already', task],
	])('never loses its task ID, also where n8n hands it on as %s', async (_form, body) => {
		const service = await serviceOver({ statusCode: 200, headers: {}, body });
		expect(await service.submit(Buffer.from('{}'), [])).toEqual({ kind: 'accepted', task });
	});

	it('without a body may have been an order', async () => {
		const service = await serviceOver({ statusCode: 200, headers: {}, body: undefined });
		expect(await service.submit(Buffer.from('{}'), [])).toEqual({
			kind: 'unsure',
			says: { httpStatus: 200, text: undefined },
		});
	});

	it('that has not even a status may have been an order', async () => {
		const service = await serviceOver(task);
		expect((await service.submit(Buffer.from('{}'), [])).kind).toBe('unsure');
	});
});

it('a file host that sends no stream is said to have sent nothing', async () => {
	const service = await serviceOver({ statusCode: 200, headers: {}, body: '' });
	const opened = await service.openFile('https://a.example/1.mp4', new AbortController().signal);
	expect(opened).toEqual({ kind: 'refused', why: 'The file host sent nothing.' });
});
