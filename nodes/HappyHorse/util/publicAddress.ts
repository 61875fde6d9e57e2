// Whether a link can be fetched by a service on the internet, as far as its host name tells.

/** IPv4 ranges that are not on the internet: RFC 1918, 5737, 6598, 6890 and 7526, multicast and beyond. */
const PRIVATE_IPV4 =
	/^(0|10|127|169\.254|192\.168|192\.0\.[02]|192\.88\.99|198\.1[89]|198\.51\.100|203\.0\.113|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|22[4-9]|2[34]\d|25[0-5])\./;

/**
 * IPv6 but for global unicast, which begins with 2 or 3 (RFC 4291): loopback, IPv4 in all its forms, unique and link local,
 * multicast. Of that, Teredo and other protocols, 6to4, documentation (RFC 6890, 7526, 9637).
 */
const PRIVATE_IPV6 = /^\[(?![23][\da-f]{3}:)|^\[(2001:(:|(1?[\da-f]{1,2}|db8):)|2002:|3fff:)/i;

/** Names that never leave a network: RFC 2606, 6761, 6762, 7686, 8375, and those of networks at home and in clusters. */
const PRIVATE_NAMES =
	/(?:^|\.)(?:corp|fritz\.box|home|home\.arpa|internal|intranet|invalid|lan|local|localdomain|localhost|onion|private|test)$/;

/** Whether the host of `url` looks like one on the internet: false for private addresses and names without a dot. */
export function isPublicAddress(url: string): boolean {
	if (!URL.canParse(url)) return false;
	// A dot at the end only says that the name is complete
	const hostname = new URL(url).hostname.toLowerCase().replace(/\.$/, '');
	if (hostname.startsWith('[')) return !PRIVATE_IPV6.test(hostname);
	if (/^[\d.]+$/.test(hostname)) return !PRIVATE_IPV4.test(hostname);
	return hostname.includes('.') && !PRIVATE_NAMES.test(hostname);
}
