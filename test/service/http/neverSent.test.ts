// Requests that were never sent are a table: what is known of it, in every form in which n8n hands errors on.
import type { INode } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';
import { exchangeOfError } from '../../../nodes/HappyHorse/service/http/neverSent';

const alert = (number: number, words: string) =>
	`write EPROTO 80BC:error:0A000410:SSL routines:ssl3_read_bytes:${words}:../rec_layer_s3.c:1601:SSL alert number ${number}\n`;

type Row = [what: string, code: string | undefined, words: string];

/** It may pass by itself: tried again. */
const NOT_SENT: Row[] = [
	['the port is closed', 'ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'],
	['the name is unknown', 'ENOTFOUND', 'getaddrinfo ENOTFOUND nope.invalid'],
	['the name service is away', 'EAI_AGAIN', 'getaddrinfo EAI_AGAIN a.example'],
	['the name service fails', 'EAI_FAIL', 'getaddrinfo EAI_FAIL a.example'],
	['the host does not answer', 'ETIMEDOUT', 'connect ETIMEDOUT 240.0.0.1:443'],
	['there is no way to the host', 'EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1:443'],
	['there is no network', 'ENETUNREACH', 'connect ENETUNREACH 1.1.1.1:443 - Local'],
	['it is reset while it connects', 'ECONNRESET', 'connect ECONNRESET 10.0.0.1:443'],
	['several addresses, refused', 'ECONNREFUSED', ''],
	['several addresses, in vain', 'ETIMEDOUT', ''],
	['several addresses, no way', 'ENETUNREACH', ''],
	[
		'closed during the handshake',
		'ECONNRESET',
		'Client network socket disconnected before secure TLS connection was established',
	],
	['a proxy that hangs up', undefined, 'Proxy connection ended before receiving CONNECT response'],
	['a proxy that says nothing', undefined, 'No header received from proxy CONNECT response'],
];

const TLS: Row[] = [
	['no TLS there', 'EPROTO', 'write EPROTO 80:error:0A00010B:SSL:wrong version number:1:\n'],
	['handshake failure', 'EPROTO', alert(40, 'sslv3 alert handshake failure')],
	['bad certificate', 'EPROTO', alert(42, 'sslv3 alert bad certificate')],
	['unknown CA', 'EPROTO', alert(48, 'tlsv1 alert unknown ca')],
	['access denied', 'EPROTO', alert(49, 'tlsv1 alert access denied')],
	['protocol version', 'EPROTO', alert(70, 'tlsv1 alert protocol version')],
	['internal error', 'EPROTO', alert(80, 'tlsv1 alert internal error')],
	['unrecognized name', 'EPROTO', alert(112, 'tlsv1 unrecognized name')],
	['no application protocol', 'EPROTO', alert(120, 'tlsv1 alert no application protocol')],
	[
		'a client certificate is wanted',
		'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
		alert(116, 'tlsv13 alert certificate required').replace('write EPROTO ', ''),
	],
	['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
	['out of date', 'CERT_HAS_EXPIRED', 'certificate has expired'],
	['another host', 'ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP doesn't match"],
	['unknown signer', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify'],
];

const UNSENDABLE: Row[] = [
	['a header', 'ERR_INVALID_CHAR', 'Invalid character in header content'],
	['a header name', 'ERR_INVALID_HTTP_TOKEN', 'Header name must be valid'],
	['a path', 'ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped'],
	[
		'the SSRF guard, for an address',
		undefined,
		'The request was blocked because it resolves to a restricted IP address',
	],
	[
		'the SSRF guard, for a name',
		undefined,
		'The request was blocked because the destination hostname is restricted',
	],
];

/** It may have arrived. */
const LOST: Row[] = [
	['a reset', 'ECONNRESET', 'socket hang up'],
	['a reset while reading', 'ECONNRESET', 'read ECONNRESET'],
	['a break while writing', 'EPIPE', 'write EPIPE'],
	['no answer in time', 'ECONNABORTED', 'timeout of 200ms exceeded'],
	['a connection that timed out', 'ETIMEDOUT', 'read ETIMEDOUT'],
	['no way any more', 'EHOSTUNREACH', 'read EHOSTUNREACH'],
	['an answer that broke off', 'ERR_BAD_RESPONSE', 'stream has been aborted'],
	['ended here', 'ERR_CANCELED', 'canceled'],
	['no HTTP', 'HPE_INVALID_CONSTANT', 'Parse Error: Expected HTTP/'],
	[
		'a record that is broken, mid-connection',
		'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
		'error:0A000119:SSL routines::decryption failed or bad record mac',
	],
	[
		'an alert mid-connection',
		'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
		alert(80, 'tlsv1 alert internal error').replace('write EPROTO ', ''),
	],
	['nobody knows what', 'EWHATEVER', 'something new'],
];

const ROWS = Object.entries({
	notSent: NOT_SENT,
	insecure: TLS,
	unsendable: UNSENDABLE,
	lost: LOST,
}).flatMap(([kind, rows]) => rows.map((row) => [...row, kind] as const));

const node = { name: 'n', type: 't', id: 'i', typeVersion: 1, position: [0, 0], parameters: {} };

/** As axios makes it of Node's error. */
function axiosError(code: string | undefined, words: string): Error {
	const error = Object.assign(new Error(words), code === undefined ? {} : { code });
	return Object.assign(new Error(words), { isAxiosError: true, cause: error }, error);
}

const wrapped = (code: string | undefined, words: string) =>
	new NodeApiError(node as unknown as INode, axiosError(code, words) as never);

describe.each<[string, (code: string | undefined, words: string) => unknown]>([
	['as Node throws it', (code, words) => Object.assign(new Error(words), code && { code })],
	['as axios does', axiosError],
	['as n8n wraps it', wrapped],
	[
		'as newer n8n does',
		(code, words) => Object.assign(wrapped(code, words), { cause: axiosError(code, words) }),
	],
])('%s', (_form, errorOf) => {
	it.each(ROWS)('%s (%s)', (_what, code, words, kind) => {
		expect(exchangeOfError(errorOf(code, words))).toMatchObject({ kind, code: code ?? 'UNKNOWN' });
	});
});

describe('an error without a code', () => {
	const broken = new Error('The expression could not be evaluated');

	it('was thrown before anything was sent, where the HTTP client had not begun', () => {
		expect(exchangeOfError(broken, false)).toEqual({
			kind: 'unsendable',
			code: 'UNKNOWN',
			text: broken.message,
		});
	});

	it.each([undefined, null, 'text', 7, {}, broken, { code: 7, httpCode: null, messages: 'x' }])(
		'says nothing otherwise: %p',
		(error) => expect(exchangeOfError(error)).toEqual({ kind: 'lost', code: 'UNKNOWN' }),
	);

	it.each([undefined, null, 7, {}, Object.assign(new Error('x'), { code: 'ECONNRESET' })])(
		'is needed for that: %p',
		(error) => expect(exchangeOfError(error, false).kind).toBe('lost'),
	);
});
