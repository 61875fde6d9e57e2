// The files of a task: which, under which names and fields, from which link, and until when. On a fake clock.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { FileAccess } from '../../nodes/HappyHorse/task/context';
import { itemDelivery, safeName, videoFileName } from '../../nodes/HappyHorse/output/deliver';
import type { OpenedFile } from '../../nodes/HappyHorse/service/http/openFile';
import type { Settings } from '../../nodes/HappyHorse/domain/settings';
import type { Video, VideoTask } from '../../nodes/HappyHorse/domain/task';
import { mp4 } from '../../tools/images';
import { useFakeClock } from '../../tools/fakeClock';
import { jobOf } from '../task/scriptedRun';

const time = useFakeClock({ advances: true });

const MINUTE = 60_000;

const JPEG = Buffer.from('\xff\xd8\xff\xe0 a picture', 'latin1');

const taskOf = (...videos: Video[]): VideoTask => ({
	state: 'succeeded',
	status: 'succeeded',
	videos,
});

/** What a host does with a link: it sends a file, answers with a status, or sends one that never ends. */
type Answer = Buffer | number | 'endless';

interface Asked {
	settings?: Partial<Settings>;
	taskId?: string;
	/** What each link brings, the last one for ever. Any other link brings a video. */
	answers?: Record<string, Answer[]>;
	/** The links in the answers to further questions about the task, the last ones for ever. */
	newest?: Array<VideoTask | undefined>;
	/** Ms until the item's deadline. */
	left?: number;
	signal?: AbortSignal;
}

function opened(answer: Answer): OpenedFile {
	if (typeof answer === 'number') return { kind: 'refused', status: answer };
	if (answer !== 'endless')
		return {
			kind: 'open',
			stream: Readable.from([answer], { objectMode: false }),
			announcedBytes: answer.length,
			promisedBytes: answer.length,
		};
	const stream = new PassThrough();
	stream.write(mp4(1000));
	return { kind: 'open', stream, announcedBytes: undefined, promisedBytes: undefined };
}

function inTurn<T>(all: readonly T[], n: number): T {
	return all[Math.min(n, all.length - 1)];
}

/** Downloads the files of a task. */
async function download(task: VideoTask, asked: Asked = {}) {
	const { taskId = 'task_1', answers = {}, newest = [undefined], left = 30 * MINUTE } = asked;
	const tried: string[] = [];
	const questions: number[] = [];
	const places: number[] = [];
	const start = time.now();
	const context = {
		helpers: {
			prepareBinaryData: async (stream: Readable, fileName: string, mimeType: string) => {
				let bytes = 0;
				for await (const piece of stream) bytes += piece.length;
				return { data: '', id: '1', bytes, fileName, mimeType };
			},
		},
	} as unknown as IExecuteFunctions;
	const access: FileAccess = {
		service: {
			openFile: async (url) => {
				const earlier = tried.filter((one) => one === url).length;
				tried.push(url);
				return opened(inTurn(answers[url] ?? [mp4(1000)], earlier));
			},
		},
		downloads: async (work) => {
			places.push(time.now() - start);
			return await work();
		},
		deadline: start + left,
		signal: asked.signal ?? new AbortController().signal,
		newest: async () => {
			questions.push(time.now() - start);
			return inTurn(newest, questions.length - 1);
		},
		random: () => 0.5,
	};
	const job = jobOf(0, { timeoutMs: left, ...asked.settings });
	const result = await itemDelivery(context)(job, { ...task, taskId }, 0, access);
	const fields = result.ok ? Object.entries(result.value.binary ?? {}) : [];
	const files = fields.map(([field, { fileName, mimeType }]) => [field, fileName, mimeType]);
	const failure = result.ok ? undefined : result.failure;
	return { tried, questions, places, files, failure, took: time.now() - start };
}

const video = (url: string, coverUrl?: string): Video => ({ url, coverUrl });
const one = taskOf(video('a'));

