// One file on its way into n8n's storage: what is tried again, what would be of no use, and what is broken off.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test: it runs in Node, never in n8n */
import { Buffer } from 'node:buffer';
import { PassThrough, Readable } from 'node:stream';
import type { IExecuteFunctions } from 'n8n-workflow';
import { fetchFile } from '../../nodes/HappyHorse/output/fetchFile';
import type { OpenedFile } from '../../nodes/HappyHorse/service/http/openFile';
import { mp4 } from '../../tools/images';
import { useFakeClock } from '../../tools/fakeClock';

const time = useFakeClock();

const MINUTE = 60_000;
const GB = 1024 ** 3;

/** How n8n stores a stream: piece by piece in a file, or as a whole in memory, in its database or on S3. */
const MODES = {
	async filesystem(stream: Readable) {
		const pieces: Buffer[] = [];
		for await (const piece of stream) pieces.push(piece);
		return Buffer.concat(pieces);
	},
	async memory(stream: Readable) {
		return await new Promise<Buffer>((resolve, reject) => {
			const pieces: Buffer[] = [];
			stream.on('data', (piece: Buffer) => pieces.push(piece));
			stream.on('end', () => resolve(Buffer.concat(pieces)));
			stream.once('error', reject);
		});
	},
};

type Store = (stream: Readable) => Promise<Buffer>;

interface Fetch {
	opened?: OpenedFile | (() => Promise<OpenedFile>);
	store?: Store;
	/** Ms that the item has left. */
	left?: number;
	signal?: AbortSignal;
}

const open = (stream: Readable, promisedBytes?: number): OpenedFile => ({
	kind: 'open',
	stream,
	announcedBytes: promisedBytes,
	promisedBytes,
});

/** Fetches one file; `opened` is what the host answers, `store` what n8n does with it. */
function begin({ opened, store = MODES.filesystem, left = 30 * MINUTE, signal }: Fetch) {
	const stored: Buffer[] = [];
	const context = {
		helpers: {
			prepareBinaryData: async (stream: Readable, fileName: string, mimeType: string) => {
				const bytes = await store(stream);
				stored.push(bytes);
				return { data: '', id: 'filesystem-v2:1', bytes: bytes.length, fileName, mimeType };
			},
		},
	} as unknown as IExecuteFunctions;
	const signals: AbortSignal[] = [];
	const access = {
		service: {
			openFile: async (_url: string, until: AbortSignal) => {
				signals.push(until);
				if (opened === undefined) return await new Promise<never>(() => {});
				return typeof opened === 'function' ? await opened() : opened;
			},
		},
		downloads: async <T>(work: () => Promise<T>) => await work(),
		deadline: time.now() + left,
		signal: signal ?? new AbortController().signal,
		newest: async () => undefined,
		random: () => 0.5,
	};
	const expected = {
		mimeTypeOf: (head: Buffer) => (head.includes('ftyp') ? 'video/mp4' : undefined),
		fileNameOf: () => 'a.mp4',
		what: 'an MP4 or MOV video',
	};
	return { fetching: fetchFile(context, access, 'https://a.test/', expected), stored, signals };
}

const whole = mp4(300_000);

/** Pieces of a file that arrive one by one: some in the same moment, some later. */
function trickle(...sizes: number[]): Readable {
	const stream = new PassThrough();
	let at = 0;
	const next = () => {
		const size = sizes.shift() ?? whole.length;
		stream.write(whole.subarray(at, at + size));
		at += size;
		if (at < whole.length) setTimeout(next, at % 3);
		else stream.end();
	};
	setImmediate(next);
	return stream;
}

/** A stream that gives the beginning of the file, and then fails. */
function breaking(error: Error): Readable {
	const stream = new PassThrough();
	stream.write(whole.subarray(0, 100_000));
	setTimeout(() => stream.destroy(error), 2);
	return stream;
}

function errorWith(fields: object, message = 'It went wrong'): Error {
	return Object.assign(new Error(message), fields);
}

describe.each(Object.keys(MODES) as Array<keyof typeof MODES>)('into %s', (mode) => {
	const store = MODES[mode];

	it.each([
		['at once', () => Readable.from([whole], { objectMode: false })],
		['in large pieces', () => trickle(100_000, 100_000)],
		['whose first bytes come one by one', () => trickle(1, 1, 2, 3, 1, 1, 1, 1, 1, 1, 1, 5)],
		['whose first bytes come alone', () => trickle(12, 1)],
	])('a file that arrives %s is stored whole', async (_how, make) => {
		const { fetching, stored } = begin({ opened: open(make(), whole.length), store });
		expect(await fetching).toMatchObject({ kind: 'stored', binary: { bytes: whole.length } });
		expect(stored[0].equals(whole)).toBe(true);
	});

	it.each([
		['ECONNRESET', 'aborted'],
		['Z_DATA_ERROR', 'incorrect header check'],
		[undefined, 'socket hang up'],
	])('a connection that breaks off (%s, %s) may be tried again', async (code, message) => {
		const opened = open(breaking(errorWith({ code }, message)), whole.length);
		expect(await begin({ opened, store }).fetching).toEqual({
			kind: 'failed',
			why: 'The connection to the file host broke off.',
		});
	});

	it('a connection that closes before the first bytes may be tried again', async () => {
		const stream = new PassThrough();
		stream.write('abc');
		setTimeout(() => stream.destroy(), 2);
		expect(await begin({ opened: open(stream), store }).fetching).toMatchObject({
			kind: 'failed',
		});
	});

	it('a file that ends too early may be tried again', async () => {
		const opened = open(Readable.from([whole], { objectMode: false }), whole.length + 5);
		expect(await begin({ opened, store }).fetching).toEqual({
			kind: 'failed',
			why: `Only ${whole.length} of ${whole.length + 5} bytes arrived.`,
		});
	});
});

