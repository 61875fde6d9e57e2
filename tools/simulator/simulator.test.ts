// The simulator as a server: starting and stopping, abuse, waiting for requests, going offline, and `npm run simulator`.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test: it runs in Node, never in n8n */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import sharp from 'sharp';
import { Simulator } from './simulator';

const MB = 1024 * 1024;

let simulator: Simulator;

beforeEach(async () => {
	simulator = await Simulator.start();
});

afterEach(async () => {
	await simulator.stop();
});

async function submit(body: NonNullable<RequestInit['body']>, signal?: AbortSignal) {
	return await fetch(`${simulator.baseUrl}/v1/videos/generate`, {
		method: 'POST',
		headers: { authorization: 'Bearer test-key', 'content-type': 'application/json' },
		body,
		signal,
	});
}

async function query(id: string) {
	return await fetch(`${simulator.baseUrl}/v1/videos/tasks/${id}`, {
		headers: { authorization: 'Bearer test-key' },
	});
}

const order = (fields: object = {}) =>
	JSON.stringify({ model: 'dashscope/happyhorse-1.0', prompt: 'A horse', ...fields });

describe('stands', () => {
	test('a body of 100 MB', async () => {
		const padding = Buffer.alloc(100 * MB, ' ');
		const response = await submit(Buffer.concat([padding, Buffer.from(order())]));
		expect(response.status).toBe(200);
	});

	test('a body beyond its limit, and says so', async () => {
		const response = await submit(Buffer.alloc(128 * MB + 1, ' '));
		expect(response.status).toBe(413);
		expect(await response.json()).toMatchObject({ error: { status: 413 } });
		expect((await submit(order())).status).toBe(200);
	});

	test('a client that goes away while it sends', async () => {
		const socket = connect(Number(new URL(simulator.baseUrl).port), '127.0.0.1');
		socket.write(
			'POST /imini/router/v1/videos/generate HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{',
		);
		await simulator.waitFor((requests) => requests.length === 1);
		socket.destroy();
		await simulator.waitFor(([request]) => !request.open);
		expect(simulator.requests).toMatchObject([{ aborted: true }]);
		expect(simulator.requests[0].status).toBeUndefined();
		expect(simulator.tasks.size).toBe(0);
	});

	test('a client that speaks no HTTP', async () => {
		const socket = connect(Number(new URL(simulator.baseUrl).port), '127.0.0.1');
		socket.end('\x16\x03\x01 hello\r\n\r\n');
		await once(socket, 'close');
		expect((await query('task_1')).status).toBe(404);
	});
});

describe('can be waited for', () => {
	test('in the middle of a request', async () => {
		simulator.faults.push({ on: 'submit', fault: { kind: 'hang', accepted: true } });
		const client = new AbortController();
		const answer = submit(order(), client.signal).catch((error: Error) => error.name);
		await simulator.waitFor((requests) => requests.some(({ taskId }) => taskId !== undefined));
		expect(simulator.requests).toMatchObject([{ open: true, aborted: false }]);
		client.abort();
		expect(await answer).toBe('AbortError');
		await simulator.waitFor(([request]) => request.aborted);
	});

	test('but not for ever, and tells what came instead', async () => {
		await query('task_1');
		const waiting = simulator.waitFor((requests) => requests.length > 1, 20);
		await expect(waiting).rejects.toThrow(/20 ms.*\nquery: GET .*task_1 404/);
	});
});

test('a reset forgets everything and cuts what is under way', async () => {
	simulator.faults.push({ on: 'submit', times: Infinity, fault: { kind: 'slow', ms: 50 } });
	simulator.outcomes.push({ outcome: { result: 'failed' } });
	const late = submit(order()).catch(() => 'cut');
	await simulator.waitFor(([request]) => request?.body !== undefined);
	simulator.reset();
	expect(await late).toBe('cut');
	await pause(80);
	expect(simulator.requests).toHaveLength(0);
	expect(simulator.tasks.size).toBe(0);
	expect((await submit(order())).status).toBe(200);
	expect([...simulator.tasks.values()]).toMatchObject([{ outcome: {} }]);
});

test('a reset while an order is still being looked at: it is not taken afterwards', async () => {
	const pixels = { create: { width: 3000, height: 3000, channels: 3 as const, background: 'red' } };
	const file = await sharp(pixels).png().toBuffer();
	const url = `data:image/png;base64,${file.toString('base64')}`;
	const late = submit(order({ reference_images: [{ url, reference_type: 'asset' }] })).catch(
		() => 'cut',
	);
	await simulator.waitFor(([request]) => request?.body !== undefined);
	simulator.reset();
	expect(await late).toBe('cut');
	await pause(300);
	expect(simulator.tasks.size).toBe(0);
});

test('goes offline, where connections are refused, and comes back at the same port', async () => {
	const response = await submit(order());
	const { task_id } = (await response.json()) as { task_id: string };
	await simulator.goOffline();
	const code = await query(task_id).catch((error: { cause: { code: string } }) => error.cause.code);
	expect(code).toBe('ECONNREFUSED');
	await simulator.goOnline();
	expect((await query(task_id)).status).toBe(200);
});