describe('files and their names', () => {
	it('all videos and the first cover, by what the bytes of it are', async () => {
		const task = taskOf(video('a', 'cover'), video('b', 'other'), video('c'));
		const { files } = await download(task, {
			settings: { downloadCover: true, fileName: 'trailer.mov' },
			answers: { cover: [JPEG] },
		});
		expect(files).toEqual([
			['data', 'trailer.mov', 'video/mp4'],
			['data_1', 'trailer_1.mov', 'video/mp4'],
			['data_2', 'trailer_2.mov', 'video/mp4'],
			['cover', 'task_1-cover.jpg', 'image/jpeg'],
		]);
	});

	it('no cover where none is wanted, or there is none', async () => {
		const { tried } = await download(taskOf(video('a', 'cover')));
		const other = await download(one, { settings: { downloadCover: true } });
		expect([tried, other.tried]).toEqual([['a'], ['a']]);
	});

	it('a task ID that looks like a path becomes a name', async () => {
		const { files } = await download(taskOf(video('a', 'cover')), {
			taskId: '../../x',
			settings: { downloadCover: true },
			answers: { cover: [JPEG] },
		});
		expect(files.map(([, name]) => name)).toEqual(['.._.._x.mp4', '.._.._x-cover.jpg']);
	});
});

describe('a file that does not come', () => {
	const newer = (...urls: string[]) => urls.map((url) => taskOf(video(url)));

	it.each<[what: string, newest: Array<VideoTask | undefined>, tried: string[]]>([
		['from its link, where no other is told', [undefined], ['a', 'a', 'a', 'a']],
		['from its link, where the same is told', newer('a'), ['a', 'a', 'a', 'a']],
		['from a newer link, and then from the first again', newer('b'), ['a', 'b', 'a', 'b']],
		['from each newer link', newer('b', 'c', 'd'), ['a', 'b', 'c', 'd']],
		[
			'from the one that was tried least recently, where a newer one is not told again',
			[...newer('b'), undefined],
			['a', 'b', 'a', 'b'],
		],
	])('is tried again %s', async (_what, newest, links) => {
		const page = Buffer.from('<html>');
		const answers = Object.fromEntries(['a', 'b', 'c', 'd'].map((url) => [url, [page]]));
		const { tried, failure, questions } = await download(one, { newest, answers });
		expect(tried).toEqual(links);
		expect(questions).toHaveLength(3);
		expect(failure).toMatchObject({
			kind: 'download',
			taskId: 'task_1',
			description: expect.stringContaining(`MP4 or MOV video. Its link is ${links[3]} (good for`),
		});
	});

	it('that a newer answer does not name comes from the link that it had', async () => {
		const { tried } = await download(taskOf(video('a'), video('b')), {
			newest: newer('c'),
			answers: { b: [503, mp4(1000)] },
		});
		expect(tried).toEqual(['a', 'b', 'b']);
	});
});

describe('a file that its host does not have yet', () => {
	const late = (times: number) => [...Array.from({ length: times }, () => 404), mp4(1000)];

	it('is waited for until the deadline', async () => {
		const { tried, failure, took, places } = await download(one, {
			answers: { a: [404] },
			left: 10 * MINUTE,
		});
		expect(took).toBeGreaterThan(9.4 * MINUTE);
		expect(took).toBeLessThan(10.6 * MINUTE);
		expect(tried.length).toBeLessThan(30);
		// In a place among the downloads for each try, and not for the pauses between them
		expect(places).toHaveLength(tried.length);
		const pauses = places.slice(1).map((at, n) => at - places[n]);
		expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
		expect(Math.max(...pauses)).toBe(30_000);
		expect(failure?.description).toContain('answered with status 404');
	});

	it.each([
		['the item has little time', { left: 1000 }],
		['the item has none', { left: -5 * MINUTE, settings: { timeoutMs: MINUTE } }],
	])('is waited for three minutes at least, where %s', async (_what, asked) => {
		const { took, files } = await download(one, { answers: { a: [404] }, ...asked });
		expect(files).toEqual([]);
		expect(took).toBeGreaterThan(2.4 * MINUTE);
		expect(took).toBeLessThanOrEqual(3 * MINUTE + 30_000);
		const there = await download(one, { answers: { a: late(7) }, ...asked });
		expect(there.files).toHaveLength(1);
	});

	it('is tried four times more when it comes and is bad, and from newer links', async () => {
		const answers = { a: [404], b: [404, Buffer.from('<html>')] };
		const { tried, failure } = await download(one, { answers, newest: [taskOf(video('b'))] });
		expect(tried.filter((url) => url === 'b')).toHaveLength(5);
		expect(failure?.description).toMatch(/is not an MP4 or MOV video|status 404/);
	});

	it('is not waited for when the run is stopped', async () => {
		const stopping = new AbortController();
		const running = download(one, { answers: { a: [404] }, signal: stopping.signal });
		await Promise.resolve();
		stopping.abort();
		expect((await running).failure?.kind).toBe('stopped');
	});
});

