// Images and videos given by URL: whether the service could reach it, and fetching what is there.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { lookup } from 'node:dns';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { BlockList,isIP,type LookupFunction } from 'node:net';

/** Real ms that fetching one file may take. */
const FETCH_TIMEOUT_MS = 10_000;

/** The user agent of fetches, to recognise those that the simulator makes from its own media host. */
export const FETCHER = 'happyhorse-simulator';

/** Networks that no service on the internet can reach. Loopback is left out: there it counts as public. */
const privateNetworks = new BlockList();
for (const [network, prefix] of [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.168.0.0', 16],
] as const) {
	privateNetworks.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
	['fc00::', 7],
	['fe80::', 10],
] as const) {
	privateNetworks.addSubnet(network, prefix, 'ipv6');
}

/** Endings of names that only a local network knows. */
const PRIVATE_NAMES = /\.(local|internal|lan|home|intranet)$/i;

/** Whether the service could reach a host. Loopback counts as public; so does every name in `resolveHosts`. */
function isPublicHost(hostname: string, resolveHosts: Record<string, string>): boolean {
	const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
	if (host === 'localhost' || Object.hasOwn(resolveHosts, host)) return true;
	const family = isIP(host);
	if (family !== 0) return !privateNetworks.check(host, family === 4 ? 'ipv4' : 'ipv6');
	return host.includes('.') && !PRIVATE_NAMES.test(host);
}

/**
 * Why an address is no public http(s) URL, completing "must be a public http(s) URL: …"; undefined if it is one.
 * @param resolveHosts names that count as public wherever they lead
 */
export function addressProblem(
	url: string,
	resolveHosts: Record<string, string>,
): string | undefined {
	if (!/^https?:\/\/[^\s/?#\\]\S*$/i.test(url) || !URL.canParse(url)) return 'this is none';
	const { hostname } = new URL(url);
	if (isPublicHost(hostname, resolveHosts)) return undefined;
	return `${hostname} can't be reached from the internet`;
}

/** A file that was fetched. */
export interface FetchedFile {
	/** As the host named it. */
	contentType: string | undefined;
	/** Bytes of the whole file, or `limit + 1` if it is larger. */
	length: number;
	/** The first `keep` bytes. */
	start: Buffer;
}

/** How a file is fetched. */
export interface FetchRules {
	/** Bytes after which reading stops. */
	limit: number;
	/** How many of the first bytes to return. */
	keep: number;
	/** IP addresses by host name, looked at before the system's resolver. */
	resolveHosts: Record<string, string>;
	signal: AbortSignal;
}

/**
 * Fetches a file without following redirects.
 * @throws Error with a readable message for any answer but 200, and when there is none
 */
export async function fetchFile(url: string, rules: FetchRules): Promise<FetchedFile> {
	const get = url.toLowerCase().startsWith('https:') ? getHttps : getHttp;
	const signal = AbortSignal.any([rules.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
	return await new Promise((resolve, reject) => {
		const request = get(
			url,
			{
				signal,
				lookup: lookupIn(rules.resolveHosts),
				agent: false,
				headers: { 'user-agent': FETCHER },
			},
			(response) => {
				if (response.statusCode !== 200) {
					reject(new Error(`the host answered ${response.statusCode}`));
					request.destroy();
					return;
				}
				const kept: Buffer[] = [];
				let length = 0;
				const done = () => {
					const start = Buffer.concat(kept).subarray(0, rules.keep);
					resolve({ contentType: response.headers['content-type'], length, start });
				};
				response.on('data', (chunk: Buffer) => {
					if (length < rules.keep) kept.push(chunk);
					length += chunk.length;
					if (length <= rules.limit) return;
					length = rules.limit + 1;
					done();
					request.destroy();
				});
				response.on('error', reject);
				response.on('end', done);
			},
		);
		request.on('error', reject);
	});
}

/** A resolver that knows the given names, and asks the system about all others. */
function lookupIn(resolveHosts: Record<string, string>): LookupFunction {
	return (hostname, options, callback) => {
		if (!Object.hasOwn(resolveHosts, hostname)) return lookup(hostname, options, callback);
		const address = resolveHosts[hostname];
		if (options.all) return callback(null, [{ address, family: isIP(address) }]);
		return callback(null, address, isIP(address));
	};
}