describe('a file that n8n can not store', () => {
	it.each<[what: string, error: unknown, reason: string]>([
		['its own limit', new Error('The file is too large'), 'The file is too large'],
		['a database', errorWith({ code: 'ECONNREFUSED' }, 'connect refused'), 'connect refused'],
		['words', 'It is full', 'It is full'],
		['many words', new Error('x'.repeat(500)), 'x'.repeat(160)],
	])(
		'is said to be so, with its reason, and not fetched again: %s',
		async (_what, error, reason) => {
			const stream = trickle(100_000);
			const store = async () => {
				throw error;
			};
			const { fetching } = begin({ opened: open(stream, whole.length), store });
			expect(await fetching).toEqual({
				kind: 'hopeless',
				why: `n8n could not store the file: ${reason}. Check its storage (N8N_DEFAULT_BINARY_DATA_MODE) and the disk.`,
			});
			expect(stream.destroyed).toBe(true);
		},
	);

	it.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES'])(
		'also when that is noticed halfway, which breaks the connection: %s',
		async (code) => {
			const stream = new Readable({
				read: () => void stream.push(whole.subarray(0, 10_000)),
				// As Node's own answers do, whose reader has gone away
				destroy: (_error, callback) => callback(errorWith({ code: 'ECONNRESET' }, 'aborted')),
			});
			const store: Store = async (endless) => {
				for await (const piece of endless) {
					expect(piece).toBeDefined();
					throw errorWith({ code }, `${code}: it is full`);
				}
				return Buffer.of();
			};
			const { fetching } = begin({ opened: open(stream, whole.length), store });
			expect(await fetching).toMatchObject({
				kind: 'hopeless',
				why: expect.stringContaining(`n8n could not store the file: ${code}: it is full. Check `),
			});
		},
	);
});

describe('a file of more than 2 GB', () => {
	it('is not fetched at all where its length is told', async () => {
		const stream = new PassThrough();
		const store = jest.fn<Promise<Buffer>, [Readable]>();
		const { fetching } = begin({ opened: open(stream, 2 * GB + 1), store });
		expect(await fetching).toEqual({
			kind: 'hopeless',
			why: 'The file is larger than 2 GB, so it is not a video from this service.',
		});
		expect(stream.destroyed).toBe(true);
		expect(store).not.toHaveBeenCalled();
	});
});

describe('a file that takes too long', () => {
	/** A byte every second, for ever. */
	function drip(): Readable {
		const stream = new PassThrough();
		stream.write(mp4(1000));
		void (async () => {
			while (!stream.destroyed) {
				await time.sleep(1000);
				stream.write('.');
			}
		})();
		return stream;
	}

	it.each([
		['never begins', () => undefined],
		['never ends', () => open(drip())],
	])(
		'since it %s is given up on after ten minutes, or at the item’s deadline',
		async (_what, make) => {
			for (const [left, why] of [
				[30 * MINUTE, 'It had not arrived within 10 minutes.'],
				[3 * MINUTE, "It had not arrived by the end of the item's Timeout."],
				[-5, "It had not arrived by the end of the item's Timeout."],
			] as const) {
				const began = time.now();
				const { fetching, signals } = begin({ opened: make(), left });
				expect(await time.until(fetching, 11 * MINUTE)).toEqual({ kind: 'failed', why });
				expect(time.now() - began).toBeLessThanOrEqual(
					Math.max(0, Math.min(left, 10 * MINUTE)) + 10,
				);
				expect(signals.every(({ aborted }) => aborted)).toBe(true);
			}
		},
	);

	it('is given up on at once when the run is stopped', async () => {
		const stopping = new AbortController();
		const { fetching, signals } = begin({ opened: open(drip()), signal: stopping.signal });
		await time.pass(5000);
		stopping.abort();
		expect(await time.until(fetching, 10)).toMatchObject({ kind: 'failed' });
		expect(signals.every(({ aborted }) => aborted)).toBe(true);
	});
});

it.each<[opened: OpenedFile, why: string]>([
	[{ kind: 'refused', status: 416 }, 'The file host answered with status 416.'],
	[{ kind: 'unreachable', code: 'ENOTFOUND' }, 'The file host could not be reached (ENOTFOUND).'],
	[open(Readable.from([])), 'What arrived is not an MP4 or MOV video.'],
])('a host that answers otherwise may be tried again (%#)', async (opened, why) => {
	expect(await begin({ opened }).fetching).toEqual({ kind: 'failed', why });
});

it.each([403, 404, 500, 503])('a host that says %i may have the file later', async (status) => {
	expect(await begin({ opened: { kind: 'refused', status } }).fetching).toEqual({
		kind: 'notYet',
		why: `The file host answered with status ${status}.`,
	});
});
