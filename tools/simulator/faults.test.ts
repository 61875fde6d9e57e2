// Every fault as a client sees it over plain HTTP, and whether an order was taken.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test: it runs in Node, never in n8n */
import { once } from 'node:events';
import { request as httpRequest,type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { Simulator,type Fault,type RecordedRequest } from './simulator';

type Phase = 'submit' | 'query' | 'media';

const PHASES: Phase[] = ['submit', 'query', 'media'];
const VIDEO_BYTES = 188_569;

/** How many times faster than real time the simulator's clock runs. */
const SPEED = 100;
const began = Date.now();
const now = () => began + (Date.now() - began) * SPEED;

let simulator: Simulator;

beforeAll(async () => {
	simulator = await Simulator.start({ now, secondsPerTask: 1 });
});

afterEach(() => {
	simulator.reset();
});

afterAll(async () => {
	await simulator.stop();
});

/** What a client got, as far as it came. */
interface Outcome {
	status?: number;
	headers: IncomingHttpHeaders;
	bytes: Buffer;
	/** Whether the answer is complete. */
	complete: boolean;
	/** The network's error code. */
	error?: string;
}

interface Call {
	method: string;
	url: string;
	body?: Buffer | string;
	signal?: AbortSignal;
	/** Sees what has come of the answer. */
	onData?(outcome: Outcome): void;
}

async function send({ method, url, body, signal, onData }: Call): Promise<Outcome> {
	return await new Promise((resolve) => {
		const outcome: Outcome = { headers: {}, bytes: Buffer.alloc(0), complete: false };
		const end = (error?: NodeJS.ErrnoException) => {
			resolve({ ...outcome, error: error?.code ?? error?.message });
		};
		const headers = { authorization: 'Bearer test-key', 'content-type': 'application/json' };
		const request = httpRequest(url, { method, headers, agent: false, signal }, (response) => {
			outcome.status = response.statusCode;
			outcome.headers = response.headers;
			response.on('data', (chunk: Buffer) => {
				outcome.bytes = Buffer.concat([outcome.bytes, chunk]);
				onData?.(outcome);
			});
			response.on('error', end);
			response.on('end', () => {
				outcome.complete = response.complete;
				end();
			});
		});
		request.on('error', end);
		request.end(body);
	});
}

const ORDER = JSON.stringify({ model: 'dashscope/happyhorse-1.0', prompt: 'A horse' });

function callOf(phase: Phase, taskId = 'task_1'): Call {
	switch (phase) {
		case 'submit':
			return { method: 'POST', url: `${simulator.baseUrl}/v1/videos/generate`, body: ORDER };
		case 'query':
			return { method: 'GET', url: `${simulator.baseUrl}/v1/videos/tasks/${taskId}` };
		case 'media':
			return { method: 'GET', url: `${simulator.mediaUrl}/file/2026/04/27/1.mp4` };
	}
}

async function meet(on: Phase, fault: Fault, more: Partial<Call> = {}): Promise<Outcome> {
	simulator.faults.push({ on, fault });
	return await send({ ...callOf(on), ...more });
}

/** Like {@link meet}, but the client goes away when so many bytes have come. */
async function meetUntil(on: Phase, fault: Fault, enough: (outcome: Outcome) => number) {
	const client = new AbortController();
	const onData = (outcome: Outcome) => {
		if (outcome.bytes.length >= enough(outcome)) client.abort();
	};
	return await meet(on, fault, { signal: client.signal, onData });
}

/** Like {@link meet}, but the client goes away 30 ms after the fault began. */
async function meetBriefly(on: Phase, fault: Fault): Promise<Outcome> {
	const client = new AbortController();
	const outcome = meet(on, fault, { signal: client.signal });
	await simulator.waitFor(([request]) => request?.fault !== undefined);
	await pause(30);
	client.abort();
	return await outcome;
}

function jsonOf({ bytes }: Outcome): Record<string, unknown> {
	return JSON.parse(bytes.toString()) as Record<string, unknown>;
}

describe('an answer with another status', () => {
	test.each([
		[400, 'INVALID_PARAMETER'],
		[402, 'INSUFFICIENT_CREDITS'],
		[404, 'TASK_NOT_FOUND'],
		[418, 'HTTP_418'],
		[429, 'RATE_LIMITED'],
		[500, 'INTERNAL_ERROR'],
		[504, 'GATEWAY_TIMEOUT'],
	])('%d comes in the service’s envelope', async (status, code) => {
		for (const phase of ['submit', 'query'] as const) {
			const outcome = await meet(phase, { kind: 'status', status });
			expect(outcome.status).toBe(status);
			expect(jsonOf(outcome)).toEqual({
				error: { code, message: expect.any(String), status, request_id: expect.any(String) },
			});
		}
		expect(simulator.tasks.size).toBe(0);
	});

	test('with a code, a message and a request id of choice', async () => {
		const body = { code: 'INVALID_PROMPT', message: 'No', request_id: 'req_1' };
		const outcome = await meet('submit', { kind: 'status', status: 400, body });
		expect(jsonOf(outcome)).toEqual({ error: { ...body, status: 400 } });
	});

	test('as a gateway’s page', async () => {
		const outcome = await meet('submit', { kind: 'status', status: 502, body: 'html' });
		expect(outcome).toMatchObject({ status: 502, headers: { 'content-type': 'text/html' } });
		expect(outcome.bytes.toString()).toContain('<h1>502</h1>');
	});

	test('with nothing', async () => {
		const outcome = await meet('query', { kind: 'status', status: 503, body: 'empty' });
		expect(outcome).toMatchObject({ status: 503, complete: true, bytes: Buffer.alloc(0) });
	});

	test('from the media host comes as a page', async () => {
		const outcome = await meet('media', { kind: 'status', status: 403 });
		expect(outcome).toMatchObject({ status: 403, headers: { 'content-type': 'text/html' } });
	});

	test('that leads elsewhere', async () => {
		const headers = { Location: 'https://elsewhere.example/' };
		const outcome = await meet('submit', { kind: 'status', status: 307, headers });
		expect(outcome).toMatchObject({ status: 307, headers: { location: headers.Location } });
		expect(outcome.bytes).toHaveLength(0);
	});

	test.each<[string, string | ((now: number) => string)]>([
		['seconds', '7'],
		['absurd', 'soon'],
		['a date', (at) => new Date(at + 60_000).toUTCString()],
	])('with Retry-After: %s', async (_what, value) => {
		const headers = { 'retry-after': value };
		const outcome = await meet('submit', { kind: 'status', status: 429, headers });
		const told = outcome.headers['retry-after'] ?? '';
		if (typeof value === 'string') expect(told).toBe(value);
		else expect(Math.abs(Date.parse(told) - now() - 60_000)).toBeLessThan(60_000);
	});
});

describe('an answer nobody can read', () => {
	test.each(['{"task_id":', '{}', '', '<html></html>'])('%j', async (text) => {
		const outcome = await meet('submit', { kind: 'body', text, accepted: true });
		expect(outcome).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
		expect(outcome.bytes.toString()).toBe(text);
		expect(simulator.tasks.size).toBe(1);
	});

	test('with a status and a type of choice', async () => {
		const fault: Fault = { kind: 'body', text: 'x', status: 500, contentType: 'text/plain' };
		const outcome = await meet('query', fault);
		expect(outcome).toMatchObject({ status: 500, headers: { 'content-type': 'text/plain' } });
	});
});

describe('a reset', () => {
	test.each(PHASES)('after the request was read: %s', async (phase) => {
		const outcome = await meet(phase, { kind: 'reset', when: 'after-read' });
		expect(outcome.status).toBeUndefined();
		expect(outcome.error).toBe('ECONNRESET');
	});

	test.each(PHASES)('halfway through the answer: %s', async (phase) => {
		const outcome = await meet(phase, { kind: 'reset', when: 'mid-body', accepted: true });
		expect(outcome).toMatchObject({ complete: false, error: 'ECONNRESET' });
		expect(outcome.status).toBe(phase === 'query' ? 404 : 200);
		const promised = Number(outcome.headers['content-length']);
		expect(outcome.bytes.length).toBe(Math.floor(promised / 2));
	});

	test('of a large video comes after exactly half of it', async () => {
		const large = await Simulator.start({ mediaBytes: 3_000_000 });
		large.faults.push({ on: 'media', fault: { kind: 'reset', when: 'mid-body' } });
		const outcome = await send({ method: 'GET', url: `${large.mediaUrl}/file/1.mp4` });
		expect(outcome).toMatchObject({ complete: false, error: 'ECONNRESET' });
		expect(outcome.bytes).toHaveLength(1_500_000);
		await large.stop();
	});

	test('is a real one, not an end of the connection', async () => {
		simulator.faults.push({ on: 'query', fault: { kind: 'reset', when: 'after-read' } });
		const socket = connect(Number(new URL(simulator.baseUrl).port), '127.0.0.1');
		socket.resume();
		socket.write('GET /imini/router/v1/videos/tasks/task_1 HTTP/1.1\r\nhost: x\r\n\r\n');
		const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
		expect(error.code).toBe('ECONNRESET');
	});

	test('before a large request was read', async () => {
		simulator.faults.push({ on: 'submit', fault: { kind: 'reset', when: 'before-read' } });
		const body = Buffer.alloc(50_000_000, ' ');
		const outcome = await send({ ...callOf('submit'), body });
		expect(['ECONNRESET', 'EPIPE']).toContain(outcome.error);
		expect(simulator.requests[0].body).toBeUndefined();
	});

	test('that comes before the reading wins over what comes after it', async () => {
		simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 500 } });
		const first = await meet('submit', { kind: 'reset', when: 'before-read' });
		expect(first.error).toBe('ECONNRESET');
		expect((await send(callOf('submit'))).status).toBe(500);
	});

	test('is not taken for a client that went away', async () => {
		await meet('submit', { kind: 'reset', when: 'after-read' });
		await simulator.waitFor(([request]) => !request.open);
		expect(simulator.requests[0].aborted).toBe(false);
	});
});

