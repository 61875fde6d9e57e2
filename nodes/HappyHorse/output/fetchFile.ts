// One file of a task is streamed into n8n's storage, and looked at on the way.
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { clock, inTime } from '../util/clock';
import { minutesOf } from '../domain/failure';
import { FILE_TYPE_BYTES } from '../util/fileType';
import { fieldOf, shortReasonOf } from '../util/unknown';
import type { OpenedFile, Readable } from '../service/http/openFile';
import { storedBytes } from '../n8n/storedFile';
import type { FileAccess } from '../task/context';

/** Ms that one try of one file may take: a long 1080P video over a slow line stays far below. */
const TRY_MS = 10 * 60_000;

/** Bytes that a host may announce: a hundred times what 15 seconds of 1080P come to. Time and disk bound the others. */
const MOST_BYTES = 2 * 1024 ** 3;

/** What a file is expected to be: how its bytes start, and how it is stored. */
export interface Expected {
	/** The MIME type for these first bytes, or undefined when they are of something else. */
	mimeTypeOf(head: Buffer): string | undefined;
	fileNameOf(mimeType: string): string;
	/** For the message when the first bytes are of something else. */
	readonly what: string;
}

/**
 * A file in n8n's storage, or why there is none: a whole sentence. `notYet`: its host does not have it, but may later.
 * `failed` may be tried again, `hopeless` would end in the same way.
 */
type Fetched =
	| { readonly kind: 'stored'; readonly binary: IBinaryData }
	| { readonly kind: 'notYet' | 'failed' | 'hopeless'; readonly why: string };

function tryAgain(why: string): Fetched {
	return { kind: 'failed', why };
}

/** The first bytes of a stream, which stay in it; fewer than {@link FILE_TYPE_BYTES} where it has no more. */
async function peek(stream: Readable): Promise<Buffer> {
	let head = Buffer.of();
	for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
		head = Buffer.concat([head, chunk]);
		if (head.length < FILE_TYPE_BYTES) continue;
		stream.unshift(head);
		break;
	}
	return head;
}

/** What became of a file that could not be opened. */
function notOpened(opened: Exclude<OpenedFile, { kind: 'open' }>): Fetched {
	if (opened.kind === 'unreachable')
		return tryAgain(`The file host could not be reached (${opened.code}).`);
	const { status } = opened;
	// Storage that is filled by somebody else says so until the file is there
	const kind = [403, 404].includes(status) || status >= 500 ? 'notYet' : 'failed';
	return { kind, why: `The file host answered with status ${status}.` };
}

/** Codes of a disk, or of the folder of a storage, that takes no file. No network has them. */
const OF_DISK = /^E(ACCES|DQUOT|FBIG|IO|MFILE|NFILE|NOENT|NOSPC|PERM|ROFS)$/;

async function fetchOnce(
	context: IExecuteFunctions,
	service: FileAccess['service'],
	url: string,
	expected: Expected,
	signal: AbortSignal,
): Promise<Fetched> {
	const opened = await service.openFile(url, signal);
	if (opened.kind !== 'open') return notOpened(opened);
	const { stream, announcedBytes = 0, promisedBytes } = opened;
	if (announcedBytes > MOST_BYTES) {
		stream.destroy();
		const why = `The file is larger than ${MOST_BYTES / 1024 ** 3} GB, so it is not a video from this service.`;
		return { kind: 'hopeless', why };
	}
	let isBroken = false;
	stream.on('error', () => (isBroken = true));
	try {
		const mimeType = expected.mimeTypeOf(await peek(stream));
		if (mimeType === undefined) {
			stream.destroy();
			return tryAgain(`What arrived is not ${expected.what}.`);
		}
		const fileName = expected.fileNameOf(mimeType);
		const binary = await context.helpers.prepareBinaryData(stream, fileName, mimeType);
		const bytes = await storedBytes(context, binary);
		return promisedBytes === undefined || bytes === promisedBytes
			? { kind: 'stored', binary }
			: tryAgain(`Only ${bytes} of ${promisedBytes} bytes arrived.`);
	} catch (error) {
		stream.destroy();
		const code = String(fieldOf(error, 'code'));
		isBroken ||= code === 'ERR_STREAM_PREMATURE_CLOSE';
		// A reader that gives up breaks the connection, too: trouble with the disk comes first
		if (isBroken && !OF_DISK.test(code))
			return tryAgain('The connection to the file host broke off.');
		const why = `n8n could not store the file: ${shortReasonOf(error)}. Check its storage (N8N_DEFAULT_BINARY_DATA_MODE) and the disk.`;
		return { kind: 'hopeless', why };
	}
}

/**
 * Streams the file at `url` into n8n's storage, once; gives up after {@link TRY_MS}, at `deadline` (monotonic clock), or
 * when `signal` aborts. Never rejects for what a network or a disk does.
 */
export async function fetchFile(
	context: IExecuteFunctions,
	{ service, deadline, signal }: FileAccess,
	url: string,
	expected: Expected,
): Promise<Fetched> {
	const ms = Math.min(TRY_MS, deadline - clock.monotonic());
	const fetching = async (until: AbortSignal) =>
		await fetchOnce(context, service, url, expected, until);
	const fetched = await inTime(ms, signal, fetching);
	if (fetched !== undefined) return fetched;
	const limit = ms < TRY_MS ? "by the end of the item's Timeout" : `within ${minutesOf(TRY_MS)}`;
	return tryAgain(`It had not arrived ${limit}.`);
}
