// Whatever the service sends: read in a moment, kept short and in one line, and without key, signature or file in it.
import fc from 'fast-check';
import type { Exchange } from '../../nodes/HappyHorse/service/http/http';
import { IMINI } from '../../nodes/HappyHorse/service/imini/imini';
import { retryAfterMs } from '../../nodes/HappyHorse/service/json';
import { Redactor } from '../../nodes/HappyHorse/service/redact';
import { pageText, Verdicts } from '../../nodes/HappyHorse/service/verdict';

const KEY = 'sk-test-key-of-the-first-account';
const SIGNED = 'https://bucket.example/in.mp4?X-Signature=0a1b2c3d4e5f60718293&X-Expires=300';
const redactor = new Redactor(KEY);
redactor.addLinks(SIGNED);
const verdicts = new Verdicts(IMINI, redactor);

/** Ms that one text may take. The slowest takes some 20: this is no stopwatch, it tells a moment from a hang. */
const MOMENT_MS = 5000;

/** The longest text of a verdict: 500 characters and an ellipsis, or a link. */
const MOST = 8000;

function answer(status: number, text: string, headers: Record<string, unknown> = {}): Exchange {
	return { kind: 'answer', status, headers, text };
}

function timed<T>(work: () => T): T {
	const began = performance.now();
	const result = work();
	expect(performance.now() - began).toBeLessThan(MOMENT_MS);
	return result;
}

/** All texts in a value. */
function textsOf(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function judge(exchange: Exchange) {
	return timed(() => [verdicts.submit(exchange), verdicts.query(exchange, 'task_1')]);
}

const error = (fields: object) => JSON.stringify({ error: fields });

/** Texts that are made to take for ever, or to take all memory. */
const HOSTILE: Array<[name: string, text: string]> = [
	['entities', `a${'&_;'.repeat(30)}X`],
	['400 kB of <', '<'.repeat(400_000)],
	['scripts that end', '<script></script>'.repeat(20_000)],
	['styles that almost end', `<style>${'</styl'.repeat(60_000)}`],
	['tags that never end', '<a '.repeat(100_000)],
	['blanks before a tag', `${' \n'.repeat(200_000)}<`],
	['backslashes', '\\'.repeat(300_000)],
	['escapes', '\\u0041'.repeat(50_000)],
	['percent signs', '%'.repeat(300_000)],
	['data: URLs that are none', 'data:a/b;base64,'.repeat(20_000)],
	['base64 without an end', 'A'.repeat(400_000)],
	['links', 'https://a?'.repeat(40_000)],
	['colons and slashes', '://'.repeat(100_000)],
	['brackets', '['.repeat(400_000)],
	['titles that never end', '<title'.repeat(50_000)],
	['half of every pair', '\ud800'.repeat(200_000)],
	['the key again and again', KEY.repeat(10_000)],
	['almost the key', KEY.slice(0, -1).repeat(10_000)],
	['users', 'https://' + 'a@'.repeat(150_000)],
];

describe.each(HOSTILE)('%s', (_name, text) => {
	it.each([200, 400])('is an answer like others: %i', (status) => {
		for (const body of [text, JSON.stringify({ text }), error({ code: text, message: text })]) {
			for (const kept of textsOf(judge(answer(status, body)))) {
				expect(kept.length).toBeLessThanOrEqual(501);
				expect(kept).not.toContain(KEY);
			}
		}
	});

	it('is no Retry-After', () => {
		timed(() => retryAfterMs({ 'retry-after': text.slice(0, 16_000) }, 0));
	});
});

describe('200 kB in any field', () => {
	const long = 'x1 '.repeat(70_000);
	const fields = ['code', 'message', 'request_id', 'status', 'task_id', 'model', 'created_at'];
	const FIELDS = [...fields, 'completed_at', 'url', 'cover_url', 'video_url'];

	it.each(FIELDS)('%s: is cut, or is not there', (field) => {
		const video = { url: 'https://a.example/1.mp4', [field]: `https://a.example/${long}` };
		const task = { task_id: 'task_1', status: 'succeeded', videos: [video] };
		for (const [status, body] of [
			[400, { error: { code: 'X', [field]: long } }],
			[200, { ...task, [field]: long }],
			[200, { ...task, videos: [video] }],
			[200, { task_id: 'task_1', status: 'failed', error: { code: 'X', [field]: long } }],
			[200, { task_id: 'task_1', status: long }],
		] as const) {
			for (const text of textsOf(judge(answer(status, JSON.stringify(body)))))
				expect(text.length).toBeLessThanOrEqual(501);
		}
	});
});

it.each<[string, string, string | undefined]>([
	['words in tags of their own', '<h1>Bad</h1><p>gateway</p>', 'Bad gateway'],
	['a title', '<style>b{}</style><TITLE lang="en">Bad gateway</title><p>502</p>', 'Bad gateway'],
	['a title that never ends', '<title>Bad gateway', 'Bad gateway'],
	['words in several lines', '<body>\n  Bad \t gateway\n</body>', 'Bad gateway'],
	['a lone <', '1 < 2', '1 < 2'],
	['tags alone', '<html><hr></html>', undefined],
	['nothing', '', undefined],
])('the words of a page: %s', (_what, page, words) => expect(pageText(page)).toBe(words));

/** Pieces of which a hostile service makes its texts. */
const piece = fc.oneof(
	fc.constantFrom(...'< > & ; &# \\ % :// ? <script </script data: "'.split(' ')),
	fc.constantFrom(KEY, SIGNED, KEY.slice(0, 20), '\u001b[2J', '\r\n', '\u202e'),
	fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Up to 300 kB of them. */
const hostileText = fc
	.tuple(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 3000 }))
	.map(([pieces, times]) => pieces.join('').repeat(times).slice(0, 300_000));

const field = fc.oneof(
	hostileText,
	fc.jsonValue(),
	fc.constantFrom('succeeded', 'failed', 'task_1'),
);

const body = fc.record(
	{
		task_id: field,
		status: field,
		request_id: field,
		model: field,
		videos: fc.oneof(field, fc.array(fc.oneof(field, fc.record({ url: field, cover_url: field })))),
		video_url: field,
		data: fc.jsonValue(),
		error: fc.oneof(field, fc.record({ code: field, message: field, request_id: field })),
	},
	{ requiredKeys: [] },
);

const exchange = fc
	.tuple(
		fc.integer({ min: 100, max: 599 }),
		fc.oneof(
			hostileText,
			body.map((value) => JSON.stringify(value)),
			fc.json(),
		),
	)
	.map(([status, text]) => answer(status, text));

describe('whatever comes', () => {
	it('has a verdict at once, without secrets and in short lines, and with web links only', () => {
		fc.assert(
			fc.property(exchange, (one) => {
				const both = judge(one);
				for (const text of textsOf(both)) expect(text.length).toBeLessThanOrEqual(MOST);
				for (const verdict of both) {
					const videos = 'task' in verdict && 'videos' in verdict.task ? verdict.task.videos : [];
					for (const { url, coverUrl = 'https://' } of videos)
						expect([url, coverUrl]).toEqual([
							expect.stringMatching(/^https?:/i),
							expect.stringMatching(/^https?:/i),
						]);
					// A link stays as it is, but for the key
					const rest = JSON.stringify({
						...verdict,
						task: { ...Object(Reflect.get(verdict, 'task')), videos: [] },
					});
					expect(rest).not.toContain('0a1b2c3d4e5f');
					for (const text of textsOf(verdict)) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
					expect(JSON.stringify(verdict)).not.toContain(KEY);
				}
			}),
			{ numRuns: 100 },
		);
	});
});