describe('silence', () => {
	test.each(PHASES)('from the start: %s', async (phase) => {
		const outcome = await meetBriefly(phase, { kind: 'hang' });
		expect(outcome.status).toBeUndefined();
		expect(outcome.error).toBe('ABORT_ERR');
		await simulator.waitFor(([request]) => !request.open);
		expect(simulator.requests[0]).toMatchObject({ aborted: true, fault: { kind: 'hang' } });
	});

	test.each(PHASES)('from halfway: %s', async (phase) => {
		const fault: Fault = { kind: 'hang', when: 'mid-body', accepted: true };
		const half = ({ headers }: Outcome) => Math.floor(Number(headers['content-length']) / 2);
		const outcome = await meetUntil(phase, fault, half);
		expect(outcome.error).toBe('ABORT_ERR');
		expect(outcome.bytes.length).toBe(half(outcome));
	});
});

describe('an answer that is late', () => {
	test.each(PHASES)('comes after so much time of the clock: %s', async (phase) => {
		const asked = now();
		const outcome = await meet(phase, { kind: 'slow', ms: 5000 });
		expect(now() - asked).toBeGreaterThanOrEqual(5000);
		expect(outcome.complete).toBe(true);
	});

	test.each([
		[false, 0],
		[true, 1],
	])('and whose client is gone: accepted %s, so %d tasks', async (accepted, tasks) => {
		const fault: Fault = { kind: 'slow', ms: 10_000, accepted };
		await meetBriefly('submit', fault);
		await pause(120);
		expect(simulator.tasks.size).toBe(tasks);
	});
});

