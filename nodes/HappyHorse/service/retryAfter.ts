// How long a service asks to be left alone.

/**
 * Ms to wait that a `Retry-After` header asks for: seconds, or a date. Undefined when it is absent or says nothing
 * usable (negative, not a number, not a date). `now`: ms since 1970.
 */
export function retryAfterMs(
	headers: Readonly<Record<string, unknown>>,
	now: number,
): number | undefined {
	const header = headers['retry-after'];
	if (typeof header !== 'string' && typeof header !== 'number') return undefined;
	const text = String(header).trim();
	if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
	const date = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
