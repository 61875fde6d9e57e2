// The images and videos of an order: what the services take, found in the files themselves.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- a test tool: it runs in Node, never in n8n */
import { BlockList, isIP } from 'node:net';
import sharp from 'sharp';
import { Refusal, type Link, type Mode } from './order';

/** Bytes, decoded: 10 MB. */
const MAX_IMAGE_BYTES = 10_485_760;
/** Bytes: 100 MB. */
const MAX_VIDEO_BYTES = 104_857_600;
/** Real ms that fetching one file may take. */
const FETCH_TIMEOUT_MS = 10_000;

const IMAGE_FORMATS: readonly string[] = ['jpeg', 'png', 'webp'];

/** What an image turned out to be. */
export interface InspectedImage {
	format: string;
	/** Pixels. */
	width: number;
	/** Pixels. */
	height: number;
	/** Bytes of the file. */
	bytes: number;
}

/** An image or video of an accepted submit. */
export interface Source {
	/** Where it stands in the body, e.g. `reference_images[0].url`. */
	parameter: string;
	/** Whether it was inside the body, fetched from its host, uploaded before, or an address that was not tried. */
	from: 'body' | 'fetched' | 'address' | 'upload';
	/** As stated by the `data:` URL or the host. */
	contentType?: string;
	/** Bytes. */
	bytes?: number;
	/** Of an image whose bytes were seen. */
	image?: InspectedImage;
}

/** How images and videos are checked. */
export interface SourceRules {
	/** Whether files given by http(s) URL are fetched before a submit is accepted. */
	fetchSources: boolean;
	/** IP addresses by host name. These names count as public. */
	resolveHosts: Record<string, string>;
	signal: AbortSignal;
	/** The file behind an address that only this service knows; undefined for any other address. @throws Refusal */
	uploaded?: (parameter: string, url: string) => Buffer | undefined;
}

/** A file whose bytes are there, or (without) an address that was not tried. */
type Found = Pick<Source, 'from' | 'contentType'> & { file?: Buffer };

/**
 * Checks the images and the video of an order, one after the other.
 * @throws Refusal
 */
export async function checkSources(
	mode: Mode,
	links: readonly Link[],
	rules: SourceRules,
): Promise<Source[]> {
	const sources: Source[] = [];
	for (const link of links) {
		const { parameter, what } = link;
		const { file, ...found } = await findFile(link, rules);
		if (file === undefined) sources.push({ parameter, ...found });
		else if (what === 'video') sources.push({ parameter, ...found, bytes: checkVideo(link, file) });
		else {
			const image = await checkImage(link, file, mode);
			sources.push({ parameter, ...found, bytes: file.length, image });
		}
	}
	return sources;
}

async function findFile(
	{ parameter, url, what }: Link,
	{ fetchSources, resolveHosts, signal, uploaded }: SourceRules,
): Promise<Found> {
	const file = uploaded?.(parameter, url);
	if (file) return { from: 'upload', file };
	const isImage = what === 'image';
	if (isImage && /^data:/i.test(url)) return { from: 'body', ...decoded(parameter, url) };
	const problem = addressProblem(url, resolveHosts);
	const wanted = `must be a public http(s) URL${isImage ? ' or a data: URL' : ''}`;
	if (problem !== undefined) throw new Refusal(parameter, `${wanted}: ${problem}`);
	if (!fetchSources) return { from: 'address' };
	try {
		return { from: 'fetched', ...(await fetched(url, resolveHosts, signal)) };
	} catch (error) {
		throw new Refusal(
			parameter,
			`can't be fetched: ${error instanceof Error ? error.message : ''}`,
		);
	}
}

/** The file inside a `data:image/…;base64,…` URL. */
function decoded(parameter: string, url: string): { contentType: string; file: Buffer } {
	const comma = url.indexOf(',');
	const contentType = /^data:(image\/[a-z0-9.+-]+);base64,$/i.exec(url.slice(0, comma + 1))?.[1];
	if (contentType === undefined)
		throw new Refusal(parameter, 'a data: URL must begin with data:image/…;base64,');
	const base64 = url.slice(comma + 1);
	const padding = /={0,2}$/.exec(base64)?.[0].length ?? 0;
	const file = Buffer.from(base64, 'base64');
	// Node's decoder skips what is not base64, and also takes the URL-safe alphabet
	if (file.length !== (base64.length / 4) * 3 - padding || /[-_]/.test(base64))
		throw new Refusal(parameter, 'the data: URL is not valid base64');
	return { contentType, file };
}

