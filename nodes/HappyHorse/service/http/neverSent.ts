// Requests that were never sent: a table of what their errors say. What it does not name may have been sent.
import { fieldOf } from '../../util/unknown';

/** Why a request got no answer. */
export interface Unanswered {
	/**
	 * `notSent`: no connection was made, so nothing was sent; that may pass. `insecure`: the same, as TLS could not be made
	 * with this host. `unsendable`: Node or n8n refuses to send this. `lost`: it may have arrived.
	 */
	readonly kind: 'notSent' | 'insecure' | 'unsendable' | 'lost';
	/** The network's word, e.g. ECONNREFUSED. */
	readonly code: string;
	/** Why it is `unsendable`, in the words of Node or n8n. */
	readonly text?: string;
}

/** What is known of an error that n8n's helpers have thrown. */
interface ErrorFacts {
	/** The network's word, e.g. ECONNRESET; undefined where there is none. */
	readonly code: string | undefined;
	/** What was said, in Node's and n8n's words; none where the message was empty. */
	readonly texts: readonly string[];
	/** Whether the HTTP client had begun with the request. */
	readonly begun: boolean;
}

/** Stands for the code of an error that has none. */
export const NO_CODE = 'UNKNOWN';

/** n8n's words for an error without a message: that of several addresses, none of which answered. */
const NO_WORDS = /^(?:There was an unknown issue while executing the node|UNKNOWN ERROR)/;

/** Words of OpenSSL and Node for a certificate that is not accepted. */
const CERTIFICATE =
	/CERT|^SELF_SIGNED|^UNABLE_TO|^HOSTNAME_MISMATCH|^INVALID_(?:CA|PURPOSE)|^PATH_LENGTH|^ERR_TLS/;

/**
 * TLS alerts (RFC 8446) that belong to the handshake, so that no request was taken: about certificates (42 to 49),
 * about what can be agreed on (40, 70, 71, 86, 109 to 116, 120), about what was read of it (50, 51).
 */
const HANDSHAKE_ALERTS = new Set([
	40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 60, 70, 71, 86, 109, 110, 111, 112, 113, 114, 115,
	116, 120,
]);

const ALERT_NUMBER = /alert number (\d{1,3})/;

/** Whether OpenSSL says that no connection came about, or had not yet when the alert came. */
function isHandshakeError({ code = '', texts }: ErrorFacts): boolean {
	// While anything is still being written, nothing was received whole
	if (code === 'EPROTO') return true;
	if (!code.startsWith('ERR_SSL_')) return false;
	const alert = texts.flatMap((text) => ALERT_NUMBER.exec(text)?.[1] ?? []).at(0);
	if (alert !== undefined) return HANDSHAKE_ALERTS.has(Number(alert));
	return /^ERR_SSL_(?:WRONG_VERSION|UNSUPPORTED|NO_|UNKNOWN_PROTOCOL|VERSION)/.test(code);
}

/** Codes of what Node and axios refuse to send at all. */
const UNSENDABLE =
	/^ERR_(?:INVALID_(?:CHAR|HTTP_TOKEN|PROTOCOL|ARG_TYPE|ARG_VALUE)|HTTP_INVALID_HEADER_VALUE|UNESCAPED_CHARACTERS|SOCKET_BAD_PORT|BAD_OPTION|BAD_OPTION_VALUE|NOT_SUPPORT)$/;

/** What `connect` fails with, among others. */
const CONNECTING = /^E(?:TIMEDOUT|(?:HOST|NET)UNREACH|HOSTDOWN|NETDOWN|ADDRNOTAVAIL|ACCES|PERM)$/;

const code = (pattern: RegExp) => (facts: ErrorFacts) => pattern.test(facts.code ?? '');

const words = (pattern: RegExp) => (facts: ErrorFacts) =>
	facts.texts.some((text) => pattern.test(text));

/** Requests that were never sent, the first that fits: it may pass by itself (`notSent`), TLS is not made, or it can't be sent. */
const NEVER_SENT: ReadonlyArray<readonly [Unanswered['kind'], (facts: ErrorFacts) => boolean]> = [
	// Refused, or no such name; the name service is away; an address that is none
	['notSent', code(/^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|ERR_INVALID_URL)$/)],
	// Node's texts begin with the system call that failed: nothing is sent before `connect` is done
	['notSent', words(/^(?:connect|getaddrinfo|query[A-Z]\w*) /)],
	// Closed during the handshake
	['notSent', words(/before secure TLS connection/)],
	// A proxy that hung up, or spoke nonsense, when it was asked to connect
	['notSent', words(/CONNECT response/i)],
	// Several addresses, none of which answered: an AggregateError, whose message is empty
	['notSent', ({ code = '', texts }) => CONNECTING.test(code) && texts.length === 0],
	['insecure', code(CERTIFICATE)],
	['insecure', isHandshakeError],
	['unsendable', code(UNSENDABLE)],
	// n8n's guard against requests into its own network (N8N_SSRF_PROTECTION_ENABLED)
	['unsendable', words(/^The request was blocked because/)],
	['unsendable', words(/^Unsupported protocol/)],
	// n8n failed before it had begun: a credential that can't be read, an expression in it
	['unsendable', ({ code, texts, begun }) => !begun && code === undefined && texts.length > 0],
];

function stringsOf(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/**
 * What an error of n8n's request helper says about its request. n8n 2.8 keeps the network's code in `httpCode` and Node's
 * words in `messages` only, newer ones in the cause as well, plain `httpRequest` in the error itself.
 * @param begun whether the HTTP client had begun with it; where that is not known, it had
 */
export function exchangeOfError(error: unknown, begun = true): Unanswered {
	const cause = fieldOf(error, 'cause');
	const codes = [fieldOf(cause, 'code'), fieldOf(error, 'httpCode'), fieldOf(error, 'code')];
	const code = codes.flatMap(stringsOf).find((entry) => /^[A-Z]/.test(entry));
	const isWrapped = Array.isArray(fieldOf(error, 'messages'));
	const texts = [
		...stringsOf(fieldOf(error, 'messages')),
		...stringsOf(fieldOf(cause, 'message')),
		// Where n8n has wrapped an error, its message is n8n's own as soon as it knows the code
		...(isWrapped && fieldOf(error, 'httpCode') ? [] : stringsOf(fieldOf(error, 'message'))),
	].filter((text) => text.trim() !== '' && !NO_WORDS.test(text));
	const facts = { code, texts, begun };
	const kind = NEVER_SENT.find(([, fits]) => fits(facts))?.[0] ?? 'lost';
	return { kind, code: code ?? NO_CODE, text: kind === 'unsendable' ? texts.at(0) : undefined };
}
