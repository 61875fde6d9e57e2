// Faults to inject: what a network and a busy platform can do to a request.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { bytesAnswer, htmlAnswer, jsonAnswer, textAnswer, type Answer } from './answers';
import type { Exchange } from './exchange';
import { serviceError, type Protocol } from './protocol';
import type { Fault, FaultHeaders, FaultRule, RequestKind, StatusFault } from './request';

/** Whether a rule is checked before the request's body is read. */
export function isBeforeReading({ fault }: FaultRule): boolean {
	return typeof fault !== 'function' && fault.kind === 'reset' && fault.when === 'before-read';
}

/**
 * Injects a fault into the answer to a request.
 * @param act does what the request asks for and returns the usual answer
 * @param now the simulator's clock, in ms since 1970
 * @param protocol how the service words its errors
 */
export async function strike(
	fault: Fault,
	exchange: Exchange,
	act: () => Promise<Answer>,
	now: () => number,
	protocol: Protocol,
): Promise<void> {
	const { request, gone } = exchange;
	let usual: Answer | undefined;
	if (DOES.has(request.kind) && fault.accepted) {
		usual = await act();
		if (usual.status >= 400) return await exchange.send(usual);
	}
	const usually = async () => usual ?? (await act());
	/** The answer to send a part of: the usual one, or a 503 for a request that must not be taken. */
	const partly = async () =>
		usual === undefined && DOES.has(request.kind) ? serviceError(protocol, 503) : await usually();
	request.fault = fault;
	exchange.changed();
	await sleep(fault.afterMs ?? 0, now, gone);
	switch (fault.kind) {
		case 'status': {
			const answer = statusAnswer(fault, request.kind, now(), protocol);
			return await (fault.broken ? sendBroken(exchange, answer) : exchange.send(answer));
		}
		case 'body':
			return await exchange.send(await bodyOf(fault, usually, now()));
		case 'huge':
			return await exchange.send(hugeAnswer(fault.status ?? 200, fault.bytes));
		case 'drip':
			return await drip(exchange, fault, usually);
		case 'gzip':
			return await exchange.send(packed(await usually()));
		case 'reshaped':
			return await exchange.send(reshaped(await usually(), fault.as));
		case 'slow':
			await sleep(fault.ms, now, gone);
			return await exchange.send(await usually());
		case 'headers':
			return await exchange.send(withHeaders(await usually(), fault.headers));
		case 'truncate':
			await sendPart(exchange, await partly(), fault.bytes);
			return exchange.cut();
		case 'hang':
			if (fault.when === 'mid-body') await sendPart(exchange, await partly());
			else if (fault.when === 'after-body')
				await exchange.sendPart(withHeaders(await usually(), { 'content-length': null }), Infinity);
			return await aborted(gone);
		case 'reset':
			if (fault.when === 'mid-body') return await sendBroken(exchange, await partly());
			return exchange.reset();
	}
}

/** Kinds of requests that do something. */
const DOES: ReadonlySet<RequestKind> = new Set(['submit', 'cancel', 'upload'] as const);

/** @param bytes how many of them; by default half */
async function sendPart(exchange: Exchange, answer: Answer, bytes?: number): Promise<void> {
	await exchange.sendPart(answer, bytes ?? Math.floor(answer.body.length / 2));
}

async function sendBroken(exchange: Exchange, answer: Answer): Promise<void> {
	await sendPart(exchange, answer);
	// A moment for the client to read: a reset throws away what still waits in the system's buffers
	await pause(50, undefined, { signal: exchange.gone });
	exchange.reset();
}

/** Bytes that a huge answer is made of at a time. */
const PIECE = Buffer.alloc(1024 * 1024, 'x');

function hugeAnswer(status: number, bytes: number): Answer {
	const [head, tail] = [Buffer.from('{"text":"'), Buffer.from('"}')];
	const answer = textAnswer(status, 'application/json', '');
	const length = Math.max(bytes, head.length + tail.length);
	function* chunks() {
		yield head;
		let left = length - head.length - tail.length;
		for (; left > 0; left -= PIECE.length) yield PIECE.subarray(0, left);
		yield tail;
	}
	const body = { length, chunks };
	return { ...withHeaders(answer, { 'content-length': String(length) }), body };
}

async function drip(
	exchange: Exchange,
	{ ms, blanks = Infinity }: Fault & { kind: 'drip' },
	act: () => Promise<Answer>,
): Promise<void> {
	const last = blanks === Infinity ? textAnswer(200, 'application/json', '') : await act();
	function* chunks() {
		for (let sent = 0; sent < blanks; sent += 1) yield Buffer.from(' ');
		yield* last.body.chunks();
	}
	const body = { length: Infinity, chunks };
	const answer = { ...withHeaders(last, { 'content-length': null }), body };
	await exchange.sendPart(answer, Infinity, async () => {
		await pause(ms, undefined, { signal: exchange.gone });
	});
	exchange.end();
}

async function bodyOf(
	{ text, status, contentType = 'application/json', headers = {} }: Fault & { kind: 'body' },
	usually: () => Promise<Answer>,
	now: number,
): Promise<Answer> {
	const usual = typeof text === 'function' ? await usually() : undefined;
	const body = typeof text === 'function' ? text(usual ? bytesOf(usual).toString() : '') : text;
	const answer = bytesAnswer(status ?? usual?.status ?? 200, contentType, Buffer.from(body));
	return withHeaders(answer, given(headers, now));
}

function given(headers: FaultHeaders, now: number): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [
			name,
			typeof value === 'function' ? value(now) : value,
		]),
	);
}

function bytesOf({ body }: Answer): Buffer {
	return Buffer.concat([...body.chunks()]);
}

function packed(answer: Answer): Answer {
	const bytes = gzipSync(bytesOf(answer));
	const headers = { 'content-encoding': 'gzip', 'content-length': String(bytes.length) };
	return { ...withHeaders(answer, headers), body: { length: bytes.length, chunks: () => [bytes] } };
}

function reshaped(answer: Answer, as: (answer: Record<string, unknown>) => unknown): Answer {
	if (answer.status >= 300 || answer.headers['content-type'] !== 'application/json') return answer;
	return jsonAnswer(answer.status, as(JSON.parse(bytesOf(answer).toString())));
}

async function aborted(signal: AbortSignal): Promise<void> {
	if (!signal.aborted) await once(signal, 'abort');
}

/** Resolves `ms` later by a clock that may run at any speed; rejects when the connection is gone. */
async function sleep(ms: number, now: () => number, gone: AbortSignal): Promise<void> {
	const end = now() + ms;
	for (let left = ms; left > 0; left = end - now()) {
		await pause(Math.min(left, 10), undefined, { signal: gone });
	}
}

function withHeaders(answer: Answer, headers: Record<string, string | null>): Answer {
	const merged = { ...answer.headers };
	for (const [name, value] of Object.entries(headers)) {
		if (value === null) delete merged[name.toLowerCase()];
		else merged[name.toLowerCase()] = value;
	}
	return { ...answer, headers: merged };
}

function statusAnswer(
	{ status, headers = {}, body }: StatusFault,
	kind: RequestKind,
	now: number,
	protocol: Protocol,
): Answer {
	const isFileHost = kind === 'media' || kind === 'upload';
	const form = body ?? (status < 400 ? undefined : isFileHost ? 'html' : {});
	let answer = textAnswer(status, 'text/plain', '');
	if (form === 'html') answer = htmlAnswer(status);
	else if (form !== undefined) answer = serviceError(protocol, status, form);
	return withHeaders(answer, given(headers, now));
}
