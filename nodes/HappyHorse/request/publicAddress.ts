// Whether a link of this n8n can be fetched by a service on the internet, as far as its host name tells.

/** IPv4 ranges that are not on the internet: RFC 1918, 5735 and 6598. */
const PRIVATE_IPV4 =
	/^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;

/** IPv6: unspecified, loopback, unique local, link local, and IPv4 written as IPv6. */
const PRIVATE_IPV6 = /^\[(::1?\]|f[cd]|fe[89ab]|::ffff:)/i;

/** Names that never leave a network: RFC 6761, RFC 6762, and those that networks at home and in clusters use. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|home\.arpa|corp)$/i;

/** Whether the host of `url` looks like one on the internet: false for private addresses and names without a dot. */
export function isPublicAddress(url: string): boolean {
	if (!URL.canParse(url)) return false;
	// A dot at the end only says that the name is complete
	const hostname = new URL(url).hostname.replace(/\.$/, '');
	if (hostname.startsWith('[')) return !PRIVATE_IPV6.test(hostname);
	if (/^[\d.]+$/.test(hostname)) return !PRIVATE_IPV4.test(hostname);
	return hostname.includes('.') && !PRIVATE_NAME.test(hostname);
}