test('stops at once, whatever is open', async () => {
	simulator.faults.push({ on: 'query', fault: { kind: 'hang' } });
	const hanging = query('task_1').catch(() => 'cut');
	await simulator.waitFor((requests) => requests.length === 1);
	const began = Date.now();
	await simulator.stop();
	expect(await hanging).toBe('cut');
	expect(Date.now() - began).toBeLessThan(500);
	await simulator.stop();
});

test('two of them run side by side, at a path of their own', async () => {
	const other = await Simulator.start({ basePath: '/elsewhere/', apiKey: 'mine' });
	expect(other.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/elsewhere$/);
	const response = await fetch(`${other.baseUrl}/v1/videos/tasks/task_1`, {
		headers: { authorization: 'Bearer mine' },
	});
	expect(response.status).toBe(404);
	expect(simulator.requests).toHaveLength(0);
	await other.stop();
});

test('a port that is taken is an error, and nothing stays open', async () => {
	const mediaPort = Number(new URL(simulator.mediaUrl).port);
	await expect(Simulator.start({ mediaPort })).rejects.toThrow('EADDRINUSE');
});

describe('the media host', () => {
	test('serves its video at any path, with HEAD as with GET, and nothing else', async () => {
		const video = `${simulator.mediaUrl}/file/2026/04/27/1.mp4`;
		const head = await fetch(video, { method: 'HEAD' });
		expect(head.headers.get('content-length')).toBe('188569');
		expect((await fetch(video.replace('.mp4', '.mov'))).headers.get('content-type')).toBe(
			'video/quicktime',
		);
		expect((await fetch(video, { method: 'POST' })).status).toBe(405);
		expect((await fetch(`${simulator.mediaUrl}/secret.mp4`)).status).toBe(404);
	});

	test.each([48, 10, 300 * MB + 7])('makes up a video of %d bytes', async (mediaBytes) => {
		const large = await Simulator.start({ mediaBytes });
		const response = await fetch(`${large.mediaUrl}/file/1.mp4`);
		expect(response.headers.get('content-length')).toBe(String(mediaBytes));
		let length = 0;
		let start: Buffer | undefined;
		for await (const chunk of response.body ?? []) {
			start ??= Buffer.from(chunk);
			length += chunk.length;
		}
		expect(length).toBe(mediaBytes);
		expect(start?.toString('latin1', 4, 10)).toBe('ftypis');
		await large.stop();
	});
});

describe('npm run simulator', () => {
	/** Runs it to its end. With `meanwhile`: calls that once `word` is printed, then ends it like Ctrl-C. */
	async function run(args: string[], word: RegExp, meanwhile?: (output: string) => Promise<void>) {
		const tsx = require.resolve('tsx/cli');
		const child = spawn(process.execPath, [tsx, join(__dirname, 'cli.ts'), ...args]);
		let output = '';
		const collect = (chunk: Buffer) => (output += chunk.toString());
		child.stdout.on('data', collect);
		child.stderr.on('data', collect);
		const exit = once(child, 'exit');
		if (meanwhile) {
			while (!word.test(output) && child.exitCode === null) await pause(20);
			await meanwhile(output);
			child.kill('SIGINT');
		}
		const [code] = (await exit) as [number];
		return { code, output };
	}

	test('serves until Ctrl-C, with the key and the seconds asked for', async () => {
		const args = ['--port', '0', '--key', 'my-key', '--seconds', '0'];
		const { code, output } = await run(args, /Ctrl-C/, async (started) => {
			const [, baseUrl] = /Base URL +(\S+)/.exec(started) ?? [];
			const headers = { authorization: 'Bearer my-key', 'content-type': 'application/json' };
			const url = `${baseUrl}/v1/videos/generate`;
			const ordered = await fetch(url, { method: 'POST', headers, body: order() });
			const { task_id } = (await ordered.json()) as { task_id: string };
			const task = await fetch(`${baseUrl}/v1/videos/tasks/${task_id}`, { headers });
			expect(await task.json()).toMatchObject({ status: 'succeeded' });
		});
		expect(output).toMatch(/POST {2}\S+generate {2}200 {2}ordered: text-to-video task_\d{19}\n/);
		expect(output).toMatch(/GET {2}\S+tasks\/task_\d{19} {2}200\n/);
		expect(code).toBe(0);
	}, 60_000);

	test.each([
		[['--help'], 0, /--seconds SECONDS/],
		[['--seconds', 'many'], 1, /^--seconds many makes no sense$/m],
		[['--speed', '2'], 1, /Unknown option '--speed'/],
	])(
		'%j ends with %d',
		async (args, code, says) => {
			const ended = await run(args, /\n$/);
			expect(ended.output).toMatch(says);
			expect(ended.code).toBe(code);
		},
		60_000,
	);
});