describe('the item’s deadline', () => {
	it.each<[what: string, task: VideoTask, answers: Record<string, Answer[]>, tried: string[]]>([
		['a file that never ends', one, { a: ['endless'] }, ['a']],
		['all tries of a file together', one, { a: [Buffer.from('<html>'), 'endless'] }, ['a', 'a']],
		['all files together', taskOf(video('a'), video('b')), { b: ['endless'] }, ['a', 'b']],
	])('holds for %s', async (_what, task, answers, links) => {
		const { tried, failure, took } = await download(task, { answers, left: 2 * MINUTE });
		expect(tried).toEqual(links);
		expect(took).toBe(2 * MINUTE);
		expect(failure).toMatchObject({
			kind: 'download',
			taskId: 'task_1',
			description: expect.stringMatching(/^It had not arrived by the end of the item's Timeout\. /),
		});
	});

	it('leaves ten minutes to each try', async () => {
		const { tried, took } = await download(one, { answers: { a: ['endless'] }, left: 15 * MINUTE });
		expect(tried).toEqual(['a', 'a']);
		expect(took).toBe(15 * MINUTE);
	});

	it('ends the tries: none begins at it, or later', async () => {
		// The pause before the second try is a second long
		const answers = { a: [Buffer.from('<html>')] };
		const { tried, failure } = await download(one, { answers, left: 1000 });
		expect(tried).toEqual(['a']);
		expect(failure?.description).toContain('is not an MP4 or MOV video');
	});

	it('leaves a minute to each try that begins before it', async () => {
		const page = Buffer.from('<html>');
		const answers = { a: [page, page, page, 'endless' as const] };
		const { places, took } = await download(one, { answers, left: MINUTE + 2000 });
		expect(took).toBe(places[3] + MINUTE);
		expect(places[3]).toBeGreaterThan(4000);
	});

	it('leaves a minute, if the video was ready late', async () => {
		const answers = { a: ['endless' as const] };
		const settings = { timeoutMs: 10 * MINUTE };
		const { took } = await download(one, { answers, settings, left: -5 });
		expect(took).toBe(MINUTE);
	});
});

describe('the name of a file', () => {
	it.each<[what: string, wanted: string, name: string]>([
		['a plain name', 'trailer', 'trailer.mp4'],
		['another extension', 'trailer.txt', 'trailer.txt.mp4'],
		['a path', '../../etc/passwd', '.._.._etc_passwd.mp4'],
		['a path of Windows', 'C:\\horse.mp4', 'C__horse.mp4'],
		['what is reserved somewhere', 'a*b?c"d<e>f|g', 'a_b_c_d_e_f_g.mp4'],
		['control characters', 'a\0b\nc\td\u001fe\u007ff\u0085g', 'a_b_c_d_e_f_g.mp4'],
		['only blanks', ' \t ', 'video.mp4'],
		['nothing but an extension', '.mp4', 'video.mp4'],
		['other scripts', '馬 und Füllen', '馬 und Füllen.mp4'],
		['300 characters', 'x'.repeat(300), `${'x'.repeat(200)}.mp4`],
		['an emoji at the limit', `${'x'.repeat(198)}🐎.mp4`, `${'x'.repeat(198)}.mp4`],
		['half an emoji', 'a\ud83d', 'a.mp4'],
	])('%s', (_what, wanted, name) => {
		expect(videoFileName(wanted, '')).toBe(name);
	});

	it('any name at all becomes one that leads nowhere else, and is not too long', () => {
		const text = fc.string({ unit: 'binary', maxLength: 400 });
		fc.assert(
			fc.property(text, (wanted) => {
				const name = videoFileName(wanted, '_1');
				expect(name).toMatch(/^[^/\\:*?"<>|\p{Cc}]+_1\.\w+$/u);
				expect(new TextEncoder().encode(name).length).toBeLessThan(255);
				expect(safeName(name)).toBe(name);
			}),
		);
	});
});
