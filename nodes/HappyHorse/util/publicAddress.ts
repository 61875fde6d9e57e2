// Whether a link can be fetched by a service on the internet, as far as its host name tells.

/** IPv4 ranges that are not on the internet: RFC 1918, 2544, 5735, 6598 and 6890, multicast and beyond. */
const PRIVATE_IPV4 =
	/^(0|10|127|169\.254|192\.168|192\.0\.0|198\.1[89]|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|22[4-9]|2[34]\d|25[0-5])\./;

/** IPv6: unspecified, loopback, unique local, link local, multicast, and IPv4 written as IPv6. */
const PRIVATE_IPV6 = /^\[(::1?\]|f[cdf]|fe[89abcdef]|::ffff:)/i;

/** Names that never leave a network: RFC 6761, RFC 6762, and those that networks at home and in clusters use. */
const PRIVATE_NAMES = [
	'localhost',
	'localdomain',
	'local',
	'internal',
	'intranet',
	'private',
	'lan',
	'home',
	'home.arpa',
	'corp',
];

/** Whether the host of `url` looks like one on the internet: false for private addresses and names without a dot. */
export function isPublicAddress(url: string): boolean {
	if (!URL.canParse(url)) return false;
	// A dot at the end only says that the name is complete
	const hostname = new URL(url).hostname.toLowerCase().replace(/\.$/, '');
	if (hostname.startsWith('[')) return !PRIVATE_IPV6.test(hostname);
	if (/^[\d.]+$/.test(hostname)) return !PRIVATE_IPV4.test(hostname);
	if (!hostname.includes('.')) return false;
	return !PRIVATE_NAMES.some((name) => hostname.endsWith(`.${name}`));
}