describe('an answer without bounds', () => {
	test('is as long as it was asked for, and is one JSON text', async () => {
		const bytes = 3_000_000;
		const outcome = await meet('query', { kind: 'huge', bytes });
		expect(outcome).toMatchObject({ status: 200, complete: true });
		expect(outcome.bytes).toHaveLength(bytes);
		expect(jsonOf(outcome)).toEqual({ text: expect.stringMatching(/^x+$/) });
	});

	test('drips', async () => {
		const outcome = await meetUntil('query', { kind: 'drip', ms: 2 }, () => 5);
		expect(outcome).toMatchObject({ status: 200, error: 'ABORT_ERR' });
		expect(outcome.bytes.toString()).toMatch(/^ {5,}$/);
	});

	test.each(PHASES)('comes whole, and does not end: %s', async (phase) => {
		const outcome = await meetUntil(phase, { kind: 'hang', when: 'after-body' }, () => 1);
		expect(outcome).toMatchObject({ complete: false, error: 'ABORT_ERR' });
		if (phase === 'submit') expect(jsonOf(outcome).task_id).toBe([...simulator.tasks.keys()][0]);
	});
});

describe('an answer in another form', () => {
	test.each(PHASES)('packed, with the length that it has then: %s', async (phase) => {
		const outcome = await meet(phase, { kind: 'gzip' });
		expect(outcome.headers).toMatchObject({
			'content-encoding': 'gzip',
			'content-length': String(outcome.bytes.length),
		});
		const unpacked = gunzipSync(outcome.bytes);
		if (phase === 'media') expect(unpacked).toHaveLength(VIDEO_BYTES);
		else expect(JSON.parse(unpacked.toString())).toEqual(expect.any(Object));
	});

	test('in another shape', async () => {
		const as = (answer: Record<string, unknown>) => ({ data: [answer] });
		const outcome = await meet('submit', { kind: 'reshaped', as });
		expect(jsonOf(outcome)).toEqual({
			data: [expect.objectContaining({ task_id: expect.any(String) })],
		});
		expect(simulator.tasks.size).toBe(1);
	});

	test('but for what is no good one', async () => {
		const outcome = await meet('query', { kind: 'reshaped', as: () => 'x' });
		expect(outcome.status).toBe(404);
		expect(jsonOf(outcome)).toEqual({ error: expect.objectContaining({ code: 'TASK_NOT_FOUND' }) });
	});

	test.each([400, 502])('with another status (%i), and broken', async (status) => {
		const outcome = await meet('submit', { kind: 'status', status, broken: true });
		expect(outcome).toMatchObject({ status, complete: false, error: 'ECONNRESET' });
		expect(outcome.bytes.length).toBe(Math.floor(Number(outcome.headers['content-length']) / 2));
	});
});

