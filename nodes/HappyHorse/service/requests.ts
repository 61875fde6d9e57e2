// The two requests that every service has, with their times: an order, and a question or a demand about a task.
const JSON_WANTED = { Accept: 'application/json' };

/** Ms that an order may take, and for each byte of its body on top (100 kB/s is a slow line out). */
const ORDER_TIMEOUT_MS = 60_000;
const TIMEOUT_MS_PER_BYTE = 0.01;

/** Ms that anything without a body may take. The services answer in well under a second. */
const QUESTION_TIMEOUT_MS = 30_000;

/** Ms that a request with a body of `bytes` bytes may take. */
export function sendingMs(bytes: number): number {
	return ORDER_TIMEOUT_MS + bytes * TIMEOUT_MS_PER_BYTE;
}

/** A request for what lies at `path`, or, with POST, that something is done there. */
export function questionRequest(path: string, method: 'GET' | 'POST' = 'GET') {
	return { method, path, headers: JSON_WANTED, timeoutMs: QUESTION_TIMEOUT_MS };
}

/** An order: a JSON body, sent to `path`. */
export function orderRequest(
	path: string,
	body: Buffer,
	headers: Readonly<Record<string, string>> = {},
) {
	return {
		method: 'POST',
		path,
		headers: { 'Content-Type': 'application/json', ...JSON_WANTED, ...headers },
		body,
		timeoutMs: sendingMs(body.length),
	} as const;
}