async function fetched(url: string, resolveHosts: Record<string, string>, signal: AbortSignal) {
	const at = new URL(url);
	at.hostname = resolveHosts[at.hostname] ?? at.hostname;
	const response = await fetch(at, {
		redirect: 'manual',
		signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
	});
	if (response.status !== 200) throw new Error(`the host answered ${response.status}`);
	const contentType = response.headers.get('content-type') ?? undefined;
	return { contentType, file: Buffer.from(await response.arrayBuffer()) };
}

/** Decodes an image, since a header alone proves nothing, and checks it against the limits of its mode. @throws Refusal */
async function checkImage({ parameter }: Link, file: Buffer, mode: Mode): Promise<InspectedImage> {
	const refuse = (problem: string) => {
		throw new Refusal(parameter, `the image ${problem}`);
	};
	if (file.length > MAX_IMAGE_BYTES) refuse(`has more than ${MAX_IMAGE_BYTES} bytes`);
	const decoder = sharp(file, { failOn: 'truncated', sequentialRead: true });
	const read = async () => {
		const { format, width, height } = await decoder.metadata();
		if (IMAGE_FORMATS.includes(format)) await decoder.raw().toBuffer();
		return { format, width, height, bytes: file.length };
	};
	const image = await read().catch((error: unknown) => {
		throw new Refusal(parameter, `the image can't be read (${String(error)})`);
	});
	const { format, width, height } = image;
	if (!IMAGE_FORMATS.includes(format)) refuse(`is of format ${format}`);
	const [short, long] = [Math.min(width, height), Math.max(width, height)];
	const size = `is ${width}x${height} pixels`;
	if (mode === 'reference-to-video') {
		if (short < 400) refuse(`${size}, its shorter side must be 400 or more`);
	} else if (short < 300) refuse(`${size}, both sides must be 300 or more`);
	else if (2 * long > 5 * short) refuse(`${size}, beyond 1:2.5 to 2.5:1`);
	return image;
}

/** Bytes of a video that begins like mp4 or mov: with `ftyp`, or a box that an old mov begins with. @throws Refusal */
function checkVideo({ parameter }: Link, file: Buffer): number {
	const known = ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot'];
	if (file.length > MAX_VIDEO_BYTES)
		throw new Refusal(parameter, `the video has more than ${MAX_VIDEO_BYTES} bytes`);
	if (!known.includes(file.toString('latin1', 4, 8)))
		throw new Refusal(parameter, 'the file is not mp4 or mov');
	return file.length;
}

/** Networks that no service on the internet can reach. Loopback is left out: there it counts as public. */
const privateNetworks = new BlockList();
for (const network of [
	'0.0.0.0/8',
	'10.0.0.0/8',
	'100.64.0.0/10',
	'169.254.0.0/16',
	'172.16.0.0/12',
	'192.168.0.0/16',
	'fc00::/7',
	'fe80::/10',
]) {
	const [address, prefix] = network.split('/');
	privateNetworks.addSubnet(address, Number(prefix), familyOf(address));
}

/** Endings of names that only a local network knows. */
const PRIVATE_NAMES = /\.(local|internal|lan|home|intranet)$/i;

function familyOf(address: string): 'ipv4' | 'ipv6' {
	return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** Why an address is no public http(s) URL; undefined if it is one. */
function addressProblem(url: string, resolveHosts: Record<string, string>): string | undefined {
	if (!/^https?:\/\/[^\s/?#\\]\S*$/i.test(url) || !URL.canParse(url)) return 'this is none';
	const { hostname } = new URL(url);
	const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
	const known = host === 'localhost' || Object.hasOwn(resolveHosts, host);
	const isPublic = isIP(host)
		? !privateNetworks.check(host, familyOf(host))
		: host.includes('.') && !PRIVATE_NAMES.test(host);
	return known || isPublic ? undefined : `${hostname} can't be reached from the internet`;
}