describe('a file that is not what it should be', () => {
	test('short of what was promised', async () => {
		const outcome = await meet('media', { kind: 'truncate' });
		expect(outcome).toMatchObject({ status: 200, complete: false, error: 'ECONNRESET' });
		expect(outcome.headers['content-length']).toBe(String(VIDEO_BYTES));
		expect(outcome.bytes).toHaveLength(Math.floor(VIDEO_BYTES / 2));
	});

	test('short without a word', async () => {
		const outcome = await meet('media', { kind: 'truncate', chunked: true, bytes: 100 });
		expect(outcome).toMatchObject({ status: 200, complete: true });
		expect(outcome.headers).not.toHaveProperty('content-length');
		expect(outcome.bytes).toHaveLength(100);
	});

	test('a page', async () => {
		const outcome = await meet('media', { kind: 'notVideo' });
		expect(outcome).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
		expect(outcome.bytes.toString()).toMatch(/^<!doctype html>/);
	});

	test('a page that claims to be a video', async () => {
		const outcome = await meet('media', { kind: 'notVideo', contentType: 'video/mp4' });
		expect(outcome).toMatchObject({ headers: { 'content-type': 'video/mp4' } });
		expect(outcome.bytes.toString()).toMatch(/^<!doctype html>/);
	});

	test('of another type', async () => {
		const headers = { 'Content-Type': 'application/octet-stream' };
		const outcome = await meet('media', { kind: 'headers', headers });
		expect(outcome.headers['content-type']).toBe('application/octet-stream');
		expect(outcome.bytes).toHaveLength(VIDEO_BYTES);
	});

	test('of a length that is not told', async () => {
		const outcome = await meet('media', { kind: 'headers', headers: { 'content-length': null } });
		expect(outcome.headers).not.toHaveProperty('content-length');
		expect(outcome).toMatchObject({ complete: true });
		expect(outcome.bytes).toHaveLength(VIDEO_BYTES);
	});
});

