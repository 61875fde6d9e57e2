// One file of a task is streamed into n8n's storage, and looked at on the way.
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { clock } from '../clock';
import { FILE_TYPE_BYTES } from '../fileType';
import type { OpenedFile, Readable } from '../service/http';
import type { Service } from '../service/service';
import { storedBytes } from '../storedFile';

/** Ms that one try of one file may take: a long 1080P video over a slow line stays far below. */
const FILE_PATIENCE_MS = 10 * 60_000;

/** What a file is expected to be: how its bytes start, and how it is stored. */
export interface Expected {
	readonly fileName: string;
	/** The MIME type for these first bytes, or undefined when they are of something else. */
	mimeTypeOf(head: Buffer): string | undefined;
	/** For the message when they are. */
	readonly what: string;
}

/** A file in n8n's storage, or why there is none: a whole sentence. */
export type Fetched =
	| { readonly kind: 'stored'; readonly binary: IBinaryData }
	| { readonly kind: 'failed'; readonly why: string };

/** Resolves when a stream has more to read, or has ended; rejects when it broke. */
async function moreOf(stream: Readable): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const forget = () => {
			for (const event of ['readable', 'end', 'close']) stream.off(event, settle);
			stream.off('error', fail);
		};
		const settle = () => {
			forget();
			resolve();
		};
		const fail = (error: Error) => {
			forget();
			reject(error);
		};
		for (const event of ['readable', 'end', 'close']) stream.on(event, settle);
		stream.on('error', fail);
	});
}

/** The first bytes of a stream, which stay in it; fewer than {@link FILE_TYPE_BYTES} where it has no more. */
async function peek(stream: Readable): Promise<Buffer> {
	const parts: Buffer[] = [];
	for (;;) {
		const chunk: unknown = stream.read();
		if (Buffer.isBuffer(chunk)) {
			parts.push(chunk);
			const head = Buffer.concat(parts);
			if (head.length < FILE_TYPE_BYTES) continue;
			stream.unshift(head);
			return head;
		}
		if (stream.readableEnded || stream.destroyed) return Buffer.concat(parts);
		await moreOf(stream);
	}
}

/** Why a file could not be opened. */
function refusal(opened: Exclude<OpenedFile, { kind: 'open' }>): string {
	switch (opened.kind) {
		case 'empty':
			return 'The file host sent nothing.';
		case 'refused':
			return `The file host answered with status ${opened.status}.`;
		case 'unreachable':
			return `The file host could not be reached (${opened.code}).`;
	}
}

async function fetchOnce(
	context: IExecuteFunctions,
	service: Service,
	url: string,
	expected: Expected,
	signal: AbortSignal,
): Promise<Fetched> {
	const opened = await service.openFile(url, signal);
	if (opened.kind !== 'open') return { kind: 'failed', why: refusal(opened) };
	const { stream, promisedBytes } = opened;
	try {
		const mimeType = expected.mimeTypeOf(await peek(stream));
		if (mimeType === undefined) {
			stream.destroy();
			return { kind: 'failed', why: `What arrived is not ${expected.what}.` };
		}
		const binary = await context.helpers.prepareBinaryData(stream, expected.fileName, mimeType);
		const bytes = await storedBytes(context, binary);
		if (promisedBytes !== undefined && bytes !== promisedBytes) {
			return { kind: 'failed', why: `Only ${bytes} of ${promisedBytes} bytes arrived.` };
		}
		return { kind: 'stored', binary };
	} catch {
		stream.destroy();
		return { kind: 'failed', why: 'The connection to the file host broke off.' };
	}
}

/**
 * Streams the file at `url` into n8n's storage, once; gives up after {@link FILE_PATIENCE_MS} or when `signal` aborts.
 * Never rejects for what a network does.
 */
export async function fetchFile(
	context: IExecuteFunctions,
	service: Service,
	url: string,
	expected: Expected,
	signal: AbortSignal,
): Promise<Fetched> {
	const patience = new AbortController();
	const done = new AbortController();
	const watchdog = clock
		.sleep(FILE_PATIENCE_MS, AbortSignal.any([signal, done.signal]))
		.then((): Fetched => {
			patience.abort();
			return {
				kind: 'failed',
				why: `It did not arrive within ${FILE_PATIENCE_MS / 60_000} minutes.`,
			};
		});
	try {
		return await Promise.race([
			fetchOnce(context, service, url, expected, patience.signal),
			watchdog,
		]);
	} finally {
		done.abort();
	}
}