describe('an order that met a fault', () => {
	const faults: Fault[] = [
		{ kind: 'status', status: 500 },
		{ kind: 'status', status: 502, body: 'html' },
		{ kind: 'body', text: '{}' },
		{ kind: 'reset', when: 'after-read' },
		{ kind: 'reset', when: 'mid-body' },
		{ kind: 'hang' },
		{ kind: 'truncate' },
	];

	test.each(faults)('is taken if the fault says so: %j', async (fault) => {
		await meetBriefly('submit', { ...fault, accepted: true });
		const [task] = simulator.tasks.values();
		expect(task.body.prompt).toBe('A horse');
		expect(simulator.requests).toMatchObject([{ taskId: task.id, fault: { accepted: true } }]);
		expect((await send(callOf('query', task.id))).status).toBe(200);
	});

	test.each(faults)('is not taken otherwise: %j', async (fault) => {
		await meetBriefly('submit', fault);
		expect(simulator.tasks.size).toBe(0);
		expect(simulator.requests[0]).toMatchObject({ fault });
	});

	test('is never taken by a reset before it was read', async () => {
		await meet('submit', { kind: 'reset', when: 'before-read', accepted: true });
		expect(simulator.tasks.size).toBe(0);
		expect(simulator.requests[0]).toMatchObject({ fault: { when: 'before-read' } });
	});

	test('is refused all the same if it breaks the rules', async () => {
		simulator.faults.push({
			on: 'submit',
			fault: { kind: 'reset', when: 'after-read', accepted: true },
		});
		const outcome = await send({ ...callOf('submit'), body: '{}' });
		expect(outcome.status).toBe(400);
		expect(simulator.requests[0].fault).toBeUndefined();
	});
});

describe('rules', () => {
	test('strike once, then never again', async () => {
		const outcomes = [await meet('query', { kind: 'status', status: 500 })];
		outcomes.push(await send(callOf('query')));
		expect(outcomes.map(({ status }) => status)).toEqual([500, 404]);
	});

	test('strike as often as they say, in their order, and only their phase', async () => {
		simulator.faults.push(
			{ on: 'media', fault: { kind: 'status', status: 500 }, times: Infinity },
			{ on: 'query', fault: { kind: 'status', status: 429 }, times: 2 },
			{ on: 'query', fault: { kind: 'status', status: 503 }, times: Infinity },
		);
		const seen: Array<number | undefined> = [];
		for (let count = 0; count < 4; count++) seen.push((await send(callOf('query'))).status);
		expect(seen).toEqual([429, 429, 503, 503]);
		expect((await send(callOf('submit'))).status).toBe(200);
	});

	test('strike what they match, by body and by task', async () => {
		const times = Infinity;
		simulator.faults.push({
			on: 'submit',
			match: ({ body }) => body?.prompt === 'A cow',
			times,
			fault: { kind: 'status', status: 500 },
		});
		const cow = { ...callOf('submit'), body: ORDER.replace('A horse', 'A cow') };
		expect((await send(callOf('submit'))).status).toBe(200);
		expect((await send(cow)).status).toBe(500);
		const [id] = simulator.tasks.keys();
		const match = ({ taskId }: RecordedRequest) => taskId === id;
		simulator.faults.push({ on: 'query', match, times, fault: { kind: 'status', status: 403 } });
		expect((await send(callOf('query', id))).status).toBe(403);
		expect((await send(callOf('query', 'task_2'))).status).toBe(404);
	});

	test('may choose for each request, or leave it to the next', async () => {
		simulator.faults.push(
			{
				on: 'query',
				times: 1,
				fault: ({ taskId }) => (taskId === 'task_2' ? { kind: 'status', status: 500 } : undefined),
			},
			{ on: 'query', fault: { kind: 'status', status: 503 } },
		);
		const ids = ['task_1', 'task_2', 'task_2'];
		const seen: Array<number | undefined> = [];
		for (const id of ids) seen.push((await send(callOf('query', id))).status);
		expect(seen).toEqual([503, 500, 404]);
	});

	test('whose own function fails are seen by the client', async () => {
		const fault = () => {
			throw new Error('A mistake in a test');
		};
		simulator.faults.push({ on: 'query', fault });
		const outcome = await send(callOf('query'));
		expect(outcome.status).toBe(500);
		expect(outcome.bytes.toString()).toContain('A mistake in a test');
	});
});
